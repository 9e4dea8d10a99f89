//! The small parts of records, and what is known of a list at one time. Start at [`Dated`].

use crate::domain::names::{Role, Word};
use crate::domain::records::{Actor, Note};
use crate::domain::{Instant, Moment};

/// An entry that a system holds from one commit on.
#[derive(Clone, Debug)]
pub(super) struct Dated<T> {
    /// The commit.
    pub(super) from: Instant,
    /// The entry.
    pub(super) what: T,
}

impl<T> Dated<T> {
    /// Held from the very moment it speaks of.
    pub(super) const fn new(from: Instant, what: T) -> Dated<T> {
        Dated { from, what }
    }
}

/// The entries a system holds at this commit, in their order.
pub(super) fn known<T: Clone>(entries: &[Dated<T>], at: Instant) -> Vec<T> {
    let held = entries.iter().filter(|entry| entry.from <= at);
    held.map(|entry| entry.what.clone()).collect()
}

/// The commits of a list.
pub(super) fn commits<T>(entries: &[Dated<T>]) -> impl Iterator<Item = Instant> {
    entries.iter().map(|entry| entry.from)
}

/// A moment to the second.
pub(super) const fn exact(at: Instant) -> Option<Moment> {
    Some(Moment::exact(at))
}

/// A code or category.
pub(super) fn word(text: &str) -> Option<Word> {
    Some(text.into())
}

/// Somebody of this role.
pub(super) fn by(role: Role) -> Option<Actor> {
    let role = Some(role);
    Some(Actor {
        role,
        ..Actor::untold()
    })
}

/// Something written then, by somebody of this role.
pub(super) fn written(at: Instant, role: Role) -> Option<Note> {
    Some(Note {
        present: Some(true),
        at: exact(at),
        by: by(role),
        ..Note::untold()
    })
}

/// Nothing written, and the system says so.
pub(super) fn not_written() -> Option<Note> {
    let present = Some(false);
    Some(Note {
        present,
        ..Note::untold()
    })
}
