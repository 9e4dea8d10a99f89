//! What a run really publishes fits the published schemas by name, there and back.

use std::path::PathBuf;
use std::process::Command;

use apache_avro::Schema;
use apache_avro::reader::datum::GenericDatumReader;
use apache_avro::types::Value as Avro;
use apache_avro::writer::datum::GenericDatumWriter;
use serde_json::{Value, json};
use truecount::domain::shape::{Field, Shape};
use truecount::wire::published::{Said, avro};

use super::{avro_group, without_nulls};

#[test]
fn the_schemas_of_what_is_published_are_fresh() {
    for said in [Said::Exception, Said::Measure] {
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            let text = serde_json::to_string_pretty(&avro(said)).expect("a schema is JSON");
            std::fs::write(path(said), text + "\n").expect("the schema can be written");
        }
        assert_eq!(
            committed(said),
            avro(said),
            "{said:?}: run with UPDATE_SCHEMAS=1"
        );
    }
}

#[test]
fn every_exception_and_measure_of_a_run_fits_its_schema() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let run = Command::new(env!("CARGO_BIN_EXE_truecount"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args([
            "check",
            "examples/northamptonshire",
            "--config",
            "config/feeds-example.toml",
        ])
        .args(["--as-at", "2026-05-10T00:00:00+01:00", "--out"])
        .arg(folder.path())
        .output()
        .expect("the program runs");
    assert_eq!(
        run.status.code(),
        Some(3),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    let read = |name| std::fs::read_to_string(folder.path().join(name)).expect("it was written");
    let exceptions = read("exceptions.jsonl");
    let exceptions: Vec<Value> = exceptions.lines().map(parsed).collect();
    let Value::Array(measures) = parsed(&read("measures.json")) else {
        panic!("the measures are a list");
    };
    assert!(exceptions.len() > 10 && measures.len() > 10);
    for (said, lines) in [(Said::Exception, exceptions), (Said::Measure, measures)] {
        let schema = Schema::parse_str(&committed(said).to_string()).expect("it parses");
        for line in lines {
            fits(said, &schema, &line);
        }
    }
}

/// The line has every field of the schema and no other, and comes back from Avro as it was.
fn fits(said: Said, schema: &Schema, line: &Value) {
    let mut named = line.clone();
    let rate = match said {
        Said::Exception => None,
        Said::Measure => named
            .as_object_mut()
            .and_then(|fields| fields.remove("rate")),
    };
    same_names(said.fields(), &named, "");
    let Avro::Record(mut fields) = avro_group(said.fields().iter(), &without_nulls(named)) else {
        panic!("a group is a record");
    };
    if said == Said::Measure {
        let rate = rate.as_ref().and_then(Value::as_f64);
        let rate = rate.map_or(Avro::Union(0, Box::new(Avro::Null)), |rate| {
            Avro::Union(1, Box::new(Avro::Double(rate)))
        });
        fields.push(("rate".to_owned(), rate));
    }
    let value = Avro::Record(fields);
    let writer = GenericDatumWriter::builder(schema)
        .build()
        .expect("the schema is whole");
    let bytes = writer
        .write_value_to_vec(value)
        .expect("the line fits the schema");
    let reader = GenericDatumReader::builder(schema)
        .build()
        .expect("the schema is whole");
    let back = reader
        .read_value(&mut &bytes[..])
        .expect("the bytes can be read");
    assert_eq!(without_nulls(json_of(&back)), without_nulls(line.clone()));
}

/// The names of a line and of its schema are the same; a fact leaves out what it does not have.
fn same_names(fields: &[Field], line: &Value, path: &str) {
    let told = line
        .as_object()
        .unwrap_or_else(|| panic!("{path}: no object"));
    for name in told.keys() {
        assert!(
            fields.iter().any(|field| field.name == name),
            "{path}.{name} has no field"
        );
    }
    for field in fields {
        let path = format!("{path}.{}", field.name);
        let left_out = path.contains(".facts.") && !field.required;
        assert!(
            told.contains_key(field.name) || left_out,
            "{path} is not published"
        );
        let value = &line[field.name];
        match (&field.shape, value) {
            (_, Value::Null) => assert!(!field.required, "{path} is null"),
            (Shape::Struct(group), value) => same_names(group.fields, value, &path),
            (Shape::List(Shape::Struct(group)), Value::Array(entries)) => {
                entries
                    .iter()
                    .for_each(|entry| same_names(group.fields, entry, &path));
            }
            _ => {}
        }
    }
}

fn json_of(value: &Avro) -> Value {
    match value {
        Avro::Null => Value::Null,
        Avro::Boolean(value) => json!(value),
        Avro::Long(value) => json!(value),
        Avro::Double(value) => json!(value),
        Avro::String(text) | Avro::Enum(_, text) => json!(text),
        Avro::Union(_, value) => json_of(value),
        Avro::Array(entries) => entries.iter().map(json_of).collect(),
        Avro::Record(fields) => match &fields[..] {
            [(at, Avro::TimestampMillis(millis)), (_, precision)] if at == "at" => {
                let precision = serde_json::from_value(json_of(precision)).expect("a word");
                let at = truecount::domain::Instant::from_millis(*millis);
                json!(truecount::domain::Moment::new(at, precision).to_string())
            }
            fields => fields
                .iter()
                .map(|(name, value)| (name.clone(), json_of(value)))
                .collect(),
        },
        other => panic!("the schemas have no {other:?}"),
    }
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("what is published is JSON")
}

fn committed(said: Said) -> Value {
    parsed(&std::fs::read_to_string(path(said)).expect("the schema is committed"))
}

fn path(said: Said) -> PathBuf {
    let name = match said {
        Said::Exception => "exception",
        Said::Measure => "measure",
    };
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("schemas/{name}.avsc"))
}
