//! What the page remembers of the run: the newest revisions of exceptions, and how each rule stood a
//! day of the made-up force ago. Bounded, whatever the run's length. Start at [`Remembered`].

use std::collections::{BTreeMap, VecDeque};

use crate::domain::exception::{Exception, State, Tally};
use crate::domain::names::Source;
use crate::domain::{Elapsed, Instant};
use crate::validation::Force;

/// Revisions that are remembered: more than anybody reads between two looks.
const REVISIONS: usize = 400;
/// How often the rates are noted, and for how long they are kept.
const NOTED_EVERY: Elapsed = Elapsed::hours(1);
const NOTED_FOR: Elapsed = Elapsed::hours(24);
/// How long it is worth a word what came of deadlines that had waited.
const TOLD_FOR: Elapsed = Elapsed::hours(12);

/// A revision, with what it was published on.
#[derive(Clone, PartialEq, Debug)]
pub struct Revision {
    /// 1, 2, …: which of all revisions since the start it is.
    pub number: u64,
    /// When it was published, in the time of the made-up force.
    pub at: Instant,
    /// The feeds its rule rests on.
    pub rests_on: Vec<Source>,
    /// What was published.
    pub exception: Exception,
}

/// What came of the deadlines that had waited for a feed, when what was held back of it came in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Released {
    /// The feed.
    pub feed: Source,
    /// When it came in.
    pub at: Instant,
    /// Deadlines that had waited for it and wait no longer.
    pub decided: u64,
    /// Those of them that were missed: an exception was raised.
    pub raised: u64,
}

/// What is remembered.
#[derive(Debug, Default)]
pub struct Remembered {
    revisions: VecDeque<Revision>,
    published: u64,
    accused: BTreeMap<Source, u64>,
    noted: VecDeque<(Instant, BTreeMap<usize, Tally>)>,
    released: Option<Released>,
}

impl Remembered {
    /// Remembers a revision.
    pub fn publish(&mut self, exception: &Exception, rests_on: Vec<Source>, at: Instant) {
        self.published += 1;
        if matches!(exception.state, State::Raised | State::Remedied) {
            for feed in &rests_on {
                *self.accused.entry(feed.clone()).or_default() += 1;
            }
        }
        if self.revisions.len() == REVISIONS {
            self.revisions.pop_front();
        }
        self.revisions.push_back(Revision {
            number: self.published,
            at,
            rests_on,
            exception: exception.clone(),
        });
    }

    /// The newest revisions, the last one first.
    pub fn newest(&self) -> impl Iterator<Item = &Revision> {
        self.revisions.iter().rev()
    }

    /// Remembers what came of deadlines that had waited.
    pub fn release(&mut self, released: Released) {
        self.released = Some(released);
    }

    /// The last such release, while it is worth a word.
    pub fn released(&self, now: Instant) -> Option<&Released> {
        let last = self.released.as_ref();
        last.filter(|last| last.at.plus(TOLD_FOR) > now)
    }

    /// How many revisions were published.
    pub const fn published(&self) -> u64 {
        self.published
    }

    /// How many revisions accused somebody on the word of a feed.
    pub fn accused(&self, feed: &Source) -> u64 {
        self.accused.get(feed).copied().unwrap_or(0)
    }

    /// Notes how the rules stand, once an hour.
    pub fn note(&mut self, force: Option<&Force>, now: Instant) {
        let is_due = self
            .noted
            .back()
            .is_none_or(|(last, _)| now >= last.plus(NOTED_EVERY));
        let Some(force) = force.filter(|_| is_due) else {
            return;
        };
        self.noted.push_back((now, by_rule(force)));
        while self
            .noted
            .get(1)
            .is_some_and(|(at, _)| at.plus(NOTED_FOR) <= now)
        {
            self.noted.pop_front();
        }
    }

    /// How a rule stood when it was noted a day ago, or as long ago as is known.
    pub fn before(&self, rule: usize) -> Option<Tally> {
        self.noted.front()?.1.get(&rule).copied()
    }
}

/// How each rule stands, all months and parts together.
pub(super) fn by_rule(force: &Force) -> BTreeMap<usize, Tally> {
    let mut rules: BTreeMap<usize, Tally> = BTreeMap::new();
    for (key, tally) in force.tallies() {
        let sum = rules.entry(key.rule).or_default();
        *sum = sum.plus(*tally);
    }
    rules
}
