//! A record straight from its bytes into its type. Says only that something is out of the ordinary,
//! never what: the close reading finds that out. Texts are borrowed, fields that the contract does
//! not have are passed over and noted. Start at [`Straight`].

use std::fmt;

use serde::de::value::{BorrowedStrDeserializer, StrDeserializer};
use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess,
    Visitor,
};

use super::cursor::{Bad, Cursor};
use super::schema::{Field, Node};
use crate::domain::moment::Precision;

/// That something is out of the ordinary.
#[derive(Debug)]
pub(super) struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("out of the ordinary")
    }
}

impl std::error::Error for Refused {}

impl de::Error for Refused {
    fn custom<T: fmt::Display>(_: T) -> Refused {
        Refused
    }
}

impl From<Bad> for Refused {
    fn from(_: Bad) -> Refused {
        Refused
    }
}

/// The way through a record, and what was met on it that the contract does not have.
pub(super) struct Way<'s, 'b> {
    pub(super) cursor: Cursor<'s, 'b>,
    path: Vec<&'s str>,
    pub(super) unknown: Vec<String>,
}

impl<'s, 'b> Way<'s, 'b> {
    pub(super) fn new(cursor: Cursor<'s, 'b>) -> Way<'s, 'b> {
        Way {
            cursor,
            path: Vec::new(),
            unknown: Vec::new(),
        }
    }

    /// The value that stands here.
    pub(super) fn here<'w>(&'w mut self, node: usize) -> Result<Straight<'w, 's, 'b>, Refused> {
        let node = self.cursor.enter(node)?;
        Ok(Straight { way: self, node })
    }

    fn pass_over(&mut self, field: &'s Field) -> Result<(), Refused> {
        let mut path = self.path.clone();
        path.push(&field.name);
        let path = path.join(".");
        if !self.unknown.contains(&path) {
            self.unknown.push(path);
        }
        let node = self.cursor.enter(field.node)?;
        Ok(self.cursor.skip(node)?)
    }
}

/// One value.
pub(super) struct Straight<'w, 's, 'b> {
    way: &'w mut Way<'s, 'b>,
    node: &'s Node,
}

impl<'de> Deserializer<'de> for Straight<'_, '_, 'de> {
    type Error = Refused;

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match self.node {
            Node::Bool => visitor.visit_bool(self.way.cursor.bool()?),
            _ => Err(Refused),
        }
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match self.node {
            Node::Whole => visitor.visit_i64(self.way.cursor.whole()?),
            _ => Err(Refused),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match self.node {
            Node::Text => {
                let text = self.way.cursor.text()?;
                if text.as_bytes().contains(&0) {
                    return Err(Refused);
                }
                visitor.visit_borrowed_str(text)
            }
            Node::Symbols(symbols) => visitor.visit_str(self.way.cursor.symbol(symbols)?),
            _ => Err(Refused),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match self.node {
            Node::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        let Node::List(entry) = self.node else {
            return Err(Refused);
        };
        self.way.cursor.descend()?;
        let left = self.way.cursor.block()?;
        let value = visitor.visit_seq(Entries {
            way: self.way,
            entry: *entry,
            left,
        })?;
        self.way.cursor.leave();
        Ok(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let Node::Group(fields) = self.node else {
            return Err(Refused);
        };
        self.way.cursor.descend()?;
        let value = visitor.visit_map(Fields {
            way: self.way,
            fields: fields.iter(),
            names,
            value: None,
        })?;
        self.way.cursor.leave();
        Ok(value)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let word = match self.node {
            Node::Symbols(symbols) => self.way.cursor.symbol(symbols)?,
            Node::Text => return visitor.visit_enum(Word(self.way.cursor.text()?)),
            _ => return Err(Refused),
        };
        visitor.visit_enum(Word(word))
    }

    /// Only moments ask for anything.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        if *self.node == Node::Text {
            return visitor.visit_borrowed_str(self.way.cursor.text()?);
        }
        let told = self.way.cursor.moment(self.node)?.ok_or(Refused)?;
        visitor.visit_map(MomentFields {
            at: Some(told.at.ok_or(Refused)?.millis()),
            precision: Some(told.precision.ok_or(Refused)?),
        })
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct
        newtype_struct tuple tuple_struct map identifier ignored_any
    }
}

struct Entries<'w, 's, 'b> {
    way: &'w mut Way<'s, 'b>,
    entry: usize,
    left: u64,
}

impl<'de> SeqAccess<'de> for Entries<'_, '_, 'de> {
    type Error = Refused;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Refused> {
        if self.left == 0 {
            return Ok(None);
        }
        let value = seed.deserialize(self.way.here(self.entry)?)?;
        self.left -= 1;
        if self.left == 0 {
            self.left = self.way.cursor.block()?;
        }
        Ok(Some(value))
    }
}

struct Fields<'w, 's, 'b> {
    way: &'w mut Way<'s, 'b>,
    fields: std::slice::Iter<'s, Field>,
    names: &'static [&'static str],
    value: Option<usize>,
}

impl<'de> MapAccess<'de> for Fields<'_, '_, 'de> {
    type Error = Refused;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Refused> {
        for field in self.fields.by_ref() {
            if self.names.contains(&field.name.as_str()) {
                self.value = Some(field.node);
                self.way.path.push(&field.name);
                let name: StrDeserializer<'_, Refused> = field.name.as_str().into_deserializer();
                return seed.deserialize(name).map(Some);
            }
            self.way.pass_over(field)?;
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Refused> {
        let node = self.value.take().ok_or(Refused)?;
        let value = seed.deserialize(self.way.here(node)?)?;
        self.way.path.pop();
        Ok(value)
    }
}

/// A word as the variant of an enum.
struct Word<'a>(&'a str);

impl<'de> EnumAccess<'de> for Word<'_> {
    type Error = Refused;
    type Variant = <StrDeserializer<'de, Refused> as EnumAccess<'de>>::Variant;

    fn variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<(T::Value, Self::Variant), Refused> {
        let word: StrDeserializer<'_, Refused> = self.0.into_deserializer();
        word.variant_seed(seed)
    }
}

/// A moment as its type reads it from a group.
struct MomentFields {
    at: Option<i64>,
    precision: Option<Precision>,
}

impl<'de> MapAccess<'de> for MomentFields {
    type Error = Refused;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Refused> {
        let name = match (self.at, self.precision) {
            (Some(_), _) => "at",
            (None, Some(_)) => "precision",
            (None, None) => return Ok(None),
        };
        seed.deserialize(BorrowedStrDeserializer::new(name))
            .map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Refused> {
        if let Some(at) = self.at.take() {
            return seed.deserialize(at.into_deserializer());
        }
        let word = match self.precision.take().ok_or(Refused)? {
            Precision::Second => "second",
            Precision::Minute => "minute",
            Precision::Day => "day",
            Precision::Month => "month",
        };
        seed.deserialize(BorrowedStrDeserializer::new(word))
    }
}
