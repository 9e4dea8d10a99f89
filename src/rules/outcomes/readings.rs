//! What the outcome rules read alike: which records have outcomes, and which code is none. Judges
//! nothing by itself. Start at [`each_outcome`].

use crate::domain::records::{CrimeKind, Outcome};
use crate::domain::{CrimeCase, Judgement, Known, Verdict};
use crate::told;

/// The code of a crime without an outcome yet (outcomes-data-2025, types); OUT-012 judges it.
pub const NOT_YET_ASSIGNED: &str = "0";

/// One judgement for each outcome of a crime. A notifiable reported incident has no outcome to
/// judge, and a record that may be one is not accused.
pub fn each_outcome<'a>(
    case: &CrimeCase<'a>,
    judge: impl Fn(&'a Outcome) -> Known<Verdict>,
) -> Vec<Judgement> {
    let kind = told!(case.crime.core, kind).copied();
    let is_notifiable_report = kind == Ok(CrimeKind::NRecord);
    if is_notifiable_report && case.crime.outcomes.is_none() {
        return case.once(None, Ok(Verdict::NotApplicable));
    }
    case.each_outcome(|outcome| {
        if is_notifiable_report {
            return Ok(Verdict::NotApplicable);
        }
        let verdict = judge(outcome)?;
        match verdict.finding() {
            Some(_) => kind.map(|_| verdict),
            None => Ok(verdict),
        }
    })
}
