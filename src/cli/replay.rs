//! `truecount replay`: the journal through fresh state, into a file: every revision of every exception
//! as the service published it. Reads Kafka and writes nothing to it. Start at [`run`].

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::arguments::service;
use super::{Done, print};
use crate::config::serve::ServiceConfig;
use crate::drivers::files::CannotCheck;
use crate::drivers::kafka::replay::replay;
use crate::drivers::kafka::{EndCode, Ending, Restoring};
use crate::reference::Library;
use crate::validation::RuleSet;

/// What `replay` is asked.
#[derive(Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Arguments {
    /// The configuration of the service
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The partition of the journal [default: each that a force has, in their order]
    #[arg(long, value_name = "N")]
    partition: Option<i32>,
    /// The folder for exceptions.jsonl
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

const EXIT_CODES: &str = "\
Exit codes:
   0  replayed to the end
   1  the brokers could not be asked, or the file not be written
   2  arguments or configuration have to be changed first
  10  from a position on another rule set judged; what was published before it is written
  12  the journal does not fit together, or its beginning is gone";

/// Replays the partitions into the folder.
pub(super) fn run(arguments: &Arguments) -> Done {
    let config = service(&arguments.config)?;
    let partitions = partitions(arguments.partition, &config)?;
    let library = Library::shipped(&config.validation.profile)
        .map_err(|faults| CannotCheck::Setup(vec![faults.to_string()]))?;
    let rules = Arc::new(RuleSet::of(library));
    let mut file = Revisions::open(&arguments.out)?;
    for partition in partitions {
        let tell = |at: Restoring| {
            let Restoring { rows, at, end, .. } = at;
            eprintln!("partition {partition}: {rows} entries, through offset {at} of {end}");
        };
        let replayed = replay(&config, Arc::clone(&rules), partition, &tell, &mut |line| {
            file.line(line)
        });
        if let Err(Ending { code, says }) = replayed {
            eprintln!("truecount: {says}");
            if code == EndCode::OldRuleSet {
                file.close()?;
            }
            return Ok(code.number());
        }
    }
    print(&format!("{}\n", file.close()?));
    Ok(EndCode::Done.number())
}

/// The partition that is asked for, else each that a force has.
fn partitions(asked: Option<i32>, config: &ServiceConfig) -> Result<BTreeSet<i32>, CannotCheck> {
    let Some(partition) = asked else {
        return Ok(config.forces.iter().map(|force| force.partition).collect());
    };
    let count = config.topics.journal_partitions;
    if (0..count).contains(&partition) {
        return Ok(BTreeSet::from([partition]));
    }
    Err(CannotCheck::Setup(vec![format!(
        "--partition {partition}: the journal has {count} partitions, from 0 to {}",
        count - 1
    )]))
}

/// The file of revisions. It has its name once it is whole.
struct Revisions {
    file: BufWriter<File>,
    part: PathBuf,
    path: PathBuf,
    written: u64,
}

impl Revisions {
    fn open(folder: &Path) -> Result<Revisions, CannotCheck> {
        let path = folder.join("exceptions.jsonl");
        let part = folder.join("exceptions.jsonl.part");
        let opened = fs::create_dir_all(folder).and_then(|()| File::create(&part));
        match opened {
            Ok(file) => Ok(Revisions {
                file: BufWriter::new(file),
                part,
                path,
                written: 0,
            }),
            Err(source) => Err(CannotCheck::Write { path: part, source }),
        }
    }

    fn line(&mut self, line: &[u8]) -> std::io::Result<()> {
        self.written += 1;
        self.file.write_all(line)?;
        self.file.write_all(b"\n")
    }

    /// Ends the file and gives it its name; what there is to say of it.
    fn close(mut self) -> Result<String, CannotCheck> {
        let closed = self.file.flush();
        closed
            .and_then(|()| fs::rename(&self.part, &self.path))
            .map_err(|source| CannotCheck::Write {
                path: self.path.clone(),
                source,
            })?;
        Ok(format!(
            "{}: {} revisions of exceptions",
            self.path.display(),
            self.written
        ))
    }
}
