//! What would decide the undecidable: the fields that are missing, and what each would settle.
//! Start at [`what_would_decide`].

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::layout::{columns, lines};
use crate::validation::JudgementLine;

/// What one missing field would settle.
#[derive(Default)]
struct Settles {
    rules: BTreeSet<&'static str>,
    records: BTreeSet<(String, String)>,
    unread: BTreeSet<String>,
}

/// What would decide the undecidable: each missing field with the rules it would decide and on how
/// many records. Empty if nothing is undecidable.
pub fn what_would_decide(judgements: impl Iterator<Item = JudgementLine>) -> String {
    let mut fields: BTreeMap<String, Settles> = BTreeMap::new();
    for line in judgements.filter(|line| line.verdict == "undecidable") {
        for path in line.missing {
            let field = fields.entry(path).or_default();
            field.rules.insert(line.rule);
            field
                .records
                .insert((line.record.to_string(), line.reference.to_string()));
            field.unread.extend(line.unread.iter().cloned());
        }
    }
    if fields.is_empty() {
        return String::new();
    }
    let mut rows: Vec<_> = fields.into_iter().collect();
    rows.sort_by_key(|(_, field)| Reverse(field.records.len()));
    let mut table = columns(
        ["missing", "records", "would decide", "why it is missing"],
        [1],
    );
    for (path, field) in rows {
        let rules: Vec<&str> = field.rules.iter().copied().collect();
        let why = explanation(&path, &field.unread);
        table.add_row([
            path,
            format!("{} ", field.records.len()),
            rules.join(", "),
            why,
        ]);
    }
    format!("What would decide the undecidable\n\n{}\n", lines(&table))
}

fn explanation(path: &str, unread: &BTreeSet<String>) -> String {
    let mut text = match path {
        "precision" => "a day or a month where the hour decides".to_owned(),
        "edition" => "no edition of a limit, list or calendar covers the day".to_owned(),
        "version" => "records without version numbers hide silent changes".to_owned(),
        "rule_fault" => "a fault of ours: the rule failed on this record".to_owned(),
        "too_many_links" => "more than 500 links at one record".to_owned(),
        "closure.category" => "not told, or a local word that the profile does not map".to_owned(),
        _ => "no feed tells it of these records".to_owned(),
    };
    if !unread.is_empty() {
        let words: Vec<&str> = unread.iter().take(3).map(String::as_str).collect();
        let _ = write!(text, "; sent in words no list has: {}", words.join(", "));
    }
    text
}
