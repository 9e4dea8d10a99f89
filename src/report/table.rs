//! What a run comes to, for a terminal: one line a rule, and under it what would decide what cannot
//! be told. Colours nothing, so that it reads the same in a file. Start at [`summary`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, Table};

use crate::domain::exception::Tally;
use crate::rules::Rule;
use crate::validation::{JudgementLine, RuleSet};

/// One line of the table: a rule with its tally over all forces, months and parts.
pub struct RuleTally {
    /// The rule.
    pub rule: &'static Rule,
    /// How many obligations stand how.
    pub tally: Tally,
}

/// Adds the judgements up by rule, in the order of the catalogue.
pub fn tallies(rules: &RuleSet, counts: impl Iterator<Item = (usize, Tally)>) -> Vec<RuleTally> {
    let mut sums = vec![Tally::default(); rules.rules().len()];
    for (rule, tally) in counts {
        sums[rule] = sums[rule].plus(tally);
    }
    let rules = rules.rules().iter().zip(sums);
    rules
        .map(|(rule, tally)| RuleTally { rule, tally })
        .collect()
}

/// The table: rule, judged, met, breach, remedied, excused, advisory, undecidable, pending, rate.
pub fn summary(tallies: &[RuleTally]) -> String {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header([
        "rule",
        "duty",
        "judged",
        "met",
        "breach",
        "remedied",
        "excused",
        "advisory",
        "undecidable",
        "pending",
        "rate",
    ]);
    for column in 2..11 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for RuleTally { rule, tally } in tallies {
        let judged =
            tally.judged() + tally.excused + tally.advisory + tally.undecidable + tally.pending;
        let mut row = vec![rule.id.to_owned(), rule.title().to_owned()];
        let counts = [
            judged,
            tally.met,
            tally.breach,
            tally.remedied,
            tally.excused,
            tally.advisory,
            tally.undecidable,
            tally.pending,
        ];
        row.extend(counts.map(|count| {
            if count == 0 {
                "·".to_owned()
            } else {
                count.to_string()
            }
        }));
        row.push(rate(tally));
        table.add_row(row);
    }
    table.to_string()
}

/// The rate as k of n, since a share without its numbers says too little.
pub fn rate(tally: &Tally) -> String {
    match tally.rate() {
        None => "–".to_owned(),
        Some(rate) => {
            // Rounded down, so that a rate below one never reads as all of them.
            let percent = (rate * 1_000.0).floor() / 10.0;
            format!("{} of {} ({percent:.1} %)", tally.met, tally.judged())
        }
    }
}

/// What would decide the undecidable: each missing field with the rules it would decide and on how
/// many records.
pub fn what_would_decide(judgements: impl Iterator<Item = JudgementLine>) -> String {
    let mut fields: BTreeMap<
        String,
        (
            BTreeSet<&'static str>,
            BTreeSet<(String, String)>,
            BTreeSet<String>,
        ),
    > = BTreeMap::new();
    for line in judgements.filter(|line| line.verdict == "undecidable") {
        for path in line.missing {
            let (rules, records, unread) = fields.entry(path).or_default();
            rules.insert(line.rule);
            records.insert((line.record.to_string(), line.reference.to_string()));
            unread.extend(line.unread.iter().cloned());
        }
    }
    if fields.is_empty() {
        return String::new();
    }
    let mut rows: Vec<_> = fields.into_iter().collect();
    rows.sort_by(|left, right| {
        right
            .1
            .1
            .len()
            .cmp(&left.1.1.len())
            .then(left.0.cmp(&right.0))
    });
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header(["missing", "records", "rules it would decide", "what it is"]);
    if let Some(column) = table.column_mut(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    for (path, (rules, records, unread)) in rows {
        let rules: Vec<&str> = rules.into_iter().collect();
        table.add_row([
            path.clone(),
            records.len().to_string(),
            rules.join(", "),
            explanation(&path, &unread),
        ]);
    }
    format!("What would decide the undecidable\n\n{table}\n")
}

fn explanation(path: &str, unread: &BTreeSet<String>) -> String {
    let mut text = match path {
        "precision" => "a day or a month where the hour decides".to_owned(),
        "edition" => "no edition of a limit, list or calendar covers the day".to_owned(),
        "version" => "records without version numbers hide silent changes".to_owned(),
        "rule_fault" => "a fault of ours: the rule failed on this record".to_owned(),
        "too_many_links" => "more than 500 links at one record".to_owned(),
        _ => "field not carried by any feed of these records".to_owned(),
    };
    if !unread.is_empty() {
        let words: Vec<&str> = unread.iter().take(3).map(String::as_str).collect();
        let _ = write!(text, "; carried and not readable: {}", words.join(", "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_told_with_its_numbers_and_never_rounded_up() {
        let tally = Tally {
            met: 1_999,
            breach: 1,
            ..Tally::default()
        };
        assert_eq!(rate(&tally), "1999 of 2000 (99.9 %)");
        assert_eq!(rate(&Tally::default()), "–");
    }
}
