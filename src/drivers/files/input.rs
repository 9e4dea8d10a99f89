//! One file as a run of records: JSON lines, or CSV through the mapping that fits its header. Every
//! record of the file comes out once, read or refused, with its bytes. Start at [`Input`].

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::domain::records::{Record, Unread};
use crate::domain::refusal::{class_of, pattern_of};
use crate::domain::{Glimpse, Problem, Reason, Refusal};
use crate::wire::csv::{self, Mapping, Mappings, RowOutcome, RowProblem, Rows};
use crate::wire::json::{self, Decoded};
use crate::wire::lines::{Lines, MAX_RECORD_BYTES};
use crate::wire::peek::{Peek, peek};

use super::CannotCheck;

/// One record of a file, or why there is none.
pub struct Item<'a> {
    /// The line it begins on, from 1.
    pub line: u64,
    /// The offset of its first byte.
    pub offset: u64,
    /// Its bytes, unchanged.
    pub bytes: Cow<'a, [u8]>,
    /// What became of it.
    pub taken: Taken,
}

/// What became of one record on its way in.
pub enum Taken {
    /// It could be read.
    Record(Box<Decoded>),
    /// It could not.
    Refused(Box<Refusal>),
    /// The mapping leaves it out, under this name.
    SetAside(String),
}

/// One file that is judged.
#[derive(Clone, Debug)]
pub struct Input {
    /// Where it is.
    pub path: PathBuf,
}

/// Counts the bytes that were read, for whoever shows progress.
pub type Progress<'a> = &'a AtomicU64;

impl Input {
    /// Its name, as it was given.
    pub fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// How many bytes it has.
    pub fn length(&self) -> u64 {
        std::fs::metadata(&self.path).map_or(0, |file| file.len())
    }

    fn is_csv(&self) -> bool {
        let extension = self
            .path
            .extension()
            .and_then(|extension| extension.to_str());
        extension.is_some_and(|extension| {
            extension.eq_ignore_ascii_case("csv") || extension.eq_ignore_ascii_case("tsv")
        })
    }

    /// Looks at the outside of every record: what is sent by whom.
    pub fn peek(
        &self,
        mappings: &Mappings,
        progress: Progress<'_>,
        mut see: impl FnMut(Peek, Option<&Mapping>),
    ) -> Result<(), CannotCheck> {
        if self.is_csv() {
            let rows = self.rows(mappings, progress)?;
            let mapping = rows.mapping();
            for row in rows {
                let row = row.map_err(|source| self.unreadable(source))?;
                if let RowOutcome::Record { value, .. } = row.outcome {
                    let bytes = serde_json::to_vec(&value).expect("a value can be written");
                    see(peek(&bytes).unwrap_or_default(), Some(mapping));
                }
            }
            return Ok(());
        }
        let mut lines = self.lines(progress)?;
        while let Some(line) = lines
            .next_line()
            .map_err(|source| self.unreadable(source))?
        {
            if let Some(peek) = peek(line.bytes) {
                see(peek, None);
            }
        }
        Ok(())
    }

    /// Reads every record. Returns how many blank lines were passed over.
    pub fn read(
        &self,
        mappings: &Mappings,
        progress: Progress<'_>,
        mut take: impl FnMut(Item<'_>) -> Result<(), CannotCheck>,
    ) -> Result<u64, CannotCheck> {
        if self.is_csv() {
            for row in self.rows(mappings, progress)? {
                let row = row.map_err(|source| self.unreadable(source))?;
                let taken = read_row(row.outcome);
                take(Item {
                    line: row.line,
                    offset: row.offset,
                    bytes: Cow::Owned(row.raw),
                    taken,
                })?;
            }
            return Ok(0);
        }
        let mut lines = self.lines(progress)?;
        while let Some(line) = lines
            .next_line()
            .map_err(|source| self.unreadable(source))?
        {
            let decoded = if line.oversize {
                Err(json::refuse_oversize(
                    line.bytes,
                    line.length,
                    MAX_RECORD_BYTES,
                ))
            } else {
                json::decode(line.bytes)
            };
            let taken = match decoded {
                Ok(decoded) => Taken::Record(Box::new(decoded)),
                Err(refusal) => Taken::Refused(Box::new(refusal)),
            };
            let bytes = Cow::Borrowed(line.bytes);
            take(Item {
                line: line.number,
                offset: line.offset,
                bytes,
                taken,
            })?;
        }
        Ok(lines.blank())
    }

    fn lines<'p>(
        &self,
        progress: Progress<'p>,
    ) -> Result<Lines<BufReader<Counting<'p>>>, CannotCheck> {
        Ok(Lines::new(
            BufReader::with_capacity(1 << 18, self.open(progress)?),
            MAX_RECORD_BYTES,
        ))
    }

    fn rows<'m, 'p>(
        &self,
        mappings: &'m Mappings,
        progress: Progress<'p>,
    ) -> Result<Rows<'m, Counting<'p>>, CannotCheck> {
        mappings
            .open(self.open(progress)?)
            .map_err(|fault| match fault {
                csv::CannotOpen::Read(source) => self.unreadable(source),
                fault => CannotCheck::Setup(vec![format!("{}: {fault}", self.name())]),
            })
    }

    fn open<'p>(&self, progress: Progress<'p>) -> Result<Counting<'p>, CannotCheck> {
        let file = File::open(&self.path).map_err(|source| self.unreadable(source))?;
        Ok(Counting { file, progress })
    }

    fn unreadable(&self, source: std::io::Error) -> CannotCheck {
        CannotCheck::Read {
            path: self.path.clone(),
            source,
        }
    }
}

impl From<&Path> for Input {
    fn from(path: &Path) -> Input {
        Input {
            path: path.to_owned(),
        }
    }
}

/// Counts what is read from a file.
struct Counting<'p> {
    file: File,
    progress: Progress<'p>,
}

impl Read for Counting<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.file.read(into)?;
        self.progress.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

fn read_row(outcome: RowOutcome) -> Taken {
    match outcome {
        RowOutcome::SetAside { name } => Taken::SetAside(name),
        RowOutcome::Problem(problems) => Taken::Refused(Box::new(refusal(problems))),
        RowOutcome::Record { value, unread } => match json::decode_tree(value) {
            Err(refusal) => Taken::Refused(Box::new(refusal)),
            Ok(mut decoded) => {
                let unread = unread.into_iter().map(|(path, value)| Unread {
                    path: path.into(),
                    value: value.into(),
                });
                match &mut decoded.record {
                    Record::Incident(record) => record.unread.extend(unread),
                    Record::Crime(record) => record.unread.extend(unread),
                    Record::Heartbeat(_) | Record::Decision(_) => {}
                }
                Taken::Record(Box::new(decoded))
            }
        },
    }
}

/// A row's problems as a refusal; what a cell holds is masked, since it may be personal.
fn refusal(problems: Vec<RowProblem>) -> Refusal {
    let reason = problems
        .first()
        .map_or(Reason::UnreadableRow, |problem| reason_of(problem.reason));
    let problems = problems.into_iter().map(|problem| {
        let found = match problem.reason {
            csv::Reason::UnreadableValue => class_of(&problem.found),
            csv::Reason::AmbiguousLocalTime | csv::Reason::ImpossibleLocalTime => {
                pattern_of(&problem.found)
            }
            _ => problem.found,
        };
        let field = match (problem.field.is_empty(), problem.column.is_empty()) {
            (true, true) => String::new(),
            (true, false) => format!("column {}", problem.column),
            (false, _) => format!("{} from column {}", problem.field, problem.column),
        };
        Problem {
            field,
            expected: problem.expected,
            found,
            advice: problem.advice,
        }
    });
    Refusal {
        reason,
        problems: problems.collect(),
        head: Glimpse::default(),
    }
}

fn reason_of(reason: csv::Reason) -> Reason {
    match reason {
        csv::Reason::MissingColumn => Reason::MissingField,
        csv::Reason::UnreadableValue => Reason::WrongType,
        csv::Reason::AmbiguousLocalTime => Reason::AmbiguousLocalTime,
        csv::Reason::ImpossibleLocalTime => Reason::ImpossibleLocalTime,
        csv::Reason::RaggedRow | csv::Reason::BadCsv => Reason::UnreadableRow,
    }
}
