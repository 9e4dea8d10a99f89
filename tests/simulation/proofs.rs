//! How far each feed is proved, kept a second time from the heartbeats and the records set aside.
//! Start at [`Proofs::take`].

use std::collections::BTreeMap;

use truecount::domain::names::Reference;
use truecount::domain::records::{DecisionKind, Record};
use truecount::domain::{Elapsed, Instant};
use truecount::validation::Effect;

use super::stream::{Event, What};

/// How long an unread record holds its feed.
const HOLD: Elapsed = Elapsed::hours(4);

/// How far every feed is proved.
#[derive(Default)]
pub(crate) struct Proofs(BTreeMap<String, Proof>);

struct Proof {
    stated: Instant,
    sequence: i64,
    proved: Instant,
    unread: Vec<Unread>,
}

struct Unread {
    reference: Option<Reference>,
    version: Option<i64>,
    holds_at: Instant,
    arrival: Instant,
}

impl Proofs {
    /// Takes an event, and the conflicts that the engine found in it.
    pub(crate) fn take(&mut self, event: &Event, effects: &[Effect]) {
        match &event.what {
            What::SetAside {
                feed,
                reference,
                version,
            } => {
                self.of(feed)
                    .set_aside(reference.clone(), *version, event.at);
            }
            What::Record(Record::Heartbeat(beat)) => {
                let sequence = beat.head.version.unwrap_or_default();
                let through = beat.sent_through.earliest();
                let proof = self.of(beat.head.source.as_str());
                if sequence > proof.sequence && through >= proof.stated {
                    (proof.sequence, proof.stated) = (sequence, through);
                }
            }
            What::Record(Record::Decision(decision)) if decision.kind == DecisionKind::Release => {
                for proof in self.0.values_mut() {
                    proof.unread.retain(|unread| {
                        unread.reference.as_ref() != Some(&decision.about.reference)
                    });
                }
            }
            What::Record(Record::Decision(_)) => {}
            What::Record(record) => self.read(record, event, effects),
        }
        self.0.values_mut().for_each(Proof::settle);
    }

    fn read(&mut self, record: &Record, event: &Event, effects: &[Effect]) {
        let head = record.head();
        let proof = self.of(head.source.as_str());
        let conflicts = effects
            .iter()
            .any(|effect| matches!(effect, Effect::Conflict { .. }));
        if conflicts {
            let next = head.version.map(|version| version + 1);
            proof.set_aside(Some(head.reference.clone()), next, event.at);
            return;
        }
        proof.unread.retain(|unread| {
            let later = match (unread.version, head.version) {
                (Some(unread), Some(own)) => own >= unread,
                _ => true,
            };
            unread.reference.as_ref() != Some(&head.reference) || !later
        });
    }

    /// Through when a feed is proved.
    pub(crate) fn through(&self, feed: &str) -> Instant {
        self.0
            .get(feed)
            .map_or(Instant::BEGINNING, |proof| proof.proved)
    }

    fn of(&mut self, feed: &str) -> &mut Proof {
        self.0.entry(feed.to_owned()).or_insert_with(|| Proof {
            stated: Instant::BEGINNING,
            sequence: -1,
            proved: Instant::BEGINNING,
            unread: Vec::new(),
        })
    }
}

impl Proof {
    fn set_aside(&mut self, reference: Option<Reference>, version: Option<i64>, arrival: Instant) {
        let holds_at = self.proved;
        self.unread.push(Unread {
            reference,
            version,
            holds_at,
            arrival,
        });
    }

    fn settle(&mut self) {
        let stated = self.stated;
        self.unread
            .retain(|unread| stated <= unread.arrival.plus(HOLD));
        let held = self.unread.iter().map(|unread| unread.holds_at).min();
        self.proved = self
            .proved
            .max(held.map_or(stated, |held| stated.min(held)));
    }
}
