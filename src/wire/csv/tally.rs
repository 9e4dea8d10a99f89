//! How many rows became what: records, set aside by which rule, problems of which kind, and which
//! values no list has. The sum is the number of rows read. Start at [`Tally::count`].

use std::collections::BTreeMap;

use super::problem::Reason;
use super::record::RowOutcome;

/// The count of a file's rows.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Rows that became records; the rows of one thing count each.
    pub records: u64,
    /// Rows set aside, by the name of the rule.
    pub set_aside: BTreeMap<String, u64>,
    /// Rows that could not be read, by the first reason of each.
    pub problems: BTreeMap<Reason, u64>,
    /// Values that no list has, by path and value. A field with too many is not a list of codes.
    pub unread: BTreeMap<(String, String), u64>,
}

impl Tally {
    /// Counts one row.
    pub fn count(&mut self, outcome: &RowOutcome) {
        match outcome {
            RowOutcome::Record { unread, .. } => {
                self.records += 1;
                for entry in unread {
                    *self.unread.entry(entry.clone()).or_default() += 1;
                }
            }
            RowOutcome::SetAside { name } => {
                *self.set_aside.entry(name.clone()).or_default() += 1;
            }
            RowOutcome::Problem(problems) => {
                let reason = problems
                    .first()
                    .map_or(Reason::BadCsv, |problem| problem.reason);
                *self.problems.entry(reason).or_default() += 1;
            }
        }
    }

    /// Every row that was counted.
    pub fn rows(&self) -> u64 {
        self.records + self.set_aside.values().sum::<u64>() + self.problems.values().sum::<u64>()
    }
}
