//! What a topic can hold around a record, and what is said of what cannot be read.

use super::*;
use crate::domain::Moment;
use crate::domain::names::RecordKind;
use crate::domain::records::{DeletedReason, Record};

const CRIME: &str = r#"{"record":"crime","force":"northamptonshire","source":"rms","reference":"34/26/1","version":3,"committed_at":"2026-04-02T10:00:05+01:00","core":{}}"#;

/// `CRIME` without its block, by a schema of texts: force, source, reference, record, committed_at.
const AVRO: &[u8] = b"\x20northamptonshire\x06rms\x0e34/26/1\x0acrime\x28";

#[test]
fn json_and_avro_are_told_apart_by_what_stands_first() {
    let json = CRIME.as_bytes();
    let framed = framed(7);
    let header: &[(&str, &[u8])] = &[("__value_schema_id", b"\0\0\0\0\x07")];
    for (encoding, value, headers) in [
        (Encoding::Json, json, &[][..]),
        (Encoding::Auto, json, &[]),
        (Encoding::Auto, &framed, &[]),
        (Encoding::Avro, &framed, &[]),
        (Encoding::Auto, &framed[5..], header),
        (Encoding::Avro, &framed[5..], header),
    ] {
        let read = read_as(encoding, Some(value), headers).expect("it can be read");
        assert_eq!(
            read.record.head().reference.as_str(),
            "34/26/1",
            "{encoding:?}"
        );
    }
    for (encoding, value, reason) in [
        (Encoding::Json, &framed[..], Reason::UnreadableJson),
        (Encoding::Avro, json, Reason::UnreadableAvro),
        (Encoding::Json, b"", Reason::UnreadableJson),
        (Encoding::Auto, b"", Reason::UnreadableJson),
        (Encoding::Avro, b"", Reason::UnreadableAvro),
        (Encoding::Auto, b"\0\0\0", Reason::UnreadableAvro),
    ] {
        let refusal = refused(read_as(encoding, Some(value), &[]));
        assert_eq!(refusal.reason, reason, "{encoding:?}: {refusal}");
    }
}

#[test]
fn a_schema_that_nobody_has_refuses_and_a_registry_that_cannot_be_asked_does_not() {
    let refusal = refused(read_as(Encoding::Auto, Some(&framed(8)), &[]));
    assert_eq!(refusal.reason, Reason::UnknownSchema);
    assert_eq!(refusal.problems[0].found, "schema 8");
    assert_eq!(refusal.problems[0].advice, Reason::UnknownSchema.advice());
    let refusal = refused(read_as(Encoding::Auto, Some(&framed(9)), &[]));
    assert_eq!(refusal.reason, Reason::UnknownSchema);
    assert_eq!(refusal.problems[0].found, "schema 9: not Avro");
    let waiting = read_as(Encoding::Auto, Some(&framed(10)), &[]);
    assert_eq!(waiting, Err(NotRead::NoRegistry("no route".to_owned())));
    let guid: &[(&str, &[u8])] = &[("__value_schema_id", &[1; 17])];
    let refusal = refused(read_as(Encoding::Auto, Some(b"x"), guid));
    assert_eq!(
        refusal.problems[0].found,
        "schema 01010101-0101-0101-0101-010101010101"
    );
}

#[test]
fn what_is_too_large_is_refused_with_its_head_before_it_is_decoded() {
    let long = CRIME.replace("{}", &format!(r#"{{"n_code":"{}"}}"#, "Quill".repeat(400)));
    let mut avro = framed(7);
    avro.extend([0xFF; 2_000]);
    for value in [long.as_bytes(), &avro] {
        let refusal = refused(read_as(Encoding::Auto, Some(value), &[]));
        assert_eq!(refusal.reason, Reason::Oversize);
        assert_eq!(
            refusal.head.reference.as_ref().map(|name| name.as_str()),
            Some("34/26/1")
        );
    }
}

#[test]
fn an_envelope_around_a_record_is_opened() {
    let coded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, CRIME);
    let attributes = r#""specversion":"1.0","type":"uk.truecount.crime.v1","source":"rms","subject":"34/26/1","id":"34/26/1/3","time":"2026-04-02T09:00:05Z""#;
    let said: &[(&str, &[u8])] = &[(
        "Content-Type",
        b"application/cloudevents+json; charset=utf-8",
    )];
    for (value, headers) in [
        (format!(r#"{{{attributes},"data":{CRIME}}}"#), said),
        (
            format!(r#"{{"data":{CRIME},{attributes},"more":[1]}}"#),
            &[],
        ),
        (format!(r#"{{{attributes},"data_base64":"{coded}"}}"#), &[]),
        (format!(r#"{{"specversion":"1.0","data":{CRIME}}}"#), &[]),
    ] {
        let read = read_as(Encoding::Auto, Some(value.as_bytes()), headers).expect(&value);
        assert_eq!(
            read,
            json::decode(CRIME.as_bytes()).expect("it is sound"),
            "{value}"
        );
    }
    let record = CRIME.replace(r#""core""#, r#""specversion":"1.0","core""#);
    let read = read_as(Encoding::Json, Some(record.as_bytes()), &[]).expect("a plain record");
    assert_eq!(read.unknown, ["specversion"]);
    let torn = format!(r#"{{"specversion":"1.0","data":{}"#, &CRIME[..90]);
    let refusal = refused(read_as(Encoding::Json, Some(torn.as_bytes()), said));
    assert_eq!(refusal.reason, Reason::UnreadableJson);
}

#[test]
fn an_envelope_that_says_something_else_is_named_by_its_attribute() {
    for (name, other) in [
        ("type", "uk.truecount.incident.v1"),
        ("source", "cad"),
        ("subject", "34/26/2"),
        ("id", "34/26/1/4"),
        ("time", "2026-04-02T09:00:06Z"),
        ("time", "yesterday"),
    ] {
        let value = format!(r#"{{"specversion":"1.0","{name}":"{other}","data":{CRIME}}}"#);
        let header = format!("ce_{name}");
        let headers: &[(&str, &[u8])] = &[("ce_specversion", b"1.0"), (&header, other.as_bytes())];
        for refused in [
            refused(read_as(Encoding::Auto, Some(value.as_bytes()), &[])),
            refused(read_as(Encoding::Auto, Some(CRIME.as_bytes()), headers)),
        ] {
            assert_eq!(refused.reason, Reason::EnvelopeMismatch, "{name}");
            assert_eq!(refused.problems.len(), 1, "{name}: {refused}");
            assert_eq!(refused.problems[0].field, format!("envelope.{name}"));
            assert_eq!(refused.head.version, Some(3));
        }
    }
    let mut framed = framed(7);
    let headers: &[(&str, &[u8])] = &[("ce_specversion", b"1.0"), ("ce_source", b"cad")];
    let refusal = refused(read_as(Encoding::Auto, Some(&framed), headers));
    assert_eq!(refusal.reason, Reason::EnvelopeMismatch);
    framed.truncate(0);
    let agree: &[(&str, &[u8])] = &[
        ("ce_specversion", b"1.0"),
        ("ce_type", b"uk.truecount.crime.v1"),
        ("ce_id", b"34/26/1/3"),
        ("ce_time", b"2026-04-02T10:00:05+01:00"),
    ];
    assert!(read_as(Encoding::Auto, Some(CRIME.as_bytes()), agree).is_ok());
    let without: &[(&str, &[u8])] = &[("ce_source", b"cad")];
    assert!(read_as(Encoding::Auto, Some(CRIME.as_bytes()), without).is_ok());
}

#[test]
fn a_tombstone_is_the_end_of_the_thing_that_its_key_names() {
    let keys = |_: &str, key: &[u8]| {
        let key = std::str::from_utf8(key).ok()?;
        Some(Named {
            force: "northamptonshire".into(),
            source: "rms".into(),
            record: if key.starts_with("NP") {
                RecordKind::Incident
            } else {
                RecordKind::Crime
            },
            reference: key.into(),
        })
    };
    for (key, kind) in [
        ("NP-1", RecordKind::Incident),
        ("34/26/1", RecordKind::Crime),
    ] {
        let read = tombstone(Some(key.as_bytes()), Some(&keys)).expect("the key names a thing");
        let head = read.record.head();
        assert_eq!(
            (head.record, head.reference.as_str(), head.version),
            (kind, key, None)
        );
        let deleted = head.deleted.as_ref().expect("it is gone");
        assert_eq!(
            (deleted.reason, deleted.at),
            (DeletedReason::Unknown, Moment::exact(ARRIVAL))
        );
        assert!(matches!(
            (kind, &read.record),
            (RecordKind::Incident, Record::Incident(_)) | (RecordKind::Crime, Record::Crime(_))
        ));
    }
    let beat = |_: &str, _: &[u8]| {
        Some(Named {
            force: "northamptonshire".into(),
            source: "rms".into(),
            record: RecordKind::Heartbeat,
            reference: "rms".into(),
        })
    };
    for refusal in [
        tombstone(Some(b"\xFF"), Some(&keys)),
        tombstone(Some(b""), Some(&keys)),
        tombstone(None, Some(&keys)),
        tombstone(Some(b"NP-1"), None),
        tombstone(Some(b"rms"), Some(&beat)),
    ] {
        assert_eq!(refused(refusal).reason, Reason::UnmappedKey);
    }
}

const ARRIVAL: Instant = Instant::from_millis(1_775_120_700_000);

/// A registry with one schema, one that cannot be used, and one that it cannot be asked for.
struct Shelf;

impl Schemas for Shelf {
    fn schema(&mut self, name: SchemaName) -> Result<Arc<Schema>, NoSchema> {
        let text = r#"{"type":"record","name":"C","fields":[
            {"name":"force","type":"string"},{"name":"source","type":"string"},
            {"name":"reference","type":"string"},{"name":"record","type":"string"},
            {"name":"committed_at","type":"string"}]}"#;
        match name {
            SchemaName::Id(7) => Ok(Arc::new(Schema::parse(text, &[]).expect("it parses"))),
            SchemaName::Id(9) => Err(NoSchema::Unusable("not Avro".to_owned())),
            SchemaName::Id(10) => Err(NoSchema::Unreachable("no route".to_owned())),
            _ => Err(NoSchema::Unknown),
        }
    }
}

fn framed(id: u8) -> Vec<u8> {
    let moment = b"2026-04-02T09:00:05Z";
    [&[0, 0, 0, 0, id], AVRO, moment].concat()
}

fn read_as(
    encoding: Encoding,
    value: Option<&[u8]>,
    headers: &[(&str, &[u8])],
) -> Result<Decoded, NotRead> {
    let envelope = Envelope {
        topic: "crimes",
        key: None,
        value,
        headers,
    };
    let manner = Manner {
        encoding,
        max_record_bytes: 1_000,
        keys: None,
        arrival: ARRIVAL,
    };
    read(&envelope, &manner, &mut Shelf)
}

fn tombstone(key: Option<&[u8]>, keys: Option<KeyMapping<'_>>) -> Result<Decoded, NotRead> {
    let envelope = Envelope {
        topic: "crimes",
        key,
        value: None,
        headers: &[],
    };
    let manner = Manner {
        encoding: Encoding::Auto,
        max_record_bytes: 1_000,
        keys,
        arrival: ARRIVAL,
    };
    read(&envelope, &manner, &mut Shelf)
}

fn refused(read: Result<Decoded, NotRead>) -> Refusal {
    match read {
        Err(NotRead::Refused(refusal)) => *refusal,
        other => panic!("it was not refused: {other:?}"),
    }
}
