//! What the polling thread hears beside records: assignments given and taken away, statistics, errors.
//! It only takes notes; the worker acts on them in its own order, so that a revoked partition is
//! committed and let go between two records and never inside a callback. Start at [`Listening`].

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::TopicPartitionList;
use rdkafka::types::RDKafkaRespErr;
use serde::Deserialize;

use super::heard::Heard;
use crate::domain::feed::Partition;

/// A change of what a worker owns.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Turn {
    /// It is given these partitions, and no others.
    Assigned(Vec<Partition>),
    /// Everything is taken from it; lost if it is too late to commit.
    Revoked {
        /// True if others may own it already.
        lost: bool,
    },
}

/// How far the client library has read a partition, by its own account.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ReadTo {
    /// The end it has seen last, markers of transactions included.
    pub end: i64,
    /// Records that it has fetched and not handed over, of all partitions together.
    pub waiting: i64,
    /// The last stable offset.
    pub stable: i64,
    /// The high watermark.
    pub high: i64,
}

/// The context of a consumer that takes notes.
#[derive(Debug, Default)]
pub struct Listening {
    heard: Heard,
    turns: Mutex<VecDeque<Turn>>,
    read_to: Mutex<BTreeMap<Partition, ReadTo>>,
    closing: AtomicBool,
}

impl Listening {
    /// A context that passes errors on to `heard`.
    pub fn new(heard: Heard) -> Listening {
        Listening {
            heard,
            ..Listening::default()
        }
    }

    /// The next change of what is owned, in the order in which they came.
    pub fn next_turn(&self) -> Option<Turn> {
        lock(&self.turns).pop_front()
    }

    /// True if what is owned is about to change.
    pub fn is_turning(&self) -> bool {
        !lock(&self.turns).is_empty()
    }

    /// What the newest statistics say, each partition once.
    pub fn take_read_to(&self) -> BTreeMap<Partition, ReadTo> {
        std::mem::take(&mut *lock(&self.read_to))
    }

    /// From here on nothing is taken, and what is taken away is let go at once: the consumer is being
    /// closed.
    pub fn close(&self) {
        self.closing.store(true, Ordering::Relaxed);
    }
}

impl ClientContext for Listening {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        self.heard.log(level, facility, line);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.heard.error(&error, reason);
    }

    fn stats_raw(&self, statistics: &[u8]) {
        if let Ok(told) = serde_json::from_slice::<Statistics>(statistics) {
            lock(&self.read_to).extend(told.partitions());
        }
    }
}

impl ConsumerContext for Listening {
    fn rebalance(
        &self,
        consumer: &BaseConsumer<Self>,
        kind: RDKafkaRespErr,
        partitions: &mut TopicPartitionList,
    ) {
        if self.closing.load(Ordering::Relaxed) {
            if let Err(error) = consumer.unassign() {
                self.heard
                    .error(&error, "letting go of partitions on close");
            }
        } else if kind == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            let given = partitions.elements().into_iter().map(|one| Partition {
                topic: one.topic().to_owned(),
                number: one.partition(),
            });
            lock(&self.turns).push_back(Turn::Assigned(given.collect()));
        } else {
            let lost = consumer.assignment_lost();
            lock(&self.turns).push_back(Turn::Revoked { lost });
        }
    }
}

/// The few numbers of the client's statistics that are used here.
#[derive(Deserialize)]
struct Statistics {
    #[serde(default)]
    topics: BTreeMap<String, TopicStatistics>,
}

#[derive(Deserialize)]
struct TopicStatistics {
    #[serde(default)]
    partitions: BTreeMap<String, PartitionStatistics>,
}

#[derive(Deserialize)]
struct PartitionStatistics {
    partition: i32,
    #[serde(default)]
    fetchq_cnt: i64,
    eof_offset: i64,
    ls_offset: i64,
    hi_offset: i64,
}

impl Statistics {
    fn partitions(self) -> impl Iterator<Item = (Partition, ReadTo)> {
        self.topics.into_iter().flat_map(|(topic, of)| {
            let known = of.partitions.into_values().filter(|one| one.partition >= 0);
            known
                .map(move |one| {
                    let partition = Partition {
                        topic: topic.clone(),
                        number: one.partition,
                    };
                    let read_to = ReadTo {
                        end: one.eof_offset,
                        waiting: one.fetchq_cnt,
                        stable: one.ls_offset,
                        high: one.hi_offset,
                    };
                    (partition, read_to)
                })
                .collect::<Vec<_>>()
        })
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_tell_how_far_each_partition_is_read() {
        let listening = Listening::new(Heard::default());
        listening.stats_raw(
            br#"{"name":"x","topics":{"cad":{"topic":"cad","partitions":{
                "0":{"partition":0,"fetchq_cnt":2,"eof_offset":7,"ls_offset":7,"hi_offset":8},
                "-1":{"partition":-1,"fetchq_cnt":0,"eof_offset":-1001,"ls_offset":-1001,"hi_offset":-1001}}}}}"#,
        );
        let cad = Partition {
            topic: "cad".to_owned(),
            number: 0,
        };
        let read_to = ReadTo {
            end: 7,
            waiting: 2,
            stable: 7,
            high: 8,
        };
        assert_eq!(listening.take_read_to(), BTreeMap::from([(cad, read_to)]));
        assert!(listening.take_read_to().is_empty());
    }
}
