//! What was found wrong last, with rule and reason, and which deadlines come next. Start at [`latest`].

use maud::{Markup, html};

use super::super::picture::{Coming, Picture};
use super::super::remembered::Revision;
use super::clock;
use super::systems::named;
use crate::domain::Elapsed;
use crate::domain::exception::State;
use crate::report::html::tables::{Column, cards, cell};
use crate::report::html::words::{count, long, plural};

/// The newest accusations.
pub(super) fn latest(picture: &Picture) -> Markup {
    let rows: Vec<Vec<Markup>> = picture.accusations().map(accusation).collect();
    html! {
        @if rows.is_empty() {
            p { "None yet: no deadline that has passed was missed on complete data." }
        } @else {
            (cards(
                "exceptions-table",
                "Duties that were not done, or done late; the last one first",
                &[
                    Column::Text("Duty"),
                    Column::Text("Why"),
                    Column::Text("Record"),
                    Column::Text("Due"),
                    Column::Text("Published"),
                    Column::Text("Rests on"),
                ],
                rows,
            ))
        }
    }
}

fn accusation(revision: &Revision) -> Vec<Markup> {
    let exception = &revision.exception;
    let why = exception.finding.as_ref().map_or("", |found| found.text);
    let rests_on = revision
        .rests_on
        .iter()
        .map(|feed| named(feed.as_str()).0)
        .collect::<Vec<_>>();
    let late = exception.late_by_seconds.map(Elapsed::seconds);
    vec![
        html! {
            span class={ "grade " (exception.severity) } { (exception.rule) } " " (exception.title)
        },
        html! {
            (why)
            @if exception.state == State::Remedied {
                " Done since" @if let Some(late) = late { ", " (long(late)) " late" } "."
            }
        },
        html! { span class="reference" { (exception.reference) } },
        exception.due.map_or_else(|| cell("–"), |due| clock(due.0)),
        clock(revision.at),
        cell(rests_on.join(", ")),
    ]
}

/// The deadlines that come next.
pub(super) fn coming(picture: &Picture) -> Markup {
    let (all, first) = &picture.coming;
    let rows = first.iter().map(|one| deadline(one, picture)).collect();
    html! {
        p {
            (plural(*all, "duty")) " not done yet, with a deadline ahead. When it has passed, the systems first have to say that \
             they sent everything up to it; only then is a duty that is still not done called a breach."
        }
        @if !first.is_empty() {
            (cards(
                "deadlines-table",
                &format!("The next {} of {}", first.len(), count(*all)),
                &[Column::Text("Duty"), Column::Text("Record"), Column::Text("Deadline"), Column::Text("In")],
                rows,
            ))
        }
    }
}

fn deadline(one: &Coming, picture: &Picture) -> Vec<Markup> {
    let (rule, title) = one.rule;
    vec![
        html! { (rule) " " (title) },
        html! { span class="reference" { (one.reference) } },
        clock(one.at),
        cell(long(one.at.since(picture.now))),
    ]
}
