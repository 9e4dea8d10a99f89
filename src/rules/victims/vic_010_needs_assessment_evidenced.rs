#![doc = include_str!("vic_010_needs_assessment_evidenced.md")]

use super::readings::{
    accuses, care, each_victim, end, first_of, is_assessment, is_known_person, is_untraceable,
    precedes_end, reported_before,
};
use crate::domain::known::{all, any};
use crate::domain::records::{Block, NeedsAssessment, Victim};
use crate::domain::{
    CrimeCase, Elapsed, Finding, Judgement, Known, LondonDay, Missing, Moment, Verdict,
};
use crate::reference::Library;
use crate::rules::{Check, Citation, Effective, Grade, LawOf, Rule, Severity, Status, Yields};
use crate::told;

/// The day on which the Code that brought the assessment came into force.
const FIRST_CODE: LondonDay = LondonDay::of(2013, 12, 10);

/// The card.
pub const RULE: Rule = Rule {
    id: "VIC-010",
    doc: include_str!("vic_010_needs_assessment_evidenced.md"),
    severity: Severity::High,
    grade: Grade::A,
    status: Status::Provisional {
        since: LondonDay::of(2026, 11, 23),
        because: "the Code names no moment; that it must be before the outcome is a reading of ours",
    },
    yields: Yields::Exception,
    concerns: &[
        Block::Core,
        Block::Victims,
        Block::VictimCare,
        Block::Outcomes,
    ],
    law_of: LawOf::ReportedAt,
    effective: Effective::From(FIRST_CODE),
    lead: Elapsed::hours(0),
    findings: &[
        (
            "not_assessed",
            "The crime has an outcome or was finalised, and no assessment of the victim's needs is on record.",
        ),
        (
            "assessed_afterwards",
            "The victim's needs were assessed only after the outcome.",
        ),
        (
            "not_assessed_yet",
            "No assessment of the victim's needs is on record; the investigation is open.",
        ),
    ],
    excuses: &[
        ("untraceable", "The victim cannot be traced."),
        ("refused", "The victim refused the assessment."),
    ],
    sources: &[
        Citation {
            source: "vcode-2020",
            place: "Right 4",
        },
        Citation {
            source: "vcode-2013",
            place: "needs assessment",
        },
        Citation {
            source: "peel-northants-2021",
            place: "Providing a service to victims",
        },
        Citation {
            source: "ours",
            place: "VIC-010: due when an outcome is applied",
        },
    ],
    cause: None,
    check: Check::Crime(check),
};

fn check(case: &CrimeCase<'_>, _: &Library) -> Vec<Judgement> {
    each_victim(case, |victim| judge(case, victim))
}

fn judge(case: &CrimeCase<'_>, victim: &Victim) -> Known<Verdict> {
    // vcode-2013: no earlier Code knew the assessment.
    let too_early = reported_before(case, FIRST_CODE);
    if too_early == Ok(true) || !is_known_person(victim)? {
        return Ok(Verdict::NotApplicable);
    }
    let untraceable = is_untraceable(victim);
    if untraceable == Ok(true) {
        return Ok(Verdict::Excused { by: "untraceable" });
    }
    let verdict = assessed(case, victim)?;
    if accuses(&verdict) {
        untraceable?;
        too_early?;
    }
    Ok(verdict)
}

fn assessed(case: &CrimeCase<'_>, victim: &Victim) -> Known<Verdict> {
    let (entries, told) = care(
        case,
        Some(&victim.victim_ref),
        |care| told!(*care, needs_assessments),
        Missing::leaf("victim_care", "needs_assessments"),
    );
    let accepted = entries
        .iter()
        .filter(|entry| is_assessment(entry) == Ok(true));
    let moments: Vec<Moment> = accepted.filter_map(|entry| entry.at).collect();
    let in_time = any(&moments, |at| precedes_end(case, at));
    if in_time == Ok(true) {
        return Ok(Verdict::MET);
    }
    // vcode-2020 Right 4: the assessment is offered; a refusal with its time answers the offer.
    let refused = any(&entries, |entry| is_refusal(entry));
    if refused == Ok(true) {
        return Ok(Verdict::Excused { by: "refused" });
    }
    told?;
    for entry in &entries {
        is_assessment(entry)?;
    }
    in_time?;
    refused?;
    let Some((field, end)) = end(case)? else {
        // peel-northants-2021: what was counted was no evidence at the end, months later.
        return Ok(Finding::of("not_assessed_yet").advisory([]));
    };
    // ours: the Code names no number of hours, so the outcome is what the assessment must precede.
    let Some(at) = first_of(moments) else {
        let finding = Finding::of("not_assessed").at(field, end);
        return Ok(finding.open(end.latest()));
    };
    // The duty has no hour, so an assessment afterwards makes good and is not late by any.
    let finding = Finding::of("assessed_afterwards")
        .at(field, end)
        .at("victim_care.needs_assessments.at", at);
    Ok(finding.made_good(end.latest(), at))
}

fn is_refusal(entry: &NeedsAssessment) -> Known<bool> {
    let refused = told!(entry, refused).copied();
    all([refused, told!(entry, at).map(|_| true)], |holds| holds)
}
