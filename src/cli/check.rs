//! `truecount check`: judges extracts and writes what follows. Start at [`run`].

use std::path::PathBuf;

use clap::Args;

use super::arguments::{Judging, Prepared};
use super::progress::with_progress;
use super::{DONE, Done, SET_ASIDE, print};
use crate::domain::Instant;
use crate::drivers::files::outputs::{self, QuarantineFile};
use crate::drivers::files::run::{Run, check};
use crate::report::table::{summary, tallies, what_would_decide};

/// What `check` is asked.
#[derive(Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    judging: Judging,
    /// A folder for exceptions, judgements, measures, quarantine and balance
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Judges, writes and prints.
pub(super) fn run(arguments: &Arguments) -> Done {
    let Prepared {
        inputs,
        options,
        rules,
        arrival,
    } = arguments.judging.prepare()?;
    let mut quarantine = QuarantineFile::open(arguments.out.as_deref())?;
    let run = with_progress(&inputs, |progress| {
        check(&inputs, rules, &options, arrival, progress, |record| {
            quarantine.keep(&record)
        })
    })?;
    quarantine.close()?;
    if let Some(folder) = &arguments.out {
        outputs::write(folder, &run)?;
    }
    print(&text(&run));
    if let Some(folder) = &arguments.out {
        print(&format!(
            "\nWritten to {}: exceptions.jsonl, exceptions.csv, judgements.jsonl, measures.json, quarantine.jsonl, balance.json\n",
            folder.display()
        ));
    }
    Ok(if run.balance.sums.quarantined > 0 {
        SET_ASIDE
    } else {
        DONE
    })
}

/// What the run comes to, as a person reads it.
fn text(run: &Run) -> String {
    let rules = run.validation.rules();
    let counts = run.validation.forces().flat_map(|force| {
        force
            .tallies()
            .iter()
            .map(|(key, tally)| (key.rule, *tally))
            .collect::<Vec<_>>()
    });
    let judgements = run.validation.forces().flat_map(|force| force.judgements());
    let profile = rules.library().profile();
    let mut text = impaired(run);
    text.push_str(&format!("Profile {}: {}\n\n", profile.name, profile.title));
    text.push_str(&summary(&tallies(rules, counts)));
    text.push_str("\n\n");
    let undecided = what_would_decide(judgements);
    if !undecided.is_empty() {
        text.push_str(&undecided);
        text.push('\n');
    }
    text.push_str(&proofs(run));
    text.push_str(&balance(run));
    text
}

/// Says first what taints everything else.
fn impaired(run: &Run) -> String {
    let set_aside = run.balance.sums.quarantined;
    if set_aside == 0 {
        return String::new();
    }
    let reasons: Vec<String> = run
        .balance
        .by_reason
        .iter()
        .map(|(reason, count)| format!("{count} × {reason}"))
        .collect();
    format!(
        "IMPAIRED: {set_aside} records were set aside unread ({}). A breach by absence that rests on their feeds may be met by one of them.\n\n",
        reasons.join(", ")
    )
}

fn proofs(run: &Run) -> String {
    let mut text = String::from("Proved through\n\n");
    for force in run.validation.forces() {
        for claim in force.claims() {
            let through = match claim.through {
                Instant::BEGINNING => "nothing: no accusation rests on it".to_owned(),
                through => through.to_string(),
            };
            let covers = force
                .feeds()
                .named(&claim.feed)
                .and_then(|feed| feed.covers_from);
            let covers = covers.map_or_else(
                || "coverage not stated, so what it never sent is unknown".to_owned(),
                |from| format!("covers from {from}"),
            );
            text.push_str(&format!(
                "  {} {}: {through} ({}); {covers}\n",
                force.code(),
                claim.feed,
                claim.kind
            ));
        }
    }
    text.push('\n');
    text
}

fn balance(run: &Run) -> String {
    let sums = run.balance.sums;
    let mut text = format!(
        "Records: {} read = {} applied + {} ledger only + {} duplicate + {} quarantined + {} control; off by {}\n",
        sums.read,
        sums.applied,
        sums.ledger_only,
        sums.duplicate,
        sums.quarantined,
        sums.control,
        sums.off
    );
    for (name, count) in &run.balance.set_aside {
        text.push_str(&format!(
            "  of the control records {count} are left out by the mapping as {name}\n"
        ));
    }
    if !run.balance.unread.is_empty() {
        text.push_str("Words that no list has (each cost one field):\n");
        for (word, count) in run.balance.unread.iter().take(10) {
            text.push_str(&format!("  {count} × {word}\n"));
        }
    }
    if !run.balance.unknown_fields.is_empty() {
        text.push_str("Fields that the contract does not have (kept out):\n");
        for (path, count) in run.balance.unknown_fields.iter().take(10) {
            text.push_str(&format!("  {count} × {path}\n"));
        }
    }
    for (alarm, count) in &run.balance.alarms {
        text.push_str(&format!("Alarm: {count} × {alarm}\n"));
    }
    text
}
