//! What waits for one webhook, and what may be forgotten of the topic it comes from.
//!
//! ```text
//!   committed ──── read, waiting or done ──── next ─ ─ ─ not read yet
//!       │◀──────────── window at the most ────▶│
//! ```
//!
//! Of each id only the newest revision waits; an older one is skipped for it and for nothing else. A
//! position is given back for commit when everything before it was taken or put aside. After a start
//! nothing is delivered until the topic is read to its end, or the window is full: whatever was
//! delivered before lies within it, so nothing that is delivered anew is older than what was
//! delivered then. Start at [`Lane::read`] and [`Lane::next`].

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::backoff::Backoff;
use super::revision::Revision;
use super::route::Route;
use crate::domain::Instant;

/// Where a revision stands in the topic.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    /// The partition.
    pub partition: i32,
    /// The offset in it.
    pub offset: i64,
}

/// What waits for one webhook.
#[derive(Clone, Debug)]
pub struct Lane {
    route: Route,
    backoff: Backoff,
    window: i64,
    parts: BTreeMap<i32, Part>,
    waiting: BTreeMap<Uuid, Waiting>,
    /// What waits, by the first place that it stands for.
    order: BTreeSet<(Place, Uuid)>,
    /// What waits, by when it is tried next and then by age.
    turns: BTreeSet<(Instant, Place, Uuid)>,
    /// Open exceptions that the webhook knows of: it is told of the next revision wherever that goes.
    known: BTreeSet<Uuid>,
    failures: u32,
    resume: Instant,
    skipped: u64,
}

/// One partition.
#[derive(Clone, Copy, Debug)]
struct Part {
    committed: i64,
    next: i64,
    is_behind: bool,
}

/// One id that waits.
#[derive(Clone, Debug)]
struct Waiting {
    revision: u32,
    place: Place,
    /// The place of the first revision that this one stands for.
    first: Place,
    since: Instant,
    body: Vec<u8>,
    stays: bool,
    attempts: u32,
    turn: Instant,
}

/// What is to be delivered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Delivery<'a> {
    /// The id of the exception.
    pub id: Uuid,
    /// The revision.
    pub revision: u32,
    /// Where it stands in the topic.
    pub place: Place,
    /// The revision as it was published.
    pub body: &'a [u8],
}

impl Lane {
    /// An empty lane; `window` is how many offsets of a partition may be read and not committed.
    pub fn new(route: Route, backoff: Backoff, window: i64) -> Lane {
        Lane {
            route,
            backoff,
            window: window.max(1),
            parts: BTreeMap::new(),
            waiting: BTreeMap::new(),
            order: BTreeSet::new(),
            turns: BTreeSet::new(),
            known: BTreeSet::new(),
            failures: 0,
            resume: Instant::BEGINNING,
            skipped: 0,
        }
    }

    /// The webhook knows of these exceptions.
    pub fn knows(&mut self, ids: impl Iterator<Item = Uuid>) {
        self.known.extend(ids);
    }

    /// The partition is read from here on: the position that is committed.
    pub fn assigned(&mut self, partition: i32, committed: i64) {
        let part = Part {
            committed,
            next: committed,
            is_behind: true,
        };
        self.parts.insert(partition, part);
    }

    /// Nothing is read any longer; what waits is read again by whoever comes next.
    pub fn let_go(&mut self) {
        self.parts.clear();
        self.waiting.clear();
        self.order.clear();
        self.turns.clear();
    }

    /// True while the partition may be read on.
    pub fn has_room(&self, partition: i32) -> bool {
        let part = self.parts.get(&partition);
        part.is_some_and(|part| part.next - part.committed < self.window)
    }

    /// The partitions that are read.
    pub fn partitions(&self) -> impl Iterator<Item = i32> {
        self.parts.keys().copied()
    }

    /// The partition is read to its end.
    pub fn at_end(&mut self, partition: i32) {
        if let Some(part) = self.parts.get_mut(&partition) {
            part.is_behind = false;
        }
    }

    /// A record was read; of one that is no revision only the place is noted. False if it is not its
    /// turn: it was read before, or its partition is not read here.
    pub fn read(&mut self, place: Place, of: Option<(&Revision, &[u8])>, since: Instant) -> bool {
        let Some(part) = self.parts.get_mut(&place.partition) else {
            return false;
        };
        if place.offset < part.next {
            return false;
        }
        part.next = place.offset + 1;
        if part.next - part.committed >= self.window {
            part.is_behind = false;
        }
        if let Some((revision, body)) = of {
            self.note(place, revision, body, since);
        }
        true
    }

    fn note(&mut self, place: Place, revision: &Revision, body: &[u8], since: Instant) {
        let id = revision.id;
        let takes = self.route.takes(revision);
        if !self.waiting.contains_key(&id) && !takes && !self.known.contains(&id) {
            return;
        }
        let mut waiting = Waiting {
            revision: revision.revision,
            place,
            first: place,
            since,
            body: body.to_vec(),
            stays: takes && revision.state.is_open(),
            attempts: 0,
            turn: Instant::BEGINNING,
        };
        if let Some(older) = self.remove(id) {
            self.skipped += 1;
            waiting.first = older.first;
            waiting.since = older.since;
            waiting.attempts = older.attempts;
            waiting.turn = older.turn;
        }
        self.insert(id, waiting);
    }

    fn insert(&mut self, id: Uuid, waiting: Waiting) {
        self.order.insert((waiting.first, id));
        self.turns.insert((waiting.turn, waiting.first, id));
        self.waiting.insert(id, waiting);
    }

    fn remove(&mut self, id: Uuid) -> Option<Waiting> {
        let waiting = self.waiting.remove(&id)?;
        self.order.remove(&(waiting.first, id));
        self.turns.remove(&(waiting.turn, waiting.first, id));
        Some(waiting)
    }

    /// What is to be delivered now: the oldest whose turn it is.
    pub fn next(&self, now: Instant) -> Option<Delivery<'_>> {
        if now < self.resume || self.parts.values().any(|part| part.is_behind) {
            return None;
        }
        let (turn, _, id) = self.turns.first()?;
        let waiting = self.waiting.get(id).filter(|_| *turn <= now)?;
        Some(Delivery {
            id: *id,
            revision: waiting.revision,
            place: waiting.place,
            body: &waiting.body,
        })
    }

    /// The webhook has taken it.
    pub fn taken(&mut self, id: Uuid) {
        self.failures = 0;
        if let Some(waiting) = self.remove(id) {
            if waiting.stays {
                self.known.insert(id);
            } else {
                self.known.remove(&id);
            }
        }
    }

    /// The webhook refuses it for good: it is put aside, and later revisions of it are tried.
    pub fn refused(&mut self, id: Uuid) {
        self.failures = 0;
        self.remove(id);
    }

    /// The webhook did not take it and may later: not before `at_least`, if it said so. Everything
    /// waits a little, this one longer, so that one that always fails does not hold up the others.
    pub fn failed(&mut self, id: Uuid, at_least: Option<Instant>, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        let least = at_least.unwrap_or(now);
        self.resume = self.backoff.after(self.failures, b"lane", now).max(least);
        let Some(mut waiting) = self.remove(id) else {
            return;
        };
        waiting.attempts = waiting.attempts.saturating_add(1);
        let turn = self.backoff.after(waiting.attempts, id.as_bytes(), now);
        waiting.turn = turn.max(least);
        self.insert(id, waiting);
    }

    /// The positions that may be committed and are not.
    pub fn positions(&self) -> Vec<(i32, i64)> {
        let parts = self.parts.iter().filter_map(|(partition, part)| {
            let at = self.done_through(*partition, part);
            (at > part.committed).then_some((*partition, at))
        });
        parts.collect()
    }

    /// Where everything before was taken, put aside, or goes elsewhere.
    fn done_through(&self, partition: i32, part: &Part) -> i64 {
        let beginning = Place {
            partition,
            offset: i64::MIN,
        };
        let first = self.order.range((beginning, Uuid::nil())..).next();
        match first {
            Some((place, _)) if place.partition == partition => place.offset,
            _ => part.next,
        }
    }

    /// These positions are committed.
    pub fn committed(&mut self, positions: &[(i32, i64)]) {
        for (partition, at) in positions {
            if let Some(part) = self.parts.get_mut(partition) {
                part.committed = *at;
            }
        }
    }

    /// How many attempts have failed in a row.
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// How many wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Since when the longest waits: when it was published.
    pub fn oldest(&self) -> Option<Instant> {
        self.waiting.values().map(|waiting| waiting.since).min()
    }

    /// How many revisions were skipped for a later one since this was asked last.
    pub fn take_skipped(&mut self) -> u64 {
        std::mem::take(&mut self.skipped)
    }
}

#[cfg(test)]
mod tests;
