//! The commands a person types. Reads arguments, calls a driver, prints what it gives; decides
//! nothing else. Start at [`run`].

mod alert;
mod arguments;
mod check;
mod demo;
mod explain;
mod generate;
mod progress;
mod quarantine;
mod replay;
mod rules;
mod running;
mod serve;
mod topics;
mod worklist;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::drivers::files::CannotCheck;

/// Judged, and nothing was set aside.
const DONE: u8 = 0;
/// A file could not be read or written.
const FAILED: u8 = 1;
/// Arguments, configuration or mappings have to be changed first.
const SETUP: u8 = 2;
/// Judged, and some records were set aside: see quarantine.jsonl.
const SET_ASIDE: u8 = 3;

/// Judges incident logs and crime records against the recording rules of England and Wales.
#[derive(Parser)]
#[command(name = "truecount", version, about, after_help = EXIT_CODES)]
struct Truecount {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  judged, and every record could be read
  1  a file could not be read or written
  2  arguments, configuration or a mapping have to be changed first
  3  judged, and some records were set aside; quarantine.jsonl says which and why";

#[derive(Subcommand)]
enum Command {
    /// Judges extracts: JSON lines (*.jsonl, *.json) and CSV that a mapping fits (*.csv)
    Check(check::Arguments),
    /// Shows the service at work on invented traffic, on a page in the browser; needs no broker
    Demo(demo::Arguments),
    /// Explains one record: what was seen, what each rule says, why, and what would change it
    Explain(explain::Arguments),
    /// Makes records of a force that does not exist, with mistakes planted and a key to them
    Generate(generate::Arguments),
    /// Runs the journal through fresh state: the exceptions again, byte for byte
    Replay(replay::Arguments),
    /// Lists the rules, or prints one with its sources and scenarios
    Rules(rules::Arguments),
    /// Runs the service on Apache Kafka: reads sources, judges, publishes, exactly once
    Serve(serve::Arguments),
    /// Tells Alertmanager, webhooks and units of exceptions, and tells again until it is taken
    Alert(alert::Arguments),
    /// Prints what a unit has to do: due soon first, then overdue
    Worklist(worklist::Arguments),
    /// Says how the service's topics differ from what they should be, or makes them so
    Topics(topics::Arguments),
    /// Lists what the service set aside, shows one of it, releases what it holds
    Quarantine(quarantine::Arguments),
}

/// Reads the arguments and does what they say.
pub fn run() -> ExitCode {
    let done = match Truecount::parse().command {
        Command::Check(arguments) => check::run(&arguments),
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Generate(arguments) => generate::run(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Rules(arguments) => rules::run(&arguments),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Alert(arguments) => alert::run(&arguments),
        Command::Worklist(arguments) => worklist::run(&arguments),
        Command::Topics(arguments) => topics::run(&arguments),
        Command::Quarantine(arguments) => quarantine::run(&arguments),
    };
    match done {
        Ok(code) => ExitCode::from(code),
        Err(fault) => {
            eprintln!("truecount: {fault}");
            ExitCode::from(if fault.is_setup() { SETUP } else { FAILED })
        }
    }
}

/// What a command comes to: its exit code, or what stopped it.
type Done = Result<u8, CannotCheck>;

/// Prints, and minds no reader who has gone away.
fn print(text: &str) {
    use std::io::Write;
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}
