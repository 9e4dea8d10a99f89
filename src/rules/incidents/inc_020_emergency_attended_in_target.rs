#![doc = include_str!("inc_020_emergency_attended_in_target.md")]

use super::readings::{ends_duty, first_emergency, target};
use crate::domain::known::{all, any};
use crate::domain::records::{Block, GradeKind};
use crate::domain::{
    Elapsed, Finding, IncidentCase, Judgement, Known, LondonDay, Missing, Stratum, Verdict,
};
use crate::reference::Library;
use crate::rules::{Check, Citation, Effective, Grade, LawOf, Rule, Severity, Status, Yields};
use crate::{happened, told};

/// The card.
pub const RULE: Rule = Rule {
    id: "INC-020",
    doc: include_str!("inc_020_emergency_attended_in_target.md"),
    severity: Severity::Medium,
    grade: Grade::A,
    status: Status::Provisional {
        since: LondonDay::of(2026, 11, 23),
        because: "no day was found on which the attendance standard commenced",
    },
    yields: Yields::Exception,
    concerns: &[Block::Log, Block::Response, Block::Closure],
    law_of: LawOf::ReceivedAt,
    effective: Effective::Undated,
    lead: Elapsed::minutes(5),
    findings: &[
        (
            "attended_late",
            "The first suitable unit arrived after the target.",
        ),
        (
            "not_attended",
            "The target has passed and no unit has arrived.",
        ),
    ],
    excuses: &[
        ("duplicate", "The log repeats another."),
        (
            "cancelled",
            "The caller cancelled before the target had passed.",
        ),
        (
            "stood_down",
            "The response was stood down before the target had passed.",
        ),
    ],
    sources: &[
        Citation {
            source: "peel-northants-2021",
            place: "Responding to the public",
        },
        Citation {
            source: "response-standards-2026",
            place: "15 minutes in towns, 20 in the country",
        },
    ],
    cause: None,
    check: Check::Incident(check),
};

fn check(case: &IncidentCase<'_>, library: &Library) -> Vec<Judgement> {
    let log = case.incident.log.as_ref();
    let received = log.and_then(|log| log.received_at.or(log.created_at));
    let stratum = log.and_then(|log| log.urban).map(|urban| {
        if urban {
            Stratum::Urban
        } else {
            Stratum::Rural
        }
    });
    let judgements = case.once(received, judge(case, library));
    judgements
        .into_iter()
        .map(|judgement| judgement.in_stratum(stratum))
        .collect()
}

fn judge(case: &IncidentCase<'_>, library: &Library) -> Known<Verdict> {
    let grades = told!(case.incident.response, grades)?;
    let Some(first) = first_emergency(grades)? else {
        return Ok(Verdict::NotApplicable);
    };
    let target = target(case, &grades[..=first], library);
    let arrived = happened!(case.feeds, case.incident.response, arrived_at);
    // A grade taken back before the target and before anybody came is INC-024's business.
    let downgraded = any(&grades[first + 1..], |grade| {
        let changed = told!(*grade, grade).map(|kind| *kind != GradeKind::Emergency);
        let in_time = told!(*grade, at).and_then(|at| ends_duty(at, arrived, target));
        all([changed, in_time], |holds| holds)
    });
    if downgraded == Ok(true) {
        return Ok(Verdict::NotApplicable);
    }
    // peel-northants-2021: one emergency is attended once, however many log it.
    let log = case.incident.log.as_ref();
    let repeats = log.and_then(|log| log.duplicate_of.as_ref());
    if repeats.is_some_and(|original| !original.as_str().is_empty()) {
        return Ok(Verdict::Excused { by: "duplicate" });
    }
    let target = target?;
    let cancelled = happened!(case.feeds, case.incident.response, cancelled_by_caller_at);
    let stood_down = happened!(case.feeds, case.incident.response, stood_down_at);
    let mut removed = downgraded;
    for (by, at) in [("cancelled", cancelled), ("stood_down", stood_down)] {
        // peel-northants-2021: what was called off in time needs nobody to come.
        match at.and_then(|at| at.map_or(Ok(false), |at| ends_duty(at, arrived, Ok(target)))) {
            Ok(true) => return Ok(Verdict::Excused { by }),
            answer => removed = removed.and(answer),
        }
    }
    // response-standards-2026, peel-northants-2021: 15 minutes in a town, 20 in the country.
    let arrived = arrived?;
    let in_time = arrived.map(|at| target.covers(at));
    if told!(case.incident.log, urban).is_err() && in_time != Some(Ok(true)) {
        return Err(Missing::leaf("log", "urban"));
    }
    let due = target.due();
    let finding = |code| Finding::of(code).at(target.field, target.start);
    let verdict = match (arrived, in_time) {
        (Some(at), Some(in_time)) if in_time? => return Ok(Verdict::met_at(*at, Some(due))),
        (Some(at), _) => finding("attended_late")
            .at("response.arrived_at", *at)
            .late(due, *at),
        // Called off after the target: nobody had come when somebody should have.
        (None, _) => match cancelled?.or(stood_down?) {
            Some(at) => finding("not_attended").open(due).after(at.latest()),
            None if happened!(case.feeds, case.incident.closure, closed_at)?.is_some() => {
                return Err(Missing::leaf("response", "arrived_at"));
            }
            None => finding("not_attended").open(due),
        },
    };
    removed.map(|_| verdict)
}
