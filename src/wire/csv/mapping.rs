//! A mapping as it is understood: which columns a file must have, which rows are set aside, and
//! from which cells each field of the record is told. Everything in it was checked against the
//! shapes of the contract, so reading a row cannot find a fault in it. Start at [`Mapping`].

use std::collections::BTreeSet;

use encoding_rs::Encoding;
use serde_json::Value;

use super::compose;
use super::local_time::LocalTime;
use super::problem::MappingProblem;
use super::raw_row::Marks;
use super::template::Template;
use crate::domain::names::RecordKind;
use crate::domain::records::{Block, CRIME_FIELDS, INCIDENT_FIELDS};
use crate::domain::shape::{Field, Shape, Symbols};

/// How one kind of CSV file becomes contract records.
#[derive(Debug)]
pub struct Mapping {
    pub(super) file: String,
    pub(super) title: String,
    pub(super) kind: RecordKind,
    /// The force of every row; none if a column tells it.
    pub(super) force: Option<String>,
    pub(super) source: String,
    pub(super) marks: Marks,
    pub(super) encoding: &'static Encoding,
    pub(super) columns: Vec<Column>,
    /// What a cell holds that tells nothing.
    pub(super) nulls: Vec<String>,
    pub(super) set_aside: Vec<SetAside>,
    /// Moments that no column tells because no record of this file has them.
    pub(super) not_happened: BTreeSet<String>,
    pub(super) head: Group,
    pub(super) body: Group,
}

/// A column the file must have.
#[derive(Debug)]
pub(super) struct Column {
    pub name: String,
    pub line: usize,
}

/// Rows that are not records of this kind, under a name.
#[derive(Debug)]
pub(super) struct SetAside {
    pub name: String,
    pub when: Vec<Condition>,
}

/// What a cell must be.
#[derive(Debug)]
pub(super) struct Condition {
    pub column: usize,
    pub test: Test,
}

/// See [`Condition`].
#[derive(Debug)]
pub(super) enum Test {
    /// It tells something, or it does not.
    Told(bool),
    /// It is one of these.
    Is(Vec<String>),
    /// It is none of these.
    Not(Vec<String>),
}

/// The fields of a record, or of one entry of a list.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub leaves: Vec<Leaf>,
    pub constants: Vec<Constant>,
    pub lists: Vec<List>,
    pub empties: Vec<Empty>,
    /// The groups that cells fill: a constant alone does not make one.
    pub fed: BTreeSet<String>,
}

/// A field that is told from cells.
#[derive(Debug)]
pub(super) struct Leaf {
    /// Its path within the group.
    pub path: String,
    /// Its path in the record, without index.
    pub whole: String,
    pub from: Template,
    pub reading: Reading,
    /// What this field's cells hold that tells nothing, beside the file's own.
    pub nulls: Vec<String>,
    /// What its cell holds that says there is none, and how that is written.
    pub none: Option<(Vec<String>, Value)>,
    /// True if a row without it is no record.
    pub required: bool,
}

/// A field that is the same in every row.
#[derive(Debug)]
pub(super) struct Constant {
    pub path: String,
    pub value: Value,
}

/// A list of groups and where its entries come from.
#[derive(Debug)]
pub(super) struct List {
    pub path: String,
    pub whole: String,
    pub entries: Vec<Entry>,
}

/// One entry of a list.
#[derive(Debug)]
pub(super) struct Entry {
    pub when: Vec<Condition>,
    pub group: Group,
    /// The ids without which an entry cannot be named.
    pub ids: Vec<&'static str>,
}

/// When a group or list of which nothing is told says that there is nothing.
#[derive(Debug)]
pub(super) struct Empty {
    pub path: String,
    pub value: Value,
    pub when: Vec<Condition>,
}

/// How a text becomes the value of a field.
#[derive(Debug)]
pub(super) enum Reading {
    /// As it stands.
    Text,
    /// A whole number.
    Integer,
    /// One of two sets of words.
    Bool { yes: Vec<String>, no: Vec<String> },
    /// A word of a closed list.
    Symbol(&'static Symbols),
    /// A moment.
    Moment(Box<LocalTime>),
    /// By a list of codes; `None` is a code that tells nothing, on purpose.
    Codes(Vec<(String, Option<Value>)>),
    /// Whether anything stands there at all.
    Presence {
        told: Option<Value>,
        untold: Option<Value>,
    },
    /// A list in one cell.
    Split { between: String, each: Box<Reading> },
}

impl Mapping {
    /// Reads one mapping file; all its problems at once.
    pub fn read(file: &str, text: &str) -> Result<Mapping, Vec<MappingProblem>> {
        compose::mapping(file, text)
    }

    /// The name of the mapping file.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// What a person calls it.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Which record a row becomes.
    pub fn kind(&self) -> RecordKind {
        self.kind
    }

    /// The force whose file it is; none if a column tells it row by row.
    pub fn force(&self) -> Option<&str> {
        self.force.as_deref()
    }

    /// The feed as which the file is read.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The columns it expects, in the order of the mapping file.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// The expected columns that a header lacks, with the line that expects each.
    pub fn missing_from(&self, header: &[String]) -> Vec<(String, usize)> {
        let missing = self
            .columns
            .iter()
            .filter(|column| !header.contains(&column.name));
        missing
            .map(|column| (column.name.clone(), column.line))
            .collect()
    }

    /// The blocks it tells, in the order of the contract: what the feed owns at the least.
    pub fn blocks(&self) -> impl Iterator<Item = Block> {
        let paths = self.paths();
        let of_kind = Block::EVERY
            .iter()
            .filter(|block| block.kind() == self.kind);
        of_kind.copied().filter(move |block| {
            paths
                .iter()
                .any(|path| path.split('.').next() == Some(block.as_str()))
        })
    }

    /// The moments of the told blocks for which no column was named. Within a told block an absent
    /// moment says that the event has not happened, so a feed that never carries it must say so.
    /// Where the author says just that, it is carried.
    pub fn never_carried(&self) -> Vec<String> {
        let mut paths = Vec::new();
        let mut told = self.paths();
        told.extend(self.not_happened.iter().cloned());
        for field in fields_of(self.kind) {
            untold_moments(&field.shape, field.name, &told, &mut paths);
        }
        paths
    }

    /// Every path that the body tells, without index.
    fn paths(&self) -> BTreeSet<String> {
        let mut paths = BTreeSet::new();
        self.body.paths("", &mut paths);
        paths
    }
}

impl Group {
    fn paths(&self, prefix: &str, into: &mut BTreeSet<String>) {
        let leaves = self.leaves.iter().map(|leaf| &leaf.path);
        let constants = self.constants.iter().map(|constant| &constant.path);
        let empties = self.empties.iter().map(|empty| &empty.path);
        let lists = self.lists.iter().map(|list| &list.path);
        into.extend(
            leaves
                .chain(constants)
                .chain(empties)
                .chain(lists)
                .map(|path| joined(prefix, path)),
        );
        for list in &self.lists {
            for entry in &list.entries {
                entry.group.paths(&list.whole, into);
            }
        }
    }
}

/// The blocks of a kind of record, as fields.
pub(super) fn fields_of(kind: RecordKind) -> &'static [Field] {
    match kind {
        RecordKind::Incident => INCIDENT_FIELDS,
        RecordKind::Crime => CRIME_FIELDS,
        RecordKind::Heartbeat | RecordKind::Decision => &[],
    }
}

/// A path under another.
pub(super) fn joined(prefix: &str, path: &str) -> String {
    if prefix.is_empty() {
        path.to_owned()
    } else {
        format!("{prefix}.{path}")
    }
}

/// The moments in told groups that no cell tells; of a group that is not told none is missing.
fn untold_moments(shape: &Shape, path: &str, told: &BTreeSet<String>, into: &mut Vec<String>) {
    let group = match shape {
        Shape::Moment if !told.contains(path) => return into.push(path.to_owned()),
        Shape::Struct(group) | Shape::List(Shape::Struct(group)) => group,
        _ => return,
    };
    let under = format!("{path}.");
    if told
        .iter()
        .any(|told| told == path || told.starts_with(&under))
    {
        for field in group.fields {
            untold_moments(&field.shape, &joined(path, field.name), told, into);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Mappings;
    use super::*;

    #[test]
    fn a_feed_can_be_told_what_the_mapping_never_carries() {
        let shipped = Mappings::shipped();
        let calls = shipped
            .named("san-francisco-cad.toml")
            .expect("it is shipped");
        let blocks: Vec<Block> = calls.blocks().collect();
        assert_eq!(blocks, [Block::Log, Block::Closure]);
        let never = calls.never_carried();
        assert!(never.contains(&"closure.closed_at".to_owned()), "{never:?}");
        let told_or_absent = |path: &str| path == "log.received_at" || path.starts_with("response");
        assert!(!never.iter().any(|path| told_or_absent(path)), "{never:?}");
    }
}
