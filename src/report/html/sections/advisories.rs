//! What is worth a look and no breach, by rule. Start at [`body`].

use maud::{Markup, html};

use crate::report::html::facts::Facts;
use crate::report::html::tables::Column::{Number, Text};
use crate::report::html::tables::{cards, cell};
use crate::report::html::words::count;

/// The section.
pub(super) fn body(facts: &Facts<'_>) -> Markup {
    let rows = facts.advisories.iter().map(|line| {
        vec![
            html! { (line.rule.id) " " (line.rule.title()) },
            cell(line.rule.finding_text(line.finding)),
            cell(count(line.records)),
            cell(count(line.duties)),
        ]
    });
    let columns = [
        Text("Rule"),
        Text("What was seen"),
        Number("Records"),
        Number("Duties"),
    ];
    html! {
        p {
            "A person may want to look at these. They open no exception and are in no rate: either the rule only ever advises, "
            "or the matter lies before the day from which the rule is judged."
        }
        @if facts.advisories.is_empty() {
            p { "There are none." }
        } @else {
            (cards("advisories-table", "Advisories by rule", &columns, rows.collect()))
            p { "The records stand in " code { "judgements.jsonl" } " as " code { "advisory" } "." }
        }
    }
}
