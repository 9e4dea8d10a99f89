//! A TOML text as its author wrote it: tables whose every entry knows its line, and a list to which
//! every problem is added, so that all are told at once. Never knows what a mapping means.
//! Start at [`Table`] and [`Problems`].

use std::cell::RefCell;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::nearest::nearest;
use super::problem::MappingProblem;

/// The problems of one file, in the order in which they were met.
pub(super) struct Problems<'a> {
    file: &'a str,
    found: RefCell<Vec<MappingProblem>>,
}

impl<'a> Problems<'a> {
    /// None yet.
    pub(super) fn of(file: &'a str) -> Problems<'a> {
        Problems {
            file,
            found: RefCell::default(),
        }
    }

    /// Adds one.
    pub(super) fn add(&self, line: usize, message: impl Into<String>) {
        let file = self.file.to_owned();
        self.found.borrow_mut().push(MappingProblem {
            file,
            line,
            message: message.into(),
        });
    }

    /// All of them, by line.
    pub(super) fn all(self) -> Vec<MappingProblem> {
        let mut found = self.found.into_inner();
        found.sort();
        found.dedup();
        found
    }
}

/// A value and where it stands.
#[derive(Debug)]
pub(super) enum Value {
    /// A text.
    Text(String),
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A list.
    List(Vec<(usize, Value)>),
    /// A table.
    Table(Table),
    /// Something a mapping has no use for: a float or a date.
    Other,
}

/// A table of a file.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// Where it begins.
    pub line: usize,
    /// Its entries: key, line, value.
    pub entries: Vec<(String, usize, Value)>,
}

impl Table {
    /// Reads a file; a text that is no TOML is one problem.
    pub(super) fn read(text: &str, problems: &Problems<'_>) -> Option<Table> {
        match DeTable::parse(text) {
            Ok(table) => Some(owned(text, table.span().start, table.get_ref())),
            Err(error) => {
                let line = error.span().map_or(1, |span| line_of(text, span.start));
                problems.add(line, format!("not TOML: {}", error.message()));
                None
            }
        }
    }

    /// Complains of every key that is not one of these.
    pub(super) fn only(&self, keys: &[&str], problems: &Problems<'_>) {
        for (key, line, _) in &self.entries {
            if !keys.contains(&key.as_str()) {
                let meant = nearest(key, keys.iter().copied())
                    .map_or_else(|| format!("known are {}", keys.join(", ")), did_you_mean);
                problems.add(*line, format!("unknown key \"{key}\"; {meant}"));
            }
        }
    }

    /// The value of a key and its line.
    pub(super) fn value(&self, key: &str) -> Option<(usize, &Value)> {
        let found = self.entries.iter().find(|(name, ..)| name == key);
        found.map(|(_, line, value)| (*line, value))
    }

    /// A text.
    pub(super) fn text(&self, key: &str, problems: &Problems<'_>) -> Option<(usize, &str)> {
        match self.value(key)? {
            (line, Value::Text(text)) => Some((line, text)),
            (line, _) => wrong(problems, line, key, "a text"),
        }
    }

    /// A text that must be there and not be blank.
    pub(super) fn needed(&self, key: &str, problems: &Problems<'_>) -> Option<(usize, &str)> {
        match self.text(key, problems) {
            Some((line, text)) if text.trim().is_empty() => {
                wrong(problems, line, key, "a text that is not blank")
            }
            None if self.value(key).is_none() => {
                problems.add(self.line, format!("\"{key}\" is missing"));
                None
            }
            found => found,
        }
    }

    /// One text or a list of texts.
    pub(super) fn texts(&self, key: &str, problems: &Problems<'_>) -> Option<Vec<(usize, String)>> {
        match self.value(key)? {
            (line, Value::Text(text)) => Some(vec![(line, text.clone())]),
            (line, Value::List(items)) => {
                let texts: Option<Vec<_>> = items
                    .iter()
                    .map(|(line, item)| match item {
                        Value::Text(text) => Some((*line, text.clone())),
                        _ => None,
                    })
                    .collect();
                texts.or_else(|| wrong(problems, line, key, "a list of texts"))
            }
            (line, _) => wrong(problems, line, key, "a text or a list of texts"),
        }
    }

    /// `true` or `false`.
    pub(super) fn flag(&self, key: &str, problems: &Problems<'_>) -> Option<bool> {
        match self.value(key)? {
            (_, Value::Bool(flag)) => Some(*flag),
            (line, _) => wrong(problems, line, key, "true or false"),
        }
    }

    /// A table.
    pub(super) fn table(&self, key: &str, problems: &Problems<'_>) -> Option<&Table> {
        match self.value(key)? {
            (_, Value::Table(table)) => Some(table),
            (line, _) => wrong(problems, line, key, &format!("a table: [{key}]")),
        }
    }

    /// A list of tables; none if the key is not there.
    pub(super) fn tables(&self, key: &str, problems: &Problems<'_>) -> Vec<&Table> {
        let Some((line, value)) = self.value(key) else {
            return Vec::new();
        };
        let Value::List(items) = value else {
            wrong::<()>(problems, line, key, &format!("a list of tables: [[{key}]]"));
            return Vec::new();
        };
        let tables = items.iter().filter_map(|(line, item)| match item {
            Value::Table(table) => Some(table),
            _ => wrong(problems, *line, key, "a table"),
        });
        tables.collect()
    }
}

/// The end of a message that suggests a word.
pub(super) fn did_you_mean(word: &str) -> String {
    format!("did you mean \"{word}\"?")
}

fn wrong<T>(problems: &Problems<'_>, line: usize, key: &str, expected: &str) -> Option<T> {
    problems.add(line, format!("\"{key}\" must be {expected}"));
    None
}

fn owned(text: &str, start: usize, table: &DeTable<'_>) -> Table {
    let entries = table.iter().map(|(key, value)| {
        let line = line_of(text, key.span().start);
        (key.get_ref().to_string(), line, owned_value(text, value))
    });
    Table {
        line: line_of(text, start),
        entries: entries.collect(),
    }
}

fn owned_value(text: &str, value: &Spanned<DeValue<'_>>) -> Value {
    match value.get_ref() {
        DeValue::String(inner) => Value::Text(inner.to_string()),
        DeValue::Boolean(flag) => Value::Bool(*flag),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or(Value::Other, Value::Integer),
        DeValue::Array(items) => {
            let items = items
                .iter()
                .map(|item| (line_of(text, item.span().start), owned_value(text, item)));
            Value::List(items.collect())
        }
        DeValue::Table(table) => Value::Table(owned(text, value.span().start, table)),
        DeValue::Float(_) | DeValue::Datetime(_) => Value::Other,
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at.min(text.len())]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
        + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_knows_its_line() {
        let problems = Problems::of("m.toml");
        let table = Table::read("a = 1\n\n[b]\nc = [\"x\",\n \"y\"]\n", &problems);
        let table = table.expect("this is TOML");
        let inner = table.table("b", &problems).expect("there is a table");
        let texts = inner.texts("c", &problems);
        assert_eq!(texts, Some(vec![(4, "x".to_owned()), (5, "y".to_owned())]));
        assert!(problems.all().is_empty());
    }

    #[test]
    fn a_wrong_type_and_an_unknown_key_are_told_together() {
        let problems = Problems::of("m.toml");
        let table = Table::read("title = 3\n\nforcee = \"x\"\n", &problems).expect("this is TOML");
        table.only(&["title", "force"], &problems);
        table.needed("title", &problems);
        let told: Vec<String> = problems.all().iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "m.toml:1: \"title\" must be a text",
                "m.toml:3: unknown key \"forcee\"; did you mean \"force\"?",
            ]
        );
    }

    #[test]
    fn a_text_that_is_no_toml_names_its_line() {
        let problems = Problems::of("m.toml");
        assert!(Table::read("a = 1\nb = = 2\n", &problems).is_none());
        assert_eq!(problems.all()[0].line, 2);
    }
}
