//! The numbers of the page are those of the files beside it. Start at
//! [`every_duty_of_the_table_is_a_judgement`].

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::command::Ran;
use crate::read::{Page, demonstration, example, text_of};

#[test]
fn every_duty_of_the_table_is_a_judgement() {
    for ran in [example(), demonstration()] {
        let lines = ran.lines("judgements.jsonl");
        let number = |rule: &str, verdict: &str| {
            let of = |line: &&Value| line["rule"] == rule && line["verdict"] == verdict;
            lines.iter().filter(of).count().to_string()
        };
        for row in Page::of(&ran).rows("standing-table") {
            let rule = row[0].split(' ').next().expect("the id comes first");
            let expected = [
                "met",
                "breach",
                "excused",
                "advisory",
                "undecidable",
                "pending",
            ]
            .map(|verdict| number(rule, verdict));
            let shown: Vec<String> = row[2..].iter().map(|cell| cell.replace(',', "")).collect();
            assert_eq!(shown, expected, "{rule}");
        }
    }
}

#[test]
fn the_answer_counts_records_that_are_raised() {
    let ran = example();
    let page = Page::of(&ran);
    let raised = raised(&ran);
    let records: BTreeSet<String> = raised
        .iter()
        .map(|line| format!("{}{}", line["record"], line["reference"]))
        .collect();
    let answer = text_of(page.one("#answer"));
    let told = format!(
        "{} records must be fixed ({} failed duties",
        records.len(),
        raised.len()
    );
    assert!(answer.contains(&told), "{answer}");
    assert!(
        answer.contains("PARTIAL because 1 record was set aside unread"),
        "{answer}"
    );
    assert_eq!(page.rows("first-table").len(), raised.len());
}

#[test]
fn the_gravest_come_first_and_then_the_longest_overdue() {
    let page = Page::of(&example());
    let order = ["critical", "high", "medium", "low"];
    let places: Vec<usize> = page
        .rows("first-table")
        .iter()
        .map(|row| {
            order
                .iter()
                .position(|own| *own == row[1])
                .expect("a severity")
        })
        .collect();
    assert!(places.is_sorted(), "{places:?}");
    let due: Vec<&str> = page
        .every("#first-table tr:has(.critical) time")
        .iter()
        .filter_map(|time| time.value().attr("datetime"))
        .collect();
    assert!(due.is_sorted() && !due.is_empty(), "{due:?}");
}

#[test]
fn ages_add_up_to_what_must_be_fixed() {
    let ran = example();
    let rows = Page::of(&ran).rows("ageing-table");
    let sum: usize = rows
        .iter()
        .map(|row| row[1].parse::<usize>().expect("a number"))
        .sum();
    assert_eq!(sum, raised(&ran).len());
}

#[test]
fn units_and_groups_add_up_to_the_breaches() {
    let ran = example();
    let page = Page::of(&ran);
    let breaches = ran.lines("judgements.jsonl");
    let breaches = breaches
        .iter()
        .filter(|line| line["verdict"] == "breach")
        .count();
    for table in ["units-table", "groups-table", "failing-table"] {
        let rows = page.rows(table);
        let sum: usize = rows
            .iter()
            .map(|row| row[1].parse::<usize>().expect("a number"))
            .sum();
        assert_eq!(sum, breaches, "{table}");
    }
}

#[test]
fn each_missing_field_has_the_records_that_the_judgements_name() {
    let ran = demonstration();
    let mut records: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in ran.lines("judgements.jsonl") {
        for path in line["missing"].as_array().into_iter().flatten() {
            let path = path.as_str().unwrap_or_default().to_owned();
            let key = format!("{}{}", line["record"], line["reference"]);
            records.entry(path).or_default().insert(key);
        }
    }
    let shown: BTreeMap<String, usize> = Page::of(&ran)
        .rows("undecidable-table")
        .into_iter()
        .map(|row| {
            (
                row[0].clone(),
                row[1].replace(',', "").parse().expect("a number"),
            )
        })
        .collect();
    let counted = records.into_iter().map(|(path, of)| (path, of.len()));
    assert_eq!(shown, counted.collect());
}

#[test]
fn the_balance_is_told_in_full() {
    for ran in [example(), demonstration()] {
        let text = text_of(Page::of(&ran).one("#coverage")).replace(',', "");
        for (name, words) in [
            ("read", "records read"),
            ("applied", "taken up"),
            ("ledger_only", "older than what was known"),
            ("duplicate", "known already"),
            ("quarantined", "set aside unread"),
            ("control", "that carry no case"),
        ] {
            let told = format!("{} {words}", ran.sum(name));
            assert!(text.contains(&told), "{told}: {text}");
        }
    }
}

#[test]
fn what_falls_due_within_seven_days_is_listed() {
    let ran = example();
    let rows = Page::of(&ran).rows("due-table");
    let starts = rows.iter().map(|row| row[0].as_str());
    let references = ["NP-20260509-0102", "34/26/004590"];
    assert_eq!(starts.len(), references.len());
    for (start, reference) in starts.zip(references) {
        assert!(start.starts_with(reference), "{start}");
    }
}

#[test]
fn the_same_run_gives_the_same_page() {
    assert_eq!(example().text("report.html"), example().text("report.html"));
}

fn raised(ran: &Ran) -> Vec<Value> {
    let lines = ran.lines("exceptions.jsonl").into_iter();
    lines.filter(|line| line["state"] == "raised").collect()
}
