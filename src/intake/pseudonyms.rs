//! References to people become pseudonyms: whoever holds the key can make the same one again, and
//! nobody else can tell whom it stands for. What arrives as a pseudonym stays what it is. Reads no
//! key itself. Start at [`Pseudonyms`].

use std::borrow::Borrow;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::domain::records::Record;
use crate::domain::shape::Person;

/// How much of a hash stands in a pseudonym: enough that no two people of a force ever share one.
const KEPT_BYTES: usize = 16;

/// Makes pseudonyms with one key.
#[derive(Clone)]
pub struct Pseudonyms {
    key_id: String,
    keyed: Hmac<Sha256>,
}

impl std::fmt::Debug for Pseudonyms {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Pseudonyms {{ key_id: {:?}, .. }}", self.key_id)
    }
}

impl Pseudonyms {
    /// Pseudonyms under this key; its id stands in each of them, so that a change of key shows.
    pub fn new(key_id: &str, key: &[u8]) -> Pseudonyms {
        Pseudonyms {
            key_id: key_id.to_owned(),
            keyed: Hmac::new_from_slice(key).expect("a key of any length serves HMAC"),
        }
    }

    /// Puts pseudonyms where a record names people.
    pub fn put(&self, record: &mut Record) {
        record.each_person(&mut |person| match person {
            Person::Victim(name) => self.in_place('v', name),
            Person::Suspect(name) => self.in_place('s', name),
            Person::Staff(name) => self.in_place('a', name),
        });
    }

    fn in_place<N: Borrow<str> + From<String>>(&self, letter: char, name: &mut N) {
        if let Some(pseudonym) = self.of(letter, (*name).borrow()) {
            *name = pseudonym.into();
        }
    }

    fn of(&self, letter: char, reference: &str) -> Option<String> {
        if is_pseudonym(letter, reference) {
            return None;
        }
        let mut keyed = self.keyed.clone();
        // The letter keeps one person's pseudonyms as victim and as suspect apart.
        keyed.update(&[letter as u8, b':']);
        keyed.update(reference.as_bytes());
        let mut pseudonym = format!("{letter}:{}:", self.key_id);
        for byte in keyed.finalize().into_bytes().iter().take(KEPT_BYTES) {
            pseudonym.push_str(&format!("{byte:02x}"));
        }
        Some(pseudonym)
    }
}

/// True for `v:k1:9f2c`: the letter, the id of a key, and a hash in hex.
fn is_pseudonym(letter: char, reference: &str) -> bool {
    let mut parts = reference.splitn(3, ':');
    let mut part = || parts.next().unwrap_or_default();
    let (kind, key_id, hash) = (part(), part(), part());
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    kind.chars().eq([letter]) && !key_id.is_empty() && !hash.is_empty() && hash.bytes().all(is_hex)
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::*;
    use crate::domain::names::RecordKind;
    use crate::domain::records::{
        CRIME_FIELDS, CrimeRecord, DECISION_FIELDS, DecisionRecord, INCIDENT_FIELDS,
        IncidentRecord, fields_of,
    };
    use crate::domain::shape::{Field, Shape};

    const FIELDS: [(&str, char); 3] = [
        ("victim_ref", 'v'),
        ("suspect_ref", 's'),
        ("staff_ref", 'a'),
    ];

    #[test]
    fn every_place_of_every_record_gets_a_pseudonym() {
        for (kind, own) in [
            (RecordKind::Incident, INCIDENT_FIELDS),
            (RecordKind::Crime, CRIME_FIELDS),
            (RecordKind::Decision, DECISION_FIELDS),
        ] {
            let full = full_group(fields_of(own), kind);
            let before = places(&full);
            assert!(!before.is_empty(), "{kind}");
            let mut record = match kind {
                RecordKind::Incident => Record::Incident(read::<IncidentRecord>(&full)),
                RecordKind::Crime => Record::Crime(read::<CrimeRecord>(&full)),
                _ => Record::Decision(read::<DecisionRecord>(&full)),
            };
            pseudonyms().put(&mut record);
            let after = places(&serde_json::to_value(&record).expect("a record is JSON"));
            assert_eq!(after.len(), before.len(), "{kind}");
            for (name, text) in &after {
                let (_, letter) = FIELDS
                    .iter()
                    .find(|(field, _)| field == name)
                    .expect("one of them");
                assert!(is_pseudonym(*letter, text), "{kind} {name}: {text}");
            }
            let again = record.clone();
            pseudonyms().put(&mut record);
            assert_eq!(record, again, "{kind}: a pseudonym stays what it is");
        }
    }

    #[test]
    fn a_pseudonym_is_the_keyed_hash_of_kind_and_reference() {
        // HMAC-SHA-256 of `v:Q-17` under the key `secret`, by another program.
        let expected = "v:k1:f610a13d6455af625429c22c41f9e4d4";
        let made = pseudonyms().of('v', "Q-17").expect("it is clear");
        assert_eq!(made, expected);
    }

    #[test]
    fn only_the_form_of_a_pseudonym_is_left_alone() {
        for (letter, reference, left) in [
            ('v', "v:k1:9f2c", true),
            ('s', "s:other-key:00ff", true),
            ('v', "s:k1:9f2c", false),
            ('v', "v:k1:9F2C", false),
            ('v', "v:k1:", false),
            ('v', "v::9f2c", false),
            ('v', "v:k1:Quill", false),
            ('v', "", false),
        ] {
            assert_eq!(
                pseudonyms().of(letter, reference).is_none(),
                left,
                "{reference}"
            );
        }
    }

    #[test]
    fn another_key_or_another_part_in_a_crime_makes_another_pseudonym() {
        let one = pseudonyms();
        assert_ne!(
            one.of('v', "Q-17"),
            Pseudonyms::new("k1", b"other").of('v', "Q-17")
        );
        let hash = |letter| one.of(letter, "Q-17").map(|made| made[1..].to_owned());
        assert_ne!(hash('v'), hash('s'));
        assert_eq!(format!("{one:?}"), r#"Pseudonyms { key_id: "k1", .. }"#);
    }

    fn pseudonyms() -> Pseudonyms {
        Pseudonyms::new("k1", b"secret")
    }

    fn read<T: serde::de::DeserializeOwned>(json: &Value) -> Box<T> {
        Box::new(serde_json::from_value(json.clone()).expect("the record has every field"))
    }

    /// The texts of all places that name people.
    fn places(value: &Value) -> Vec<(String, String)> {
        match value {
            Value::Array(entries) => entries.iter().flat_map(places).collect(),
            Value::Object(fields) => fields
                .iter()
                .flat_map(|(name, value)| match value.as_str() {
                    Some(text) if FIELDS.iter().any(|(field, _)| field == name) => {
                        vec![(name.clone(), text.to_owned())]
                    }
                    _ => places(value),
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// A group in which every field is told, found by walking the shapes.
    fn full_group(fields: impl Iterator<Item = &'static Field>, kind: RecordKind) -> Value {
        let mut group = Map::new();
        for field in fields {
            let value = match field.name {
                "record" => json!(kind.as_str()),
                _ => full(&field.shape, kind),
            };
            group.insert(field.name.to_owned(), value);
        }
        Value::Object(group)
    }

    fn full(shape: &Shape, kind: RecordKind) -> Value {
        match shape {
            Shape::Bool => json!(true),
            Shape::Integer => json!(1),
            Shape::Text => json!("Q-17"),
            Shape::Moment => json!("2026-04-01"),
            Shape::Symbol(symbols) => json!(symbols.words[0]),
            Shape::Struct(shape) => full_group(shape.fields.iter(), kind),
            Shape::List(entry) => json!([full(entry, kind)]),
        }
    }
}
