//! The rows that were once kept: read from exactly those bytes, for ever. A new version of the rows
//! gets a file of its own beside these, and these stay.

use std::sync::Arc;

use truecount::validation::{Kept, KeptKey, KeptRow, Settings, Validation};

use super::journal::{Topic, rule_sets};
use crate::support::tree;

const ROWS: &str = "tests/kept/v1.tsv";
const SEEN: &str = "tests/kept/v1.txt";

#[test]
fn the_rows_of_version_one_are_read_from_the_bytes_they_were_written_in() {
    let text = tree::text(ROWS);
    let rows = text.lines().map(|line| {
        let (key, value) = line.split_once('\t').expect("a key, a tab, a value");
        KeptRow {
            key: KeptKey::parse(key).expect("it is a key of version one"),
            value: Some(serde_json::from_str::<Kept<'_>>(value).expect("it is a value of it")),
        }
    });
    let mut validation = Validation::new(Arc::clone(&rule_sets()[0]), Settings::default());
    validation.restore(rows).expect("these rows were kept");
    assert_eq!(seen(&validation), tree::text(SEEN));
    // What is read is written in the same bytes again, as long as this is the version of the rows.
    validation.keep_everything();
    let mut topic = Topic::default();
    topic.fold(&mut validation, &|_| false);
    assert_eq!(lines(&topic), text);
}

/// What was kept, as it is seen; nothing that a later rule could judge otherwise.
fn seen(validation: &Validation) -> String {
    let mut seen = String::new();
    for force in validation.forces() {
        seen += &format!("{} {:?}\n", force.code(), force.taken());
        for mark in force.activations() {
            seen += &format!("{mark:?}\n");
        }
        for claim in force.claims() {
            seen += &format!("{claim:?}\n");
        }
        for (partition, sums) in force.balance().partitions() {
            seen += &format!("{partition:?} {sums:?}\n");
        }
        for (_, reference) in force.references() {
            for thing in force.inspect(&reference) {
                let (kind, gone, versions) = (thing.record, thing.gone, thing.versions);
                seen += &format!("{kind} {reference} {gone:?} {versions:?}\n");
                seen += &format!("  {:?}\n", thing.exceptions);
            }
        }
    }
    seen
}

fn lines(topic: &Topic) -> String {
    let rows = topic.0.iter();
    rows.map(|(key, bytes)| format!("{key}\t{}\n", String::from_utf8_lossy(bytes)))
        .collect()
}
