#![doc = include_str!("rec_030_recorded_within_24_hours.md")]

use super::readings::{Paper, Standing, paper, report, standing};
use crate::domain::records::Block;
use crate::domain::{CrimeCase, Elapsed, Finding, Judgement, Known, LondonDay, Verdict};
use crate::reference::Library;
use crate::rules::{Check, Citation, Effective, Grade, LawOf, Rule, Severity, Status, Yields};

/// The card.
pub const RULE: Rule = Rule {
    id: "REC-030",
    doc: include_str!("rec_030_recorded_within_24_hours.md"),
    severity: Severity::Critical,
    grade: Grade::A,
    status: Status::Provisional {
        since: LondonDay::of(2026, 11, 23),
        because: "no text could be read that says when 72 hours became 24",
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
    law_of: LawOf::ClockStart,
    effective: Effective::Always,
    lead: Elapsed::hours(4),
    findings: &[
        (
            "recorded_late",
            "The crime was recorded after the limit, and the delay is not explained.",
        ),
        (
            "not_classified",
            "The record has no class, so nothing has stopped the clock.",
        ),
    ],
    excuses: &[(
        "REC-031",
        "The delay is explained in writing and the registrar has overseen it.",
    )],
    sources: &[
        Citation {
            source: "crr-2026",
            place: "p10, When to record?",
        },
        Citation {
            source: "hmicfrs-glossary",
            place: "National Crime Recording Standard",
        },
    ],
    cause: None,
    check: Check::Crime(check),
};

fn check(case: &CrimeCase<'_>, library: &Library) -> Vec<Judgement> {
    let law_date = report(case).ok().map(|report| report.start);
    case.once(law_date, judge(case, library))
}

fn judge(case: &CrimeCase<'_>, library: &Library) -> Known<Verdict> {
    // crr-2026 p10, "When to record?": at the latest 24 hours after the report was first received.
    Ok(match standing(case, library)? {
        Standing::OutOfScope => Verdict::NotApplicable,
        Standing::InTime { recorded, due } => Verdict::met_at(recorded.at, Some(due.last())),
        // crr-2026 p13: the class is given when the crime is recorded, so a shell is none yet.
        Standing::Shell { due, report } => Finding::of("not_classified")
            .at(report.field, report.start)
            .open(due.last()),
        // crr-2026 p10: a late record stands excused by a written reason and the registrar's oversight.
        Standing::Late { .. } if matches!(paper(case, library), Paper::Complete { .. }) => {
            Verdict::Excused { by: "REC-031" }
        }
        Standing::Late {
            recorded,
            due,
            report,
        } => Finding::of("recorded_late")
            .at(report.field, report.start)
            .at(recorded.field, recorded.at)
            .late(due.last(), recorded.at)
            .after(recorded.not_after),
    })
}
