//! What intake lets in and what it keeps out, on small records. Malformed bytes have a table of
//! their own in `tests/malformed.rs`.

use serde_json::{Value, json};

use super::*;
use crate::domain::Feed;
use crate::domain::records::{Block, BlockSet};

#[test]
fn a_record_of_its_own_feed_is_let_in() {
    assert_eq!(refused(crime(json!({ "core": {}, "victims": [] }))), None);
}

#[test]
fn a_block_of_another_feed_is_kept_out_and_its_owner_is_named() {
    let refusal = refusal(crime(json!({ "core": {}, "victim_care": [], "risk": [] })));
    assert_eq!(refusal.reason, Reason::BlockNotOwned);
    assert_eq!(fields(&refusal), ["victim_care", "risk"]);
    assert!(refusal.problems[0].advice.contains("`victim-hub`"));
    assert!(refusal.problems[1].advice.contains("declare"));
}

#[test]
fn a_feed_nobody_declared_is_kept_out_once() {
    let refusal = refusal(crime(json!({ "source": "pigeon", "core": {} })));
    assert_eq!(
        (refusal.reason, fields(&refusal)),
        (Reason::UnknownFeed, vec!["source"])
    );
    assert_eq!(refusal.problems[0].found, "`pigeon`");
}

#[test]
fn a_force_that_no_table_has_is_kept_out() {
    let record = read(crime(json!({})));
    let refusal = admit(&record, arrival(), &feeds(), false).expect_err("the force is unknown");
    assert_eq!(refusal.reason, Reason::UnknownForce);
    assert_eq!(refusal.head, Glimpse::from(record.head()));
}

#[test]
fn every_list_with_ids_tells_its_entries_apart() {
    let twice = |id: &str| json!([{ id: "a" }, { id: "b" }, { id: "a" }]);
    let hub = |care: Value| crime(json!({ "source": "victim-hub", "victim_care": care }));
    let care = |list: &str| hub(json!([{ "victim_ref": "v", list: twice("id") }]));
    for (field, record) in [
        (
            "victims.victim_ref",
            crime(json!({ "victims": twice("victim_ref") })),
        ),
        (
            "suspects.suspect_ref",
            crime(json!({ "suspects": twice("suspect_ref") })),
        ),
        ("outcomes.id", crime(json!({ "outcomes": twice("id") }))),
        ("victim_care.victim_ref", hub(twice("victim_ref"))),
        (
            "victim_care.needs_assessments.id",
            care("needs_assessments"),
        ),
        ("victim_care.support_records.id", care("support_records")),
    ] {
        let refusal = refusal(record);
        assert_eq!(
            (refusal.reason, fields(&refusal)),
            (Reason::DuplicateId, vec![field])
        );
        assert_eq!(refusal.problems[0].found, "one id in entries 1 and 3");
    }
}

#[test]
fn the_same_id_in_two_lists_is_no_duplicate() {
    let care = json!([
        { "victim_ref": "v1", "needs_assessments": [{ "id": "a" }], "support_records": [{ "id": "a" }] },
        { "victim_ref": "v2", "needs_assessments": [{ "id": "a" }] },
    ]);
    assert_eq!(
        refused(crime(
            json!({ "source": "victim-hub", "victim_care": care })
        )),
        None
    );
}

#[test]
fn an_empty_id_is_kept_out() {
    let refusal = refusal(crime(json!({ "outcomes": [{ "id": "" }] })));
    assert_eq!(
        (refusal.reason, fields(&refusal)),
        (Reason::EmptyName, vec!["outcomes.id"])
    );
}

#[test]
fn a_commit_may_be_a_day_ahead_and_no_more() {
    let at = |moment: &str| crime(json!({ "committed_at": moment }));
    assert_eq!(refused(at("2026-04-03T10:00:00+01:00")), None);
    assert_eq!(
        refused(at("2026-04-03T10:00:01+01:00")),
        Some(Reason::CommittedInFuture)
    );
    let extracted = crime(json!({ "extracted_at": "2099-01-01" }));
    assert_eq!(fields(&refusal(extracted)), ["extracted_at"]);
}

#[test]
fn a_heartbeat_may_be_five_seconds_ahead_and_no_more() {
    assert_eq!(refused(heartbeat("2026-04-02T10:00:05+01:00")), None);
    assert_eq!(refused(heartbeat("2026-04-02T09:59+01:00")), None);
    let late = heartbeat("2026-04-02T10:00:05.001+01:00");
    assert_eq!(refused(late), Some(Reason::HeartbeatFromFuture));
}

#[test]
fn a_day_is_no_promise() {
    assert_eq!(
        refused(heartbeat("2026-04-01")),
        Some(Reason::UnreadableMoment)
    );
}

#[test]
fn a_waiver_says_who_why_and_until_when() {
    let whole =
        json!({ "by": { "role": "supervisor" }, "reason_code": "R1", "expires_at": "2026-06" });
    assert_eq!(refused(decision("waive", whole)), None);
    let bare = refusal(decision("waive", json!({ "by": {}, "reason_code": "" })));
    assert_eq!(bare.reason, Reason::IncompleteWaiver);
    assert_eq!(fields(&bare), ["by.role", "reason_code", "expires_at"]);
    assert_eq!(refused(decision("end_waiver", json!({}))), None);
}

fn refused(record: Value) -> Option<Reason> {
    let record = read(record);
    admit(&record, arrival(), &feeds(), true)
        .err()
        .map(|refusal| refusal.reason)
}

fn refusal(record: Value) -> Refusal {
    let record = read(record);
    admit(&record, arrival(), &feeds(), true).expect_err("the record is kept out")
}

fn read(record: Value) -> Record {
    const READABLE: &str = "the records of this test can be read";
    match record["record"].as_str() {
        Some("crime") => Record::Crime(serde_json::from_value(record).expect(READABLE)),
        Some("heartbeat") => Record::Heartbeat(serde_json::from_value(record).expect(READABLE)),
        _ => Record::Decision(serde_json::from_value(record).expect(READABLE)),
    }
}

fn fields(refusal: &Refusal) -> Vec<&str> {
    refusal
        .problems
        .iter()
        .map(|problem| problem.field.as_str())
        .collect()
}

fn crime(more: Value) -> Value {
    with(
        json!({ "record": "crime", "source": "rms", "reference": "34/26/004512" }),
        more,
    )
}

fn heartbeat(through: &str) -> Value {
    let own = json!({ "record": "heartbeat", "source": "rms", "reference": "rms" });
    with(own, json!({ "sent_through": through }))
}

fn decision(kind: &str, more: Value) -> Value {
    let about = json!({ "record": "crime", "reference": "34/26/004512", "rule": "REC-030" });
    let own = json!({
        "record": "decision", "source": "rms", "reference": "W1", "kind": kind, "about": about,
        "at": "2026-04-02T09:00:00+01:00",
    });
    with(own, more)
}

fn with(mut record: Value, more: Value) -> Value {
    let head = json!({ "force": "northamptonshire", "committed_at": "2026-04-02T09:00:00+01:00" });
    for layer in [head, more] {
        let (Value::Object(record), Value::Object(layer)) = (&mut record, layer) else {
            unreachable!("records are objects");
        };
        record.extend(layer);
    }
    record
}

fn feeds() -> Feeds {
    Feeds::declared(vec![
        feed(
            "rms",
            &[
                Block::Core,
                Block::Victims,
                Block::Suspects,
                Block::Outcomes,
            ],
        ),
        feed("victim-hub", &[Block::VictimCare]),
    ])
}

fn feed(name: &str, owns: &[Block]) -> Feed {
    Feed {
        name: name.into(),
        owns: BlockSet::of(owns),
        covers_from: None,
        not_carried: Vec::new(),
        partitions: Vec::new(),
        promise: None,
    }
}

fn arrival() -> Instant {
    Moment::parse("2026-04-02T10:00:00+01:00")
        .expect("a moment")
        .earliest()
}
