//! The three systems: how each speaks, what waits for it, and the switches that let it speak otherwise.
//! Start at [`card`].

use maud::{Markup, html};

use super::super::gate::Speaks;
use super::super::picture::{FeedSeen, Picture};
use super::{clock, live};
use crate::report::html::words::{count, plural};

/// What a feed is called in a sentence, and what it sends.
pub(super) fn named(feed: &str) -> (&'static str, &'static str) {
    match feed {
        "cad" => (
            "the control room",
            "Incidents: who called, when, what about",
        ),
        "rms" => ("the crime system", "Crimes: class, times, outcomes"),
        "victim-hub" => (
            "the victims’ system",
            "Victims: needs assessed, referred, told",
        ),
        _ => ("another system", "Records"),
    }
}

/// The same at the start of a line.
pub(super) fn headed(feed: &str) -> String {
    let (name, _) = named(feed);
    let name = name.strip_prefix("the ").unwrap_or(name);
    let mut letters = name.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

/// The systems that are held back and are waited for, in words; none if nothing waits for one.
pub(super) fn holding(picture: &Picture) -> Option<String> {
    joined(picture, is_holding)
}

/// The systems that are held back, in words; none if all speak.
pub(super) fn off(picture: &Picture) -> Option<String> {
    joined(picture, |feed| feed.speaks != Speaks::AtOnce)
}

fn joined(picture: &Picture, of: impl Fn(&FeedSeen) -> bool) -> Option<String> {
    let feeds = picture.feeds.iter().filter(|feed| of(feed));
    let names: Vec<&str> = feeds.map(|feed| named(feed.name.as_str()).0).collect();
    (!names.is_empty()).then(|| names.join(" and "))
}

fn is_holding(feed: &FeedSeen) -> bool {
    feed.speaks != Speaks::AtOnce && feed.waiting > 0
}

/// A system with its switches. What is pressed keeps its place, so that a keyboard keeps it too.
pub(super) fn card(feed: &FeedSeen) -> Markup {
    let name = feed.name.as_str();
    let (spoken, sends) = named(name);
    html! {
        article id={ "feed-" (name) } class="box" aria-labelledby={ "feed-" (name) "-heading" } {
            h3 id={ "feed-" (name) "-heading" } { (headed(name)) }
            p class="small" { (sends) }
            (live(&format!("state-{name}"), &state(feed)))
            form method="post" {
                div role="group" aria-label={ "When " (spoken) " publishes" } {
                    @for way in Speaks::ALL {
                        button id={ "turn-" (name) "-" (way.as_str()) }
                            formaction={ "/feeds/" (name) "/" (way.as_str()) }
                            aria-pressed=(if way == feed.speaks { "true" } else { "false" })
                        {
                            (label(way, feed.speaks)) span class="unseen" { ": " (spoken) }
                        }
                    }
                }
            }
        }
    }
}

fn label(way: Speaks, speaks: Speaks) -> &'static str {
    match (way, speaks) {
        (Speaks::AtOnce, Speaks::Silent) => "Revive",
        (Speaks::AtOnce, _) => "At once",
        (Speaks::AtNight, _) => "Only at night",
        (Speaks::Silent, Speaks::Silent) => "Silent",
        (Speaks::Silent, _) => "Silence",
    }
}

fn state(feed: &FeedSeen) -> Markup {
    html! {
        p class={ "state " (feed.speaks.as_str()) } {
            strong { (speaking(feed)) }
            @if feed.speaks != Speaks::AtOnce {
                " " (plural(feed.held_back, "record")) " held back."
            }
        }
        p {
            b { (count(feed.delivered)) } " records came; "
            @match feed.claim {
                Some(claim) => { "complete up to " (clock(claim)) "." },
                None => "never heard from.",
            }
        }
        @if is_holding(feed) { (waiting(feed)) }
    }
}

fn speaking(feed: &FeedSeen) -> Markup {
    html! {
        @match feed.speaks {
            Speaks::AtOnce => "Speaks.",
            Speaks::AtNight => "Publishes at 3 in the night.",
            Speaks::Silent => {
                "Silent"
                @if let Some(since) = feed.since { " since " (clock(since)) }
                "."
            },
        }
    }
}

fn waiting(feed: &FeedSeen) -> Markup {
    let one = feed.waiting == 1;
    html! {
        p class="held" {
            (plural(feed.waiting, "deadline")) " passed and " (super::waits(feed.waiting)) " for it"
            @if let Some(since) = feed.waiting_since {
                ", " (if one { "since " } else { "the first since " }) (clock(since))
            }
            ". Nobody is accused of " (if one { "it" } else { "them" }) "."
        }
    }
}
