//! How long open breaches have been overdue, and what falls due within a week. Start at [`body`].

use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::domain::exception::Exception;
use crate::domain::{Elapsed, LondonDay};
use crate::report::html::charts::{Bar, Chart, Scale, Series, figure};
use crate::report::html::facts::{Facts, Owner, SEVERITIES, Waiting, gravity};
use crate::report::html::tables::Column::{Number, Text};
use crate::report::html::tables::{cards, cell, table};
use crate::report::html::words::{count, day, duty, plural, stamp, verb, when};

/// The ages, in whole days: from, before, name.
const AGES: [(i64, i64, &str); 5] = [
    (i64::MIN, 1, "less than 1 day"),
    (1, 7, "1 to 7 days"),
    (7, 30, "7 to 30 days"),
    (30, 90, "30 to 90 days"),
    (90, i64::MAX, "90 days and more"),
];
const OVERDUE: [Series; 1] = [Series {
    name: "failed duties",
    class: "breach",
}];
const DUE: [Series; 1] = [Series {
    name: "duties",
    class: "due",
}];
/// How many of what falls due are shown one by one.
const SHOWN: usize = 50;

/// The section.
pub(super) fn body(facts: &Facts<'_>) -> Markup {
    html! {
        h3 { "Open breaches by age" }
        p { "How long ago each duty fell due, counted up to " (stamp(facts.now)) "." }
        (figure(&ages(facts), &ages_table(facts)))
        h3 { "Falls due within 7 days" }
        (week(facts))
    }
}

/// Whole days since the duty fell due; none where it has no hour.
fn age(facts: &Facts<'_>, exception: &Exception) -> Option<i64> {
    let due = exception.due?.0;
    Some(facts.now.since(due).whole_seconds().div_euclid(86_400))
}

fn within(facts: &Facts<'_>, from: i64, before: i64) -> [u64; SEVERITIES.len()] {
    let mut sums = [0; SEVERITIES.len()];
    for exception in &facts.fixes {
        let is_within = age(facts, exception).is_some_and(|days| days >= from && days < before);
        if is_within && let Some(sum) = sums.get_mut(gravity(exception.severity)) {
            *sum += 1;
        }
    }
    sums
}

fn ages(facts: &Facts<'_>) -> Chart<'static> {
    let bars = AGES.map(|(from, before, name)| {
        let number: u64 = within(facts, from, before).iter().sum();
        Bar {
            label: name.to_owned(),
            parts: vec![number],
            says: count(number),
        }
    });
    Chart {
        id: "ageing-chart",
        title: "Open breaches by time overdue",
        series: &OVERDUE,
        scale: Scale::Longest,
        bars: Vec::from(bars),
    }
}

fn ages_table(facts: &Facts<'_>) -> Markup {
    let mut rows: Vec<Vec<Markup>> = AGES
        .iter()
        .map(|(from, before, name)| age_row(name, within(facts, *from, *before)))
        .collect();
    let mut timeless = [0; SEVERITIES.len()];
    for exception in facts.fixes.iter().filter(|one| one.due.is_none()) {
        if let Some(sum) = timeless.get_mut(gravity(exception.severity)) {
            *sum += 1;
        }
    }
    rows.push(age_row("the rule sets no hour", timeless));
    let columns = [
        Text("Overdue"),
        Number("Failed duties"),
        Number("critical"),
        Number("high"),
        Number("medium"),
        Number("low"),
    ];
    table(
        "ageing-table",
        "Open breaches by time overdue and severity",
        &columns,
        rows,
    )
}

fn age_row(name: &str, sums: [u64; SEVERITIES.len()]) -> Vec<Markup> {
    let mut row = vec![cell(name), cell(count(sums.iter().sum()))];
    row.extend(sums.map(|number| cell(count(number))));
    row
}

fn week(facts: &Facts<'_>) -> Markup {
    let due: Vec<&Waiting> = facts.due_this_week().collect();
    let unproved = facts.unproved();
    let later = facts.waiting.len() as u64 - unproved - due.len() as u64;
    html! {
        p {
            "Not done, as far as the records tell, and due in the 7 days after " (stamp(facts.now)) ". "
            @if later > 0 { (plural(later, "duty")) " " (verb(later, "falls", "fall")) " due later. " }
            @if unproved > 0 {
                strong { (plural(unproved, "duty")) " " (verb(unproved, "waits", "wait")) " for proof" }
                ": their time is past or they were done late, but the feeds are not proved past it, so nobody is accused yet."
            }
        }
        @if due.is_empty() {
            p { "Nothing falls due in these 7 days." }
        } @else {
            (figure(&by_day(&due), &by_day_table(&due)))
            (one_by_one(&due))
        }
    }
}

fn days(due: &[&Waiting]) -> BTreeMap<LondonDay, u64> {
    let mut days = BTreeMap::new();
    for one in due {
        if let Some(at) = one.due {
            // A duty due at midnight is due by the end of the day before.
            *days
                .entry(at.minus(Elapsed::seconds(1)).london_day())
                .or_default() += 1;
        }
    }
    days
}

fn by_day(due: &[&Waiting]) -> Chart<'static> {
    let bars = days(due).into_iter().map(|(date, number)| Bar {
        label: day(date),
        parts: vec![number],
        says: count(number),
    });
    Chart {
        id: "due-chart",
        title: "What falls due, day by day",
        series: &DUE,
        scale: Scale::Longest,
        bars: bars.collect(),
    }
}

fn by_day_table(due: &[&Waiting]) -> Markup {
    let rows = days(due)
        .into_iter()
        .map(|(date, number)| vec![cell(day(date)), cell(count(number))]);
    let columns = [Text("Due by the end of"), Number("Duties")];
    table(
        "due-days",
        "What falls due, day by day",
        &columns,
        rows.collect(),
    )
}

fn one_by_one(due: &[&Waiting]) -> Markup {
    let rows = due.iter().take(SHOWN).map(|one| {
        vec![
            html! {
                span class="reference" { (one.reference) }
                @if let Some(duty) = duty(one.reference.as_str(), &one.obligation) { br; span class="small" { (duty) } }
            },
            html! { @if let Some(at) = one.due { (when(at)) } },
            html! { (one.rule.id) " " (one.rule.title()) },
            cell(one.rule.severity.as_str()),
            cell(match &one.unit {
                Owner::Named(name) => name.as_str(),
                Owner::Untold => "not told",
                Owner::IncidentLog => "incident log",
            }),
        ]
    });
    let columns = [
        Text("Reference"),
        Text("Due"),
        Text("Rule"),
        Text("Severity"),
        Text("Owning unit"),
    ];
    let caption = if due.len() > SHOWN {
        format!(
            "The first {SHOWN} of {}, soonest first",
            count(due.len() as u64)
        )
    } else {
        "One by one, soonest first".to_owned()
    };
    html! {
        (cards("due-table", &caption, &columns, rows.collect()))
        @if due.len() > SHOWN {
            p { "All of them stand in " code { "judgements.jsonl" } " as " code { "pending" } "." }
        }
    }
}
