//! Malformed records, kind by kind: each is set aside with the reason, the field, what was expected,
//! what was found and what to do, and none of that holds a text of the record. What is merely
//! unknown costs its field or nothing. Start at
//! `malformed/fields.txt` and [`BYTES`].

use std::collections::BTreeSet;

use truecount::domain::names::RecordKind;
use truecount::domain::records::{Block, BlockSet, Record};
use truecount::domain::shape::{Shape, Shaped};
use truecount::domain::{Feed, Feeds, Instant, Moment, Reason, Refusal};
use truecount::intake::admit;
use truecount::wire::json::{Decoded, decode, refuse_oversize};
use truecount::wire::lines::Lines;

use Reason::*;
use table::{BYTES, CRIME, HEARTBEAT, INCIDENT, WAIVER, rows, sound};

#[path = "malformed/table.rs"]
mod table;

/// A text that would be a person's, wherever the table needs one in the wrong place.
const PERSONAL: &str = "Ermintrude Quill";

/// Reasons that the bytes of a file and surroundings alone do not give: local times and rows are the
/// mapping's, versions are validation's, Avro, schemas, envelopes and keys are of topics and have their
/// tables beside `src/wire/avro` and `src/wire/envelope`.
const ELSEWHERE: &[Reason] = &[
    AmbiguousLocalTime,
    ImpossibleLocalTime,
    UnreadableRow,
    VersionConflict,
    UnreadableAvro,
    UnknownSchema,
    UnmappedKey,
    EnvelopeMismatch,
];

#[test]
fn a_spoilt_field_is_named_with_its_reason() {
    for [name, kind, part, spoilt, reason, field] in rows() {
        let sound = sound(kind);
        assert!(sound.contains(part), "{name}: {part} is not in the record");
        let refusal = refused(name, sound.replacen(part, spoilt, 1).as_bytes());
        tells(name, &refusal, reason_named(reason), field);
    }
}

#[test]
fn bytes_that_are_no_record_are_named_with_their_reason() {
    for (name, bytes, reason, field) in BYTES {
        tells(name, &refused(name, bytes), *reason, field);
    }
}

#[test]
fn what_stands_after_a_record_spoils_it() {
    for (name, rest) in [
        ("second object", INCIDENT),
        ("garbage", "Ermintrude Quill"),
        ("brace", "}"),
    ] {
        let refusal = refused(name, format!("{INCIDENT} {rest}").as_bytes());
        tells(name, &refusal, UnreadableJson, "");
        assert_eq!(refusal.head.version, Some(3), "{name}");
    }
}

#[test]
fn what_is_nested_too_deep_is_refused_wherever_it_stands() {
    let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
    let unknown = CRIME.replace(
        r#""version":1"#,
        &format!(r#""version":1,"x":{{"y":{deep}}}"#),
    );
    let refusal = refused("deep field", unknown.as_bytes());
    tells("deep field", &refusal, TooDeep, "x.y");
    assert_eq!(
        refusal.head.reference.as_ref().map(|name| name.as_str()),
        Some("34/26/004512")
    );
    tells(
        "deep list",
        &refused("deep list", deep.as_bytes()),
        TooDeep,
        "",
    );
    let bottomless = "[".repeat(1 << 20);
    tells(
        "no bottom",
        &refused("no bottom", bottomless.as_bytes()),
        UnreadableJson,
        "",
    );
}

#[test]
fn an_oversize_line_is_refused_with_its_head_and_the_next_is_read() {
    let long = CRIME.replace("o1", &"Ermintrude Quill".repeat(100));
    let stream = format!("{long}\n{INCIDENT}\n");
    let mut lines = Lines::new(stream.as_bytes(), 1024);
    let line = lines
        .next_line()
        .expect("memory can be read")
        .expect("a line");
    assert!(line.oversize);
    let refusal = refuse_oversize(line.bytes, line.length, 1024);
    tells("oversize", &refusal, Oversize, "");
    assert_eq!(refusal.head.record, Some(RecordKind::Crime));
    let line = lines
        .next_line()
        .expect("memory can be read")
        .expect("a line");
    assert!(!line.oversize && decode(line.bytes).is_ok());
}

#[test]
fn a_force_that_no_table_has_is_refused() {
    let record = decode(INCIDENT.as_bytes())
        .expect("the record is sound")
        .record;
    let refusal = admit(&record, arrival(), &feeds(), false).expect_err("the force is unknown");
    tells("unknown force", &refusal, UnknownForce, "force");
}

#[test]
fn a_word_no_list_has_costs_one_field() {
    for (sound, part, spoilt, path) in [
        (INCIDENT, "phone_101", "carrier_pigeon", "log.channel"),
        (
            INCIDENT,
            "call_handler",
            "Ermintrude Quill",
            "disclosures.set_by.role",
        ),
        (
            INCIDENT,
            r#""links":[]"#,
            r#""links":[{"to":"1","kind":"twin"}]"#,
            "links.kind",
        ),
        (
            CRIME,
            r#""kind":"crime""#,
            r#""kind":"felony""#,
            "core.kind",
        ),
    ] {
        let read = let_in(sound.replacen(part, spoilt, 1).as_bytes());
        let unread = match read.record {
            Record::Incident(record) => record.unread,
            Record::Crime(record) => record.unread,
            _ => panic!("the table has incidents and crimes"),
        };
        assert_eq!(unread.len(), 1, "{path}");
        assert_eq!(unread[0].path.as_str(), path);
        assert!(!unread[0].value.as_str().contains("Quill"), "{path}");
        assert!(read.unknown.is_empty());
    }
}

#[test]
fn fields_the_contract_does_not_have_cost_nothing_and_are_counted() {
    let text = CRIME
        .replacen(
            r#""version":1"#,
            r#""version":1,"Ermintrude Quill":{"a":[1.5]},"mood":"calm""#,
            1,
        )
        .replacen(r#""code":"1""#, r#""code":"1","mood":null"#, 1);
    let read = let_in(text.as_bytes());
    assert_eq!(
        read.unknown,
        ["(unprintable name)", "mood", "outcomes.mood"]
    );
    assert_eq!(read.record, let_in(CRIME.as_bytes()).record);
}

#[test]
fn the_sound_records_of_the_tables_are_let_in() {
    for sound in [INCIDENT, CRIME, HEARTBEAT, WAIVER] {
        assert!(let_in(sound.as_bytes()).unknown.is_empty());
    }
}

#[test]
fn every_reason_has_a_kind_here_or_a_place_elsewhere() {
    let here: BTreeSet<_> = rows()
        .map(|[_, _, _, _, reason, _]| reason_named(reason))
        .chain(BYTES.iter().map(|(_, _, reason, _)| *reason))
        .chain([TooDeep, Oversize, UnknownForce])
        .collect();
    let elsewhere: BTreeSet<_> = ELSEWHERE.iter().copied().collect();
    assert!(here.is_disjoint(&elsewhere));
    let Shape::Symbol(words) = Reason::SHAPE else {
        panic!("a reason is one of a list of words");
    };
    let every = words.words.iter().map(|word| reason_named(word)).collect();
    assert_eq!(&here | &elsewhere, every);
}

fn reason_named(word: &str) -> Reason {
    serde_json::from_value(word.into()).expect("the table names reasons")
}

fn tells(name: &str, refusal: &Refusal, reason: Reason, field: &str) {
    assert_eq!(refusal.reason, reason, "{name}: {refusal}");
    assert_eq!(refusal.problems[0].field, field, "{name}: {refusal}");
    for problem in &refusal.problems {
        for told in [&problem.expected, &problem.found, &problem.advice] {
            assert!(!told.is_empty(), "{name}: {problem}");
        }
        let words = problem.to_string();
        for part in PERSONAL.split(' ').chain(["violence", "9f2c"]) {
            assert!(!words.contains(part), "{name}: {words}");
        }
    }
}

fn refused(name: &str, bytes: &[u8]) -> Refusal {
    match read(bytes) {
        Err(refusal) => refusal,
        Ok(read) => panic!("{name}: it was let in as {:?}", read.record),
    }
}

fn let_in(bytes: &[u8]) -> Decoded {
    match read(bytes) {
        Ok(read) => read,
        Err(refusal) => panic!("{refusal}"),
    }
}

fn read(bytes: &[u8]) -> Result<Decoded, Refusal> {
    let read = decode(bytes)?;
    admit(&read.record, arrival(), &feeds(), true)?;
    Ok(read)
}

fn feeds() -> Feeds {
    use Block::*;
    Feeds::declared(vec![
        feed("cad", &[Log, Disclosures, Triage, Response, Closure, Links]),
        feed(
            "rms",
            &[Core, Origin, Classification, Victims, Suspects, Outcomes],
        ),
        feed("victim-hub", &[VictimCare]),
        feed("desk", &[]),
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
    let moment = Moment::parse("2026-04-02T10:05:01+01:00").expect("the arrival is a moment");
    moment.earliest()
}
