//! Which schema a value was written with: five bytes in front of it, or a header beside it that
//! names the schema by its number or its GUID. Start at [`unframe`].

use crate::domain::{Glimpse, Problem, Reason, Refusal};

/// The header in which newer producers name the schema of the value.
pub const SCHEMA_ID_HEADER: &str = "__value_schema_id";

/// The name of a schema in its registry.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SchemaName {
    /// Its number.
    Id(u32),
    /// Its GUID, the same in every registry.
    Guid([u8; 16]),
}

/// A value without its frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Framed<'a> {
    /// The schema it was written with.
    pub schema: SchemaName,
    /// Its Avro bytes.
    pub bytes: &'a [u8],
}

/// Takes a value out of its frame. A header that names the schema counts, and then the value has no
/// frame of its own.
pub fn unframe<'a>(value: &'a [u8], header: Option<&[u8]>) -> Result<Framed<'a>, Refusal> {
    match (header, value) {
        (Some([0, id @ ..]), _) if id.len() == 4 => Ok(numbered(id, value)),
        (Some([1, guid @ ..]), _) if guid.len() == 16 => {
            let mut name = [0; 16];
            name.copy_from_slice(guid);
            Ok(Framed {
                schema: SchemaName::Guid(name),
                bytes: value,
            })
        }
        (Some(_), _) => {
            let expected = "in the header __value_schema_id 00 and four bytes, or 01 and sixteen";
            Err(refused(expected, "other bytes in it".to_owned()))
        }
        (None, [0, a, b, c, d, bytes @ ..]) => Ok(numbered(&[*a, *b, *c, *d], bytes)),
        (None, [0, ..] | []) => {
            let found = format!("{} bytes in all", value.len());
            Err(refused(
                "00, the four bytes of a schema's number, and the record",
                found,
            ))
        }
        (None, [first, ..]) => {
            let found = format!("a first byte of {first:02x}");
            Err(refused(
                "00, the four bytes of a schema's number, and the record",
                found,
            ))
        }
    }
}

fn numbered<'a>(id: &[u8], bytes: &'a [u8]) -> Framed<'a> {
    let id = id.iter().fold(0, |id, byte| (id << 8) | u32::from(*byte));
    Framed {
        schema: SchemaName::Id(id),
        bytes,
    }
}

fn refused(expected: &str, found: String) -> Refusal {
    let problem = Problem::of(Reason::UnreadableAvro, "", expected, found);
    Refusal::one(Reason::UnreadableAvro, problem, Glimpse::default())
}
