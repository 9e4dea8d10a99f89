//! The page of the demonstration as HTML: a function of the picture. Everything is in one document,
//! nothing is fetched from elsewhere, and without scripts it can be read and worked just the same; the
//! script only fetches it again. Start at [`page`].

mod exceptions;
mod flow;
mod rates;
mod systems;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::picture::Picture;
use super::remembered::Released;
use crate::domain::Instant;
use crate::report::html::words::{count, long, plural, stamp};

/// What keeps the page up to date.
pub const SCRIPT: &str = include_str!("demo.js");
const STYLE: &str = include_str!("demo.css");

/// The whole document.
pub fn page(picture: &Picture) -> String {
    let document = html! {
        (DOCTYPE)
        html lang="en-GB" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                link rel="icon" href="data:,";
                title { "Truecount demonstration: invented traffic" }
                style { (PreEscaped(crate::report::html::STYLE)) (PreEscaped(STYLE)) }
            }
            body {
                a class="skip" href="#answer" { "Skip to what happens now" }
                (head(picture))
                main {
                    (answer(picture))
                    (flow::section(picture))
                    (section("exceptions", "Latest exceptions", &exceptions::latest(picture)))
                    (section("deadlines", "Deadlines approaching", &exceptions::coming(picture)))
                    (section("rates", "How each rule stands", &rates::body(picture)))
                }
                (foot(picture))
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    document.into_string()
}

/// A part with its heading, of which the body changes.
fn section(id: &str, title: &str, body: &Markup) -> Markup {
    html! {
        section aria-labelledby={ (id) "-heading" } {
            h2 id={ (id) "-heading" } { (title) }
            (live(id, body))
        }
    }
}

/// A part that the script puts in anew when it has changed.
fn live(id: &str, body: &Markup) -> Markup {
    html! { div id=(id) data-live { (body) } }
}

fn head(picture: &Picture) -> Markup {
    let takes = takes(picture);
    html! {
        header {
            p class="invented" role="note" {
                strong { "Invented traffic." }
                " A program makes these records up. No such incident, crime or victim exists."
            }
            h1 { "Truecount at work" }
            p {
                "Three systems of a police force send their records. Truecount holds every record against the rules of crime \
                 recording, and says which duty was missed: but only once every system that could know better has said that it \
                 sent everything."
            }
            div class="clock" {
                (live("clock", &html! {
                    p {
                        "In the force it is " strong { (stamp(picture.now)) }
                        ". A day passes in " (takes) "."
                    }
                }))
                p {
                    button type="button" id="pause" hidden { "Pause" }
                    " "
                    a href="/" { "Reload" }
                    span id="paused" role="status" {}
                }
            }
        }
    }
}

fn takes(picture: &Picture) -> String {
    let seconds = picture.day_takes().whole_seconds();
    match seconds {
        ..120 => plural(u64::try_from(seconds).unwrap_or(0), "second"),
        _ if seconds % 60 == 0 => plural((seconds / 60).unsigned_abs(), "minute"),
        120..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => long(picture.day_takes()),
    }
}

/// What a newcomer is to take away, in one sentence about this very moment.
fn answer(picture: &Picture) -> Markup {
    let body = match systems::holding(picture) {
        Some(names) => held(picture, &names),
        None => going_on(picture),
    };
    html! {
        section class="answer" aria-labelledby="answer-heading" {
            h2 id="answer-heading" { "What happens now" }
            (live("answer", &body))
        }
    }
}

fn held(picture: &Picture, names: &str) -> Markup {
    html! {
        p class="line" {
            strong {
                "Nobody is accused on missing data. " (plural(picture.waiting, "deadline")) " passed and "
                (waits(picture.waiting)) " for " (names) "."
            }
        }
        p {
            "What was not sent may show that a duty was done. Once it is sent, each of these deadlines is decided: it turns out \
             not to be missed, or an exception is raised."
        }
    }
}

fn going_on(picture: &Picture) -> Markup {
    let off = systems::off(picture);
    html! {
        p class="line" {
            strong {
                @match off {
                    Some(names) => { "Held back: " (names) ". No deadline that has passed waits for that yet." },
                    None => {
                        "All three systems speak. " (plural(picture.open, "exception")) " " (is(picture.open))
                        " open, each on complete data."
                    },
                }
            }
        }
        @if let Some(released) = &picture.released {
            p { (decided(released)) }
        } @else if picture.waiting > 0 {
            p {
                (plural(picture.waiting, "deadline")) " passed in the last minutes and " (waits(picture.waiting))
                " until the systems have said that they sent everything up to then."
            }
        } @else {
            p { "No deadline that has passed waits for a system." }
        }
    }
}

/// What came of the deadlines that had waited for a system, once it spoke again.
fn decided(released: &Released) -> Markup {
    let (name, _) = systems::named(released.feed.as_str());
    let cleared = released.decided.saturating_sub(released.raised);
    html! {
        "At " (clock(released.at)) " " (name) " delivered what was held back, and "
        (plural(released.decided, "deadline")) " that had waited for it " (were(released.decided)) " decided: "
        b { (count(cleared)) } " turned out not to be missed, " b { (plural(released.raised, "exception")) } " "
        (were(released.raised)) " raised."
    }
}

/// An instant within the run, to the minute: its year is told once, at the top.
fn clock(at: Instant) -> Markup {
    let text = stamp(at);
    let mut words = text.split(' ');
    let day = words.by_ref().take(2).collect::<Vec<_>>().join(" ");
    let time = words.next_back().unwrap_or_default();
    html! { time datetime=(at) { (day) " " (time) } }
}

const fn waits(number: u64) -> &'static str {
    if number == 1 { "waits" } else { "wait" }
}

const fn were(number: u64) -> &'static str {
    if number == 1 { "was" } else { "were" }
}

const fn is(number: u64) -> &'static str {
    if number == 1 { "is" } else { "are" }
}

fn foot(picture: &Picture) -> Markup {
    let (code, name) = &picture.force;
    html! {
        footer {
            p class="small" {
                "The records are filed under the code " code { (code) } " (" (name) "), because the rules look a force up in the \
                 published table. They say nothing about that force."
            }
            (live("round", &html! {
                p class="small" {
                    "Run " (count(u64::from(picture.round))) ", begun with seed " (picture.seed)
                    ". It begins anew on " (clock(picture.ends)) " of its own time, with other records."
                }
            }))
            nav aria-label="For programs" {
                p class="small" {
                    a href="/metrics" { "Metrics" } " for Prometheus · "
                    a href="/state" { "this page as JSON" } " · "
                    a href="/live" { "live" } " · " a href="/ready" { "ready" }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
