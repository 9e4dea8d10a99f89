//! `truecount explain`: one record, from what was seen to what would change its verdicts.
//! Start at [`run`].

use clap::Args;

use super::arguments::{Judging, Prepared};
use super::progress::with_progress;
use super::{DONE, Done, print};
use crate::domain::Reference;
use crate::drivers::files::CannotCheck;
use crate::drivers::files::quarantine::Quarantined;
use crate::drivers::files::run::check;
use crate::report::explain::explain;
use crate::report::layout::wrapped;

/// What `explain` is asked.
#[derive(Args)]
pub(super) struct Arguments {
    /// The reference of an incident or a crime
    reference: String,
    #[command(flatten)]
    judging: Judging,
}

/// Judges the files and explains one record of them.
pub(super) fn run(arguments: &Arguments) -> Done {
    let Prepared {
        inputs,
        options,
        rules,
        arrival,
    } = arguments.judging.prepare()?;
    let mut unread = Vec::new();
    let wanted = Reference::from(arguments.reference.as_str());
    let run = with_progress(&inputs, |progress| {
        check(&inputs, rules, &options, arrival, progress, |record| {
            if record.head.reference.as_ref() == Some(&wanted) {
                unread.push(record);
            }
            Ok(())
        })
    })?;
    let mut text = String::new();
    for force in run.validation.forces() {
        for inspection in force.inspect(&wanted) {
            text.push_str(&explain(force, run.validation.rules(), &inspection));
        }
    }
    for record in &unread {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&set_aside(record));
    }
    if text.is_empty() {
        let held: usize = run.validation.forces().map(|force| force.things()).sum();
        return Err(CannotCheck::Setup(vec![format!(
            "no record {wanted} in these files, which hold {held} incidents and crimes; references are compared letter by letter"
        )]));
    }
    print(&text);
    Ok(DONE)
}

/// A record of this reference that could not be read: where it stands, and each problem of it.
fn set_aside(record: &Quarantined) -> String {
    let (file, line, reason) = (&record.file, record.line, record.reason);
    let mut text = format!("Set aside unread: line {line} of {file} ({reason})\n");
    for problem in &record.problems {
        text.push_str(&format!("  {}\n", wrapped(&problem.to_string(), 6)));
    }
    text
}
