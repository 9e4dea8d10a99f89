//! From what a topic holds (key, value, headers) to a record: which encoding, which schema, what a
//! CloudEvents envelope says around it, and what a value that is absent means. Start at [`read`].

mod attributes;
mod structured;
mod tombstone;

use std::sync::Arc;

pub use self::tombstone::Named;

use self::attributes::Attributes;
use super::avro::{self, Framed, SCHEMA_ID_HEADER, Schema, SchemaName, unframe};
use super::json::{self, Decoded};
use crate::domain::{Glimpse, Instant, Problem, Reason, Refusal};

/// One element of a topic.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    /// The topic.
    pub topic: &'a str,
    /// Its key.
    pub key: Option<&'a [u8]>,
    /// Its value; none is a tombstone, which is not the empty value.
    pub value: Option<&'a [u8]>,
    /// Its headers.
    pub headers: &'a [(&'a str, &'a [u8])],
}

impl<'a> Envelope<'a> {
    /// The last header of this name, whatever its case.
    fn header(&self, name: &str) -> Option<&'a [u8]> {
        let mut backwards = self.headers.iter().rev();
        let found = backwards.find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| *value)
    }
}

/// How the values of a topic are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoding {
    /// One JSON object.
    Json,
    /// Avro with the number of its schema, in front of it or in a header.
    Avro,
    /// Avro where the value begins with 00 or a header names its schema, else JSON.
    Auto,
}

/// What a key of a topic names, where a tombstone has nothing but its key.
pub type KeyMapping<'a> = &'a dyn Fn(&str, &[u8]) -> Option<Named>;

/// How to read what a topic holds.
#[derive(Clone, Copy)]
pub struct Manner<'a> {
    /// How its values are written.
    pub encoding: Encoding,
    /// The largest value that is read.
    pub max_record_bytes: usize,
    /// What its keys name.
    pub keys: Option<KeyMapping<'a>>,
    /// When the element arrived, by the broker's clock: nothing else dates a tombstone.
    pub arrival: Instant,
}

/// Where schemas come from.
pub trait Schemas {
    /// The schema of this name.
    fn schema(&mut self, name: SchemaName) -> Result<Arc<Schema>, NoSchema>;
}

/// Why there is no schema.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoSchema {
    /// The registry does not have it.
    #[error("the registry has no such schema")]
    Unknown,
    /// The registry has it, and it cannot be used.
    #[error("{0}")]
    Unusable(String),
    /// The registry cannot be asked: no fault of the record, which has to wait.
    #[error("the schema registry cannot be asked: {0}")]
    Unreachable(String),
}

/// Why an element of a topic yields no record.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub enum NotRead {
    /// It is set aside.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// It can be read once the registry can be asked again.
    #[error("the schema registry cannot be asked: {0}")]
    NoRegistry(String),
}

impl From<Refusal> for NotRead {
    fn from(refusal: Refusal) -> NotRead {
        NotRead::Refused(Box::new(refusal))
    }
}

/// Reads one element of a topic.
pub fn read(
    envelope: &Envelope<'_>,
    manner: &Manner<'_>,
    schemas: &mut dyn Schemas,
) -> Result<Decoded, NotRead> {
    let Some(value) = envelope.value else {
        return Ok(tombstone::read(envelope, manner)?);
    };
    let is_avro = match manner.encoding {
        Encoding::Json => false,
        Encoding::Avro => true,
        Encoding::Auto => value.first() == Some(&0) || envelope.header(SCHEMA_ID_HEADER).is_some(),
    };
    if is_avro {
        return read_avro(envelope, value, manner, schemas);
    }
    if value.len() > manner.max_record_bytes {
        let length = u64::try_from(value.len()).unwrap_or(u64::MAX);
        return Err(json::refuse_oversize(value, length, manner.max_record_bytes).into());
    }
    if let Some(structured) = structured::open(envelope, value) {
        let decoded = json::decode(&structured.data)?;
        structured.attributes.agree(&decoded.record)?;
        return Ok(decoded);
    }
    let decoded = json::decode(value)?;
    Attributes::of_headers(envelope).agree(&decoded.record)?;
    Ok(decoded)
}

fn read_avro(
    envelope: &Envelope<'_>,
    value: &[u8],
    manner: &Manner<'_>,
    schemas: &mut dyn Schemas,
) -> Result<Decoded, NotRead> {
    /// The head stands at the start; the rest of an oversize record would tell no more of it.
    const LOOKED_AT: usize = 64 << 10;
    let Framed { schema, bytes } = unframe(value, envelope.header(SCHEMA_ID_HEADER))?;
    let schema = schemas
        .schema(schema)
        .map_err(|why| without_schema(schema, why))?;
    if value.len() > manner.max_record_bytes {
        let start = &bytes[..bytes.len().min(LOOKED_AT)];
        let expected = format!("at most {} bytes", manner.max_record_bytes);
        let found = format!("{} bytes", value.len());
        let problem = Problem::of(Reason::Oversize, "", expected, found);
        let head = avro::glimpse(&schema, start);
        return Err(Refusal::one(Reason::Oversize, problem, head).into());
    }
    let decoded = avro::decode(&schema, bytes)?;
    Attributes::of_headers(envelope).agree(&decoded.record)?;
    Ok(decoded)
}

fn without_schema(name: SchemaName, why: NoSchema) -> NotRead {
    let name = match name {
        SchemaName::Id(id) => format!("schema {id}"),
        SchemaName::Guid(guid) => format!("schema {}", uuid::Uuid::from_bytes(guid)),
    };
    let (expected, found) = match why {
        NoSchema::Unreachable(why) => return NotRead::NoRegistry(why),
        NoSchema::Unknown => ("a schema that the registry has", name),
        NoSchema::Unusable(why) => ("an Avro schema of one record", format!("{name}: {why}")),
    };
    let problem = Problem::of(Reason::UnknownSchema, "", expected, found);
    Refusal::one(Reason::UnknownSchema, problem, Glimpse::default()).into()
}

#[cfg(test)]
mod tests;
