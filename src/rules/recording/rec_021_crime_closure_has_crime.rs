#![doc = include_str!("rec_021_crime_closure_has_crime.md")]

use super::answers::once_named;
use super::readings::Due;
use crate::domain::known::{any, both};
use crate::domain::names::LinkKind;
use crate::domain::records::{Block, ClosingScheme, Closure, CrimeBlocks, CrimeKind, CrimeStatus};
use crate::domain::{
    Elapsed, Far, Finding, IncidentCase, Judgement, Known, Linked, LondonDay, Missing, Moment,
    Verdict,
};
use crate::reference::{Library, LimitName};
use crate::rules::{Check, Citation, Effective, Grade, LawOf, Rule, Severity, Status, Yields};
use crate::{happened, told, told_list};

/// The card.
pub const RULE: Rule = Rule {
    id: "REC-021",
    doc: include_str!("rec_021_crime_closure_has_crime.md"),
    severity: Severity::Critical,
    grade: Grade::A,
    status: Status::Stable {
        since: LondonDay::of(2026, 11, 23),
    },
    yields: Yields::Exception,
    concerns: &[
        Block::Closure,
        Block::Links,
        Block::Core,
        Block::Origin,
        Block::Cancellation,
    ],
    law_of: LawOf::ClosedAt,
    effective: Effective::Undated,
    lead: Elapsed::hours(24),
    findings: &[
        (
            "closed_without_crime",
            "The log was closed as a crime, and no crime record stood behind it.",
        ),
        (
            "only_related",
            "The log was closed as a crime, and the only crime it names is merely related.",
        ),
    ],
    excuses: &[],
    sources: &[
        Citation {
            source: "crr-2026",
            place: "p11, whether to record",
        },
        Citation {
            source: "nsir-2011",
            place: "p20, domestic incidents",
        },
        Citation {
            source: "northumbria-closing-codes",
            place: "incidents closed under one general crime code",
        },
    ],
    cause: Some("REC-010"),
    check: Check::Incident(check),
};

const CATEGORY: Missing = Missing::leaf("closure", "category");

fn check(case: &IncidentCase<'_>, library: &Library) -> Vec<Judgement> {
    let closure = case.incident.closure.as_ref();
    let law_date = closure.and_then(|closure| closure.closed_at);
    case.once(law_date, judge(case, library))
}

fn judge(case: &IncidentCase<'_>, library: &Library) -> Known<Verdict> {
    let closure = case.incident.closure.as_ref().ok_or(CATEGORY)?;
    let Some(closed_at) = happened!(case.feeds, case.incident.closure, closed_at)? else {
        return Ok(Verdict::NotApplicable);
    };
    // A closing without a category, or under another one, is REC-020's.
    if !says_crime(closure, closed_at, library)? {
        return Ok(Verdict::NotApplicable);
    }
    // Ours: a wait in which no crime that is in time under REC-030 is missed.
    let due = Due::after(*closed_at, LimitName::ClosingWaitHours, library).map(|due| due.last());
    let proves = |link: &Linked<'_, CrimeBlocks>| {
        let is_related = link.is(LinkKind::Related);
        both(is_related.map(|is| !is), || stood(link, closed_at))
    };
    // nsir-2011 p20 and crr-2026 p11: what closes as a crime has a crime record behind it.
    let proofs = case.crimes.iter().filter(|link| proves(link) == Ok(true));
    let mut proofs = proofs.peekable();
    if proofs.peek().is_some() {
        let recorded = proofs.filter_map(|link| link.held()?.core.as_ref()?.recorded_at);
        // The first of several did the duty; a later one makes nothing late.
        let done = recorded.min_by_key(Moment::earliest);
        let due = due.ok();
        return Ok(Verdict::Met { done, due });
    }
    let held = case.crimes.iter().filter(|link| link.held().is_some());
    any(held.chain(&case.crimes), proves)?;
    told_list!(case.incident.links, to)?;
    if !case.crimes_name_incidents() {
        return Err(Missing::leaf("origin", "incident"));
    }
    let is_related = any(&case.crimes, |link| {
        both(link.is(LinkKind::Related), || stood(link, closed_at))
    })?;
    let due = due?;
    let finding = |code| Finding::of(code).at("closure.closed_at", *closed_at);
    let verdict = if is_related {
        finding("only_related").advisory([due])
    } else {
        finding("closed_without_crime").open(due)
    };
    Ok(once_named(verdict, case.crimes.iter()))
}

/// The national list has one closing for crime; else the offence table of the day, or the force's
/// own mapping, says whether the category is one.
fn says_crime(closure: &Closure, closed_at: &Moment, library: &Library) -> Known<bool> {
    let category = told!(closure, category)?.as_str();
    if category.is_empty() {
        return Ok(false);
    }
    let national = category == "crime";
    let local = library.profile().maps_to_crime(category);
    let book = library.on(closed_at.earliest().london_day());
    let is_offence = book.has_code(category);
    match closure.scheme {
        Some(ClosingScheme::Nicl) => Ok(national || is_offence),
        Some(ClosingScheme::Local) => is_offence.then_some(true).or(local).ok_or(CATEGORY),
        None if is_offence || local == Some(national) => Ok(is_offence || national),
        None => Err(Missing::leaf("closure", "scheme")),
    }
}

/// Was it a crime of this force, or of another by its reference, when the log was closed?
fn stood(link: &Linked<'_, CrimeBlocks>, closed_at: &Moment) -> Known<bool> {
    match link.far {
        // Disposed of lawfully, it cannot say how it stood then: it accuses nobody and proves nothing.
        Far::Unknown | Far::Disposed => Err(Missing::leaf("core", "status")),
        Far::Gone | Far::Dangling { .. } => Ok(false),
        Far::Held(crime) => {
            let is_crime = told!(crime.core, kind).map(|kind| *kind == CrimeKind::Crime);
            both(is_crime, || was_recorded(crime, closed_at))
        }
    }
}

fn was_recorded(crime: &CrimeBlocks, closed_at: &Moment) -> Known<bool> {
    // A lawful removal years later must not accuse an old log.
    let removed_later = told!(crime.cancellation, at).and_then(|at| closed_at.at_or_before(at));
    match told!(crime.core, status)? {
        CrimeStatus::Recorded | CrimeStatus::Reinstated => Ok(true),
        CrimeStatus::Converted => Ok(false),
        CrimeStatus::Cancelled => removed_later,
        CrimeStatus::Transferred => {
            let reference = told!(crime.cancellation, receiving_ref);
            let has_reference = reference.map(|reference| !reference.as_str().is_empty());
            any([removed_later, has_reference], |holds| holds)
        }
    }
}
