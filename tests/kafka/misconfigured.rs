//! Every way to set the service up wrongly ends with a code and with words that say what to do, within a
//! bounded time. Denied rights have a file of their own, and so has what changes under a running service.

use std::net::TcpListener;
use std::time::Duration;

use crate::foreign::Registry;
use crate::rig::{Access, Rig};
use crate::small::{Refused, Small, crime, wait_until};

/// Changed configuration, topics or rights are needed first.
const SETUP: i32 = 2;
/// Starting again may help.
const FAILED: i32 = 1;

#[test]
fn another_number_of_partitions_is_refused_with_what_to_do() {
    let small = Small::new(Rig::shared().access()).made();
    let mut more = small.clone();
    more.plan.journal_partitions = 2;
    let journal = small.plan.output("case-events");
    more.refused().says(
        SETUP,
        &[
            &format!("topic {journal}: partitions is 1 and should be 2"),
            "topics.journal_partitions",
            "truecount topics plan",
        ],
    );
    let mut more = small.clone();
    more.plan.forces[0].feeds[0].topics[0].partitions = 3;
    let source = small.topic("cad");
    more.refused().says(
        SETUP,
        &[
            &format!("topic {source}: partitions is 1 and should be 3"),
            "source",
            "partitions = 1",
        ],
    );
}

#[test]
fn topics_that_are_not_there_are_named_all_at_once() {
    let small = Small::new(Rig::shared().access());
    small.refused().says(
        SETUP,
        &[
            &small.plan.output("case-events"),
            &small.plan.output("quarantine"),
            "truecount topics apply",
            &small.topic("rms"),
            "have its owner make it",
        ],
    );
}

#[test]
fn what_is_wrong_in_the_file_is_said_before_anybody_is_asked() {
    let [nobody] = nobody_listens();
    let small = Small::new(&Access::plain(nobody));
    let asked = Duration::from_secs(10);

    let refused = small.clone().with("intake", "proof_evry_ms = 5").refused();
    refused.says(
        SETUP,
        &["truecount.toml:", "proof_evry_ms", "proof_every_ms"],
    );
    assert!(refused.took < asked, "{:?}", refused.took);

    let mut atlantis = small.clone();
    atlantis.plan.profile = "atlantis".to_owned();
    atlantis
        .refused()
        .says(SETUP, &["atlantis", "national", "northamptonshire-2021"]);

    let mut avro = small.clone();
    avro.plan.forces[0].feeds[1].topics[0].encoding = "avro".to_owned();
    avro.refused()
        .says(SETUP, &["source.encoding", "[intake.registry]"]);
}

#[test]
fn a_broker_that_is_not_there_is_waited_for_within_a_bound() {
    let [nobody] = nobody_listens();
    let refused = Small::new(&Access::plain(nobody)).refused();
    refused.says(
        FAILED,
        &[
            &format!("127.0.0.1:{nobody}"),
            "no broker answers",
            "kafka.bootstrap_servers",
        ],
    );
    assert!(refused.took < Duration::from_secs(45), "{:?}", refused.took);
}

#[test]
fn a_certificate_that_is_not_there_is_named() {
    let access = Access::plain(1)
        .with("security.protocol", "SSL")
        .with("ssl.ca.location", "/nowhere/authority.pem");
    let refused = Small::new(&access).refused();
    refused.says(
        SETUP,
        &["kafka.librdkafka.ssl.ca.location", "/nowhere/authority.pem"],
    );
    assert!(refused.took < Duration::from_secs(10), "{:?}", refused.took);
}

#[test]
fn the_stream_waits_for_a_registry_that_does_not_answer_and_goes_on_when_it_comes() {
    let [port] = nobody_listens();
    let mut small = Small::new(Rig::shared().access());
    small.plan.registry = Some(format!("http://127.0.0.1:{port}"));
    small.plan.forces[0].feeds[1].topics[0].encoding = "avro".to_owned();
    let small = small.made();
    // What stands in the topic was written while there was a registry.
    let schema = Registry::start().register_records()["crime"].clone();
    let records = crate::rig::tools::folder("avro").join("records.jsonl");
    let record = crime("34/26/000001", 1, "2026-04-01T12:00:00+01:00");
    std::fs::write(&records, format!("{record}\n")).expect("the folder is there");
    let schemas = serde_json::json!({"crime": schema});
    let asked = small.plan.to_produce(&records, 1, &schemas);
    let _ = crate::foreign::python("produce.py", &asked);

    let serving = small.serve();
    wait_until("it says that it waits, in a metric", || {
        serving.metric("truecount_schema_registry_unanswered_total", "") >= Some(1.0)
    });
    assert!(
        serving.said().contains("waiting for the schema registry"),
        "{}",
        serving.said()
    );
    assert_eq!(
        serving
            .metric("truecount_quarantined_total", "")
            .unwrap_or_default(),
        0.0,
        "nothing is set aside because a registry does not answer"
    );
    let registry = Registry::start_at(port);
    let _ = registry.register_records();
    wait_until("the record is taken in", || {
        serving.metric("truecount_records_total", "applied") == Some(1.0)
    });
}

#[test]
fn an_older_rule_set_ends_by_its_own_code_and_goes_back_only_when_asked() {
    let national = Small::new(Rig::shared().access()).made();
    let mut other = national.clone();
    other.plan.profile = "northamptonshire-2021".to_owned();
    for newer in [&national, &other] {
        let mut serving = newer.serve();
        newer.plan.wait_until_judged();
        assert_eq!(serving.stop(), Some(0));
    }
    national
        .refused()
        .says(10, &["kent", "activation 2", "--go-back", "newer"]);
}

#[test]
fn a_row_of_the_state_that_cannot_be_read_is_named() {
    for (key, value) in [
        ("v1/kent/thing/crime/34/26/1", "{\"crime\":"),
        ("v9/kent/progress", "{}"),
    ] {
        let small = Small::new(Rig::shared().access()).made();
        let mut serving = small.serve();
        small.plan.wait_until_judged();
        assert_eq!(serving.stop(), Some(0));
        small.send("case-state", Some(key), Some(value.as_bytes()), &[]);
        small
            .refused()
            .says(12, &[key, "cannot be read", "version"]);
    }
}

/// Ports on which nobody listens.
fn nobody_listens<const N: usize>() -> [u16; N] {
    let held = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").expect("there are free ports"));
    held.map(|held| held.local_addr().expect("it is bound").port())
}

#[test]
fn the_last_word_is_what_a_person_reads() {
    let refused = Refused {
        code: Some(2),
        said: "INFO truecount: begins\ntruecount: the reason; what to do\n".to_owned(),
        took: Duration::ZERO,
    };
    assert_eq!(refused.word(), "truecount: the reason; what to do\n");
}
