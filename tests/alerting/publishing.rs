//! What validation does, in small: revisions of made-up exceptions, written to both topics in
//! transactions. Start at [`Publisher`].

use std::time::Duration;

use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::rig::{Access, unique};

/// Topics of one test, and who writes them.
pub(crate) struct Publisher {
    pub(crate) exceptions: String,
    pub(crate) current: String,
    producer: ThreadedProducer<DefaultProducerContext>,
}

const WAIT: Duration = Duration::from_secs(60);

impl Publisher {
    /// Two topics of so many partitions, and a transactional producer.
    pub(crate) fn new(access: &Access, partitions: i32) -> Publisher {
        let (exceptions, current) = (unique("exceptions"), unique("exceptions-current"));
        access.create_topic(&exceptions, partitions, &[]);
        access.create_topic(&current, partitions, &[("cleanup.policy", "compact")]);
        let producer: ThreadedProducer<_> = access
            .client()
            .set("transactional.id", unique("validation"))
            .set("partitioner", "murmur2_random")
            .create()
            .expect("settings");
        producer
            .init_transactions(WAIT)
            .expect("the broker answers");
        Publisher {
            exceptions,
            current,
            producer,
        }
    }

    /// Publishes revisions in one transaction.
    pub(crate) fn publish(&self, revisions: &[Value]) {
        self.write(revisions);
        self.producer.commit_transaction(WAIT).expect("it commits");
    }

    /// Writes revisions in a transaction that comes to nothing.
    pub(crate) fn abandon(&self, revisions: &[Value]) {
        self.write(revisions);
        // Else nothing of it may have reached the topic, and nothing would have to be passed over.
        self.producer.flush(WAIT).expect("it is written");
        self.producer.abort_transaction(WAIT).expect("it aborts");
    }

    fn write(&self, revisions: &[Value]) {
        self.producer.begin_transaction().expect("none is open");
        for revision in revisions {
            let key = revision["id"].as_str().expect("it has one");
            for topic in [&self.exceptions, &self.current] {
                self.send(topic, key, Some(revision.to_string().as_bytes()));
            }
        }
    }

    /// Writes bytes to a topic, or a tombstone.
    pub(crate) fn put(&self, topic: &str, key: &str, value: Option<&[u8]>) {
        self.producer.begin_transaction().expect("none is open");
        self.send(topic, key, value);
        self.producer.commit_transaction(WAIT).expect("it commits");
    }

    fn send(&self, topic: &str, key: &str, value: Option<&[u8]>) {
        let mut record: BaseRecord<'_, str, [u8]> = BaseRecord::to(topic).key(key);
        if let Some(value) = value {
            record = record.payload(value);
        }
        self.producer
            .send(record)
            .map_err(|(error, _)| error)
            .expect("there is room");
    }
}

/// An id that a number gives.
pub(crate) fn id(number: u128) -> String {
    Uuid::from_u128(number).to_string()
}

/// A revision in the contract's form: raised, of the unit west of a force, with something said
/// otherwise.
pub(crate) fn exception(number: u128, revision: u32, more: Value) -> Value {
    let mut whole = json!({
        "id": id(number), "revision": revision, "force": "northamptonshire", "record": "crime",
        "reference": format!("34/26/{number:06}"), "rule": "REC-030",
        "obligation": format!("34/26/{number:06}"), "state": "raised", "severity": "high",
        "title": "Recorded within 24 hours",
        "finding": {"code": "recorded_late", "facts": [], "text": "The crime was recorded late."},
        "missing": [], "due": "2026-04-02T09:04:00+01:00", "late_by_seconds": 3360,
        "remedied_at": null,
        "citation": {"source": "Crime Recording Rules", "edition": "2026-27", "place": "2.2"},
        "ruleset": "r", "profile": "national", "proof": "stated", "owning_unit": "west",
        "offence_group": "violence", "domestic_abuse": false, "because": null, "reopened": false,
        "cause": null, "provenance": {"partition": 0, "position": 1,
                                      "frontier": "2026-04-03T09:00:00+01:00"},
    });
    let fields = whole.as_object_mut().expect("an object");
    fields.extend(more.as_object().expect("fields").clone());
    whole
}
