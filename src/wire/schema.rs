//! The published Avro schemas, written from the same shapes that the decoder walks: a field cannot
//! be read and not be published, or the other way round. Writes no file itself. Start at [`avro`].

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::domain::names::RecordKind;
use crate::domain::records::{
    CRIME_FIELDS, DECISION_FIELDS, HEARTBEAT_FIELDS, INCIDENT_FIELDS, fields_of,
};
use crate::domain::shape::{Field, Shape, StructShape, Symbols};

/// The namespace of every named type.
pub const NAMESPACE: &str = "uk.truecount";

/// The Avro schema of a kind of record. Each named type is written where it first stands.
pub fn avro(kind: RecordKind) -> Value {
    let (name, doc, own) = match kind {
        RecordKind::Incident => (
            "Incident",
            "An incident log as one system holds it at one moment.",
            INCIDENT_FIELDS,
        ),
        RecordKind::Crime => (
            "Crime",
            "A crime record as one system holds it at one moment.",
            CRIME_FIELDS,
        ),
        RecordKind::Heartbeat => (
            "Heartbeat",
            "What a feed promises to have sent.",
            HEARTBEAT_FIELDS,
        ),
        RecordKind::Decision => (
            "Decision",
            "What a person says of an exception or a record.",
            DECISION_FIELDS,
        ),
    };
    let mut written = Written::default();
    let fields: Vec<_> = fields_of(own).map(|field| written.field(field)).collect();
    json!({
        "type": "record",
        "name": name,
        "namespace": NAMESPACE,
        "doc": doc,
        "fields": fields,
    })
}

/// The named types that stand in a schema already.
#[derive(Default)]
pub(super) struct Written(BTreeSet<&'static str>);

impl Written {
    pub(super) fn field(&mut self, field: &Field) -> Value {
        let own = self.of(&field.shape);
        let doc = doc_of(field);
        if field.required {
            json!({ "name": field.name, "doc": doc, "type": own })
        } else {
            json!({ "name": field.name, "doc": doc, "type": ["null", own], "default": null })
        }
    }

    fn of(&mut self, shape: &Shape) -> Value {
        match shape {
            Shape::Bool => json!("boolean"),
            Shape::Integer => json!("long"),
            Shape::Text => json!("string"),
            Shape::Moment => self.moment(),
            Shape::Symbol(symbols) => self.symbols(symbols),
            Shape::Struct(shape) => self.group(shape),
            Shape::List(entry) => json!({ "type": "array", "items": self.of(entry) }),
        }
    }

    fn moment(&mut self) -> Value {
        self.once("Moment", |_| {
            json!({
                "type": "record",
                "name": "Moment",
                "doc": "An instant, or the day or month in Europe/London, in which something happened.",
                "fields": [
                    {
                        "name": "at",
                        "doc": "The instant, or the start of the day or month.",
                        "type": { "type": "long", "logicalType": "timestamp-millis" },
                    },
                    {
                        "name": "precision",
                        "doc": "How finely it is known.",
                        "type": {
                            "type": "enum",
                            "name": "Precision",
                            "doc": "How finely a moment is known.",
                            "symbols": ["second", "minute", "day", "month"],
                        },
                    },
                ],
            })
        })
    }

    fn symbols(&mut self, symbols: &Symbols) -> Value {
        if !symbols.words.iter().all(|word| is_avro_name(word)) {
            return json!("string");
        }
        self.once(symbols.name, |_| {
            json!({
                "type": "enum",
                "name": symbols.name,
                "doc": symbols.doc.trim(),
                "symbols": symbols.words,
            })
        })
    }

    fn group(&mut self, shape: &StructShape) -> Value {
        self.once(shape.name, |written| {
            let fields: Vec<_> = shape
                .fields
                .iter()
                .map(|field| written.field(field))
                .collect();
            json!({
                "type": "record",
                "name": shape.name,
                "doc": shape.doc.trim(),
                "fields": fields,
            })
        })
    }

    fn once(&mut self, name: &'static str, write: impl FnOnce(&mut Self) -> Value) -> Value {
        if self.0.insert(name) {
            write(self)
        } else {
            json!(format!("{NAMESPACE}.{name}"))
        }
    }
}

/// What a field says, with its words where Avro cannot have them as an enum.
fn doc_of(field: &Field) -> String {
    let doc = field.doc.trim();
    match &field.shape {
        Shape::Symbol(symbols) if !symbols.words.iter().all(|word| is_avro_name(word)) => {
            format!("{doc} One of {}.", symbols.words.join(", "))
        }
        _ => doc.to_owned(),
    }
}

/// True for what Avro takes as a name or symbol: it begins with no digit.
fn is_avro_name(word: &str) -> bool {
    let mut marks = word.bytes();
    marks
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && marks.all(|mark| mark.is_ascii_alphanumeric() || mark == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_type_is_written_once_and_then_named() {
        let text = avro(RecordKind::Crime).to_string();
        assert_eq!(text.matches("\"name\":\"Actor\"").count(), 1);
        assert_eq!(text.matches("\"name\":\"Moment\"").count(), 1);
        assert!(text.matches("\"uk.truecount.Moment\"").count() > 30);
    }

    #[test]
    fn words_that_begin_with_a_digit_are_texts() {
        let text = avro(RecordKind::Incident).to_string();
        assert!(text.contains("One of 1a, 1b, 2, 3."));
        assert!(!text.contains("CriReason"));
    }
}
