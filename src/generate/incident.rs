//! An incident as a dispatch system comes to hold it: designed as it stands in the end, with the
//! commit from which each part is held. Start at [`IncidentDesign`].

use super::parts::{Dated, by, commits, exact, known, word, written};
use crate::domain::names::{LinkKind, Reference, Role};
use crate::domain::records::{
    ClosingScheme, Closure, Deleted, Disclosure, Grade, IncidentBlocks, Link, Log, Response, Triage,
};
use crate::domain::{Elapsed, Instant};

/// How long a caller speaks before the log is opened.
const OPENING: Elapsed = Elapsed::seconds(45);

/// An incident and its history.
#[derive(Clone, Debug)]
pub(super) struct IncidentDesign {
    pub(super) reference: Reference,
    /// When the report was received.
    pub(super) received: Instant,
    /// The log, as it is in the end.
    pub(super) log: Log,
    /// When a time typed wrongly is put right, and what stood there until then.
    pub(super) put_right: Option<Dated<Instant>>,
    pub(super) disclosures: Vec<Dated<Disclosure>>,
    pub(super) triage: Vec<Dated<Triage>>,
    pub(super) grades: Vec<Dated<Grade>>,
    pub(super) arrived: Option<Instant>,
    pub(super) stood_down: Option<Instant>,
    pub(super) called_off: Option<Instant>,
    pub(super) closing: Option<Dated<Closure>>,
    pub(super) links: Vec<Dated<Link>>,
    /// True if the system does not send its links.
    pub(super) links_untold: bool,
    /// Commits that are published late.
    pub(super) held: Vec<Instant>,
    pub(super) gone: Option<Dated<Deleted>>,
}

impl IncidentDesign {
    /// A log that was opened on a report and says nothing yet.
    pub(super) fn opened(reference: Reference, received: Instant) -> IncidentDesign {
        let log = Log {
            received_at: exact(received),
            created_at: exact(received.plus(OPENING)),
            ..Log::nothing_happened()
        };
        IncidentDesign {
            reference,
            received,
            log,
            put_right: None,
            disclosures: Vec::new(),
            triage: Vec::new(),
            grades: Vec::new(),
            arrived: None,
            stood_down: None,
            called_off: None,
            closing: None,
            links: Vec::new(),
            links_untold: false,
            held: Vec::new(),
            gone: None,
        }
    }

    /// When the log was first committed.
    pub(super) fn first(&self) -> Instant {
        self.received.plus(OPENING)
    }

    /// Closes the log under a national category.
    pub(super) fn close(&mut self, at: Instant, category: &str) -> &mut Closure {
        let closure = Closure {
            closed_at: exact(at),
            by: by(Role::CallHandler),
            scheme: Some(ClosingScheme::Nicl),
            category: word(category),
            rationale: written(at, Role::CallHandler),
            ..Closure::nothing_happened()
        };
        &mut self.closing.insert(Dated::new(at, closure)).what
    }

    /// When it was closed.
    pub(super) fn closed(&self) -> Option<Instant> {
        self.closing.as_ref().map(|closing| closing.from)
    }

    /// Names another thing from a commit on.
    pub(super) fn name(&mut self, from: Instant, to: &Reference, kind: LinkKind) {
        let link = Link {
            to: Some(to.clone()),
            kind: Some(kind),
        };
        self.links.push(Dated::new(from, link));
    }

    /// Every commit, oldest first.
    pub(super) fn commits(&self) -> Vec<Instant> {
        let events = [
            self.arrived,
            self.stood_down,
            self.called_off,
            self.closed(),
        ];
        let gone = self.gone.as_ref().map(|gone| gone.from);
        let put_right = self.put_right.as_ref().map(|one| one.from);
        let entries = commits(&self.disclosures)
            .chain(commits(&self.triage))
            .chain(commits(&self.grades))
            .chain(commits(&self.links));
        once(
            self.first(),
            events
                .into_iter()
                .flatten()
                .chain(gone)
                .chain(put_right)
                .chain(entries),
        )
    }

    fn log_at(&self, at: Instant) -> Log {
        let mut log = self.log.clone();
        if let Some(wrong) = self.put_right.as_ref().filter(|one| at < one.from) {
            log.received_at = exact(wrong.what);
        }
        log
    }

    /// What the system holds at this commit.
    pub(super) fn held_at(&self, at: Instant) -> IncidentBlocks {
        let moment = |event: Option<Instant>| exact(event.filter(|event| *event <= at)?);
        let grades = known(&self.grades, at);
        let response = Response {
            grades: Some(grades),
            dispatched_at: moment(
                self.arrived
                    .map(|arrived| arrived.minus(Elapsed::minutes(2))),
            ),
            arrived_at: moment(self.arrived),
            arrival_entered_at: moment(self.arrived),
            stood_down_at: moment(self.stood_down),
            cancelled_by_caller_at: moment(self.called_off),
            ..Response::nothing_happened()
        };
        let closing = self.closing.as_ref().filter(|closing| closing.from <= at);
        IncidentBlocks {
            log: Some(self.log_at(at)),
            disclosures: Some(known(&self.disclosures, at)),
            triage: Some(known(&self.triage, at)),
            response: Some(response),
            closure: Some(closing.map_or_else(Closure::nothing_happened, |one| one.what.clone())),
            links: (!self.links_untold).then(|| known(&self.links, at)),
        }
    }
}

/// The commits of a thing, oldest first: what was there before the first is in the first.
pub(super) fn once(first: Instant, rest: impl Iterator<Item = Instant>) -> Vec<Instant> {
    let mut commits: Vec<Instant> = rest.filter(|commit| *commit > first).collect();
    commits.push(first);
    commits.sort_unstable();
    commits.dedup();
    commits
}
