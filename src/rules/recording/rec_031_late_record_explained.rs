#![doc = include_str!("rec_031_late_record_explained.md")]

use super::readings::{Due, Lack, Paper, Standing, paper, standing};
use crate::domain::records::Block;
use crate::domain::{CrimeCase, Elapsed, Finding, Judgement, Known, LondonDay, Verdict};
use crate::reference::{Library, LimitName};
use crate::rules::{Check, Citation, Effective, Grade, LawOf, Rule, Severity, Status, Yields};
use crate::told;

/// The card.
pub const RULE: Rule = Rule {
    id: "REC-031",
    doc: include_str!("rec_031_late_record_explained.md"),
    severity: Severity::High,
    grade: Grade::A,
    status: Status::Stable {
        since: LondonDay::of(2026, 11, 23),
    },
    yields: Yields::Exception,
    concerns: &[
        Block::Core,
        Block::Origin,
        Block::Classification,
        Block::Log,
        Block::Disclosures,
        Block::Links,
    ],
    law_of: LawOf::RecordedAt,
    effective: Effective::Undated,
    lead: Elapsed::hours(24),
    findings: &[
        (
            "not_explained",
            "The crime was recorded late, and nothing was written to say why.",
        ),
        (
            "reason_not_accepted",
            "The reason given for the late record is one that explains no delay.",
        ),
        (
            "not_overseen",
            "The delay is explained in writing, and the registrar has not seen it.",
        ),
    ],
    excuses: &[],
    sources: &[Citation {
        source: "crr-2026",
        place: "p10, When to record?",
    }],
    cause: Some("REC-030"),
    check: Check::Crime(check),
};

fn check(case: &CrimeCase<'_>, library: &Library) -> Vec<Judgement> {
    let law_date = case.crime.core.as_ref().and_then(|core| core.recorded_at);
    case.once(law_date, judge(case, library))
}

fn judge(case: &CrimeCase<'_>, library: &Library) -> Known<Verdict> {
    // REC-030 alone speaks of a record in time, of a shell, and of what the limit is not for.
    let Standing::Late {
        recorded, report, ..
    } = standing(case, library)?
    else {
        return Ok(Verdict::NotApplicable);
    };
    let recorded_at = *told!(case.crime.core, recorded_at)?;
    // Ours: the text sets the registrar no time, so this is only how long we wait before we speak.
    let due = Due::after(recorded_at, LimitName::ExplainLateRecordHours, library)?.last();
    // crr-2026 p10: the reason for a delay is written down and the registrar oversees it.
    match paper(case, library) {
        Paper::Complete { overseen } => Ok(Verdict::met_at(overseen, Some(due))),
        Paper::Untold(missing) => Err(missing),
        Paper::Lacking(lack) => {
            let finding = Finding::of(match lack {
                Lack::Explanation => "not_explained",
                Lack::AcceptedReason => "reason_not_accepted",
                Lack::Oversight => "not_overseen",
            });
            let finding = finding.at(report.field, report.start);
            let breach = finding.at(recorded.field, recorded.at).open(due);
            Ok(breach.after(recorded.not_after))
        }
    }
}
