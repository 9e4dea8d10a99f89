//! How crimes end: the mix of outcomes, and what has to be there when one is applied. Start at
//! [`any_code`] and [`CrimeDesign::end`].

use super::chance::Chance;
use super::crime::CrimeDesign;
use super::parts::{Dated, by, exact, word, written};
use crate::domain::names::{Basis, Role};
use crate::domain::records::{Disposal, Outcome, Suspect, SuspectStatus, View};
use crate::domain::{Elapsed, Instant};

/// How crimes with a victim end, in proportion.
const WITH_VICTIM: &[(&str, u32)] = &[
    ("18", 420),
    ("16", 170),
    ("15", 130),
    ("14", 60),
    ("1", 110),
    ("8", 40),
    ("3", 18),
    ("2", 8),
    ("22", 14),
    ("21", 8),
    ("9", 4),
    ("10", 5),
    ("12", 4),
    ("5", 2),
    ("17", 3),
    ("20", 4),
];

/// How crimes against the state end, in proportion.
const WITHOUT_VICTIM: &[(&str, u32)] = &[
    ("1", 40),
    ("7", 22),
    ("3", 12),
    ("22", 10),
    ("21", 6),
    ("8", 6),
    ("18", 4),
];

/// An outcome, as often as it is used.
pub(super) fn any_code(basis: Basis, chance: &mut Chance) -> &'static str {
    match basis {
        Basis::Victim => chance.weighted(WITH_VICTIM),
        Basis::State => chance.weighted(WITHOUT_VICTIM),
    }
}

impl CrimeDesign {
    /// Ends the crime with an outcome, and everything that has to be there before.
    pub(super) fn end(&mut self, code: &str, applied: Instant, chance: &mut Chance) {
        let mut outcome = outcome("o1", code, applied);
        match code {
            "14" => self.position(applied, chance),
            "16" => {
                self.suspected(applied, chance);
                self.position(applied, chance);
            }
            "2" | "2A" | "3" | "3A" | "8" => {
                self.suspected(applied, chance);
                let disposed =
                    chance.after(applied.minus(Elapsed::hours(6)), MINUTE, Elapsed::hours(5));
                outcome.disposal = Some(disposal(code, disposed));
                self.consulted(disposed, chance);
            }
            "18" => self.not_identified(applied, chance),
            "0" | "19" | "21" => {}
            _ => self.suspected(applied, chance),
        }
        self.outcomes.push(Dated::new(applied, outcome));
    }

    /// Replaces the first outcome by another.
    pub(super) fn supersede(&mut self, code: &str, applied: Instant) {
        let mut later = outcome("o2", code, applied);
        later.supersedes = Some("o1".into());
        self.outcomes.push(Dated::new(applied, later));
    }

    /// Links a suspect who is known by name.
    pub(super) fn suspect(&mut self, linked: Instant, chance: &mut Chance) -> &mut Suspect {
        let suspect = Suspect {
            named: Some(true),
            true_identity: Some(true),
            linked_at: exact(linked),
            status: Some(SuspectStatus::Suspect),
            age_at_offence: Some(chance.between(13, 70)),
            ..Suspect::untold(format!("s:k1:{:016x}", chance.any()).into())
        };
        self.suspects.push(Dated::new(linked, suspect));
        &mut self.suspects.last_mut().expect("one was pushed").what
    }

    /// A moment between the recording and an outcome, an hour from either.
    fn before(&self, applied: Instant, chance: &mut Chance) -> Instant {
        let from = self.recorded.plus(Elapsed::hours(1));
        let open = applied.minus(Elapsed::hours(1)).since(from);
        chance.after(from, Elapsed::seconds(0), open)
    }

    fn suspected(&mut self, applied: Instant, chance: &mut Chance) {
        let linked = self.before(applied, chance);
        self.suspect(linked, chance);
    }

    /// Nobody, a description, or somebody who was ruled out: 18 leaves no name.
    fn not_identified(&mut self, applied: Instant, chance: &mut Chance) {
        let linked = self.before(applied, chance);
        match chance.between(1, 10) {
            1 => {
                let ruled_out = applied.minus(Elapsed::minutes(30));
                let suspect = self.suspect(linked, chance);
                suspect.status = Some(SuspectStatus::Eliminated);
                suspect.eliminated_at = exact(ruled_out);
            }
            2 => {
                let suspect = self.suspect(linked, chance);
                (suspect.named, suspect.true_identity) = (Some(false), Some(false));
            }
            _ => {}
        }
    }

    fn position(&mut self, applied: Instant, chance: &mut Chance) {
        let told = self.before(applied, chance);
        if let Some(care) = self.care.first_mut() {
            care.record_position(told, "o1");
        }
    }

    fn consulted(&mut self, disposed: Instant, chance: &mut Chance) {
        let asked = self.before(disposed, chance);
        let view = chance.one_of(&[View::Agrees, View::Agrees, View::Disagrees, View::NoView]);
        if let Some(care) = self.care.first_mut() {
            care.consult(asked, view, 1);
        }
    }
}

const MINUTE: Elapsed = Elapsed::minutes(1);

fn outcome(id: &str, code: &str, applied: Instant) -> Outcome {
    Outcome {
        code: word(code),
        applied_at: exact(applied),
        decided_at: exact(applied),
        decided_by: by(Role::Investigator),
        approved_by: by(Role::Supervisor),
        approved_at: exact(applied),
        rationale: written(applied, Role::Investigator),
        ..Outcome::untold(id.into())
    }
}

fn disposal(code: &str, at: Instant) -> Disposal {
    let kind = if code == "8" {
        "community_resolution"
    } else {
        "caution"
    };
    Disposal {
        kind: word(kind),
        at: exact(at),
        admission: Some(true),
        accepted: Some(true),
        signed: Some(true),
        ..Disposal::untold()
    }
}
