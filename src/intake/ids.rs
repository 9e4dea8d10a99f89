//! The ids of entries: within a list each stands once and says something. Never shows an id, for it
//! may be built from anything. Start at [`of_incident`] and [`of_crime`].

use super::Problems;
use crate::domain::Reason;
use crate::domain::records::{CrimeBlocks, IncidentBlocks};

/// The lists of an incident whose entries have ids.
pub(super) fn of_incident(incident: &IncidentBlocks, problems: &mut Problems) {
    let disclosures = &incident.disclosures;
    unique(
        "disclosures.id",
        disclosures,
        |entry| entry.id.as_str(),
        problems,
    );
}

/// The lists of a crime whose entries have ids.
pub(super) fn of_crime(crime: &CrimeBlocks, problems: &mut Problems) {
    let victim_ref = "victims.victim_ref";
    unique(
        victim_ref,
        &crime.victims,
        |entry| entry.victim_ref.as_str(),
        problems,
    );
    let victim_ref = "victim_care.victim_ref";
    unique(
        victim_ref,
        &crime.victim_care,
        |entry| entry.victim_ref.as_str(),
        problems,
    );
    for care in crime.victim_care.iter().flatten() {
        let assessments = "victim_care.needs_assessments.id";
        unique(
            assessments,
            &care.needs_assessments,
            |entry| entry.id.as_str(),
            problems,
        );
        let records = "victim_care.support_records.id";
        unique(
            records,
            &care.support_records,
            |entry| entry.id.as_str(),
            problems,
        );
    }
    let suspect_ref = "suspects.suspect_ref";
    unique(
        suspect_ref,
        &crime.suspects,
        |entry| entry.suspect_ref.as_str(),
        problems,
    );
    unique(
        "outcomes.id",
        &crime.outcomes,
        |entry| entry.id.as_str(),
        problems,
    );
    unique("risk.id", &crime.risk, |entry| entry.id.as_str(), problems);
}

/// Finds an empty id and the first id that stands twice.
fn unique<E>(field: &str, list: &Option<Vec<E>>, id: impl Fn(&E) -> &str, problems: &mut Problems) {
    let entries = list.as_deref().unwrap_or_default();
    if let Some(at) = entries.iter().position(|entry| id(entry).is_empty()) {
        let found = format!("an empty text in entry {}", at + 1);
        problems.add(Reason::EmptyName, field, "an id that says something", found);
    }
    if let Some((first, second)) = twins(entries, &id) {
        let found = format!("one id in entries {first} and {second}");
        problems.add(
            Reason::DuplicateId,
            field,
            "an id of its own in each entry",
            found,
        );
    }
}

/// The places of two entries with the same id, counted from 1.
fn twins<E>(entries: &[E], id: impl Fn(&E) -> &str) -> Option<(usize, usize)> {
    if entries.len() < 2 {
        return None;
    }
    let mut ids: Vec<_> = entries.iter().map(id).zip(1..).collect();
    ids.sort_unstable();
    ids.windows(2)
        .find(|pair| pair[0].0 == pair[1].0 && !pair[0].0.is_empty())
        .map(|pair| (pair[0].1, pair[1].1))
}
