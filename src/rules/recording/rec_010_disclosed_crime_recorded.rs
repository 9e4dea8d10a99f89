#![doc = include_str!("rec_010_disclosed_crime_recorded.md")]

use super::answers::{UNNAMED, answers, once_named};
use super::readings::Due;
use super::reasons::{is_decided_otherwise, is_related_incident, reporter};
use crate::domain::known::any;
use crate::domain::names::{Basis, LinkKind, ReporterRole};
use crate::domain::records::{Actor, Block, Disclosure, DisclosureStatus, Regime};
use crate::domain::{
    Elapsed, Finding, IncidentCase, Judgement, Known, LondonDay, Missing, Verdict,
};
use crate::reference::{Library, LimitName};
use crate::rules::{Check, Citation, Effective, Grade, LawOf, Rule, Severity, Status, Yields};
use crate::{told, told_list};

/// The card.
pub const RULE: Rule = Rule {
    id: "REC-010",
    doc: include_str!("rec_010_disclosed_crime_recorded.md"),
    severity: Severity::Critical,
    grade: Grade::B,
    status: Status::Stable {
        since: LondonDay::of(2026, 11, 23),
    },
    yields: Yields::Exception,
    concerns: &[
        Block::Log,
        Block::Disclosures,
        Block::Closure,
        Block::Links,
        Block::Core,
        Block::Origin,
    ],
    law_of: LawOf::DisclosedAt,
    effective: Effective::From(LondonDay::of(2002, 4, 1)),
    lead: Elapsed::hours(4),
    findings: &[(
        "not_recorded",
        "No crime answers the disclosure, and no permitted reason with its grounds stands for that.",
    )],
    excuses: &[
        (
            "cri_reason",
            "Closed as a crime-related incident for a permitted reason, with the grounds written.",
        ),
        (
            "no_crime_decision",
            "Decided in time, on grounds written down, that there is no crime for this force to record.",
        ),
    ],
    sources: &[
        Citation {
            source: "crr-2026",
            place: "p7 and p11, whether to record",
        },
        Citation {
            source: "hmicfrs-glossary",
            place: "National Crime Recording Standard",
        },
    ],
    cause: None,
    check: Check::Incident(check),
};

fn check(case: &IncidentCase<'_>, library: &Library) -> Vec<Judgement> {
    match told_list!(case.incident.disclosures, status) {
        Ok([]) => case.once(None, Ok(Verdict::NotApplicable)),
        _ => case.each_disclosure(|disclosure| judge(case, library, disclosure)),
    }
}

fn judge(case: &IncidentCase<'_>, library: &Library, said: &Disclosure) -> Known<Verdict> {
    if !is_in_scope(case, said)? {
        return Ok(Verdict::NotApplicable);
    }
    // Whether a crime was disclosed is a judgement: it counts only with an author and a time.
    if !said.set_by.as_ref().is_some_and(Actor::is_named) {
        return Err(Missing::leaf("disclosures", "set_by"));
    }
    let due = Due::after(*told!(said, at)?, LimitName::RecordCrimeHours, library);
    let crimes = case.crimes.iter();
    let answers: Vec<_> = crimes
        .map(|link| answers(case, link, said, library))
        .collect();
    if answers.contains(&Ok(true)) {
        let held = case.crimes.iter().zip(&answers);
        let done = held
            .filter(|(_, answer)| **answer == Ok(true))
            .filter_map(|(link, _)| link.held()?.core.as_ref()?.recorded_at)
            .min_by_key(|recorded| recorded.earliest());
        let due = due.ok().map(|due| due.last());
        return Ok(Verdict::Met { done, due });
    }
    if answers.contains(&Err(UNNAMED)) {
        return Err(UNNAMED);
    }
    // crr-2026 p9 to p11: a crime-related incident, or a decision on the three steps, may stand for it.
    let reasons = [
        ("cri_reason", is_related_incident(case, said)),
        ("no_crime_decision", is_decided_otherwise(case, &due)),
    ];
    if let Some((by, _)) = reasons.iter().find(|(_, held)| *held == Ok(true)) {
        return Ok(Verdict::Excused { by });
    }
    if !case.crimes_name_incidents() {
        return Err(Missing::leaf("origin", "incident"));
    }
    told_list!(case.incident.links, to)?;
    any(answers, |answer| answer)?;
    any(reasons, |(_, held)| held)?;
    if case.incident.closure.is_none() {
        return Err(Missing::leaf("closure", "cri_reason"));
    }
    // crr-2026 p7 and p11: what the victim discloses is recorded; REC-030 judges how soon.
    let breach = Finding::of("not_recorded")
        .at("disclosures.at", *told!(said, at)?)
        .open(due?.last());
    let sources = case.crimes.iter();
    let sources = sources.filter(|link| link.is(LinkKind::Source) != Ok(false));
    Ok(once_named(breach, sources))
}

/// REC-004 has the duplicates, REC-011 what is only possible or taken back, REC-014 the reports of
/// others; REC-016, 047 and 080 to 084 the offences and regimes that are recorded otherwise.
fn is_in_scope(case: &IncidentCase<'_>, said: &Disclosure) -> Known<bool> {
    let log = case.incident.log.as_ref();
    let repeats = log.and_then(|log| log.duplicate_of.as_ref());
    let is_elsewhere = repeats.is_some_and(|of| !of.as_str().is_empty())
        || said
            .status
            .is_some_and(|own| own != DisclosureStatus::Disclosed)
        || said.basis == Some(Basis::State)
        || said.regime.is_some_and(|regime| regime != Regime::None);
    if is_elsewhere {
        return Ok(false);
    }
    told!(said, basis)?;
    use ReporterRole::{Anonymous, OtherThirdParty, Police, Witness};
    let role = reporter(case, said);
    if matches!(role, Ok(Witness | OtherThirdParty | Police | Anonymous)) {
        return Ok(false);
    }
    told!(said, status)?;
    role.map(|_| true)
}
