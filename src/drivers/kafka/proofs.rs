//! Proofs of feeds that send no heartbeats: at a time of the broker's clock the end of a partition is
//! noted; once everything below it has been read, the feed has sent all that it committed up to its
//! publication lag before that time. It proves that the log was read and rests on the feed's
//! declaration for the rest. Start at [`Proofs::turn`].

use std::collections::BTreeMap;
use std::time::{Duration, Instant as Ticks};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{Message, Timestamp};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::client::Clients;
use super::declared::Declared;
use super::fault::Fault;
use super::stage::{INTAKE, Idle};
use crate::domain::Instant;
use crate::domain::exception::ProofKind;
use crate::domain::feed::{Partition, Promise};
use crate::domain::journal::Proof;
use crate::domain::names::{ForceCode, Source};

/// How long the broker may take to tell an end; else it is asked again at the next turn.
const CALL_MAX: Duration = Duration::from_secs(2);

/// How far back the newest record of a partition is looked for: behind it stand markers of
/// transactions, and records of one that was given up.
const LOOK_BACK: i64 = 100;
/// How long that look may take over all partitions; where it takes longer, the next record tells.
const LOOK_MAX: Duration = Duration::from_secs(10);

/// The partitions of feeds that promise instead of sending heartbeats.
pub(super) struct Proofs {
    asker: BaseConsumer,
    clients: Clients,
    every: Duration,
    promised: BTreeMap<Partition, Vec<Promised>>,
    owned: Vec<Partition>,
    probes: BTreeMap<Partition, Probe>,
    asked: Option<Ticks>,
    /// When the last record of a partition was appended.
    heard: BTreeMap<Partition, Instant>,
    has_told_nothing: bool,
    proved: BTreeMap<(ForceCode, Partition), Instant>,
}

/// Who promises what of a partition.
struct Promised {
    force: ForceCode,
    feed: Source,
    promise: Promise,
}

/// The end of a partition at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Probe {
    end: i64,
    at: Instant,
}

/// A proof, and the force it is of.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Proved {
    /// The force.
    pub force: ForceCode,
    /// The proof.
    pub proof: Proof,
}

impl Proofs {
    /// Proofs for the declared feeds that promise.
    pub(super) fn new(
        declared: &Declared,
        clients: &Clients,
        every: Duration,
    ) -> Result<Proofs, Fault> {
        let mut promised: BTreeMap<Partition, Vec<Promised>> = BTreeMap::new();
        for (code, force) in declared.iter() {
            for feed in force.feeds.iter() {
                let Some(promise) = feed.promise else {
                    continue;
                };
                for partition in &feed.partitions {
                    promised
                        .entry(partition.clone())
                        .or_default()
                        .push(Promised {
                            force: code.clone(),
                            feed: feed.name.clone(),
                            promise,
                        });
                }
            }
        }
        let asker = clients
            .asker()
            .create()
            .map_err(|error| Fault::of("opening the client that asks for ends", &error))?;
        Ok(Proofs {
            asker,
            clients: clients.clone(),
            every,
            promised,
            owned: Vec::new(),
            probes: BTreeMap::new(),
            asked: None,
            heard: BTreeMap::new(),
            has_told_nothing: false,
            proved: BTreeMap::new(),
        })
    }

    /// These partitions are read here, and no others.
    pub(super) fn own(&mut self, partitions: &[Partition]) {
        self.owned = partitions
            .iter()
            .filter(|partition| self.promised.contains_key(*partition))
            .cloned()
            .collect();
        self.probes.clear();
        self.asked = None;
        self.has_told_nothing = false;
    }

    /// Learns how long the feeds of owned partitions have been silent: whoever read them before knew,
    /// and a feed that is silent as promised must not wait for its next record to be proved.
    pub(super) fn learn(
        &mut self,
        alive: &mut dyn FnMut() -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let unheard = self
            .owned
            .iter()
            .filter(|one| !self.heard.contains_key(*one));
        let unheard: Vec<Partition> = unheard.cloned().collect();
        if unheard.is_empty() {
            return Ok(());
        }
        let reader: BaseConsumer = self
            .clients
            .reader(INTAKE)
            .create()
            .map_err(|error| Fault::of("opening a reader", &error))?;
        let until = Ticks::now() + LOOK_MAX;
        for partition in unheard {
            if let Some(at) = self.newest(&reader, &partition, until, alive)? {
                self.heard(&partition, at);
            }
        }
        Ok(())
    }

    /// When the newest record of a partition was appended, by the broker's clock; none where that takes
    /// too long to find or is told by another clock.
    fn newest(
        &self,
        reader: &BaseConsumer,
        partition: &Partition,
        until: Ticks,
        alive: &mut dyn FnMut() -> Result<(), Fault>,
    ) -> Result<Option<Instant>, Fault> {
        let (topic, number) = (&partition.topic, partition.number);
        let ends = self.asker.fetch_watermarks(topic, number, CALL_MAX);
        let Some((low, end)) = ends.ok().filter(|(low, end)| low < end) else {
            return Ok(None);
        };
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(topic, number, Offset::Offset(low.max(end - LOOK_BACK)))
            .and_then(|()| reader.assign(&list))
            .map_err(|error| Fault::of("looking for the newest record", &error))?;
        let mut newest = None;
        while Ticks::now() < until {
            match reader.poll(Duration::from_millis(50)) {
                Some(Ok(record)) => {
                    if let Timestamp::LogAppendTime(at) = record.timestamp() {
                        newest = newest.max(Some(Instant::from_millis(at)));
                    }
                }
                Some(Err(KafkaError::PartitionEOF(_))) => return Ok(newest),
                Some(Err(error)) => {
                    let doing = format!("looking for the newest record of {topic} (READ)");
                    super::worker::passing(&doing, &error)?;
                }
                None => alive()?,
            }
        }
        Ok(newest)
    }

    /// A proof that proves nothing, once in a while: what is written tells the broker's clock, and
    /// without it a feed that is silent would not be proved.
    pub(super) fn nothing(&mut self) -> Option<Proved> {
        if std::mem::replace(&mut self.has_told_nothing, true) {
            return None;
        }
        let partition = self.owned.first()?;
        let promised = self.promised.get(partition)?.first()?;
        Some(promised.proved(partition, Instant::BEGINNING))
    }

    /// A record of a partition was read.
    pub(super) fn heard(&mut self, partition: &Partition, appended_at: Instant) {
        if self.promised.contains_key(partition) {
            let last = self.heard.entry(partition.clone()).or_insert(appended_at);
            *last = appended_at.max(*last);
        }
    }

    /// Notes ends that are due, and says what is proved by those that were read past.
    pub(super) fn turn(&mut self, now: Instant, idle: &Idle<'_>) -> Result<Vec<Proved>, Fault> {
        let mut proved = Vec::new();
        for partition in self.owned.clone() {
            let Some(probe) = self.probes.get(&partition).copied() else {
                continue;
            };
            if is_read_past(probe.end, &partition, idle) {
                self.probes.remove(&partition);
                proved.extend(self.prove(&partition, probe));
            }
        }
        if self.asked.is_none_or(|asked| asked.elapsed() >= self.every) && !self.owned.is_empty() {
            self.asked = Some(Ticks::now());
            for partition in &self.owned {
                if self.probes.contains_key(partition) {
                    continue;
                }
                // `now` was read before the question: whatever was appended by then is below the end.
                let (topic, number) = (&partition.topic, partition.number);
                if let Ok((_, end)) = self.asker.fetch_watermarks(topic, number, CALL_MAX) {
                    self.probes
                        .insert(partition.clone(), Probe { end, at: now });
                }
            }
        }
        Ok(proved)
    }

    fn prove(&mut self, partition: &Partition, probe: Probe) -> Vec<Proved> {
        let mut proofs = Vec::new();
        for promised in self.promised.get(partition).into_iter().flatten() {
            // Silent for longer than it says: perhaps it is broken, and its claim stands still.
            let Some(last) = self.heard.get(partition) else {
                continue;
            };
            let until = last.plus(promised.promise.expected_every).min(probe.at);
            let through = until.minus(promised.promise.publication_lag);
            let key = (promised.force.clone(), partition.clone());
            let before = self.proved.get(&key).copied().unwrap_or(Instant::BEGINNING);
            if through <= before {
                continue;
            }
            self.proved.insert(key, through);
            proofs.push(promised.proved(partition, through));
        }
        proofs
    }
}

impl Promised {
    fn proved(&self, partition: &Partition, through: Instant) -> Proved {
        Proved {
            force: self.force.clone(),
            proof: Proof {
                feed: self.feed.clone(),
                partition: partition.clone(),
                through,
                kind: ProofKind::Declared,
            },
        }
    }
}

/// True once every record below `end` was taken: the position is there, or the client library has seen
/// the end there, markers of transactions included, and handed everything over.
fn is_read_past(end: i64, partition: &Partition, idle: &Idle<'_>) -> bool {
    let read = idle
        .positions
        .get(partition)
        .is_some_and(|next| *next >= end);
    let seen = idle.is_quiet
        && idle
            .read_to
            .get(partition)
            .is_some_and(|to| to.end >= end && to.waiting == 0);
    read || seen
}
