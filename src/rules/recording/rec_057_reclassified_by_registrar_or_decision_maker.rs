#![doc = include_str!("rec_057_reclassified_by_registrar_or_decision_maker.md")]

use std::collections::BTreeMap;

use super::changes::{Change, Changes};
use crate::domain::known::any;
use crate::domain::names::{Role, Word};
use crate::domain::records::{Block, Classification, ReclassificationReason};
use crate::domain::{CrimeCase, Elapsed, Finding, Judgement, Known, LondonDay, Missing, Verdict};
use crate::reference::Library;
use crate::rules::{Check, Citation, Effective, Grade, LawOf, Rule, Severity, Status, Yields};

/// The card.
pub const RULE: Rule = Rule {
    id: "REC-057",
    doc: include_str!("rec_057_reclassified_by_registrar_or_decision_maker.md"),
    severity: Severity::High,
    grade: Grade::A,
    status: Status::Stable {
        since: LondonDay::of(2026, 11, 23),
    },
    yields: Yields::Exception,
    concerns: &[Block::Core, Block::Classification],
    law_of: LawOf::ReclassifiedAt,
    effective: Effective::Undated,
    lead: Elapsed::hours(0),
    findings: &[
        (
            "silent_change",
            "The class changed between two versions, and the history does not know of it.",
        ),
        (
            "wrong_role",
            "The class was changed by somebody who is neither registrar nor decision maker.",
        ),
        (
            "not_justified",
            "The class was changed without a written justification.",
        ),
        (
            "reason_not_accepted",
            "The class was changed for a reason that is neither new information nor an error.",
        ),
    ],
    excuses: &[],
    sources: &[Citation {
        source: "crr-2026",
        place: "p13 and pp18-21, classification and reclassification",
    }],
    cause: None,
    check: Check::Crime(check),
};

const CLASS: Missing = Missing::leaf("classification", "class");

fn check(case: &CrimeCase<'_>, library: &Library) -> Vec<Judgement> {
    let changes = Changes::of(case);
    if changes.are_none() && !changes.history_is_told {
        return case.once(None, Err(CLASS));
    }
    let mut judgements = Vec::new();
    if !case.versioned {
        judgements = case.once(None, Err(Missing::VERSION));
    }
    // What the history admits needs no versions; what it hides can be seen in versions only.
    let silent = changes.silent.iter().filter(|_| case.versioned);
    let mut worst: BTreeMap<Word, Judgement> = BTreeMap::new();
    for change in changes.admitted.iter().chain(silent) {
        let obligation = format!("{}#{}>{}", case.reference, change.from, change.to);
        let verdict = judge(change, changes.history_is_told, library);
        let judgement = Judgement::of(obligation, change.at, verdict);
        // The same change made twice is one obligation. The worse stands; of two alike the later,
        // since a rule grows no milder with its date.
        match worst.get(&judgement.obligation) {
            Some(other) if gravity(&other.verdict) > gravity(&judgement.verdict) => {}
            _ => drop(worst.insert(judgement.obligation.clone(), judgement)),
        }
    }
    judgements.extend(worst.into_values());
    if judgements.is_empty() {
        return case.once(None, Ok(Verdict::NotApplicable));
    }
    judgements
}

fn judge(change: &Change<'_>, history_is_told: bool, library: &Library) -> Known<Verdict> {
    // The move to a notifiable report is judged by REC-059 and REC-045.
    let mut became = [change.to.class, change.to.code].into_iter();
    if became.any(|word| library.notifiable_report(word).is_some()) {
        return Ok(Verdict::NotApplicable);
    }
    let code = match change.admitted {
        Some(entry) => failing(entry)?,
        None if history_is_told => Some("silent_change"),
        None => return Err(CLASS),
    };
    let Some(code) = code else {
        let (done, due) = (change.at, None);
        return Ok(Verdict::Met { done, due });
    };
    let finding = Finding::of(code)
        .value("classification.class", change.from.to_string())
        .value("core.offence_class", change.to.to_string());
    // Ours: a change of code inside one class moves no published figure.
    let verdict = if change.from.class == change.to.class {
        finding.advisory([])
    } else {
        finding.plain(None)
    };
    // A history that lags behind the record may still explain it, so it waits for that commit.
    let committed = change.at.filter(|_| change.admitted.is_none());
    Ok(committed
        .map(|at| at.latest())
        .into_iter()
        .fold(verdict, Verdict::after))
}

const DECIDERS: [Role; 2] = [Role::ForceCrimeRegistrar, Role::DesignatedDecisionMaker];

/// crr-2026 p13 and pp18 to 21: the registrar or a designated decision maker changes a class, with
/// a written justification, for new information or because the first was an error; a charge with
/// another offence is no reason.
fn failing(entry: &Classification) -> Known<Option<&'static str>> {
    let role = entry.by.as_ref().and_then(|by| by.role);
    let is_wrong = role.map(|role| !DECIDERS.contains(&role));
    let note = entry.rationale.as_ref();
    let is_absent = note.and_then(|note| note.present).map(|present| !present);
    let reason = entry.reason;
    let is_other = reason.map(|reason| reason == ReclassificationReason::Other);
    let told = |failed: Option<bool>, leaf| failed.ok_or(Missing::leaf("classification", leaf));
    let failures = [
        ("wrong_role", told(is_wrong, "by")),
        ("not_justified", told(is_absent, "rationale")),
        ("reason_not_accepted", told(is_other, "reason")),
    ];
    if let Some((code, _)) = failures.iter().find(|(_, failed)| *failed == Ok(true)) {
        return Ok(Some(code));
    }
    any(failures, |(_, failed)| failed).map(|_| None)
}

fn gravity(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Breach { .. } | Verdict::Advisory { .. } => 2,
        Verdict::Undecidable { .. } => 1,
        _ => 0,
    }
}
