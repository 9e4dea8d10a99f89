//! The document around the sections: head, style, the answer in one line, where to find what.
//! Start at [`page`].

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::STYLE;
use super::answer;
use super::facts::Facts;
use super::sections::{self, Section};
use super::words::{day, plural, when};
use crate::domain::Instant;

/// Nothing is fetched and nothing is run, whatever stands in the data.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// The whole document.
pub(super) fn page(facts: &Facts<'_>) -> Markup {
    let sections = sections::every(facts);
    let title = format!("Crime recording check: {}", names(facts));
    let is_demonstration = sections::is_demonstration(facts);
    html! {
        (DOCTYPE)
        html lang="en-GB" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="color-scheme" content="light dark";
                title { @if is_demonstration { "Demonstration, no finding. " } (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a class="skip" href="#answer" { "Skip to the answer" }
                header {
                    @if is_demonstration { (demonstration(facts)) }
                    h1 { (title) }
                    (about(facts))
                }
                main {
                    (answer::body(facts))
                    (contents(&sections))
                    @for section in sections {
                        section id=(section.id) aria-labelledby={ (section.id) "-heading" } {
                            h2 id={ (section.id) "-heading" } { (section.title) }
                            (section.body)
                        }
                    }
                }
                footer { (footer(facts)) }
            }
        }
    }
}

/// The forces, as they are called.
fn names(facts: &Facts<'_>) -> String {
    let library = facts.input.validation.rules().library();
    let forces = facts.input.validation.forces();
    let names: Vec<&str> = forces
        .map(|force| {
            let known = library.force(force.code().as_str());
            known.map_or(force.code().as_str(), |known| known.name.as_str())
        })
        .collect();
    if names.is_empty() {
        "no force could be read".to_owned()
    } else {
        names.join(", ")
    }
}

fn demonstration(facts: &Facts<'_>) -> Markup {
    let profile = facts.input.validation.rules().library().profile();
    html! {
        div class="demonstration" role="note" {
            p { strong { "DEMONSTRATION. NOT A FINDING ABOUT ANYBODY." } }
            p {
                "These records are under another law than the rules they were held against. "
                (profile.description)
            }
        }
    }
}

fn about(facts: &Facts<'_>) -> Markup {
    let rules = facts.input.validation.rules();
    let profile = rules.library().profile();
    html! {
        dl class="about" {
            dt { "Profile" }
            dd { (profile.title) " (" (profile.name) ")" }
            dt { "Data" }
            dd {
                (plural(facts.input.reading.read, "record")) " read"
                @if let Some((first, last)) = facts.span {
                    "; the duties speak of " (day(first)) " to " (day(last))
                }
            }
            dt { "Time of judging" }
            dd { (judged_at(facts)) }
        }
        p class="small" {
            "All times are London time. Incident and crime references are shown so that the record can be found; the report has no names, addresses or other personal details."
        }
    }
}

fn judged_at(facts: &Facts<'_>) -> Markup {
    match facts.input.as_at {
        Some(as_at) => when(as_at),
        None if facts.now > Instant::BEGINNING => html! {
            "none was given; as far as the feeds are proved, at the latest " (when(facts.now))
        },
        None => html! { "none was given, and no feed is proved" },
    }
}

fn contents(sections: &[Section]) -> Markup {
    html! {
        nav aria-labelledby="contents-heading" {
            h2 id="contents-heading" { "In this report" }
            ol {
                @for section in sections {
                    li { a href={ "#" (section.id) } { (section.title) } }
                }
            }
        }
    }
}

fn footer(facts: &Facts<'_>) -> Markup {
    let rules = facts.input.validation.rules();
    html! {
        p class="small" {
            "Made by Truecount. Code, reference data and profile have the fingerprint "
            code { (rules.fingerprint()) }
            ": the same files judged under it give this report again."
        }
    }
}
