//! The bytes of one record, followed along its schema. Bounded by the bytes themselves: a count that
//! promises more than they can hold is a fault, not an allocation. Start at [`Cursor::enter`].

use jiff::Span;
use jiff::civil::date;

use super::schema::{Field, Node, Schema};
use crate::domain::{Instant, LondonDay, Moment, Precision, Reason};
use crate::wire::json::MAX_DEPTH;

/// What is wrong with the bytes at some place.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Bad {
    pub(super) reason: Reason,
    pub(super) expected: &'static str,
    pub(super) found: &'static str,
}

const fn bad(expected: &'static str, found: &'static str) -> Bad {
    Bad {
        reason: Reason::UnreadableAvro,
        expected,
        found,
    }
}

const ENDS: Bad = bad("more bytes", "the end of the bytes");

/// A place in the bytes of a record.
pub(super) struct Cursor<'s, 'b> {
    pub(super) schema: &'s Schema,
    bytes: &'b [u8],
    pub(super) at: usize,
    steps_left: usize,
    depth: usize,
}

impl<'s, 'b> Cursor<'s, 'b> {
    pub(super) fn new(schema: &'s Schema, bytes: &'b [u8]) -> Cursor<'s, 'b> {
        // Every step but the entry into a group takes a byte; the rest is for groups within groups.
        // Without a bound a list of nulls could be as long as its count says.
        const STEPS_WITHOUT_BYTES: usize = 10_000;
        const STEPS_A_BYTE: usize = 8;
        Cursor {
            schema,
            bytes,
            at: 0,
            steps_left: STEPS_WITHOUT_BYTES + bytes.len().saturating_mul(STEPS_A_BYTE),
            depth: 0,
        }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at == self.bytes.len()
    }

    /// The type that stands here: of a union, the branch that was written.
    pub(super) fn enter(&mut self, node: usize) -> Result<&'s Node, Bad> {
        let mut node = self.schema.node(node);
        while let Node::Union(branches) = node {
            self.step()?;
            let branch = usize::try_from(self.whole()?).ok();
            let branch = branch.and_then(|branch| branches.get(branch));
            let branch = branch.ok_or(bad("a branch of the union", "another number"))?;
            node = self.schema.node(*branch);
        }
        self.step()?;
        Ok(node)
    }

    fn step(&mut self) -> Result<(), Bad> {
        self.steps_left = self.steps_left.checked_sub(1).ok_or(bad(
            "as many parts as the bytes can hold",
            "a count of more",
        ))?;
        Ok(())
    }

    /// Goes one level deeper; [`Cursor::leave`] comes back.
    pub(super) fn descend(&mut self) -> Result<(), Bad> {
        if self.depth == MAX_DEPTH {
            return Err(Bad {
                reason: Reason::TooDeep,
                expected: "at most 32 levels",
                found: "more levels",
            });
        }
        self.depth += 1;
        Ok(())
    }

    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    pub(super) fn bool(&mut self) -> Result<bool, Bad> {
        match self.take(1)?[0] {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(bad("true or false", "another byte")),
        }
    }

    /// An int or a long: zigzag, seven bits a byte, the lowest first.
    pub(super) fn whole(&mut self) -> Result<i64, Bad> {
        let mut raw: u64 = 0;
        for place in 0..10 {
            let byte = *self.bytes.get(self.at).ok_or(ENDS)?;
            self.at += 1;
            if place == 9 && byte > 1 {
                break;
            }
            raw |= u64::from(byte & 0x7F) << (7 * place);
            if byte & 0x80 == 0 {
                return Ok((raw >> 1) as i64 ^ -((raw & 1) as i64));
            }
        }
        Err(bad("a number of 64 bits", "a longer one"))
    }

    pub(super) fn float(&mut self) -> Result<f32, Bad> {
        let bytes = self.take(4)?.try_into().map_err(|_| ENDS)?;
        Ok(f32::from_le_bytes(bytes))
    }

    pub(super) fn double(&mut self) -> Result<f64, Bad> {
        let bytes = self.take(8)?.try_into().map_err(|_| ENDS)?;
        Ok(f64::from_le_bytes(bytes))
    }

    pub(super) fn take(&mut self, length: usize) -> Result<&'b [u8], Bad> {
        let taken = self.bytes[self.at..].get(..length).ok_or(ENDS)?;
        self.at += length;
        Ok(taken)
    }

    /// Bytes or a text, after their length.
    pub(super) fn counted(&mut self) -> Result<&'b [u8], Bad> {
        let length = self.whole()?;
        let length = usize::try_from(length).map_err(|_| bad("a length", "a negative one"))?;
        self.take(length)
    }

    pub(super) fn text(&mut self) -> Result<&'b str, Bad> {
        std::str::from_utf8(self.counted()?).map_err(|_| Bad {
            reason: Reason::NotUtf8,
            expected: "UTF-8",
            found: "other bytes",
        })
    }

    pub(super) fn symbol(&mut self, symbols: &'s [String]) -> Result<&'s str, Bad> {
        let place = usize::try_from(self.whole()?).ok();
        let symbol = place.and_then(|place| symbols.get(place));
        symbol
            .map(String::as_str)
            .ok_or(bad("a symbol of the schema", "another number"))
    }

    /// How many entries of a list or map come next; none after the last.
    pub(super) fn block(&mut self) -> Result<u64, Bad> {
        let count = self.whole()?;
        if count < 0 {
            // Then the block says its size in bytes as well, for readers that pass over it.
            self.whole()?;
        }
        Ok(count.unsigned_abs())
    }

    /// A moment that is written as a group, as an instant or as a day; none if it is none of these.
    pub(super) fn moment(&mut self, node: &'s Node) -> Result<Option<Told>, Bad> {
        match node {
            Node::Stamp(parts) => {
                let millis = self.whole()?.div_euclid(*parts);
                Ok(Some(Told {
                    at: Some(Instant::from_millis(millis)),
                    precision: Some(Precision::Second),
                }))
            }
            Node::Date => {
                let days = self.whole()?;
                let day = Span::new().try_days(days).ok();
                let day = day.and_then(|days| date(1970, 1, 1).checked_add(days).ok());
                Ok(Some(Told {
                    at: day.map(|day| LondonDay::on(day).start()),
                    precision: Some(Precision::Day),
                }))
            }
            Node::Moment(fields) => self.moment_group(fields).map(Some),
            _ => Ok(None),
        }
    }

    fn moment_group(&mut self, fields: &'s [Field]) -> Result<Told, Bad> {
        let mut told = Told::default();
        for field in fields {
            let node = self.enter(field.node)?;
            match (field.name.as_str(), node) {
                ("at", Node::Whole) => told.at = Some(Instant::from_millis(self.whole()?)),
                ("at", Node::Stamp(parts)) => {
                    let millis = self.whole()?.div_euclid(*parts);
                    told.at = Some(Instant::from_millis(millis));
                }
                ("precision", Node::Symbols(symbols)) => {
                    told.precision = precision(self.symbol(symbols)?);
                }
                ("precision", Node::Text) => told.precision = precision(self.text()?),
                _ => self.skip(node)?,
            }
        }
        Ok(told)
    }

    /// Passes over a value.
    pub(super) fn skip(&mut self, node: &'s Node) -> Result<(), Bad> {
        match node {
            Node::Null | Node::Union(_) => {}
            Node::Bool => {
                self.bool()?;
            }
            Node::Whole | Node::Stamp(_) | Node::Date | Node::Symbols(_) => {
                self.whole()?;
            }
            Node::Float => {
                self.take(4)?;
            }
            Node::Double => {
                self.take(8)?;
            }
            Node::Bytes | Node::Text => {
                self.counted()?;
            }
            Node::Fixed(size) => {
                self.take(*size)?;
            }
            Node::Group(fields) | Node::Moment(fields) => {
                self.descend()?;
                for field in fields {
                    let node = self.enter(field.node)?;
                    self.skip(node)?;
                }
                self.leave();
            }
            Node::List(entry) | Node::Map(entry) => {
                self.descend()?;
                self.skip_entries(*entry, matches!(node, Node::Map(_)))?;
                self.leave();
            }
        }
        Ok(())
    }

    fn skip_entries(&mut self, entry: usize, named: bool) -> Result<(), Bad> {
        loop {
            let count = self.block()?;
            if count == 0 {
                return Ok(());
            }
            for _ in 0..count {
                if named {
                    self.counted()?;
                }
                let node = self.enter(entry)?;
                self.skip(node)?;
            }
        }
    }
}

/// What the bytes say of a moment.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub(super) struct Told {
    pub(super) at: Option<Instant>,
    pub(super) precision: Option<Precision>,
}

impl Told {
    pub(super) fn moment(self) -> Option<Moment> {
        Moment::told(self.at?, self.precision?).ok()
    }
}

fn precision(word: &str) -> Option<Precision> {
    match word {
        "second" => Some(Precision::Second),
        "minute" => Some(Precision::Minute),
        "day" => Some(Precision::Day),
        "month" => Some(Precision::Month),
        _ => None,
    }
}
