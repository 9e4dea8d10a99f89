//! The texts that rows and rules cite, and how far a citation can be trusted. Start at [`Source`].

use std::collections::BTreeMap;

use super::problem::{Problems, Text};
use super::row::{Row, toml_rows};
use super::window::Window;
use crate::domain::LondonDay;

/// How well a statement is known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Confidence {
    /// From memory, or a choice of ours: verify before anybody is held to it.
    Low,
    /// From a secondary source, an excerpt or a summary.
    Medium,
    /// Read first-hand in the edition named.
    High,
}

const GRADES: &[(&str, Confidence)] = &[
    ("H", Confidence::High),
    ("M", Confidence::Medium),
    ("L", Confidence::Low),
];

/// One text that is cited.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    /// The key by which rows and rules name it.
    pub key: String,
    /// Its title.
    pub title: String,
    /// Who published it.
    pub publisher: String,
    /// Which edition was read, where it says.
    pub edition: Option<String>,
    /// The day it is dated or came into force, where known.
    pub date: Option<LondonDay>,
    /// Where it was read or is to be found.
    pub place: String,
    /// The first 16 hexadecimal digits of the SHA-256 of the file that was read.
    pub sha256: Option<String>,
    /// How it was read.
    pub confidence: Confidence,
    /// What a reader must know before relying on it.
    pub note: Option<String>,
}

/// Where a row has it from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Citation {
    /// The key of the source.
    pub source: String,
    /// The place in it: a page, a Right, a sheet.
    pub place: String,
    /// How well this statement is known.
    pub confidence: Confidence,
}

/// A reading in progress: the sources that may be cited, what was read so far, what is wrong.
#[derive(Default)]
pub(super) struct Reading {
    pub(super) sources: BTreeMap<String, Source>,
    pub(super) problems: Problems,
    seen: BTreeMap<(&'static str, String), Vec<Seen>>,
}

/// A row that was read: when it holds and where it stands.
struct Seen {
    window: Window,
    file: String,
    line: usize,
}

impl Reading {
    /// Reads one text of sources.
    pub(super) fn admit_sources(&mut self, text: &Text) {
        const COLUMNS: &[&str] = &[
            "title",
            "publisher",
            "edition",
            "date",
            "where",
            "sha256",
            "confidence",
            "note",
        ];
        for (key, row) in toml_rows(text, &[("*", COLUMNS)], &mut self.problems) {
            self.is_new("source", &key, Window::ALWAYS, &row);
            if let Some(source) = source(&row, &mut self.problems) {
                self.sources.insert(key, source);
            }
        }
    }

    /// Notes a row under its key: a second one whose window shares a day with it is a problem.
    pub(super) fn is_new(&mut self, table: &'static str, key: &str, window: Window, row: &Row) {
        let rows = self.seen.entry((table, key.to_owned())).or_default();
        if let Some(first) = rows.iter().find(|seen| seen.window.overlaps(&window)) {
            let at = format!("{}:{}", first.file, first.line);
            let fault = if window == Window::ALWAYS {
                format!("the {table} `{key}` stands twice, first at {at}")
            } else {
                let other = first.window;
                format!("the {table} `{key}` ({window}) overlaps the row at {at} ({other})")
            };
            row.wrong(&mut self.problems, fault);
        }
        rows.push(Seen {
            window,
            file: row.file.clone(),
            line: row.line,
        });
    }

    /// The citation of a row of a table: source, place and confidence must be given.
    pub(super) fn citation(&mut self, row: &Row) -> Option<Citation> {
        let confidence = row.choice("confidence", GRADES, &mut self.problems);
        let (source, place) = self.cited(row)?;
        Some(Citation {
            source,
            place,
            confidence: confidence?,
        })
    }

    /// The citation of a setting of a profile: as well known as its source.
    pub(super) fn citation_of_setting(&mut self, row: &Row) -> Option<Citation> {
        let (source, place) = self.cited(row)?;
        let confidence = self.sources.get(&source)?.confidence;
        Some(Citation {
            source,
            place,
            confidence,
        })
    }

    fn cited(&mut self, row: &Row) -> Option<(String, String)> {
        let place = row.text("place", &mut self.problems).map(str::to_owned);
        let key = row.text("source", &mut self.problems)?.to_owned();
        if !self.sources.contains_key(&key) {
            let fault = format!("`source` is `{key}`: expected a key of sources.toml");
            row.wrong(&mut self.problems, fault);
            return None;
        }
        Some((key, place?))
    }
}

fn source(row: &Row, problems: &mut Problems) -> Option<Source> {
    let owned = |text: &str| text.to_owned();
    let title = row.text("title", problems).map(owned);
    let publisher = row.text("publisher", problems).map(owned);
    let place = row.text("where", problems).map(owned);
    let date = row.optional_day("date", problems);
    let confidence = row.choice("confidence", GRADES, problems);
    let sha256 = row.optional("sha256").map(owned);
    if let Some(digits) = &sha256
        && (digits.len() != 16 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
    {
        let fault = format!("`sha256` is `{digits}`: expected 16 hexadecimal digits");
        row.wrong(problems, fault);
    }
    Some(Source {
        key: row.optional("key")?.to_owned(),
        title: title?,
        publisher: publisher?,
        edition: row.optional("edition").map(owned),
        date,
        place: place?,
        sha256,
        confidence: confidence?,
        note: row.optional("note").map(owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::Library;

    #[test]
    fn the_shipped_sources_are_found_by_key() {
        let library = Library::shipped("national").unwrap_or_else(|problems| panic!("{problems}"));
        let rules = library
            .source("crr-2026")
            .expect("the recording rules are a source");
        assert_eq!(rules.sha256.as_deref(), Some("4c66ad66cbc809ec"));
        assert_eq!(rules.confidence, Confidence::High);
        assert!(library.source("no-such-text").is_none());
        assert!(library.sources().count() >= 30);
    }

    #[test]
    fn every_fault_of_the_sources_is_told_with_its_line() {
        let mut reading = Reading::default();
        reading.admit_sources(&Text {
            name: "sources.toml".into(),
            body: "[one]\ntitle = \"One\"\npublisher = \"x\"\nwhere = \"x\"\nconfidence = \"Z\"\n\
                   sha256 = \"12\"\n[two]\ncolour = \"red\"\ndate = \"2026-13-01\"\nconfidence = \"H\"\n\
                   where = \"x\"\npublisher = \"x\"\n"
                .into(),
        });
        assert_eq!(
            reading.problems.to_string(),
            "sources.toml:8: unknown key `colour`: expected title, publisher, edition, date, \
             where, sha256, confidence, note\n\
             sources.toml:1: `confidence` is `Z`: expected one of H, M, L\n\
             sources.toml:1: `sha256` is `12`: expected 16 hexadecimal digits\n\
             sources.toml:7: `title` is missing: expected a text\n\
             sources.toml:7: `date` is `2026-13-01`: expected a day such as 2026-04-01"
        );
    }

    #[test]
    fn a_text_that_is_no_toml_is_told_with_its_line() {
        let mut reading = Reading::default();
        reading.admit_sources(&Text {
            name: "sources.toml".into(),
            body: "[one]\ntitle = \"One\"\n[one]\ntitle = \"Two\"\n".into(),
        });
        let told = reading.problems.to_string();
        assert!(
            told.starts_with("sources.toml:3: unreadable as TOML:"),
            "{told}"
        );
    }
}
