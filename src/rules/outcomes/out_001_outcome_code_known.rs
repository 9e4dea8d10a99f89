#![doc = include_str!("out_001_outcome_code_known.md")]

use super::readings::{NOT_YET_ASSIGNED, each_outcome};
use crate::domain::records::{Block, Outcome};
use crate::domain::{CrimeCase, Elapsed, Finding, Judgement, Known, LondonDay, Verdict};
use crate::reference::Library;
use crate::rules::{Check, Citation, Effective, Grade, LawOf, Rule, Severity, Status, Yields};
use crate::told;

/// The card.
pub const RULE: Rule = Rule {
    id: "OUT-001",
    doc: include_str!("out_001_outcome_code_known.md"),
    severity: Severity::Critical,
    grade: Grade::A,
    status: Status::Stable {
        since: LondonDay::of(2026, 11, 23),
    },
    yields: Yields::Exception,
    concerns: &[Block::Core, Block::Outcomes],
    law_of: LawOf::AppliedAt,
    effective: Effective::Always,
    lead: Elapsed::hours(0),
    findings: &[
        ("empty_code", "An outcome was entered without a code."),
        (
            "unknown_code",
            "The outcome's code is none of the framework.",
        ),
    ],
    excuses: &[],
    sources: &[
        Citation {
            source: "outcomes-2026",
            place: "pp9-24, the outcome types",
        },
        Citation {
            source: "crr-2026",
            place: "pp18-24, outcomes",
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
    // outcomes-data-2025, types: 0 says that no outcome is assigned yet; OUT-012 owns a final one.
    if code == NOT_YET_ASSIGNED {
        return Ok(Verdict::NotApplicable);
    }
    // outcomes-2026 pp9-24: the types and no others; whether it was one on that day is OUT-002's.
    if library.outcome(code).is_some() {
        return Ok(Verdict::MET);
    }
    let finding = if code.is_empty() {
        Finding::of("empty_code")
    } else {
        Finding::of("unknown_code").value("outcomes.code", code)
    };
    Ok(finding.plain(case.superseded(outcome)))
}
