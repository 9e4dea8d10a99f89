//! The document around the sections: head, style, the answer in one line, where to find what.
//! Start at [`page`].

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::facts::{Facts, SEVERITIES};
use super::partial::reasons;
use super::sections::{self, Section};
use super::words::{count, day, plural, verb, when};
use crate::domain::Instant;

const STYLE: &str = include_str!("report.css");
/// Nothing is fetched and nothing is run, whatever stands in the data.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";
/// Reasons named in the answer; the section on the data has all.
const REASONS_IN_THE_ANSWER: usize = 2;

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
                    (answer(facts))
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

/// The whole report in one line.
fn answer(facts: &Facts<'_>) -> Markup {
    let (records, week) = (facts.records_to_fix(), facts.due_this_week().count() as u64);
    let reasons = reasons(facts);
    let word = if reasons.is_empty() {
        "WHOLE"
    } else {
        "PARTIAL"
    };
    html! {
        section id="answer" class="answer" aria-labelledby="answer-heading" tabindex="-1" {
            h2 id="answer-heading" { "The answer in one line" }
            p class="line" {
                strong { (plural(records, "record")) " must be fixed" } (grades(facts)) "; "
                strong { (plural(week, "duty").replace("dutys", "duties")) " " (verb(week, "falls", "fall")) " due in the next 7 days" } "; the figures are "
                strong class="word" { (word) } " because "
                (because(&reasons)) "."
            }
        }
    }
}

/// How grave what must be fixed is.
fn grades(facts: &Facts<'_>) -> String {
    let parts: Vec<String> = SEVERITIES
        .iter()
        .filter_map(|severity| {
            let fixes = facts.fixes.iter().filter(|one| one.severity == *severity);
            let number = fixes.count() as u64;
            (number > 0).then(|| format!("{} {severity}", count(number)))
        })
        .collect();
    if parts.is_empty() {
        return String::new();
    }
    let failures = facts.fixes.len() as u64;
    format!(
        " ({}: {})",
        plural(failures, "failed duty").replace("dutys", "duties"),
        parts.join(", ")
    )
}

fn because(reasons: &[String]) -> Markup {
    let shown: Vec<&str> = reasons
        .iter()
        .take(REASONS_IN_THE_ANSWER)
        .map(String::as_str)
        .collect();
    let more = reasons.len().saturating_sub(REASONS_IN_THE_ANSWER) as u64;
    html! {
        @if reasons.is_empty() {
            "every record was read, every feed is proved, and every duty could be told"
        } @else {
            (shown.join(", and "))
            @if more > 0 {
                " (" a href="#coverage" { (plural(more, "more reason")) } ")"
            }
        }
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
