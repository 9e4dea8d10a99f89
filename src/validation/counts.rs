//! The counts: how many obligations of a rule stand how, month by month. A changed judgement is
//! taken out where it stood and put in where it stands. Start at [`Counts`].

use std::collections::{BTreeMap, BTreeSet};

use super::guard::Shown;
use crate::domain::exception::Tally;
use crate::domain::{LondonDay, Stratum};

/// What a count is of: a rule, the month it speaks of, the part of the measure.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CountKey {
    /// The rule, by its place in the rule set.
    pub rule: usize,
    /// The first day of the month; `None` where no date is told.
    pub month: Option<LondonDay>,
    /// The part of the measure.
    pub stratum: Option<Stratum>,
}

/// How one obligation counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Counted {
    pub(super) key: CountKey,
    pub(super) shown: Shown,
    pub(super) remedied: bool,
    pub(super) waived: bool,
}

/// The counts of a force.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    tallies: BTreeMap<CountKey, Tally>,
    moved: BTreeSet<CountKey>,
}

/// What a lawful disposal left in the counts, by rule: the rule may be switched off and on again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Frozen {
    pub(super) rule: &'static str,
    pub(super) month: Option<LondonDay>,
    pub(super) stratum: Option<Stratum>,
    pub(super) shown: Shown,
    pub(super) remedied: bool,
    pub(super) waived: bool,
}

impl Frozen {
    /// What was counted of this rule.
    pub(super) fn of(rule: &'static str, counted: Counted) -> Frozen {
        Frozen {
            rule,
            month: counted.key.month,
            stratum: counted.key.stratum,
            shown: counted.shown,
            remedied: counted.remedied,
            waived: counted.waived,
        }
    }

    /// How it counts, where its rule stands at this place.
    pub(super) fn counted(&self, rule: usize) -> Counted {
        Counted {
            key: CountKey {
                rule,
                month: self.month,
                stratum: self.stratum,
            },
            shown: self.shown,
            remedied: self.remedied,
            waived: self.waived,
        }
    }
}

impl Counts {
    /// Puts an obligation in.
    pub(super) fn add(&mut self, counted: Counted) {
        self.shift(counted, u64::saturating_add);
    }

    /// Takes an obligation out where it was put in.
    pub(super) fn retract(&mut self, counted: Counted) {
        self.shift(counted, u64::saturating_sub);
    }

    fn shift(&mut self, counted: Counted, by: fn(u64, u64) -> u64) {
        let tally = self.tallies.entry(counted.key).or_default();
        let count = match counted.shown {
            Shown::NotApplicable => &mut tally.not_applicable,
            Shown::Met => &mut tally.met,
            Shown::Excused => &mut tally.excused,
            Shown::Breach => &mut tally.breach,
            Shown::Advisory => &mut tally.advisory,
            Shown::Undecidable => &mut tally.undecidable,
            Shown::Pending { .. } => &mut tally.pending,
        };
        *count = by(*count, 1);
        if counted.shown == Shown::Breach {
            tally.remedied = by(tally.remedied, u64::from(counted.remedied));
            tally.waived = by(tally.waived, u64::from(counted.waived));
        }
        self.moved.insert(counted.key);
    }

    /// The tallies, in the order of their keys.
    pub(super) fn tallies(&self) -> &BTreeMap<CountKey, Tally> {
        &self.tallies
    }

    /// Marks every count, and these besides, as moved.
    pub(super) fn mark_moved(&mut self, others: impl IntoIterator<Item = CountKey>) {
        self.moved.extend(self.tallies.keys().copied());
        self.moved.extend(others);
    }

    /// The counts that have moved since this was asked last.
    pub(super) fn take_moved(&mut self) -> BTreeSet<CountKey> {
        std::mem::take(&mut self.moved)
    }
}
