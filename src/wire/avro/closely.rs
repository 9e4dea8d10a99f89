//! A record from its bytes into the tree that the walk goes along, so that what is wrong with it is
//! said in the same words as of JSON. Of bytes that break off, everything before the break is kept:
//! the head of a torn record still says whose it is. Start at [`tree_of`].

use std::borrow::Cow;

use super::cursor::{Bad, Cursor};
use super::schema::{Field, Node, Schema};
use crate::domain::Reason;
use crate::wire::json::{Fault, Parsed, Tree};

const NO_MOMENT: &str = "an instant without its precision, or outside 1800 to 9999";

/// What the bytes say, as far as they could be read.
pub(super) fn tree_of<'b>(schema: &'b Schema, bytes: &'b [u8]) -> Parsed<'b> {
    let mut closely = Closely {
        cursor: Cursor::new(schema, bytes),
        names: Vec::new(),
        fault: None,
    };
    let tree = closely.value(schema.root()).unwrap_or(Tree::Null);
    if closely.fault.is_none() && !closely.cursor.is_at_end() {
        closely.fail(Bad {
            reason: Reason::UnreadableAvro,
            expected: "the end of the record",
            found: "something after it",
        });
    }
    Parsed {
        tree,
        fault: closely.fault,
        too_deep: None,
    }
}

struct Closely<'b> {
    cursor: Cursor<'b, 'b>,
    names: Vec<String>,
    fault: Option<Fault>,
}

impl<'b> Closely<'b> {
    /// A value, or as much of a group or list as stands before a fault; none if nothing does.
    fn value(&mut self, node: usize) -> Option<Tree<'b>> {
        let node = self.cursor.enter(node);
        let node = self.sound(node)?;
        match node {
            Node::Group(fields) => self.nested(|closely| Tree::Object(closely.group(fields))),
            Node::List(entry) => self.nested(|closely| closely.list(*entry)),
            Node::Map(entry) => self.nested(|closely| closely.map(*entry)),
            Node::Text => self.text().map(Tree::Text),
            leaf => {
                let value = self.leaf(leaf);
                self.sound(value)
            }
        }
    }

    fn leaf(&mut self, node: &'b Node) -> Result<Tree<'b>, Bad> {
        let cursor = &mut self.cursor;
        Ok(match node {
            Node::Bool => Tree::Bool(cursor.bool()?),
            Node::Whole => Tree::Number(cursor.whole()?.to_string().into()),
            Node::Float => Tree::Number(format!("{:e}", cursor.float()?).into()),
            Node::Double => Tree::Number(format!("{:e}", cursor.double()?).into()),
            Node::Symbols(symbols) => Tree::Text(cursor.symbol(symbols)?.into()),
            Node::Bytes | Node::Fixed(_) => {
                cursor.skip(node)?;
                Tree::Other("bytes")
            }
            Node::Stamp(_) | Node::Date | Node::Moment(_) => {
                let told = cursor.moment(node)?;
                let moment = told.and_then(|told| told.moment());
                moment.map_or(Tree::Other(NO_MOMENT), |moment| {
                    Tree::Text(moment.to_string().into())
                })
            }
            _ => Tree::Null,
        })
    }

    /// A text; one that is not UTF-8 is a fault, and what follows is read all the same.
    fn text(&mut self) -> Option<Cow<'b, str>> {
        let bytes = self.cursor.counted();
        let bytes = self.sound(bytes)?;
        let text = String::from_utf8_lossy(bytes);
        if matches!(text, Cow::Owned(_)) {
            self.fail(Bad {
                reason: Reason::NotUtf8,
                expected: "UTF-8",
                found: "other bytes",
            });
        }
        Some(text)
    }

    fn nested(&mut self, read: impl FnOnce(&mut Self) -> Tree<'b>) -> Option<Tree<'b>> {
        let deeper = self.cursor.descend();
        self.sound(deeper)?;
        let tree = read(self);
        self.cursor.leave();
        Some(tree)
    }

    fn group(&mut self, fields: &'b [Field]) -> Vec<(Cow<'b, str>, Tree<'b>)> {
        let mut group = Vec::with_capacity(fields.len());
        for field in fields {
            self.names.push(field.name.clone());
            let value = self.value(field.node);
            self.names.pop();
            let Some(value) = value else { break };
            group.push((field.name.as_str().into(), value));
        }
        group
    }

    fn list(&mut self, entry: usize) -> Tree<'b> {
        let mut entries = Vec::new();
        self.blocks(|closely| {
            entries.push(closely.value(entry)?);
            Some(())
        });
        Tree::List(entries)
    }

    fn map(&mut self, entry: usize) -> Tree<'b> {
        let mut fields = Vec::new();
        self.blocks(|closely| {
            let name = closely.text()?;
            closely.names.push(name.to_string());
            let value = closely.value(entry);
            closely.names.pop();
            fields.push((name, value?));
            Some(())
        });
        Tree::Object(fields)
    }

    fn blocks(&mut self, mut read: impl FnMut(&mut Self) -> Option<()>) {
        loop {
            let count = self.cursor.block();
            let Some(count @ 1..) = self.sound(count) else {
                return;
            };
            for _ in 0..count {
                if read(self).is_none() {
                    return;
                }
            }
        }
    }

    fn sound<T>(&mut self, read: Result<T, Bad>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(bad) => {
                self.fail(bad);
                None
            }
        }
    }

    fn fail(&mut self, bad: Bad) {
        if self.fault.is_none() {
            self.fault = Some(Fault {
                reason: bad.reason,
                names: self.names.clone(),
                at: self.cursor.at,
                expected: bad.expected,
                found: bad.found,
            });
        }
    }
}
