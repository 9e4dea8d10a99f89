//! What the rules on incidents read alike: which grade started a duty, when its time is over, and
//! what ends it before. Judges nothing by itself. Start at [`target`].

use crate::domain::known::all;
use crate::domain::records::{Grade, GradeKind};
use crate::domain::{Elapsed, IncidentCase, Instant, Known, Missing, Moment};
use crate::reference::{Library, LimitName};
use crate::told;

/// The time an emergency is given, from its start; without town or country told, that of a town.
#[derive(Clone, Copy)]
pub struct Target {
    /// When its clock starts.
    pub start: Moment,
    /// The field that was read from.
    pub field: &'static str,
    limit: Elapsed,
}

impl Target {
    /// The last instant that is in time.
    pub fn due(&self) -> Instant {
        self.start.latest().plus(self.limit)
    }

    /// Is it in time? Three answers: what a coarse start leaves open stays open.
    pub fn covers(&self, moment: &Moment) -> Known<bool> {
        if moment.latest() <= self.start.earliest().plus(self.limit) {
            return Ok(true);
        }
        let late = moment.earliest() > self.due();
        if late {
            Ok(false)
        } else {
            Err(Missing::PRECISION)
        }
    }
}

/// Does what happened then end the duty: before its target passed, and before anybody arrived?
pub fn ends_duty(
    at: &Moment,
    arrived: Known<Option<&Moment>>,
    target: Known<Target>,
) -> Known<bool> {
    let in_time = target.and_then(|target| target.covers(at));
    let arrived = arrived.and_then(|arrived| arrived.map_or(Ok(false), |one| one.before(at)));
    all([in_time, arrived.map(|before| !before)], |holds| holds)
}

/// The place of the first emergency grade; none if every grade is told and no emergency.
pub fn first_emergency(grades: &[Grade]) -> Known<Option<usize>> {
    let first = grades
        .iter()
        .position(|grade| grade.grade == Some(GradeKind::Emergency));
    if first.is_none() {
        for grade in grades {
            told!(grade, grade)?;
        }
    }
    Ok(first)
}

/// The target of an emergency that is the last of `grades`. Graded so at first, its clock starts at
/// receipt; upgraded to it, at the upgrade (INC-025).
pub fn target(case: &IncidentCase<'_>, grades: &[Grade], library: &Library) -> Known<Target> {
    let log = &case.incident.log;
    let received = told!(log, received_at).map(|at| (*at, "log.received_at"));
    let (start, field) = match grades {
        [_] => received.or_else(|leaf| {
            let created = told!(log, created_at).map(|at| (*at, "log.created_at"));
            created.map_err(|_| leaf)
        })?,
        [before @ .., emergency] => {
            for grade in before {
                told!(grade, grade)?;
            }
            (*told!(emergency, at)?, "response.grades.at")
        }
        [] => received?,
    };
    let name = match log.as_ref().and_then(|log| log.urban) {
        Some(false) => LimitName::AttendEmergencyRuralSeconds,
        _ => LimitName::AttendEmergencyUrbanSeconds,
    };
    let limit = library.on(start.earliest().london_day()).limit(name)?;
    Ok(Target {
        start,
        field,
        limit,
    })
}
