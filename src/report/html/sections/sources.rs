//! The texts behind the rules: title, edition and place for each rule, and how well each text is
//! known. Start at [`body`].

use std::collections::BTreeSet;

use maud::{Markup, html};

use crate::reference::{Confidence, Source};
use crate::report::html::facts::Facts;
use crate::report::html::tables::Column::Text;
use crate::report::html::tables::{cards, cell};
use crate::report::html::words::plural;
use crate::rules::{Citation, Rule, Status};

/// The section.
pub(super) fn body(facts: &Facts<'_>) -> Markup {
    let rules: Vec<&Rule> = facts.rules.iter().map(|line| line.rule).collect();
    let provisional: Vec<&&Rule> = rules
        .iter()
        .filter(|rule| because(rule).is_some())
        .collect();
    html! {
        p {
            "The rules paraphrase these texts; where they differ, the text counts. "
            @if !provisional.is_empty() {
                (plural(provisional.len() as u64, "rule")) " rest in part on something that could not be read and are marked "
                strong { "provisional" } ": let the registrar confirm them before anybody is held to them."
            }
        }
        (cards("sources-rules", "Where each rule stands", &[Text("Rule"), Text("Text, edition and place"), Text("Standing")],
            rules.iter().map(|rule| rule_row(facts, rule)).collect()))
        (cards("sources-texts", "The texts, and how they were read", &[Text("Text"), Text("Publisher"), Text("How it was read"), Text("Where")],
            texts(facts).into_iter().map(text_row).collect()))
    }
}

fn rule_row(facts: &Facts<'_>, rule: &Rule) -> Vec<Markup> {
    vec![
        html! { (rule.id) " " (rule.title()) },
        html! {
            ul class="plain" {
                @for cited in rule.sources { li { (citation(facts, cited)) } }
            }
        },
        match because(rule) {
            Some(because) => html! { strong { "provisional" } ": " (because) },
            None => cell("stable"),
        },
    ]
}

fn citation(facts: &Facts<'_>, cited: &Citation) -> String {
    let library = facts.input.validation.rules().library();
    match library.source(cited.source) {
        Some(source) => format!("{}, {}", titled(source), cited.place),
        None => format!("{}, {}", cited.source, cited.place),
    }
}

fn titled(source: &Source) -> String {
    match &source.edition {
        Some(edition) => format!("{} ({edition})", source.title),
        None => source.title.clone(),
    }
}

fn because(rule: &Rule) -> Option<&'static str> {
    match rule.status {
        Status::Provisional { because, .. } => Some(because),
        Status::Stable { .. } | Status::Retired { .. } => None,
    }
}

/// The texts that the rules of this report cite, each once.
fn texts<'f>(facts: &'f Facts<'_>) -> Vec<&'f Source> {
    let library = facts.input.validation.rules().library();
    let cited = facts.rules.iter().flat_map(|line| line.rule.sources);
    let keys: BTreeSet<&str> = cited.map(|cited| cited.source).collect();
    keys.into_iter()
        .filter_map(|key| library.source(key))
        .collect()
}

fn text_row(source: &Source) -> Vec<Markup> {
    let read = match source.confidence {
        Confidence::High => "read first-hand",
        Confidence::Medium => "read in a summary or an excerpt",
        Confidence::Low => "from memory or our choice: verify before use",
    };
    vec![
        cell(titled(source)),
        cell(&source.publisher),
        html! { (read) @if let Some(note) = &source.note { ". " span class="small" { (note) } } },
        // Only a plain web address becomes a link.
        html! {
            @if source.place.starts_with("https://") { a href=(source.place) { (source.place) } }
            @else { (source.place) }
        },
    ]
}
