//! The checker is believed because it fails: on a log with one revision deleted, doubled or swapped,
//! and on whatever else breaks one of its laws.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::checker::{Evidence, Input, broken_laws, standing};
use crate::readers::Seen;

#[test]
fn a_log_that_is_right_breaks_no_law() {
    assert_eq!(broken_laws(&right()), [""; 0]);
}

#[test]
fn a_revision_that_is_missing_is_noticed() {
    let mut evidence = right();
    let _ = evidence.exceptions.remove(1);
    found(&evidence, "I1 I6 revisions: a has revision 3 after 1");
}

#[test]
fn a_first_revision_that_is_missing_is_noticed() {
    let mut evidence = right();
    let _ = evidence.exceptions.remove(0);
    found(&evidence, "I1 I6 revisions: a has revision 2 after 0");
}

#[test]
fn a_last_revision_that_is_missing_is_noticed() {
    let mut evidence = right();
    let _ = evidence.exceptions.remove(2);
    found(&evidence, "exceptions-current: a is not its last revision");
    found(&evidence, "I6 read live: 0@3 was read where 1@0 stands");
}

#[test]
fn a_revision_that_is_doubled_is_noticed() {
    let mut evidence = right();
    let again = evidence.exceptions[1].clone();
    evidence.exceptions.insert(2, again);
    found(&evidence, "I1 I6 revisions: a has revision 2 after 2");
}

#[test]
fn revisions_that_are_swapped_are_noticed() {
    let mut evidence = right();
    evidence.exceptions.swap(1, 2);
    found(&evidence, "I1 I6 revisions: a has revision 3 after 1");
}

#[test]
fn an_id_in_two_partitions_is_noticed() {
    let mut evidence = right();
    evidence.exceptions.push(exception(2, 0, "a", 4, "met"));
    found(&evidence, "I1 I6 revisions: a stands in partitions 0 and 2");
}

#[test]
fn a_foreign_key_is_noticed() {
    let mut evidence = right();
    evidence.exceptions[0].key = Some(b"x".to_vec());
    found(&evidence, "I1 I6 revisions: 0@0 has the key x");
}

#[test]
fn a_reader_that_saw_another_order_is_noticed() {
    let mut evidence = right();
    let followed = evidence.followed.as_mut().expect("it has one");
    followed.swap(1, 2);
    found(&evidence, "I6 read live: 0@1 was read where 0@0 stands");
}

#[test]
fn a_reader_that_saw_what_was_aborted_is_noticed() {
    let mut evidence = right();
    let followed = evidence.followed.as_mut().expect("it has one");
    followed.push(exception(1, 1, "c", 1, "raised"));
    found(&evidence, "I6 read live: 5 were read and 4 stand there");
}

#[test]
fn a_position_before_the_last_record_or_past_the_end_is_noticed() {
    for wrong in [1, 4] {
        let mut evidence = right();
        evidence.inputs[0].committed.insert(0, wrong);
        found(
            &evidence,
            &format!("I4 positions: cad 0 is committed through {wrong}"),
        );
    }
}

#[test]
fn a_record_that_the_journal_lost_doubled_or_made_up_is_noticed() {
    let mut lost = right();
    let _ = lost.journal.remove(0);
    found(&lost, "I7 nothing lost: cad 0@0 is not told");
    let mut doubled = right();
    let again = doubled.journal[0].clone();
    doubled.journal.push(again);
    found(&doubled, "I7 nothing lost: cad 0@0 is told 2 times");
    let mut made_up = right();
    made_up.journal.push(entry(9, json!({"record": {}})));
    found(
        &made_up,
        "I7 nothing lost: (\"cad\", 0, 9) is told and stands nowhere",
    );
}

#[test]
fn what_stands_is_open_and_the_last_of_its_id() {
    let standing = standing(&right().exceptions);
    assert_eq!(standing.len(), 1, "{standing:?}");
    assert_eq!(standing["b"], json!({"id": "b", "state": "raised"}));
}

/// One id that ends met and one that stands; three records, one of them set aside.
fn right() -> Evidence {
    let exceptions = vec![
        exception(0, 0, "a", 1, "raised"),
        exception(0, 1, "a", 2, "remedied"),
        exception(0, 3, "a", 3, "met"),
        exception(1, 0, "b", 1, "raised"),
    ];
    let mut current = exceptions.clone();
    let _ = current.remove(1);
    let sources = vec![plain(0, 0), plain(0, 1), plain(0, 2)];
    Evidence {
        followed: Some([&exceptions[3..], &exceptions[..3]].concat()),
        exceptions,
        current,
        inputs: vec![Input {
            topic: "cad".to_owned(),
            seen: sources,
            ends: BTreeMap::from([(0, (0, 3))]),
            committed: BTreeMap::from([(0, 3)]),
            is_source: true,
        }],
        journal: vec![
            entry(0, json!({"record": {}})),
            entry(1, json!({"proof": {}})),
            entry(2, json!({"set_aside": {"counts": true}})),
        ],
    }
}

fn exception(partition: i32, offset: i64, id: &str, revision: u64, state: &str) -> Seen {
    let body = json!({"id": id, "revision": revision, "state": state, "reopened": false,
                      "provenance": {"position": offset}});
    Seen {
        key: Some(id.as_bytes().to_vec()),
        value: Some(body.to_string().into_bytes()),
        ..plain(partition, offset)
    }
}

fn entry(offset: i64, tells: Value) -> Seen {
    let mut body = json!({"v": 1, "from": {"topic": "cad", "partition": 0, "offset": offset}});
    let fields = body.as_object_mut().expect("it is an object");
    fields.extend(tells.as_object().expect("it is an object").clone());
    Seen {
        value: Some(body.to_string().into_bytes()),
        ..plain(0, offset)
    }
}

fn plain(partition: i32, offset: i64) -> Seen {
    Seen {
        partition,
        offset,
        key: None,
        value: None,
        headers: Vec::new(),
        timestamp_ms: 0,
    }
}

fn found(evidence: &Evidence, start: &str) {
    let broken = broken_laws(evidence);
    assert!(
        broken.iter().any(|law| law.starts_with(start)),
        "{broken:?}"
    );
}
