//! The permitted reasons why a crime that was disclosed is not recorded: a crime-related incident, or
//! a decision on the steps of the recording test, each with its grounds written. Start at
//! [`is_related_incident`] and [`is_decided_otherwise`].

use super::readings::Due;
use crate::domain::known::both;
use crate::domain::names::ReporterRole;
use crate::domain::records::{CriReason, Disclosure, NoCrimeAnswers, Note};
use crate::domain::{IncidentCase, Known, Missing};
use crate::told;

/// Who made the disclosure, else who reported the incident.
pub fn reporter(case: &IncidentCase<'_>, said: &Disclosure) -> Known<ReporterRole> {
    said.made_by
        .map_or_else(|| told!(case.incident.log, reporter_role).copied(), Ok)
}

/// crr-2026 p9: another force's or a directed case; or a report that the victim did not make.
pub fn is_related_incident(case: &IncidentCase<'_>, said: &Disclosure) -> Known<bool> {
    let Some(closure) = &case.incident.closure else {
        return Ok(false);
    };
    let permits = match closure.cri_reason {
        None => false,
        Some(CriReason::Two | CriReason::Three) => true,
        Some(CriReason::OneA | CriReason::OneB) => reporter(case, said)? != ReporterRole::Victim,
    };
    both(Ok(permits), || {
        written(closure.rationale.as_ref(), "closure")
    })
}

/// crr-2026 p11: a step of the recording test is not met, and that was decided while it was due;
/// later it is additional verifiable information: record, then cancel.
pub fn is_decided_otherwise(case: &IncidentCase<'_>, due: &Known<Due>) -> Known<bool> {
    let closure = case.incident.closure.as_ref();
    let Some(decision) = closure.and_then(|closure| closure.no_crime_decision.as_ref()) else {
        return Ok(false);
    };
    both(Ok(decision.answers.as_ref().is_some_and(permit)), || {
        both(
            told!(decision, at).and_then(|at| (*due)?.is_kept(at.earliest(), at.latest())),
            || written(decision.rationale.as_ref(), "closure.no_crime_decision"),
        )
    })
}

fn permit(answers: &NoCrimeAnswers) -> bool {
    let grounds = [
        answers.contrary_evidence,
        answers.other_force,
        answers.direction_not_to_record,
    ];
    let steps = [answers.notifiable, answers.concerns_crime];
    grounds.contains(&Some(true)) || steps.contains(&Some(false))
}

fn written(note: Option<&Note>, path: &'static str) -> Known<bool> {
    let present = note.and_then(|note| note.present);
    present.ok_or(Missing::leaf(path, "rationale"))
}
