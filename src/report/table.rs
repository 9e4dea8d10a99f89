//! What a run comes to, for a terminal: one line a rule. Never judges and never counts anew.
//! Start at [`summary`].

use super::layout::{columns, lines};
use crate::domain::exception::Tally;
use crate::rules::Rule;
use crate::validation::RuleSet;

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

const HEADER: [&str; 11] = [
    "rule",
    "duty",
    "judged",
    "met",
    "breach",
    "of it\nremedied",
    "excused",
    "advisory",
    "unde-\ncidable",
    "pending",
    "rate",
];

/// The table: rule, judged, met, breach, remedied, excused, advisory, undecidable, pending, rate.
pub fn summary(tallies: &[RuleTally]) -> String {
    let mut table = columns(HEADER, 2..HEADER.len());
    for RuleTally { rule, tally } in tallies {
        let mut row = vec![rule.id.to_owned(), rule.title().to_owned()];
        row.extend(counts(tally).map(|count| match count {
            0 => "·".to_owned(),
            count => count.to_string(),
        }));
        row.push(rate(tally));
        table.add_row(row);
    }
    lines(&table)
}

fn counts(tally: &Tally) -> [u64; 8] {
    [
        tally.judged() + tally.excused + tally.advisory + tally.undecidable + tally.pending,
        tally.met,
        tally.breach,
        tally.remedied,
        tally.excused,
        tally.advisory,
        tally.undecidable,
        tally.pending,
    ]
}

/// The rate as k of n, since a share without its numbers says too little.
pub fn rate(tally: &Tally) -> String {
    match tally.rate() {
        None => "–".to_owned(),
        Some(rate) => {
            // Rounded down, so that a rate below one never reads as all of them.
            let percent = (rate * 100.0).floor();
            format!("{} of {} {percent:>3} %", tally.met, tally.judged())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules;

    #[test]
    fn a_rate_is_told_with_its_numbers_and_never_rounded_up() {
        let tally = Tally {
            met: 1_999,
            breach: 1,
            ..Tally::default()
        };
        assert_eq!(rate(&tally), "1999 of 2000  99 %");
        assert_eq!(rate(&Tally::default()), "–");
    }

    #[test]
    fn the_table_of_every_rule_fits_its_width() {
        let tally = Tally {
            met: 12_000,
            breach: 345,
            ..Tally::default()
        };
        let tallies: Vec<RuleTally> = rules::all().map(|rule| RuleTally { rule, tally }).collect();
        let table = summary(&tallies);
        for line in table.lines() {
            assert!(line.chars().count() <= 120, "{line}");
        }
        assert!(table.contains("12000 of 12345  97 %"), "{table}");
    }
}
