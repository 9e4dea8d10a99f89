//! `truecount rules`: what the running binary judges, in its own words. Start at [`run`].

use clap::Args;

use super::{DONE, Done, print};
use crate::drivers::files::CannotCheck;
use crate::reference::Library;
use crate::report::rule::{list, page};
use crate::rules;

/// What `rules` is asked.
#[derive(Args)]
pub(super) struct Arguments {
    /// A rule, such as REC-030
    rule: Option<String>,
    /// The profile whose switches and windows are shown
    #[arg(long, value_name = "P", default_value = "national")]
    profile: String,
    /// Writes docs/rules.md and docs/traceability.md under the current folder
    #[arg(long)]
    write_docs: bool,
}

/// Prints the catalogue or one rule of it.
pub(super) fn run(arguments: &Arguments) -> Done {
    let library = Library::shipped(&arguments.profile)
        .map_err(|faults| CannotCheck::Setup(vec![faults.to_string()]))?;
    let Some(id) = &arguments.rule else {
        print(&list(rules::all(), &library));
        return Ok(DONE);
    };
    match rules::named(id) {
        Some(rule) => {
            print(&page(rule, &library));
            Ok(DONE)
        }
        None => {
            let all: Vec<&str> = rules::all().map(|rule| rule.id).collect();
            let fault = format!("there is no rule {id}; the rules are {}", all.join(", "));
            Err(CannotCheck::Setup(vec![fault]))
        }
    }
}
