//! One row as a contract record. A cell that cannot be read makes the row a problem and all its
//! problems are told together; a code that nobody listed costs only its field, and is counted. The
//! record is not decoded here. Start at [`outcome`].

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};
use serde_json::{Map, Value};

use super::mapping::{Condition, Entry, Group, Leaf, List, Mapping, Reading, Test, joined};
use super::problem::{Reason, RowProblem, shown};
use super::raw_row::RawRow;
use super::template::{Cells, NoText};

/// What became of a row.
#[derive(Clone, PartialEq, Debug)]
pub enum RowOutcome {
    /// A contract record.
    Record {
        /// Head and blocks, as the JSON form has them.
        value: Value,
        /// The values that no list of the mapping has, each with the path of its field, which was
        /// left out.
        unread: Vec<(String, String)>,
    },
    /// A row that is no record of this kind, by a named rule of the mapping.
    SetAside {
        /// The name of the rule.
        name: String,
    },
    /// A row that cannot be read.
    Problem(Vec<RowProblem>),
}

/// A row under the columns that its mapping expects.
pub(super) struct Line<'a> {
    pub row: &'a RawRow,
    /// Where each expected column stands in the file.
    pub places: &'a [usize],
    pub encoding: &'static Encoding,
}

impl Cells for Line<'_> {
    fn text(&self, column: usize) -> Result<Cow<'_, str>, NoText> {
        let bytes = self.row.cell(self.places[column]);
        let text = match bytes {
            Cow::Borrowed(bytes) => decoded(self.encoding, bytes),
            Cow::Owned(bytes) => {
                decoded(self.encoding, &bytes).map(|text| text.into_owned().into())
            }
        };
        text.map(trimmed).ok_or(NoText { column })
    }
}

fn decoded<'b>(encoding: &'static Encoding, bytes: &'b [u8]) -> Option<Cow<'b, str>> {
    if encoding == UTF_8 {
        return std::str::from_utf8(bytes).ok().map(Cow::Borrowed);
    }
    encoding.decode_without_bom_handling_and_without_replacement(bytes)
}

fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

/// Reads a row that has as many cells as the header.
pub(super) fn outcome(mapping: &Mapping, line: &Line<'_>) -> RowOutcome {
    let mut reader = Reader {
        mapping,
        line,
        problems: Vec::new(),
        unread: Vec::new(),
    };
    for rule in &mapping.set_aside {
        if reader.all_hold(&rule.when) {
            return RowOutcome::SetAside {
                name: rule.name.clone(),
            };
        }
    }
    let mut record = reader.head();
    record.append(&mut reader.group(&mapping.body).0);
    if reader.problems.is_empty() {
        RowOutcome::Record {
            value: Value::Object(record),
            unread: reader.unread,
        }
    } else {
        RowOutcome::Problem(reader.problems)
    }
}

struct Reader<'a> {
    mapping: &'a Mapping,
    line: &'a Line<'a>,
    problems: Vec<RowProblem>,
    unread: Vec<(String, String)>,
}

/// What a cell tells a field.
enum Told {
    Value(Value),
    Nothing,
    /// A value that no list has.
    Unread(String),
}

impl Reader<'_> {
    fn head(&mut self) -> Map<String, Value> {
        let mapping = self.mapping;
        let (mut head, _) = self.group(&mapping.head);
        head.insert("record".to_owned(), Value::from(mapping.kind.as_str()));
        if let Some(force) = &mapping.force {
            head.insert("force".to_owned(), Value::from(force.as_str()));
        }
        head.insert("source".to_owned(), Value::from(mapping.source.as_str()));
        // The contract leaves a field out for an unknown word in a block, and refuses it in the head.
        for (path, value) in std::mem::take(&mut self.unread) {
            let leaf = mapping.head.leaves.iter().find(|leaf| leaf.whole == path);
            let advice = "add the value to the list of codes";
            self.problem(
                leaf,
                "a value that the mapping lists",
                shown(&value),
                advice,
            );
        }
        head
    }

    /// The fields of a group, and whether a cell told any of them.
    fn group(&mut self, group: &Group) -> (Map<String, Value>, bool) {
        let mut fields = Map::new();
        for leaf in &group.leaves {
            match self.told(leaf) {
                Ok(Told::Value(value)) => insert(&mut fields, &leaf.path, value),
                Ok(Told::Unread(value)) => self.unread.push((leaf.whole.clone(), value)),
                Ok(Told::Nothing) if leaf.required => {
                    let advice = "a record without it cannot be filed; correct the row, or set \
                                  such rows aside by a named rule";
                    self.problem(Some(leaf), "a value", "a blank cell".to_owned(), advice);
                }
                Ok(Told::Nothing) => {}
                Err(problem) => self.problems.push(*problem),
            }
        }
        for list in &group.lists {
            let entries = self.entries(list);
            if !entries.is_empty() {
                insert(&mut fields, &list.path, Value::Array(entries));
            }
        }
        let told = !fields.is_empty();
        for constant in &group.constants {
            let made = |path: &str| !group.fed.contains(path) || at(&fields, path).is_some();
            if constant
                .path
                .match_indices('.')
                .all(|(at, _)| made(&constant.path[..at]))
            {
                insert(&mut fields, &constant.path, constant.value.clone());
            }
        }
        for empty in &group.empties {
            if at(&fields, &empty.path).is_none() && self.all_hold(&empty.when) {
                insert(&mut fields, &empty.path, empty.value.clone());
            }
        }
        (fields, told)
    }

    fn entries(&mut self, list: &List) -> Vec<Value> {
        let mut entries = Vec::new();
        for entry in &list.entries {
            if !self.all_hold(&entry.when) {
                continue;
            }
            let (fields, told) = self.group(&entry.group);
            // Blank cells are no entry: a file has room for three victims and names one.
            if told || entry.group.leaves.is_empty() && entry.group.lists.is_empty() {
                self.ids_are_told(list, entry, &fields);
                entries.push(Value::Object(fields));
            }
        }
        entries
    }

    fn ids_are_told(&mut self, list: &List, entry: &Entry, fields: &Map<String, Value>) {
        for id in entry.ids.iter().filter(|id| !fields.contains_key(**id)) {
            let whole = joined(&list.whole, id);
            let leaf = entry.group.leaves.iter().find(|leaf| leaf.whole == whole);
            let advice = "an entry without an id cannot be told from another; build the id from \
                          columns that are filled whenever the entry is";
            self.problem(leaf, "an id", "a blank cell".to_owned(), advice);
        }
    }

    fn told(&self, leaf: &Leaf) -> Result<Told, Box<RowProblem>> {
        let read = |text: &str| self.read(leaf, &leaf.reading, text);
        let no_text = |bad: NoText| {
            let expected = format!("text in {}", self.line.encoding.name());
            let bytes = self.line.row.cell(self.line.places[bad.column]);
            let found = String::from_utf8_lossy(&bytes);
            let advice = "say the encoding of the file in the mapping, or export it as UTF-8";
            Box::new(self.problem_of(leaf, &expected, shown(&found), advice))
        };
        if let (Some((words, none)), Some(column)) = (&leaf.none, leaf.from.columns().next()) {
            let cell = self.line.text(column).map_err(no_text)?;
            if words.iter().any(|word| *word == cell) {
                return Ok(Told::Value(none.clone()));
            }
        }
        let filled = leaf.from.fill(self.line, |text| {
            self.tells(text) && !leaf.nulls.iter().any(|null| null == text)
        });
        let filled = filled.map_err(no_text)?;
        match (&leaf.reading, filled) {
            (Reading::Presence { told, untold }, filled) => {
                let value = if filled.is_some() { told } else { untold };
                Ok(value.clone().map_or(Told::Nothing, Told::Value))
            }
            (_, Some(text)) => read(&text),
            (_, None) => Ok(Told::Nothing),
        }
    }

    fn read(&self, leaf: &Leaf, reading: &Reading, text: &str) -> Result<Told, Box<RowProblem>> {
        Ok(match reading {
            Reading::Text => Told::Value(Value::from(text)),
            Reading::Integer => match text.parse::<i64>() {
                Ok(number) => Told::Value(Value::from(number)),
                Err(_) => {
                    let advice = "correct the cell, or name a column that holds a number";
                    let problem = self.problem_of(leaf, "a whole number", shown(text), advice);
                    return Err(Box::new(problem));
                }
            },
            Reading::Bool { yes, .. } if yes.iter().any(|word| word == text) => {
                Told::Value(Value::from(true))
            }
            Reading::Bool { no, .. } if no.iter().any(|word| word == text) => {
                Told::Value(Value::from(false))
            }
            Reading::Symbol(symbols) if symbols.words.contains(&text) => {
                Told::Value(Value::from(text))
            }
            Reading::Bool { .. } | Reading::Symbol(_) => Told::Unread(text.to_owned()),
            Reading::Codes(codes) => match codes.iter().find(|(code, _)| code == text) {
                Some((_, value)) => value.clone().map_or(Told::Nothing, Told::Value),
                None => Told::Unread(text.to_owned()),
            },
            Reading::Moment(local) => match local.read(text) {
                Ok(moment) => moment.map_or(Told::Nothing, |moment| {
                    Told::Value(Value::from(moment.to_string()))
                }),
                Err(bad) => {
                    let mut problem =
                        self.problem_of(leaf, &bad.expected, shown(text), &bad.advice);
                    problem.reason = bad.reason;
                    return Err(Box::new(problem));
                }
            },
            Reading::Split { between, each } => return self.split(leaf, between, each, text),
            // Read before the text is looked at.
            Reading::Presence { .. } => Told::Nothing,
        })
    }

    /// A list in one cell; one unknown word leaves the whole list untold, since the rest of it
    /// would say that the word is not in it.
    fn split(
        &self,
        leaf: &Leaf,
        between: &str,
        each: &Reading,
        text: &str,
    ) -> Result<Told, Box<RowProblem>> {
        let mut items = Vec::new();
        for part in text
            .split(between)
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            match self.read(leaf, each, part)? {
                Told::Value(value) => items.push(value),
                Told::Nothing => {}
                unread => return Ok(unread),
            }
        }
        Ok(Told::Value(Value::Array(items)))
    }

    fn all_hold(&self, conditions: &[Condition]) -> bool {
        conditions.iter().all(|condition| {
            // A cell that is no text is none of the words a condition can name.
            let cell = self
                .line
                .text(condition.column)
                .unwrap_or(Cow::Borrowed("\u{fffd}"));
            match &condition.test {
                Test::Told(told) => self.tells(&cell) == *told,
                Test::Is(words) => words.iter().any(|word| *word == cell),
                Test::Not(words) => !words.iter().any(|word| *word == cell),
            }
        })
    }

    fn tells(&self, text: &str) -> bool {
        !self.mapping.nulls.iter().any(|null| null == text)
    }

    fn problem(&mut self, leaf: Option<&Leaf>, expected: &str, found: String, advice: &str) {
        if let Some(leaf) = leaf {
            let problem = self.problem_of(leaf, expected, found, advice);
            self.problems.push(problem);
        }
    }

    fn problem_of(&self, leaf: &Leaf, expected: &str, found: String, advice: &str) -> RowProblem {
        let columns = leaf
            .from
            .columns()
            .map(|at| self.mapping.columns[at].name.as_str());
        RowProblem {
            reason: Reason::UnreadableValue,
            column: columns.collect::<Vec<_>>().join(", "),
            field: leaf.whole.clone(),
            expected: expected.to_owned(),
            found,
            advice: advice.to_owned(),
        }
    }
}

fn insert(fields: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            fields.insert(path.to_owned(), value);
        }
        Some((group, rest)) => {
            let inner = fields
                .entry(group)
                .or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}

fn at<'f>(fields: &'f Map<String, Value>, path: &str) -> Option<&'f Value> {
    match path.split_once('.') {
        None => fields.get(path),
        Some((group, rest)) => at(fields.get(group)?.as_object()?, rest),
    }
}
