//! A CSV file, row by row, through one mapping. Every row of the file comes out exactly once, as a
//! record, set aside, or as a problem with its bytes unchanged; a bad row never stops the next one.
//! Never holds more than one row. Start at [`Rows`].

use std::io::{self, Read};

use encoding_rs::{Encoding, UTF_8};

use super::mapping::Mapping;
use super::problem::{CannotOpen, Reason, RowProblem};
use super::raw_row::{Fault, RawRow};
use super::record::{Line, RowOutcome, outcome};
use super::split::Splitter;

const UTF_8_MARK: &[u8] = b"\xef\xbb\xbf";

/// One row of a file and what became of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// The line it begins on, counted from one; the header is on the first.
    pub line: u64,
    /// The offset of its first byte in the file.
    pub offset: u64,
    /// Its bytes as they stand in the file, without the end of the line.
    pub raw: Vec<u8>,
    /// What became of it.
    pub outcome: RowOutcome,
}

/// The rows of a file that one mapping reads.
pub struct Rows<'m, R> {
    mapping: &'m Mapping,
    splitter: Splitter<R>,
    encoding: &'static Encoding,
    header: Vec<String>,
    places: Vec<usize>,
}

impl<'m, R: Read> Rows<'m, R> {
    /// Opens a file that is known to be this mapping's.
    pub fn open(mapping: &'m Mapping, stream: R) -> Result<Rows<'m, R>, CannotOpen> {
        let (splitter, marked) = begin(stream)?;
        Rows::after_mark(mapping, splitter, marked)
    }

    /// Opens a file of which only the byte order mark has been read.
    pub(super) fn after_mark(
        mapping: &'m Mapping,
        mut splitter: Splitter<R>,
        marked: bool,
    ) -> Result<Rows<'m, R>, CannotOpen> {
        // A mark says what the bytes are, whatever the mapping expects.
        let encoding = if marked { UTF_8 } else { mapping.encoding };
        let row = splitter.next_row(mapping.marks)?.ok_or(CannotOpen::Empty)?;
        let header = header(&row, encoding)?;
        let twice = twice(&header);
        if !twice.is_empty() {
            return Err(CannotOpen::DuplicateColumns(twice));
        }
        let missing = mapping.missing_from(&header);
        if !missing.is_empty() {
            return Err(CannotOpen::MissingColumns {
                mapping: mapping.file().to_owned(),
                columns: missing,
            });
        }
        let place = |name: &str| header.iter().position(|column| column == name);
        let places = mapping.columns().filter_map(place).collect();
        Ok(Rows {
            mapping,
            splitter,
            encoding,
            header,
            places,
        })
    }

    /// The mapping that reads it.
    pub fn mapping(&self) -> &'m Mapping {
        self.mapping
    }

    /// The columns of the file, in its order.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// The columns of the file that the mapping does not expect: kept out, and worth a word.
    pub fn unexpected_columns(&self) -> impl Iterator<Item = &str> {
        let known = |name: &&String| !self.mapping.columns().any(|column| column == name.as_str());
        self.header.iter().filter(known).map(String::as_str)
    }

    fn outcome(&self, row: &RawRow) -> RowOutcome {
        if let Some(fault) = row.fault {
            return RowOutcome::Problem(vec![faulty(fault)]);
        }
        if row.len() != self.header.len() {
            return RowOutcome::Problem(vec![self.ragged(row)]);
        }
        let line = Line {
            row,
            places: &self.places,
            encoding: self.encoding,
        };
        outcome(self.mapping, &line)
    }

    fn ragged(&self, row: &RawRow) -> RowProblem {
        let few = row.len() < self.header.len();
        let advice = if few {
            "the row is torn, or a line break inside a cell is not quoted; export the file again"
        } else {
            "a delimiter inside a cell is not quoted, or the row has a trailing one; export the \
             file again with quotes"
        };
        RowProblem {
            reason: Reason::RaggedRow,
            column: String::new(),
            field: String::new(),
            expected: format!("{} cells, as in the header", self.header.len()),
            found: row.len().to_string(),
            advice: advice.to_owned(),
        }
    }
}

impl<R: Read> Iterator for Rows<'_, R> {
    type Item = io::Result<Row>;

    fn next(&mut self) -> Option<io::Result<Row>> {
        let raw = match self.splitter.next_row(self.mapping.marks) {
            Ok(raw) => raw?,
            Err(error) => return Some(Err(error)),
        };
        let outcome = self.outcome(&raw);
        Some(Ok(Row {
            line: raw.line,
            offset: raw.offset,
            raw: raw.bytes,
            outcome,
        }))
    }
}

/// Starts a file: takes a byte order mark away, and says whether there was one.
pub(super) fn begin<R: Read>(stream: R) -> Result<(Splitter<R>, bool), CannotOpen> {
    let mut splitter = Splitter::new(stream);
    for mark in [b"\xff\xfe", b"\xfe\xff"] {
        if splitter.begins_with(mark)? {
            return Err(CannotOpen::Encoding {
                expected: "UTF-8, but UTF-16".to_owned(),
                advice: "export the file as UTF-8".to_owned(),
            });
        }
    }
    let marked = splitter.skip(UTF_8_MARK)?;
    Ok((splitter, marked))
}

/// The names of the columns.
pub(super) fn header(row: &RawRow, encoding: &'static Encoding) -> Result<Vec<String>, CannotOpen> {
    if row.fault.is_some() {
        return Err(CannotOpen::BadHeader);
    }
    let names = (0..row.len()).map(|at| {
        let bytes = row.cell(at);
        let text = encoding.decode_without_bom_handling_and_without_replacement(&bytes);
        // A zero byte is what UTF-16 without a mark looks like.
        text.filter(|text| !text.contains('\0'))
            .map(|text| text.trim().to_owned())
    });
    names
        .collect::<Option<Vec<String>>>()
        .ok_or_else(|| CannotOpen::Encoding {
            expected: encoding.name().to_owned(),
            advice: "say the encoding of the file in the mapping, or export it as UTF-8".to_owned(),
        })
}

fn twice(header: &[String]) -> Vec<String> {
    let mut twice: Vec<String> = Vec::new();
    for (place, name) in header.iter().enumerate() {
        if header[..place].contains(name) && !twice.contains(name) {
            twice.push(name.clone());
        }
    }
    twice
}

fn faulty(fault: Fault) -> RowProblem {
    let (expected, found, advice) = match fault {
        Fault::TextAfterQuote => (
            "a delimiter or the end of the line after a closing quote",
            "more text",
            "double the quotes inside a quoted cell, and look for a quote that is not closed",
        ),
        Fault::NeverClosed => (
            "a closing quote",
            "none before the end of the file or of the longest row",
            "close the quote, or export the file again: its end may be torn off",
        ),
        Fault::TooLong => (
            "a line of at most one mebibyte",
            "a piece of a longer one",
            "look for missing line ends, or for a quote that is not closed",
        ),
    };
    RowProblem {
        reason: Reason::BadCsv,
        column: String::new(),
        field: String::new(),
        expected: expected.to_owned(),
        found: found.to_owned(),
        advice: advice.to_owned(),
    }
}
