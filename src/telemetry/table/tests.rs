//! The metrics as Prometheus reads them: well named, few enough, moved by commits only.
//! Start at [`full`].

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use super::*;

const FORCES: usize = 44;
const FEEDS: usize = 4;
const PARTITIONS: usize = 3;
/// As many as the catalogue has, and room for half as many again.
const RULES: usize = 21;
const STATES: usize = 8;
const REASONS: usize = 32;
/// As many as there are of alarms, and one more.
const KINDS: usize = 6;

/// How many values a label can take in a process that owns everything.
fn values(label: &str) -> usize {
    match label {
        "force" => FORCES,
        "feed" => FEEDS,
        "topic" => FORCES * FEEDS,
        "partition" => PARTITIONS,
        "rule" => RULES,
        "state" => STATES,
        "reason" => REASONS,
        "kind" => KINDS,
        "disposition" | "verdict" => 5,
        "stage" => 2,
        // A transaction that is committed has no cause.
        "outcome" | "cause" => 4,
        // Who is told: webhooks, digests and each Alertmanager.
        "target" => 20,
        // A rule has one severity, a process one program.
        "severity" | "version" | "ruleset" | "profile" => 1,
        other => panic!("how many values can `{other}` take?"),
    }
}

/// Every series of every metric that a process can have.
fn full() -> Metrics {
    let metrics = Metrics::new();
    let mut pending = Pending::new();
    macro_rules! fill {
        ($($field:ident $kind:ident),*) => {$(
            let row = described(stringify!($field));
            each(row.labels, &mut |labels| fill!(@ $kind metrics.$field, labels, pending));
        )*};
        (@ set $metric:expr, $labels:ident, $pending:ident) => {
            $metric.set(std::array::from_fn(|at| $labels[at].as_str()), 1.0)
        };
        (@ count $metric:expr, $labels:ident, $pending:ident) => {
            $pending.count(&$metric, std::array::from_fn(|at| $labels[at].as_str()), 1)
        };
        (@ add $metric:expr, $labels:ident, $pending:ident) => {
            $metric.add(std::array::from_fn(|at| $labels[at].as_str()))
        };
        (@ observe $metric:expr, $labels:ident, $pending:ident) => {
            $pending.observe(&$metric, std::array::from_fn(|at| $labels[at].as_str()), 0.1)
        };
    }
    fill!(
        build set, source_position set, source_high set, source_lag set, journal_position set,
        journal_high set, journal_lag set, things set, claim set, holding_deadlines set,
        holding_since set, balance_off set, exceptions_open set, exceptions_by_state set,
        obligations set, records count, quarantined count, published count, alarms count,
        proofs count, transactions add, commit observe, records_per_transaction observe,
        record_to_exception observe, restarts add, rebalances add, last_commit set,
        clock_skew set, schema_misses add, restore_rows set, restore_bytes set,
        restore_seconds set, restore_done set, registry_unanswered add, alert_deliveries add,
        alert_put_aside add, alert_skipped add, alert_waiting set, alert_oldest set, alert_open set
    );
    metrics.committed(pending);
    metrics
}

/// The row of the table whose handle is this, by its place.
fn described(field: &str) -> &'static Described {
    let at = FIELDS.iter().position(|name| *name == field);
    &TABLE[at.expect("the table has the field")]
}

fn each(labels: &[&str], then: &mut impl FnMut(&[String])) {
    fn descend(labels: &[&str], so_far: &mut Vec<String>, then: &mut impl FnMut(&[String])) {
        let Some((first, rest)) = labels.split_first() else {
            return then(so_far);
        };
        for number in 0..values(first) {
            so_far.push(format!("{first}{number}"));
            descend(rest, so_far, then);
            so_far.pop();
        }
    }
    descend(labels, &mut Vec::new(), then);
}

fn series(text: &str) -> usize {
    text.lines().filter(|line| !line.starts_with('#')).count()
}

#[test]
fn forty_four_forces_stay_within_five_thousand_series() {
    let text = full().render();
    let families = text
        .lines()
        .filter(|line| line.starts_with("# TYPE"))
        .count();
    assert_eq!(families, TABLE.len(), "every metric has a series");
    let all = series(&text);
    assert!((2_000..=5_000).contains(&all), "{all} series");
}

#[test]
fn promtool_finds_nothing_to_say() {
    let tool = std::env::var("PROMTOOL").unwrap_or_else(|_| "promtool".to_owned());
    let mut child = Command::new(&tool)
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|fault| {
            panic!("{tool}: {fault}; install promtool (Debian: apt-get install prometheus) or name it in PROMTOOL")
        });
    let text = full().render();
    let mut stdin = child.stdin.take().expect("it is piped");
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("it wrote").expect("promtool reads");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{said}");
}

#[test]
fn work_counts_when_it_is_committed_and_not_before() {
    let metrics = Metrics::new();
    let mut pending = Pending::new();
    pending.count(&metrics.records, ["f", "applied"], 2);
    pending.count(&metrics.records, ["f", "applied"], 3);
    pending.count(&metrics.records, ["f", "control"], 1);
    pending.observe(&metrics.commit, ["intake"], 0.004);
    assert!(
        !metrics.render().contains("truecount_records_total"),
        "nothing is committed"
    );
    drop(pending.clone());
    metrics.committed(pending);
    let text = metrics.render();
    let line = "truecount_records_total{disposition=\"applied\",force=\"f\"} 5";
    assert!(text.contains(line), "{text}");
    let line = "truecount_commit_seconds_bucket{stage=\"intake\",le=\"0.005\"} 1";
    assert!(text.contains(line), "{text}");
    assert!(Pending::new().is_empty());
}

#[test]
fn what_is_no_longer_owned_is_no_longer_shown() {
    let metrics = full();
    let has = |text: &str, label: &str| {
        let gauges = text.lines().filter(|line| {
            let is_counter = line.contains("_total{");
            !is_counter && line.contains(label)
        });
        gauges.count()
    };
    assert!(has(&metrics.render(), "force=\"force7\"") > 30);
    metrics.forget("force7");
    let text = metrics.render();
    assert_eq!(has(&text, "force=\"force7\""), 0);
    assert!(has(&text, "force=\"force8\"") > 30);
    assert!(
        text.contains("_total{disposition=\"disposition0\",force=\"force7\"}"),
        "work stays done"
    );
    metrics.source_lag.set(["rms", "2"], 1.0);
    metrics.journal_lag.set(["2"], 1.0);
    metrics.forget_partition("rms", 2);
    let text = metrics.render();
    assert_eq!(has(&text, "topic=\"rms\""), 0);
    assert_eq!(has(&text, "{partition=\"2\"}"), 1);
    metrics.forget_journal(2);
    assert_eq!(has(&metrics.render(), "{partition=\"2\"}"), 0);
    metrics.clock_skew.remove([]);
    assert!(!metrics.render().contains("truecount_clock_skew_seconds"));
}

#[test]
fn what_is_replaced_goes_only_where_nothing_new_is_said_of_it() {
    let metrics = Metrics::new();
    for (force, feed) in [("one", "cad"), ("one", "rms"), ("two", "cad")] {
        metrics.holding_deadlines.set([force, feed], 1.0);
    }
    let labels = ["one", "rms"].map(str::to_owned);
    let values = BTreeMap::from([(labels, 5.0)]);
    metrics.holding_deadlines.replace("force", "one", &values);
    let text = metrics.render();
    let held: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("truecount_feed_holds_deadlines"))
        .collect();
    assert_eq!(
        held,
        [
            "{feed=\"cad\",force=\"two\"} 1",
            "{feed=\"rms\",force=\"one\"} 5"
        ]
    );
}

#[test]
fn no_label_can_carry_a_reference() {
    for metric in TABLE {
        for label in metric.labels {
            assert!(values(label) <= FORCES * FEEDS, "{}: {label}", metric.name);
        }
        let ends = |ending: &str| metric.name.ends_with(ending);
        assert_eq!(metric.kind == "counter", ends("_total"), "{}", metric.name);
        assert!(metric.name.starts_with("truecount_") && metric.help.ends_with('.'));
    }
}
