//! What leaves a worker: records of one transaction, the positions it read up to, and the commit of
//! both or neither. Any error ends the transaction for good. Start at [`Outbox`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant as Ticks};

use rdkafka::client::ClientContext;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::message::{DeliveryResult, Message, OwnedHeaders, Timestamp};
use rdkafka::producer::{BaseRecord, Producer, ProducerContext, ThreadedProducer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::fault::Fault;
use super::fence::{Membership, membership};
use super::heard::Heard;
use super::listening::Listening;
use crate::domain::Instant;
use crate::domain::feed::Partition;
use crate::drivers::clock;

/// How long a call of a transaction may take. Above the producer's own `message.timeout.ms`, below
/// `transaction.timeout.ms`: past it the broker has ended the transaction anyway.
const CALL_MAX: Duration = Duration::from_secs(14);
/// A commit slower than this, or one that lost a connection, may have been repeated inside the client:
/// the producer is made anew, so that a late end of this transaction cannot end the next one.
const SLOW: Duration = Duration::from_secs(5);
/// How long word of a lost connection takes from the client's own thread.
const WORD_WITHIN: Duration = Duration::from_secs(1);
/// Acknowledgements come within this, or something may be wrong that the transaction can tell.
const PROMPT: Duration = Duration::from_secs(1);
/// How often it is asked whether a producer was replaced.
const PROBED_EVERY: Duration = Duration::from_millis(500);
/// How often a fencing producer of before is waited for.
const INIT_TRIES: u32 = 8;

/// One record to be written.
#[derive(Debug)]
pub struct Out<'a> {
    /// Where to.
    pub topic: &'a str,
    /// Its partition, else the one that its key gives.
    pub partition: Option<i32>,
    /// Its key.
    pub key: &'a [u8],
    /// Its value; none is a tombstone.
    pub value: Option<&'a [u8]>,
    /// Its headers.
    pub headers: Option<OwnedHeaders>,
}

/// The transactional producer of one worker.
pub struct Outbox {
    producer: ThreadedProducer<Delivering>,
    open: bool,
    /// What the open transaction writes to.
    topics: BTreeSet<String>,
    sent: u64,
    bytes: u64,
    /// Connections that were lost before the last commit began.
    lost_before: Option<u64>,
    /// When the last commit ended.
    ended: Option<Ticks>,
}

/// What a commit took.
#[derive(Clone, Copy, Debug)]
pub struct Committed {
    /// Records written.
    pub records: u64,
    /// How long wait, positions and commit took together.
    pub took: Duration,
    /// True if the producer has to be made anew before the next transaction.
    pub was_slow: bool,
}

impl Outbox {
    /// Opens the producer: whoever held its transactional id before is fenced, and its open
    /// transaction ended.
    pub fn open(config: &ClientConfig, heard: &Heard, stop: &AtomicBool) -> Result<Outbox, Fault> {
        let context = Delivering {
            heard: heard.clone(),
            ..Delivering::default()
        };
        let producer: ThreadedProducer<Delivering> = config
            .create_with_context(context)
            .map_err(|error| Fault::of("opening the producer", &error))?;
        for tried in 1.. {
            heard.refusal()?;
            if stop.load(Ordering::Relaxed) {
                return Err(Fault::again("stopping", "asked to stop while starting"));
            }
            match producer.init_transactions(Duration::from_secs(5)) {
                Ok(()) => break,
                Err(KafkaError::Transaction(error))
                    if error.is_retriable() && tried < INIT_TRIES => {}
                Err(error) => {
                    heard.refusal()?;
                    return Err(Fault::of("taking over the transactional id", &error));
                }
            }
        }
        Ok(Outbox {
            producer,
            open: false,
            topics: BTreeSet::new(),
            sent: 0,
            bytes: 0,
            lost_before: None,
            ended: None,
        })
    }

    /// True if something was written that is not committed.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// True if another producer of this transactional id was opened since.
    pub fn is_fenced(&self) -> bool {
        let fatal = self.producer.client().fatal_error();
        fatal.is_some_and(|(code, _)| {
            matches!(
                code,
                Code::Fenced | Code::ProducerFenced | Code::InvalidProducerEpoch
            )
        })
    }

    /// True if another producer of this transactional id has been opened, or is within so long. The
    /// broker says so of the next write only, so a record is written and given up: nobody sees it.
    pub fn is_replaced(&mut self, topic: &str, within: Duration) -> bool {
        let asked = Ticks::now();
        while !self.is_fenced() && asked.elapsed() < within {
            // What else goes wrong here says nothing of another producer.
            if !self.open && self.producer.begin_transaction().is_err() {
                return self.is_fenced();
            }
            let probe: BaseRecord<'_, [u8], [u8]> =
                BaseRecord::to(topic).partition(0).key(b"@probe");
            let _ = self.producer.send(probe);
            let _ = self.wait_for_acknowledgements(PROMPT);
            let _ = self.producer.abort_transaction(within);
            self.open = false;
            std::thread::sleep(PROBED_EVERY);
        }
        self.is_fenced()
    }

    /// Bytes written in the open transaction.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The broker's clock at this moment, as far as records that were written told it.
    pub fn broker_clock(&self) -> Option<Instant> {
        self.producer.context().told()?.now()
    }

    /// How far this machine's clock is ahead of the broker's, in milliseconds, as the last
    /// acknowledgement showed it: too far by what that took.
    pub fn clock_skew(&self) -> Option<i64> {
        Some(self.producer.context().told()?.skew)
    }

    /// Writes a record in the transaction, which it opens if none is.
    pub fn send(&mut self, out: Out<'_>) -> Result<(), Fault> {
        self.begin()?;
        let value = out.value;
        let mut record: BaseRecord<'_, [u8], [u8]> = BaseRecord::to(out.topic).key(out.key);
        record.payload = value;
        record.partition = out.partition;
        record.headers = out.headers;
        let began = Ticks::now();
        loop {
            match self.producer.send(record) {
                Ok(()) => break,
                Err((KafkaError::MessageProduction(Code::QueueFull), back))
                    if began.elapsed() < CALL_MAX =>
                {
                    // The polling thread makes room as acknowledgements come in.
                    record = back;
                    std::thread::sleep(Duration::from_millis(1));
                }
                // The transaction would commit without this record: it ends here.
                Err((error, _)) => {
                    let doing = format!("writing to the topic {} (WRITE)", out.topic);
                    return Err(Fault::of(&doing, &error));
                }
            }
        }
        if !self.topics.contains(out.topic) {
            self.topics.insert(out.topic.to_owned());
        }
        self.sent += 1;
        self.bytes += (out.key.len() + value.map_or(0, <[u8]>::len)) as u64;
        Ok(())
    }

    fn begin(&mut self) -> Result<(), Fault> {
        if !self.open {
            // Word of a connection that was lost during the last commit may come after its end.
            let just_ended = |ended: Ticks| ended.elapsed() < WORD_WITHIN;
            if self.ended.is_some_and(just_ended) && self.was_interrupted() {
                let detail = "a connection was lost around the end of a transaction";
                return Err(Fault::again("interrupted", detail));
            }
            self.producer
                .begin_transaction()
                .map_err(|error| Fault::of("opening a transaction", &error))?;
            self.open = true;
        }
        Ok(())
    }

    /// Commits what was written together with the positions read up to. The group's membership is the
    /// one of the assignment, or nothing is committed.
    pub fn commit(
        &mut self,
        positions: &BTreeMap<Partition, i64>,
        consumer: &BaseConsumer<Listening>,
        member: &Membership,
    ) -> Result<Committed, Fault> {
        self.begin()?;
        let began = Ticks::now();
        self.lost_before = Some(self.lost_connections());
        let doing = self.doing();
        let are_acknowledged = self.wait_for_acknowledgements(PROMPT)?;
        if !positions.is_empty() {
            // A transaction that cannot be says so here: what it may not write is never acknowledged.
            self.send_positions(positions, consumer, member, &doing)?;
        }
        if !are_acknowledged && !self.wait_for_acknowledgements(CALL_MAX)? {
            return Err(Fault::again("timed_out", "records are not acknowledged"));
        }
        self.producer
            .commit_transaction(CALL_MAX)
            .map_err(|error| Fault::of(&doing, &error))?;
        let took = began.elapsed();
        let committed = Committed {
            records: self.sent,
            took,
            was_slow: took > SLOW || self.was_interrupted(),
        };
        (self.open, self.sent, self.bytes) = (false, 0, 0);
        self.topics.clear();
        self.ended = Some(Ticks::now());
        Ok(committed)
    }

    /// True if a connection was lost since the last commit began.
    fn was_interrupted(&self) -> bool {
        self.lost_before
            .is_some_and(|before| self.lost_connections() != before)
    }

    fn lost_connections(&self) -> u64 {
        self.producer.context().lost.load(Ordering::Acquire)
    }

    /// What a commit does, for the person who reads why it could not.
    fn doing(&self) -> String {
        let topics: Vec<&str> = self.topics.iter().map(String::as_str).collect();
        format!(
            "committing what was written to {} (WRITE)",
            topics.join(", ")
        )
    }

    /// A commit with records in flight costs a flat 100 ms in the binding; waiting first costs two. False
    /// if some are not acknowledged by then.
    fn wait_for_acknowledgements(&self, at_most: Duration) -> Result<bool, Fault> {
        let began = Ticks::now();
        while self.producer.in_flight_count() > 0 {
            if began.elapsed() > at_most {
                return Ok(false);
            }
            std::thread::sleep(Duration::from_micros(200));
        }
        match self.producer.context().failed() {
            None => Ok(true),
            Some((topic, error)) => {
                let doing = format!("writing to the topic {topic} (WRITE)");
                Err(Fault::of(&doing, &error))
            }
        }
    }

    fn send_positions(
        &self,
        positions: &BTreeMap<Partition, i64>,
        consumer: &BaseConsumer<Listening>,
        member: &Membership,
        doing: &str,
    ) -> Result<(), Fault> {
        let mut list = TopicPartitionList::with_capacity(positions.len());
        for (partition, next) in positions {
            list.add_partition_offset(&partition.topic, partition.number, Offset::Offset(*next))
                .map_err(|error| Fault::of("noting a position", &error))?;
        }
        // The broker takes positions of a partition that is not owned, and takes them unfenced from
        // a consumer that is in no group: both are ours to check.
        let metadata = consumer.group_metadata();
        let own = membership(consumer);
        let Some(metadata) =
            metadata.filter(|_| own.as_ref() == Some(member) && member.can_be_fenced())
        else {
            let detail = format!("committing as {own:?}, assigned as {member:?}");
            return Err(Fault::again("generation", detail));
        };
        if consumer.assignment_lost() {
            return Err(Fault::again("generation", "the assignment was lost"));
        }
        self.producer
            .send_offsets_to_transaction(&list, &metadata, CALL_MAX)
            .map_err(|error| Fault::of(doing, &error))
    }
}

/// What the polling thread of a producer notes of deliveries.
#[derive(Debug, Default)]
struct Delivering {
    heard: Heard,
    /// Where the first failed, and why.
    failed: Mutex<Option<(String, KafkaError)>>,
    /// The broker's clock, as the last delivery showed it.
    told: Mutex<Option<Told>>,
    /// Connections to brokers that were lost.
    lost: AtomicU64,
}

impl Delivering {
    fn failed(&self) -> Option<(String, KafkaError)> {
        self.failed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn told(&self) -> Option<Told> {
        *self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an acknowledgement tells of the broker's clock.
#[derive(Clone, Copy, Debug)]
struct Told {
    /// When the record was appended, by the broker's clock.
    appended_at: Instant,
    /// When that was heard of.
    heard: Ticks,
    /// Our clock less the broker's, in milliseconds.
    skew: i64,
}

impl Told {
    /// The broker's clock now, never more than the truth: an acknowledgement comes after the append,
    /// what passes since is measured by a clock that nobody sets, and a thousandth is left out for a
    /// clock that runs fast.
    fn now(self) -> Option<Instant> {
        let since = i64::try_from(self.heard.elapsed().as_millis()).ok()?;
        Some(Instant::from_millis(
            self.appended_at.millis() + since - since / 1000,
        ))
    }
}

impl ClientContext for Delivering {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        self.heard.log(level, facility, line);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        if error.rdkafka_error_code() == Some(Code::BrokerTransportFailure) {
            self.lost.fetch_add(1, Ordering::Release);
        }
        self.heard.error(&error, reason);
    }

    fn stats_raw(&self, _: &[u8]) {}
}

impl ProducerContext for Delivering {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        match result {
            Ok(message) => {
                if let Timestamp::LogAppendTime(at) = message.timestamp() {
                    let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
                    *told = Some(Told {
                        appended_at: Instant::from_millis(at),
                        heard: Ticks::now(),
                        skew: clock::now().millis() - at,
                    });
                }
            }
            Err((error, message)) => {
                let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
                failed.get_or_insert_with(|| (message.topic().to_owned(), error.clone()));
            }
        }
    }
}
