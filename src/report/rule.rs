//! The catalogue for a terminal: every rule in a line, or one rule with its card and its page.
//! Start at [`list`].

use std::fmt::Write;

use super::layout::{columns, lines, wrapped};
use crate::reference::Library;
use crate::rules::{Effective, Rule, Status};

/// Every rule in a line; whether the profile has it on.
pub fn list<'a>(rules: impl Iterator<Item = &'a Rule>, library: &Library) -> String {
    let profile = library.profile().name.as_str();
    let mut table = columns(
        ["rule", "duty", "severity", "judges", "status", profile],
        [],
    );
    for rule in rules {
        let on = if library.profile().is_on(rule.id) {
            "on"
        } else {
            "off"
        };
        table.add_row([
            rule.id,
            rule.title(),
            rule.severity.as_str(),
            rule.judges().as_str(),
            status(rule),
            on,
        ]);
    }
    format!(
        "{}\n\ntruecount rules RULE prints what a rule checks, why, and from which text.\n",
        lines(&table)
    )
}

/// One rule: its card, its sources, its page.
pub fn page(rule: &Rule, library: &Library) -> String {
    let mut page = String::new();
    let _ = writeln!(
        page,
        "{} · {} · judges {} · {}",
        rule.id,
        rule.severity.as_str(),
        rule.judges(),
        status(rule)
    );
    if let Status::Provisional { because, .. } = rule.status {
        let _ = writeln!(page, "provisional because {because}");
    }
    let _ = writeln!(
        page,
        "law of {}; {}",
        rule.law_of.as_str(),
        effective(rule, library)
    );
    for cited in rule.sources {
        let source = library.source(cited.source);
        let title = source.map_or(cited.source, |source| source.title.as_str());
        let edition = source.and_then(|source| source.edition.as_deref());
        let edition = edition.filter(|edition| !edition.is_empty());
        let edition = edition.map_or(String::new(), |edition| format!(" (edition: {edition})"));
        line(
            &mut page,
            &format!("text: {title}{edition}, {}", cited.place),
        );
    }
    for (code, text) in rule.findings {
        line(&mut page, &format!("finding {code}: {text}"));
    }
    for (code, text) in rule.excuses {
        line(&mut page, &format!("excused {code}: {text}"));
    }
    let _ = write!(page, "\n{}", rule.doc);
    page
}

fn line(page: &mut String, text: &str) {
    let _ = writeln!(page, "{}", wrapped(text, 4));
}

fn status(rule: &Rule) -> &'static str {
    match rule.status {
        Status::Stable { .. } => "stable",
        Status::Provisional { .. } => "provisional",
        Status::Retired { .. } => "retired",
    }
}

fn effective(rule: &Rule, library: &Library) -> String {
    match (library.profile().window(rule.id), rule.effective) {
        (Some(day), _) => format!("a breach from {day} (profile), advisory before"),
        (None, Effective::From(day)) => format!("a breach from {day}, advisory before"),
        (None, Effective::Undated) => {
            format!(
                "undated in its source: a breach from {}, advisory before",
                Effective::CURRENT_EDITION
            )
        }
        (None, Effective::Always) => "a breach whenever it happened".to_owned(),
    }
}
