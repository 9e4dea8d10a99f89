//! Raw material for streams: the records of the settled cases under other references, linked with
//! each other, and mutated into later versions. Knows no verdict. Start at [`things_of`].

use std::collections::BTreeSet;
use std::sync::OnceLock;

use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use truecount::domain::{Elapsed, Instant, Moment};

use crate::support::tree;

/// Classes and codes among which a record changes: a violence, a burglary, a rape, a theft.
const CLASSES: [(&str, &str); 4] = [
    ("8N", "008/06"),
    ("28E", "028/03"),
    ("19C", "019/08"),
    ("49", "049/10"),
];

/// Every case: its records as they were written.
pub(crate) fn cases() -> &'static [Vec<Value>] {
    static CASES: OnceLock<Vec<Vec<Value>>> = OnceLock::new();
    CASES.get_or_init(|| {
        let mut cases = Vec::new();
        for name in tree::files("tests/cases", "json") {
            let file: Value = serde_json::from_str(&tree::text(&name)).expect("cases are JSON");
            for case in file["cases"].as_array().expect("a file lists cases") {
                let records = case["records"].as_array().expect("a case lists records");
                cases.push(records.clone());
            }
        }
        cases
    })
}

/// The records of a few cases under references of their own, some linked across, each version once.
pub(crate) fn things_of(chance: &mut ChaCha8Rng, copies: usize) -> Vec<Value> {
    let mut records = Vec::new();
    for copy in 0..copies {
        let case = cases().choose(chance).expect("there are cases");
        records.extend(renamed(case, copy));
    }
    link_across(&mut records, chance);
    each_version_once(records)
}

fn renamed(case: &[Value], copy: usize) -> Vec<Value> {
    let own: BTreeSet<String> = case
        .iter()
        .map(|record| text(record, "reference"))
        .collect();
    let mut records = case.to_vec();
    for record in &mut records {
        record["force"] = json!("northamptonshire");
        each_text(record, &mut |text| {
            if own.contains(text.as_str()) {
                text.push_str(&format!("~{copy}"));
            }
        });
    }
    records
}

/// Lets a few things name things of other cases.
fn link_across(records: &mut [Value], chance: &mut ChaCha8Rng) {
    for _ in 0..records.len() / 2 {
        let (from, to) = (
            chance.random_range(0..records.len()),
            chance.random_range(0..records.len()),
        );
        let name = text(&records[to], "reference");
        link(&mut records[from], &name, chance);
    }
}

/// Adds a name to the list in which a record gives its names, where it tells that list.
pub(crate) fn link(record: &mut Value, to: &str, chance: &mut ChaCha8Rng) {
    let kinds = ["source", "related", "duplicate", "counter_allegation"];
    let kind = kinds.choose(chance).expect("there are kinds");
    let (list, entry) = match record["record"].as_str() {
        Some("incident") => ("links", json!({"to": to, "kind": kind})),
        _ => ("origin", json!({"incident": to, "kind": kind})),
    };
    if let Some(entries) = record[list].as_array_mut() {
        entries.push(entry);
    }
}

fn each_version_once(records: Vec<Value>) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    let mut once = Vec::new();
    for record in records {
        let head = ["record", "source", "reference", "version"];
        if seen.insert(head.map(|word| record[word].to_string())) {
            once.push(record);
        }
    }
    once
}

/// A later version of a record, changed somewhere.
pub(crate) fn later(record: &Value, names: &[String], chance: &mut ChaCha8Rng) -> Value {
    let mut later = record.clone();
    if let Some(version) = record["version"].as_i64() {
        later["version"] = json!(version + 1);
    }
    let hours = [1, 5, 20, 30, 200].choose(chance).expect("not empty");
    shift(&mut later["committed_at"], Elapsed::minutes(hours * 60 + 7));
    later["extracted_at"] = Value::Null;
    later["deleted"] = Value::Null;
    for _ in 0..chance.random_range(1..=2) {
        change(&mut later, names, chance);
    }
    later
}

/// The record by which the thing goes.
pub(crate) fn deletion(record: &Value, reason: &str, into: Option<&String>) -> Value {
    let head = ["record", "force", "source", "reference"];
    let mut gone = json!({});
    for word in head {
        gone[word] = record[word].clone();
    }
    if let Some(version) = record["version"].as_i64() {
        gone["version"] = json!(version + 1);
    }
    gone["committed_at"] = record["committed_at"].clone();
    shift(&mut gone["committed_at"], Elapsed::minutes(95));
    gone["deleted"] = json!({"reason": reason, "into": into, "at": gone["committed_at"]});
    gone
}

fn change(record: &mut Value, names: &[String], chance: &mut ChaCha8Rng) {
    match chance.random_range(0..8) {
        0 => without_a_block(record, chance),
        1 => {
            let to = names.choose(chance).expect("there are names");
            link(record, to, chance);
        }
        2 => unlink(record, chance),
        3 => reclassify(record, chance),
        4 => move_a_moment(record, chance),
        5 => flip(record, chance),
        6 => forget_a_leaf(record, chance),
        _ if record["core"].is_object() => {
            let statuses = ["recorded", "cancelled", "reinstated", "transferred"];
            let status = statuses.choose(chance).expect("not empty");
            record["core"]["status"] = json!(status);
        }
        _ => {}
    }
}

fn without_a_block(record: &mut Value, chance: &mut ChaCha8Rng) {
    let told = blocks(record);
    if let Some(block) = told.choose(chance) {
        record[block] = Value::Null;
    }
}

fn unlink(record: &mut Value, chance: &mut ChaCha8Rng) {
    for list in ["links", "origin"] {
        if let Some(entries) = record[list].as_array_mut()
            && !entries.is_empty()
        {
            entries.remove(chance.random_range(0..entries.len()));
        }
    }
}

fn reclassify(record: &mut Value, chance: &mut ChaCha8Rng) {
    if record["core"].is_object() {
        let (class, code) = CLASSES.choose(chance).expect("there are classes");
        record["core"]["offence_class"] = json!(class);
        record["core"]["offence_code"] = json!(code);
    }
}

fn move_a_moment(record: &mut Value, chance: &mut ChaCha8Rng) {
    let hours = [-30, -2, 3, 26, 300].choose(chance).expect("not empty");
    let span = Elapsed::minutes(hours * 60);
    in_a_leaf(
        record,
        chance,
        |leaf| leaf.is_string(),
        |leaf| shift(leaf, span),
    );
}

fn flip(record: &mut Value, chance: &mut ChaCha8Rng) {
    let turn = |leaf: &mut Value| *leaf = json!(leaf != &json!(true));
    in_a_leaf(record, chance, Value::is_boolean, turn);
}

fn forget_a_leaf(record: &mut Value, chance: &mut ChaCha8Rng) {
    let is_leaf = |leaf: &Value| !leaf.is_object() && !leaf.is_array();
    in_a_leaf(record, chance, is_leaf, |leaf| *leaf = Value::Null);
}

/// Changes one leaf of one block that the filter lets through.
fn in_a_leaf(
    record: &mut Value,
    chance: &mut ChaCha8Rng,
    filter: impl Fn(&Value) -> bool,
    change: impl Fn(&mut Value),
) {
    let told = blocks(record);
    let Some(block) = told.choose(chance) else {
        return;
    };
    let mut count = 0;
    each_leaf(&mut record[block], &mut |leaf| {
        count += usize::from(filter(leaf))
    });
    if count == 0 {
        return;
    }
    let (chosen, mut at) = (chance.random_range(0..count), 0);
    each_leaf(&mut record[block], &mut |leaf| {
        if filter(leaf) {
            if at == chosen {
                change(leaf);
            }
            at += 1;
        }
    });
}

/// Moves a moment; any other text stays.
fn shift(leaf: &mut Value, by: Elapsed) {
    let moment = leaf.as_str().and_then(|text| Moment::parse(text).ok());
    if let Some(moment) = moment {
        *leaf = json!(moment.latest().plus(by).to_string());
    }
}

fn blocks(record: &Value) -> Vec<String> {
    let fields = record.as_object().expect("a record is an object").iter();
    fields
        .filter(|(name, value)| *name != "deleted" && (value.is_object() || value.is_array()))
        .map(|(name, _)| name.clone())
        .collect()
}

fn each_leaf(value: &mut Value, visit: &mut impl FnMut(&mut Value)) {
    match value {
        Value::Array(entries) => entries.iter_mut().for_each(|entry| each_leaf(entry, visit)),
        Value::Object(fields) => fields
            .iter_mut()
            .filter(|(name, _)| !matches!(name.as_str(), "id" | "victim_ref" | "suspect_ref"))
            .for_each(|(_, field)| each_leaf(field, visit)),
        leaf => visit(leaf),
    }
}

fn each_text(value: &mut Value, visit: &mut impl FnMut(&mut String)) {
    match value {
        Value::Array(entries) => entries.iter_mut().for_each(|entry| each_text(entry, visit)),
        Value::Object(fields) => fields
            .values_mut()
            .for_each(|field| each_text(field, visit)),
        Value::String(text) => visit(text),
        _ => {}
    }
}

/// A text of a record's head.
pub(crate) fn text(record: &Value, word: &str) -> String {
    record[word].as_str().unwrap_or_default().to_owned()
}

/// When a record was committed.
pub(crate) fn committed(record: &Value) -> Instant {
    let at = record["committed_at"].as_str().unwrap_or_default();
    Moment::parse(at)
        .expect("the cases are well formed")
        .latest()
}
