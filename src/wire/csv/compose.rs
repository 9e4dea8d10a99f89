//! From the text of a mapping file to a [`Mapping`]: every key, path, column, code and format is
//! checked against the contract here, and every problem is told with its line, all at once. Never
//! fills in what the author left out. Start at [`mapping`]; single fields are read in
//! `compose_field`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::compose_field::Field as Composed;
use super::compose_form::{columns, encoding, kind, marks};
use super::compose_path::Path;
use super::manner::Manner;
use super::mapping::{Column, Empty, Entry, Group, List, Mapping, fields_of, joined};
use super::nearest::nearest;
use super::problem::MappingProblem;
use super::written::{Problems, Table, Value, did_you_mean};
use crate::domain::shape::{Field, Shape};

const KEYS: &[&str] = &[
    "title",
    "record",
    "force",
    "source",
    "not_happened",
    "file",
    "moments",
    "codes",
    "head",
    "set_aside",
    "fields",
    "list",
    "empty",
];

/// What the parts of a mapping file are read against.
pub(super) struct Composer<'a> {
    pub problems: &'a Problems<'a>,
    pub columns: Vec<&'a str>,
    pub manner: Manner,
    pub codes: BTreeMap<&'a str, &'a Table>,
}

/// Reads a mapping file; all its problems at once.
pub(super) fn mapping(file: &str, text: &str) -> Result<Mapping, Vec<MappingProblem>> {
    let problems = Problems::of(file);
    let mapping = Table::read(text, &problems).and_then(|root| whole(file, &root, &problems));
    let problems = problems.all();
    mapping.filter(|_| problems.is_empty()).ok_or(problems)
}

fn whole(file: &str, root: &Table, problems: &Problems<'_>) -> Option<Mapping> {
    root.only(KEYS, problems);
    let title = root
        .needed("title", problems)
        .map(|(_, text)| text.to_owned());
    let source = root
        .needed("source", problems)
        .map(|(_, text)| text.to_owned());
    let kind = kind(root, problems);
    let absent = Table::default();
    let form = root.table("file", problems).unwrap_or_else(|| {
        problems.add(1, "[file] is missing: it lists the columns");
        &absent
    });
    form.only(
        &["delimiter", "quote", "encoding", "null", "columns"],
        problems,
    );
    let columns = columns(form, problems);
    let composer = Composer::new(root, &columns, problems);
    let mut head = composer.head(root);
    let force = composer.force(root, &mut head);
    let body = kind.map(|kind| composer.group(root, fields_of(kind), ""));
    composer.every_code_list_is_used(root);
    let set_aside = composer.set_aside(root);
    let not_happened = kind.map(|kind| composer.not_happened(root, fields_of(kind), body.as_ref()));
    let nulls = form
        .texts("null", problems)
        .map_or_else(|| vec![String::new()], texts);
    let (marks, encoding) = (marks(form, problems), encoding(form, problems));
    Some(Mapping {
        file: file.to_owned(),
        title: title?,
        kind: kind?,
        force: force?,
        source: source?,
        marks: marks?,
        encoding: encoding?,
        columns,
        nulls,
        set_aside,
        not_happened: not_happened?,
        head,
        body: body?,
    })
}

impl<'a> Composer<'a> {
    fn new(root: &'a Table, columns: &'a [Column], problems: &'a Problems<'a>) -> Composer<'a> {
        let codes = root
            .table("codes", problems)
            .map_or_else(BTreeMap::new, |codes| {
                let named = codes
                    .entries
                    .iter()
                    .filter_map(|(name, line, value)| match value {
                        Value::Table(table) => Some((name.as_str(), table)),
                        _ => {
                            problems.add(*line, format!("\"codes.{name}\" must be a table"));
                            None
                        }
                    });
                named.collect()
            });
        for table in codes.values() {
            table.only(&["map", "not_told"], problems);
        }
        let columns = columns.iter().map(|column| column.name.as_str()).collect();
        let mut composer = Composer {
            problems,
            columns,
            manner: Manner::default(),
            codes,
        };
        if let Some(moments) = root.table("moments", problems) {
            moments.only(super::compose_field::MOMENT_KEYS, problems);
            composer.manner = composer.manner_of(moments);
        }
        composer
    }

    /// The fields, lists and empties of a record or of an entry of a list.
    fn group(&self, table: &'a Table, fields: &'static [Field], prefix: &str) -> Group {
        let mut group = Group::default();
        if let Some(told) = table.table("fields", self.problems) {
            self.fields(told, fields, prefix, &mut group);
        }
        for list in table.tables("list", self.problems) {
            if let Some(list) = self.list(list, fields, prefix) {
                if group.lists.iter().any(|other| other.path == list.path) {
                    let twice = format!(
                        "\"{}\" is told by two lists; give one two entries",
                        list.path
                    );
                    self.problems.add(table.line.max(1), twice);
                }
                group.lists.push(list);
            }
        }
        let empties = table.tables("empty", self.problems).into_iter();
        group
            .empties
            .extend(empties.filter_map(|empty| self.empty(empty, fields, prefix)));
        group.fed = fed(&group);
        if group.leaves.is_empty() && group.constants.is_empty() && group.lists.is_empty() {
            self.problems.add(
                table.line.max(1),
                "nothing is told here: [fields] names no field",
            );
        }
        group
    }

    /// The single fields of a group.
    pub(super) fn fields(
        &self,
        table: &'a Table,
        fields: &'static [Field],
        prefix: &str,
        group: &mut Group,
    ) {
        for (path, line, value) in &table.entries {
            let path = Path {
                within: path,
                whole: joined(prefix, path),
                line: *line,
            };
            match self.field(&path, fields, value) {
                Some(Composed::Leaf(leaf)) => group.leaves.push(*leaf),
                Some(Composed::Constant(constant)) => group.constants.push(constant),
                None => {}
            }
        }
    }

    fn list(&self, table: &'a Table, fields: &'static [Field], prefix: &str) -> Option<List> {
        table.only(&["path", "entry"], self.problems);
        let (line, path) = table.needed("path", self.problems)?;
        let place = Path {
            within: path,
            whole: joined(prefix, path),
            line,
        };
        let shape = match self.shape_at(&place, fields)? {
            Shape::List(Shape::Struct(shape)) => shape,
            other => {
                self.problems.add(
                    line,
                    format!("\"{path}\" is {}, not a list", other.expected()),
                );
                return None;
            }
        };
        let entries = table.tables("entry", self.problems);
        if entries.is_empty() {
            self.problems.add(
                table.line,
                format!("the list \"{path}\" has no [[list.entry]]"),
            );
        }
        let alone = entries.len() == 1;
        let entries = entries.into_iter().map(|entry| {
            entry.only(&["when", "fields", "list", "empty"], self.problems);
            let ids = shape
                .fields
                .iter()
                .filter(|field| field.required)
                .map(|field| field.name);
            let entry = Entry {
                when: self.conditions(entry),
                group: self.group(entry, shape.fields, &place.whole),
                ids: ids.collect(),
            };
            self.ids_come_from_columns(&entry, line, alone);
            entry
        });
        let entries = entries.collect();
        Some(List {
            path: path.to_owned(),
            whole: place.whole.clone(),
            entries,
        })
    }

    fn ids_come_from_columns(&self, entry: &Entry, line: usize, alone: bool) {
        for id in &entry.ids {
            let column = entry.group.leaves.iter().any(|leaf| leaf.path == *id);
            let constant = entry
                .group
                .constants
                .iter()
                .any(|constant| constant.path == *id);
            if !(column || constant && alone) {
                let message = format!(
                    "an entry of this list lacks \"{id}\" from columns; build it from columns \
                     that name the thing, never from its position"
                );
                self.problems.add(line, message);
            }
        }
    }

    fn empty(&self, table: &'a Table, fields: &'static [Field], prefix: &str) -> Option<Empty> {
        table.only(&["path", "when"], self.problems);
        let (line, path) = table.needed("path", self.problems)?;
        let place = Path {
            within: path,
            whole: joined(prefix, path),
            line,
        };
        let value = match self.shape_at(&place, fields)? {
            Shape::List(_) => Json::Array(Vec::new()),
            Shape::Struct(_) => Json::Object(serde_json::Map::new()),
            _ => {
                let message =
                    format!("\"{path}\" is no group or list; say empty = \"\" at the field");
                self.problems.add(line, message);
                return None;
            }
        };
        Some(Empty {
            path: path.to_owned(),
            value,
            when: self.conditions(table),
        })
    }

    /// The place of a column among those expected.
    pub(super) fn column(&self, line: usize, name: &str) -> Option<usize> {
        let found = self.columns.iter().position(|column| *column == name);
        if found.is_none() {
            self.no_such_column(line, name);
        }
        found
    }

    /// Complains of a column that is not listed; where none is, that was said already.
    pub(super) fn no_such_column(&self, line: usize, name: &str) {
        if !self.columns.is_empty() {
            let meant = nearest(name, self.columns.iter().copied()).map_or(
                "list it under columns if the file has it".to_owned(),
                did_you_mean,
            );
            self.problems
                .add(line, format!("no column \"{name}\" is expected; {meant}"));
        }
    }

    fn every_code_list_is_used(&self, root: &Table) {
        for (name, table) in &self.codes {
            if !uses_codes(root, name) {
                self.problems
                    .add(table.line, format!("no field uses codes = \"{name}\""));
            }
        }
    }
}

fn uses_codes(table: &Table, name: &str) -> bool {
    table.entries.iter().any(|(key, _, value)| match value {
        Value::Text(text) => key == "codes" && text == name,
        Value::Table(inner) => uses_codes(inner, name),
        Value::List(items) => items.iter().any(|(_, item)| match item {
            Value::Table(inner) => uses_codes(inner, name),
            _ => false,
        }),
        _ => false,
    })
}

/// The groups that cells of this group fill.
pub(super) fn fed(group: &Group) -> BTreeSet<String> {
    let leaves = group.leaves.iter().map(|leaf| &leaf.path);
    let lists = group.lists.iter().map(|list| &list.path);
    let paths = leaves.chain(lists);
    paths.flat_map(|path| groups_above(path)).collect()
}

/// `a` and `a.b` of `a.b.c`.
fn groups_above(path: &str) -> impl Iterator<Item = String> {
    path.match_indices('.').map(|(at, _)| path[..at].to_owned())
}

pub(super) fn texts(located: Vec<(usize, String)>) -> Vec<String> {
    located.into_iter().map(|(_, text)| text).collect()
}
