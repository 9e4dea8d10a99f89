//! A look at a record's envelope without reading its blocks: which feed sends which parts of what,
//! and how recent it is. Never refuses: what cannot be peeked at is read, and refused, later.
//! Start at [`peek`].

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::domain::Moment;
use crate::domain::names::RecordKind;
use crate::domain::records::{Block, BlockSet};

/// What stands on the outside of a record.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Peek {
    /// Which schema it follows.
    pub record: Option<RecordKind>,
    /// The force.
    pub force: Option<String>,
    /// The feed.
    pub source: Option<String>,
    /// The blocks that are told.
    pub blocks: BlockSet,
    /// When the source committed it, or when it left the source, whichever is later.
    pub newest: Option<Moment>,
    /// What a heartbeat promises.
    pub sent_through: Option<Moment>,
}

/// Looks at the outside of one JSON record; nothing if it is not one object.
pub fn peek(bytes: &[u8]) -> Option<Peek> {
    let text = std::str::from_utf8(bytes).ok()?;
    serde_json::from_str::<Peek>(text.trim_start_matches('\u{feff}')).ok()
}

impl<'de> Deserialize<'de> for Peek {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Peek, D::Error> {
        from.deserialize_map(PeekVisitor)
    }
}

struct PeekVisitor;

impl<'de> Visitor<'de> for PeekVisitor {
    type Value = Peek;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a record")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Peek, A::Error> {
        let mut peek = Peek::default();
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            match key.as_ref() {
                "record" => {
                    let word: Loose<'_> = map.next_value()?;
                    peek.record = [
                        RecordKind::Incident,
                        RecordKind::Crime,
                        RecordKind::Heartbeat,
                        RecordKind::Decision,
                    ]
                    .into_iter()
                    .find(|kind| Some(kind.as_str()) == word.text());
                }
                "force" => peek.force = map.next_value::<Loose<'_>>()?.owned(),
                "source" => peek.source = map.next_value::<Loose<'_>>()?.owned(),
                "committed_at" | "extracted_at" => {
                    let moment = map.next_value::<Loose<'_>>()?.moment();
                    peek.newest = later(peek.newest, moment);
                }
                "sent_through" => peek.sent_through = map.next_value::<Loose<'_>>()?.moment(),
                name => {
                    let told = map.next_value::<Option<IgnoredAny>>()?.is_some();
                    let block = Block::EVERY.iter().find(|block| block.as_str() == name);
                    if let (Some(block), true) = (block, told) {
                        peek.blocks = peek.blocks.and(BlockSet::of(&[*block]));
                    }
                }
            }
        }
        Ok(peek)
    }
}

fn later(one: Option<Moment>, other: Option<Moment>) -> Option<Moment> {
    one.into_iter().chain(other).max_by_key(Moment::latest)
}

/// A text, or anything else, which is passed over.
enum Loose<'de> {
    Text(Cow<'de, str>),
    Other,
}

impl Loose<'_> {
    fn text(&self) -> Option<&str> {
        match self {
            Loose::Text(text) => Some(text),
            Loose::Other => None,
        }
    }

    fn owned(self) -> Option<String> {
        match self {
            Loose::Text(text) => Some(text.into_owned()),
            Loose::Other => None,
        }
    }

    fn moment(&self) -> Option<Moment> {
        self.text().and_then(|text| Moment::parse(text).ok())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Loose<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Loose<'a>, D::Error> {
        struct LooseVisitor;

        impl<'de> Visitor<'de> for LooseVisitor {
            type Value = Loose<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("anything")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Loose<'de>, E> {
                Ok(Loose::Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Loose<'de>, E> {
                Ok(Loose::Text(Cow::Owned(text.to_owned())))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Loose<'de>, E> {
                Ok(Loose::Other)
            }

            fn visit_i64<E>(self, _: i64) -> Result<Loose<'de>, E> {
                Ok(Loose::Other)
            }

            fn visit_u64<E>(self, _: u64) -> Result<Loose<'de>, E> {
                Ok(Loose::Other)
            }

            fn visit_f64<E>(self, _: f64) -> Result<Loose<'de>, E> {
                Ok(Loose::Other)
            }

            fn visit_unit<E>(self) -> Result<Loose<'de>, E> {
                Ok(Loose::Other)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Loose<'de>, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Loose::Other)
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(
                self,
                mut list: A,
            ) -> Result<Loose<'de>, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Loose::Other)
            }
        }

        from.deserialize_any(LooseVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peek_tells_feed_blocks_and_how_recent_it_is() {
        let peek = peek(
            br#"{"record":"crime","force":"f","source":"rms","committed_at":"2026-04-01T09:00:00Z",
               "extracted_at":"2026-04-02","core":{"x":[1]},"origin":null,"victims":[]}"#,
        )
        .expect("one object");
        assert_eq!(
            (peek.force.as_deref(), peek.source.as_deref()),
            (Some("f"), Some("rms"))
        );
        assert_eq!(peek.blocks, BlockSet::of(&[Block::Core, Block::Victims]));
        assert_eq!(peek.newest, Moment::parse("2026-04-02").ok());
    }

    #[test]
    fn what_is_out_of_the_ordinary_is_passed_over() {
        let odd = peek(br#"{"record":7,"force":{"a":1},"source":["rms"],"committed_at":null}"#);
        assert_eq!(odd, Some(Peek::default()));
        assert_eq!(peek(b"[1]"), None);
        assert_eq!(peek(b"{\"record\":\"crime\""), None);
    }
}
