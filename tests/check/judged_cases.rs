//! The settled cases of `tests/cases` through the real command: as given, and shuffled and split
//! into files. Start at [`every_case_agrees_as_given`].

use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

use crate::command::{Folder, Ran};
use crate::support::expectation::{Expectation, compare};
use crate::support::judging::Judged;
use crate::support::tree;

#[test]
fn every_case_agrees_as_given() {
    agree(None);
}

#[test]
fn every_case_agrees_shuffled_and_split_once() {
    agree(Some(1));
}

#[test]
fn every_case_agrees_shuffled_and_split_twice() {
    agree(Some(2));
}

#[test]
fn every_case_agrees_shuffled_and_split_thrice() {
    agree(Some(3));
}

fn agree(seed: Option<u64>) {
    let mut failures = Vec::new();
    let mut cases = 0;
    for file in tree::files("tests/cases", "json") {
        let file: Value = serde_json::from_str(&tree::text(&file)).expect("cases are JSON");
        let rule = file["rule"].as_str().expect("a file has its rule");
        for case in file["cases"].as_array().expect("a file has cases") {
            cases += 1;
            // Of two contents of one version the first stands, so their order is theirs.
            if seed.is_some() && has_conflict(case) {
                continue;
            }
            let ran = run(case, seed);
            for complaint in complaints(case, rule, &ran) {
                failures.push(format!("{rule}: {}\n    {complaint}", case["name"]));
            }
        }
    }
    assert!(cases >= 128, "{cases} cases");
    assert!(
        failures.is_empty(),
        "{} differ:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

fn run(case: &Value, seed: Option<u64>) -> Ran {
    let folder = Folder::new();
    let mut records = case["records"]
        .as_array()
        .expect("a case has records")
        .clone();
    let mut files = vec![Vec::new()];
    if let Some(seed) = seed {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        records.shuffle(&mut random);
        files.resize(3, Vec::new());
        for record in &records {
            files[random.random_range(0..3)].push(record.clone());
        }
    } else {
        files[0] = records.clone();
    }
    for (number, records) in files.iter().enumerate() {
        folder.records(&format!("{number}.jsonl"), records);
    }
    let text = |name: &str| case[name].as_str().expect("a case has its setting");
    let mut feeds: Vec<&str> = records
        .iter()
        .filter_map(|one| one["source"].as_str())
        .collect();
    feeds.sort_unstable();
    feeds.dedup();
    let covers = feeds
        .iter()
        .map(|feed| format!("{feed}={}..{}", text("covers_from"), text("as_at")));
    let covers: Vec<String> = covers
        .flat_map(|covers| ["--covers".to_owned(), covers])
        .collect();
    let mut arguments = vec![".", "--as-at", text("as_at"), "--profile", text("profile")];
    arguments.extend(covers.iter().map(String::as_str));
    let ran = folder.check(&arguments);
    assert!(
        [0, 3].contains(&ran.code),
        "{}: {}",
        case["name"],
        ran.complained
    );
    ran.adds_up();
    ran
}

fn complaints(case: &Value, rule: &str, ran: &Ran) -> Vec<String> {
    let lines = ran.lines("judgements.jsonl");
    let lines = lines.iter().filter(|line| line["rule"] == rule);
    let judged: Vec<Judged> = lines.map(judged).collect();
    let judged: Vec<&Judged> = judged.iter().collect();
    let expected = case["expect"].as_array().expect("a case expects");
    let expected: Vec<Expectation> = expected.iter().map(expectation).collect();
    compare(&expected, &judged)
}

fn expectation(value: &Value) -> Expectation {
    Expectation {
        thing: Some((text(&value["record"]), text(&value["reference"]))),
        obligation: Some(text(&value["obligation"])),
        verdict: text(&value["verdict"]),
        due: value["due"].as_str().map(str::to_owned),
        late_by_seconds: value["late_by_seconds"].as_i64(),
        remedied: value["remedied"].as_bool(),
        missing: texts(&value["missing"]),
        by: None,
        finding: None,
        done: None,
        stratum: None,
    }
}

fn judged(line: &Value) -> Judged {
    Judged {
        record: text(&line["record"]),
        reference: text(&line["reference"]),
        rule: text(&line["rule"]),
        obligation: text(&line["obligation"]),
        verdict: text(&line["verdict"]),
        due: line["due"].as_str().map(str::to_owned),
        late_by_seconds: line["late_by_seconds"].as_i64(),
        remedied: line["remedied"] == true,
        missing: texts(&line["missing"]),
        by: line["by"].as_str().map(str::to_owned),
        finding: line["finding"].as_str().map(str::to_owned),
        done: None,
        stratum: line["stratum"].as_str().map(str::to_owned),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(text).collect()
}

/// True if two contents of one version are among the records.
fn has_conflict(case: &Value) -> bool {
    let records = case["records"].as_array().expect("a case has records");
    let version = |record: &Value| {
        ["record", "source", "reference", "version"].map(|word| record[word].clone())
    };
    records.iter().enumerate().any(|(number, one)| {
        let mut others = records[..number].iter();
        others.any(|other| version(one) == version(other) && one != other)
    })
}
