#![doc = include_str!("out_022_no_suspect_named_under_18.md")]

use super::readings::each_outcome;
use crate::domain::known::all;
use crate::domain::records::{Block, Outcome, Suspect, SuspectStatus};
use crate::domain::{
    CrimeCase, Elapsed, Finding, Judgement, Known, LondonDay, Missing, Moment, Verdict,
};
use crate::reference::Library;
use crate::rules::{Check, Citation, Effective, Grade, LawOf, Rule, Severity, Status, Yields};
use crate::{happened, told, told_list};

/// The card.
pub const RULE: Rule = Rule {
    id: "OUT-022",
    doc: include_str!("out_022_no_suspect_named_under_18.md"),
    severity: Severity::High,
    grade: Grade::A,
    status: Status::Stable {
        since: LondonDay::of(2026, 11, 23),
    },
    yields: Yields::Exception,
    concerns: &[Block::Core, Block::Outcomes, Block::Suspects],
    law_of: LawOf::AppliedAt,
    effective: Effective::Undated,
    lead: Elapsed::hours(0),
    findings: &[(
        "suspect_named",
        "A suspect was named when the outcome said that none was identified.",
    )],
    excuses: &[],
    sources: &[Citation {
        source: "outcomes-2026",
        place: "p21, outcome 18",
    }],
    cause: None,
    check: Check::Crime(check),
};

fn check(case: &CrimeCase<'_>, _: &Library) -> Vec<Judgement> {
    each_outcome(case, |outcome| judge(case, outcome))
}

fn judge(case: &CrimeCase<'_>, outcome: &Outcome) -> Known<Verdict> {
    if told!(outcome, code)?.as_str() != "18" {
        return Ok(Verdict::NotApplicable);
    }
    let suspects = told_list!(case.crime.suspects, named)?;
    if suspects.is_empty() {
        return Ok(Verdict::MET);
    }
    let applied = *told!(outcome, applied_at)?;
    let mut may_count = Vec::new();
    let mut missing = Vec::new();
    let mut named = None;
    for suspect in suspects {
        match counts(case, suspect, &applied) {
            Ok(true) => named = named.or(suspect.linked_at),
            Ok(false) => continue,
            Err(leaf) => missing.push(leaf),
        }
        may_count.push(suspect);
    }
    // outcomes-2026 p21: 18 is for a crime without an identified suspect.
    if let Some(linked) = named {
        let superseded = case.superseded(outcome);
        let remedied = superseded.into_iter().chain(all_eliminated(&may_count));
        let breach = Finding::of("suspect_named")
            .at("suspects.linked_at", linked)
            .at("outcomes.applied_at", applied)
            .plain(remedied.min_by_key(Moment::earliest));
        return Ok(breach.after(applied.latest()));
    }
    // A field that is not told says more to a reader than a date that is too coarse.
    missing.sort_by_key(|leaf| *leaf == Missing::PRECISION);
    missing.first().map_or(Ok(Verdict::MET), |leaf| Err(*leaf))
}

/// Was this person a named suspect when the outcome was applied? Who is linked later is OUT-014's.
fn counts(case: &CrimeCase<'_>, suspect: &Suspect, applied: &Moment) -> Known<bool> {
    let status = told!(suspect, status);
    let eliminated = happened!(case.feeds, suspect, eliminated_at);
    all(
        [
            // outcomes-2026 p17, of 14 and alike of 18: a description is not a name.
            told!(suspect, named).copied(),
            status.map(|status| *status != SuspectStatus::Witness),
            told!(suspect, linked_at).and_then(|linked| linked.at_or_before(applied)),
            match (status, eliminated) {
                // Eliminated nobody says when: taken for having been so in time.
                (Ok(SuspectStatus::Eliminated), Ok(None) | Err(_)) => Ok(false),
                (_, eliminated) => eliminated.and_then(|at| {
                    at.map_or(Ok(true), |at| {
                        at.at_or_before(applied).map(|before| !before)
                    })
                }),
            },
        ],
        |holds| holds,
    )
}

/// When the last of them was eliminated, if all were: then nobody is named any more.
fn all_eliminated(suspects: &[&Suspect]) -> Option<Moment> {
    let eliminated: Option<Vec<Moment>> = suspects.iter().map(|one| one.eliminated_at).collect();
    eliminated?.into_iter().max_by_key(Moment::latest)
}
