//! What waits for which feed: the deadlines that are held, since when and by whom. For metrics and
//! the console; changes nothing. Start at [`Force::holding`].

use std::collections::{BTreeMap, BTreeSet};

use super::force::Force;
use super::guard::{Shown, stands_from};
use super::judge::Docket;
use super::things::ThingKey;
use crate::domain::names::{RecordKind, Reference, Source, Word};
use crate::domain::{Instant, Verdict};

/// How far the rules that rest on the same feeds may speak, and what waits for them.
#[derive(Clone, PartialEq, Debug)]
pub struct FrontierView {
    /// The feeds they rest on.
    pub feeds: BTreeSet<Source>,
    /// Through when those are proved.
    pub frontier: Instant,
    /// The rules, by id.
    pub rules: Vec<&'static str>,
    /// How many things are looked at again when the frontier is late enough.
    pub things: usize,
    /// The first instant that the frontier has to pass for one of them.
    pub next_due: Option<Instant>,
}

/// A feed on which deadlines wait, since its claim is the least of those they rest on.
#[derive(Clone, PartialEq, Debug)]
pub struct Holding {
    /// The feed.
    pub feed: Source,
    /// Through when it is proved.
    pub through: Instant,
    /// The earliest of the deadlines.
    pub since: Instant,
    /// How many judgements wait.
    pub judgements: usize,
    /// Of how many things.
    pub things: usize,
}

/// What waits for a feed, as it is added up.
#[derive(Default)]
struct Waiting<'a> {
    judgements: usize,
    things: BTreeSet<&'a ThingKey>,
    since: Option<Instant>,
}

/// A duty that is not done, whose breach nobody may speak of before its time is proved.
#[derive(Clone, PartialEq, Debug)]
pub struct Wait {
    /// The kind of record.
    pub record: RecordKind,
    /// The record.
    pub reference: Reference,
    /// The rule.
    pub rule: &'static str,
    /// The duty.
    pub obligation: Word,
    /// What every feed it rests on has to be proved past.
    pub stands_from: Instant,
    /// Those of them that are not.
    pub waits_for: Vec<Source>,
}

impl Force {
    /// Every breach that waits for its time to be proved, whether that time has come or not.
    pub fn waits(&self) -> Vec<Wait> {
        let mut waits = Vec::new();
        for (at, group) in self.groups.iter().enumerate() {
            for (_, key) in &group.timers {
                self.waits_of(key, at, &mut waits);
            }
        }
        waits
    }

    fn waits_of(&self, key: &ThingKey, group: usize, waits: &mut Vec<Wait>) {
        let first_commit = self.first_commit(key);
        let own = self.docket_of(key).into_iter().flat_map(|own| &own.judged);
        for one in own.filter(|one| self.group_of[one.rule] == group) {
            let verdict = &one.judgement.verdict;
            let accuses = matches!(verdict, Verdict::Breach { .. });
            let Some(stands_from) = stands_from(verdict, first_commit)
                .filter(|_| accuses && matches!(one.shown, Shown::Pending { .. }))
            else {
                continue;
            };
            let feeds = self.groups[group].feeds.iter();
            let waits_for = feeds.filter(|feed| self.claims.through(feed) <= stands_from);
            waits.push(Wait {
                record: key.0,
                reference: key.1.clone(),
                rule: self.rules.rules()[one.rule].id,
                obligation: one.judgement.obligation.clone(),
                stands_from,
                waits_for: waits_for.cloned().collect(),
            });
        }
    }

    /// How far the rules may speak, group by group.
    pub fn frontiers_by_feeds(&self) -> impl Iterator<Item = FrontierView> {
        self.groups.iter().enumerate().map(|(at, group)| {
            let rules = self.rules.rules().iter().zip(&self.group_of);
            let own = rules.filter(|(_, group)| **group == at);
            FrontierView {
                feeds: group.feeds.clone(),
                frontier: group.frontier,
                rules: own.map(|(rule, _)| rule.id).collect(),
                things: group.timers.len(),
                next_due: group.timers.first().map(|(at, _)| *at),
            }
        })
    }

    /// The feeds on which deadlines wait that are past at this time, in the order of their names.
    /// Feeds that are equally far behind hold the same deadlines.
    pub fn holding(&self, now: Instant) -> Vec<Holding> {
        let mut waiting: BTreeMap<&Source, Waiting<'_>> = BTreeMap::new();
        for (at, group) in self.groups.iter().enumerate() {
            let least = self.claims.least(group.feeds.iter());
            let mut feeds = group.feeds.iter();
            let behind: Vec<&Source> = feeds
                .by_ref()
                .filter(|feed| self.claims.through(feed) == least)
                .collect();
            // A timer is no later than the deadline that it is for, and earlier where it is to warn.
            for (_, key) in group.timers.iter().take_while(|(due, _)| *due <= now) {
                for due in self.pending(key, at).filter(|due| *due <= now) {
                    for feed in &behind {
                        let held = waiting.entry(feed).or_default();
                        held.judgements += 1;
                        held.things.insert(key);
                        held.since = Some(held.since.map_or(due, |since| since.min(due)));
                    }
                }
            }
        }
        let held = waiting.into_iter();
        held.filter_map(|(feed, held)| {
            Some(Holding {
                feed: feed.clone(),
                through: self.claims.through(feed),
                since: held.since?,
                judgements: held.judgements,
                things: held.things.len(),
            })
        })
        .collect()
    }

    /// The first instant that some frontier has to pass for something to be looked at again.
    pub fn next_due(&self) -> Option<Instant> {
        let groups = self.groups.iter();
        groups
            .filter_map(|group| group.timers.first().map(|(at, _)| *at))
            .min()
    }

    /// What a group's frontier has to pass for each judgement of a thing that waits for it.
    fn pending(&self, key: &ThingKey, group: usize) -> impl Iterator<Item = Instant> {
        let first_commit = self.first_commit(key);
        let docket = self.docket_of(key).into_iter();
        let judged = docket.flat_map(|docket| &docket.judged);
        let waits = judged.filter(|one| matches!(one.shown, Shown::Pending { .. }));
        waits
            .filter(move |one| self.group_of[one.rule] == group)
            .filter_map(move |one| stands_from(&one.judgement.verdict, first_commit))
    }

    fn docket_of(&self, key: &ThingKey) -> Option<&Docket> {
        match key.0 {
            RecordKind::Incident => self.incidents.get(&key.1).map(|thing| &thing.docket),
            _ => self.crimes.get(&key.1).map(|thing| &thing.docket),
        }
    }
}
