//! A writer's schema, ready to be followed: every named type stands once, and what the contract calls
//! a moment is known as one. Knows fields by their names alone; names of types, aliases and defaults
//! of the writer say nothing about a record. Start at [`Schema::parse`].

use std::collections::BTreeMap;

use apache_avro::Schema as Parsed;
use apache_avro::schema::{InnerDecimalSchema, Name, UuidSchema};

/// The schema that a record was written with.
#[derive(Clone, PartialEq, Debug)]
pub struct Schema {
    nodes: Vec<Node>,
    root: usize,
}

/// A text that is no Avro schema, or names a type that it does not have.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not an Avro schema: {0}")]
pub struct CannotParse(String);

/// One type of a schema; others are named by their place among the nodes.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Node {
    Null,
    Bool,
    /// An int or a long.
    Whole,
    /// An instant, in so many parts of a millisecond.
    Stamp(i64),
    /// A day, counted from the first of 1970.
    Date,
    Float,
    Double,
    Bytes,
    Fixed(usize),
    Text,
    Symbols(Vec<String>),
    Group(Vec<Field>),
    /// A group with an instant `at` and its `precision`.
    Moment(Vec<Field>),
    List(usize),
    Map(usize),
    Union(Vec<usize>),
}

#[derive(Clone, PartialEq, Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) node: usize,
}

impl Schema {
    /// Reads a schema; `references` are the schemas of which it names types.
    pub fn parse(text: &str, references: &[String]) -> Result<Schema, CannotParse> {
        let (parsed, others) = Parsed::parse_str_with_list(text, references)
            .map_err(|error| CannotParse(error.to_string()))?;
        let mut builder = Builder::default();
        for other in &others {
            builder.node(other, None)?;
        }
        let root = builder.node(&parsed, None)?;
        Ok(Schema {
            nodes: builder.nodes,
            root,
        })
    }

    pub(super) fn node(&self, at: usize) -> &Node {
        &self.nodes[at]
    }

    pub(super) fn root(&self) -> usize {
        self.root
    }
}

#[derive(Default)]
struct Builder {
    nodes: Vec<Node>,
    named: BTreeMap<String, usize>,
}

impl Builder {
    /// The place of a type. A named type takes its place before its parts do, so that they may name
    /// it; how deep a record goes into itself is bounded where it is read.
    fn node(&mut self, parsed: &Parsed, within: Option<&str>) -> Result<usize, CannotParse> {
        let node = match parsed {
            Parsed::Ref { name } => return self.reference(name, within),
            Parsed::Record(record) => {
                let at = self.place(&record.name, within);
                let within = record.name.namespace().or(within);
                let mut fields = Vec::with_capacity(record.fields.len());
                for field in &record.fields {
                    let node = self.node(&field.schema, within)?;
                    fields.push(Field {
                        name: field.name.clone(),
                        node,
                    });
                }
                self.nodes[at] = group(fields);
                return Ok(at);
            }
            Parsed::Enum(symbols) => {
                let at = self.place(&symbols.name, within);
                self.nodes[at] = Node::Symbols(symbols.symbols.clone());
                return Ok(at);
            }
            Parsed::Fixed(fixed) | Parsed::Duration(fixed) => {
                return Ok(self.fixed(&fixed.name, fixed.size, within));
            }
            Parsed::Decimal(decimal) => match &decimal.inner {
                InnerDecimalSchema::Bytes => Node::Bytes,
                InnerDecimalSchema::Fixed(fixed) => {
                    return Ok(self.fixed(&fixed.name, fixed.size, within));
                }
            },
            Parsed::Uuid(UuidSchema::Fixed(fixed)) => {
                return Ok(self.fixed(&fixed.name, fixed.size, within));
            }
            Parsed::Array(array) => Node::List(self.node(&array.items, within)?),
            Parsed::Map(map) => Node::Map(self.node(&map.types, within)?),
            Parsed::Union(union) => {
                let branches = union.variants().iter();
                let branches: Result<_, _> =
                    branches.map(|branch| self.node(branch, within)).collect();
                Node::Union(branches?)
            }
            other => leaf(other),
        };
        self.nodes.push(node);
        Ok(self.nodes.len() - 1)
    }

    fn reference(&self, name: &Name, within: Option<&str>) -> Result<usize, CannotParse> {
        let name = name.fullname(within);
        let known = self.named.get(&name).copied();
        known.ok_or_else(|| CannotParse(format!("it names the type {name} and does not have it")))
    }

    fn place(&mut self, name: &Name, within: Option<&str>) -> usize {
        self.nodes.push(Node::Null);
        let at = self.nodes.len() - 1;
        self.named.insert(name.fullname(within), at);
        at
    }

    fn fixed(&mut self, name: &Name, size: usize, within: Option<&str>) -> usize {
        let at = self.place(name, within);
        self.nodes[at] = Node::Fixed(size);
        at
    }
}

fn group(fields: Vec<Field>) -> Node {
    let has = |name| fields.iter().any(|field| field.name == name);
    if has("at") && has("precision") {
        Node::Moment(fields)
    } else {
        Node::Group(fields)
    }
}

fn leaf(parsed: &Parsed) -> Node {
    match parsed {
        Parsed::Boolean => Node::Bool,
        // A local time without its offset is no moment.
        Parsed::Int
        | Parsed::Long
        | Parsed::TimeMillis
        | Parsed::TimeMicros
        | Parsed::LocalTimestampMillis
        | Parsed::LocalTimestampMicros
        | Parsed::LocalTimestampNanos => Node::Whole,
        Parsed::TimestampMillis => Node::Stamp(1),
        Parsed::TimestampMicros => Node::Stamp(1_000),
        Parsed::TimestampNanos => Node::Stamp(1_000_000),
        Parsed::Date => Node::Date,
        Parsed::Float => Node::Float,
        Parsed::Double => Node::Double,
        Parsed::String | Parsed::Uuid(UuidSchema::String) => Node::Text,
        Parsed::Bytes | Parsed::BigDecimal | Parsed::Uuid(UuidSchema::Bytes) => Node::Bytes,
        _ => Node::Null,
    }
}
