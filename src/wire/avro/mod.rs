//! Avro to records, by the names of fields and the schema that the writer used: a field of another
//! order, a union the other way round, a word that our lists do not have or a field that the contract
//! does not have keep no record out. Read in one pass; what that refuses is walked closely, as JSON
//! is. Start at [`decode`].

mod closely;
mod cursor;
mod framing;
mod schema;
mod straight;

pub use self::framing::{Framed, SCHEMA_ID_HEADER, SchemaName, unframe};
pub use self::schema::{CannotParse, Schema};

use self::cursor::Cursor;
use self::schema::Node;
use self::straight::Way;
use super::json::{self, Decoded};
use crate::domain::names::RecordKind;
use crate::domain::records::Record;
use crate::domain::{Glimpse, Refusal};

/// Reads one record that was written with this schema.
pub fn decode(schema: &Schema, bytes: &[u8]) -> Result<Decoded, Refusal> {
    match read_straight(schema, bytes) {
        Some(decoded) => Ok(decoded),
        None => json::read_closely(closely::tree_of(schema, bytes)),
    }
}

/// What of a head can be told without reading the record.
pub fn glimpse(schema: &Schema, bytes: &[u8]) -> Glimpse {
    json::glimpse(&closely::tree_of(schema, bytes).tree)
}

/// One pass straight into the type; none if anything at all is out of the ordinary.
fn read_straight(schema: &Schema, bytes: &[u8]) -> Option<Decoded> {
    let kind = kind_of(schema, bytes)?;
    let mut way = Way::new(Cursor::new(schema, bytes));
    let here = way.here(schema.root()).ok()?;
    let record: Record = json::typed(kind, here).ok()?;
    (way.cursor.is_at_end() && json::is_sound(&record)).then_some(Decoded {
        record,
        unknown: way.unknown,
    })
}

/// The kind that the field `record` says, wherever the schema has it.
fn kind_of(schema: &Schema, bytes: &[u8]) -> Option<RecordKind> {
    let mut cursor = Cursor::new(schema, bytes);
    let Node::Group(fields) = cursor.enter(schema.root()).ok()? else {
        return None;
    };
    for field in fields {
        let node = cursor.enter(field.node).ok()?;
        match (field.name.as_str(), node) {
            ("record", Node::Symbols(symbols)) => {
                return json::kind_named(cursor.symbol(symbols).ok()?);
            }
            ("record", Node::Text) => return json::kind_named(cursor.text().ok()?),
            _ => cursor.skip(node).ok()?,
        }
    }
    None
}

#[cfg(test)]
mod tests;
