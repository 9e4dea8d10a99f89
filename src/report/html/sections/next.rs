//! What to do next: steps made from what was found, the most useful first. Start at [`steps`].

use maud::{Markup, html};

use super::coverage::advice;
use super::is_demonstration;
use super::undecidable::why;
use crate::domain::Instant;
use crate::domain::records::BlockSet;
use crate::report::html::facts::{Facts, gravity};
use crate::report::html::words::{count, plural, verb};

/// A step.
pub(in crate::report::html) struct Step {
    /// What to do, in a few words.
    pub(in crate::report::html) what: Markup,
    /// How, and where it stands.
    how: Markup,
}

/// The section.
pub(super) fn body(facts: &Facts<'_>) -> Markup {
    html! {
        @if is_demonstration(facts) {
            p { "Were these the records of a force of England and Wales, its registrar would now:" }
        }
        ol class="steps" {
            @for step in steps(facts) { li { strong { (step.what) } (step.how) } }
        }
    }
}

/// The steps, the most useful first.
pub(in crate::report::html) fn steps(facts: &Facts<'_>) -> Vec<Step> {
    let found = [
        fix(facts),
        plan(facts),
        resend(facts),
        ask(facts),
        prove(facts),
        cover(facts),
    ];
    let mut steps: Vec<Step> = found.into_iter().flatten().collect();
    steps.push(Step {
        what: html! { "Ask why, for any one record" },
        how: html! {
            ": " code { "truecount explain REFERENCE FILES" }
            " shows its timeline, every verdict, what would change it, and which feed holds it."
        },
    });
    steps.push(Step {
        what: html! { "Judge again with newer extracts" },
        how: html! { ": what was put right falls out of " code { "exceptions.csv" } " by itself." },
    });
    steps
}

fn fix(facts: &Facts<'_>) -> Option<Step> {
    let records = facts.records_to_fix();
    let critical = facts.fixes.iter().filter(|one| gravity(one.severity) == 0);
    let critical = critical.count() as u64;
    (records > 0).then(|| Step {
        what: html! {
            "Put " (plural(records, "record")) " right"
            @if critical > 0 { ", beginning with " (plural(critical, "critical failure")) }
        },
        how: html! { ": " a href="#first" { "what must be fixed first" } "." },
    })
}

fn plan(facts: &Facts<'_>) -> Option<Step> {
    let week = facts.due_this_week().count() as u64;
    (week > 0).then(|| Step {
        what: html! {
            "Give out " (plural(week, "duty")) " that " (verb(week, "falls", "fall")) " due this week, before they become breaches"
        },
        how: html! { ": " a href="#ageing" { "day by day" } "." },
    })
}

fn resend(facts: &Facts<'_>) -> Option<Step> {
    let reading = &facts.input.reading;
    let reasons = reading.by_reason.iter();
    let (reason, number) = reasons.max_by_key(|(_, number)| **number)?;
    let advice = advice(reason).unwrap_or_default();
    Some(Step {
        what: html! { "Have " (plural(reading.quarantined, "unread record")) " sent again" },
        how: html! {
            ". For " (count(*number)) " of them the feed must " (advice) ": "
            a href="#coverage" { "every reason" } "."
        },
    })
}

fn ask(facts: &Facts<'_>) -> Option<Step> {
    let field = facts.missing.first()?;
    Some(Step {
        what: html! {
            "Ask for " code { (field.path) } ", which would decide " (plural(field.records, "record"))
        },
        how: html! {
            ": " (why(facts, field)) ". " a href="#undecidable" { "Every missing field" } "."
        },
    })
}

fn prove(facts: &Facts<'_>) -> Option<Step> {
    let forces = facts.input.validation.forces();
    let claims = forces.flat_map(|force| force.claims().collect::<Vec<_>>());
    let behind = claims.filter(|claim| {
        let wanted = facts.input.as_at.unwrap_or(claim.through);
        claim.through == Instant::BEGINNING || claim.through < wanted
    });
    let names: Vec<String> = behind.map(|claim| claim.feed.to_string()).collect();
    (!names.is_empty()).then(|| Step {
        what: html! { "Get proof that " (names.join(", ")) " sent everything" },
        how: html! {
            ": heartbeats from the feed, or its true end in " code { "--covers FEED=FROM..TO" }
            ". Until then what is due after it stays waiting."
        },
    })
}

fn cover(facts: &Facts<'_>) -> Option<Step> {
    let forces = facts.input.validation.forces();
    let feeds = forces.flat_map(|force| force.feeds().iter());
    let names: Vec<&str> = feeds
        .filter(|feed| feed.covers_from.is_none() && feed.owns != BlockSet::NONE)
        .map(|feed| feed.name.as_str())
        .collect();
    (!names.is_empty()).then(|| Step {
        what: html! {
            "Find out since when " (names.join(", ")) " "
            (verb(names.len() as u64, "covers", "cover")) " everything"
        },
        how: html! {
            " and say it with " code { "--covers" }
            " or in the configuration: only then does the absence of a record mean anything."
        },
    })
}
