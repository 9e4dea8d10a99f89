//! What the two ways of reading a record agree on, and what only the close one finds.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;

use super::walk::own_fields;
use super::*;
use crate::domain::records::HEAD_FIELDS;
use crate::domain::shape::{Field, Shape};

const INCIDENT: &str = r#"{"record":"incident","force":"northamptonshire","source":"cad","reference":"NP-20260401-0117","version":3,"committed_at":"2026-04-01T09:42:10+01:00",
 "log":{"received_at":"2026-04-01T09:00:00+01:00","channel":"phone_101","flags_sent":["a\u00e9"]},
 "disclosures":[{"id":"d1","at":"2026-04-01T09:04:00+01:00","status":"disclosed","set_by":{"role":"call_handler"}}],
 "response":{"grades":[{"grade":"scheduled","at":"2026-04-01"}],"call_backs":["2026-04"]},"closure":{},"links":[]}"#;
const DECISION: &str = r#"{"about":{"record":"crime","reference":"34/26/004512","rule":"REC-030"},"kind":"waive","at":"2026-04-01","by":{"role":"supervisor"},
 "record":"decision","force":"northamptonshire","source":"desk","reference":"W1","version":null,"committed_at":"2026-04-01T09:42Z"}"#;
const HEARTBEAT: &str = r#"{"record":"heartbeat","force":"northamptonshire","source":"rms","reference":"rms","version":881,"committed_at":"2026-04-02T10:05:00Z","sent_through":"2026-04-02T10:05:00+01:00"}"#;

#[test]
fn both_ways_read_the_same_record() {
    for text in [INCIDENT, HEARTBEAT] {
        let straight = read_straight(text).expect("nothing is out of the ordinary");
        assert_eq!(closely(text), Ok(plain(straight)));
    }
    let read = decode(DECISION.as_bytes()).expect("the record can be read");
    assert_eq!(closely(DECISION), Ok(read));
}

#[test]
fn the_straight_way_refuses_whatever_the_close_way_refuses() {
    let about = r#"{"record":"crime","reference":"34/26/004512","rule":"REC-030"}"#;
    for (text, part, other) in [
        (
            INCIDENT,
            r#""closure":{}"#,
            r#""closure":[null,null,null,null,null,null,null,null,null,null,null]"#,
        ),
        (INCIDENT, r#""phone_101""#, r#"{"phone_101":null}"#),
        (INCIDENT, r#""2026-04""#, r#"{"at":0,"precision":"month"}"#),
        (INCIDENT, "a\\u00e9", "a\\u0000"),
        (INCIDENT, r#""NP-20260401-0117""#, r#""""#),
        (INCIDENT, r#""version":3"#, r#""version":-3"#),
        (INCIDENT, r#""version":3"#, r#""version":3.0"#),
        (INCIDENT, r#""links":[]"#, r#""links":[null]"#),
        (INCIDENT, r#""links":[]"#, r#""links":[],"links":[]"#),
        (DECISION, about, r#"["crime","34/26/004512","REC-030"]"#),
        (DECISION, r#""REC-030""#, r#""""#),
    ] {
        assert!(text.contains(part), "{part}");
        let text = text.replace(part, other);
        assert_eq!(read_straight(&text), None, "{other}");
        assert!(closely(&text).is_err(), "{other}");
    }
}

#[test]
fn a_mapped_record_reads_as_its_text_does() {
    for text in [INCIDENT, HEARTBEAT, DECISION] {
        let tree = serde_json::from_str(text).expect("the records of this test are JSON");
        assert_eq!(decode_tree(tree), decode(text.as_bytes()));
    }
    let refusal = decode_tree(json!({ "record": "crime", "version": 1.5 })).expect_err("no head");
    assert_eq!(refusal.reason, Reason::MissingField);
    assert_eq!(refusal.head.record, Some(RecordKind::Crime));
}

#[test]
fn a_word_no_list_has_costs_its_field_and_is_kept() {
    let text = INCIDENT
        .replace("phone_101", "carrier_pigeon")
        .replace("scheduled", "by hand");
    let read = decode(text.as_bytes()).expect("one word costs one field");
    let Record::Incident(incident) = read.record else {
        panic!("an incident");
    };
    let unread: Vec<_> = incident
        .unread
        .iter()
        .map(|unread| (unread.path.as_str(), unread.value.as_str()))
        .collect();
    assert_eq!(
        unread,
        [
            ("log.channel", "carrier_pigeon"),
            ("response.grades.grade", "a text of 7 characters")
        ]
    );
    assert!(incident.blocks.log.is_some_and(|log| log.channel.is_none()));
}

#[test]
fn a_list_with_a_word_no_list_has_is_not_told() {
    let text = INCIDENT.replace(r#""links":[]"#, r#""triage":[{"heads":["harm","luck"]}]"#);
    let read = decode(text.as_bytes()).expect("one word costs one field");
    let Record::Incident(incident) = read.record else {
        panic!("an incident");
    };
    assert_eq!(incident.blocks.triage.expect("it is told")[0].heads, None);
    assert_eq!(incident.unread[0].path.as_str(), "triage.heads");
}

#[test]
fn a_block_of_unread_words_alone_is_not_the_empty_block() {
    let text = INCIDENT.replace(r#""closure":{}"#, r#""closure":{"scheme":"ours"}"#);
    let read = decode(text.as_bytes()).expect("one word costs one field");
    let Record::Incident(incident) = read.record else {
        panic!("an incident");
    };
    assert_eq!(incident.blocks.closure, None);
}

#[test]
fn fields_the_contract_does_not_have_are_counted_by_path() {
    let text = INCIDENT
        .replace(
            r#""channel""#,
            r#""weather":{"a":1,"a":2},"Jo Bloggs":1,"channel""#,
        )
        .replace(r#""links":[]"#, r#""links":[],"weather":null"#);
    let read = decode(text.as_bytes()).expect("fields nobody knows cost nothing");
    assert_eq!(
        read.unknown,
        ["weather", "log.weather", "log.(unprintable name)"]
    );
    assert_eq!(
        read.record,
        read_straight(INCIDENT).expect("the same record")
    );
}

#[test]
fn all_problems_are_told_at_once_in_the_order_of_the_contract() {
    let text = INCIDENT
        .replace(r#""links":[]"#, r#""links":{}"#)
        .replace(r#""source":"cad","#, "")
        .replace("2026-04-01T09:04:00+01:00", "01.04.2026");
    let refusal = decode(text.as_bytes()).expect_err("three fields cannot be read");
    let fields: Vec<_> = refusal
        .problems
        .iter()
        .map(|problem| problem.field.as_str())
        .collect();
    assert_eq!(fields, ["source", "disclosures.at", "links"]);
    assert_eq!(refusal.reason, Reason::MissingField);
    assert_eq!(refusal.problems[1].found, "a text like `99.99.9999`");
    assert_eq!(refusal.head.version, Some(3));
}

#[test]
fn one_record_cannot_fill_the_topic_with_its_problems() {
    let entries: Vec<_> = (0..999)
        .map(|at| json!({ "to": at, "kind": format!("k{at}") }))
        .collect();
    let record = json!({ "record": "incident", "links": entries });
    let refusal = decode(record.to_string().as_bytes()).expect_err("nothing fits");
    assert_eq!(refusal.problems.len(), 5);
}

#[test]
fn of_a_torn_record_the_head_is_told() {
    let refusal = decode(up_to("phone_101")).expect_err("it is torn");
    assert_eq!(refusal.reason, Reason::UnreadableJson);
    assert_eq!(refusal.problems[0].field, "log.channel");
    let head = refusal.head;
    assert_eq!(head.record, Some(RecordKind::Incident));
    assert_eq!(
        head.reference.as_ref().map(Reference::as_str),
        Some("NP-20260401-0117")
    );
    let refusal = decode(up_to("0117")).expect_err("it is torn in the reference");
    assert_eq!(refusal.head.reference, None);
    assert_eq!(
        refusal.head.source.as_ref().map(Source::as_str),
        Some("cad")
    );
}

#[test]
fn bytes_that_are_no_text_are_placed() {
    let mut bytes = INCIDENT.as_bytes().to_vec();
    let at = INCIDENT.find("d1").expect("the id is there");
    bytes[at] = 0xE9;
    let refusal = decode(&bytes).expect_err("a byte of another encoding");
    assert_eq!(refusal.reason, Reason::NotUtf8);
    assert_eq!(refusal.problems[0].field, "disclosures.id");
    assert_eq!(refusal.head.version, Some(3));
}

#[test]
fn of_an_oversize_record_the_head_is_told() {
    let refusal = refuse_oversize(&INCIDENT.as_bytes()[..200], 2_000_000, 1_000_000);
    assert_eq!(refusal.reason, Reason::Oversize);
    assert_eq!(refusal.head.version, Some(3));
}

#[test]
fn a_byte_order_mark_costs_nothing() {
    assert!(decode(format!("\u{feff}{INCIDENT}").as_bytes()).is_ok());
}

/// Whatever the records of the contract hold, both ways read the same; and where a part of them is
/// anything else, the straight way lets nothing pass that the close way refuses.
#[test]
fn both_ways_agree_on_any_record() {
    let mut dice = ChaCha8Rng::seed_from_u64(4_211);
    let (mut sound, mut refused) = (0, 0);
    for round in 0..3_000 {
        let kind = KINDS[round % KINDS.len()];
        let fields: Vec<_> = HEAD_FIELDS.iter().chain(own_fields(kind)).collect();
        let spoilt = round % 3 == 0;
        let mut spoil = spoilt.then_some(dice.random_range(0..20));
        let mut record = any_group(&fields, &mut dice, &mut spoil);
        record["record"] = json!(kind.as_str());
        let text = record.to_string();
        match (read_straight(&text), closely(&text)) {
            (Some(record), close) => {
                assert_eq!(close, Ok(plain(record)), "{text}");
                sound += 1;
            }
            // What a decision is about has a `record` too; in this order it is read closely.
            (None, Ok(_)) => assert!(spoilt || kind == RecordKind::Decision, "{text}"),
            (None, Err(_)) => refused += 1,
        }
        assert_eq!(decode_tree(record), closely(&text), "{text}");
    }
    assert!(
        sound > 1_500 && refused > 100,
        "{sound} sound, {refused} refused"
    );
}

const KINDS: [RecordKind; 4] = [
    RecordKind::Incident,
    RecordKind::Crime,
    RecordKind::Heartbeat,
    RecordKind::Decision,
];

fn any_group(fields: &[&Field], dice: &mut ChaCha8Rng, spoil: &mut Option<u32>) -> Value {
    let mut group = serde_json::Map::new();
    for field in fields {
        if field.required || dice.random_bool(0.5) {
            let value = any_value(&field.shape, dice, spoil);
            group.insert(field.name.to_owned(), value);
        } else if dice.random_bool(0.3) {
            group.insert(field.name.to_owned(), Value::Null);
        }
    }
    Value::Object(group)
}

fn any_value(shape: &Shape, dice: &mut ChaCha8Rng, spoil: &mut Option<u32>) -> Value {
    match spoil {
        Some(0) => {
            *spoil = None;
            let others =
                json!([null, true, -1, 1.5, "", "x\u{0}", [], [null], {}, { "x": 1 }, "day"]);
            return others[dice.random_range(0..11_usize)].clone();
        }
        Some(left) => *left -= 1,
        None => {}
    }
    match shape {
        Shape::Bool => json!(dice.random_bool(0.5)),
        Shape::Integer => json!(dice.random_range(0..i64::MAX)),
        Shape::Text => json!(["a", "é\n\"", "34/26/004512"][dice.random_range(0..3_usize)]),
        Shape::Moment => {
            let moments = [
                "2026-04",
                "2026-10-25",
                "2026-04-01T09:00Z",
                "2026-04-01T09:00:00.5+01:00",
            ];
            json!(moments[dice.random_range(0..4_usize)])
        }
        Shape::Symbol(symbols) => json!(symbols.words[dice.random_range(0..symbols.words.len())]),
        Shape::Struct(group) => {
            let fields: Vec<_> = group.fields.iter().collect();
            any_group(&fields, dice, spoil)
        }
        Shape::List(entry) => {
            let length = dice.random_range(0..3);
            (0..length).map(|_| any_value(entry, dice, spoil)).collect()
        }
    }
}

fn up_to(part: &str) -> &'static [u8] {
    &INCIDENT.as_bytes()[..INCIDENT.find(part).expect("the part is there")]
}

fn closely(text: &str) -> Result<Decoded, Refusal> {
    read_closely(parse(text))
}

fn plain(record: Record) -> Decoded {
    Decoded {
        record,
        unknown: Vec::new(),
    }
}
