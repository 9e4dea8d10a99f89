//! What the victim rules read alike: which records are crimes that stand, which victims have rights
//! of their own, and the lists of what was done for them. Judges nothing by itself. Start at
//! [`each_victim`] and [`care`].

use crate::domain::known::{all, any};
use crate::domain::names::{Role, VictimRef};
use crate::domain::records::{
    AssessmentEvidence, Consent, Consultation, ConsultedAbout, CrimeKind, CrimeStatus,
    NeedsAssessment, Outcome, Referral, Victim, VictimCare, VictimKind, View,
};
use crate::domain::{CrimeCase, Instant, Judgement, Known, LondonDay, Missing, Moment, Verdict};
use crate::rules::outcomes::readings::NOT_YET_ASSIGNED;
use crate::{happened, told, told_list};

/// One judgement for each victim of a crime that stands.
pub fn each_victim<'a>(
    case: &CrimeCase<'a>,
    judge: impl Fn(&'a Victim) -> Known<Verdict>,
) -> Vec<Judgement> {
    if case.crime.victims.is_none() && is_no_standing_crime(case) {
        return case.once(None, Ok(Verdict::NotApplicable));
    }
    case.each_victim(|victim| of_standing_crime(case, || judge(victim)))
}

/// One judgement for each outcome of a crime that stands.
pub fn each_outcome<'a>(
    case: &CrimeCase<'a>,
    judge: impl Fn(&'a Outcome) -> Known<Verdict>,
) -> Vec<Judgement> {
    if case.crime.outcomes.is_none() && is_no_standing_crime(case) {
        return case.once(None, Ok(Verdict::NotApplicable));
    }
    case.each_outcome(|outcome| of_standing_crime(case, || judge(outcome)))
}

/// A notifiable reported incident, a cancelled and a transferred crime owe their victims nothing
/// here; a record that may be one of these is not accused.
fn of_standing_crime(
    case: &CrimeCase<'_>,
    judge: impl FnOnce() -> Known<Verdict>,
) -> Known<Verdict> {
    if is_no_standing_crime(case) {
        return Ok(Verdict::NotApplicable);
    }
    let verdict = judge()?;
    if accuses(&verdict) {
        told!(case.crime.core, kind)?;
        told!(case.crime.core, status)?;
    }
    Ok(verdict)
}

fn is_no_standing_crime(case: &CrimeCase<'_>) -> bool {
    case.crime.core.as_ref().is_some_and(|core| {
        core.kind == Some(CrimeKind::NRecord)
            || matches!(
                core.status,
                Some(CrimeStatus::Cancelled | CrimeStatus::Transferred)
            )
    })
}

/// True if the verdict is a breach or an advisory: then what could still excuse must be told.
pub fn accuses(verdict: &Verdict) -> bool {
    verdict.finding().is_some()
}

/// Has the victim rights of its own: a person known to the force? The Code speaks of people;
/// businesses have a point of contact at most.
pub fn is_known_person(victim: &Victim) -> Known<bool> {
    let kind = told!(victim, kind);
    if matches!(kind, Ok(VictimKind::Business | VictimKind::State))
        || victim.identified == Some(false)
    {
        return Ok(false);
    }
    kind?;
    told!(victim, identified).copied()
}

/// Is the victim the state?
pub fn is_state(victim: &Victim) -> Known<bool> {
    told!(victim, kind).map(|kind| *kind == VictimKind::State)
}

/// Is it nobody who could be asked: the state, or somebody who is not identified?
pub fn is_nobody(victim: &Victim) -> Known<bool> {
    let unidentified = told!(victim, identified).map(|identified| !identified);
    any([unidentified, is_state(victim)], |holds| holds)
}

/// Was the crime reported before the first day of the Code that set the duty? Three answers.
pub fn reported_before(case: &CrimeCase<'_>, first: LondonDay) -> Known<bool> {
    let reported = told!(case.crime.core, reported_at)?;
    reported.on_or_after(first).map(|since| !since)
}

/// Is it told that the victim cannot be found? Then nobody could be asked.
pub fn is_untraceable(victim: &Victim) -> Known<bool> {
    told!(victim, traceable).map(|traceable| !traceable)
}

/// The entries of one list of what was done, for one victim or for all, and the path of the list
/// where not every one is told. An owner who has no entry for a victim says that nothing was done.
pub fn care<'a, T>(
    case: &CrimeCase<'a>,
    victim: Option<&VictimRef>,
    read: impl Fn(&'a VictimCare) -> Known<&'a Vec<T>>,
    untold: Missing,
) -> (Vec<&'a T>, Known<()>) {
    let Ok(all) = told_list!(case.crime.victim_care, contacts) else {
        return (Vec::new(), Err(untold));
    };
    let mut entries = Vec::new();
    let mut told = Ok(());
    for care in all {
        if victim.is_none_or(|victim| *victim == care.victim_ref) {
            match read(care) {
                Ok(list) => entries.extend(list),
                Err(leaf) => told = Err(leaf),
            }
        }
    }
    (entries, told)
}

/// Is it done by the end of a working day, written as 00:00 of the next? A date alone on that next
/// day is late, for nothing of it but its very first instant is not.
pub fn by_midnight(done: &Moment, due: Instant) -> Known<bool> {
    match done.by(due) {
        Err(_) if done.earliest() >= due => Ok(false),
        answer => answer,
    }
}

/// Kleene's "or" that names, of what is missing, a field before a date that is too coarse.
pub fn any_told_first<T: Copy>(items: &[T], holds: impl Fn(T) -> Known<bool>) -> Known<bool> {
    let answer = any(items, |item| holds(*item));
    if answer != Err(Missing::PRECISION) {
        return answer;
    }
    let mut missing = items.iter().filter_map(|item| holds(*item).err());
    let field = missing.find(|leaf| *leaf != Missing::PRECISION);
    field.map_or(answer, Err)
}

/// The moment that was first, reckoned from the start of a day or month.
pub fn first_of(moments: impl IntoIterator<Item = Moment>) -> Option<Moment> {
    moments.into_iter().min_by_key(Moment::earliest)
}

/// Is it an assessment: by somebody, at a time, not refused, and saying what was considered?
pub fn is_assessment(entry: &NeedsAssessment) -> Known<bool> {
    let refused = told!(entry, refused);
    let conditions = [
        is_by_somebody(entry),
        told!(entry, at).map(|_| true),
        says_what(entry),
        refused.map(|refused| !refused),
    ];
    all(conditions, |holds| holds)
}

/// Not a default that a system set: a member of staff, or a role that only people have.
fn is_by_somebody(entry: &NeedsAssessment) -> Known<bool> {
    let by = told!(entry, by)?;
    let named = by.staff_ref.as_ref();
    if named.is_some_and(|staff| !staff.as_str().is_empty()) {
        return Ok(true);
    }
    let role = by.role.ok_or(Missing::leaf(NEEDS_ASSESSMENTS, "by"))?;
    Ok(role != Role::System)
}

/// The path of the entries, for the leaf that an actor without any name leaves untold.
const NEEDS_ASSESSMENTS: &str = "victim_care.needs_assessments";

/// A form names a need or a decision, a narrative both. Either answer is a decision: that the
/// victim has enhanced rights, or has none.
fn says_what(entry: &NeedsAssessment) -> Known<bool> {
    let needs = told!(entry, needs).map(|needs| *needs >= 1);
    let decided = told!(entry, enhanced_decision).map(|_| true);
    let either = any([needs, decided], |given| given);
    let both = all([needs, decided], |given| given);
    match told!(entry, evidence) {
        Ok(AssessmentEvidence::Form) => either,
        Ok(AssessmentEvidence::Narrative) => both,
        Err(_) if both == Ok(true) => both,
        Err(leaf) => Err(leaf),
    }
}

/// Did it come before the end of the investigation: no later than any outcome or the finalisation?
pub fn precedes_end(case: &CrimeCase<'_>, at: &Moment) -> Known<bool> {
    let finalised = happened!(case.feeds, case.crime.core, finalised_at);
    let finalised = finalised.and_then(|end| end.map_or(Ok(true), |end| at.at_or_before(end)));
    let outcomes = told_list!(case.crime.outcomes, applied_at)
        .and_then(|outcomes| all(outcomes, |outcome| precedes(at, outcome)));
    all([finalised, outcomes], |holds| holds)
}

fn precedes(at: &Moment, outcome: &Outcome) -> Known<bool> {
    let unassigned = told!(outcome, code).map(|code| code.as_str() == NOT_YET_ASSIGNED);
    let applied = told!(outcome, applied_at).and_then(|applied| at.at_or_before(applied));
    any([unassigned, applied], |holds| holds)
}

/// The end of the investigation and its field: the first outcome or the finalisation; none while it
/// is open.
pub fn end(case: &CrimeCase<'_>) -> Known<Option<(&'static str, Moment)>> {
    let finalised = happened!(case.feeds, case.crime.core, finalised_at);
    let outcomes = told_list!(case.crime.outcomes, applied_at);
    let mut untold = outcomes.err().or(finalised.err());
    let mut ends = Vec::new();
    if let Ok(Some(end)) = finalised {
        ends.push(("core.finalised_at", *end));
    }
    for outcome in outcomes.unwrap_or_default() {
        match (told!(outcome, code), told!(outcome, applied_at)) {
            (Ok(code), _) if code.as_str() == NOT_YET_ASSIGNED => {}
            (Ok(_), Ok(applied)) => ends.push(("outcomes.applied_at", *applied)),
            (Err(leaf), _) | (_, Err(leaf)) => untold = untold.or(Some(leaf)),
        }
    }
    match (ends.into_iter().min_by_key(|(_, end)| end.latest()), untold) {
        (None, Some(leaf)) => Err(leaf),
        (first, _) => Ok(first),
    }
}

/// When the referral was sent.
pub fn sent(case: &CrimeCase<'_>, referral: &Referral) -> Known<Option<Moment>> {
    happened!(case.feeds, referral, sent_at).map(Option::<&Moment>::copied)
}

/// When the victim said no; the time of a refusal is part of it.
pub fn declined(referral: &Referral) -> Known<Option<Moment>> {
    match told!(referral, consent)? {
        Consent::No => told!(referral, consent_at).map(|at| Some(*at)),
        Consent::Yes | Consent::Automatic => Ok(None),
    }
}

/// Is it told whether this referral was sent or declined?
pub fn is_answered(case: &CrimeCase<'_>, referral: &Referral) -> Known<()> {
    match (sent(case, referral), declined(referral)) {
        (Ok(Some(_)), _) | (_, Ok(Some(_))) | (Ok(None), Ok(None)) => Ok(()),
        (_, Err(leaf)) | (Err(leaf), _) => Err(leaf),
    }
}

/// Does it speak of this outcome: by its id, else by what the victim was asked about?
pub fn belongs(entry: &Consultation, outcome: &Outcome) -> Known<bool> {
    use ConsultedAbout::{Caution, CommunityResolution, ConditionalCaution};
    if let Some(id) = &entry.outcome_id {
        return Ok(*id == outcome.id);
    }
    let about = told!(entry, about)?;
    Ok(match told!(outcome, code)?.as_str() {
        "8" => *about == CommunityResolution,
        _ => matches!(about, Caution | ConditionalCaution),
    })
}

/// Was the victim asked? Any answer will do: the view is no veto.
pub fn is_asked(entry: &Consultation) -> Known<bool> {
    told!(entry, view).map(|view| *view != View::NotReached)
}

/// Was it tried at least once to reach the victim, in vain?
pub fn is_tried(entry: &Consultation) -> Known<bool> {
    let attempts = told!(entry, attempts).map(|attempts| *attempts >= 1);
    all([is_asked(entry).map(|asked| !asked), attempts], |holds| {
        holds
    })
}
