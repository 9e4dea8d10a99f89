//! The dashboards of `deploy/grafana` are what their panels say, well formed, ask only for what there is,
//! and show something: every expression is asked of a real Prometheus that scraped `truecount demo`.
//! Start at [`every_panel_shows_something_of_the_demonstration_or_says_why_not`].

#[allow(dead_code, reason = "shared with the tests of what is deployed")]
#[path = "deploy/alerts.rs"]
mod alerts;
#[allow(dead_code, unreachable_pub, reason = "shared with the other tests")]
#[path = "support/dashboards.rs"]
mod dashboards;
#[path = "dashboards/demo.rs"]
mod demo;
#[path = "dashboards/lint.rs"]
mod lint;
#[allow(dead_code, unreachable_pub, reason = "shared with the other tests")]
#[path = "support/prometheus.rs"]
mod prometheus;
#[allow(dead_code, reason = "shared with the tests of what is deployed")]
#[path = "deploy/tools.rs"]
mod tools;
#[allow(dead_code, unreachable_pub, reason = "shared with the other tests")]
#[path = "support/tree.rs"]
mod tree;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::process::Command;
use std::time::{Duration, Instant};

use dashboards::{Asked, Dashboard, filled, words};
use demo::Demo;
use prometheus::Prometheus;
use serde_json::Value;

/// How long it may take until everything that the demonstration can fill is filled. A day of the force
/// passes every three seconds.
const PATIENCE: Duration = Duration::from_secs(180);

#[test]
fn every_panel_shows_something_of_the_demonstration_or_says_why_not() {
    let demo = Demo::start();
    let prometheus = Prometheus::watching(&[("truecount", demo.address())]);
    // Without it no feed would hold a deadline, and the panels about that would be empty with reason.
    demo.silence("rms");
    let (of_others, mut waited): (Vec<Asked>, Vec<Asked>) = dashboards::all()
        .iter()
        .flat_map(Dashboard::asked)
        .partition(Asked::needs_more);
    let all = waited.len();
    assert!(all > 45, "the panels can be read: {all}");
    let began = Instant::now();
    while began.elapsed() < PATIENCE && waited.iter().any(|asked| !asked.may_be_empty()) {
        waited.retain(|asked| answers(&prometheus, asked) == 0);
        std::thread::sleep(Duration::from_secs(1));
    }
    let (with_reason, without): (Vec<_>, Vec<_>) =
        waited.iter().partition(|asked| asked.may_be_empty());
    println!("{} of {all} answered", all - waited.len());
    for asked in with_reason {
        println!("empty: {}: {}", asked.place, asked.description);
    }
    let without: Vec<_> = without.iter().map(|asked| &asked.place).collect();
    assert!(
        without.is_empty(),
        "empty, and no reason is given: {without:#?}"
    );
    // What is said to need more than a demonstration does: else the words are stale.
    let filled = of_others
        .iter()
        .filter(|asked| answers(&prometheus, asked) > 0);
    let filled: Vec<_> = filled.map(|asked| &asked.place).collect();
    assert!(
        filled.is_empty(),
        "filled by the demonstration: {filled:#?}"
    );
}

/// How many numbers Prometheus gives.
fn answers(prometheus: &Prometheus, asked: &Asked) -> usize {
    let told = prometheus.ask(&asked.filled());
    told.unwrap_or_else(|fault| panic!("{}: {fault}", asked.place))
}

#[test]
fn a_silenced_feed_is_seen_to_hold_deadlines() {
    let demo = Demo::start();
    let prometheus = Prometheus::watching(&[("truecount", demo.address())]);
    demo.silence("rms");
    let dashboards = dashboards::all();
    let panel = "Which feed holds deadlines";
    let asked = dashboards.iter().flat_map(Dashboard::asked);
    let asked: Vec<Asked> = asked.filter(|asked| asked.place.contains(panel)).collect();
    assert_eq!(
        asked.len(),
        3,
        "how many, since when, and through when it is proved"
    );
    for asked in asked {
        let began = Instant::now();
        while answers(&prometheus, &asked) == 0 {
            assert!(began.elapsed() < PATIENCE, "{}", asked.place);
            std::thread::sleep(Duration::from_millis(500));
        }
    }
}

#[test]
fn the_dashboards_are_what_their_panels_say() {
    let ran = Command::new("python3")
        .arg(tree::root().join("deploy/grafana/build.py"))
        .arg("--check")
        .output()
        .expect("apt-get install python3");
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}");
}

#[test]
fn the_dashboards_are_well_formed_and_ask_for_what_there_is() {
    let dashboards = dashboards::all();
    let complaints: Vec<String> = dashboards
        .iter()
        .flat_map(|dashboard| {
            let said = lint::complaints(dashboard).into_iter();
            said.map(|complaint| format!("{}: {complaint}", dashboard.file))
        })
        .collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    let names: BTreeSet<String> = dashboards
        .iter()
        .map(|dashboard| words(&dashboard.json["uid"]))
        .collect();
    assert_eq!(
        names.len(),
        dashboards.len(),
        "each dashboard has a name of its own"
    );
}

#[test]
fn prometheus_can_read_every_expression() {
    let mut rules = "groups:\n  - name: panels\n    rules:\n".to_owned();
    let mut count = 0;
    for dashboard in dashboards::all() {
        let notes = dashboard.json["annotations"]["list"].as_array().into_iter();
        let notes = notes.flatten().map(|note| filled(&words(&note["expr"])));
        let asked = dashboard.asked();
        for expr in asked.iter().map(Asked::filled).chain(notes) {
            count += 1;
            let expr = Value::from(expr);
            let _ = writeln!(rules, "      - {{record: \"panel:{count}\", expr: {expr}}}");
        }
    }
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("panels.yml");
    std::fs::write(&file, rules).expect("the folder is there");
    let file = file.to_str().expect("its path is text");
    let said = tools::run(&tools::PROMTOOL, &["check", "rules", file], ".");
    assert!(said.contains(&format!("{count} rules found")), "{said}");
}

#[test]
fn every_alert_that_a_panel_names_is_one() {
    let alerts: BTreeSet<String> = alerts::all().into_iter().map(|alert| alert.name).collect();
    let mut named = BTreeSet::new();
    for dashboard in dashboards::all() {
        let text = dashboard.json.to_string();
        let parts = text.split(|sign: char| !sign.is_ascii_alphanumeric());
        let names = parts.filter(|word| word.len() > 9 && word.starts_with("Truecount"));
        named.extend(names.map(str::to_owned));
    }
    let unknown: Vec<_> = named.difference(&alerts).collect();
    assert!(unknown.is_empty(), "no alerts: {unknown:?}");
    let unnamed: Vec<_> = alerts.difference(&named).collect();
    // Nothing but the list of firing alerts shows these two: what they speak of has no series.
    let others = ["TruecountForceUnowned", "TruecountNotReady"];
    assert_eq!(unnamed, others, "alerts that no panel shows");
}

#[test]
fn what_is_wrong_with_a_dashboard_is_seen() {
    let dashboards = dashboards::all();
    let sound = &dashboards[0];
    assert!(lint::complaints(sound).is_empty(), "it is sound as it is");
    let panel = sound
        .panels()
        .iter()
        .position(|panel| panel["targets"].is_array())
        .expect("a panel asks something");
    let wrong = |pointer: &str, value: Value, complaint: &str| {
        let mut json = sound.json.clone();
        let place = json.pointer_mut(pointer);
        *place.unwrap_or_else(|| panic!("{pointer} is there")) = value;
        let file = sound.file.clone();
        let said = lint::complaints(&Dashboard { file, json });
        let is_seen = said.iter().any(|said| said.contains(complaint));
        assert!(is_seen, "{pointer}: {complaint} is not seen: {said:?}");
    };
    let expr = format!("/panels/{panel}/targets/0/expr");
    let of_panel = |field: &str| format!("/panels/{panel}/{field}");
    wrong("/uid", "".into(), "it has no uid");
    wrong(&of_panel("id"), 1.into(), "no number of its own");
    wrong(&of_panel("gridPos/x"), 23.into(), "out of the page");
    wrong(&of_panel("gridPos/h"), 99.into(), "covers another panel");
    wrong(&of_panel("description"), "".into(), "has no description");
    wrong(
        &of_panel("fieldConfig/defaults/unit"),
        "".into(),
        "has no unit",
    );
    wrong(
        &of_panel("datasource/uid"),
        "p1".into(),
        "names its data source",
    );
    wrong(
        &of_panel("targets/0/datasource/uid"),
        "p1".into(),
        "names its data source",
    );
    wrong(
        "/templating/list/1/name",
        "work".into(),
        "$job, which is no variable",
    );
    let asks = |text: &str, complaint: &str| wrong(&expr, text.into(), complaint);
    asks("sum(truecount_made_up{job=\"$job\"})", "is no metric");
    asks(
        "job_force:truecount_made_up:sum{job=\"$job\"}",
        "no rule records",
    );
    asks(
        "rate(truecount_things{job=\"$job\"}[$__rate_interval])",
        "is no counter",
    );
    asks("truecount_alarms_total{job=\"$job\"}", "is a counter");
    asks(
        "rate(truecount_alarms_total{job=\"$job\"}[5m])",
        "window of its own",
    );
    asks("sum(truecount_things{force=\"kent\"})", "every job");
    asks(
        "sum(truecount_things{job=\"$job\", force=\"$kind\"})",
        "$kind, which is no variable",
    );
}

#[test]
fn what_grafana_is_given_at_its_start_leads_to_the_dashboards() {
    let provider = tree::text("deploy/grafana/provisioning/dashboards/truecount.yaml");
    let path = provider
        .lines()
        .find_map(|line| line.trim().strip_prefix("path: "))
        .expect("it says where they stand");
    let compose = tree::text("deploy/compose/compose.yaml");
    for mount in [
        format!("- ../grafana/dashboards:{path}:ro"),
        "- ../grafana/provisioning:/etc/grafana/provisioning:ro".to_owned(),
    ] {
        assert!(compose.contains(&mount), "compose.yaml has no {mount}");
    }
    let sources = tree::text("deploy/grafana/provisioning/datasources/truecount.yaml");
    let scrape = tree::text("deploy/prometheus/prometheus.yml");
    let scrape = scrape
        .lines()
        .find_map(|line| line.trim().strip_prefix("scrape_interval: "))
        .expect("it says how often");
    assert!(
        sources.contains(&format!("timeInterval: {scrape}\n")),
        "one interval"
    );
    assert!(sources.contains("type: prometheus\n"), "{sources}");
}
