//! One field of a mapping file: which cells it is told from and how they are read, checked against
//! the shape the contract gives that path. Never lets a constant, a code or a format through that
//! the field could not hold. Start at [`Composer::field`].

use serde_json::Value as Json;

use super::compose::{Composer, texts};
use super::compose_path::Path;
use super::local_time::LocalTime;
use super::manner::{Manner, Midnight, Side};
use super::mapping::{Constant, Leaf, Reading};
use super::nearest::nearest;
use super::template::{BadTemplate, Template};
use super::written::{Table, Value, did_you_mean};
use crate::domain::shape::{Field as Shaped, Shape};
use crate::domain::{Moment, Precision};

/// What may be said about reading moments, for one field or for the file.
pub(super) const MOMENT_KEYS: &[&str] = &[
    "format",
    "zone",
    "precision",
    "ambiguous",
    "nonexistent",
    "midnight",
];

const SOURCE_KEYS: &[&str] = &["column", "template", "constant"];
const READING_KEYS: &[&str] = &[
    "null", "empty", "codes", "told", "untold", "split", "true", "false",
];

/// A field as it is understood.
pub(super) enum Field {
    Leaf(Box<Leaf>),
    Constant(Constant),
}

impl<'a> Composer<'a> {
    /// Reads one field: `"text with {Column}"`, `true`, `3`, or a table.
    pub(super) fn field(
        &self,
        path: &Path<'_>,
        fields: &'static [Shaped],
        value: &'a Value,
    ) -> Option<Field> {
        let shape = self.leaf_shape(path, fields)?;
        let plain = Table::default();
        match value {
            Value::Table(table) => self.told_by(path, shape, table),
            Value::Text(text) => {
                let template = self.template(path.line, text)?;
                if template.literal().is_some() && self.columns.contains(&text.as_str()) {
                    let message =
                        format!("\"{text}\" is a column; write \"{{{text}}}\" to tell its cells");
                    self.problems.add(path.line, message);
                    return None;
                }
                match template.literal() {
                    Some(text) => self.constant(path, shape, &Value::Text(text.to_owned())),
                    None => self.leaf(path, shape, template, &plain),
                }
            }
            other => self.constant(path, shape, other),
        }
    }

    fn told_by(&self, path: &Path<'_>, shape: &'static Shape, table: &'a Table) -> Option<Field> {
        let keys = [SOURCE_KEYS, READING_KEYS, MOMENT_KEYS].concat();
        table.only(&keys, self.problems);
        let column = table.text("column", self.problems);
        let template = table.text("template", self.problems);
        match (column, template, table.value("constant")) {
            (None, None, Some((_, constant))) => self.constant(path, shape, constant),
            (Some((line, name)), None, None) => {
                let template = Template::column(self.column(line, name)?);
                self.leaf(path, shape, template, table)
            }
            (None, Some((line, text)), None) => {
                let template = self.template(line, text)?;
                if template.literal().is_some() {
                    return self.wrong(line, "a template names a column: \"{Column}\"");
                }
                self.leaf(path, shape, template, table)
            }
            _ => self.wrong(path.line, "a field has one of column, template, constant"),
        }
    }

    fn constant(&self, path: &Path<'_>, shape: &Shape, value: &Value) -> Option<Field> {
        let value = self.held(path.line, shape, value)?;
        Some(Field::Constant(Constant {
            path: path.within.to_owned(),
            value,
        }))
    }

    fn leaf(
        &self,
        path: &Path<'_>,
        shape: &'static Shape,
        from: Template,
        table: &'a Table,
    ) -> Option<Field> {
        let line = if table.line == 0 {
            path.line
        } else {
            table.line
        };
        self.keys_fit(line, shape, table);
        let reading = self.reading(line, shape, table)?;
        let none = match table.texts("empty", self.problems) {
            None => None,
            Some(_) if from.columns().count() > 1 => {
                return self.wrong(line, "empty = … belongs to a field of one column");
            }
            Some(words) => match none_of(shape) {
                Some(value) => Some((texts(words), value)),
                None => {
                    let message = "only a text, a truth value or a list can be empty";
                    return self.wrong(line, message);
                }
            },
        };
        Some(Field::Leaf(Box::new(Leaf {
            path: path.within.to_owned(),
            whole: path.whole.clone(),
            from,
            reading,
            nulls: table
                .texts("null", self.problems)
                .map_or_else(Vec::new, texts),
            none,
            required: false,
        })))
    }

    fn reading(&self, line: usize, shape: &'static Shape, table: &'a Table) -> Option<Reading> {
        if let Shape::List(each) = shape {
            let between = match table.text("split", self.problems) {
                Some((_, between)) if !between.is_empty() => between.to_owned(),
                _ => return self.wrong(line, "a list in one cell needs split = \";\""),
            };
            let each = Box::new(self.reading(line, each, table)?);
            return Some(Reading::Split { between, each });
        }
        if let Some((line, name)) = table.text("codes", self.problems) {
            return self.codes(line, name, shape);
        }
        if table.value("told").is_some() || table.value("untold").is_some() {
            let held = |key| match table.value(key) {
                Some((line, value)) => self.held(line, shape, value).map(Some),
                None => Some(None),
            };
            return Some(Reading::Presence {
                told: held("told")?,
                untold: held("untold")?,
            });
        }
        Some(match shape {
            Shape::Text => Reading::Text,
            Shape::Integer => Reading::Integer,
            Shape::Symbol(symbols) => Reading::Symbol(symbols),
            Shape::Bool => Reading::Bool {
                yes: self.words(table, "true"),
                no: self.words(table, "false"),
            },
            Shape::Moment => {
                let manner = self.manner_of(table);
                match LocalTime::new(manner) {
                    Ok(local) => Reading::Moment(Box::new(local)),
                    Err(message) => return self.wrong(line, &message),
                }
            }
            Shape::Struct(_) | Shape::List(_) => return None,
        })
    }

    fn words(&self, table: &Table, key: &str) -> Vec<String> {
        table
            .texts(key, self.problems)
            .map_or_else(|| vec![key.to_owned()], texts)
    }

    /// A key that says nothing about this shape is a slip.
    fn keys_fit(&self, line: usize, shape: &Shape, table: &Table) {
        let inner = match shape {
            Shape::List(each) => each,
            other => other,
        };
        for (key, ..) in &table.entries {
            let key = key.as_str();
            let fits = match inner {
                Shape::Bool => !MOMENT_KEYS.contains(&key),
                Shape::Moment => !["true", "false"].contains(&key),
                _ => !MOMENT_KEYS.contains(&key) && !["true", "false"].contains(&key),
            };
            let stray = key == "split" && !matches!(shape, Shape::List(_));
            if !fits || stray {
                self.problems.add(
                    line,
                    format!("\"{key}\" says nothing about {}", shape.expected()),
                );
            }
        }
    }

    fn codes(&self, line: usize, name: &str, shape: &'static Shape) -> Option<Reading> {
        let Some(table) = self.codes.get(name) else {
            let meant = nearest(name, self.codes.keys().copied())
                .map_or_else(|| format!("write [codes.{name}.map]"), did_you_mean);
            return self.wrong(
                line,
                &format!("there is no list of codes \"{name}\"; {meant}"),
            );
        };
        let mut codes: Vec<(String, Option<Json>)> = Vec::new();
        if let Some(map) = table.table("map", self.problems) {
            for (code, line, value) in &map.entries {
                codes.push((code.clone(), Some(self.held(*line, shape, value)?)));
            }
        }
        for (line, code) in table.texts("not_told", self.problems).unwrap_or_default() {
            if codes.iter().any(|(other, _)| *other == code) {
                self.problems
                    .add(line, format!("the code \"{code}\" is listed twice"));
            }
            codes.push((code, None));
        }
        if codes.is_empty() {
            let message = format!("the list of codes \"{name}\" has no code");
            return self.wrong(table.line, &message);
        }
        Some(Reading::Codes(codes))
    }

    /// A value of the file, if the field can hold it.
    fn held(&self, line: usize, shape: &Shape, value: &Value) -> Option<Json> {
        match (shape, value) {
            (Shape::Bool, Value::Bool(flag)) => return Some(Json::from(*flag)),
            (Shape::Integer, Value::Integer(number)) => return Some(Json::from(*number)),
            (Shape::Text, Value::Text(text)) => return Some(Json::from(text.as_str())),
            (Shape::Moment, Value::Text(text)) => {
                if let Ok(moment) = Moment::parse(text) {
                    return Some(Json::from(moment.to_string()));
                }
            }
            (Shape::Symbol(symbols), Value::Text(text)) => {
                if symbols.words.contains(&text.as_str()) {
                    return Some(Json::from(text.as_str()));
                }
                if let Some(meant) = nearest(text, symbols.words.iter().copied()) {
                    let message =
                        format!("no {} is \"{text}\"; {}", symbols.name, did_you_mean(meant));
                    return self.wrong(line, &message);
                }
            }
            _ => {}
        }
        let found = match value {
            Value::Text(text) => format!("\"{text}\""),
            Value::Bool(flag) => flag.to_string(),
            Value::Integer(number) => number.to_string(),
            Value::List(_) => "a list".to_owned(),
            Value::Table(_) => "a table".to_owned(),
            Value::Other => "a value that a mapping has no use for".to_owned(),
        };
        self.wrong(
            line,
            &format!("expected {}, found {found}", shape.expected()),
        )
    }

    fn template(&self, line: usize, text: &str) -> Option<Template> {
        match Template::parse(text, &self.columns) {
            Ok(template) => Some(template),
            Err(BadTemplate::Column(name)) => {
                self.no_such_column(line, &name);
                None
            }
            Err(BadTemplate::Brace) => self.wrong(
                line,
                "a brace has no partner; columns stand as {Column}, and {{ stands for a brace",
            ),
        }
    }

    /// What a table says about reading moments, and where it is silent what the file says.
    pub(super) fn manner_of(&self, table: &Table) -> Manner {
        let mut manner = self.manner.clone();
        if let Some(formats) = table.texts("format", self.problems) {
            manner.formats = texts(formats);
        }
        if let Some((_, zone)) = table.text("zone", self.problems) {
            manner.zone = Some(zone.to_owned());
        }
        let precisions = [
            ("second", Precision::Second),
            ("minute", Precision::Minute),
            ("day", Precision::Day),
            ("month", Precision::Month),
        ];
        let sides = [("earlier", Side::Earlier), ("later", Side::Later)];
        let midnights = [("day", Midnight::Day), ("not_told", Midnight::NotTold)];
        manner.precision = self
            .one_of(table, "precision", &precisions)
            .or(manner.precision);
        manner.ambiguous = self.one_of(table, "ambiguous", &sides).or(manner.ambiguous);
        manner.shift |= self
            .one_of(table, "nonexistent", &[("shift", ())])
            .is_some();
        manner.midnight = self
            .one_of(table, "midnight", &midnights)
            .or(manner.midnight);
        manner
    }

    fn one_of<T: Copy>(&self, table: &Table, key: &str, words: &[(&str, T)]) -> Option<T> {
        let (line, text) = table.text(key, self.problems)?;
        let found = words
            .iter()
            .find(|(word, _)| *word == text)
            .map(|(_, value)| *value);
        if found.is_none() {
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.problems.add(
                line,
                format!("\"{key}\" must be one of {}", words.join(", ")),
            );
        }
        found
    }

    /// Tells a problem.
    pub(super) fn wrong<T>(&self, line: usize, message: &str) -> Option<T> {
        self.problems.add(line, message);
        None
    }
}

/// How "there is none" is written for a shape.
fn none_of(shape: &Shape) -> Option<Json> {
    match shape {
        Shape::Text => Some(Json::from("")),
        Shape::Bool => Some(Json::from(false)),
        Shape::List(_) => Some(Json::Array(Vec::new())),
        _ => None,
    }
}
