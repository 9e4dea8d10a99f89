//! The foreign producer keeps the rules of a feed: everything arrives once, in JSON and in Avro;
//! nothing crosses a heartbeat, and every partition hears each of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::foreign::{Registry, python};
use crate::plan::Plan;
use crate::readers::{Isolation, dump};
use crate::rig::{Rig, tools};

#[test]
fn a_shuffled_feed_keeps_its_promises() {
    let rig = Rig::shared();
    let plan = Plan::generated(rig.access(), &["kent"], FROM, 2, 3, "json");
    plan.create_sources();
    let records = generated("kent", 3);
    let mut asked = plan.to_produce(&records, 7, &json!({}));
    // As many records between two of them that shuffling shows.
    asked["heartbeats"] = json!(60);
    let _ = python("produce.py", &asked);

    let mut unseen: Vec<String> = read(&records)
        .iter()
        .filter(|record| record["record"] != "heartbeat")
        .map(Value::to_string)
        .collect();
    let again = sent_again(&read(&records));
    assert!(!again.is_empty(), "systems send some records twice");
    let mut heard: BTreeMap<String, Vec<Vec<i64>>> = BTreeMap::new();
    let mut out_of_order = 0;
    for topic in plan.sources() {
        let seen = dump(rig.access(), &topic.name, Isolation::Committed);
        let feed = topic
            .name
            .rsplit('.')
            .nth(1)
            .expect("a feed is in its name");
        for partition in 0..topic.partitions {
            let mut of_it = Heard::default();
            for one in seen.iter().filter(|one| one.partition == partition) {
                of_it.hear(&one.json(), &mut unseen, &again);
            }
            out_of_order += of_it.out_of_order;
            heard
                .entry(feed.to_owned())
                .or_default()
                .push(of_it.heartbeats);
        }
    }
    assert_eq!(unseen, [""; 0], "every record arrived");
    assert!(out_of_order > 0, "it was shuffled");
    for feed in ["cad", "rms", "victim-hub"] {
        let partitions = &heard[feed];
        assert!(partitions[0].len() > 3, "{partitions:?}");
        assert_eq!(
            partitions,
            &vec![partitions[0].clone(); 6],
            "each hears every heartbeat"
        );
    }
}

/// What a partition has told so far.
#[derive(Default)]
struct Heard {
    heartbeats: Vec<i64>,
    proved: String,
    last: String,
    out_of_order: u32,
}

impl Heard {
    /// Takes the next record; it is one that was not seen, and not of a time that is proved unless it
    /// was sent before.
    fn hear(&mut self, record: &Value, unseen: &mut Vec<String>, again: &BTreeSet<String>) {
        // The days are all of one offset, so that the texts can be compared.
        let at = record["committed_at"].as_str().expect("it has one");
        if record["record"] == "heartbeat" {
            self.heartbeats
                .push(record["version"].as_i64().expect("it has one"));
            self.proved = record["sent_through"]
                .as_str()
                .expect("it has one")
                .to_owned();
            return;
        }
        let text = record.to_string();
        let is_in_time = *at >= *self.proved || again.contains(&text);
        assert!(is_in_time, "{at} came after the promise of {}", self.proved);
        self.out_of_order += u32::from(*at < *self.last);
        self.last = at.to_owned();
        let place = unseen.iter().position(|one| *one == text);
        let _ = unseen.swap_remove(place.expect("it was sent, and comes once"));
    }
}

#[test]
fn each_form_of_avro_says_its_schema() {
    let rig = Rig::shared();
    let registry = Registry::start();
    let schemas = registry.register_records();
    for (encoding, header, framed) in [
        ("avro", None, 5),
        ("avro-id-header", Some(5), 0),
        ("avro-guid-header", Some(17), 0),
    ] {
        let plan = Plan::generated(rig.access(), &["kent"], FROM, 1, 1, encoding);
        plan.create_sources();
        let records = generated("kent", 1);
        let _ = python("produce.py", &plan.to_produce(&records, 7, &schemas));
        let cad = &plan.sources()[0];
        let seen = dump(rig.access(), &cad.name, Isolation::Committed);
        let is_cad = |record: &&Value| record["source"] == "cad";
        assert_eq!(seen.len(), read(&records).iter().filter(is_cad).count());
        for one in &seen {
            let named = one.headers.first().and_then(|(_, value)| value.as_ref());
            assert_eq!(named.map(Vec::len), header, "{encoding}");
            let bytes = one.value.as_ref().expect("it has a value");
            // A record is one symbol of RecordKind first, then its force.
            let at = framed + 1;
            assert_eq!(&bytes[at..=at + 4], b"\x08kent", "{encoding}");
        }
    }
}

/// The records that repeat one before them.
fn sent_again(records: &[Value]) -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    let is_again = |record: &&Value| {
        let of = ["source", "record", "reference", "version"].map(|name| record[name].to_string());
        !known.insert(of)
    };
    let again = records.iter().filter(is_again);
    again.map(Value::to_string).collect()
}

const FROM: &str = "2026-05-01T00:00:00+01:00";

/// The records of a force that does not exist, over so many days.
fn generated(force: &str, days: u32) -> PathBuf {
    let folder = tools::folder("generated");
    tools::run(
        Command::new(env!("CARGO_BIN_EXE_truecount"))
            .args([
                "generate",
                "--force",
                force,
                "--seed",
                "7",
                "--things",
                "60",
                "--days",
                &days.to_string(),
            ])
            .arg("--out")
            .arg(&folder),
    );
    folder.join("records.jsonl")
}

fn read(records: &Path) -> Vec<Value> {
    let text = fs::read_to_string(records).expect("it was written");
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}
