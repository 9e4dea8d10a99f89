//! The settled cases of `tests/cases/`: what each rule says of small, complete inputs, written from
//! the texts by hand before any code. Every case is judged as given, claims first, and shuffled,
//! and the judgements must be the same. Start at [`Case`].

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;
use support::expectation::{Expectation, compare};
use support::judging::{Judged, Order, Setting, judge};
use support::tree;

mod support;

/// Five seeds move every record of the longest case at least once.
const SEEDS: [u64; 5] = [1, 2, 3, 5, 8];

/// What is said of one rule.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    rule: String,
    cases: Vec<Case>,
}

/// One input and what the rule says of it, complete.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    why: String,
    records: Vec<Value>,
    as_at: String,
    covers_from: String,
    profile: String,
    expect: Vec<Expected>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    record: String,
    reference: String,
    obligation: String,
    verdict: String,
    due: Option<String>,
    late_by_seconds: Option<i64>,
    remedied: Option<bool>,
    #[serde(default)]
    missing: Vec<String>,
}

#[test]
fn every_case_holds_as_given() {
    hold(|_| vec![Order::RecordsThenClaims]);
}

#[test]
fn every_case_holds_when_the_claims_come_first() {
    hold(|_| vec![Order::ClaimsThenRecords]);
}

#[test]
fn every_case_holds_in_every_shuffled_order() {
    hold(|case| {
        if case.has_conflict() {
            Vec::new()
        } else {
            SEEDS.map(Order::Shuffled).into()
        }
    });
}

#[test]
fn every_case_can_be_read_and_says_why() {
    let mut names = BTreeSet::new();
    for Cases { rule, cases } in every_case() {
        for case in cases {
            assert!(!case.why.is_empty(), "{rule}: {}", case.name);
            assert!(case.setting().claims.len() <= 3, "{rule}: {}", case.name);
            assert!(
                names.insert((rule.clone(), case.name.clone())),
                "twice: {rule}: {}",
                case.name
            );
        }
    }
    assert!(
        names.len() >= 128,
        "{} cases, and there were 128",
        names.len()
    );
}

fn hold(orders: impl Fn(&Case) -> Vec<Order>) {
    let mut failures = Vec::new();
    for Cases { rule, cases } in every_case() {
        for case in &cases {
            for order in orders(case) {
                for complaint in case.complaints(&rule, order) {
                    failures.push(format!(
                        "{rule}: {} ({order:?})\n    {complaint}",
                        case.name
                    ));
                }
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} differ:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

fn every_case() -> Vec<Cases> {
    let files = tree::files("tests/cases", "json");
    let read = |name: &String| {
        serde_json::from_str(&tree::text(name))
            .unwrap_or_else(|problem| panic!("{name}: {problem}"))
    };
    files.iter().map(read).collect()
}

impl Case {
    fn complaints(&self, rule: &str, order: Order) -> Vec<String> {
        let mut judged = judge(&self.setting(), &self.records, order);
        judged.retain(|one| one.rule == rule);
        let judged: Vec<&Judged> = judged.iter().collect();
        let expected: Vec<Expectation> = self.expect.iter().map(Expected::expectation).collect();
        compare(&expected, &judged)
    }

    /// Every feed with a record is declared, proved and covered alike.
    fn setting(&self) -> Setting {
        let mut setting = Setting {
            profile: self.profile.clone(),
            ..Setting::default()
        };
        for record in &self.records {
            let feed = record["source"].as_str().expect("a record names its feed");
            setting.declare(feed);
            setting.claims.insert(feed.to_owned(), self.as_at.clone());
            setting
                .covers_from
                .insert(feed.to_owned(), Some(self.covers_from.clone()));
        }
        setting
    }

    /// True if two contents of one version are among the records: the first to arrive stands, so
    /// the order matters.
    fn has_conflict(&self) -> bool {
        let heads = self.records.iter().map(|record| {
            let words = ["record", "source", "reference", "version"];
            words.map(|word| record[word].to_string())
        });
        let contents = self.records.iter().map(Value::to_string);
        let distinct: BTreeSet<_> = heads.zip(contents).collect();
        let versions: BTreeSet<_> = distinct.iter().map(|(head, _)| head).collect();
        versions.len() < distinct.len()
    }
}

impl Expected {
    fn expectation(&self) -> Expectation {
        Expectation {
            thing: Some((self.record.clone(), self.reference.clone())),
            obligation: Some(self.obligation.clone()),
            verdict: self.verdict.clone(),
            due: self.due.clone(),
            late_by_seconds: self.late_by_seconds,
            remedied: self.remedied,
            missing: self.missing.clone(),
            by: None,
            finding: None,
            done: None,
            stratum: None,
        }
    }
}

#[test]
fn two_contents_of_one_version_are_a_conflict_and_a_repetition_is_none() {
    let case = |second: &str| Case {
        name: String::new(),
        why: String::new(),
        records: vec![record("a"), record(second)],
        as_at: String::new(),
        covers_from: String::new(),
        profile: String::new(),
        expect: Vec::new(),
    };
    assert!(!case("a").has_conflict());
    assert!(case("b").has_conflict());
}

fn record(class: &str) -> Value {
    serde_json::json!({
        "record": "crime", "source": "rms", "reference": "1", "version": 1,
        "core": {"offence_class": class},
    })
}
