//! Readers that see a topic as a consumer outside sees it: whole and at rest, or live while things go
//! wrong. They share the client library with the product and nothing else.
//! Start at [`dump`] and [`Follower`].

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::Headers;
use rdkafka::{Message, Offset, TopicPartitionList};

use crate::rig::Access;

/// Enough for a busy machine; what is not quiet by then will not be.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long a position may stand still before it is asked what stands behind it.
const A_WHILE: Duration = Duration::from_secs(2);
const ANSWER: Duration = Duration::from_secs(20);

/// Whether a reader sees what was never committed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Isolation {
    /// Only what was committed.
    Committed,
    /// Everything, also what was aborted.
    Uncommitted,
}

/// One record of a topic as a reader saw it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Seen {
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    pub(crate) key: Option<Vec<u8>>,
    pub(crate) value: Option<Vec<u8>>,
    pub(crate) headers: Vec<(String, Option<Vec<u8>>)>,
    pub(crate) timestamp_ms: i64,
}

impl Seen {
    /// The key as text.
    pub(crate) fn key_text(&self) -> &str {
        text(self.key.as_deref())
    }

    /// The value as text.
    pub(crate) fn value_text(&self) -> &str {
        text(self.value.as_deref())
    }

    /// The value as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(self.value_text())
            .unwrap_or_else(|fault| panic!("{}@{}: {fault}", self.partition, self.offset))
    }
}

fn text(bytes: Option<&[u8]>) -> &str {
    std::str::from_utf8(bytes.unwrap_or_default()).expect("it is UTF-8")
}

/// Every record of a topic from its beginning to its end, by partition and offset. The topic is first
/// waited for until no transaction is open in it, else the last one would be missed.
pub(crate) fn dump(access: &Access, topic: &str, isolation: Isolation) -> Vec<Seen> {
    wait_until_quiet(access, topic);
    let consumer = reader(access, isolation);
    let mut unread = assign_whole(&consumer, topic);
    let started = Instant::now();
    let mut seen = Vec::new();
    while !unread.is_empty() {
        assert!(
            started.elapsed() < PATIENCE,
            "{topic} can be read to its end"
        );
        match consumer.poll(Duration::from_millis(100)) {
            Some(Ok(record)) => seen.push(seen_of(&record)),
            Some(Err(KafkaError::PartitionEOF(partition))) => {
                unread.remove(&partition);
            }
            // Anything else passes or runs into the bound.
            Some(Err(_)) | None => {}
        }
    }
    seen.sort_by_key(|seen: &Seen| (seen.partition, seen.offset));
    seen
}

/// Where each partition of a topic begins and ends, transaction markers included.
pub(crate) fn ends(access: &Access, topic: &str) -> BTreeMap<i32, (i64, i64)> {
    watermarks(&reader(access, Isolation::Uncommitted), topic)
}

/// Waits until no transaction is open in a topic.
pub(crate) fn wait_until_quiet(access: &Access, topic: &str) {
    let everything = reader(access, Isolation::Uncommitted);
    let committed = reader(access, Isolation::Committed);
    let started = Instant::now();
    // The last stable offset is asked second: if it has reached the end that was, that end is stable.
    loop {
        let ends = watermarks(&everything, topic);
        let stable = watermarks(&committed, topic);
        if ends.iter().all(|(at, (_, end))| stable[at].1 >= *end) {
            return;
        }
        assert!(
            started.elapsed() < PATIENCE,
            "{topic} is quiet: {ends:?} {stable:?}"
        );
        thread::sleep(Duration::from_millis(100));
    }
}

/// The offsets that a group has committed in a topic, none pending in a transaction. A partition
/// without one is left out.
pub(crate) fn committed(access: &Access, group: &str, topic: &str) -> BTreeMap<i32, i64> {
    let consumer: BaseConsumer = access
        .client()
        .set("group.id", group)
        // A committed reader is refused while a transaction that moves the offsets is open.
        .set("isolation.level", "read_committed")
        .create()
        .expect("settings");
    let mut asked = TopicPartitionList::new();
    for partition in partitions(&consumer, topic) {
        asked.add_partition(topic, partition);
    }
    let offsets = consumer
        .committed_offsets(asked, ANSWER)
        .unwrap_or_else(|fault| panic!("offsets of {group}: {fault}"));
    let offsets = offsets.elements();
    let told = offsets.iter().filter_map(|at| match at.offset() {
        Offset::Offset(offset) => Some((at.partition(), offset)),
        _ => None,
    });
    told.collect()
}

/// Waits until a group has committed every partition of a topic to its end as it stands at the
/// beginning, less so many offsets that nobody reads.
pub(crate) fn wait_until_committed(access: &Access, group: &str, topic: &str, unread: i64) {
    wait_until_committed_within(PATIENCE, access, group, topic, unread);
}

/// The same, waiting so long at the most.
pub(crate) fn wait_until_committed_within(
    patience: Duration,
    access: &Access,
    group: &str,
    topic: &str,
    unread: i64,
) {
    let mut ends = ends(access, topic);
    let started = Instant::now();
    loop {
        let committed = committed(access, group, topic);
        let behind = ends.iter().find(|(partition, (begin, end))| {
            let committed = committed.get(partition).unwrap_or(begin);
            *committed < *end - unread && begin < end
        });
        let Some((&partition, &(begin, end))) = behind else {
            return;
        };
        let from = *committed.get(&partition).unwrap_or(&begin);
        if started.elapsed() > A_WHILE && is_empty(access, topic, partition, from..end) {
            // Behind it stands nothing but transactions that were given up.
            ends.remove(&partition);
            continue;
        }
        let behind = (partition, begin, end);
        assert!(
            started.elapsed() < patience,
            "{group} has read {topic}: {behind:?}, committed {committed:?}"
        );
        thread::sleep(Duration::from_millis(200));
    }
}

/// True if a reader of committed records finds none in this part of a partition.
fn is_empty(access: &Access, topic: &str, partition: i32, part: Range<i64>) -> bool {
    let consumer = reader(access, Isolation::Committed);
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(topic, partition, Offset::Offset(part.start))
        .expect("it is an offset");
    consumer.assign(&list).expect("it is there");
    let started = Instant::now();
    while started.elapsed() < ANSWER {
        match consumer.poll(Duration::from_millis(100)) {
            Some(Ok(record)) => return record.offset() >= part.end,
            Some(Err(KafkaError::PartitionEOF(_))) => return true,
            Some(Err(_)) | None => {}
        }
    }
    false
}

/// A consumer that reads a topic live, from its beginning, in a thread of its own, and keeps what it
/// sees in the order in which it sees it.
pub(crate) struct Follower {
    access: Access,
    topic: String,
    seen: Arc<Mutex<Vec<(Seen, Instant)>>>,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Follower {
    /// Follows what is committed to a topic.
    pub(crate) fn follow(access: &Access, topic: &str) -> Follower {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let is_over = Arc::new(AtomicBool::new(false));
        let consumer = reader(access, Isolation::Committed);
        assign_whole(&consumer, topic);
        let thread = {
            let (seen, is_over) = (Arc::clone(&seen), Arc::clone(&is_over));
            thread::spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    if let Some(Ok(record)) = consumer.poll(Duration::from_millis(50)) {
                        let one = (seen_of(&record), Instant::now());
                        seen.lock().expect("nobody panics with it").push(one);
                    }
                }
            })
        };
        Follower {
            access: access.clone(),
            topic: topic.to_owned(),
            seen,
            is_over,
            thread: Some(thread),
        }
    }

    /// What it has seen so far, and when.
    pub(crate) fn so_far(&self) -> Vec<(Seen, Instant)> {
        self.seen.lock().expect("nobody panics with it").clone()
    }

    /// Waits until something has been seen that is wanted; when it was seen.
    pub(crate) fn wait_for(
        &self,
        what: &str,
        is_wanted: impl Fn(&Seen) -> bool,
    ) -> (Seen, Instant) {
        let started = Instant::now();
        loop {
            let found = self.so_far().into_iter().find(|(seen, _)| is_wanted(seen));
            if let Some(found) = found {
                return found;
            }
            assert!(started.elapsed() < PATIENCE, "{} shows {what}", self.topic);
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Everything up to the end of the topic as it stands, in the order in which it was seen.
    pub(crate) fn stop_at_end(mut self) -> Vec<Seen> {
        let mut last: BTreeMap<i32, i64> = BTreeMap::new();
        for seen in dump(&self.access, &self.topic, Isolation::Committed) {
            last.insert(seen.partition, seen.offset);
        }
        let started = Instant::now();
        let reached = |(partition, offset): (&i32, &i64)| {
            let seen = self.seen.lock().expect("nobody panics with it");
            let at = |(seen, _): &(Seen, Instant)| (seen.partition, seen.offset);
            seen.iter().any(|one| at(one) == (*partition, *offset))
        };
        while !last.iter().all(reached) {
            assert!(
                started.elapsed() < PATIENCE,
                "{} is followed to its end",
                self.topic
            );
            thread::sleep(Duration::from_millis(50));
        }
        self.end();
        let seen = self.so_far();
        seen.into_iter().map(|(seen, _)| seen).collect()
    }

    fn end(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.end();
    }
}

fn reader(access: &Access, isolation: Isolation) -> BaseConsumer {
    let level = match isolation {
        Isolation::Committed => "read_committed",
        Isolation::Uncommitted => "read_uncommitted",
    };
    access
        .client()
        // Needed to assign, never used: nothing is committed.
        .set("group.id", "rig-reader")
        .set("isolation.level", level)
        .set("enable.auto.commit", "false")
        .set("enable.partition.eof", "true")
        .set("auto.offset.reset", "error")
        .set("fetch.queue.backoff.ms", "5")
        .create()
        .expect("settings")
}

/// Assigns every partition of a topic from its beginning; which they are.
fn assign_whole(consumer: &BaseConsumer, topic: &str) -> BTreeSet<i32> {
    let mut whole = TopicPartitionList::new();
    let partitions = partitions(consumer, topic);
    for partition in &partitions {
        whole
            .add_partition_offset(topic, *partition, Offset::Beginning)
            .expect("a beginning can be asked for");
    }
    consumer.assign(&whole).expect("it can be assigned");
    partitions
}

fn watermarks(consumer: &BaseConsumer, topic: &str) -> BTreeMap<i32, (i64, i64)> {
    let both = |partition| {
        let marks = consumer.fetch_watermarks(topic, partition, ANSWER);
        marks.unwrap_or_else(|fault| panic!("ends of {topic} {partition}: {fault}"))
    };
    let partitions = partitions(consumer, topic).into_iter();
    partitions
        .map(|partition| (partition, both(partition)))
        .collect()
}

fn partitions(consumer: &BaseConsumer, topic: &str) -> BTreeSet<i32> {
    let metadata = consumer
        .fetch_metadata(Some(topic), ANSWER)
        .unwrap_or_else(|fault| panic!("partitions of {topic}: {fault}"));
    let found: BTreeSet<i32> = metadata
        .topics()
        .iter()
        .flat_map(|topic| topic.partitions())
        .map(|partition| partition.id())
        .collect();
    assert!(!found.is_empty(), "{topic} exists");
    found
}

fn seen_of(record: &impl Message) -> Seen {
    let headers = record.headers().into_iter().flat_map(|headers| {
        let own = |header: rdkafka::message::Header<'_, &[u8]>| {
            (header.key.to_owned(), header.value.map(<[u8]>::to_vec))
        };
        headers.iter().map(own)
    });
    Seen {
        partition: record.partition(),
        offset: record.offset(),
        key: record.key().map(<[u8]>::to_vec),
        value: record.payload().map(<[u8]>::to_vec),
        headers: headers.collect(),
        timestamp_ms: record.timestamp().to_millis().unwrap_or(-1),
    }
}
