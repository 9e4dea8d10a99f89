//! What `deploy/` holds is sound: alerts fire and do not fire as their cases say, each has a runbook,
//! every metric they name exists, routes lead where they should, the unit is closed, and the rights are
//! the ones written down. Asks the tools that operators use. Start at [`alerts::all`].

#[path = "deploy/alerts.rs"]
mod alerts;
#[path = "deploy/paging.rs"]
mod paging;
#[path = "deploy/rights.rs"]
mod rights;
#[path = "deploy/tools.rs"]
mod tools;
#[allow(dead_code, unreachable_pub, reason = "shared with the other tests")]
#[path = "support/tree.rs"]
mod tree;

use std::collections::BTreeSet;
use std::path::Path;

use tools::{AMTOOL, PROMTOOL, SYSTEMD_ANALYZE, run};

/// Prometheus' files, where `prometheus.yml` stands.
const PROMETHEUS: &str = "deploy/prometheus";

#[test]
fn prometheus_takes_the_configuration_and_its_rules() {
    let said = run(
        &PROMTOOL,
        &["check", "config", "prometheus.yml"],
        PROMETHEUS,
    );
    assert!(!said.contains("FAILED"), "{said}");
    for rules in alerts::RULES {
        assert!(said.contains(rules), "{rules} is not loaded:\n{said}");
    }
}

#[test]
fn alerts_fire_and_do_not_fire_as_their_cases_say() {
    let files = tree::files("deploy/prometheus/tests", "yml");
    assert!(!files.is_empty(), "there are cases");
    let running: Vec<_> = files
        .into_iter()
        .map(|file| {
            std::thread::spawn(move || {
                let name = file.rsplit('/').next().expect("a path has a name");
                let arguments = ["test", "rules", name];
                run(&PROMTOOL, &arguments, "deploy/prometheus/tests");
            })
        })
        .collect();
    for one in running {
        one.join().expect("the cases hold");
    }
}

#[test]
fn every_alert_has_a_case_that_fires_one_that_does_not_and_a_runbook() {
    let (all, cases) = (alerts::all(), alerts::cases());
    assert!(all.len() > 20, "the alerts can be read: {}", all.len());
    let pages = tree::files("docs/runbooks", "md");
    let lacks = lacks(&all, &cases, &pages);
    assert!(lacks.is_empty(), "{}", lacks.join("\n"));
}

#[test]
fn an_alert_without_a_case_or_a_page_is_seen() {
    let (all, pages) = (alerts::all(), tree::files("docs/runbooks", "md"));
    let name = all[0].name.clone();
    for fires in [true, false] {
        let mut cases = alerts::cases();
        cases.retain(|case| case.alert != name || case.fires != fires);
        let lacks = lacks(&all, &cases, &pages);
        assert_eq!(lacks.len(), 1, "{lacks:?}");
        assert!(
            lacks[0].starts_with(&format!("{name} has no case")),
            "{lacks:?}"
        );
    }
    let mut more = pages.clone();
    more.push("docs/runbooks/TruecountMadeUp.md".to_owned());
    assert_eq!(lacks(&all, &alerts::cases(), &more).len(), 1);
    let made_up = alerts::Alert::of("TruecountMadeUp\n        expr: up == 0\n");
    assert_eq!(made_up.lacks().len(), 6, "{:?}", made_up.lacks());
}

/// What alerts lack, and cases and pages that are of none.
fn lacks(all: &[alerts::Alert], cases: &[alerts::Case], pages: &[String]) -> Vec<String> {
    let mut lacks = Vec::new();
    for alert in all {
        let name = &alert.name;
        let of_it = || cases.iter().filter(|case| case.alert == *name);
        if !of_it().any(|case| case.fires) {
            lacks.push(format!("{name} has no case in which it fires"));
        }
        if !of_it().any(|case| !case.fires) {
            lacks.push(format!("{name} has no case in which it does not fire"));
        }
        lacks.extend(alert.lacks());
    }
    let names: BTreeSet<&str> = all.iter().map(|alert| alert.name.as_str()).collect();
    for case in cases {
        if !names.contains(case.alert.as_str()) {
            lacks.push(format!(
                "a case speaks of {}, which is no alert",
                case.alert
            ));
        }
    }
    for page in pages {
        let name = page.trim_start_matches("docs/runbooks/");
        if !names.contains(name.trim_end_matches(".md")) {
            lacks.push(format!("{page} is of no alert"));
        }
    }
    lacks
}

#[test]
fn every_metric_that_a_rule_or_a_runbook_names_exists() {
    let known = alerts::metrics();
    assert!(known.len() > 20, "docs/telemetry.md can be read");
    let recorded = alerts::recorded();
    let mut pages = tree::files("docs/runbooks", "md");
    pages.extend(tree::files("deploy/prometheus", "yml"));
    let mut unknown = Vec::new();
    let mut named = 0;
    for page in pages {
        for name in alerts::named(&tree::text(&page)) {
            named += 1;
            let is_known = if name.contains(':') {
                recorded.contains(&name)
            } else {
                alerts::is_metric(&name, &known)
            };
            if !is_known {
                unknown.push(format!("{page} names {name}"));
            }
        }
    }
    assert!(named > 100, "names can be read: {named}");
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
}

#[test]
fn a_made_up_metric_is_told_apart() {
    let known = BTreeSet::from(["truecount_commit_seconds".to_owned()]);
    assert!(alerts::is_metric("truecount_commit_seconds_bucket", &known));
    assert!(!alerts::is_metric("truecount_commit_minutes", &known));
    let text = "sum(rate(truecount_a_total[5m])) > job:truecount_b:sum # truecount.service";
    assert_eq!(
        alerts::named(text),
        ["truecount_a_total", "job:truecount_b:sum"]
    );
}

#[test]
fn alertmanager_takes_its_configuration_and_routes_as_written() {
    let folder = "deploy/alertmanager";
    run(&AMTOOL, &["check-config", "alertmanager.yml"], folder);
    let cases = tree::text("deploy/alertmanager/routes.txt");
    let cases: Vec<&str> = cases
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    assert!(cases.len() > 5, "the cases can be read");
    for case in cases {
        let mut words = case.split(' ');
        let receiver = words.next().expect("a line has a word");
        let mut arguments = vec!["config", "routes", "test", "--config.file=alertmanager.yml"];
        arguments.extend(words);
        assert_eq!(run(&AMTOOL, &arguments, folder).trim(), receiver, "{case}");
    }
}

#[test]
fn a_held_feed_inhibits_the_data_alerts_of_its_force_and_of_no_other() {
    let manager = paging::Manager::start();
    let of = |name: &str, audience: &str, force: &str| {
        manager.add(&[
            &format!("alertname={name}"),
            &format!("audience={audience}"),
            &format!("force={force}"),
            "job=truecount",
            "severity=warning",
        ]);
    };
    of("TruecountFeedHoldsDeadlines", "service", "northamptonshire");
    of("TruecountExceptionsAboveBase", "data", "northamptonshire");
    of("TruecountExceptionsAboveBase", "data", "kent");
    of("TruecountRuleFault", "service", "northamptonshire");
    let inhibited = manager.when_there_are(4, "--inhibited");
    assert_eq!(inhibited.lines().count(), 1, "{inhibited}");
    assert!(
        inhibited.contains("TruecountExceptionsAboveBase"),
        "{inhibited}"
    );
    assert!(inhibited.contains("northamptonshire"), "{inhibited}");
}

#[test]
fn the_units_are_sound_closed_and_stay_down_where_a_person_has_to_act() {
    // The codes of src/drivers/kafka/fault.rs that need a person, as far as each can end with them.
    for (unit, command, codes) in [
        ("truecount", "serve", "2 10 11 12"),
        ("truecount-alert", "alert", "2 11"),
    ] {
        let text = tree::text(&format!("deploy/systemd/{unit}.service"));
        let line = format!("RestartPreventExitStatus={codes}\n");
        assert!(text.contains(&line), "{unit}: {line}");
        // The command of the unit has to be there: this build stands in for the one that is installed.
        let folder = tempfile::tempdir().expect("a folder can be made");
        let file = folder.path().join(format!("{unit}.service"));
        let built = env!("CARGO_BIN_EXE_truecount");
        let here = text.replace(
            &format!("ExecStart=/usr/bin/truecount {command} --config /etc/truecount/"),
            &format!("ExecStart={built} {command} --config /etc/truecount/"),
        );
        assert_ne!(here, text, "{unit} starts what is installed");
        std::fs::write(&file, here).expect("it can be written");
        let file = file.to_str().expect("its path is text");
        let said = run(&SYSTEMD_ANALYZE, &["verify", file], ".");
        assert_eq!(said, "", "verify ends with 0 even where it ignores a line");
        // Other versions of systemd weigh a little differently.
        let arguments = ["security", "--offline=true", "--threshold=15", file];
        run(&SYSTEMD_ANALYZE, &arguments, ".");
    }
}

#[test]
fn the_rights_are_those_written_down_and_none_implies_another() {
    let granted = rights::granted(&[
        ("BOOTSTRAP", "broker:9092"),
        ("SOURCES", "northamptonshire.cad northamptonshire.rms"),
        ("SOURCE_PREFIXES", "northamptonshire."),
        ("INSTANCES", "0 1"),
    ]);
    let written: BTreeSet<String> = tree::text("tests/deploy/rights.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(str::to_owned)
        .collect();
    let missing: Vec<_> = written.difference(&granted).collect();
    let beyond: Vec<_> = granted.difference(&written).collect();
    assert!(
        missing.is_empty() && beyond.is_empty(),
        "not granted: {missing:#?}\nnot written down: {beyond:#?}"
    );
    assert_eq!(rights::implied(&granted), Vec::<String>::new());
    let both = ["User:a Read topic t", "User:a Describe topic t"].map(str::to_owned);
    assert_eq!(rights::implied(&BTreeSet::from(both)).len(), 1);
}

#[test]
fn the_script_of_rights_says_what_it_lacks() {
    let script = Path::new(tree::root()).join("deploy/kafka/acls.sh");
    let output = std::process::Command::new(&script)
        .env_remove("BOOTSTRAP")
        .arg("--dry-run")
        .output()
        .expect("it can be run: it is executable, and bash is there");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{said}");
    assert!(said.contains("BOOTSTRAP"), "{said}");
}
