//! What a run writes into its folder: exceptions, judgements, measures, quarantine, balance, and
//! the report. The same run writes the same bytes. Start at [`write()`].

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::CannotCheck;
use super::quarantine::Quarantined;
use super::run::Run;
use crate::domain::exception::Exception;
use crate::report::exceptions_csv;
use crate::report::html::{self, Reading, ReportInput};

/// The file of quarantined records, written while the run goes on.
pub struct QuarantineFile {
    lines: Option<(Lines, PathBuf)>,
}

impl QuarantineFile {
    /// Opens it in the folder, which is made if it is not there; without a folder nothing is kept.
    pub fn open(folder: Option<&Path>) -> Result<QuarantineFile, CannotCheck> {
        let Some(folder) = folder else {
            return Ok(QuarantineFile { lines: None });
        };
        fs::create_dir_all(folder).map_err(|source| CannotCheck::Write {
            path: folder.to_owned(),
            source,
        })?;
        // Renamed when the run ends, so that a run that stops leaves an earlier one's files alone.
        let path = folder.join("quarantine.jsonl");
        let lines = Lines::open(path.with_extension("jsonl.part"))?;
        Ok(QuarantineFile {
            lines: Some((lines, path)),
        })
    }

    /// Keeps one record.
    pub fn keep(&mut self, record: &Quarantined) -> Result<(), CannotCheck> {
        self.lines
            .as_mut()
            .map_or(Ok(()), |(lines, _)| lines.line(record))
    }

    /// Ends the file and gives it its name.
    pub fn close(self) -> Result<(), CannotCheck> {
        let Some((lines, path)) = self.lines else {
            return Ok(());
        };
        let part = lines.path.clone();
        lines.close()?;
        fs::rename(&part, &path).map_err(|source| CannotCheck::Write { path, source })
    }
}

/// Writes everything but the quarantine, which was written while the run went on; says before each
/// file which one it is.
pub fn write(folder: &Path, run: &Run, tell: impl Fn(&'static str)) -> Result<(), CannotCheck> {
    let path_of = |name: &'static str| {
        tell(name);
        folder.join(name)
    };
    let mut exceptions: Vec<&Exception> = run.exceptions.values().collect();
    exceptions.sort_by(|left, right| key(left).cmp(&key(right)));
    let mut lines = Lines::open(path_of("exceptions.jsonl"))?;
    for exception in &exceptions {
        lines.line(exception)?;
    }
    lines.close()?;
    let path = path_of("exceptions.csv");
    let open = exceptions
        .iter()
        .copied()
        .filter(|exception| exception.state.is_open());
    let table = exceptions_csv::table(open);
    fs::write(&path, table).map_err(|source| CannotCheck::Write { path, source })?;
    let mut lines = Lines::open(path_of("judgements.jsonl"))?;
    for judgement in run.validation.forces().flat_map(|force| force.judgements()) {
        lines.line(&judgement)?;
    }
    lines.close()?;
    let measures: Vec<_> = run
        .validation
        .forces()
        .flat_map(|force| force.measures())
        .collect();
    document(path_of("measures.json"), &measures)?;
    document(path_of("balance.json"), &run.balance)?;
    let path = path_of("report.html");
    let page = html::report(&shown(run));
    fs::write(&path, page).map_err(|source| CannotCheck::Write { path, source })
}

/// What the report shows of a run.
fn shown(run: &Run) -> ReportInput<'_> {
    let (balance, sums) = (&run.balance, run.balance.sums);
    ReportInput {
        validation: &run.validation,
        exceptions: run.exceptions.values().collect(),
        as_at: run.as_at,
        reading: Reading {
            read: sums.read,
            applied: sums.applied,
            ledger_only: sums.ledger_only,
            duplicate: sums.duplicate,
            quarantined: sums.quarantined,
            control: sums.control,
            off: sums.off,
            by_reason: &balance.by_reason,
            left_out: &balance.set_aside,
            unread: &balance.unread,
            unknown_fields: &balance.unknown_fields,
            alarms: &balance.alarms,
        },
    }
}

/// The order of the file: by force, rule, reference and obligation.
fn key(exception: &Exception) -> (&str, &str, &str, &str) {
    (
        exception.force.as_str(),
        exception.rule,
        exception.reference.as_str(),
        exception.obligation.as_str(),
    )
}

fn document<T: Serialize>(path: PathBuf, value: &T) -> Result<(), CannotCheck> {
    let mut text = serde_json::to_vec_pretty(value).expect("what is published can be written");
    text.push(b'\n');
    fs::write(&path, text).map_err(|source| CannotCheck::Write { path, source })
}

/// A file of one JSON object a line.
struct Lines {
    path: PathBuf,
    file: BufWriter<File>,
}

impl Lines {
    fn open(path: PathBuf) -> Result<Lines, CannotCheck> {
        match File::create(&path) {
            Ok(file) => Ok(Lines {
                path,
                file: BufWriter::new(file),
            }),
            Err(source) => Err(CannotCheck::Write { path, source }),
        }
    }

    fn line<T: Serialize>(&mut self, value: &T) -> Result<(), CannotCheck> {
        let written = serde_json::to_writer(&mut self.file, value)
            .map_err(std::io::Error::from)
            .and_then(|()| self.file.write_all(b"\n"));
        written.map_err(|source| CannotCheck::Write {
            path: self.path.clone(),
            source,
        })
    }

    fn close(mut self) -> Result<(), CannotCheck> {
        self.file.flush().map_err(|source| CannotCheck::Write {
            path: self.path,
            source,
        })
    }
}
