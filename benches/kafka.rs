//! What the service costs on a real Kafka, beside bare clients that do the same input and output on the
//! same broker in the same run: processor seconds a million records of the whole client process, its
//! threads of librdkafka included. Then how long commits and exceptions take at 500 records a second,
//! and how fast what was kept is read back.
//!
//! `RIG_JAVA="-Xmx1g -XX:TieredStopAtLevel=4" cargo bench --bench kafka` for 200 000 records;
//! `-- 1000000` for others. Compare the ratios, not the seconds.
#![allow(missing_docs, reason = "a bench has no reader of its documentation")]
#![allow(
    dead_code,
    unused_imports,
    reason = "the rig has more than a bench needs, and tests of its own"
)]

#[path = "../tests/kafka/foreign.rs"]
mod foreign;
#[path = "../tests/kafka/plan.rs"]
mod plan;
#[path = "../tests/kafka/readers.rs"]
mod readers;
#[path = "../tests/kafka/rig/mod.rs"]
mod rig;
#[path = "../tests/kafka/serving.rs"]
mod serving;
#[path = "../tests/kafka/small.rs"]
mod small;
#[path = "support/traffic.rs"]
mod traffic;

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use rdkafka::ClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{DeliveryResult, Message};
use rdkafka::producer::{BaseRecord, Producer, ProducerContext, ThreadedProducer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use truecount::domain::records::Record;
use truecount::domain::{Elapsed, LondonDay};

use plan::Plan;
use readers::Follower;
use rig::{Access, Rig};
use serving::Serving;
use small::{Small, crime, incident};
use traffic::{FORCE, records};

const BATCH: Duration = Duration::from_millis(100);
/// A million records on a busy machine take minutes.
const LONG: Duration = Duration::from_secs(1_800);

fn main() {
    let asked = std::env::args().find_map(|word| word.parse().ok());
    let size: usize = asked.unwrap_or(200_000);
    let rig = Rig::fresh(&[]);
    let access = rig.access();
    let mut plan = Plan::generated(access, &[FORCE], "2026-05-01T00:00:00+01:00", 1, 2, "json");
    plan.level = "info";
    plan.create_sources();
    let mut traffic = records(size);
    let records: Vec<_> = traffic.by_ref().take(size).collect();
    println!(
        "{size} records of one force, {} bytes each on average",
        bytes(&records) / size
    );
    produce(&plan, &records);
    let apply = config_file(&plan);
    truecount(&["topics", "apply", "--config", &apply]);

    let floor = floor(access, &plan, size);
    println!(
        "floor:   {floor:>7.2} CPU-s a million (two transactional copies, one state record each)"
    );
    let mut serving = Serving::start(&plan, "0");
    wait_for_all(&plan);
    let service = serving.cpu().as_secs_f64() * 1e6 / size as f64;
    println!("service: {service:>7.2} CPU-s a million (intake and validation, JSON)");
    println!("ratio:   {:>7.2}", service / floor);

    live(&plan, &serving, traffic);
    assert_eq!(serving.stop(), Some(0), "it drains");
    let mut again = Serving::start(&plan, "0");
    let rows = again
        .metric("truecount_restore_rows", "")
        .unwrap_or_default();
    let seconds = again
        .metric("truecount_restore_seconds", "")
        .unwrap_or_default();
    let things = again.metric("truecount_things", "").unwrap_or_default();
    println!(
        "restore: {rows:.0} rows read back in {seconds:.1} s; {things:.0} things, ready after {:.1} CPU-s",
        again.cpu().as_secs_f64()
    );
    again.stop();
    rebuild(&plan, size);
    heartbeats(access);
    million(access);
}

/// Waits until everything is judged, however many there are.
fn wait_for_all(plan: &Plan) {
    let wait = |stage: &str, topic: &str, unread| {
        let group = plan.group(stage);
        readers::wait_until_committed_within(LONG, &plan.access, &group, topic, unread);
    };
    for topic in plan.sources() {
        wait("intake", &topic.name, 0);
    }
    wait("validation", &plan.journal(), 1);
}

/// The state is lost: everything is judged again from the journal, and published again.
fn rebuild(lived: &Plan, size: usize) {
    let plan = Plan {
        app: rig::unique("rebuilt"),
        journal: Some(lived.journal()),
        more: vec![("service".to_owned(), "intake = false".to_owned())],
        ..lived.clone()
    };
    truecount(&["topics", "apply", "--config", &config_file(&plan)]);
    let began = Instant::now();
    let mut serving = Serving::launch(&plan, "0");
    serving.wait_until_ready();
    let group = plan.group("validation");
    readers::wait_until_committed_within(LONG, &plan.access, &group, &plan.journal(), 1);
    println!(
        "rebuild: the state of {size} records made again from the journal in {:.0} s, {:.1} CPU-s",
        began.elapsed().as_secs_f64(),
        serving.cpu().as_secs_f64()
    );
    assert_eq!(serving.stop(), Some(0), "it drains");
}

/// How long a million things take to be read back, one short record each.
fn million(access: &Access) {
    const THINGS: u32 = 1_000_000;
    const PLACE: &str = "34/26/REFERENCE";
    let small = Small::new(access).made();
    let crime = crime(PLACE, 1, "2026-04-01T10:00:00+01:00").to_string();
    let producer = producer(access, None);
    for number in 0..THINGS {
        let reference = format!("34/26/{number:07}");
        let line = crime.replace(PLACE, &reference);
        let topic = small.topic("rms");
        send(
            &producer,
            &topic,
            Some(0),
            reference.as_bytes(),
            line.as_bytes(),
        );
    }
    producer
        .flush(Duration::from_secs(60))
        .expect("the broker takes them");
    let mut serving = small.serve();
    wait_for_all(&small.plan);
    assert_eq!(serving.stop(), Some(0), "it drains");
    let began = Instant::now();
    let mut again = small.serve();
    let value = |name: &str| again.metric(name, "").unwrap_or_default();
    println!(
        "restore: {:.0} things, {:.0} rows read back in {:.1} s; ready after {:.1} s, {:.1} CPU-s",
        value("truecount_things"),
        value("truecount_restore_rows"),
        value("truecount_restore_seconds"),
        began.elapsed().as_secs_f64(),
        again.cpu().as_secs_f64()
    );
    assert_eq!(again.stop(), Some(0), "it drains");
}

/// How long after the heartbeat that proves a deadline was written the exception is there to read.
fn heartbeats(access: &Access) {
    const DEADLINES: u32 = 40;
    let small = Small::new(access).made();
    let mut serving = small.serve();
    let exceptions = Follower::follow(access, &small.plan.output("exceptions"));
    let mut took = Vec::new();
    for number in 0..DEADLINES {
        let day = |hours: i64| {
            let at = LondonDay::of(2026, 4, 1)
                .start()
                .plus(Elapsed::hours(24 * i64::from(number)));
            at.plus(Elapsed::hours(hours)).to_string()
        };
        let reference = format!("NP-{number}");
        small.tell("cad", &incident(&reference, &day(9)));
        small.beat("cad", &day(34));
        small.beat("rms", &day(34));
        let written = Instant::now();
        let (_, seen) = exceptions.wait_for(&reference, |seen| {
            let one = seen.json();
            one["reference"] == reference.as_str() && one["state"] == "raised"
        });
        took.push(seen.duration_since(written));
    }
    took.sort_unstable();
    let at = |share: usize| took[(took.len() - 1) * share / 100].as_millis();
    println!(
        "heartbeat to exception: p50 {} ms, p99 {} ms, from its acknowledgement, over {DEADLINES} deadlines",
        at(50),
        at(99)
    );
    assert_eq!(serving.stop(), Some(0), "it drains");
}

fn bytes(records: &[(Record, Vec<u8>)]) -> usize {
    records.iter().map(|(_, line)| line.len()).sum()
}

/// Sends each record to a partition of its feed's topic, and a heartbeat to all.
fn produce(plan: &Plan, records: &[(Record, Vec<u8>)]) {
    let producer = producer(&plan.access, None);
    let topics: BTreeMap<&str, (&str, i32)> = plan.forces[0]
        .feeds
        .iter()
        .map(|feed| {
            let topic = &feed.topics[0];
            (feed.name.as_str(), (topic.name.as_str(), topic.partitions))
        })
        .collect();
    for (record, line) in records {
        let head = record.head();
        let (topic, partitions) = topics[head.source.as_str()];
        let key = head.reference.as_str();
        let own = key
            .bytes()
            .fold(7_i32, |sum, byte| sum.wrapping_mul(31) + i32::from(byte));
        let to = match record {
            Record::Heartbeat(_) => (0..partitions).collect(),
            _ => vec![own.rem_euclid(partitions)],
        };
        for partition in to {
            send(&producer, topic, Some(partition), key.as_bytes(), line);
        }
    }
    producer
        .flush(Duration::from_secs(60))
        .expect("the broker takes them");
}

/// The same input and output by bare clients: sources to a journal, the journal to a state record each.
fn floor(access: &Access, plan: &Plan, size: usize) -> f64 {
    access.create_topic("floor-journal", 3, &[]);
    access.create_topic("floor-state", 3, &[("cleanup.policy", "compact")]);
    let sources: Vec<String> = plan.sources().into_iter().map(|topic| topic.name).collect();
    let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
    let ends = sources
        .iter()
        .flat_map(|topic| readers::ends(access, topic));
    let count: i64 = ends.map(|(_, (low, high))| high - low).sum();
    let before = ProcessTime::now();
    copy(access, "floor-1", &sources, "floor-journal", count);
    copy(access, "floor-2", &["floor-journal"], "floor-state", count);
    before.elapsed().as_secs_f64() * 1e6 / size as f64
}

/// Copies so many records of topics into another one, in transactions.
fn copy(access: &Access, name: &str, from: &[&str], to: &str, count: i64) {
    let consumer: BaseConsumer = access
        .client()
        .set("group.id", name)
        .set("isolation.level", "read_committed")
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("auto.offset.reset", "earliest")
        .set("queued.min.messages", "10000")
        .set("fetch.queue.backoff.ms", "5")
        .create()
        .expect("settings");
    let producer = producer(access, Some(name));
    producer
        .init_transactions(Duration::from_secs(20))
        .expect("nobody else has it");
    consumer.subscribe(from).expect("they are there");
    let mut left = count;
    while left > 0 {
        producer.begin_transaction().expect("none is open");
        let began = Instant::now();
        let mut next: BTreeMap<(String, i32), i64> = BTreeMap::new();
        while began.elapsed() < BATCH && left > 0 {
            let Some(Ok(message)) = consumer.poll(Duration::from_millis(10)) else {
                continue;
            };
            let key = message.key().unwrap_or_default();
            send(
                &producer,
                to,
                None,
                key,
                message.payload().unwrap_or_default(),
            );
            next.insert(
                (message.topic().to_owned(), message.partition()),
                message.offset() + 1,
            );
            left -= 1;
        }
        while producer.in_flight_count() > 0 {
            thread::sleep(Duration::from_micros(200));
        }
        let mut positions = TopicPartitionList::new();
        for ((topic, partition), offset) in &next {
            positions
                .add_partition_offset(topic, *partition, Offset::Offset(*offset))
                .expect("it is a position");
        }
        if !next.is_empty() {
            let member = consumer.group_metadata().expect("it is in a group");
            producer
                .send_offsets_to_transaction(&positions, &member, Duration::from_secs(10))
                .expect("it owns them");
        }
        producer
            .commit_transaction(Duration::from_secs(10))
            .expect("it is the only one");
    }
}

/// Sends 500 records a second for twenty seconds and reads the service's own histograms.
fn live(plan: &Plan, serving: &Serving, traffic: impl Iterator<Item = (Record, Vec<u8>)>) {
    const RATE: u32 = 500;
    const SECONDS: u32 = 20;
    let before = serving.ask("metrics").expect("it answers").1;
    let more: Vec<_> = traffic.take((RATE * SECONDS) as usize).collect();
    let began = Instant::now();
    for (number, chunk) in more.chunks(50).enumerate() {
        let due = Duration::from_millis(100) * u32::try_from(number).unwrap_or(u32::MAX);
        thread::sleep(due.saturating_sub(began.elapsed()));
        produce(plan, chunk);
    }
    plan.wait_until_judged();
    let after = serving.ask("metrics").expect("it answers").1;
    for (title, name, labels) in [
        (
            "commit, intake",
            "truecount_commit_seconds",
            "stage=\"intake\"",
        ),
        (
            "commit, validation",
            "truecount_commit_seconds",
            "stage=\"validation\"",
        ),
        (
            "record to exception",
            "truecount_record_to_exception_seconds",
            "",
        ),
    ] {
        let [half, most] = [0.5, 0.99].map(|share| {
            quantile(
                &buckets(&before, name, labels),
                &buckets(&after, name, labels),
                share,
            )
        });
        println!("{title:<20} p50 ≤ {half} s, p99 ≤ {most} s, at {RATE} records a second");
    }
}

/// The cumulated counts of a histogram, by upper bound.
fn buckets(page: &str, name: &str, labels: &str) -> Vec<(String, f64)> {
    let series = format!("{name}_bucket{{");
    let lines = page
        .lines()
        .filter(|line| line.starts_with(&series) && line.contains(labels));
    lines
        .filter_map(|line| {
            let (series, count) = line.rsplit_once(' ')?;
            let bound = series.split("le=\"").nth(1)?.split('"').next()?;
            Some((bound.to_owned(), count.parse().ok()?))
        })
        .collect()
}

/// The upper bound of the bucket in which a share of what came between two readings lies.
fn quantile(before: &[(String, f64)], after: &[(String, f64)], share: f64) -> String {
    let was = |bound: &str| {
        before
            .iter()
            .find(|one| one.0 == bound)
            .map_or(0.0, |one| one.1)
    };
    let came: Vec<(&str, f64)> = after
        .iter()
        .map(|(bound, count)| (bound.as_str(), count - was(bound)))
        .collect();
    let all = came.last().map_or(0.0, |one| one.1);
    let found = came.iter().find(|one| one.1 >= all * share && all > 0.0);
    found.map_or_else(|| "nothing".to_owned(), |one| one.0.to_owned())
}

fn producer(access: &Access, transactional: Option<&str>) -> ThreadedProducer<Silent> {
    let mut config: ClientConfig = access.client();
    config
        .set("linger.ms", "5")
        .set("compression.type", "lz4")
        .set("acks", "all")
        .set("enable.idempotence", "true");
    if let Some(id) = transactional {
        config.set("transactional.id", id);
    }
    config.create_with_context(Silent).expect("settings")
}

fn send(
    producer: &ThreadedProducer<Silent>,
    topic: &str,
    partition: Option<i32>,
    key: &[u8],
    value: &[u8],
) {
    let mut record: BaseRecord<'_, [u8], [u8]> = BaseRecord::to(topic).key(key).payload(value);
    record.partition = partition;
    while let Err((_, back)) = producer.send(record) {
        record = back;
        thread::sleep(Duration::from_millis(1));
    }
}

/// A producer's context that has nothing to say.
struct Silent;

impl ClientContext for Silent {}

impl ProducerContext for Silent {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        assert!(result.is_ok(), "the broker takes every record");
    }
}

fn config_file(plan: &Plan) -> String {
    let file = rig::tools::folder("bench").join("truecount.toml");
    let [port] = rig::broker::free_ports();
    std::fs::write(&file, plan.config("0", port)).expect("the folder is there");
    file.display().to_string()
}

fn truecount(arguments: &[&str]) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_truecount"));
    rig::tools::run(command.args(arguments));
}
