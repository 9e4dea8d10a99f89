//! `truecount quarantine`: what the service set aside, and what a person does about it. Bytes are
//! masked unless asked for, and then the reading is logged. Start at [`run`].

mod list;
mod release;
mod show;

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};
use tracing::Level;

use super::arguments::service;
use super::{Done, print};
use crate::config::serve::{LogFormat, ServiceConfig};
use crate::domain::shape::{Shape, Shaped};
use crate::drivers::files::CannotCheck;
use crate::drivers::kafka::Ending;
use crate::telemetry::logs::{self, Log};

/// What `quarantine` is asked.
#[derive(Args)]
#[command(after_help = "\
Exit codes:
  0  done
  1  the brokers could not be asked, or refused
  2  arguments, configuration, topics or rights have to be changed first")]
pub(super) struct Arguments {
    #[command(subcommand)]
    wish: Wish,
}

#[derive(Subcommand)]
enum Wish {
    /// Lists what was set aside, and how much of it for which reason
    List(list::Arguments),
    /// Shows one record that was set aside: why, what to do, and its bytes, masked
    Show(show::Arguments),
    /// Releases what records that were set aside hold, by a decision or by sending them again
    Release(release::Arguments),
}

#[derive(Args)]
struct File {
    /// The configuration of the service
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

/// Lists, shows or releases.
pub(super) fn run(arguments: &Arguments) -> Done {
    let done = match &arguments.wish {
        Wish::List(arguments) => list::run(arguments),
        Wish::Show(arguments) => show::run(arguments),
        Wish::Release(arguments) => release::run(arguments),
    };
    match done {
        Ok(code) => Ok(code),
        Err(Stopped::Asked(fault)) => Err(fault),
        Err(Stopped::Ended(ending)) => {
            eprintln!("truecount: {}", ending.says);
            Ok(ending.code.number())
        }
    }
}

/// What stops a command.
enum Stopped {
    /// What was asked.
    Asked(CannotCheck),
    /// The brokers, or what they have.
    Ended(Ending),
}

impl From<CannotCheck> for Stopped {
    fn from(fault: CannotCheck) -> Stopped {
        Stopped::Asked(fault)
    }
}

impl From<Ending> for Stopped {
    fn from(ending: Ending) -> Stopped {
        Stopped::Ended(ending)
    }
}

fn asked(says: impl Into<String>) -> Stopped {
    Stopped::Asked(CannotCheck::Setup(vec![says.into()]))
}

impl File {
    /// Reads the configuration and starts the log: what is read in clear and what is written is
    /// logged whatever level the service logs from.
    fn open(&self) -> Result<ServiceConfig, Stopped> {
        let config = service(&self.config)?;
        logs::start(Log {
            json: config.log.format == LogFormat::Json,
            level: config.log.level.max(Level::INFO),
        })
        .map_err(asked)?;
        Ok(config)
    }
}

/// A word of a closed list, or what the list has.
fn word<T: Shaped + for<'de> Deserialize<'de>>(text: &str) -> Result<T, String> {
    let from: StrDeserializer<'_, Error> = text.into_deserializer();
    T::deserialize(from).map_err(|_| match T::SHAPE {
        Shape::Symbol(symbols) => format!("expected one of {}", symbols.words.join(", ")),
        _ => "expected another word".to_owned(),
    })
}

/// Who sits at this machine, by the system's own account; the environment could say anything.
fn who() -> String {
    let asked = std::process::Command::new("id").arg("-un").output();
    let name = asked.ok().filter(|answer| answer.status.success());
    let name = name.map(|answer| String::from_utf8_lossy(&answer.stdout).trim().to_owned());
    name.filter(|name| !name.is_empty())
        .unwrap_or_else(|| "unknown".to_owned())
}

/// True if it is to be done: by `--yes`, or because the person says so at the terminal.
fn is_confirmed(yes: bool, question: &str) -> Result<bool, Stopped> {
    if yes {
        return Ok(true);
    }
    if !std::io::stdin().is_terminal() {
        return Err(asked(
            "nothing was written: say --yes, since there is no terminal to ask at",
        ));
    }
    eprint!("{question} [y/N] ");
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    Ok(read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Reason;
    use crate::domain::names::Role;

    #[test]
    fn a_word_of_a_list_is_read_and_another_is_told_the_list() {
        assert_eq!(word("oversize"), Ok(Reason::Oversize));
        assert_eq!(word("force_crime_registrar"), Ok(Role::ForceCrimeRegistrar));
        let says = word::<Role>("registrar").expect_err("it is no role");
        assert!(
            says.contains("force_crime_registrar, chief_officer"),
            "{says}"
        );
    }
}
