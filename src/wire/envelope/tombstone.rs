//! A value that is absent: the thing that its key names is gone from its feed, and nobody says why.
//! Start at [`read`].

use super::{Envelope, Manner};
use crate::domain::names::{ForceCode, RecordKind, Reference, Source};
use crate::domain::records::{CrimeRecord, Deleted, DeletedReason, Head, IncidentRecord, Record};
use crate::domain::{Glimpse, Moment, Problem, Reason, Refusal};
use crate::wire::json::Decoded;

/// What a key names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Named {
    /// The force.
    pub force: ForceCode,
    /// The feed.
    pub source: Source,
    /// Which schema the thing follows.
    pub record: RecordKind,
    /// The thing.
    pub reference: Reference,
}

pub(super) fn read(envelope: &Envelope<'_>, manner: &Manner<'_>) -> Result<Decoded, Refusal> {
    let Some(key) = envelope.key else {
        return Err(unmapped("a value, or a key that names a thing", "neither"));
    };
    let Some(keys) = manner.keys else {
        let expected = "a value, or a configuration that says what the topic's keys name";
        return Err(unmapped(expected, "a key without a value"));
    };
    let named = keys(envelope.topic, key);
    let named = named.filter(|named| !named.reference.as_str().is_empty());
    let Some(named) = named else {
        return Err(unmapped(
            "a key that names a thing",
            "another key, without a value",
        ));
    };
    let at = Moment::exact(manner.arrival);
    let head = Head {
        record: named.record,
        force: named.force,
        source: named.source,
        reference: named.reference,
        // It takes the highest version that its source has sent, which only validation knows.
        version: None,
        committed_at: at,
        extracted_at: None,
        deleted: Some(Deleted {
            reason: DeletedReason::Unknown,
            into: None,
            at,
        }),
    };
    let record = match head.record {
        RecordKind::Incident => Record::Incident(Box::new(IncidentRecord {
            head,
            blocks: Default::default(),
            unread: Vec::new(),
        })),
        RecordKind::Crime => Record::Crime(Box::new(CrimeRecord {
            head,
            blocks: Default::default(),
            unread: Vec::new(),
        })),
        RecordKind::Heartbeat | RecordKind::Decision => {
            return Err(unmapped(
                "a key that names an incident or a crime",
                "another key",
            ));
        }
    };
    Ok(Decoded {
        record,
        unknown: Vec::new(),
    })
}

fn unmapped(expected: &str, found: &str) -> Refusal {
    let problem = Problem::of(Reason::UnmappedKey, "", expected, found);
    Refusal::one(Reason::UnmappedKey, problem, Glimpse::default())
}
