//! What to do next: steps made from what was found, the most useful first. Start at [`body`].

use maud::{Markup, html};

use super::coverage::advice;
use super::is_demonstration;
use super::undecidable::why;
use crate::domain::Instant;
use crate::report::html::facts::{Facts, gravity};
use crate::report::html::words::{count, plural, verb};

/// The section.
pub(super) fn body(facts: &Facts<'_>) -> Markup {
    html! {
        @if is_demonstration(facts) {
            p { "Were these the records of a force of England and Wales, its registrar would now:" }
        }
        ol class="steps" {
            @for step in steps(facts) { li { (step) } }
        }
    }
}

fn steps(facts: &Facts<'_>) -> Vec<Markup> {
    let mut steps = Vec::new();
    steps.extend(fix(facts));
    steps.extend(plan(facts));
    steps.extend(resend(facts));
    steps.extend(ask(facts));
    steps.extend(prove(facts));
    steps.extend(cover(facts));
    steps.push(html! {
        "For any one record, ask why: " code { "truecount explain REFERENCE FILES" }
        " shows its timeline, every verdict, what would change it, and which feed holds it."
    });
    steps.push(html! {
        "Judge again with newer extracts and compare. What was put right falls out of " code { "exceptions.csv" } " by itself."
    });
    steps
}

fn fix(facts: &Facts<'_>) -> Option<Markup> {
    let records = facts.records_to_fix();
    let critical = facts.fixes.iter().filter(|one| gravity(one.severity) == 0);
    let critical = critical.count() as u64;
    (records > 0).then(|| {
        html! {
            strong { "Put the " (plural(records, "record")) " right" }
            @if critical > 0 { ", beginning with the " (count(critical)) " critical failures" }
            ": " a href="#first" { "what must be fixed first" } "."
        }
    })
}

fn plan(facts: &Facts<'_>) -> Option<Markup> {
    let week = facts.due_this_week().count() as u64;
    (week > 0).then(|| {
        html! {
            strong { "Give out the " (count(week)) " that " (verb(week, "falls", "fall")) " due this week" }
            " before they become breaches: " a href="#ageing" { "day by day" } "."
        }
    })
}

fn resend(facts: &Facts<'_>) -> Option<Markup> {
    let reading = &facts.input.reading;
    let most = reading
        .by_reason
        .iter()
        .max_by_key(|(_, number)| **number)?;
    let advice = advice(most.0).unwrap_or_default();
    Some(html! {
        strong { "Have the " (plural(reading.quarantined, "record")) " that could not be read sent again." }
        " The most frequent reason asks the feed to " (advice) ": " a href="#coverage" { "all reasons" } "."
    })
}

fn ask(facts: &Facts<'_>) -> Option<Markup> {
    let field = facts.missing.first()?;
    Some(html! {
        strong { "Ask for " code { (field.path) } }
        ", which would decide " (plural(field.records, "record")) " (" (why(facts, field)) "): "
        a href="#undecidable" { "every missing field" } "."
    })
}

fn prove(facts: &Facts<'_>) -> Option<Markup> {
    let forces = facts.input.validation.forces();
    let claims = forces.flat_map(|force| force.claims().collect::<Vec<_>>());
    let behind = claims.filter(|claim| {
        let wanted = facts.input.as_at.unwrap_or(claim.through);
        claim.through == Instant::BEGINNING || claim.through < wanted
    });
    let names: Vec<String> = behind.map(|claim| claim.feed.to_string()).collect();
    (!names.is_empty()).then(|| {
        html! {
            strong { "Get proof that " (names.join(", ")) " sent everything" }
            ": heartbeats from the feed, or its true end in " code { "--covers FEED=FROM..TO" }
            ". Until then what is due after it stays waiting."
        }
    })
}

fn cover(facts: &Facts<'_>) -> Option<Markup> {
    let forces = facts.input.validation.forces();
    let feeds = forces.flat_map(|force| force.feeds().iter());
    let names: Vec<&str> = feeds
        .filter(|feed| feed.covers_from.is_none())
        .map(|feed| feed.name.as_str())
        .collect();
    (!names.is_empty()).then(|| {
        html! {
            strong { "Find out since when " (names.join(", ")) " " (verb(names.len() as u64, "covers", "cover")) " everything" }
            " and say it with " code { "--covers" } " or in the configuration: only then does the absence of a record mean anything."
        }
    })
}
