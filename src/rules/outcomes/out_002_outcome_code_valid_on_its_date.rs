#![doc = include_str!("out_002_outcome_code_valid_on_its_date.md")]

use super::readings::{NOT_YET_ASSIGNED, each_outcome};
use crate::domain::records::{Block, Outcome};
use crate::domain::{CrimeCase, Elapsed, Finding, Judgement, Known, LondonDay, Verdict};
use crate::reference::{Confidence, Library};
use crate::rules::{Check, Citation, Effective, Grade, LawOf, Rule, Severity, Status, Yields};
use crate::told;

/// The card.
pub const RULE: Rule = Rule {
    id: "OUT-002",
    doc: include_str!("out_002_outcome_code_valid_on_its_date.md"),
    severity: Severity::High,
    grade: Grade::A,
    status: Status::Provisional {
        since: LondonDay::of(2026, 11, 23),
        because: "of the editions before 2026 only contents pages could be read",
    },
    yields: Yields::Exception,
    concerns: &[Block::Core, Block::Outcomes],
    law_of: LawOf::AppliedAt,
    // Each code has a first day of its own, in the table of outcome types.
    effective: Effective::Always,
    lead: Elapsed::hours(0),
    findings: &[(
        "before_its_start",
        "The outcome was applied before its code could be used.",
    )],
    excuses: &[],
    sources: &[
        Citation {
            source: "outcomes-section-h",
            place: "contents, recorded crime outcomes",
        },
        Citation {
            source: "outcomes-21-22",
            place: "introduction of 21, 22 and 23",
        },
        Citation {
            source: "child-knife-2026",
            place: "opening",
        },
        Citation {
            source: "outcomes-2026",
            place: "pp9-24, the outcome types",
        },
    ],
    cause: None,
    check: Check::Crime(check),
};

fn check(case: &CrimeCase<'_>, library: &Library) -> Vec<Judgement> {
    each_outcome(case, |outcome| judge(case, outcome, library))
}

fn judge(case: &CrimeCase<'_>, outcome: &Outcome, library: &Library) -> Known<Verdict> {
    let code = told!(outcome, code)?.as_str();
    // OUT-012 owns a final 0, OUT-001 a code that is none.
    let Some(kind) = library.outcome(code).filter(|_| code != NOT_YET_ASSIGNED) else {
        return Ok(Verdict::NotApplicable);
    };
    let applied = *told!(outcome, applied_at)?;
    if applied.on_or_after(kind.valid_from)? {
        return Ok(Verdict::MET);
    }
    let early = Finding::of("before_its_start")
        .value("outcomes.code", code)
        .at("outcomes.applied_at", applied);
    // recollection: the first days of 1A, 2A, 3A and 20 stand in no text, so nobody is accused.
    if kind.cited.confidence == Confidence::Low {
        return Ok(early.advisory([applied.latest()]));
    }
    // child-knife-2026: 23 was announced on 12 February 2026, and some began to use it then.
    if let Some(announced) = kind.advisory_from
        && applied.on_or_after(announced)?
    {
        return Ok(early.advisory([applied.latest()]));
    }
    // outcomes-section-h, outcomes-21-22, outcomes-2026: the first days of the other types.
    let breach = early.plain(case.superseded(outcome));
    Ok(breach.after(applied.latest()))
}
