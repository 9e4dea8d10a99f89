//! One row of a published table, whether it stood in CSV or in TOML, and the ways to read a cell.
//! Every cell that cannot be read is a problem with its line; reading goes on. Never judges what a
//! row means. Start at [`csv_rows`] and [`toml_rows`], then [`Row`].

use csv::{ReaderBuilder, StringRecord};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Problems, Text};
use super::window::Window;
use crate::domain::LondonDay;

/// What stands in a cell. Numbers and truth values keep their written form.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Cell {
    One(String),
    Many(Vec<String>),
}

/// One row: where it stands and its cells by column.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) file: String,
    pub(super) line: usize,
    cells: Vec<(String, Cell)>,
}

impl Row {
    /// Notes that something is wrong with this row.
    pub(super) fn wrong(&self, problems: &mut Problems, fault: impl Into<String>) {
        problems.push(&self.file, Some(self.line), fault);
    }

    /// The text of a cell; none if it is empty or absent.
    pub(super) fn optional(&self, column: &str) -> Option<&str> {
        match self.cells.iter().find(|(name, _)| name == column) {
            Some((_, Cell::One(text))) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// Is there a cell in the column at all?
    pub(super) fn has(&self, column: &str) -> bool {
        self.cells.iter().any(|(name, _)| name == column)
    }

    /// The text of a cell that must not be empty.
    pub(super) fn text(&self, column: &str, problems: &mut Problems) -> Option<&str> {
        let text = self.optional(column);
        if text.is_none() {
            self.wrong(problems, format!("`{column}` is missing: expected a text"));
        }
        text
    }

    /// The texts of a cell that is a list, or of one that is a single text.
    pub(super) fn list(&self, column: &str, problems: &mut Problems) -> Vec<String> {
        match self.cells.iter().find(|(name, _)| name == column) {
            Some((_, Cell::Many(texts))) => texts.clone(),
            Some((_, Cell::One(text))) if !text.is_empty() => vec![text.clone()],
            _ => {
                self.wrong(
                    problems,
                    format!("`{column}` is missing: expected a list of texts"),
                );
                Vec::new()
            }
        }
    }

    /// A day that must be given.
    pub(super) fn day(&self, column: &str, problems: &mut Problems) -> Option<LondonDay> {
        if self.optional(column).is_none() {
            self.wrong(
                problems,
                format!("`{column}` is missing: expected a day such as 2026-04-01"),
            );
        }
        self.optional_day(column, problems)
    }

    /// A day that may be left out.
    pub(super) fn optional_day(&self, column: &str, problems: &mut Problems) -> Option<LondonDay> {
        let text = self.optional(column)?;
        let day = LondonDay::parse(text);
        if day.is_none() {
            self.wrong(
                problems,
                format!("`{column}` is `{text}`: expected a day such as 2026-04-01"),
            );
        }
        day
    }

    /// The window between two columns, the first of which must be given.
    pub(super) fn window(&self, from: &str, to: &str, problems: &mut Problems) -> Option<Window> {
        let first = self.day(from, problems);
        let last = self.optional_day(to, problems);
        if let (Some(first), Some(last)) = (first, last)
            && last < first
        {
            self.wrong(
                problems,
                format!("`{to}` is {last}: expected a day on or after `{from}`, {first}"),
            );
        }
        first.map(|first| Window {
            from: Some(first),
            to: last,
        })
    }

    /// A whole number that is not negative.
    pub(super) fn number(&self, column: &str, problems: &mut Problems) -> Option<u32> {
        let text = self.text(column, problems)?;
        let number = text.parse().ok();
        if number.is_none() {
            self.wrong(
                problems,
                format!("`{column}` is `{text}`: expected a whole number"),
            );
        }
        number
    }

    /// `true` or `false`.
    pub(super) fn flag(&self, column: &str, problems: &mut Problems) -> Option<bool> {
        self.choice(column, &[("true", true), ("false", false)], problems)
    }

    /// One of the named values.
    pub(super) fn choice<T: Copy>(
        &self,
        column: &str,
        choices: &[(&str, T)],
        problems: &mut Problems,
    ) -> Option<T> {
        let text = self.text(column, problems)?;
        let found = choices.iter().find(|(name, _)| *name == text);
        if found.is_none() {
            let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
            let names = names.join(", ");
            self.wrong(
                problems,
                format!("`{column}` is `{text}`: expected one of {names}"),
            );
        }
        found.map(|(_, value)| *value)
    }
}

/// The rows of a CSV text whose header must have exactly these columns, in any order.
pub(super) fn csv_rows(text: &Text, columns: &[&str], problems: &mut Problems) -> Vec<Row> {
    let mut reader = ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_reader(text.body.as_bytes());
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(fault) => {
            problems.push(&text.name, None, format!("unreadable as CSV: {fault}"));
            return Vec::new();
        }
    };
    let header_line = header.position().map_or(1, |at| at.line() as usize);
    for unknown in header.iter().filter(|name| !columns.contains(name)) {
        let columns = columns.join(", ");
        let fault = format!("unknown column `{unknown}`: expected {columns}");
        problems.push(&text.name, Some(header_line), fault);
    }
    for column in columns {
        if !header.iter().any(|name| name == *column) {
            let fault = format!("the column `{column}` is missing");
            problems.push(&text.name, Some(header_line), fault);
        }
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        match record {
            Ok(record) => rows.push(csv_row(&text.name, &header, &record)),
            Err(fault) => {
                let line = fault.position().map(|at| at.line() as usize);
                problems.push(&text.name, line, format!("unreadable as CSV: {fault}"));
            }
        }
    }
    rows
}

fn csv_row(file: &str, header: &StringRecord, record: &StringRecord) -> Row {
    Row {
        file: file.to_owned(),
        line: record.position().map_or(0, |at| at.line() as usize),
        cells: header
            .iter()
            .zip(record)
            .map(|(name, cell)| (name.to_owned(), Cell::One(cell.trim().to_owned())))
            .collect(),
    }
}

/// The tables of a TOML text, each as the name it stands under and a row. `shape` names the tables
/// and their columns; a name `*` allows any, and gives the row a cell `key` that holds it.
pub(super) fn toml_rows(
    text: &Text,
    shape: &[(&str, &[&str])],
    problems: &mut Problems,
) -> Vec<(String, Row)> {
    let document = match DeTable::parse(&text.body) {
        Ok(document) => document,
        Err(fault) => {
            let line = fault.span().map(|span| line_of(&text.body, span.start));
            let fault = format!("unreadable as TOML: {}", fault.message());
            problems.push(&text.name, line, fault);
            return Vec::new();
        }
    };
    let mut rows = Vec::new();
    for (name, value) in document.get_ref() {
        let line = line_of(&text.body, name.span().start);
        let known = shape
            .iter()
            .find(|(table, _)| *table == "*" || *table == name.get_ref().as_ref());
        let Some((table, columns)) = known else {
            let expected: Vec<&str> = shape.iter().map(|(table, _)| *table).collect();
            let expected = expected.join(", ");
            let fault = format!("unknown table `{}`: expected {expected}", name.get_ref());
            problems.push(&text.name, Some(line), fault);
            continue;
        };
        for one in tables_of(value) {
            let Some(mut row) = toml_row(text, one, columns, problems) else {
                let fault = format!("`{}`: expected a table", name.get_ref());
                problems.push(&text.name, Some(line), fault);
                continue;
            };
            if *table == "*" {
                let key = Cell::One(name.get_ref().to_string());
                row.cells.push(("key".to_owned(), key));
            }
            rows.push((name.get_ref().to_string(), row));
        }
    }
    rows
}

/// A table stands for itself, an array of tables for its members.
fn tables_of<'t, 'i>(value: &'t Spanned<DeValue<'i>>) -> Vec<&'t Spanned<DeValue<'i>>> {
    match value.get_ref() {
        DeValue::Array(members) => members.iter().collect(),
        _ => vec![value],
    }
}

fn toml_row(
    text: &Text,
    value: &Spanned<DeValue<'_>>,
    columns: &[&str],
    problems: &mut Problems,
) -> Option<Row> {
    let table = value.get_ref().as_table()?;
    let mut cells = Vec::new();
    for (name, value) in table {
        let name = name.get_ref().to_string();
        let line = Some(line_of(&text.body, value.span().start));
        if !columns.contains(&name.as_str()) {
            let columns = columns.join(", ");
            let fault = format!("unknown key `{name}`: expected {columns}");
            problems.push(&text.name, line, fault);
        }
        match cell(value.get_ref()) {
            Some(cell) => cells.push((name, cell)),
            None => {
                let fault = format!("`{name}`: expected a text, a number or a list of texts");
                problems.push(&text.name, line, fault);
            }
        }
    }
    Some(Row {
        file: text.name.clone(),
        line: line_of(&text.body, value.span().start),
        cells,
    })
}

fn cell(value: &DeValue<'_>) -> Option<Cell> {
    if let DeValue::Array(members) = value {
        let texts = members.iter().map(|member| member.get_ref().as_str());
        return texts
            .map(|text| text.map(str::to_owned))
            .collect::<Option<Vec<String>>>()
            .map(Cell::Many);
    }
    let text = match value {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) => number.as_str().to_owned(),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(day) => day.to_string(),
        _ => return None,
    };
    Some(Cell::One(text))
}

fn line_of(body: &str, offset: usize) -> usize {
    let before = &body.as_bytes()[..offset.min(body.len())];
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}
