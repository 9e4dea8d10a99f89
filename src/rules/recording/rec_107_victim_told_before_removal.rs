#![doc = include_str!("rec_107_victim_told_before_removal.md")]

use crate::domain::known::{any, both};
use crate::domain::records::{
    Block, Cancellation, CancellationCode, CrimeStatus, Informed, InformedOf, Victim, VictimKind,
};
use crate::domain::{
    CrimeCase, Elapsed, Finding, Judgement, Known, LondonDay, Missing, Moment, Verdict,
};
use crate::reference::Library;
use crate::rules::{Check, Citation, Effective, Grade, LawOf, Rule, Severity, Status, Yields};
use crate::{told, told_list};

/// The card.
pub const RULE: Rule = Rule {
    id: "REC-107",
    doc: include_str!("rec_107_victim_told_before_removal.md"),
    severity: Severity::Critical,
    grade: Grade::A,
    status: Status::Stable {
        since: LondonDay::of(2026, 11, 23),
    },
    yields: Yields::Exception,
    concerns: &[
        Block::Core,
        Block::Victims,
        Block::VictimCare,
        Block::Cancellation,
    ],
    law_of: LawOf::CancelledAt,
    effective: Effective::Undated,
    lead: Elapsed::hours(24),
    findings: &[
        (
            "told_after_removal",
            "The victim was told after the crime had been removed.",
        ),
        (
            "not_told",
            "The crime was removed, and the victim was not told.",
        ),
        (
            "not_told_untraceable",
            "The crime was removed without notice to a victim who cannot be traced.",
        ),
    ],
    excuses: &[],
    sources: &[
        Citation {
            source: "crr-2026",
            place: "p26, removing a recorded crime",
        },
        Citation {
            source: "outcomes-2026",
            place: "p26, cancelled and transferred crimes",
        },
    ],
    cause: None,
    check: Check::Crime(check),
};

fn check(case: &CrimeCase<'_>, _library: &Library) -> Vec<Judgement> {
    let removal = match removal(case) {
        Ok(Some(removal)) => removal,
        Ok(None) => return case.once(None, Ok(Verdict::NotApplicable)),
        Err(missing) => return case.once(None, Err(missing)),
    };
    let id = removal.id.as_ref();
    let id = id.map_or(case.reference.as_str(), |id| id.as_str());
    // crr-2026 p26 and outcomes-2026 p26: for a duplicate and an error no notice is asked (VIC-062).
    let asks = told!(removal, reason)
        .map(|reason| !matches!(reason, CancellationCode::C3 | CancellationCode::C4));
    let due = told!(removal, at);
    let victims = told_list!(case.crime.victims, victim_ref);
    let whole = |verdict| vec![Judgement::of(id, removal.at, verdict)];
    match (both(asks, || due.map(|_| true)), victims) {
        (_, Ok(victims)) if !victims.is_empty() => victims
            .iter()
            .map(|victim| {
                let verdict = judge(case, removal, asks, victim);
                Judgement::of(format!("{id}#{}", victim.victim_ref), removal.at, verdict)
            })
            .collect(),
        // Whatever the reason, nobody was to be told: what cannot change the verdict is not missing.
        (Err(_), Ok([])) if due.is_ok() => whole(Ok(Verdict::NotApplicable)),
        (Err(missing), _) | (Ok(true), Err(missing)) => whole(Err(missing)),
        _ => whole(Ok(Verdict::NotApplicable)),
    }
}

/// The removal of the crime, if it was removed.
fn removal<'a>(case: &CrimeCase<'a>) -> Known<Option<&'a Cancellation>> {
    let status = told!(case.crime.core, status).copied();
    match &case.crime.cancellation {
        _ if status == Ok(CrimeStatus::Reinstated) => Ok(None),
        Some(removal) if removal.is_bare() => Ok(None),
        Some(removal) => Ok(Some(removal)),
        None => match status? {
            CrimeStatus::Cancelled | CrimeStatus::Transferred => {
                Err(Missing::leaf("cancellation", "reason"))
            }
            _ => Ok(None),
        },
    }
}

fn judge(
    case: &CrimeCase<'_>,
    removal: &Cancellation,
    asks: Known<bool>,
    victim: &Victim,
) -> Known<Verdict> {
    if !asks? {
        return Ok(Verdict::NotApplicable);
    }
    let removed = told!(removal, at)?;
    // Nobody can be told where no person or business is known to be the victim.
    if victim.kind == Some(VictimKind::State) || victim.identified == Some(false) {
        return Ok(Verdict::NotApplicable);
    }
    let told = informed(case, victim)?;
    let is_timely = |entry: &Informed| told!(entry, at).and_then(|at| at.at_or_before(removed));
    let timely = any(told, |entry| {
        both(is_notice(entry, removal), || is_timely(entry))
    })?;
    let is_known = |entry: &&Informed| is_notice(entry, removal) == Ok(true);
    let notices = told.iter().filter(is_known).filter_map(|entry| entry.at);
    let due = removed.latest();
    if timely {
        let (done, due) = (notices.min_by_key(Moment::latest), Some(due));
        return Ok(Verdict::Met { done, due });
    }
    told!(victim, kind)?;
    told!(victim, identified)?;
    // crr-2026 p26: each victim is told of a C1, C2 or C5 before the crime is removed.
    let finding = |code| Finding::of(code).at("cancellation.at", *removed);
    Ok(match notices.min_by_key(Moment::earliest) {
        Some(at) => finding("told_after_removal")
            .at("victim_care.informed.at", at)
            .late(due, at),
        None if *told!(victim, traceable)? => finding("not_told").open(due),
        None => finding("not_told_untraceable").advisory([due]),
    })
}

/// What this victim was told of; nothing, where the victim is not among those who were.
fn informed<'a>(case: &CrimeCase<'a>, victim: &Victim) -> Known<&'a [Informed]> {
    let untold = Missing::leaf("victim_care", "informed");
    let care = case.crime.victim_care.as_deref().ok_or(untold)?;
    let mut cared = care.iter();
    let own = cared.find(|care| care.victim_ref == victim.victim_ref);
    own.map_or(Ok(&[]), |care| care.informed.as_deref().ok_or(untold))
}

/// Does the entry say that the victim was told of this removal?
fn is_notice(entry: &Informed, removal: &Cancellation) -> Known<bool> {
    let is_of = told!(entry, of).map(|of| *of == InformedOf::Cancellation);
    both(is_of, || match &entry.event_ref {
        None => Ok(true),
        Some(event) => Ok(event == told!(removal, id)?),
    })
}
