//! How each rule stands, and how that moved within a day of the made-up force. Start at [`body`].

use maud::{Markup, html};

use super::super::picture::{Picture, Rate};
use crate::domain::exception::Tally;
use crate::report::html::tables::{Column, cell, table};
use crate::report::html::words::{count, tenths};

/// The table of rates.
pub(super) fn body(picture: &Picture) -> Markup {
    let rows = picture.rates.iter().map(row).collect();
    table(
        "rates-table",
        "Duties that are decided, and the share of them that was done; what is not due, waits or cannot be told is in no rate",
        &[
            Column::Text("Rule"),
            Column::Number("Decided"),
            Column::Number("Done"),
            Column::Number("Not done or late"),
            Column::Number("Not due, or waiting"),
            Column::Number("Cannot be told"),
            Column::Number("Rate"),
            Column::Text("Since a day ago"),
        ],
        rows,
    )
}

fn row(rate: &Rate) -> Vec<Markup> {
    let Rate { rule, now, before } = rate;
    let number = |number: u64| cell(count(number));
    vec![
        html! { (rule.0) " " (rule.1) },
        number(now.judged()),
        number(now.met),
        number(now.breach),
        number(now.pending),
        number(now.undecidable),
        share(now),
        moved(now, before),
    ]
}

fn share(now: &Tally) -> Markup {
    let Some(tenths) = tenths(now.met, now.judged()) else {
        return cell("–");
    };
    let said = format!("{}.{}\u{a0}%", tenths / 10, tenths % 10);
    html! {
        (said)
        svg class="share" width="100%" height="8" aria-hidden="true" {
            rect class="breach" x="0" y="0" width="100%" height="8" {}
            rect class="met" x="0" y="0" width={ (tenths / 10) "%" } height="8" {}
        }
    }
}

/// By how much the rate moved, in tenths of a point.
fn moved(now: &Tally, before: &Tally) -> Markup {
    let decided = now.judged().saturating_sub(before.judged());
    let rates = tenths(now.met, now.judged()).zip(tenths(before.met, before.judged()));
    let told = rates.map(|(now, before)| match now.cmp(&before) {
        std::cmp::Ordering::Equal => "same".to_owned(),
        std::cmp::Ordering::Greater => format!("up {}", points(now - before)),
        std::cmp::Ordering::Less => format!("down {}", points(before - now)),
    });
    match told {
        Some(told) if decided > 0 => cell(format!("{told}; {} more decided", count(decided))),
        Some(told) => cell(told),
        None => cell("–"),
    }
}

fn points(tenths: u64) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}
