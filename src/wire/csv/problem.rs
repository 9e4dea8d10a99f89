//! What can be wrong with a row, with a mapping file, and with opening a file at all, each with the
//! place and with what to do. Only describes; who stops or goes on is decided by the caller.
//! Start at [`RowProblem`].

use std::fmt;

/// The kind of a row's problem; the word is part of what quarantine publishes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Reason {
    /// The file lacks a column the mapping needs.
    MissingColumn,
    /// A cell does not hold what the field needs.
    UnreadableValue,
    /// A local time that the clocks showed twice.
    AmbiguousLocalTime,
    /// A local time that the clocks left out.
    ImpossibleLocalTime,
    /// A row with more or fewer cells than the header.
    RaggedRow,
    /// A row whose quotes do not close, or that never ends.
    BadCsv,
}

impl Reason {
    /// The word as it is published.
    pub const fn as_str(self) -> &'static str {
        match self {
            Reason::MissingColumn => "missing_column",
            Reason::UnreadableValue => "unreadable_value",
            Reason::AmbiguousLocalTime => "ambiguous_local_time",
            Reason::ImpossibleLocalTime => "impossible_local_time",
            Reason::RaggedRow => "ragged_row",
            Reason::BadCsv => "bad_csv",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// Why a row could not become a record: one entry for each cell that stands in the way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowProblem {
    /// The kind of problem.
    pub reason: Reason,
    /// The column, or the columns, it was read from; empty if it concerns the whole row.
    pub column: String,
    /// The field it was meant for; empty if it concerns the whole row.
    pub field: String,
    /// What the field needs.
    pub expected: String,
    /// What the cell holds, as it stands; cut where it is long. May hold personal data.
    pub found: String,
    /// What the data engineer can do.
    pub advice: String,
}

impl fmt::Display for RowProblem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: ", self.reason)?;
        if !self.field.is_empty() {
            write!(out, "{} from \"{}\": ", self.field, self.column)?;
        }
        write!(
            out,
            "expected {}, found {}; {}",
            self.expected, self.found, self.advice
        )
    }
}

/// A cell as a message shows it: quoted, and cut after sixty characters.
pub(super) fn shown(text: &str) -> String {
    const LETTERS_MAX: usize = 60;
    match text.char_indices().nth(LETTERS_MAX) {
        Some((at, _)) => format!("\"{}…\"", &text[..at]),
        None => format!("\"{text}\""),
    }
}

/// One thing that is wrong with a mapping file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct MappingProblem {
    /// The name of the file.
    pub file: String,
    /// The line, counted from one.
    pub line: usize,
    /// What is wrong and what to write.
    pub message: String,
}

impl fmt::Display for MappingProblem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// Why a CSV file cannot be read at all. Found before the first row is given out.
#[derive(Debug, thiserror::Error)]
pub enum CannotOpen {
    /// The bytes could not be read.
    #[error("cannot read the file: {0}")]
    Read(#[from] std::io::Error),
    /// There is no header.
    #[error("the file is empty; expected a header row that names the columns")]
    Empty,
    /// The header is not written in the encoding that was declared.
    #[error("the header is not {expected}; {advice}")]
    Encoding {
        /// The encoding that was expected.
        expected: String,
        /// What to do.
        advice: String,
    },
    /// The header's quotes do not close.
    #[error("the header row cannot be read as CSV; look for a quote that is not closed in line 1")]
    BadHeader,
    /// Two columns have one name, so a name does not say which is meant.
    #[error("the header names these columns more than once: {}; rename all but one of each", .0.join(", "))]
    DuplicateColumns(Vec<String>),
    /// The mapping needs columns that the file does not have.
    #[error("the file lacks columns that the mapping expects: {}", missing(.mapping, .columns))]
    MissingColumns {
        /// The mapping file.
        mapping: String,
        /// The columns, and the line of the mapping file that expects each.
        columns: Vec<(String, usize)>,
    },
    /// No mapping expects such a file.
    #[error("no mapping fits this header{}; write a mapping (docs/mappings.md) and name it with --mapping, or name the columns as one expects them", closest(.nearest))]
    NoMapping {
        /// The mapping that expects the fewest columns more, and those columns with their lines.
        nearest: Option<(String, Vec<(String, usize)>)>,
    },
    /// More than one mapping expects such a file.
    #[error("{} mappings fit this header: {}; name the one to use with --mapping", .0.len(), .0.join(", "))]
    SeveralMappings(Vec<String>),
}

fn missing(mapping: &str, columns: &[(String, usize)]) -> String {
    let places: Vec<String> = columns
        .iter()
        .map(|(name, line)| format!("\"{name}\" ({mapping}:{line})"))
        .collect();
    places.join(", ")
}

fn closest(nearest: &Option<(String, Vec<(String, usize)>)>) -> String {
    nearest
        .as_ref()
        .map_or(String::new(), |(mapping, columns)| {
            format!(
                ": nearest is {mapping}, but the file lacks {}",
                missing(mapping, columns)
            )
        })
}
