//! `truecount rules`: what the running binary judges, in its own words. Start at [`run`].

use std::path::Path;

use clap::Args;

use super::{DONE, Done, print};
use crate::drivers::files::CannotCheck;
use crate::reference::Library;
use crate::report::catalogue::{rules_page, traceability_page};
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
    if arguments.write_docs {
        return write_docs();
    }
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

/// Writes the generated pages of the documentation, from the folder of the checkout.
fn write_docs() -> Done {
    let gaps = Path::new("docs/not-covered.md");
    let not_covered = std::fs::read_to_string(gaps).map_err(|source| CannotCheck::Read {
        path: gaps.to_owned(),
        source,
    })?;
    for (path, text) in [
        ("docs/rules.md", rules_page(rules::all())),
        (
            "docs/traceability.md",
            traceability_page(rules::all(), &not_covered),
        ),
    ] {
        let path = Path::new(path);
        std::fs::write(path, text).map_err(|source| CannotCheck::Write {
            path: path.to_owned(),
            source,
        })?;
        print(&format!("wrote {}\n", path.display()));
    }
    Ok(DONE)
}
