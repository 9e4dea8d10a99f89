//! What must be fixed first: the gravest and longest overdue one by one, the rest by count.
//! Start at [`body`].

use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::domain::exception::Exception;
use crate::domain::names::RecordKind;
use crate::report::html::facts::{Facts, gravity};
use crate::report::html::tables::Column::{self, Number, Text};
use crate::report::html::tables::{cards, cell, table};
use crate::report::html::words::{count, duty, long, moment, verb, when};

/// How many are shown one by one.
const SHOWN: usize = 50;

/// The section.
pub(super) fn body(facts: &Facts<'_>) -> Markup {
    let (shown, rest) = facts.fixes.split_at(facts.fixes.len().min(SHOWN));
    html! {
        @if shown.is_empty() {
            p { "No open breach is left to be fixed." (closed(facts)) }
        } @else {
            p {
                "The gravest first and, among equals, the one that has been overdue longest; what has no set hour comes last. "
                "Each row is one duty on one record." (closed(facts))
            }
            (cards("first-table", &caption(facts), &COLUMNS, shown.iter().map(|one| row(facts, one)).collect()))
            @if !rest.is_empty() { (others(rest)) }
        }
    }
}

const COLUMNS: [Column; 5] = [
    Text("Reference"),
    Text("Severity"),
    Text("Rule, and what is wrong"),
    Text("Due"),
    Text("Owning unit"),
];

fn caption(facts: &Facts<'_>) -> String {
    let all = facts.fixes.len();
    if all > SHOWN {
        let all = count(all as u64);
        format!("The first {SHOWN} of {all} failed duties that are not yet put right")
    } else {
        "Failed duties that are not yet put right".to_owned()
    }
}

fn row(facts: &Facts<'_>, exception: &Exception) -> Vec<Markup> {
    vec![
        reference(exception),
        html! { span class={ "grade " (exception.severity) } { (exception.severity) } },
        wrong(facts, exception),
        due(facts, exception),
        cell(match (&exception.owning_unit, exception.record) {
            (Some(unit), _) => unit.as_str(),
            (None, RecordKind::Incident) => "incident log",
            (None, _) => "not told",
        }),
    ]
}

fn reference(exception: &Exception) -> Markup {
    let own = exception.reference.as_str();
    let duty = duty(own, exception.obligation.as_str());
    html! {
        span class="reference" { (own) }
        br;
        span class="small" {
            (exception.record)
            @if let Some(duty) = duty { ", " (duty) }
            @if exception.domestic_abuse == Some(true) { ", domestic abuse" }
        }
    }
}

fn wrong(facts: &Facts<'_>, exception: &Exception) -> Markup {
    let owner = facts.rule(exception.rule).and_then(|line| line.rule.cause);
    html! {
        strong { (exception.rule) } " "
        @if let Some(finding) = &exception.finding {
            (finding.text)
            @let told: Vec<String> = finding.finding.facts.iter().map(fact).collect();
            @if !told.is_empty() { br; span class="small" { (told.join("; ")) } }
        }
        @if let (Some(_), Some(owner)) = (exception.cause, owner) {
            br; span class="small" { "The same failure as " (owner) " shows." }
        }
    }
}

fn fact(fact: &crate::domain::judgement::Fact) -> String {
    let value = fact.value.as_ref().map(|value| value.as_str().to_owned());
    let says = value.or(fact.at.as_ref().map(moment));
    match says {
        Some(says) => format!("{}: {says}", fact.field),
        None => fact.field.to_owned(),
    }
}

fn due(facts: &Facts<'_>, exception: &Exception) -> Markup {
    html! {
        @match exception.due {
            None => "no set hour",
            Some(due) => {
                (when(due.0))
                br;
                span class="small" { "overdue " (long(facts.now.since(due.0))) }
            }
        }
    }
}

/// What is open and needs no work on the record.
fn closed(facts: &Facts<'_>) -> String {
    let total = facts.total();
    let mut text = String::new();
    if total.remedied > 0 {
        text.push_str(&format!(
            " {} more {} done late: nothing is left to fix there, and they count as not met.",
            count(total.remedied),
            verb(total.remedied, "was", "were")
        ));
    }
    if total.waived > 0 {
        text.push_str(&format!(
            " {} more {} left by a person's decision, for a time.",
            count(total.waived),
            verb(total.waived, "is", "are")
        ));
    }
    text
}

fn others(rest: &[&Exception]) -> Markup {
    let mut sums: BTreeMap<(usize, &str), (&Exception, u64)> = BTreeMap::new();
    for one in rest {
        let key = (gravity(one.severity), one.rule);
        sums.entry(key).or_insert((one, 0)).1 += 1;
    }
    let rows = sums.values().map(|(one, number)| {
        vec![
            html! { (one.rule) " " (one.title) },
            cell(one.severity),
            cell(count(*number)),
        ]
    });
    let columns = [Text("Rule"), Text("Severity"), Number("Failed duties")];
    html! {
        (table("first-rest", "The rest, by count", &columns, rows.collect()))
        p { "Each of them is a row of " code { "exceptions.csv" } ", written beside this report." }
    }
}
