//! The entries of the journal as bytes: one JSON object each, its version in front, then where it
//! came from, then what it tells. What was written once is read for ever; another form has another
//! version. Start at [`write()`] and [`read()`].

mod forms;

use std::fmt;

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use self::forms::{ActivationForm, FromForm, ProofForm, SetAsideForm};
use super::json::read_fields;
use crate::domain::Instant;
use crate::domain::journal::{Journalled, Tells};
use crate::domain::names::ForceCode;
use crate::domain::records::{Record, Unread};

/// The version that entries are written in.
pub const VERSION: u64 = 1;

/// Why an entry of the journal cannot be read. The journal is ours, so this is a fault of the
/// program or of the log and never of a force; where the entry stands the caller knows.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CannotRead {
    /// It does not begin with its version.
    #[error("the entry does not begin with its version: {0}")]
    NoVersion(String),
    /// A later program wrote it.
    #[error("the entry has version {0}; this program reads none later than {VERSION}")]
    LaterVersion(u64),
    /// It is not what its version says.
    #[error("the entry is not what version {VERSION} says: {0}")]
    Malformed(String),
}

/// The bytes of an entry.
pub fn write(entry: &Journalled) -> Vec<u8> {
    /// Most entries fit into this without growing.
    const USUAL_BYTES: usize = 4 << 10;
    let mut bytes = Vec::with_capacity(USUAL_BYTES);
    serde_json::to_writer(&mut bytes, &Written(entry))
        .expect("an entry holds nothing that JSON cannot write, and memory takes every byte");
    bytes
}

/// The entry that these bytes are.
pub fn read(bytes: &[u8]) -> Result<Journalled, CannotRead> {
    match serde_json::from_slice::<Read>(bytes) {
        Ok(Read::Entry(entry)) => Ok(*entry),
        Ok(Read::Later(version)) => Err(CannotRead::LaterVersion(version)),
        Err(error) if bytes.starts_with(br#"{"v":1,"#) => {
            Err(CannotRead::Malformed(without_texts(&error)))
        }
        Err(error) => Err(CannotRead::NoVersion(without_texts(&error))),
    }
}

/// What is wrong, and no text of the entry: what stands in quotes is left out.
fn without_texts(error: &serde_json::Error) -> String {
    let says = error.to_string();
    match says.split_once('"') {
        Some((before, _)) => format!("{before}(left out) at byte {}", error.column()),
        None => says,
    }
}

/// An entry on its way out.
struct Written<'a>(&'a Journalled);

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, into: S) -> Result<S::Ok, S::Error> {
        let Journalled {
            force,
            arrival,
            from,
            tells,
        } = self.0;
        let mut entry = into.serialize_map(None)?;
        entry.serialize_entry("v", &VERSION)?;
        entry.serialize_entry("force", force)?;
        entry.serialize_entry("arrival", arrival)?;
        if let Some(from) = from {
            entry.serialize_entry("from", &FromForm::of(from))?;
        }
        match tells {
            Tells::Record(record) => {
                entry.serialize_entry("record", record)?;
                let unread = unread_of(record);
                if !unread.is_empty() {
                    entry.serialize_entry("unread", unread)?;
                }
            }
            Tells::Proof(proof) => entry.serialize_entry("proof", &ProofForm::of(proof))?,
            Tells::SetAside(set_aside) => {
                entry.serialize_entry("set_aside", &SetAsideForm::of(set_aside))?;
            }
            Tells::Activation(activation) => {
                entry.serialize_entry("activation", &ActivationForm::of(activation))?;
            }
        }
        entry.end()
    }
}

/// The words of a record that could not be read; the contract's form has no field for them.
fn unread_of(record: &Record) -> &[Unread] {
    match record {
        Record::Incident(record) => &record.unread,
        Record::Crime(record) => &record.unread,
        Record::Heartbeat(_) | Record::Decision(_) => &[],
    }
}

/// An entry on its way in.
enum Read {
    Entry(Box<Journalled>),
    Later(u64),
}

impl<'de> Deserialize<'de> for Read {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Read, D::Error> {
        from.deserialize_map(ReadVisitor)
    }
}

/// The fields of an entry.
#[derive(Clone, Copy, PartialEq, serde::Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Name {
    V,
    Force,
    Arrival,
    From,
    Record,
    Unread,
    Proof,
    SetAside,
    Activation,
}

struct ReadVisitor;

impl<'de> Visitor<'de> for ReadVisitor {
    type Value = Read;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an entry of the journal")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Read, A::Error> {
        match fields.next_key::<std::borrow::Cow<'de, str>>()? {
            Some(name) if name == "v" => {}
            _ => return Err(de::Error::custom("its first field is another one, or none")),
        }
        match fields.next_value::<u64>()? {
            VERSION => read_entry(fields),
            later if later > VERSION => {
                while fields
                    .next_entry::<de::IgnoredAny, de::IgnoredAny>()?
                    .is_some()
                {}
                Ok(Read::Later(later))
            }
            none => Err(de::Error::custom(format_args!(
                "there is no version {none}"
            ))),
        }
    }
}

fn read_entry<'de, A: MapAccess<'de>>(mut fields: A) -> Result<Read, A::Error> {
    let (mut force, mut arrival, mut from) = (None, None, None);
    let (mut tells, mut unread) = (None, None);
    while let Some(name) = fields.next_key::<Name>()? {
        match name {
            Name::V => return Err(de::Error::duplicate_field("v")),
            Name::Force => once(&mut force, "force", fields.next_value::<ForceCode>()?)?,
            Name::Arrival => once(&mut arrival, "arrival", fields.next_value::<Instant>()?)?,
            Name::From => once(&mut from, "from", fields.next_value::<FromForm<'_>>()?)?,
            Name::Unread => once(&mut unread, "unread", fields.next_value::<Vec<Unread>>()?)?,
            name => {
                let told = match name {
                    Name::Proof => Tells::Proof(fields.next_value::<ProofForm>()?.into()),
                    Name::SetAside => Tells::SetAside(fields.next_value::<SetAsideForm>()?.into()),
                    Name::Activation => Tells::Activation(
                        fields
                            .next_value::<ActivationForm>()?
                            .read()
                            .map_err(de::Error::custom)?,
                    ),
                    _ => Tells::Record(fields.next_value_seed(RecordSeed)?),
                };
                if tells.replace(told).is_some() {
                    return Err(de::Error::custom("it tells two things"));
                }
            }
        }
    }
    let mut tells = tells.ok_or_else(|| de::Error::custom("it tells nothing"))?;
    match (&mut tells, unread) {
        (_, None) => {}
        (Tells::Record(Record::Incident(record)), Some(unread)) => record.unread = unread,
        (Tells::Record(Record::Crime(record)), Some(unread)) => record.unread = unread,
        _ => return Err(de::Error::custom("only blocks have words that are unread")),
    }
    Ok(Read::Entry(Box::new(Journalled {
        force: force.ok_or_else(|| de::Error::missing_field("force"))?,
        arrival: arrival.ok_or_else(|| de::Error::missing_field("arrival"))?,
        from: from.map(FromForm::into),
        tells,
    })))
}

fn once<T, E: de::Error>(slot: &mut Option<T>, name: &'static str, value: T) -> Result<(), E> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(E::duplicate_field(name)),
    }
}

struct RecordSeed;

impl<'de> DeserializeSeed<'de> for RecordSeed {
    type Value = Record;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Record, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for RecordSeed {
    type Value = Record;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a record")
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Record, A::Error> {
        read_fields(fields)
    }
}

#[cfg(test)]
mod tests;
