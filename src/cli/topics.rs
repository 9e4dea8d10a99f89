//! `truecount topics`: how the topics differ from what they should be, and making them so.
//! Start at [`run`].

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};

use super::arguments::service;
use super::{DONE, Done, FAILED, print};
use crate::config::serve::ServiceConfig;
use crate::drivers::topics::brokers::{Brokers, CannotAsk};
use crate::drivers::topics::{Difference, Remedy, Wanted, plan, wanted};
use crate::report::layout::{columns, lines, wrapped};

/// The topics differ from what they should be.
const DIFFERS: u8 = 4;
/// A broker follows the others within milliseconds; one that has not by then is busy with something else.
const SEEN_WITHIN: Duration = Duration::from_secs(30);

/// What `topics` is asked.
#[derive(Args)]
#[command(after_help = "\
Exit codes:
  0  the topics are as they should be
  1  the brokers could not be asked, or refused
  2  arguments or configuration have to be changed first
  4  the topics differ (plan), or a person has to do what is left (apply)")]
pub(super) struct Arguments {
    #[command(subcommand)]
    wish: Wish,
}

#[derive(Subcommand)]
enum Wish {
    /// Says how the topics differ from what they should be
    Plan(File),
    /// Makes the topics that are missing and changes settings; never a number of partitions
    Apply(File),
}

#[derive(Args)]
struct File {
    /// The configuration of the service
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

/// Plans or applies.
pub(super) fn run(arguments: &Arguments) -> Done {
    let (file, is_apply) = match &arguments.wish {
        Wish::Plan(file) => (file, false),
        Wish::Apply(file) => (file, true),
    };
    let config = service(&file.config)?;
    match difference(&config, is_apply) {
        Ok(code) => Ok(code),
        Err(fault) => {
            eprintln!("truecount: {fault}");
            Ok(FAILED)
        }
    }
}

fn difference(config: &ServiceConfig, is_apply: bool) -> Result<u8, CannotAsk> {
    let brokers = Brokers::new(&config.kafka)?;
    let wanted = wanted(config);
    let mut differences = plan(&brokers.found(&wanted)?, config);
    if is_apply {
        for done in brokers.apply(&wanted, &differences)? {
            print(&format!("{done}\n"));
        }
        differences = settled(&brokers, &wanted, config)?;
    }
    if differences.is_empty() {
        print(&format!(
            "all {} topics are as they should be\n",
            wanted.len()
        ));
        return Ok(DONE);
    }
    print(&told(&differences));
    Ok(DIFFERS)
}

/// What is left to a person. A broker shows what another one has made a moment later, and a service that
/// is started before would not find its topics.
fn settled(
    brokers: &Brokers,
    wanted: &[Wanted],
    config: &ServiceConfig,
) -> Result<Vec<Difference>, CannotAsk> {
    let began = Instant::now();
    loop {
        let differences = plan(&brokers.found(wanted)?, config);
        let is_settled = differences
            .iter()
            .all(|difference| matches!(difference.remedy, Remedy::Person(_)));
        if is_settled || began.elapsed() > SEEN_WITHIN {
            return Ok(differences);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// The differences as a table, and below it why, and what is to be done.
fn told(differences: &[Difference]) -> String {
    let mut table = columns(["topic", "what", "is", "should be"], []);
    for difference in differences {
        let Difference {
            topic,
            what,
            is,
            should,
            ..
        } = difference;
        let is = if is.is_empty() { "–" } else { is };
        table.add_row([topic, what, is, should]);
    }
    let mut text = format!("{}\n\n", lines(&table));
    for difference in differences {
        let Difference {
            topic,
            what,
            because,
            remedy,
            is_refused,
            ..
        } = difference;
        let remedy = match remedy {
            Remedy::Make => "`truecount topics apply` makes it".to_owned(),
            Remedy::Change => "`truecount topics apply` changes it".to_owned(),
            Remedy::Person(what) => what.clone(),
        };
        let refused = if *is_refused {
            "; the service does not start so"
        } else {
            ""
        };
        let line = format!("{topic}, {what}: {because}{refused}; {remedy}");
        text.push_str(&format!("{}\n", wrapped(&line, 2)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_told_as_a_table_and_with_its_reason() {
        let difference = Difference {
            topic: "case-events".to_owned(),
            what: "partitions".to_owned(),
            is: "6".to_owned(),
            should: "12".to_owned(),
            because: "a force's partition is its place".to_owned(),
            remedy: Remedy::Person("set topics.journal_partitions = 6".to_owned()),
            is_refused: true,
        };
        assert_eq!(
            told(&[difference]),
            "\
topic        what        is  should be
------------ ----------- --- ----------
case-events  partitions  6   12

case-events, partitions: a force's partition is its place; the service does not start so; set topics.journal_partitions
  = 6
"
        );
    }
}
