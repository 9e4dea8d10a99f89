//! A record of which the first field says the kind, read in one pass from whatever holds its
//! fields: where a record stands inside something else, nothing is parsed twice. Start at
//! [`read_fields`].

use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer};
use serde::de::{self, DeserializeSeed, MapAccess};

use super::strict::Strict;
use super::{is_sound, typed};
use crate::domain::names::RecordKind;
use crate::domain::records::Record;

/// The record that these fields are; the first of them is `record`.
pub(in crate::wire) fn read_fields<'de, A: MapAccess<'de>>(
    mut fields: A,
) -> Result<Record, A::Error> {
    let Some(First::Record) = fields.next_key()? else {
        return Err(de::Error::missing_field("record"));
    };
    let kind: RecordKind = fields.next_value()?;
    let fields = AfterKind {
        kind,
        next: Next::Name,
        fields,
    };
    let record = typed(kind, Strict(MapAccessDeserializer::new(fields)))?;
    if is_sound(&record) {
        Ok(record)
    } else {
        Err(de::Error::custom("a name is empty or a version negative"))
    }
}

#[derive(serde::Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum First {
    Record,
}

/// The field that was read already, then the others.
struct AfterKind<A> {
    kind: RecordKind,
    next: Next,
    fields: A,
}

#[derive(PartialEq)]
enum Next {
    Name,
    Kind,
    Others,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for AfterKind<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        if self.next == Next::Others {
            return self.fields.next_key_seed(seed);
        }
        self.next = Next::Kind;
        seed.deserialize(BorrowedStrDeserializer::new("record"))
            .map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        if self.next == Next::Others {
            return self.fields.next_value_seed(seed);
        }
        self.next = Next::Others;
        seed.deserialize(BorrowedStrDeserializer::new(self.kind.as_str()))
    }
}
