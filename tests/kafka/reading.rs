//! What others see of a service that has judged a month: `kcat` and Python by the committed schemas,
//! the program of `docs/consuming.md`, Prometheus, and `truecount replay`, which makes it again.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};

use crate::agreeing::{Judged, judged};
use crate::consuming::follow;
use crate::foreign::{kcat, read};
use crate::month::replay;
use crate::promtool;
use crate::readers::{Isolation, Seen, dump};
use crate::rig::{tools, unique};

#[test]
fn kcat_and_python_read_what_is_published_by_its_schema() {
    let plan = &judged().plan;
    for (name, schema) in [
        ("exceptions", "schemas/exception.avsc"),
        ("measures", "schemas/measure.avsc"),
    ] {
        let topic = plan.output(name);
        let ours = dump(&plan.access, &topic, Isolation::Committed);
        assert!(ours.len() > 20, "{name}: there is something to read");
        let line = |seen: &Seen| format!("{} {}", seen.key_text(), seen.value_text());
        let committed = ["-X", "isolation.level=read_committed"];
        let whole = ["-C", "-e", "-q", "-t", &topic, "-f", "%k %s\\n"];
        let printed = kcat(&plan.access, &[&committed[..], &whole[..]].concat(), "");
        assert_eq!(sorted(printed.lines()), sorted(ours.iter().map(line)));
        // Python holds each against the schema and ends with an error at one that does not fit.
        let theirs = read(&plan.access, &topic, Some(schema));
        let theirs = theirs.iter().map(|seen| seen["value"].to_string());
        let ours = ours.iter().map(|seen| seen.json().to_string());
        assert_eq!(sorted(theirs), sorted(ours));
    }
}

#[test]
fn the_program_of_the_page_follows_a_service() {
    let plan = &judged().plan;
    let topic = plan.output("exceptions");
    let expected = dump(&plan.access, &topic, Isolation::Committed);
    let expected: Vec<String> = expected.iter().map(|seen| told(&seen.json())).collect();
    let access = &plan.access;
    let printed = follow(access, &topic, &unique("follower"), expected.len());
    assert_eq!(sorted(printed), sorted(expected));
}

/// The line that the program prints of a revision.
fn told(body: &Value) -> String {
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let is_open = ["due_soon", "raised", "remedied", "waived"].contains(&text("state").as_str());
    let due = match text("due") {
        due if due.is_empty() => due,
        due => format!("by {due}"),
    };
    format!(
        "{} {} {} {} {due} (revision {}, {})",
        if is_open { "!" } else { "-" },
        text("rule"),
        text("reference"),
        text("state"),
        body["revision"],
        text("proof")
    )
}

#[test]
fn a_replay_gives_the_bytes_that_were_published() {
    let plan = &judged().plan;
    let published = dump(
        &plan.access,
        &plan.output("exceptions"),
        Isolation::Committed,
    );
    for (partition, force) in plan.forces.iter().enumerate() {
        let out = tools::folder("replayed");
        let ran = replay(plan, &out, &["--partition", &partition.to_string()]);
        let said = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(0), "{said}");
        assert!(said.contains("entries, through offset"), "progress: {said}");
        let replayed = fs::read_to_string(out.join("exceptions.jsonl")).expect("it was written");
        let is_own = |seen: &&Seen| seen.json()["force"] == json!(force.code);
        let own: Vec<&Seen> = published.iter().filter(is_own).collect();
        let outputs: BTreeSet<i32> = own.iter().map(|seen| seen.partition).collect();
        // A revision stands where all of its exception stand; there the order is that of the journal.
        let mut again = 0;
        for output in outputs {
            let here = own.iter().filter(|seen| seen.partition == output);
            let here: Vec<&str> = here.map(|seen| seen.value_text()).collect();
            let known: BTreeSet<&str> = here.iter().copied().collect();
            let of_it = replayed.lines().filter(|line| known.contains(line));
            assert_eq!(of_it.collect::<Vec<_>>(), here, "partition {output}");
            again += here.len();
        }
        assert_eq!(replayed.lines().count(), again, "and nothing else");
        assert!(again > 10, "there is something to compare");
    }
}

#[test]
fn prometheus_accepts_the_metrics_of_both_stages() {
    let Judged { fleet, .. } = judged();
    let serving = fleet.each().next().expect("one process");
    let (status, page) = serving.ask("metrics").expect("it answers");
    assert_eq!(status, 200);
    let says = promtool::says_of(&page);
    assert_eq!(says, "", "promtool has nothing to say");
    let series = page.lines().filter(|line| !line.starts_with('#')).count();
    assert!((100..=5_000).contains(&series), "{series} series");
    let documented = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/telemetry.md");
    let documented = fs::read_to_string(documented).expect("it is committed");
    let types = page.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let names: Vec<&str> = types.filter_map(|line| line.split(' ').next()).collect();
    for name in &names {
        assert!(documented.contains(&format!("| `{name}` |")), "{name}");
    }
    for stage in ["intake", "validation"] {
        let label = format!("stage=\"{stage}\"");
        let commits = serving.metric("truecount_commit_seconds_count", &label);
        assert!(commits > Some(0.0), "{stage} commits");
    }
    for name in [
        "truecount_records_total",
        "truecount_exceptions_published_total",
    ] {
        assert!(
            names.contains(&name) && serving.metric(name, "") > Some(0.0),
            "{name}"
        );
    }
    // Every series belongs to a metric that has a type.
    for line in page.lines().filter(|line| !line.starts_with('#')) {
        let name = line.split(['{', ' ']).next().unwrap_or_default();
        let parts = ["_bucket", "_sum", "_count"];
        let base = parts.iter().find_map(|part| name.strip_suffix(part));
        let is_known = names.contains(&name) || base.is_some_and(|base| names.contains(&base));
        assert!(is_known, "{line}");
    }
}

fn sorted<T: ToString>(lines: impl IntoIterator<Item = T>) -> Vec<String> {
    let mut lines: Vec<String> = lines.into_iter().map(|line| line.to_string()).collect();
    lines.sort();
    lines
}
