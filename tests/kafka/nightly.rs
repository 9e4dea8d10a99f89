//! A feed that publishes once a night: what falls, falls later, and nobody is accused of what had been
//! done in time. The records come in parts, each judged before the next is sent.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::foreign::python;
use crate::plan::Plan;
use crate::readers::{Isolation, dump};
use crate::rig::{Rig, tools};
use crate::small::Small;

const FROM: &str = "2026-05-01T00:00:00+01:00";
/// Breaches that stand at the end, at the least.
const STAND: usize = 3;
/// In how many parts the records come.
const PARTS: usize = 6;

#[test]
fn a_nightly_extract_over_three_days_accuses_nobody_of_what_was_done_in_time() {
    let access = Rig::shared().access();
    let plan = Plan {
        journal_partitions: 1,
        level: "info",
        ..Plan::generated(access, &["kent"], FROM, 1, 1, "json")
    };
    let mut small = Small::new(access);
    small.plan = plan.clone();
    let small = small.made();
    let records = generated();
    let serving = small.serve();
    for part in parts(&records) {
        let mut asked = plan.to_produce(&part, 7, &json!({}));
        asked["shuffle"] = json!(false);
        let _ = python("produce.py", &asked);
        plan.wait_until_judged();
    }
    let seen = dump(access, &plan.output("exceptions"), Isolation::Committed);
    let revisions: Vec<Value> = seen.iter().map(|one| one.json()).collect();
    let taken_back: Vec<&Value> = revisions
        .iter()
        .filter(|one| one["because"] == "met_in_time")
        .collect();
    assert!(taken_back.is_empty(), "{taken_back:#?}");
    let current = dump(
        access,
        &plan.output("exceptions-current"),
        Isolation::Committed,
    );
    let mut newest = std::collections::BTreeMap::new();
    for one in &current {
        let _ = newest.insert(one.key_text().to_owned(), one.json());
    }
    let stand = newest.values().filter(|one| {
        let state = one["state"].as_str().expect("it has a state");
        ["raised", "remedied"].contains(&state)
    });
    let stand = stand.count();
    assert!(stand >= STAND, "{stand} breaches stand");
    assert_eq!(serving.metric("truecount_balance_off", ""), Some(0.0));
}

/// Three days of a force that does not exist, its crimes extracted by night.
fn generated() -> PathBuf {
    let folder = tools::folder("nightly");
    let asked = "generate --force kent --seed 7 --things 120 --days 3 --defects 0.3 --near-misses 0.3 \
                 --nightly rms --out";
    tools::run(
        Command::new(env!("CARGO_BIN_EXE_truecount"))
            .args(asked.split_whitespace())
            .arg(&folder),
    );
    folder.join("records.jsonl")
}

/// The records in parts, in the order in which they were published.
fn parts(records: &Path) -> Vec<PathBuf> {
    let text = fs::read_to_string(records).expect("it was written");
    let lines: Vec<&str> = text.lines().collect();
    let folder = tools::folder("parts");
    let parts = lines.chunks(lines.len().div_ceil(PARTS)).enumerate();
    parts
        .map(|(at, lines)| {
            let path = folder.join(format!("{at}.jsonl"));
            fs::write(&path, lines.join("\n")).expect("the folder is there");
            path
        })
        .collect()
}
