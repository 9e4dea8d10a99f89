//! What the data does not cover: why the figures are partial, feeds and their proofs, records set
//! aside, rows left out, words and fields that could not be used. Start at [`body`].

use std::collections::BTreeMap;

use maud::{Markup, html};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};

use crate::domain::exception::ProofKind;
use crate::domain::{Feed, Instant, Reason};
use crate::report::html::facts::Facts;
use crate::report::html::partial::{reasons, unowned};
use crate::report::html::tables::Column::{Number, Text};
use crate::report::html::tables::{cards, cell, table};
use crate::report::html::words::{count, plural, spoken, verb, when};
use crate::validation::{ClaimView, Force};

/// Words and fields shown one by one.
const SHOWN: usize = 20;

/// The section.
pub(super) fn body(facts: &Facts<'_>) -> Markup {
    let reasons = reasons(facts);
    html! {
        @if reasons.is_empty() {
            p { strong { "The figures are whole." } " Every record was read, every feed is proved, and every duty could be told." }
        } @else {
            p { strong { "The figures are partial" } " because:" }
            ul { @for reason in &reasons { li { (reason) } } }
        }
        h3 { "Feeds" }
        (feeds(facts))
        h3 { "Records" }
        (balance(facts))
        (set_aside(facts))
        (unusable(facts))
    }
}

fn feeds(facts: &Facts<'_>) -> Markup {
    let mut rows = Vec::new();
    let several = facts.input.validation.forces().count() > 1;
    for force in facts.input.validation.forces() {
        for claim in force.claims() {
            rows.push(feed_row(force, &claim, several));
        }
    }
    let columns = [
        Text("Feed"),
        Text("Proved through"),
        Text("On whose word"),
        Text("Covers since"),
        Text("Tells"),
        Number("Unread"),
    ];
    html! {
        p {
            "A feed is proved through a moment if everything committed before it is known to have been sent. "
            "Nobody is accused of something missing before the feeds are proved past its due time."
        }
        (cards("coverage-feeds", "Feeds, how far each is proved, and since when it covers everything", &columns, rows))
        @for force in facts.input.validation.forces() { (untold(facts, force)) }
    }
}

fn feed_row(force: &Force, claim: &ClaimView, several: bool) -> Vec<Markup> {
    let declared = force.feeds().named(&claim.feed);
    let since = declared.and_then(|feed| feed.covers_from);
    vec![
        html! { (claim.feed) @if several { br; span class="small" { (force.code()) } } },
        match claim.through {
            Instant::BEGINNING => cell("nothing"),
            through => when(through),
        },
        cell(word(claim.kind)),
        since.map_or_else(|| cell("not stated"), when),
        cell(declared.map_or_else(String::new, tells)),
        cell(count((claim.held_by + claim.expired) as u64)),
    ]
}

fn word(kind: ProofKind) -> &'static str {
    match kind {
        ProofKind::Stated => "its own heartbeat",
        ProofKind::Declared => "as declared for this run",
        ProofKind::Impaired => "impaired: records were set aside or sent late",
    }
}

fn tells(feed: &Feed) -> String {
    let mut text: Vec<String> = feed
        .owns
        .iter()
        .map(|block| spoken(block.as_str()))
        .collect();
    if !feed.not_carried.is_empty() {
        text.push(format!("and never {}", feed.not_carried.join(", ")));
    }
    text.join(", ")
}

/// What no feed tells, and which rules therefore stay without an answer.
fn untold(facts: &Facts<'_>, force: &Force) -> Markup {
    let blocks = unowned(facts, force);
    let names: Vec<String> = blocks.iter().map(|block| spoken(block.as_str())).collect();
    let rules = facts.rules.iter().map(|line| line.rule);
    let touched = rules.filter(|rule| blocks.iter().any(|block| rule.concerns.contains(block)));
    let touched: Vec<&str> = touched.map(|rule| rule.id).collect();
    html! {
        @if !names.is_empty() {
            p {
                "No feed of " (force.code()) " tells " strong { (names.join(", ")) }
                ". Rules that ask for it: " (touched.join(", ")) "."
            }
        }
    }
}

fn balance(facts: &Facts<'_>) -> Markup {
    let reading = &facts.input.reading;
    html! {
        p {
            (plural(reading.read, "record")) " read: "
            (count(reading.applied)) " taken up, "
            (count(reading.ledger_only)) " older than what was known, "
            (count(reading.duplicate)) " known already, "
            strong { (count(reading.quarantined)) " set aside unread" } ", "
            (count(reading.control)) " that carry no case (heartbeats, decisions, rows left out by a mapping); "
            @if reading.off == 0 { "none is unaccounted for." }
            @else { strong { (reading.off) " are unaccounted for." } }
        }
        @if !reading.left_out.is_empty() {
            p { "Rows that a mapping leaves out by name: " (listed(reading.left_out)) "." }
        }
        @if !reading.alarms.is_empty() {
            p { "Alarms: " (listed(reading.alarms)) "." }
        }
    }
}

fn listed(counts: &BTreeMap<String, u64>) -> String {
    let parts: Vec<String> = counts
        .iter()
        .map(|(name, number)| format!("{} × {}", count(*number), spoken(name)))
        .collect();
    parts.join(", ")
}

fn set_aside(facts: &Facts<'_>) -> Markup {
    let reading = &facts.input.reading;
    let rows = reading.by_reason.iter().map(|(reason, number)| {
        vec![
            cell(spoken(reason)),
            cell(count(*number)),
            cell(advice(reason).unwrap_or_default()),
        ]
    });
    let columns = [Text("Reason"), Number("Records"), Text("What to do")];
    let were = verb(reading.quarantined, "It stands", "They stand");
    html! {
        @if !reading.by_reason.is_empty() {
            (cards("coverage-reasons", "Records set aside unread, by reason", &columns, rows.collect()))
            p {
                (were) " in " code { "quarantine.jsonl" } " with line and field. What was set aside may hold the very fact that is missing elsewhere: "
                "breaches of that kind are marked " em { "impaired" } " in " code { "exceptions.csv" } "."
            }
        }
    }
}

/// What a person can do about a reason.
pub(super) fn advice(reason: &str) -> Option<&'static str> {
    let text: StrDeserializer<'_, Error> = reason.into_deserializer();
    Reason::deserialize(text).ok().map(Reason::advice)
}

fn unusable(facts: &Facts<'_>) -> Markup {
    let reading = &facts.input.reading;
    html! {
        @if !reading.unread.is_empty() {
            h3 { "Words that no list has" }
            p { "Each cost one field of one record; a mapping from the system's word to one of the contract's words brings them back." }
            (counts("coverage-words", "Field and word, by count", reading.unread))
        }
        @if !reading.unknown_fields.is_empty() {
            h3 { "Fields that the contract does not have" }
            p { "They were left out and do no harm." }
            (counts("coverage-fields", "Fields left out, by count", reading.unknown_fields))
        }
    }
}

fn counts(id: &str, caption: &str, counts: &BTreeMap<String, u64>) -> Markup {
    let mut lines: Vec<(&String, &u64)> = counts.iter().collect();
    lines.sort_by(|left, right| right.1.cmp(left.1).then(left.0.cmp(right.0)));
    let rows = lines.iter().take(SHOWN);
    let rows = rows.map(|(name, number)| vec![html! { code { (name) } }, cell(count(**number))]);
    html! {
        (table(id, caption, &[Text("Field"), Number("Times")], rows.collect()))
        @if lines.len() > SHOWN {
            p { (count((lines.len() - SHOWN) as u64)) " more stand in " code { "balance.json" } "." }
        }
    }
}
