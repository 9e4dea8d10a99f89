//! A crime as the crime system and the victims' system come to hold it: designed as it stands in the
//! end, with the commit from which each part is held. Start at [`CrimeDesign`].

use super::care::CareDesign;
use super::incident::once;
use super::offences::Offence;
use super::parts::{Dated, by, commits, exact, known, word};
use crate::domain::names::{LinkKind, Reference, Role};
use crate::domain::records::{
    Allocation, Cancellation, CancellationCode, Classification, Core, CrimeBlocks, CrimeKind,
    CrimeStatus, Deleted, Investigation, Note, Origin, Outcome, ReclassificationReason, Risk,
    Suspect, SuspectStatus, Victim, VictimCare,
};
use crate::domain::{Instant, Moment};

/// A crime and its history.
#[derive(Clone, Debug)]
pub(super) struct CrimeDesign {
    pub(super) reference: Reference,
    pub(super) offence: &'static Offence,
    /// What does not change after the first commit.
    pub(super) core: Core,
    /// When a wrong unit is put right, and which stood there until then.
    pub(super) put_right: Option<Dated<&'static str>>,
    /// When its clock started.
    pub(super) start: Instant,
    /// When it was recorded.
    pub(super) recorded: Instant,
    /// The first commit of the crime system, and of the victims' system.
    pub(super) first: Instant,
    pub(super) origin: Vec<Origin>,
    pub(super) classification: Vec<Dated<Classification>>,
    /// A change of class that the history does not tell.
    pub(super) silent: Option<Dated<(&'static str, &'static str)>>,
    pub(super) explained: Option<Note>,
    pub(super) overseen: Option<Instant>,
    pub(super) victims: Vec<Victim>,
    pub(super) care: Vec<CareDesign>,
    pub(super) suspects: Vec<Dated<Suspect>>,
    pub(super) outcomes: Vec<Dated<Outcome>>,
    pub(super) cancellation: Option<Dated<Cancellation>>,
    pub(super) allocated: Vec<Dated<Allocation>>,
    pub(super) risk: Vec<Dated<Risk>>,
    /// Commits that are published late.
    pub(super) held: Vec<Instant>,
    pub(super) gone: Option<Dated<Deleted>>,
}

impl CrimeDesign {
    /// A crime that was recorded, and of which no more is told.
    pub(super) fn recorded(
        reference: Reference,
        offence: &'static Offence,
        (reported, start, recorded): (Instant, Instant, Instant),
    ) -> CrimeDesign {
        let core = Core {
            kind: Some(CrimeKind::Crime),
            reported_at: exact(reported),
            recorded_at: exact(recorded),
            system_created_at: exact(recorded),
            basis: Some(offence.basis),
            recorded_by: by(Role::CrimeRecorder),
            ..Core::nothing_happened()
        };
        let mut crime = CrimeDesign {
            reference,
            offence,
            core,
            put_right: None,
            start,
            recorded,
            first: recorded,
            origin: Vec::new(),
            classification: Vec::new(),
            silent: None,
            explained: None,
            overseen: None,
            victims: Vec::new(),
            care: Vec::new(),
            suspects: Vec::new(),
            outcomes: Vec::new(),
            cancellation: None,
            allocated: Vec::new(),
            risk: Vec::new(),
            held: Vec::new(),
            gone: None,
        };
        crime.classify(recorded, offence);
        crime
    }

    /// Names the incident it came from, and the disclosure it answers.
    pub(super) fn came_from(&mut self, incident: &Reference, disclosure: Option<&str>) {
        self.origin.push(Origin {
            incident: Some(incident.clone()),
            kind: Some(LinkKind::Source),
            disclosure: disclosure.map(Into::into),
        });
    }

    /// Enters a class into the history.
    pub(super) fn classify(&mut self, at: Instant, offence: &Offence) -> &mut Classification {
        self.classify_as(at, (offence.class, offence.code))
    }

    /// Enters a class and a code into the history, as a registrar would.
    pub(super) fn classify_as(
        &mut self,
        at: Instant,
        (class, code): (&str, &str),
    ) -> &mut Classification {
        let entry = Classification {
            class: word(class),
            code: word(code),
            at: exact(at),
            by: by(Role::ForceCrimeRegistrar),
            rationale: super::parts::written(at, Role::ForceCrimeRegistrar),
            reason: Some(ReclassificationReason::FurtherEnquiry),
        };
        self.classification.push(Dated::new(at, entry));
        let last = self.classification.last_mut();
        &mut last.expect("one was pushed").what
    }

    /// Removes the crime.
    pub(super) fn cancel(&mut self, at: Instant, reason: CancellationCode) -> &mut Cancellation {
        let transferred = reason == CancellationCode::C1;
        let removal = Cancellation {
            id: Some("x1".into()),
            reason: Some(reason),
            at: exact(at),
            by: by(Role::ForceCrimeRegistrar),
            rationale: super::parts::written(at, Role::ForceCrimeRegistrar),
            receiving_force: transferred.then(|| "33".into()),
            receiving_ref: transferred.then(|| "33/26/010203".into()),
            ..Cancellation::nothing_happened()
        };
        &mut self.cancellation.insert(Dated::new(at, removal)).what
    }

    /// The first outcome.
    pub(super) fn outcome(&mut self) -> &mut Outcome {
        let first = self.outcomes.first_mut();
        &mut first.expect("the crime was ended").what
    }

    /// Every commit of the crime system, oldest first.
    pub(super) fn commits(&self) -> Vec<Instant> {
        let gone = self.gone.as_ref().map(|gone| gone.from);
        let removed = self.cancellation.as_ref().map(|one| one.from);
        let silent = self.silent.as_ref().map(|one| one.from);
        let put_right = self.put_right.as_ref().map(|one| one.from);
        let events = [gone, removed, silent, put_right, self.overseen];
        let eliminated = self
            .suspects
            .iter()
            .filter_map(|suspect| eliminated(&suspect.what));
        let entries = commits(&self.classification)
            .chain(commits(&self.suspects))
            .chain(commits(&self.outcomes))
            .chain(commits(&self.allocated))
            .chain(commits(&self.risk));
        once(
            self.first,
            events
                .into_iter()
                .flatten()
                .chain(eliminated)
                .chain(entries),
        )
    }

    /// Every commit of the victims' system, oldest first; none where it knows no victim.
    pub(super) fn commits_of_care(&self) -> Vec<Instant> {
        if self.care.is_empty() {
            return Vec::new();
        }
        once(self.first, self.care.iter().flat_map(CareDesign::commits))
    }

    /// What the crime system holds at this commit.
    pub(super) fn held_at(&self, at: Instant) -> CrimeBlocks {
        let removed = self.cancellation.as_ref().filter(|one| one.from <= at);
        let nothing = Cancellation::nothing_happened;
        let suspects = known(&self.suspects, at);
        CrimeBlocks {
            core: Some(self.core_at(at)),
            origin: Some(self.origin.clone()),
            classification: Some(known(&self.classification, at)),
            victims: Some(self.victims.clone()),
            victim_care: None,
            suspects: Some(suspects.into_iter().map(|one| as_seen(one, at)).collect()),
            outcomes: Some(known(&self.outcomes, at)),
            cancellation: Some(removed.map_or_else(nothing, |one| one.what.clone())),
            investigation: Some(Investigation {
                oic: by(Role::Investigator),
                allocated: Some(known(&self.allocated, at)),
                ..Investigation::nothing_happened()
            }),
            risk: Some(known(&self.risk, at)),
        }
    }

    /// What the victims' system holds at this commit.
    pub(super) fn care_at(&self, at: Instant) -> CrimeBlocks {
        let care: Vec<VictimCare> = self.care.iter().map(|care| care.held_at(at)).collect();
        CrimeBlocks {
            victim_care: Some(care),
            ..CrimeBlocks::default()
        }
    }

    fn core_at(&self, at: Instant) -> Core {
        let mut core = self.core.clone();
        core.status = Some(self.status_at(at));
        if let Some(wrong) = self.put_right.as_ref().filter(|one| at < one.from) {
            core.owning_unit = word(wrong.what);
        }
        let silent = self.silent.as_ref().filter(|change| change.from <= at);
        let entered = self.classification.iter().rfind(|entry| entry.from <= at);
        // A record whose class is not in its history has the one of its core, or is a shell.
        if let Some(change) = silent {
            (core.offence_class, core.offence_code) = (word(change.what.0), word(change.what.1));
        } else if let Some(entry) = entered {
            core.offence_class.clone_from(&entry.what.class);
            core.offence_code.clone_from(&entry.what.code);
        } else if core.offence_class.is_none() {
            core.offence_class = word("");
        }
        core.delay_rationale.clone_from(&self.explained);
        core.registrar_oversight_at = self.overseen.filter(|seen| *seen <= at).map(Moment::exact);
        let ended = self.outcomes.first().filter(|outcome| outcome.from <= at);
        core.finalised_at = ended.and_then(|outcome| outcome.what.applied_at);
        core
    }

    fn status_at(&self, at: Instant) -> CrimeStatus {
        match &self.cancellation {
            Some(removal) if removal.from <= at => match removal.what.reason {
                Some(CancellationCode::C1) => CrimeStatus::Transferred,
                _ => CrimeStatus::Cancelled,
            },
            _ => CrimeStatus::Recorded,
        }
    }
}

fn eliminated(suspect: &Suspect) -> Option<Instant> {
    suspect.eliminated_at.map(|at| at.earliest())
}

/// A suspect as the system saw the person then: whoever is eliminated later is a suspect still.
fn as_seen(mut suspect: Suspect, at: Instant) -> Suspect {
    if eliminated(&suspect).is_some_and(|eliminated| eliminated > at) {
        suspect.eliminated_at = None;
        suspect.status = Some(SuspectStatus::Suspect);
    }
    suspect
}
