//! `truecount worklist`: what a unit has to do, from the topic of what stands or from a file of
//! `check`. Reads once and ends. Start at [`run`].

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::arguments::alerting;
use super::{DONE, Done, print};
use crate::alerting::route::UNTOLD;
use crate::alerting::{Book, Line, Revision, Route, lines};
use crate::domain::{ForceCode, Instant, Word};
use crate::drivers::alert::current::read_once;
use crate::drivers::files::CannotCheck;
use crate::report::worklist::{csv, json, table};

/// What `worklist` is asked.
#[derive(Args)]
#[command(after_help = "\
Exit codes:
  0  printed
  1  the brokers could not be asked, or a file could not be read
  2  arguments, configuration, topics or rights have to be changed first")]
pub(super) struct Arguments {
    /// The unit, as records name it; `-` for records that name none
    #[arg(long, value_name = "U")]
    unit: String,
    /// Of one force, where several have a unit of this name
    #[arg(long, value_name = "CODE")]
    force: Option<String>,
    /// The configuration of the alerting: config/alert.toml
    #[arg(long, value_name = "FILE", required_unless_present = "from")]
    config: Option<PathBuf>,
    /// The file that `check --out` writes, instead of Kafka
    #[arg(long, value_name = "exceptions.jsonl", conflicts_with = "config")]
    from: Option<PathBuf>,
    /// How it is printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Also what was made good late and what is waived
    #[arg(long)]
    all: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal
    Table,
    /// For a spreadsheet
    Csv,
    /// For a program
    Json,
}

/// Prints the list.
pub(super) fn run(arguments: &Arguments) -> Done {
    let (book, unreadable) = match (&arguments.from, &arguments.config) {
        (Some(path), _) => of_file(path)?,
        (None, Some(path)) => match read_once(&alerting(path)?) {
            Ok(read) => read,
            Err(ending) => {
                eprintln!("truecount: {}", ending.says);
                return Ok(ending.code.number());
            }
        },
        (None, None) => return Err(setup("say --config or --from")),
    };
    if unreadable > 0 {
        eprintln!(
            "truecount: {unreadable} records are no exceptions and are left out: the list may lack something"
        );
    }
    let listed = listed(&book, arguments);
    match arguments.format {
        Format::Table => print(&table(&listed, &arguments.unit, arguments.all)),
        Format::Csv => print(&csv(&listed)),
        Format::Json => print(&json(&listed)),
    }
    if listed.is_empty() {
        unknown(&book, &arguments.unit);
    }
    Ok(DONE)
}

fn listed(book: &Book, arguments: &Arguments) -> Vec<Line> {
    let route = Route {
        units: [Word::from(arguments.unit.as_str())].into(),
        forces: arguments
            .force
            .as_deref()
            .map(ForceCode::from)
            .into_iter()
            .collect(),
        ..Route::default()
    };
    let of = book.of(&route);
    lines(of.filter(|revision| arguments.all || revision.is_pressing()))
}

/// Says which units there are, where the one that was asked for is not among them.
fn unknown(book: &Book, unit: &str) {
    let units = book.units();
    if unit != UNTOLD && !units.contains(unit) {
        let named: Vec<&str> = units.iter().map(Word::as_str).collect();
        let all = if named.is_empty() {
            "none".to_owned()
        } else {
            named.join(", ")
        };
        eprintln!(
            "truecount: no open exception names the unit `{unit}`; those that are named: {all}"
        );
    }
}

/// What stands by a file, and how many of its lines are no exceptions.
fn of_file(path: &Path) -> Result<(Book, usize), CannotCheck> {
    let cannot = |source| CannotCheck::Read {
        path: path.to_owned(),
        source,
    };
    let file = std::fs::File::open(path).map_err(cannot)?;
    let (mut book, mut unreadable) = (Book::default(), 0);
    for (number, line) in BufReader::new(file).split(b'\n').enumerate() {
        let line = line.map_err(cannot)?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        match Revision::read(&line) {
            Ok(revision) => book.note(revision, Instant::BEGINNING),
            Err(why) => {
                if unreadable == 0 {
                    let (file, line, column) = (path.display(), number + 1, why.column);
                    eprintln!(
                        "truecount: {file}:{line}: is no exception as `check --out` writes it (column {column})"
                    );
                }
                unreadable += 1;
            }
        }
    }
    Ok((book, unreadable))
}

fn setup(says: &str) -> CannotCheck {
    CannotCheck::Setup(vec![says.to_owned()])
}
