//! What every part of the configuration is read from: the file with its lines, the environment that
//! goes before it, and the list of problems. Never decides what a setting means.
//! Start at [`Section`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::secret::Secret;
use crate::wire::csv::nearest;

/// As many bytes as the hash gives; a shorter key could be found by trying.
pub(super) const KEY_BYTES: usize = 32;

/// What the names of variables begin with.
pub(super) const PREFIX: &str = "TRUECOUNT_";

/// Where a value stands, for a message.
#[derive(Clone, Debug)]
pub(super) enum At {
    /// A line of the file.
    Line(usize),
    /// A variable of the environment.
    Variable(String),
}

/// A value with its place.
#[derive(Clone, Debug)]
pub(super) struct Found<T> {
    pub(super) value: T,
    pub(super) at: At,
}

/// The file, the environment, and what is wrong so far.
pub(super) struct Ground<'a> {
    file: &'a str,
    text: &'a str,
    environment: &'a BTreeMap<String, String>,
    heard: BTreeSet<String>,
    problems: Vec<(usize, String)>,
    warnings: Vec<(usize, String)>,
    asked: BTreeSet<String>,
}

/// What a reading comes to.
pub(super) struct Outcome {
    pub(super) problems: Vec<String>,
    pub(super) warnings: Vec<String>,
    /// Every setting that was asked for, so that a test can hold the shipped file against it.
    #[cfg_attr(
        not(test),
        allow(dead_code, reason = "the shipped file is held against it")
    )]
    pub(super) asked: BTreeSet<String>,
}

impl<'a> Ground<'a> {
    pub(super) fn new(
        file: &'a str,
        text: &'a str,
        environment: &'a BTreeMap<String, String>,
    ) -> Ground<'a> {
        Ground {
            file,
            text,
            environment,
            heard: BTreeSet::new(),
            problems: Vec::new(),
            warnings: Vec::new(),
            asked: BTreeSet::new(),
        }
    }

    pub(super) fn file(&self) -> &'a str {
        self.file
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    pub(super) fn line(&self, at: usize) -> usize {
        self.text[..at.min(self.text.len())].matches('\n').count() + 1
    }

    pub(super) fn line_of<T>(&self, spanned: &Spanned<T>) -> usize {
        self.line(spanned.span().start)
    }

    /// Notes a problem of a setting.
    pub(super) fn wrong(&mut self, at: &At, setting: impl Display, what: impl Display) {
        let problem = self.placed(at, setting, what);
        self.problems.push(problem);
    }

    /// Notes what is allowed and looks like a slip.
    pub(super) fn odd(&mut self, at: &At, setting: impl Display, what: impl Display) {
        let warning = self.placed(at, setting, what);
        self.warnings.push(warning);
    }

    /// Takes problems that another reading has worded, each with its file and line.
    pub(super) fn also(&mut self, problems: Vec<String>) {
        let after = self.file.len() + 1;
        for problem in problems {
            let digits = problem.get(after..).and_then(|rest| rest.split(':').next());
            let line = digits.and_then(|digits| digits.parse().ok()).unwrap_or(0);
            self.problems.push((line, problem));
        }
    }

    fn placed(&self, at: &At, setting: impl Display, what: impl Display) -> (usize, String) {
        match at {
            At::Line(line) => (*line, format!("{}:{line}: `{setting}`: {what}", self.file)),
            At::Variable(name) => (0, format!("environment: {name}: {what}")),
        }
    }

    pub(super) fn hear(&mut self, name: &str) -> Option<&'a str> {
        self.heard.insert(name.to_owned());
        let value = self.environment.get(name)?;
        // An empty variable is one that a deployment left unset.
        (!value.is_empty()).then_some(value.as_str())
    }

    /// The variables that begin so and have a value.
    pub(super) fn variables(&self, beginning: &str) -> Vec<&'a str> {
        let named = self
            .environment
            .iter()
            .filter(|(_, value)| !value.is_empty());
        named
            .map(|(name, _)| name.as_str())
            .filter(|name| name.starts_with(beginning))
            .collect()
    }

    /// Ends the reading: variables that nothing heard are slips.
    pub(super) fn finish(mut self) -> Outcome {
        for name in self.variables(PREFIX) {
            if name.contains("__") && !self.heard.contains(name) {
                let known = self.heard.iter().map(String::as_str);
                let meant = suggestion(nearest(name, known));
                let problem = format!("environment: {name}: names no setting{meant}");
                self.problems.push((0, problem));
            }
        }
        self.problems.sort();
        self.problems.dedup();
        self.warnings.sort();
        let texts = |list: Vec<(usize, String)>| list.into_iter().map(|(_, text)| text).collect();
        Outcome {
            problems: texts(self.problems),
            warnings: texts(self.warnings),
            asked: self.asked,
        }
    }
}

/// The end of a message that knows what may have been meant.
pub(super) fn suggestion(word: Option<&str>) -> String {
    word.map_or_else(String::new, |word| format!("; did you mean {word}?"))
}

/// One table of the file, read key by key; what is left over when it is closed is a slip.
pub(super) struct Section<'a> {
    path: String,
    table: Option<&'a DeTable<'a>>,
    line: usize,
    /// The beginning of its variables; none for tables that stand in lists.
    variable: Option<String>,
    known: Vec<&'static str>,
}

impl<'a> Section<'a> {
    /// The whole file.
    pub(super) fn root(table: &'a DeTable<'a>) -> Section<'a> {
        Section {
            path: String::new(),
            table: Some(table),
            line: 1,
            variable: Some(PREFIX.to_owned()),
            known: Vec::new(),
        }
    }

    /// A table of a list.
    pub(super) fn listed(path: &str, table: &'a DeTable<'a>, line: usize) -> Section<'a> {
        Section {
            path: path.to_owned(),
            table: Some(table),
            line,
            variable: None,
            known: Vec::new(),
        }
    }

    /// Where the table begins.
    pub(super) fn at(&self) -> At {
        At::Line(self.line)
    }

    pub(super) fn table(&self) -> Option<&'a DeTable<'a>> {
        self.table
    }

    /// The full name of one of its settings.
    pub(super) fn named(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    /// The variable that goes before one of its settings.
    pub(super) fn variable(&self, key: &str) -> Option<String> {
        let name = key.replace('.', "_").to_uppercase();
        Some(format!("{}{name}", self.variable.as_ref()?))
    }

    /// A table inside it, there or not.
    pub(super) fn inner(&mut self, ground: &mut Ground<'a>, key: &'static str) -> Section<'a> {
        let path = self.named(key);
        let (table, line) = match self.raw(key) {
            None => (None, self.line),
            Some(value) => {
                let line = ground.line_of(value);
                if value.get_ref().as_table().is_none() {
                    let what = format!("is a table: write [{path}]");
                    ground.wrong(&At::Line(line), &path, what);
                }
                (value.get_ref().as_table(), line)
            }
        };
        Section {
            path,
            table,
            line,
            variable: self.variable(key).map(|name| format!("{name}__")),
            known: Vec::new(),
        }
    }

    /// A table inside it, if the file has it or a variable speaks of it.
    pub(super) fn optional(
        &mut self,
        ground: &mut Ground<'a>,
        key: &'static str,
    ) -> Option<Section<'a>> {
        let inner = self.inner(ground, key);
        let spoken = inner.variable.as_ref();
        let is_spoken = spoken.is_some_and(|name| !ground.variables(name).is_empty());
        (inner.table.is_some() || is_spoken).then_some(inner)
    }

    /// The tables of a list inside it.
    pub(super) fn list(&mut self, ground: &mut Ground<'a>, key: &'static str) -> Vec<Section<'a>> {
        let path = self.named(key);
        let Some(value) = self.raw(key) else {
            return Vec::new();
        };
        let tables = value.get_ref().as_array().map(|list| {
            let tables = list.iter().filter_map(|one| {
                Some(Section::listed(
                    &path,
                    one.get_ref().as_table()?,
                    ground.line_of(one),
                ))
            });
            (list.len(), tables.collect::<Vec<_>>())
        });
        match tables {
            Some((all, tables)) if all == tables.len() => tables,
            _ => {
                let at = At::Line(ground.line_of(value));
                ground.wrong(&at, &path, format!("is a list of tables: write [[{path}]]"));
                Vec::new()
            }
        }
    }

    /// The value of a key as the file has it.
    pub(super) fn raw(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.known.push(key);
        self.table?.get(key)
    }

    /// A text.
    pub(super) fn text(
        &mut self,
        ground: &mut Ground<'a>,
        key: &'static str,
    ) -> Option<Found<String>> {
        self.scalar(ground, key, "a text in quotes", |value| match value {
            DeValue::String(text) => Some(text.to_string()),
            _ => None,
        })
    }

    /// A text that has to be there.
    pub(super) fn needed(
        &mut self,
        ground: &mut Ground<'a>,
        key: &'static str,
        because: &str,
    ) -> Option<Found<String>> {
        let found = self.text(ground, key);
        let is_wrong = self.table.is_some_and(|table| table.contains_key(key));
        if found.is_none() && !is_wrong {
            ground.wrong(
                &self.at(),
                self.named(key),
                format!("is missing: {because}"),
            );
        }
        found
    }

    /// A whole number of a range.
    pub(super) fn number<N>(
        &mut self,
        ground: &mut Ground<'a>,
        key: &'static str,
        default: N,
        range: RangeInclusive<i64>,
    ) -> N
    where
        N: TryFrom<i64>,
    {
        let found = self.scalar(ground, key, "a whole number", |value| match value {
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        });
        let Some(found) = found else { return default };
        let fits = range
            .contains(&found.value)
            .then(|| N::try_from(found.value).ok())
            .flatten();
        fits.unwrap_or_else(|| {
            let (least, most) = (range.start(), range.end());
            let what = format!("{} is not between {least} and {most}", found.value);
            ground.wrong(&found.at, self.named(key), what);
            default
        })
    }

    /// Yes or no.
    pub(super) fn flag(
        &mut self,
        ground: &mut Ground<'a>,
        key: &'static str,
        default: bool,
    ) -> bool {
        let found = self.scalar(ground, key, "true or false", |value| value.as_bool());
        found.map_or(default, |found| found.value)
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(
        &mut self,
        ground: &mut Ground<'a>,
        key: &'static str,
        default: T,
        words: &[(&str, T)],
    ) -> T {
        let Some(found) = self.text(ground, key) else {
            return default;
        };
        let chosen = words.iter().find(|(word, _)| *word == found.value);
        chosen.map_or_else(
            || {
                let all: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
                let what = format!("`{}` is not one of {}", found.value, all.join(", "));
                ground.wrong(&found.at, self.named(key), what);
                default
            },
            |(_, value)| *value,
        )
    }

    /// What a text says in its own grammar.
    pub(super) fn parsed<T: FromStr>(
        &mut self,
        ground: &mut Ground<'a>,
        key: &'static str,
        expected: &str,
    ) -> Option<T> {
        let found = self.text(ground, key)?;
        let parsed = found.value.parse().ok();
        if parsed.is_none() {
            let what = format!("`{}` is not {expected}", found.value);
            ground.wrong(&found.at, self.named(key), what);
        }
        parsed
    }

    /// A list of texts.
    pub(super) fn texts(
        &mut self,
        ground: &mut Ground<'a>,
        key: &'static str,
    ) -> Vec<Found<String>> {
        ground.asked.insert(self.named(key));
        let Some(value) = self.raw(key) else {
            return Vec::new();
        };
        let list = value.get_ref().as_array().map(|list| {
            let texts = list.iter().filter_map(|one| {
                let at = At::Line(ground.line_of(one));
                let value = one.get_ref().as_str()?.to_owned();
                Some(Found { value, at })
            });
            (list.len(), texts.collect::<Vec<_>>())
        });
        match list {
            Some((all, texts)) if all == texts.len() => texts,
            _ => {
                let at = At::Line(ground.line_of(value));
                ground.wrong(
                    &at,
                    self.named(key),
                    "is a list of texts: [\"one\", \"two\"]",
                );
                Vec::new()
            }
        }
    }

    /// Says what is wrong with the key of this table, which stands in `key_file`: it is missing, or so
    /// short that it could be found by trying.
    pub(super) fn check_key(
        &mut self,
        ground: &mut Ground<'a>,
        key: Option<&Found<Secret>>,
        missing: &str,
    ) {
        match key {
            None if self.raw("key_file").is_none() && self.raw("key").is_none() => {
                ground.wrong(&self.at(), self.named("key_file"), missing);
            }
            Some(key) if key.value.expose().len() < KEY_BYTES => {
                let what = format!(
                    "the key is shorter than {KEY_BYTES} bytes: make one with `openssl rand -hex 32`"
                );
                ground.wrong(&key.at, self.named("key_file"), what);
            }
            _ => {}
        }
    }

    /// A secret: from the file that a setting names, or from the environment. Never from this file.
    pub(super) fn secret(
        &mut self,
        ground: &mut Ground<'a>,
        key: &'static str,
        file_key: &'static str,
    ) -> Option<Found<Secret>> {
        if let Some(value) = self.raw(key) {
            let variable = self.variable(key).unwrap_or_default();
            let at = At::Line(ground.line_of(value));
            let what = format!(
                "a secret does not stand in this file: put it into a file of its own and name that in {file_key}, or set {variable}"
            );
            ground.wrong(&at, self.named(key), what);
        }
        let variable = self.variable(key);
        let said = variable.and_then(|name| Some((ground.hear(&name)?.to_owned(), name)));
        let path = self.text(ground, file_key);
        match (said, path) {
            (Some((value, name)), path) => {
                if let Some(Found {
                    at: At::Variable(other),
                    ..
                }) = path
                {
                    let what = format!("is set beside {other}: leave one of them out");
                    ground.wrong(&At::Variable(name.clone()), file_key, what);
                }
                Some(Found {
                    value: Secret::of(value),
                    at: At::Variable(name),
                })
            }
            (None, Some(path)) => self.read_secret(ground, file_key, path),
            (None, None) => None,
        }
    }

    fn read_secret(
        &self,
        ground: &mut Ground<'a>,
        file_key: &str,
        path: Found<String>,
    ) -> Option<Found<Secret>> {
        match std::fs::read_to_string(&path.value) {
            Ok(text) => {
                let text = text.trim_end_matches(['\r', '\n']);
                if text.is_empty() {
                    ground.wrong(&path.at, self.named(file_key), "names an empty file");
                    return None;
                }
                Some(Found {
                    value: Secret::of(text),
                    at: path.at,
                })
            }
            Err(fault) => {
                // Who writes the secret itself here by mistake does not find it in a log.
                let what = format!("names a file that cannot be read: {fault}");
                ground.wrong(&path.at, self.named(file_key), what);
                None
            }
        }
    }

    /// A value of one kind: the variable's, or else the file's.
    fn scalar<T>(
        &mut self,
        ground: &mut Ground<'a>,
        key: &'static str,
        expected: &str,
        read: impl Fn(&DeValue<'_>) -> Option<T>,
    ) -> Option<Found<T>> {
        ground.asked.insert(self.named(key));
        let in_file = self.raw(key);
        let variable = self.variable(key);
        let said = variable.and_then(|name| Some((ground.hear(&name)?, name)));
        if let Some((text, name)) = said {
            let at = At::Variable(name);
            let value = read_variable(text, &read);
            if value.is_none() {
                ground.wrong(&at, key, format!("is not {expected}"));
            }
            return value.map(|value| Found { value, at });
        }
        let spanned = in_file?;
        let at = At::Line(ground.line_of(spanned));
        let value = read(spanned.get_ref());
        if value.is_none() {
            let kind = spanned.get_ref().type_str();
            ground.wrong(
                &at,
                self.named(key),
                format!("is {expected}, not of type {kind}"),
            );
        }
        value.map(|value| Found { value, at })
    }

    /// Ends the table: a key that nothing asked for is a slip.
    pub(super) fn close(self, ground: &mut Ground<'a>) {
        let Some(table) = self.table else { return };
        for key in table.keys() {
            let name = key.get_ref().as_ref();
            if !self.known.contains(&name) {
                let meant = suggestion(nearest(name, self.known.iter().copied()));
                let at = At::Line(ground.line_of(key));
                ground.wrong(&at, self.named(name), format!("is no setting{meant}"));
            }
        }
    }
}

/// A variable as TOML would have it: a number or a flag where it reads as one and one is wanted,
/// else a text.
fn read_variable<T>(text: &str, read: &impl Fn(&DeValue<'_>) -> Option<T>) -> Option<T> {
    let plain = read(&DeValue::String(text.into()));
    plain.or_else(|| read(DeValue::parse(text.trim()).ok()?.get_ref()))
}
