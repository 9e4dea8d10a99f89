//! How the class and code of a crime changed: what its history admits, and what only the ledger or
//! the record itself shows. Does not say whether a change was right. Start at [`Changes::of`].

use std::fmt;

use crate::domain::names::Word;
use crate::domain::records::Classification;
use crate::domain::{CrimeCase, Moment};

/// A class and code, as a ledger row, an entry of the history or the record has them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Step<'a> {
    /// The class; never empty, since a shell is no step.
    pub class: &'a str,
    /// The code; empty where none is told.
    pub code: &'a str,
}

/// One change of class or code.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Change<'a> {
    /// What it was.
    pub from: Step<'a>,
    /// What it became.
    pub to: Step<'a>,
    /// When it was made, or else when the first version that shows it was committed.
    pub at: Option<Moment>,
    /// The entry of the history that admits it; none if the change is silent.
    pub admitted: Option<&'a Classification>,
}

/// Every change of a crime's class or code that can be seen.
#[derive(Clone, PartialEq, Debug)]
pub struct Changes<'a> {
    /// What the history admits, in its order.
    pub admitted: Vec<Change<'a>>,
    /// What the versions show and the history does not know of, in the order of the versions.
    pub silent: Vec<Change<'a>>,
    /// True if the history is told, with the class of every entry.
    pub history_is_told: bool,
}

type Entry<'a> = (Option<Step<'a>>, &'a Classification);
type Shown<'a> = (Step<'a>, Moment);

impl<'a> Step<'a> {
    fn of(class: Option<&'a Word>, code: Option<&'a Word>) -> Option<Step<'a>> {
        let class = class.map(Word::as_str).filter(|class| !class.is_empty())?;
        let code = code.map_or("", Word::as_str);
        Some(Step { class, code })
    }

    /// The same class, and no other code: a code that is not told contradicts none.
    pub fn agrees(&self, other: &Step<'_>) -> bool {
        let either_is_empty = self.code.is_empty() || other.code.is_empty();
        self.class == other.class && (either_is_empty || self.code == other.code)
    }
}

impl fmt::Display for Step<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.class, self.code)
    }
}

impl<'a> Changes<'a> {
    /// The changes of this crime.
    pub fn of(case: &CrimeCase<'a>) -> Changes<'a> {
        let crime = case.crime;
        let entries = crime.classification.as_deref();
        let history: Vec<Entry<'a>> = entries
            .into_iter()
            .flatten()
            .map(|entry| (Step::of(entry.class.as_ref(), entry.code.as_ref()), entry))
            // An entry without a class is a shell and no step; one whose class is not told hides two.
            .filter(|(step, entry)| step.is_some() || entry.class.is_none())
            .collect();
        let shown = shown(case);
        Changes {
            admitted: admitted(&history, &shown),
            silent: silent(case, &history, &shown),
            history_is_told: entries.is_some() && history.iter().all(|(step, _)| step.is_some()),
        }
    }

    /// True if the class or code was never seen to change.
    pub fn are_none(&self) -> bool {
        self.admitted.is_empty() && self.silent.is_empty()
    }
}

/// What each version seen had, and when it was committed.
fn shown<'a>(case: &CrimeCase<'a>) -> Vec<Shown<'a>> {
    let ledger: &'a [_] = case.ledger;
    let rows = ledger.iter().filter_map(|row| {
        let watched = row.watched.as_ref()?;
        let step = Step::of(watched.class.as_ref(), watched.code.as_ref())?;
        Some((step, row.committed_at))
    });
    rows.collect()
}

fn admitted<'a>(history: &[Entry<'a>], shown: &[Shown<'a>]) -> Vec<Change<'a>> {
    let mut changes = Vec::new();
    for pair in history.windows(2) {
        let [(Some(from), _), (Some(to), entry)] = pair else {
            continue;
        };
        if !from.agrees(to) {
            let first_shown = shown.iter().find(|(step, _)| step.agrees(to));
            changes.push(Change {
                from: *from,
                to: *to,
                at: entry.at.or(first_shown.map(|(_, committed)| *committed)),
                admitted: Some(entry),
            });
        }
    }
    changes
}

fn silent<'a>(case: &CrimeCase<'a>, history: &[Entry<'a>], shown: &[Shown<'a>]) -> Vec<Change<'a>> {
    let mut changes: Vec<Change<'a>> = Vec::new();
    for pair in shown.windows(2) {
        let ((from, _), (to, committed)) = (pair[0], pair[1]);
        if !from.agrees(&to) && !explains(history, from, to) {
            changes.push(Change {
                from,
                to,
                at: Some(committed),
                admitted: None,
            });
        }
    }
    // Whatever the versions show, the record must be what its own last entry says.
    let crime = case.crime;
    let core = crime.core.as_ref();
    let core =
        core.and_then(|core| Step::of(core.offence_class.as_ref(), core.offence_code.as_ref()));
    let last = history.last().and_then(|(step, _)| *step);
    if let (Some(from), Some(to)) = (last, core) {
        let is_seen = |seen: &Change<'_>| seen.from.agrees(&from) && seen.to.agrees(&to);
        if !from.agrees(&to) && !changes.iter().any(is_seen) {
            let newest_run = shown.iter().rev().take_while(|(step, _)| step.agrees(&to));
            changes.push(Change {
                from,
                to,
                at: newest_run.last().map(|(_, committed)| *committed),
                admitted: None,
            });
        }
    }
    changes
}

/// Does the history go from one step to the other, directly or by way of others?
fn explains(history: &[Entry<'_>], from: Step<'_>, to: Step<'_>) -> bool {
    let mut after = history
        .iter()
        .skip_while(|(step, _)| !step.is_some_and(|step| step.agrees(&from)))
        .skip(1);
    after.any(|(step, _)| step.is_some_and(|step| step.agrees(&to)))
}
