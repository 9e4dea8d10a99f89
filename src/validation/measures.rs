//! The measures: every count with its rate, and which of them have to be told anew. What was told
//! last is kept, so that a restart neither forgets nor repeats one. Start at
//! [`Force::take_measures`].

use std::collections::{BTreeMap, BTreeSet};

use super::counts::CountKey;
use super::force::Force;
use crate::domain::exception::{DueAt, Measure, Period, Tally};
use crate::domain::{Instant, LondonDay, Stratum};

/// What a measure is of, by the rule's id: the rule may be switched off.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct MeasureKey {
    pub(super) rule: &'static str,
    pub(super) month: Option<LondonDay>,
    pub(super) stratum: Option<Stratum>,
}

/// What was told last of a measure, and under which rule set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Told {
    pub(super) tally: Tally,
    pub(super) ruleset: String,
}

/// The measures that were told; one that counts nothing is told no longer.
#[derive(Clone, Debug, Default)]
pub(super) struct Telling {
    pub(super) told: BTreeMap<MeasureKey, Told>,
    /// Those whose rule is switched off and that still have to be told to count nothing.
    pub(super) retired: BTreeSet<MeasureKey>,
    /// Those of which has to be kept what was told.
    pub(super) unkept: BTreeSet<MeasureKey>,
}

impl Force {
    /// The measures: every count with its rate, in the order of rule, month and part.
    pub fn measures(&self) -> impl Iterator<Item = Measure> {
        self.tallies().iter().map(|(key, tally)| {
            let frontier = self.frontier(key.rule);
            self.measure(self.measure_key(*key), *tally, frontier)
        })
    }

    /// The measures that differ from what was told of them last; these are told with this. None while
    /// things are judged again: half of an activation is no measure.
    pub fn take_measures(&mut self) -> Vec<Measure> {
        if self.is_judging_again() {
            return Vec::new();
        }
        let mut measures = Vec::new();
        for key in self.counts.take_moved() {
            let tally = self.counts.tallies().get(&key).copied();
            let (tally, name) = (tally.unwrap_or_default(), self.measure_key(key));
            if self.is_told(name, tally) {
                continue;
            }
            measures.push(self.measure(name, tally, self.frontier(key.rule)));
            self.tell(name, tally);
        }
        for name in std::mem::take(&mut self.telling.retired) {
            let none = Tally::default();
            measures.push(self.measure(name, none, self.frontier_of(name.rule)));
            self.tell(name, none);
        }
        measures
    }

    /// Marks everything as moved: what was told was told under another rule set, or is not known.
    pub(super) fn tell_all_anew(&mut self) {
        let (on, off): (Vec<MeasureKey>, Vec<MeasureKey>) = self
            .telling
            .told
            .keys()
            .partition(|name| self.rules.place(name.rule).is_some());
        let on = on.into_iter().filter_map(|name| {
            Some(CountKey {
                rule: self.rules.place(name.rule)?,
                month: name.month,
                stratum: name.stratum,
            })
        });
        self.counts.mark_moved(on);
        self.telling.retired = off.into_iter().collect();
    }

    fn is_told(&self, name: MeasureKey, tally: Tally) -> bool {
        match self.telling.told.get(&name) {
            Some(told) => told.tally == tally && told.ruleset == self.rules.fingerprint(),
            None => tally == Tally::default(),
        }
    }

    fn tell(&mut self, name: MeasureKey, tally: Tally) {
        self.telling.unkept.insert(name);
        if tally == Tally::default() {
            self.telling.told.remove(&name);
        } else {
            let ruleset = self.rules.fingerprint().to_owned();
            self.telling.told.insert(name, Told { tally, ruleset });
        }
    }

    fn measure_key(&self, key: CountKey) -> MeasureKey {
        MeasureKey {
            rule: self.rules.rules()[key.rule].id,
            month: key.month,
            stratum: key.stratum,
        }
    }

    fn measure(&self, name: MeasureKey, tally: Tally, frontier: Instant) -> Measure {
        Measure {
            force: self.code.clone(),
            measure: name.rule,
            period: name.month.map(month),
            stratum: name.stratum,
            counts: tally,
            design: "census",
            rate: tally.rate(),
            frontier: Some(frontier)
                .filter(|frontier| *frontier > Instant::BEGINNING)
                .map(DueAt),
            ruleset: self.rules.fingerprint().to_owned(),
        }
    }
}

fn month(first: LondonDay) -> Period {
    let next = first.next_month_start().start();
    let last = Instant::from_millis(next.millis() - 1).london_day();
    Period {
        from: first,
        to: last,
    }
}
