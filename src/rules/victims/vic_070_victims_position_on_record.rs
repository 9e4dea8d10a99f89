#![doc = include_str!("vic_070_victims_position_on_record.md")]

use super::readings::{any_told_first, care, each_outcome, first_of};
use crate::domain::known::all;
use crate::domain::names::Basis;
use crate::domain::records::{Block, Outcome, SupportKind, SupportRecord};
use crate::domain::{CrimeCase, Elapsed, Finding, Judgement, Known, LondonDay, Missing, Verdict};
use crate::reference::Library;
use crate::rules::{Check, Citation, Effective, Grade, LawOf, Rule, Severity, Status, Yields};
use crate::told;

/// The card.
pub const RULE: Rule = Rule {
    id: "VIC-070",
    doc: include_str!("vic_070_victims_position_on_record.md"),
    severity: Severity::High,
    grade: Grade::A,
    status: Status::Stable {
        since: LondonDay::of(2026, 11, 23),
    },
    yields: Yields::Exception,
    concerns: &[Block::Core, Block::Outcomes, Block::VictimCare],
    law_of: LawOf::AppliedAt,
    effective: Effective::Undated,
    lead: Elapsed::hours(0),
    findings: &[
        (
            "not_on_record",
            "No sufficient record of the victim's position existed when the outcome was applied.",
        ),
        (
            "recorded_afterwards",
            "The victim's position was put on record only after the outcome was applied.",
        ),
        (
            "not_endorsed",
            "The victim's position is on record, but the victim has not endorsed the record.",
        ),
    ],
    excuses: &[],
    sources: &[
        Citation {
            source: "peel-northants-2021",
            place: "Providing a service to victims",
        },
        Citation {
            source: "outcomes-2026",
            place: "pp17-19, outcomes 14 and 16",
        },
    ],
    cause: None,
    check: Check::Crime(check),
};

fn check(case: &CrimeCase<'_>, library: &Library) -> Vec<Judgement> {
    each_outcome(case, |outcome| judge(case, outcome, library))
}

fn judge(case: &CrimeCase<'_>, outcome: &Outcome, library: &Library) -> Known<Verdict> {
    if !matches!(told!(outcome, code)?.as_str(), "14" | "16") {
        return Ok(Verdict::NotApplicable);
    }
    // outcomes-2026 p17: 14 and 16 speak of a victim; against the state they are OUT-117's.
    let basis = told!(case.crime.core, basis);
    if basis == Ok(&Basis::State) {
        return Ok(Verdict::NotApplicable);
    }
    let applied = *told!(outcome, applied_at)?;
    let (mut records, told) = care(
        case,
        None,
        |care| told!(*care, support_records),
        Missing::leaf("victim_care", "support_records"),
    );
    records.retain(|record| {
        record
            .outcome_id
            .as_ref()
            .is_none_or(|id| *id == outcome.id)
    });
    let strict = library.profile().asks_reason(RULE.id);
    let enough = |record: &SupportRecord| is_enough(record, strict);
    let by_then = |record: &SupportRecord| told!(*record, at)?.at_or_before(&applied);
    // outcomes-2026 pp17-19, peel-northants-2021: an auditable record, there when the outcome is.
    let in_time = any_told_first(&records, |record| {
        all([enough(record), by_then(record)], |holds| holds)
    });
    if in_time == Ok(true) {
        return Ok(Verdict::MET);
    }
    told?;
    in_time?;
    // outcomes-2026 pp17-19: nationally a record that only the officer vouches for is still one.
    let noted = any_told_first(&records, |record| Ok(!strict && by_then(record)?));
    if noted? {
        let advisory = Finding::of("not_endorsed").at("outcomes.applied_at", applied);
        return Ok(advisory.advisory([applied.latest()]));
    }
    basis?;
    let mut backfilled = Vec::new();
    for record in records {
        let counts = !strict || enough(record)?;
        let late = record.at.filter(|_| counts && by_then(record) == Ok(false));
        backfilled.extend(late);
    }
    let breach = |code| Finding::of(code).at("outcomes.applied_at", applied);
    Ok(match first_of(backfilled) {
        Some(at) => breach("recorded_afterwards")
            .at("victim_care.support_records.at", at)
            .late(applied.latest(), at),
        None => breach("not_on_record").open(applied.latest()),
    })
}

/// Endorsed by the victim, and with a reason where the profile asks for one (else VIC-071's).
fn is_enough(record: &SupportRecord, with_reason: bool) -> Known<bool> {
    let reason = told!(record, reason_code).map(|reason| !reason.as_str().is_empty());
    let conditions = [
        told!(record, endorsed).copied(),
        // peel-northants-2021: the officer's own note is not the victim's word.
        told!(record, kind).map(|kind| *kind != SupportKind::OfficerNote),
        if with_reason { reason } else { Ok(true) },
    ];
    all(conditions, |holds| holds)
}
