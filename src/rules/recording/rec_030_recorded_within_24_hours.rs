#![doc = include_str!("rec_030_recorded_within_24_hours.md")]

use super::readings::{
    Paper, Standing, basis, began_as_notifiable_report, paper, report, standing,
};
use crate::domain::names::Basis;
use crate::domain::records::{Block, Regime};
use crate::domain::{CrimeCase, Elapsed, Finding, Judgement, Known, LondonDay, Missing, Verdict};
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
    let core = case
        .crime
        .core
        .as_ref()
        .ok_or(Missing::leaf("core", "kind"))?;
    // crr-2026 p35 and the reported-incident sheet of nol-2026: these have a period of their own.
    // REC-016: an offence against the state has points to prove, not a reporting victim.
    if began_as_notifiable_report(case, library) || basis(core, library)? == Basis::State {
        return Ok(Verdict::NotApplicable);
    }
    // crr-2026 p96 and the lists it refers to (REC-080 to 082, 084): regimes with other clocks.
    let report = report(case)?;
    if report.regime.is_some_and(has_its_own_clock) {
        return Ok(Verdict::NotApplicable);
    }
    let (report, due, standing) = standing(case, library)?;
    // crr-2026 p10, "When to record?": at the latest 24 hours after the report was first received.
    let breach = match standing {
        Standing::InTime { recorded } => return Ok(Verdict::met_at(recorded, Some(due))),
        Standing::Absent => Finding::of("not_classified")
            .at(report.field, report.start)
            .open(due),
        // crr-2026 p10: a late record stands excused by a written reason and the registrar's oversight.
        Standing::Late { .. } if matches!(paper(core, library), Paper::Complete { .. }) => {
            return Ok(Verdict::Excused { by: "REC-031" });
        }
        Standing::Late { recorded } => Finding::of("recorded_late")
            .at(report.field, report.start)
            .at("core.recorded_at", recorded)
            .late(due, recorded),
    };
    // A record that may be a notifiable report is not accused as a crime.
    core.kind
        .map(|_| breach)
        .ok_or(Missing::leaf("core", "kind"))
}

fn has_its_own_clock(regime: Regime) -> bool {
    matches!(
        regime,
        Regime::PoliceConduct | Regime::Nca | Regime::Road | Regime::School
    )
}
