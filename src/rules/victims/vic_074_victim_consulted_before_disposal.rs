#![doc = include_str!("vic_074_victim_consulted_before_disposal.md")]

use super::readings::{
    accuses, any_told_first, belongs, care, each_outcome, first_of, is_asked, is_nobody, is_state,
    is_tried,
};
use crate::domain::known::all;
use crate::domain::names::Basis;
use crate::domain::records::{Block, Consultation, Outcome};
use crate::domain::{CrimeCase, Elapsed, Finding, Judgement, Known, LondonDay, Missing, Verdict};
use crate::reference::Library;
use crate::rules::{Check, Citation, Effective, Grade, LawOf, Rule, Severity, Status, Yields};
use crate::{told, told_list};

/// The card.
pub const RULE: Rule = Rule {
    id: "VIC-074",
    doc: include_str!("vic_074_victim_consulted_before_disposal.md"),
    severity: Severity::High,
    grade: Grade::A,
    status: Status::Stable {
        since: LondonDay::of(2026, 11, 23),
    },
    yields: Yields::Exception,
    concerns: &[
        Block::Core,
        Block::Victims,
        Block::Outcomes,
        Block::VictimCare,
    ],
    law_of: LawOf::AppliedAt,
    effective: Effective::Undated,
    lead: Elapsed::hours(0),
    findings: &[
        (
            "not_consulted",
            "The victim was not consulted before the offender was disposed of.",
        ),
        (
            "consulted_afterwards",
            "The victim was consulted only after the disposal.",
        ),
    ],
    excuses: &[
        ("no_identifiable_victim", "No victim could be asked."),
        ("attempts", "The victim was tried and not reached."),
    ],
    sources: &[
        Citation {
            source: "peel-northants-2021",
            place: "Providing a service to victims",
        },
        Citation {
            source: "outcomes-2026",
            place: "p10, cautions",
        },
        Citation {
            source: "avon-resolution-policy",
            place: "the victim's part",
        },
    ],
    cause: None,
    check: Check::Crime(check),
};

fn check(case: &CrimeCase<'_>, _: &Library) -> Vec<Judgement> {
    each_outcome(case, |outcome| judge(case, outcome))
}

fn judge(case: &CrimeCase<'_>, outcome: &Outcome) -> Known<Verdict> {
    let code = told!(outcome, code)?.as_str();
    // outcomes-2026 p10, peel-northants-2021: cautions of either age, and community resolutions.
    if !matches!(code, "2" | "2A" | "3" | "3A" | "8") {
        return Ok(Verdict::NotApplicable);
    }
    let of_state = told!(case.crime.core, basis).map(|basis| *basis == Basis::State);
    let victims = told_list!(case.crime.victims, kind);
    let states =
        victims.and_then(|victims| all(victims, is_state).map(|all| all && !victims.is_empty()));
    if of_state == Ok(true) || states == Ok(true) {
        return Ok(Verdict::NotApplicable);
    }
    // outcomes-2026 p10: nobody is consulted where no victim can be identified.
    let nobody = match victims {
        Ok([]) => of_state.map(|of_state| !of_state),
        victims => victims.and_then(|victims| all(victims, is_nobody)),
    };
    if nobody == Ok(true) {
        return Ok(Verdict::Excused {
            by: "no_identifiable_victim",
        });
    }
    let verdict = consulted(case, outcome)?;
    if accuses(&verdict) {
        nobody?;
        of_state?;
        told!(outcome, applied_at)?;
    }
    Ok(verdict)
}

fn consulted(case: &CrimeCase<'_>, outcome: &Outcome) -> Known<Verdict> {
    let disposed = told!(outcome.disposal, at).copied();
    let applied = told!(outcome, applied_at).copied();
    let (entries, told) = care(
        case,
        None,
        |care| told!(*care, consultations),
        Missing::leaf("victim_care", "consultations"),
    );
    // A disposal comes no later than its outcome, so what is after the outcome is surely after it.
    let by_disposal = |entry: &Consultation| match disposed {
        Ok(disposed) => told!(*entry, at)?.at_or_before(&disposed),
        Err(leaf) => match (told!(*entry, at)?, applied) {
            (at, Ok(applied)) if at.at_or_before(&applied) == Ok(false) => Ok(false),
            _ => Err(leaf),
        },
    };
    let asked =
        |entry: &Consultation| all([belongs(entry, outcome), is_asked(entry)], |holds| holds);
    let in_time = any_told_first(&entries, |entry| {
        all([asked(entry), by_disposal(entry)], |holds| holds)
    });
    if in_time == Ok(true) {
        return Ok(Verdict::MET);
    }
    // outcomes-2026 p10: attempts on record excuse, if they were made before the disposal.
    let limit = disposed.or(applied);
    let tried = any_told_first(&entries, |entry| {
        let by_then = told!(*entry, at).and_then(|at| at.at_or_before(&limit?));
        all(
            [belongs(entry, outcome), is_tried(entry), by_then],
            |holds| holds,
        )
    });
    if tried == Ok(true) {
        return Ok(Verdict::Excused { by: "attempts" });
    }
    told?;
    in_time?;
    tried?;
    let mut afterwards = Vec::new();
    for entry in entries {
        if by_disposal(entry) == Ok(false) && asked(entry)? {
            afterwards.extend(entry.at);
        }
    }
    let limit = limit?;
    let field = disposed.map_or("outcomes.applied_at", |_| "outcomes.disposal.at");
    let breach = |code| Finding::of(code).at(field, limit);
    Ok(match (first_of(afterwards), disposed) {
        (None, _) => breach("not_consulted").open(limit.latest()),
        (Some(at), Ok(_)) => breach("consulted_afterwards").late(limit.latest(), at),
        // How late cannot be said while the disposal has no time.
        (Some(at), Err(_)) => breach("consulted_afterwards").made_good(limit.latest(), at),
    })
}
