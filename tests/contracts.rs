//! The published schemas say what the contract says, are fresh, and carry every record there and
//! back with nothing lost: not carried, empty and not happened stay apart. After a change of the
//! shapes: `UPDATE_SCHEMAS=1 cargo test --test contracts`, then review the difference.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use apache_avro::reader::datum::GenericDatumReader;
use apache_avro::types::Value as Avro;
use apache_avro::writer::datum::GenericDatumWriter;
use apache_avro::{Schema, from_value};
use serde::Serialize;
use serde_json::{Map, Value, json};
use truecount::domain::Moment;
use truecount::domain::names::RecordKind;
use truecount::domain::records::{
    CRIME_FIELDS, CrimeRecord, DECISION_FIELDS, DecisionRecord, HEARTBEAT_FIELDS, HeartbeatRecord,
    INCIDENT_FIELDS, IncidentRecord, Record, fields_of,
};
use truecount::domain::shape::{Field, Shape};
use truecount::wire::json::decode;
use truecount::wire::schema::avro;

#[path = "contracts/published.rs"]
mod what_is_published;

const KINDS: [RecordKind; 4] = [
    RecordKind::Incident,
    RecordKind::Crime,
    RecordKind::Heartbeat,
    RecordKind::Decision,
];

/// The fields of each group, typed from the contract and not from the code.
const GROUPS: &str = include_str!("contracts/fields.txt");

/// The words of each list, typed from the contract and not from the code.
const WORDS: &str = include_str!("contracts/words.txt");

#[test]
fn the_schemas_are_fresh() {
    for kind in KINDS {
        let path = schema_path(kind);
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            let text = serde_json::to_string_pretty(&avro(kind)).expect("a schema is JSON");
            std::fs::write(&path, text + "\n").expect("the schema can be written");
        }
        assert_eq!(
            published(kind),
            avro(kind),
            "{kind}: run with UPDATE_SCHEMAS=1"
        );
    }
}

#[test]
fn the_schemas_have_the_fields_of_the_contract_and_no_others() {
    for (kind, path, names) in rows(GROUPS) {
        let group = Published::of(kind).at(path);
        let told = told_names(group["fields"].as_array().into_iter().flatten());
        let expected: BTreeSet<_> = names.split(' ').map(str::to_owned).collect();
        assert_eq!(told, expected, "{kind} {path}");
    }
}

#[test]
fn the_table_of_this_test_names_every_group() {
    for kind in KINDS {
        let published = Published::of(kind.as_str());
        let mut seen: BTreeSet<String> = BTreeSet::new();
        for (_, path, _) in rows(GROUPS).filter(|(of, _, _)| *of == kind.as_str()) {
            seen.extend(published.at(path)["name"].as_str().map(str::to_owned));
        }
        // These stand in every kind and are told once, of the incident.
        seen.extend(["Moment", "Deleted", "Actor", "Note"].map(str::to_owned));
        for (name, named) in &published.named {
            assert!(
                named["type"] != "record" || seen.contains(name),
                "{kind}: {name}"
            );
        }
    }
}

#[test]
fn the_schemas_have_the_words_of_the_contract_and_no_others() {
    for (kind, path, words) in rows(WORDS) {
        let symbols = Published::of(kind).at(path)["symbols"].clone();
        let told: Vec<_> = symbols
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        assert_eq!(told, words.split(' ').collect::<Vec<_>>(), "{kind} {path}");
    }
}

#[test]
fn every_field_is_documented_and_defaults_to_null_or_not_at_all() {
    for kind in KINDS {
        let published = Published::of(kind.as_str());
        for (name, group) in &published.named {
            for field in group["fields"].as_array().into_iter().flatten() {
                let place = format!("{kind} {name}.{}", field["name"]);
                assert!(
                    field["doc"].as_str().is_some_and(|doc| doc.len() > 2),
                    "{place}"
                );
                let optional = field["type"].get(0) == Some(&json!("null"));
                assert_eq!(
                    field.get("default"),
                    optional.then_some(&Value::Null),
                    "{place}"
                );
            }
        }
    }
}

#[test]
fn in_blocks_every_leaf_but_the_ids_may_be_null() {
    const IDS: [&str; 3] = ["id", "victim_ref", "suspect_ref"];
    /// Groups that are the head, control judging, or are a leaf of their own.
    const WHOLE: [&str; 7] = [
        "Incident",
        "Crime",
        "Heartbeat",
        "Decision",
        "Deleted",
        "About",
        "Moment",
    ];
    for kind in KINDS {
        for (name, group) in &Published::of(kind.as_str()).named {
            for field in group["fields"].as_array().into_iter().flatten() {
                let required = field.get("default").is_none();
                let whole = WHOLE.contains(&name.as_str());
                let id = IDS.contains(&field["name"].as_str().unwrap_or_default());
                assert!(whole || !required || id, "{kind} {name}.{}", field["name"]);
            }
        }
    }
}

#[test]
fn a_full_record_goes_there_and_back() {
    for kind in KINDS {
        let json = Example::default().group(fields_of(own(kind)), kind);
        let back = there_and_back(kind, &json);
        assert_eq!(back, json, "{kind}");
    }
}

#[test]
fn not_carried_empty_and_not_happened_stay_apart() {
    let head = json!({
        "record": "crime", "force": "northamptonshire", "source": "rms", "reference": "34/26/1",
        "committed_at": "2026-04-01",
    });
    for (block, told) in [
        ("core", Value::Null),
        ("core", json!({})),
        (
            "core",
            json!({ "offence_class": "", "hate": false, "flags": [] }),
        ),
        ("core", json!({ "finalised_at": "2026-04-02T09:00+01:00" })),
        ("victims", json!([])),
        (
            "victims",
            json!([{ "victim_ref": "v", "enhanced_declared": [] }]),
        ),
        ("victims", json!([{ "victim_ref": "v" }])),
        ("cancellation", json!({})),
        ("cancellation", json!({ "verifiable_information": {} })),
    ] {
        let mut json = head.clone();
        json[block] = told;
        let back = there_and_back(RecordKind::Crime, &json);
        let straight = written(&decoded(&json));
        assert_eq!(back, straight, "{json}");
    }
}

/// The rows of a table: kind, path (`-` for the record itself), names.
fn rows(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    table.lines().map(|row| {
        let (place, names) = row.split_once(": ").expect("a row is `kind path: names`");
        let (kind, path) = place.split_once(' ').expect("a place is `kind path`");
        (kind, path.trim_start_matches('-'), names)
    })
}

/// JSON, type, Avro bytes, type, JSON.
fn there_and_back(kind: RecordKind, json: &Value) -> Value {
    let schema = Schema::parse_str(&published(kind).to_string()).expect("the schema parses");
    let record = decoded(json);
    let value = avro_group(fields_of(own(kind)), &written(&record));
    let bytes = GenericDatumWriter::builder(&schema)
        .build()
        .and_then(|writer| writer.write_value_to_vec(value))
        .expect("the record fits the schema");
    let value = GenericDatumReader::builder(&schema)
        .build()
        .and_then(|reader| reader.read_value(&mut &bytes[..]))
        .expect("the bytes can be read");
    let back = match kind {
        RecordKind::Incident => {
            Record::Incident(from_value::<Box<IncidentRecord>>(&value).expect("read"))
        }
        RecordKind::Crime => Record::Crime(from_value::<Box<CrimeRecord>>(&value).expect("read")),
        RecordKind::Heartbeat => {
            Record::Heartbeat(from_value::<Box<HeartbeatRecord>>(&value).expect("read"))
        }
        RecordKind::Decision => {
            Record::Decision(from_value::<Box<DecisionRecord>>(&value).expect("read"))
        }
    };
    assert_eq!(back, record);
    without_nulls(written(&back))
}

fn decoded(json: &Value) -> Record {
    let read = decode(json.to_string().as_bytes()).expect("the example can be read");
    assert!(read.unknown.is_empty());
    read.record
}

fn written(record: &impl Serialize) -> Value {
    without_nulls(serde_json::to_value(record).expect("a record is JSON"))
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, without_nulls(value)))
            .collect(),
        Value::Array(entries) => entries.into_iter().map(without_nulls).collect(),
        value => value,
    }
}

fn avro_group(fields: impl Iterator<Item = &'static Field>, json: &Value) -> Avro {
    let fields = fields.map(|field| {
        let value = match json.get(field.name) {
            None => Avro::Union(0, Box::new(Avro::Null)),
            Some(value) if field.required => avro_value(&field.shape, value),
            Some(value) => Avro::Union(1, Box::new(avro_value(&field.shape, value))),
        };
        (field.name.to_owned(), value)
    });
    Avro::Record(fields.collect())
}

fn avro_value(shape: &Shape, json: &Value) -> Avro {
    match (shape, json) {
        (Shape::Bool, Value::Bool(value)) => Avro::Boolean(*value),
        (Shape::Integer, Value::Number(number)) => Avro::Long(number.as_i64().expect("whole")),
        (Shape::Text, Value::String(text)) => Avro::String(text.clone()),
        (Shape::Moment, Value::String(text)) => {
            let moment = Moment::parse(text).expect("a moment");
            let precision = moment.precision();
            let word = serde_json::to_value(precision).expect("a word");
            let word = word.as_str().expect("a word").to_owned();
            Avro::Record(vec![
                (
                    "at".into(),
                    Avro::TimestampMillis(moment.earliest().millis()),
                ),
                ("precision".into(), Avro::Enum(precision as u32, word)),
            ])
        }
        (Shape::Symbol(symbols), Value::String(word)) if symbols.name == "CriReason" => {
            Avro::String(word.clone())
        }
        (Shape::Symbol(symbols), Value::String(word)) => {
            let at = symbols
                .words
                .iter()
                .position(|other| other == word)
                .expect("a word");
            Avro::Enum(at as u32, word.clone())
        }
        (Shape::Struct(shape), json @ Value::Object(_)) => avro_group(shape.fields.iter(), json),
        (Shape::List(entry), Value::Array(entries)) => Avro::Array(
            entries
                .iter()
                .map(|value| avro_value(entry, value))
                .collect(),
        ),
        _ => panic!("{json} is no {shape:?}"),
    }
}

/// Writes records in which every field is filled and no two values of a type are neighbours' twins.
#[derive(Default)]
struct Example(usize);

impl Example {
    fn group(&mut self, fields: impl Iterator<Item = &'static Field>, kind: RecordKind) -> Value {
        let mut group = Map::new();
        for field in fields {
            let value = match field.name {
                "record" => json!(kind.as_str()),
                _ => self.value(&field.shape, kind),
            };
            group.insert(field.name.to_owned(), value);
        }
        Value::Object(group)
    }

    fn value(&mut self, shape: &Shape, kind: RecordKind) -> Value {
        self.0 += 1;
        let count = self.0;
        match shape {
            Shape::Bool => json!(count.is_multiple_of(2)),
            Shape::Integer => json!(count),
            Shape::Text => json!(format!("text-{count}")),
            Shape::Moment => match count % 4 {
                0 => json!(format!("2026-{:02}", count % 12 + 1)),
                1 => json!(format!("2026-01-{:02}", count % 28 + 1)),
                2 => json!(format!("2026-01-{:02}T09:30+00:00", count % 28 + 1)),
                _ => json!(format!(
                    "2026-06-{:02}T23:59:{:02}.125+01:00",
                    count % 28 + 1,
                    count % 60
                )),
            },
            Shape::Symbol(symbols) => json!(symbols.words[count % symbols.words.len()]),
            Shape::Struct(shape) => self.group(shape.fields.iter(), kind),
            Shape::List(entry) => (0..3).map(|_| self.value(entry, kind)).collect(),
        }
    }
}

/// A published schema, looked at by path.
struct Published {
    root: Value,
    named: BTreeMap<String, Value>,
}

impl Published {
    fn of(kind: &str) -> Published {
        let kind = KINDS
            .into_iter()
            .find(|known| known.as_str() == kind)
            .expect("a kind");
        let root = published(kind);
        let mut named = BTreeMap::new();
        gather(&root, &mut named);
        Published { root, named }
    }

    fn at(&self, path: &str) -> Value {
        let mut here = self.root.clone();
        for name in path.split('.').filter(|name| !name.is_empty()) {
            let fields = here["fields"].as_array().cloned().unwrap_or_default();
            let field = fields.iter().find(|field| field["name"] == name);
            here = self.resolved(&field.unwrap_or_else(|| panic!("no {name} in {path}"))["type"]);
        }
        here
    }

    fn resolved(&self, schema: &Value) -> Value {
        match schema {
            Value::Array(branches) => self.resolved(&branches[1]),
            Value::String(name) => match name.strip_prefix("uk.truecount.") {
                Some(name) => self.named[name].clone(),
                None => schema.clone(),
            },
            _ if schema["type"] == "array" => self.resolved(&schema["items"]),
            _ => schema.clone(),
        }
    }
}

fn gather(schema: &Value, named: &mut BTreeMap<String, Value>) {
    match schema {
        Value::Array(branches) => branches.iter().for_each(|branch| gather(branch, named)),
        Value::Object(parts) => {
            if let (Some(name), true) = (
                schema["name"].as_str(),
                schema["type"] == "record" || schema["type"] == "enum",
            ) {
                let twice = named.insert(name.to_owned(), schema.clone());
                assert!(twice.is_none(), "{name} is written twice");
            }
            for part in ["type", "items", "fields"] {
                parts
                    .get(part)
                    .into_iter()
                    .for_each(|part| gather(part, named));
            }
        }
        _ => {}
    }
}

fn told_names<'a>(fields: impl Iterator<Item = &'a Value>) -> BTreeSet<String> {
    fields
        .filter_map(|field| field["name"].as_str().map(str::to_owned))
        .collect()
}

fn own(kind: RecordKind) -> &'static [Field] {
    match kind {
        RecordKind::Incident => INCIDENT_FIELDS,
        RecordKind::Crime => CRIME_FIELDS,
        RecordKind::Heartbeat => HEARTBEAT_FIELDS,
        RecordKind::Decision => DECISION_FIELDS,
    }
}

fn published(kind: RecordKind) -> Value {
    let text = std::fs::read_to_string(schema_path(kind)).expect("the schema is committed");
    serde_json::from_str(&text).expect("the schema is JSON")
}

fn schema_path(kind: RecordKind) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("schemas/{kind}.avsc"))
}
