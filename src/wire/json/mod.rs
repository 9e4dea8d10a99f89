//! JSON to records. Most records are read in one pass straight into their type; what that pass
//! refuses is parsed into a tree and walked along the shapes of the contract, which either finds
//! the record after all (a field nobody knows, a word no list has) or says everything that is wrong.
//! Never judges: a code that is not current passes. Start at [`decode`].

mod kinded;
mod masked;
mod parse;
mod strict;
mod tree;
mod walk;

use serde::de::{DeserializeOwned, Deserializer};
use serde_json::Value;

pub(super) use self::kinded::read_fields;
pub use self::masked::masked;
use self::parse::parse;
pub(super) use self::parse::{Fault, MAX_DEPTH, Parsed};
use self::strict::Strict;
pub(super) use self::tree::Tree;
pub(super) use self::walk::kind_named;
use self::walk::{Walked, path_of, walk};
use crate::domain::names::{ForceCode, RecordKind, Reference, Source};
use crate::domain::records::Record;
use crate::domain::{Glimpse, Problem, Reason, Refusal};

const BYTE_ORDER_MARK: char = '\u{feff}';

/// A record that could be read.
#[derive(Clone, PartialEq, Debug)]
pub struct Decoded {
    /// The record, with the words that could not be read.
    pub record: Record,
    /// The paths of fields that the contract does not have; they cost nothing and are counted.
    pub unknown: Vec<String>,
}

/// Reads one JSON object as a record.
pub fn decode(bytes: &[u8]) -> Result<Decoded, Refusal> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err(not_utf8(bytes));
    };
    let text = text.trim_start_matches(BYTE_ORDER_MARK);
    match read_straight(text) {
        Some(record) => Ok(Decoded {
            record,
            unknown: Vec::new(),
        }),
        None => read_closely(parse(text)),
    }
}

/// Reads a record that a mapping has put together.
pub fn decode_tree(record: Value) -> Result<Decoded, Refusal> {
    let kind = record.get("record").and_then(Value::as_str);
    let straight = kind
        .and_then(kind_named)
        .and_then(|kind| typed(kind, Strict(&record)).ok())
        .filter(is_sound);
    match straight {
        Some(record) => Ok(Decoded {
            record,
            unknown: Vec::new(),
        }),
        None => read_closely(Parsed {
            tree: Tree::of(&record),
            fault: None,
            too_deep: None,
        }),
    }
}

/// The refusal of a record that is larger than `max_record_bytes`, of which `bytes` are at hand.
pub fn refuse_oversize(bytes: &[u8], length: u64, max_record_bytes: usize) -> Refusal {
    /// The head stands at the start; to look for it further on would cost more than it tells.
    const LOOKED_AT: usize = 64 << 10;
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(LOOKED_AT)]);
    let expected = format!("at most {max_record_bytes} bytes");
    let problem = Problem::of(Reason::Oversize, "", expected, format!("{length} bytes"));
    Refusal::one(Reason::Oversize, problem, glimpse(&parse(&start).tree))
}

/// One pass straight into the type; none if anything at all is out of the ordinary.
fn read_straight(text: &str) -> Option<Record> {
    let mut json = serde_json::Deserializer::from_str(text);
    let record = typed(kind_in(text)?, Strict(&mut json)).ok()?;
    json.end().ok()?;
    is_sound(&record).then_some(record)
}

/// The kind that the first field `record` names. It may be another object's field: then the type it
/// points to does not fit, and the record is read closely.
fn kind_in(text: &str) -> Option<RecordKind> {
    const NAME: &str = "\"record\"";
    let at = text.find(NAME)? + NAME.len();
    let value = text[at..].trim_ascii_start().strip_prefix(':')?;
    let value = value.trim_ascii_start().strip_prefix('"')?;
    kind_named(&value[..value.find('"')?])
}

/// The record of this kind that a deserializer holds.
pub(super) fn typed<'de, D: Deserializer<'de>>(
    kind: RecordKind,
    from: D,
) -> Result<Record, D::Error> {
    fn boxed<'de, T: DeserializeOwned, D: Deserializer<'de>>(from: D) -> Result<Box<T>, D::Error> {
        T::deserialize(from).map(Box::new)
    }
    let record = match kind {
        RecordKind::Incident => Record::Incident(boxed(from)?),
        RecordKind::Crime => Record::Crime(boxed(from)?),
        RecordKind::Heartbeat => Record::Heartbeat(boxed(from)?),
        RecordKind::Decision => Record::Decision(boxed(from)?),
    };
    if record.head().record == kind {
        Ok(record)
    } else {
        Err(serde::de::Error::custom("a record of another kind"))
    }
}

/// What the types do not ask: that names say something and versions count up from 0.
pub(super) fn is_sound(record: &Record) -> bool {
    let head = record.head();
    let named = [
        head.force.as_str(),
        head.source.as_str(),
        head.reference.as_str(),
    ];
    let about = match record {
        Record::Decision(decision) => {
            let about = &decision.about;
            !about.reference.as_str().is_empty() && !about.rule.as_str().is_empty()
        }
        _ => true,
    };
    about && named.iter().all(|name| !name.is_empty()) && head.version.is_none_or(|at| at >= 0)
}

/// Walks a tree and yields the record, or everything that is wrong with it.
pub(super) fn read_closely(parsed: Parsed<'_>) -> Result<Decoded, Refusal> {
    if let Some(fault) = parsed.fault {
        let found = format!("{} after {} bytes", fault.found, fault.at);
        let field = path_of(&fault.names);
        let problem = Problem::of(fault.reason, field, fault.expected, found);
        return Err(Refusal::one(fault.reason, problem, glimpse(&parsed.tree)));
    }
    let Walked {
        clean,
        kind,
        mut problems,
        unread,
        mut unknown,
    } = walk(&parsed.tree);
    if let Some(names) = parsed.too_deep {
        let expected = format!("at most {} levels", MAX_DEPTH);
        let problem = Problem::of(Reason::TooDeep, path_of(&names), expected, "more levels");
        problems.insert(0, (Reason::TooDeep, problem));
    }
    if let (Some(kind), []) = (kind, &problems[..]) {
        match typed(kind, Strict(&clean)) {
            Ok(mut record) => {
                match &mut record {
                    Record::Incident(record) => record.unread = unread,
                    Record::Crime(record) => record.unread = unread,
                    Record::Heartbeat(_) | Record::Decision(_) => {
                        unknown.extend(unread.iter().map(|unread| unread.path.to_string()));
                    }
                }
                return Ok(Decoded { record, unknown });
            }
            // Shapes and types are made by the same macros; should they part, nothing is lost.
            Err(_) => problems.push((
                Reason::WrongType,
                Problem::of(Reason::WrongType, "", "a record", "another shape"),
            )),
        }
    }
    Err(Refusal {
        reason: problems
            .first()
            .map_or(Reason::WrongType, |(reason, _)| *reason),
        problems: problems.into_iter().map(|(_, problem)| problem).collect(),
        head: glimpse(&parsed.tree),
    })
}

fn not_utf8(bytes: &[u8]) -> Refusal {
    let text = String::from_utf8_lossy(bytes);
    let parsed = parse(text.trim_start_matches(BYTE_ORDER_MARK));
    let mut names = Vec::new();
    if !way_to_lost(&parsed.tree, &mut names) {
        names.clear();
    }
    let at = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
    let problem = Problem::of(
        Reason::NotUtf8,
        path_of(&names),
        "UTF-8",
        format!("other bytes after {at} bytes"),
    );
    Refusal::one(Reason::NotUtf8, problem, glimpse(&parsed.tree))
}

/// Finds the first text in which characters were lost.
fn way_to_lost(tree: &Tree<'_>, names: &mut Vec<String>) -> bool {
    match tree {
        Tree::Text(text) => text.contains(char::REPLACEMENT_CHARACTER),
        Tree::List(entries) => entries.iter().any(|entry| way_to_lost(entry, names)),
        Tree::Object(fields) => fields.iter().any(|(name, value)| {
            names.push(name.to_string());
            let found = way_to_lost(value, names);
            if !found {
                names.pop();
            }
            found
        }),
        _ => false,
    }
}

/// What of the head can be told: names that stand once, whole, and say something.
pub(super) fn glimpse(tree: &Tree<'_>) -> Glimpse {
    Glimpse {
        record: name_in(tree, "record").and_then(kind_named),
        force: name_in(tree, "force").map(ForceCode::from),
        source: name_in(tree, "source").map(Source::from),
        reference: name_in(tree, "reference").map(Reference::from),
        version: match field_in(tree, "version") {
            Some(Tree::Number(number)) => number.parse().ok().filter(|version| *version >= 0),
            _ => None,
        },
    }
}

fn name_in<'t>(tree: &'t Tree<'_>, name: &str) -> Option<&'t str> {
    /// No system has longer references; a longer text is something else in the wrong place.
    const LONGEST_NAME: usize = 256;
    let Tree::Text(text) = field_in(tree, name)? else {
        return None;
    };
    let whole = !text.contains(['\0', char::REPLACEMENT_CHARACTER]);
    (whole && (1..=LONGEST_NAME).contains(&text.len())).then_some(text)
}

fn field_in<'t, 'a>(tree: &'t Tree<'a>, name: &str) -> Option<&'t Tree<'a>> {
    let Tree::Object(fields) = tree else {
        return None;
    };
    let mut named = fields.iter().filter(|(other, _)| other == name);
    match (named.next(), named.next()) {
        (Some((_, value)), None) => Some(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
