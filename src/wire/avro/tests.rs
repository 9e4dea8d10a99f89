//! What Avro says in many forms is one record, and what is wrong with one is said as of JSON. The
//! bytes are written by another library than the one that is tested.

use apache_avro::Schema as Other;
use apache_avro::types::Value as Avro;
use apache_avro::writer::datum::GenericDatumWriter;
use serde_json::{Value, json};

use super::*;
use crate::domain::Moment;
use crate::domain::Reason;
use crate::wire::generated::traffic;
use crate::wire::schema::avro;

const CRIME: &str = r#"{"record":"crime","force":"northamptonshire","source":"rms","reference":"34/26/004512","version":1,"committed_at":"2026-04-02T10:00:05+01:00","extracted_at":"2026-04-02T10:00+01:00","core":{"kind":"crime","status":"recorded","reported_at":"2026-04-01","flags":[],"hate":false},"victims":[{"victim_ref":"v:k1:9f2c","age_at_offence":34}],"outcomes":[],"cancellation":{}}"#;

#[test]
fn every_generated_record_reads_as_its_json_does() {
    let schemas = KINDS.map(|kind| (kind, ours(kind)));
    let mut read = 0;
    for published in traffic(7, 11) {
        let record = published.record;
        let json = serde_json::to_value(&record).expect("a record is JSON");
        let kind = record.head().record;
        let (_, schema) = schemas
            .iter()
            .find(|(of, _)| *of == kind)
            .expect("four kinds");
        let bytes = encoded(&schema.1, &json);
        let straight = read_straight(&schema.0, &bytes).expect("nothing is out of the ordinary");
        assert_eq!(
            straight,
            Decoded {
                record,
                unknown: Vec::new()
            }
        );
        let closely = json::read_closely(closely::tree_of(&schema.0, &bytes));
        assert_eq!(closely, Ok(straight));
        read += 1;
    }
    assert!(read > 300, "{read}");
}

#[test]
fn a_schema_of_another_form_reads_as_the_same_record() {
    let expected = json::decode(CRIME.as_bytes())
        .expect("the record is sound")
        .record;
    for (name, from, to) in [
        ("another namespace", "uk.truecount", "northants.rms"),
        ("another name", r#""name":"Crime""#, r#""name":"CrimeRow""#),
        ("int for long", r#""long""#, r#""int""#),
        ("micros", "timestamp-millis", "timestamp-micros"),
        (
            "an alias",
            r#""name":"reference""#,
            r#""aliases":["ref"],"name":"reference""#,
        ),
    ] {
        let text = avro(RecordKind::Crime).to_string();
        let mut text = text.replace(from, to);
        if name == "int for long" {
            for stamp in [
                r#"{"logicalType":"timestamp-millis","type":"int"}"#,
                r#"{"type":"int","logicalType":"timestamp-millis"}"#,
            ] {
                text = text.replace(stamp, &stamp.replace("int", "long"));
            }
        }
        let schema = both(&text);
        let decoded = decode(&schema.0, &encoded(&schema.1, &crime())).expect(name);
        assert_eq!(decoded.record, expected, "{name}");
        assert!(decoded.unknown.is_empty(), "{name}");
    }
}

#[test]
fn unions_the_other_way_round_and_texts_for_words_read_as_the_same_record() {
    let expected = json::decode(CRIME.as_bytes())
        .expect("the record is sound")
        .record;
    let mut schema = avro(RecordKind::Crime);
    loosen(&mut schema, &mut |field| {
        if field["type"].get(0) == Some(&json!("null")) {
            let own = field["type"][1].clone();
            field["type"] = json!([own, "null"]);
            field.as_object_mut().expect("a field").remove("default");
        }
    });
    let schema = both(&schema.to_string());
    let decoded = decode(&schema.0, &encoded(&schema.1, &crime())).expect("unions turned");
    assert_eq!(decoded.record, expected);
    let text = json!({"type": "record", "name": "C", "fields": [
        {"name": "reference", "type": "string"}, {"name": "source", "type": "string"},
        {"name": "force", "type": "string"}, {"name": "record", "type": "string"},
        {"name": "committed_at", "type": "string"},
        {"name": "core", "type": {"type": "record", "name": "K", "fields": [
            {"name": "kind", "type": "string"},
            {"name": "reported_at", "type": {"type": "int", "logicalType": "date"}},
            {"name": "recorded_at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        ]}},
    ]});
    let schema = both(&text.to_string());
    let bytes = encoded(
        &schema.1,
        &json!({
            "reference": "34/26/1", "source": "rms", "force": "northamptonshire", "record": "crime",
            "committed_at": "2026-04-02T10:00:05+01:00",
            "core": {"kind": "crime", "reported_at": 20_544, "recorded_at": 1_775_120_405_000_999_i64},
        }),
    );
    let plain = br#"{"record":"crime","force":"northamptonshire","source":"rms","reference":"34/26/1","committed_at":"2026-04-02T10:00:05+01:00","core":{"kind":"crime","reported_at":"2026-04-01","recorded_at":"2026-04-02T10:00:05+01:00"}}"#;
    assert_eq!(decode(&schema.0, &bytes), json::decode(plain));
    assert!(read_straight(&schema.0, &bytes).is_some());
}

#[test]
fn words_and_fields_that_the_contract_does_not_have_cost_one_field_or_nothing() {
    let mut schema = avro(RecordKind::Crime);
    loosen(&mut schema, &mut |field| {
        if field["name"] == "kind" && field["type"][1]["name"] == "CrimeKind" {
            field["type"][1]["symbols"] = json!(["felony", "n_record", "crime"]);
        }
        if field["name"] == "version" {
            field["name"] = json!("revision");
        }
    });
    let text = schema.to_string();
    assert!(text.contains("felony") && text.contains("revision"));
    let schema = both(&text);
    let mut record = crime();
    let decoded = decode(&schema.0, &encoded(&schema.1, &record)).expect("known words");
    assert_eq!(decoded.unknown, ["revision"]);
    record["core"]["kind"] = json!("felony");
    let decoded = decode(&schema.0, &encoded(&schema.1, &record)).expect("an unknown word");
    let Record::Crime(read) = decoded.record else {
        panic!("it is a crime");
    };
    assert_eq!(read.unread.len(), 1);
    assert_eq!(read.unread[0].path.as_str(), "core.kind");
    assert_eq!(read.unread[0].value.as_str(), "felony");
    assert_eq!(read.blocks.core.map(|core| core.kind), Some(None));
    assert_eq!(decoded.unknown, ["revision"]);
}

#[test]
fn bytes_that_break_off_anywhere_are_refused_with_what_of_the_head_was_whole() {
    let schema = ours(RecordKind::Crime);
    let bytes = encoded(&schema.1, &crime());
    for length in 0..bytes.len() {
        let refusal = decode(&schema.0, &bytes[..length]).expect_err("it breaks off");
        assert_eq!(
            refusal.reason,
            Reason::UnreadableAvro,
            "{length}: {refusal}"
        );
        let expected = (length > 40).then_some("34/26/004512");
        let told = refusal.head.reference.as_ref().map(|name| name.as_str());
        assert!(told == expected || length <= 40, "{length}: {refusal}");
    }
    let long = [&bytes[..], b"\0"].concat();
    let refusal = decode(&schema.0, &long).expect_err("something stands after it");
    assert_eq!(refusal.reason, Reason::UnreadableAvro);
    assert_eq!(refusal.problems[0].expected, "the end of the record");
    assert_eq!(refusal.head.version, Some(1));
}

#[test]
fn no_byte_changed_makes_it_panic_or_take_long() {
    let schema = ours(RecordKind::Crime);
    let bytes = encoded(&schema.1, &crime());
    for at in 0..bytes.len() {
        for other in [0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF] {
            let mut spoilt = bytes.clone();
            spoilt[at] = other;
            let straight = read_straight(&schema.0, &spoilt);
            let closely = json::read_closely(closely::tree_of(&schema.0, &spoilt));
            if let Some(straight) = straight {
                assert_eq!(closely, Ok(straight), "{at} {other}");
            }
        }
    }
}

#[test]
fn a_schema_that_is_no_record_of_ours_says_which_field_is_missing() {
    let schema = both(
        r#"{"type":"record","name":"C","fields":[
        {"name":"record","type":"string"},{"name":"force","type":"string"},
        {"name":"reference","type":"string"},{"name":"committed_at","type":"string"}]}"#,
    );
    let bytes = encoded(
        &schema.1,
        &json!({"record": "crime", "force": "northamptonshire",
        "reference": "34/26/1", "committed_at": "2026-04-01"}),
    );
    let refusal = decode(&schema.0, &bytes).expect_err("it has no source");
    assert_eq!(
        (refusal.reason, refusal.problems[0].field.as_str()),
        (Reason::MissingField, "source")
    );
    assert_eq!(
        refusal.head.reference.as_ref().map(|name| name.as_str()),
        Some("34/26/1")
    );
    let schema = both(r#""string""#);
    let refusal = decode(&schema.0, b"\x08abcd").expect_err("it is a text");
    assert_eq!(refusal.reason, Reason::WrongType);
}

#[test]
fn what_is_wrong_is_said_as_of_json() {
    let schema = both(
        r#"{"type":"record","name":"C","fields":[
        {"name":"record","type":"string"},{"name":"force","type":"string"},
        {"name":"source","type":"string"},{"name":"reference","type":"bytes"},
        {"name":"committed_at","type":{"type":"record","name":"M","fields":[
            {"name":"at","type":"long"},{"name":"precision","type":"string"}]}},
        {"name":"core","type":{"type":"record","name":"K","fields":[
            {"name":"hate","type":"string"},{"name":"offence_class","type":"double"}]}}]}"#,
    );
    let bytes = encoded(
        &schema.1,
        &json!({"record": "crime", "force": "", "source": "a\0b",
        "reference": [1, 2], "committed_at": {"at": 0, "precision": "century"},
        "core": {"hate": "Ermintrude Quill", "offence_class": 8.5}}),
    );
    let refusal = decode(&schema.0, &bytes).expect_err("nearly everything is wrong");
    let told: Vec<_> = refusal
        .problems
        .iter()
        .map(|problem| (problem.field.as_str(), problem.found.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("force", "an empty text"),
            ("source", "a text with a NUL"),
            ("reference", "bytes"),
            (
                "committed_at",
                "an instant without its precision, or outside 1800 to 9999"
            ),
            ("core.offence_class", "a number"),
            ("core.hate", "a text of 16 characters"),
        ]
    );
    let not_utf8 = b"\x0acrime\x04\xFF\xFE\x06rms";
    let refusal = decode(&schema.0, not_utf8).expect_err("the force is not UTF-8");
    assert_eq!(
        (refusal.reason, refusal.problems[0].field.as_str()),
        (Reason::NotUtf8, "force")
    );
    assert_eq!(
        refusal.head.source.as_ref().map(|name| name.as_str()),
        Some("rms")
    );
    assert_eq!(refusal.head.force, None);
}

#[test]
fn a_count_without_bytes_and_a_type_within_itself_have_an_end() {
    let nulls = both(r#"{"type":"array","items":"null"}"#);
    let count = [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F];
    assert!(decode(&nulls.0, &count).is_err());
    let text = r#"{"type":"record","name":"N","fields":[{"name":"next","type":["null","N"]}]}"#;
    let refusal = decode(&both(text).0, &[0x02; 100_000]).expect_err("it has no end");
    assert_eq!(refusal.reason, Reason::TooDeep);
    let unknown = format!(
        r#"{{"type":"record","name":"C","fields":[{{"name":"more","type":{text}}},
        {{"name":"record","type":"string"}}]}}"#
    );
    let refusal = decode(&both(&unknown).0, &[0x02; 100_000]).expect_err("it has no end");
    assert_eq!(refusal.reason, Reason::TooDeep);
}

#[test]
fn a_schema_may_name_types_of_others_and_not_of_none() {
    let text = r#"{"type":"record","name":"C","namespace":"a","fields":[
        {"name":"by","type":"b.Actor"},{"name":"also","type":"b.Actor"}]}"#;
    let other = r#"{"type":"record","name":"Actor","namespace":"b","fields":[
        {"name":"role","type":{"type":"enum","name":"Role","symbols":["officer"]}},
        {"name":"was","type":"Role"}]}"#;
    assert!(Schema::parse(text, &[other.to_owned()]).is_ok());
    assert!(Schema::parse(text, &[]).is_err());
    assert!(Schema::parse("{", &[]).is_err());
}

#[test]
fn a_value_is_taken_out_of_its_frame() {
    let guid: [u8; 16] = std::array::from_fn(|at| at as u8);
    let named = [&[1][..], &guid].concat();
    for (value, header, schema, bytes) in [
        (
            &b"\0\0\0\x01\x02abc"[..],
            None,
            SchemaName::Id(258),
            &b"abc"[..],
        ),
        (b"\0\0\0\0\x07", None, SchemaName::Id(7), b""),
        (
            b"abc",
            Some(&b"\0\0\0\0\x07"[..]),
            SchemaName::Id(7),
            b"abc",
        ),
        (b"\0", Some(&named), SchemaName::Guid(guid), b"\0"),
    ] {
        assert_eq!(unframe(value, header), Ok(Framed { schema, bytes }));
    }
    for (value, header) in [
        (&b""[..], None),
        (b"\0\0\0\0", None),
        (b"{}", None),
        (b"abc", Some(&b""[..])),
        (b"abc", Some(b"\0\0\0\x07")),
        (b"abc", Some(&named[..16])),
        (b"abc", Some(b"\x02\0\0\0\x07")),
    ] {
        let refusal = unframe(value, header).expect_err("it has no frame");
        assert_eq!(refusal.reason, Reason::UnreadableAvro);
    }
}

const KINDS: [RecordKind; 4] = [
    RecordKind::Incident,
    RecordKind::Crime,
    RecordKind::Heartbeat,
    RecordKind::Decision,
];

fn crime() -> Value {
    serde_json::from_str(CRIME).expect("the record is JSON")
}

/// The published schema of a kind: as it is read, and as the other library writes with it.
fn ours(kind: RecordKind) -> (Schema, Other) {
    both(&avro(kind).to_string())
}

fn both(text: &str) -> (Schema, Other) {
    let ours = Schema::parse(text, &[]).expect("the schema parses");
    (ours, Other::parse_str(text).expect("the schema parses"))
}

/// Shows every field of every group in a schema.
fn loosen(schema: &mut Value, see: &mut impl FnMut(&mut Value)) {
    match schema {
        Value::Array(entries) => entries.iter_mut().for_each(|entry| loosen(entry, see)),
        Value::Object(parts) => {
            if let Some(Value::Array(fields)) = parts.get_mut("fields") {
                fields.iter_mut().for_each(&mut *see);
            }
            parts.values_mut().for_each(|part| loosen(part, see));
        }
        _ => {}
    }
}

/// JSON as Avro bytes of a schema, by the names of fields.
fn encoded(schema: &Other, json: &Value) -> Vec<u8> {
    let value = avro_value(schema, schema, json).expect("the JSON fits the schema");
    let writer = GenericDatumWriter::builder(schema)
        .build()
        .expect("the schema is whole");
    writer
        .write_value_to_vec(value)
        .expect("the value fits the schema")
}

fn avro_value(root: &Other, schema: &Other, json: &Value) -> Option<Avro> {
    Some(match (schema, json) {
        (Other::Ref { name }, json) => {
            return avro_value(root, &named(root, name.as_ref())?, json);
        }
        (Other::Null, Value::Null) => Avro::Null,
        (Other::Boolean, Value::Bool(value)) => Avro::Boolean(*value),
        (Other::Int, Value::Number(number)) => Avro::Int(i32::try_from(number.as_i64()?).ok()?),
        (Other::Date, Value::Number(number)) => Avro::Date(i32::try_from(number.as_i64()?).ok()?),
        (Other::Long, Value::Number(number)) => Avro::Long(number.as_i64()?),
        (Other::TimestampMicros, Value::Number(number)) => Avro::TimestampMicros(number.as_i64()?),
        (Other::TimestampMillis, Value::Number(number)) => Avro::TimestampMillis(number.as_i64()?),
        (Other::Double, Value::Number(number)) => Avro::Double(number.as_f64()?),
        (Other::String, Value::String(text)) => Avro::String(text.clone()),
        (Other::Bytes, Value::Array(bytes)) => Avro::Bytes(
            bytes
                .iter()
                .filter_map(Value::as_u64)
                .map(|byte| byte as u8)
                .collect(),
        ),
        (Other::Enum(symbols), Value::String(word)) => {
            let at = symbols.symbols.iter().position(|symbol| symbol == word)?;
            Avro::Enum(at as u32, word.clone())
        }
        (Other::Array(array), Value::Array(entries)) => Avro::Array(
            entries
                .iter()
                .map(|entry| avro_value(root, &array.items, entry).expect("an entry fits"))
                .collect(),
        ),
        (Other::Union(union), json) => {
            let mut branches = union.variants().iter().enumerate();
            let (at, value) =
                branches.find_map(|(at, branch)| Some((at, avro_value(root, branch, json)?)))?;
            Avro::Union(at as u32, Box::new(value))
        }
        (Other::Record(record), Value::String(text)) => {
            let moment = Moment::parse(text).ok()?;
            let precision = serde_json::to_value(moment.precision()).ok()?;
            let stamp = &record
                .fields
                .iter()
                .find(|field| field.name == "at")?
                .schema;
            let millis = moment.earliest().millis();
            let parts = if *stamp == Other::TimestampMicros {
                1_000
            } else {
                1
            };
            let moment = json!({ "at": millis * parts, "precision": precision });
            return avro_value(root, schema, &moment);
        }
        (Other::Record(record), Value::Object(_)) => {
            let mut fields = Vec::new();
            for field in &record.fields {
                let name = if field.name == "revision" {
                    "version"
                } else {
                    &field.name
                };
                let value = json.get(name).unwrap_or(&Value::Null);
                fields.push((field.name.clone(), avro_value(root, &field.schema, value)?));
            }
            Avro::Record(fields)
        }
        _ => return None,
    })
}

fn named(schema: &Other, name: &str) -> Option<Other> {
    match schema {
        Other::Record(record) if record.name.to_string() == name => Some(schema.clone()),
        Other::Enum(symbols) if symbols.name.to_string() == name => Some(schema.clone()),
        Other::Record(record) => record
            .fields
            .iter()
            .find_map(|field| named(&field.schema, name)),
        Other::Array(array) => named(&array.items, name),
        Other::Union(union) => union
            .variants()
            .iter()
            .find_map(|branch| named(branch, name)),
        _ => None,
    }
}
