//! What a run writes: every file parses, holds what the others say, and is the same on every run,
//! however the records were split. Start at [`every_file_is_there_and_parses`].

use std::collections::BTreeMap;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::command::{Folder, OUTPUTS, Ran, crime};
use crate::support::tree;

const AS_AT: &str = "2026-05-10T00:00:00+01:00";

#[test]
fn every_file_is_there_and_parses() {
    let ran = example(&example_lines());
    assert_eq!(
        ran.files.keys().map(String::as_str).collect::<Vec<_>>(),
        OUTPUTS
    );
    ran.adds_up();
    let measures: Value = serde_json::from_str(ran.text("measures.json")).expect("JSON");
    assert!(measures.as_array().is_some_and(|rows| !rows.is_empty()));
    let exceptions = ran.lines("exceptions.jsonl");
    let open = |line: &&Value| {
        let state = line["state"].as_str().unwrap_or_default();
        ["raised", "remedied", "waived", "due_soon"].contains(&state)
    };
    let open = exceptions.iter().filter(open).count();
    let mut table = csv::Reader::from_reader(ran.text("exceptions.csv").as_bytes());
    assert_eq!(table.records().flatten().count(), open);
    let line = &ran.lines("judgements.jsonl")[0];
    for field in [
        "force",
        "record",
        "reference",
        "rule",
        "obligation",
        "verdict",
        "due",
        "late_by_seconds",
        "remedied",
        "missing",
        "proof",
    ] {
        assert!(line.get(field).is_some(), "{field}: {line}");
    }
}

#[test]
fn the_table_and_the_measures_count_the_judgements() {
    let ran = example(&example_lines());
    let mut counted: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for line in ran.lines("judgements.jsonl") {
        let word = |name: &str| line[name].as_str().expect("a word").to_owned();
        let verdicts = counted.entry(word("rule")).or_default();
        *verdicts.entry(word("verdict")).or_default() += 1;
    }
    assert_eq!(counted.len(), 14, "every rule judges the example");
    let measures: Value = serde_json::from_str(ran.text("measures.json")).expect("JSON");
    for (rule, verdicts) in counted {
        let of = |word: &str| verdicts.get(word).copied().unwrap_or_default();
        assert!(of("breach") > 0 && of("met") > 0, "{rule} shows both");
        let row = counts(&ran.printed, &rule);
        assert_eq!([row[1], row[2]], [of("met"), of("breach")], "{rule}");
        let others = ["excused", "advisory", "undecidable", "pending"].map(of);
        assert_eq!(row[4..], others, "{rule}");
        let rows = measures.as_array().into_iter().flatten();
        let rows = rows.filter(|row| row["measure"] == rule.as_str());
        let breaches: u64 = rows
            .filter_map(|row| row["counts"]["breach"].as_u64())
            .sum();
        assert_eq!(breaches, of("breach"), "{rule}");
    }
}

/// The eight numbers in a rule's row: what stands before the rate.
fn counts(printed: &str, rule: &str) -> Vec<u64> {
    let row = printed.lines().find(|line| line.starts_with(rule));
    let row = row.unwrap_or_else(|| panic!("no row of {rule}:\n{printed}"));
    let cells: Vec<&str> = row.split_whitespace().collect();
    let rate = if row.ends_with('%') { 5 } else { 1 };
    let numbers = &cells[cells.len() - rate - 8..cells.len() - rate];
    let numbers = numbers.iter().map(|cell| cell.parse().unwrap_or_default());
    numbers.collect()
}

#[test]
fn two_runs_write_the_same_bytes() {
    let lines = example_lines();
    assert!(example(&lines).files == example(&lines).files);
}

#[test]
fn splitting_and_shuffling_changes_no_judgement_and_no_exception() {
    let lines = example_lines();
    let (judgements, exceptions) = standing(&example(&lines));
    for seed in [1, 2, 3] {
        let mut shuffled = lines.clone();
        shuffled.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        let other = standing(&example(&shuffled));
        assert_eq!(judgements, other.0, "seed {seed}");
        assert_eq!(exceptions, other.1, "seed {seed}");
    }
}

#[test]
fn no_reference_smuggles_a_formula_into_the_spreadsheet() {
    let mut evil = crime("=cmd|' /C calc'!A0", 1);
    evil["core"]["recorded_at"] = json!("2026-04-09T10:00:00+01:00");
    evil["core"]["owning_unit"] = json!("@SUM(A1)");
    evil["outcomes"] = json!([{"id": "+o1", "code": "99", "applied_at": "2026-04-10"}]);
    let folder = Folder::new();
    folder.records("rms.jsonl", &[evil]);
    let ran = folder.check(&[
        "rms.jsonl",
        "--as-at",
        "2026-05-01",
        "--covers",
        "rms=2026-03-01..",
    ]);
    ran.adds_up();
    let text = ran.text("exceptions.csv");
    assert!(text.contains("'=cmd|"), "{text}");
    let mut table = csv::Reader::from_reader(text.as_bytes());
    let mut rows = 0;
    for row in table.records() {
        let row = row.expect("a row can be read");
        rows += 1;
        for cell in &row {
            assert!(
                !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                "{cell}"
            );
        }
    }
    assert!(rows > 0, "{}", ran.text("judgements.jsonl"));
}

/// The lines of the shipped example.
fn example_lines() -> Vec<String> {
    let files = tree::files("examples/northamptonshire", "jsonl");
    assert!(files.len() >= 3, "the example has its feeds");
    let texts = files.iter().map(|name| tree::text(name));
    texts
        .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

/// Judges these lines, dealt out to three files.
fn example(lines: &[String]) -> Ran {
    let folder = Folder::new();
    for (number, name) in ["a.jsonl", "b.jsonl", "c.jsonl"].iter().enumerate() {
        let dealt: Vec<&str> = lines
            .iter()
            .skip(number)
            .step_by(3)
            .map(String::as_str)
            .collect();
        folder.write(name, dealt.join("\n"));
    }
    folder.write("feeds.toml", tree::text("config/feeds-example.toml"));
    let ran = folder.check(&[
        "a.jsonl",
        "b.jsonl",
        "c.jsonl",
        "--config",
        "feeds.toml",
        "--as-at",
        AS_AT,
    ]);
    assert_eq!(ran.code, 3, "{}", ran.complained);
    ran
}

/// The judgements, and the exceptions without what only tells their history.
fn standing(ran: &Ran) -> (Vec<Value>, Vec<Value>) {
    let mut judgements = ran.lines("judgements.jsonl");
    judgements.sort_by_key(Value::to_string);
    let mut exceptions = ran.lines("exceptions.jsonl");
    exceptions.retain(|line| line["state"] != "withdrawn" && line["state"] != "superseded");
    for exception in &mut exceptions {
        for history in ["revision", "provenance", "reopened"] {
            exception[history] = Value::Null;
        }
    }
    exceptions.sort_by_key(Value::to_string);
    (judgements, exceptions)
}
