//! `truecount quarantine release`: ends what records that were set aside hold, by a decision, or sends
//! them once more to where they came from. All that were named, or none. Start at [`run`].

use std::collections::BTreeSet;

use clap::Args;

use super::{File, Stopped, is_confirmed, print, who, word};
use crate::cli::{DONE, FAILED};
use crate::config::serve::ServiceConfig;
use crate::domain::Word;
use crate::domain::names::Role;
use crate::domain::refusal::looks_like_code;
use crate::drivers::clock;
use crate::drivers::files::CannotCheck;
use crate::drivers::kafka::quarantine::{Kept, Place, Quarantine, ToWrite};
use crate::drivers::kafka::release::{OnWord, copy, decision};
use crate::report::layout::{columns, counted, lines, wrapped};
use crate::report::set_aside::printable;
use crate::wire::published::Quarantined;

/// What `release` is asked.
#[derive(Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    file: File,
    /// Where they stand, as `list` shows it: 0:17
    #[arg(required = true, value_name = "POSITION")]
    positions: Vec<Place>,
    /// What you are who decides, such as force_crime_registrar
    #[arg(long, value_parser = word::<Role>, required_unless_present = "redrive")]
    role: Option<Role>,
    /// The reason it is filed under: a code, no text
    #[arg(long, value_name = "CODE", value_parser = code, required_unless_present = "redrive")]
    reason_code: Option<Word>,
    /// Sends the records to their sources again as they came, once what was wrong is mended
    #[arg(long, conflicts_with_all = ["role", "reason_code"])]
    redrive: bool,
    /// Does not ask first
    #[arg(long)]
    yes: bool,
}

/// A reason is a code: what is written freely could name a person.
fn code(text: &str) -> Result<Word, String> {
    const LONGEST: usize = 40;
    if looks_like_code(text, LONGEST) {
        Ok(text.into())
    } else {
        Err(format!(
            "expected letters, digits, `_`, `/` and `-`, at most {LONGEST} of them"
        ))
    }
}

/// One record that is to be released.
struct Releasing {
    kept: Kept,
    why: Quarantined,
    to_write: ToWrite,
}

/// Writes what releases them.
pub(super) fn run(arguments: &Arguments) -> Result<u8, Stopped> {
    let config = arguments.file.open()?;
    let quarantine = Quarantine::open(&config)?;
    let releasing = prepare(arguments, &config, &quarantine)?;
    let records = counted(releasing.len(), "record", "records");
    let question = if arguments.redrive {
        format!("Send {records} again?")
    } else {
        format!("Release what {records} may hold?")
    };
    if !arguments.yes {
        eprint!("{}", planned(&releasing));
    }
    if !is_confirmed(arguments.yes, &question)? {
        print("nothing was written\n");
        return Ok(DONE);
    }
    let to_write: Vec<ToWrite> = releasing.iter().map(|one| one.to_write.clone()).collect();
    let written = quarantine.write(&to_write)?;
    let who = who();
    for (one, end) in releasing.iter().zip(&written) {
        let (position, topic) = (one.kept.place, &one.to_write.topic);
        if let Ok(place) = end {
            tracing::info!(who, %position, redrive = arguments.redrive, topic, at = %place,
                "what a record that was set aside holds is released");
        }
    }
    print(&done(arguments.redrive, &releasing, &written));
    let is_done = written.iter().all(Result::is_ok);
    Ok(if is_done { DONE } else { FAILED })
}

/// Everything that is to be written, or everything that stands against it.
fn prepare(
    arguments: &Arguments,
    config: &ServiceConfig,
    quarantine: &Quarantine,
) -> Result<Vec<Releasing>, Stopped> {
    let word = match (arguments.role, &arguments.reason_code) {
        (Some(role), Some(reason_code)) => Some(OnWord {
            role,
            reason_code: reason_code.clone(),
            at: clock::now(),
        }),
        _ => None,
    };
    let (mut releasing, mut problems) = (Vec::new(), Vec::new());
    let places: BTreeSet<Place> = arguments.positions.iter().copied().collect();
    for place in places {
        let kept = quarantine.at(place)?;
        let made = kept
            .why()
            .map_err(|fault| format!("{place}: nothing says why it is here: {fault}"))
            .and_then(|why| {
                let to_write = match &word {
                    Some(word) => decision(config, place, &why, word)?,
                    None => copy(config, &kept, &why)?,
                };
                Ok((why, to_write))
            });
        match made {
            Ok((why, to_write)) => releasing.push(Releasing {
                kept,
                why,
                to_write,
            }),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        return Ok(releasing);
    }
    problems.push("nothing was written".to_owned());
    Err(Stopped::Asked(CannotCheck::Setup(problems)))
}

/// What is about to be written, for whoever is asked.
fn planned(releasing: &[Releasing]) -> String {
    let mut table = columns(["position", "about", "reason", "goes to"], []);
    for one in releasing {
        table.add_row([
            one.kept.place.to_string(),
            about(&one.why),
            one.why.refusal.reason.to_string(),
            target(&one.to_write),
        ]);
    }
    format!("{}\n\n", lines(&table))
}

/// What was written, and what was not.
fn done(redrive: bool, releasing: &[Releasing], written: &[Result<Place, String>]) -> String {
    let mut table = columns(["position", "about", "reason", "written", "to", "at"], []);
    let mut failures = String::new();
    let what = if redrive {
        "the record again"
    } else {
        "release"
    };
    for (one, end) in releasing.iter().zip(written) {
        let place = one.kept.place;
        let (what, at) = match end {
            Ok(at) => (what, at.to_string()),
            Err(says) => {
                let line = format!("{place}: not written: {says}");
                failures.push_str(&format!("{}\n", wrapped(&line, 2)));
                ("nothing", "–".to_owned())
            }
        };
        table.add_row([
            place.to_string(),
            about(&one.why),
            one.why.refusal.reason.to_string(),
            what.to_owned(),
            one.to_write.topic.clone(),
            at,
        ]);
    }
    let gap = if failures.is_empty() { "" } else { "\n" };
    format!("{}\n{gap}{failures}", lines(&table))
}

/// Which thing it is about, as far as its head could be read.
fn about(why: &Quarantined) -> String {
    let head = &why.refusal.head;
    match (&head.record, &head.reference) {
        (Some(record), Some(reference)) => format!("{record} {}", printable(reference.as_str())),
        (None, Some(reference)) => printable(reference.as_str()),
        (Some(record), None) => record.to_string(),
        (None, None) => "–".to_owned(),
    }
}

fn target(to_write: &ToWrite) -> String {
    match to_write.partition {
        Some(number) => format!("{} {number}", to_write.topic),
        None => to_write.topic.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::feed::Partition;
    use crate::domain::journal::SourcePosition;
    use crate::domain::names::RecordKind;
    use crate::domain::{Glimpse, Instant, Problem, Reason, Refusal};

    #[test]
    fn a_reason_is_a_code_and_no_text() {
        assert_eq!(code("resent_on_paper"), Ok("resent_on_paper".into()));
        for text in ["", "Jane rang", &"a".repeat(41)] {
            assert!(code(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_was_done_and_what_was_not_is_a_table_with_the_reason() {
        let releasing = [releasing("0:5"), releasing("1:6")];
        let place: Place = "0:33".parse().expect("a place");
        let text = done(
            false,
            &releasing,
            &[Ok(place), Err("a broker is away".to_owned())],
        );
        assert_eq!(
            text,
            "\
position  about      reason    written  to    at
--------- ---------- --------- -------- ----- -----
0:5       crime 1/2  oversize  release  desk  0:33
1:6       crime 1/2  oversize  nothing  desk  –

1:6: not written: a broker is away
"
        );
        assert!(planned(&releasing).contains("1:6       crime 1/2  oversize  desk 3"));
    }

    fn releasing(place: &str) -> Releasing {
        let head = Glimpse {
            record: Some(RecordKind::Crime),
            reference: Some("1/2".into()),
            ..Glimpse::default()
        };
        let problem = Problem::of(Reason::Oversize, "", "x", "y");
        Releasing {
            kept: Kept {
                place: place.parse().expect("a place"),
                arrival: Instant::from_millis(0),
                key: None,
                value: None,
                headers: Vec::new(),
            },
            why: Quarantined {
                from: SourcePosition {
                    partition: Partition {
                        topic: "rms".to_owned(),
                        number: 3,
                    },
                    offset: 1,
                },
                stage: "read".to_owned(),
                refusal: Refusal::one(Reason::Oversize, problem, head),
            },
            to_write: ToWrite {
                topic: "desk".to_owned(),
                partition: Some(3),
                key: None,
                value: None,
                headers: Vec::new(),
            },
        }
    }
}
