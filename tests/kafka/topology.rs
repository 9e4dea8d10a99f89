//! What changes under the service and may not pass in silence: records that retention ate, partitions
//! that were added, topics that a pattern matches. It ends and says what to do; nothing is skipped.

use serde_json::{Value, json};

use crate::foreign::{client, python};
use crate::readers::ends;
use crate::rig::Rig;
use crate::small::{Refused, Small, crime};

const RECORDED: &str = "2026-04-01T12:00:00+01:00";

#[test]
fn records_of_a_source_that_retention_ate_are_missed_aloud() {
    let small = Small::new(Rig::shared().access()).made();
    let mut serving = small.serve();
    small.tell("rms", &crime("34/26/000001", 1, RECORDED));
    small.plan.wait_until_judged();
    assert_eq!(serving.stop(), Some(0));
    for number in 2..5 {
        small.tell("rms", &crime(&format!("34/26/00000{number}"), 1, RECORDED));
    }
    eat_all_but_one(&small, &small.topic("rms"));
    small.refused().says(
        12,
        &[
            &small.topic("rms"),
            "retention ate",
            "Nothing was skipped",
            &small.plan.group("intake"),
        ],
    );
}

#[test]
fn entries_of_the_journal_that_retention_ate_are_missed_aloud() {
    let small = Small::new(Rig::shared().access()).made();
    let mut serving = small.serve();
    small.plan.wait_until_judged();
    assert_eq!(serving.stop(), Some(0));
    let only_intake = small.clone().with("service", "validation = false");
    let mut serving = only_intake.serve();
    for number in 1..4 {
        small.tell("rms", &crime(&format!("34/26/00000{number}"), 1, RECORDED));
        let topic = small.topic("rms");
        let group = small.plan.group("intake");
        crate::readers::wait_until_committed(&small.plan.access, &group, &topic, 0);
    }
    assert_eq!(serving.stop(), Some(0));
    let journal = small.plan.output("case-events");
    eat_all_but_one(&small, &journal);
    small
        .refused()
        .says(12, &[&journal, "retention ate", "Nothing was skipped"]);
}

/// Deletes everything in the one partition of a topic but what stands at its last offset.
fn eat_all_but_one(small: &Small, topic: &str) {
    let (_, end) = ends(&small.plan.access, topic)[&0];
    alter(small, topic, &json!({"delete_below": [0, end - 1]}));
}

fn alter(small: &Small, topic: &str, how: &Value) {
    let mut asked = json!({"client": client(&small.plan.access), "topic": topic});
    for (name, value) in how.as_object().expect("it is an object") {
        asked[name] = value.clone();
    }
    let _ = python("alter.py", &asked);
}

#[test]
fn a_source_that_gets_more_partitions_stops_intake() {
    let small = Small::new(Rig::shared().access()).with("intake", "check_topics_every_seconds = 1");
    let small = small.made();
    let serving = small.serve();
    alter(&small, &small.topic("cad"), &json!({"partitions": 2}));
    Refused::by(serving).says(
        2,
        &[
            &format!(
                "{} has 2 partitions and is declared with 1",
                small.topic("cad")
            ),
            "heartbeats",
            "set partitions = 2",
        ],
    );
}

#[test]
fn a_new_topic_that_matches_a_declared_pattern_stops_intake() {
    let small = Small::new(Rig::shared().access()).with("intake", "check_topics_every_seconds = 1");
    let topic = small.topic("rms");
    let small = small.with_instead(
        &format!("\n[[source]]\ntopics = [{topic:?}]\n"),
        &format!("\n[[source]]\ntopics = [{topic:?}]\npattern = '^{topic}.*'\n"),
    );
    let small = small.made();
    let serving = small.serve();
    let second = format!("{topic}2");
    let stamped = [("message.timestamp.type", "LogAppendTime")];
    small.plan.access.create_topic(&second, 1, &stamped);
    Refused::by(serving).says(2, &[&second, "pattern", "add it to `topics`"]);
}
