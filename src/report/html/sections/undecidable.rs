//! What cannot be told, and which field would decide how many records. Start at [`body`].

use std::collections::BTreeSet;

use maud::{Markup, html};

use crate::domain::Feeds;
use crate::domain::records::Block;
use crate::report::html::charts::{Bar, Chart, Scale, Series, figure};
use crate::report::html::facts::{Facts, MissingField};
use crate::report::html::tables::Column::{Number, Text};
use crate::report::html::tables::{cards, cell};
use crate::report::html::words::{count, plural, share_of};

const RECORDS: [Series; 1] = [Series {
    name: "records",
    class: "untold",
}];
/// Bars of the chart; the table has every field.
const BARS: usize = 10;
/// Unreadable words named for one field.
const WORDS: usize = 3;

/// The section.
pub(super) fn body(facts: &Facts<'_>) -> Markup {
    let total = facts.total();
    let asked = total.judged() + total.excused + total.undecidable;
    html! {
        @if facts.missing.is_empty() {
            p { "Every duty that is due could be told." }
        } @else {
            p {
                strong { (share_of(total.undecidable, asked, "duty")) }
                " cannot be told, because a fact that decides is not in the data. They count neither as met nor as not met. "
                @if let Some(first) = facts.missing.first() {
                    "The field that would help most is " code { (first.path) } ": it would decide "
                    (plural(first.records, "record")) "."
                }
            }
            (figure(&chart(facts), &fields(facts)))
        }
    }
}

fn chart(facts: &Facts<'_>) -> Chart<'static> {
    let bars = facts.missing.iter().take(BARS).map(|field| Bar {
        label: field.path.clone(),
        parts: vec![field.records],
        says: count(field.records),
    });
    Chart {
        id: "undecidable-chart",
        title: "Records that one field would decide (the ten greatest)",
        series: &RECORDS,
        scale: Scale::Longest,
        bars: bars.collect(),
    }
}

fn fields(facts: &Facts<'_>) -> Markup {
    let rows = facts.missing.iter().map(|field| {
        let rules: Vec<&str> = field.rules.iter().copied().collect();
        vec![
            html! { code { (field.path) } },
            cell(count(field.records)),
            cell(count(field.duties)),
            cell(rules.join(", ")),
            cell(why(facts, field)),
        ]
    });
    let columns = [
        Text("Missing field"),
        Number("Records"),
        Number("Duties"),
        Text("Rules it would decide"),
        Text("Why it is missing"),
    ];
    cards(
        "undecidable-table",
        "Fields that would decide, most records first",
        &columns,
        rows.collect(),
    )
}

/// Why a field is missing, and so whom to ask.
pub(super) fn why(facts: &Facts<'_>, field: &MissingField) -> String {
    let mut text = match field.path.as_str() {
        "precision" => "a day or a month stands where the hour decides".to_owned(),
        "edition" => "no edition of a limit, list or calendar covers the day".to_owned(),
        "version" => "records without version numbers hide silent changes".to_owned(),
        "rule_fault" => "a fault of ours: the rule failed on this record".to_owned(),
        "too_many_links" => "more than 500 links at one record".to_owned(),
        "closure.category" => "not told, or a local word that the profile does not map".to_owned(),
        path => by_feed(facts, path),
    };
    if !field.unread.is_empty() {
        let words: Vec<&str> = field
            .unread
            .iter()
            .take(WORDS)
            .map(String::as_str)
            .collect();
        text.push_str(&format!("; carried and not readable: {}", words.join(", ")));
    }
    text
}

fn by_feed(facts: &Facts<'_>, path: &str) -> String {
    let forces = facts.input.validation.forces();
    let says: BTreeSet<String> = forces.map(|force| of_force(force.feeds(), path)).collect();
    says.into_iter().collect::<Vec<_>>().join("; ")
}

fn of_force(feeds: &Feeds, path: &str) -> String {
    let name = path.split('.').next().unwrap_or(path);
    let block = Block::EVERY.iter().find(|block| block.as_str() == name);
    let Some(feed) = block.and_then(|block| feeds.owner(*block)) else {
        return format!("no feed tells {name}");
    };
    if feed.not_carried.iter().any(|own| own == path) {
        format!("feed {} says that it never carries it", feed.name)
    } else {
        format!("feed {} leaves it empty on these records", feed.name)
    }
}
