//! What stands: the newest revision of every open exception, and what was closed within a day.
//! Holds no more than is open, and a few words of each that closed. Start at [`Book::note`].

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::revision::Revision;
use super::route::Route;
use crate::domain::exception::State;
use crate::domain::{Elapsed, ForceCode, Instant, Word};

/// How long what was closed is remembered: "since yesterday".
pub const DAY: Elapsed = Elapsed::hours(24);

/// What stands.
#[derive(Clone, Debug, Default)]
pub struct Book {
    open: BTreeMap<Uuid, Standing>,
    closed: BTreeMap<Uuid, Standing>,
    /// What was closed before is not remembered.
    since: Instant,
    changes: u64,
}

/// An exception as it stands.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Its newest revision.
    pub revision: Revision,
    /// When that was published.
    pub at: Instant,
}

impl Book {
    /// Takes the next revision of the topic, which was published then. What comes later holds: where
    /// the state of validation was lost, revisions begin at 1 again.
    pub fn note(&mut self, revision: Revision, at: Instant) {
        let id = revision.id;
        self.changes += 1;
        if revision.state.is_open() {
            self.closed.remove(&id);
            self.open.insert(id, Standing { revision, at });
            return;
        }
        let before = self.open.remove(&id).map(|standing| standing.revision);
        if at >= self.since {
            let revision = completed(revision, before);
            self.closed.insert(id, Standing { revision, at });
        }
    }

    /// Takes it that an exception is no longer published at all.
    pub fn forget(&mut self, id: Uuid) {
        if self.open.remove(&id).is_some() {
            self.changes += 1;
        }
    }

    /// Lets go of what was closed more than a day before now, and takes no more of it.
    pub fn tidy(&mut self, now: Instant) {
        self.since = now.minus(DAY);
        self.closed.retain(|_, closed| closed.at >= self.since);
    }

    /// Rises with every change.
    pub const fn changes(&self) -> u64 {
        self.changes
    }

    /// Every open exception, by id.
    pub fn open(&self) -> impl Iterator<Item = &Standing> {
        self.open.values()
    }

    /// The open exceptions of a route.
    pub fn of<'a>(&'a self, route: &'a Route) -> impl Iterator<Item = &'a Revision> {
        let open = self.open.values().map(|standing| &standing.revision);
        open.filter(|revision| route.takes(revision))
    }

    /// What was closed or made good since then, of a route.
    pub fn done<'a>(
        &'a self,
        route: &'a Route,
        since: Instant,
    ) -> impl Iterator<Item = &'a Revision> {
        let good = self.open.values();
        let good = good.filter(|standing| standing.revision.state == State::Remedied);
        let done = self.closed.values().chain(good);
        let done = done.filter(move |standing| standing.at >= since);
        done.map(|standing| &standing.revision)
            .filter(|revision| route.takes(revision))
    }

    /// How many are open, by force.
    pub fn sizes(&self) -> BTreeMap<ForceCode, usize> {
        let mut sizes = BTreeMap::new();
        for standing in self.open.values() {
            *sizes.entry(standing.revision.force.clone()).or_default() += 1;
        }
        sizes
    }

    /// The units that open exceptions name.
    pub fn units(&self) -> BTreeSet<Word> {
        let units = self.open.values();
        units
            .filter_map(|standing| standing.revision.owning_unit.clone())
            .collect()
    }
}

/// A closing revision with what was told before: of a record that is gone nothing is told any longer.
fn completed(mut closing: Revision, before: Option<Revision>) -> Revision {
    if let Some(before) = before {
        closing.owning_unit = closing.owning_unit.or(before.owning_unit);
        closing.offence_group = closing.offence_group.or(before.offence_group);
        closing.domestic_abuse = closing.domestic_abuse.or(before.domestic_abuse);
    }
    closing
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::revision::tests::told;
    use super::*;

    const NOON: Instant = Instant::from_millis(1_775_000_000_000);

    #[test]
    fn the_last_revision_stands() {
        let mut book = Book::default();
        let stands = |book: &Book| book.open().next().map(|one| one.revision.revision);
        book.note(told(1, 1, json!({})), NOON);
        book.note(told(1, 2, json!({})), NOON);
        assert_eq!((stands(&book), book.changes()), (Some(2), 2));
        book.note(told(1, 3, json!({"state": "met"})), NOON);
        assert_eq!(book.open().count(), 0);
        book.note(told(1, 4, json!({})), NOON);
        assert_eq!(book.sizes(), BTreeMap::from([("kent".into(), 1)]));
        book.note(told(1, 1, json!({})), NOON);
        assert_eq!(stands(&book), Some(1), "validation began anew");
        book.forget(Uuid::from_u128(1));
        assert_eq!(book.open().count(), 0);
    }

    #[test]
    fn what_closed_is_remembered_for_a_day_with_the_unit_it_had() {
        let mut book = Book::default();
        let gone = json!({"state": "superseded", "owning_unit": null});
        book.note(told(1, 1, json!({})), NOON);
        book.note(told(1, 2, gone), NOON);
        book.note(told(2, 1, json!({"state": "remedied"})), NOON);
        book.note(told(3, 1, json!({})), NOON);
        let west = Route {
            units: ["west".into()].into(),
            ..Route::default()
        };
        let east = Route {
            units: ["east".into()].into(),
            ..Route::default()
        };
        let done = |route: &Route, since| book.done(route, since).count();
        assert_eq!((done(&west, NOON), done(&east, NOON)), (2, 0));
        assert_eq!(done(&west, NOON.plus(Elapsed::seconds(1))), 0);
        let mut later = book.clone();
        later.tidy(NOON.plus(DAY));
        assert_eq!(later.done(&west, NOON).count(), 2);
        later.tidy(NOON.plus(DAY).plus(Elapsed::seconds(1)));
        assert_eq!(
            later.done(&west, NOON).count(),
            1,
            "the remedied one is open"
        );
    }
}
