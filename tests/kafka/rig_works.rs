//! The rig itself: what it starts is a real Kafka, with transactions, rights and crashes, and ends
//! with the tests.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::DefaultProducerContext;
use rdkafka::producer::{BaseRecord, Producer, ThreadedProducer};
use rdkafka::{Offset, TopicPartitionList};
use serde_json::json;

use crate::foreign::{Registry, grant, kcat, read};
use crate::readers::{Follower, Isolation, committed, dump, ends};
use crate::rig::leash::Leash;
use crate::rig::proxy::{Fault, Request};
use crate::rig::secured::Secured;
use crate::rig::{Access, Rig, tools, unique};

type Transactional = ThreadedProducer<DefaultProducerContext>;

const SOON: Duration = Duration::from_secs(30);

#[test]
fn kcat_and_python_and_our_reader_see_the_same() {
    let rig = Rig::shared();
    let topic = unique("foreign");
    rig.create_topic(&topic, 2, &[]);
    let _ = kcat(
        rig.access(),
        &[
            "-P",
            "-t",
            &topic,
            "-p",
            "1",
            "-K",
            "|",
            "-H",
            "made-by=kcat",
        ],
        "one|{\"n\":1}\ntwo|{\"n\":2}\n",
    );
    let ours = dump(rig.access(), &topic, Isolation::Committed);
    let keys: Vec<&str> = ours.iter().map(|seen| seen.key_text()).collect();
    assert_eq!(keys, ["one", "two"]);
    assert_eq!((ours[1].partition, ours[1].offset), (1, 1));
    assert_eq!(
        ours[0].headers,
        [("made-by".to_owned(), Some(b"kcat".to_vec()))]
    );
    assert!(ours[0].timestamp_ms > 1_700_000_000_000);
    let theirs = read(rig.access(), &topic, None);
    assert_eq!(
        theirs[1],
        json!({"partition": 1, "offset": 1, "key": "two", "value": {"n": 2}})
    );
    let printed = kcat(
        rig.access(),
        &["-C", "-e", "-q", "-t", &topic, "-f", "%p %o %k %s\\n"],
        "",
    );
    assert_eq!(printed, "1 0 one {\"n\":1}\n1 1 two {\"n\":2}\n");
}

#[test]
fn what_was_aborted_is_hidden_and_what_is_open_is_waited_for() {
    let rig = Rig::shared();
    let topic = unique("aborted");
    rig.create_topic(&topic, 1, &[]);
    let producer = transactional(rig.access(), &unique("aborting"));
    let follower = Follower::follow(rig.access(), &topic);
    transaction(&producer, &topic, "kept", true);
    transaction(&producer, &topic, "dropped", false);
    transaction(&producer, &topic, "kept too", true);
    let seen = |isolation| -> Vec<String> {
        let seen = dump(rig.access(), &topic, isolation);
        seen.iter().map(|seen| seen.key_text().to_owned()).collect()
    };
    assert_eq!(
        seen(Isolation::Uncommitted),
        ["kept", "dropped", "kept too"]
    );
    assert_eq!(seen(Isolation::Committed), ["kept", "kept too"]);
    // Three records and the three markers behind them.
    assert_eq!(ends(rig.access(), &topic)[&0], (0, 6));
    let followed: Vec<_> = follower.stop_at_end();
    assert_eq!(followed, dump(rig.access(), &topic, Isolation::Committed));
}

#[test]
fn a_zombie_is_fenced() {
    let rig = Rig::shared();
    let topic = unique("zombie");
    rig.create_topic(&topic, 1, &[]);
    let id = unique("twice");
    let older = transactional(rig.access(), &id);
    older.begin_transaction().expect("it may begin");
    put(&older, &topic, "of the zombie");
    let newer = transactional(rig.access(), &id);
    transaction(&newer, &topic, "of the newer", true);
    let fault = older.commit_transaction(SOON).expect_err("it is fenced");
    let KafkaError::Transaction(fault) = fault else {
        panic!("{fault}");
    };
    assert!(fault.is_fatal(), "{fault}");
    assert_eq!(fault.code(), RDKafkaErrorCode::Fenced);
    let seen = dump(rig.access(), &topic, Isolation::Committed);
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].key_text(), "of the newer");
}

#[test]
fn offsets_go_with_the_transaction() {
    let rig = Rig::shared();
    let (topic, group) = (unique("positions"), unique("group"));
    rig.create_topic(&topic, 1, &[]);
    let _ = kcat(rig.access(), &["-P", "-t", &topic], "one\ntwo\n");
    let consumer: BaseConsumer = rig
        .access()
        .client()
        .set("group.id", &group)
        .set("enable.auto.commit", "false")
        .set("auto.offset.reset", "earliest")
        .create()
        .expect("settings");
    consumer
        .subscribe(&[&topic])
        .expect("it can be subscribed to");
    let started = Instant::now();
    while consumer.poll(Duration::from_millis(100)).is_none() {
        assert!(started.elapsed() < SOON, "a record comes");
    }
    let mut next = TopicPartitionList::new();
    next.add_partition_offset(&topic, 0, Offset::Offset(1))
        .expect("an offset");
    let metadata = consumer.group_metadata().expect("it has joined");
    let producer = transactional(rig.access(), &unique("moving"));
    producer.begin_transaction().expect("it may begin");
    producer
        .send_offsets_to_transaction(&next, &metadata, SOON)
        .expect("the member is known");
    producer.commit_transaction(SOON).expect("it commits");
    assert_eq!(
        committed(rig.access(), &group, &topic)
            .into_iter()
            .collect::<Vec<_>>(),
        [(0, 1)]
    );
}

#[test]
fn a_broker_that_is_killed_comes_back_with_what_it_kept() {
    let rig = Rig::fresh(&[]);
    rig.create_topic("kept", 1, &[]);
    let follower = Follower::follow(rig.access(), "kept");
    let producer = transactional(rig.access(), "kept");
    transaction(&producer, "kept", "before", true);
    rig.kill9();
    rig.start_again();
    transaction(&producer, "kept", "after", true);
    let seen = dump(rig.access(), "kept", Isolation::Committed);
    let keys: Vec<&str> = seen.iter().map(|seen| seen.key_text()).collect();
    assert_eq!(keys, ["before", "after"]);
    assert_eq!(follower.stop_at_end(), seen);
}

#[test]
fn a_commit_whose_answer_is_lost_or_that_comes_late_is_one_commit() {
    let (rig, network) = Rig::behind_a_proxy();
    rig.create_topic("disturbed", 1, &[]);
    let producer = transactional(rig.access(), "disturbed");
    transaction(&producer, "disturbed", "undisturbed", true);
    network.tell(Request::EndTxn, Fault::AnswerLost);
    transaction(&producer, "disturbed", "answer lost", true);
    assert_eq!(network.done(), 1, "it was disturbed");
    network.tell(Request::EndTxn, Fault::Lost);
    transaction(&producer, "disturbed", "lost", true);
    assert_eq!(network.done(), 2, "it was disturbed");
    network.tell(Request::EndTxn, Fault::Held(Duration::from_secs(1)));
    transaction(&producer, "disturbed", "held", true);
    assert_eq!(network.done(), 3, "it was disturbed");
    let seen = dump(rig.access(), "disturbed", Isolation::Committed);
    let keys: Vec<&str> = seen.iter().map(|seen| seen.key_text()).collect();
    assert_eq!(keys, ["undisturbed", "answer lost", "lost", "held"]);
}

#[test]
fn a_secured_broker_lets_nobody_do_what_was_not_granted() {
    let secured = Secured::start(&["truecount", "stranger"]);
    let admin = secured.rig.access();
    admin.create_topic("allowed", 1, &[]);
    let before = transactional_or_fault(&secured.as_user("truecount"), "tc-0");
    assert!(before.is_err(), "nothing was granted");
    grant(
        admin,
        &[
            ["truecount", "topic", "allowed", "literal", "write"],
            ["truecount", "transactional_id", "tc-", "prefixed", "write"],
            [
                "truecount",
                "transactional_id",
                "tc-",
                "prefixed",
                "describe",
            ],
        ],
    );
    let started = Instant::now();
    let producer = loop {
        match transactional_or_fault(&secured.as_user("truecount"), "tc-0") {
            Ok(producer) => break producer,
            // The broker learns of a grant a moment after it was made.
            Err(fault) => assert!(started.elapsed() < SOON, "{fault}"),
        }
    };
    transaction(&producer, "allowed", "by right", true);
    assert_eq!(dump(admin, "allowed", Isolation::Committed).len(), 1);
    let stranger = transactional_or_fault(&secured.as_user("stranger"), "tc-0");
    assert!(stranger.is_err(), "nothing was granted to it");
}

#[test]
fn the_registry_knows_schemas_by_id_and_by_guid() {
    let registry = Registry::start();
    let text = r#"{"type":"record","name":"A","fields":[]}"#;
    let first = registry.register("a-value", text);
    assert_eq!(
        first,
        registry.register("b-value", text),
        "one schema has one id"
    );
    let get = |path: String| {
        let answer = ureq::get(format!("{}/{path}", registry.url())).call();
        answer.map(|mut answer| answer.body_mut().read_to_string().expect("text"))
    };
    let by_id: serde_json::Value =
        serde_json::from_str(&get(format!("schemas/ids/{}", first.id)).expect("found"))
            .expect("JSON");
    assert_eq!(by_id["schema"], text);
    let by_guid: serde_json::Value = serde_json::from_str(
        &get(format!("schemas/guids/{}?deleted=true", first.guid)).expect("found"),
    )
    .expect("JSON");
    assert_eq!(by_guid["schema"], text);
    assert!(matches!(
        get("schemas/ids/99".to_owned()),
        Err(ureq::Error::StatusCode(404))
    ));
    assert_eq!(registry.asked()["schemas/ids/1"], 1);
}

#[test]
fn a_child_ends_with_the_tests() {
    // A program that leashes a child and is killed, as the tests would be.
    let folder = tools::folder("leash");
    let mut child = Command::new("sleep")
        .arg("600")
        .spawn()
        .expect("there is sleep");
    let leash = Leash::on(&child, Some(&folder));
    leash.lose_the_tests();
    let started = Instant::now();
    while child.try_wait().expect("it is ours").is_none() || folder.exists() {
        assert!(started.elapsed() < SOON, "it ends, and its folder goes");
        thread::sleep(Duration::from_millis(20));
    }
}

fn transactional(access: &Access, id: &str) -> Transactional {
    transactional_or_fault(access, id).expect("the broker lets it")
}

fn transactional_or_fault(access: &Access, id: &str) -> Result<Transactional, KafkaError> {
    let producer: Transactional = access
        .client()
        .set("transactional.id", id)
        .set("transaction.timeout.ms", "15000")
        .create()?;
    producer.init_transactions(SOON)?;
    Ok(producer)
}

fn put(producer: &Transactional, topic: &str, key: &str) {
    producer
        .send(BaseRecord::to(topic).partition(0).key(key).payload("{}"))
        .map_err(|(fault, _)| fault)
        .expect("it is queued");
    // A commit with records on their way costs 100 ms; streaming.md P1.
    let started = Instant::now();
    while producer.in_flight_count() > 0 && started.elapsed() < SOON {
        thread::sleep(Duration::from_millis(1));
    }
}

fn transaction(producer: &Transactional, topic: &str, key: &str, commits: bool) {
    producer.begin_transaction().expect("it may begin");
    put(producer, topic, key);
    let ended = if commits {
        producer.commit_transaction(SOON)
    } else {
        producer.abort_transaction(SOON)
    };
    ended.expect("it ends");
}
