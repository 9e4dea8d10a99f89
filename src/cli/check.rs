//! `truecount check`: judges extracts and writes what follows. Start at [`run`].

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use super::arguments::{Judging, Prepared};
use super::progress::{while_writing, with_progress};
use super::{DONE, Done, SET_ASIDE, print};
use crate::domain::Instant;
use crate::domain::exception::ProofKind;
use crate::drivers::files::outputs::{self, QuarantineFile};
use crate::drivers::files::run::{Run, check};
use crate::report::layout::{columns, counted, lines, wrapped};
use crate::report::open::{by_severity, first_of};
use crate::report::table::{summary, tallies};
use crate::report::undecided::what_would_decide;
use crate::validation::JudgementLine;

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
        while_writing(|tell| outputs::write(folder, &run, tell))?;
    }
    print(&text(&run, &arguments.judging));
    if let Some(folder) = &arguments.out {
        print(&format!(
            "\nWritten to {}: report.html for people; exceptions.jsonl, exceptions.csv, judgements.jsonl,\n  \
             measures.json, quarantine.jsonl, balance.json\n",
            folder.display()
        ));
    }
    Ok(if run.balance.sums.quarantined > 0 {
        SET_ASIDE
    } else {
        DONE
    })
}

/// What the run comes to, as a person reads it: what taints it first, then what waits for a person.
fn text(run: &Run, judging: &Judging) -> String {
    let rules = run.validation.rules();
    let counts = run.validation.forces().flat_map(|force| {
        let tallies = force.tallies().iter();
        tallies
            .map(|(key, tally)| (key.rule, *tally))
            .collect::<Vec<_>>()
    });
    let judgements = || run.validation.forces().flat_map(|force| force.judgements());
    let profile = rules.library().profile();
    let open = by_severity(run.exceptions.values());
    let hint = open.first().map_or(String::new(), |one| {
        format!("\nThe first: {}\n", judging.explain(one.reference.as_str()))
    });
    let parts = [
        impaired(run, judgements()),
        format!("Profile {}: {}\n", profile.name, profile.title),
        format!("{}\n", summary(&tallies(rules, counts))),
        format!("{}{hint}", first_of(&open)),
        what_would_decide(judgements()),
        proofs(run),
        balance(run),
    ];
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("\n")
}

/// Says first what taints everything else, and which rules it taints.
fn impaired(run: &Run, judgements: impl Iterator<Item = JudgementLine>) -> String {
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    for line in judgements.filter(|line| line.proof == ProofKind::Impaired) {
        *rules.entry(line.rule).or_default() += 1;
    }
    let set_aside = usize::try_from(run.balance.sums.quarantined).unwrap_or(usize::MAX);
    if set_aside == 0 && rules.is_empty() {
        return String::new();
    }
    let reasons = run.balance.by_reason.iter();
    let reasons = reasons.map(|(reason, count)| format!("{count} {reason}"));
    let tainted = rules
        .iter()
        .map(|(rule, count)| format!("{rule} ({count})"));
    let records = counted(set_aside, "record was", "records were");
    let first = format!(
        "IMPAIRED: {records} set aside unread ({}): quarantine.jsonl of --out says which and why.",
        reasons.collect::<Vec<_>>().join(", ")
    );
    let second = match rules.len() {
        0 => "No verdict rests on the absence of such a record.".to_owned(),
        _ => format!(
            "Verdicts that rest on the absence of a record, which one of these may be: {}.",
            tainted.collect::<Vec<_>>().join(", ")
        ),
    };
    format!("{}\n{}\n", wrapped(&first, 2), wrapped(&second, 2))
}

fn proofs(run: &Run) -> String {
    let mut text = String::from("Proved through\n\n");
    let mut table = columns(
        ["force", "feed", "through", "on whose word", "covers from"],
        [],
    );
    let told = |at: Option<Instant>, none: &str| match at {
        None | Some(Instant::BEGINNING) => none.to_owned(),
        Some(at) => at.to_string(),
    };
    for force in run.validation.forces() {
        for claim in force.claims() {
            let feed = force.feeds().named(&claim.feed);
            let covers = feed.and_then(|feed| feed.covers_from);
            table.add_row([
                force.code().to_string(),
                claim.feed.to_string(),
                told(Some(claim.through), "nothing: accuses nobody"),
                claim.kind.to_string(),
                told(covers, "not stated: what it never sent is unknown"),
            ]);
        }
    }
    text.push_str(&lines(&table));
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
