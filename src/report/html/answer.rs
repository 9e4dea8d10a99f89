//! The whole report in one line, and five questions answered in a few words each, for somebody who
//! reads no further. Start at [`body`].

use maud::{Markup, html};

use super::facts::{Facts, SEVERITIES};
use super::partial::reasons;
use super::sections::{is_demonstration, steps};
use super::words::{count, plural, share, share_of, verb};
use crate::domain::exception::Exception;

/// Reasons named in the line; the answers below it have all.
const REASONS_IN_THE_LINE: usize = 1;
/// Steps named as the next.
const STEPS: usize = 3;
/// Records named as the first to be fixed.
const NAMED: usize = 3;

/// The answer.
pub(super) fn body(facts: &Facts<'_>) -> Markup {
    let reasons = reasons(facts);
    html! {
        section id="answer" class="answer" aria-labelledby="answer-heading" tabindex="-1" {
            h2 id="answer-heading" { "The answer in one line" }
            p class="line" { (line(facts, &reasons)) }
        }
        dl class="glance" {
            div { dt { "Which records first?" } dd { (records(facts)) } }
            div { dt { "Which rule fails most?" } dd { (rule(facts)) } }
            div { dt { "Whole or partial?" } dd { (whole(&reasons)) } }
            div { dt { "What is not known?" } dd { (unknown(facts)) } }
            div { dt { "What next?" } dd { (next(facts)) } }
        }
    }
}

fn next(facts: &Facts<'_>) -> Markup {
    html! {
        ol { @for step in steps(facts).into_iter().take(STEPS) { li { (step.what) } } }
        a href="#next" { "How, and what else" }
    }
}

fn line(facts: &Facts<'_>, reasons: &[String]) -> Markup {
    let week = facts.due_this_week().count() as u64;
    let more = reasons.len().saturating_sub(REASONS_IN_THE_LINE) as u64;
    let shown: Vec<&str> = reasons
        .iter()
        .take(REASONS_IN_THE_LINE)
        .map(String::as_str)
        .collect();
    html! {
        @if is_demonstration(facts) { strong { "DEMONSTRATION, no finding: " } }
        @match facts.records_to_fix() {
            0 => strong { "no record must be fixed, as far as can be told" },
            number => { strong { (plural(number, "record")) " must be fixed" } (grades(facts)) },
        }
        "; "
        strong { (plural(week, "duty")) " " (verb(week, "falls", "fall")) " due in the next 7 days" } "; "
        "the figures are " strong { (word(reasons)) } " because "
        @if reasons.is_empty() {
            "every record was read, every feed is proved, and every duty could be told."
        } @else {
            (shown.join("; "))
            @if more > 0 { ", and for " a href="#coverage" { (plural(more, "more reason")) } }
            "."
        }
    }
}

fn word(reasons: &[String]) -> &'static str {
    if reasons.is_empty() {
        "WHOLE"
    } else {
        "PARTIAL"
    }
}

/// How grave what must be fixed is.
fn grades(facts: &Facts<'_>) -> String {
    let numbers = SEVERITIES.map(|severity| {
        let fixes = facts.fixes.iter().filter(|one| one.severity == severity);
        (fixes.count() as u64, severity)
    });
    let parts: Vec<String> = numbers
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, severity)| format!("{} {severity}", count(*number)))
        .collect();
    if parts.is_empty() {
        return String::new();
    }
    let failures = plural(facts.fixes.len() as u64, "failed duty");
    format!(" ({failures}: {})", parts.join(", "))
}

/// The first records, each with the rules it fails.
fn records(facts: &Facts<'_>) -> Markup {
    let mut first: Vec<(&Exception, Vec<&str>)> = Vec::new();
    for one in &facts.fixes {
        let known = first.iter().position(|(other, _)| {
            (other.record, &other.reference) == (one.record, &one.reference)
        });
        match known {
            Some(at) => first[at].1.push(one.rule),
            None if first.len() < NAMED => first.push((one, vec![one.rule])),
            None => {}
        }
    }
    let rest = facts.records_to_fix().saturating_sub(first.len() as u64);
    html! {
        @if first.is_empty() {
            "None: no breach is open among the " (plural(facts.total().judged(), "duty")) " that could be decided."
        }
        @for (at, (one, rules)) in first.iter().enumerate() {
            @if at > 0 { "; " }
            span class="reference" { (one.reference) } " (" (one.severity) ": " (rules.join(", ")) ")"
        }
        @if rest > 0 { "; and " a href="#first" { (plural(rest, "more record")) ", in order" } }
    }
}

fn rule(facts: &Facts<'_>) -> Markup {
    let most = facts.failing_most();
    let as_many: Vec<&str> = most.iter().skip(1).map(|line| line.rule.id).collect();
    html! {
        @match most.first() {
            None => "None: every duty that could be decided was met or excused.",
            Some(line) => {
                strong { (line.rule.id) " " (line.rule.title()) } ": " (count(line.tally.breach)) " not met; "
                (share(line.tally.met, line.tally.judged())) " met. "
                @if !as_many.is_empty() { "As many failures: " (as_many.join(", ")) ". " }
                a href="#failing" { "All rules" }
            }
        }
    }
}

fn whole(reasons: &[String]) -> Markup {
    html! {
        strong { (word(reasons)) }
        @if !reasons.is_empty() {
            ul { @for reason in reasons { li { (reason) } } }
        }
    }
}

fn unknown(facts: &Facts<'_>) -> Markup {
    let total = facts.total();
    let asked = total.judged() + total.excused + total.undecidable;
    html! {
        @match facts.missing.first() {
            None => "Every duty that is due could be told.",
            Some(field) => {
                (share_of(total.undecidable, asked, "duty")) " cannot be told. "
                "One field, " code { (field.path) } ", would decide " (plural(field.records, "record")) ". "
                a href="#undecidable" { "Every field" }
            }
        }
    }
}
