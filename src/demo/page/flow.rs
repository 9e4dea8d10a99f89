//! The flow as a picture: what has come from where, how much of it, and what became of it. Boxes and
//! arrows are a list with a style, so that it can be heard as well as seen. Start at [`section`].

use maud::{Markup, html};

use super::super::picture::Picture;
use super::{live, systems};
use crate::report::html::words::{count, plural};

/// The picture, with the switches of the systems at its left.
pub(super) fn section(picture: &Picture) -> Markup {
    html! {
        section aria-labelledby="flow-heading" {
            h2 id="flow-heading" { "Silence a system, and see what becomes of its deadlines" }
            p {
                "What a silent system has to say is held back and not lost, and so is its word that it sent everything. \
                 What rests on it waits; all else goes on. Revive it, and everything comes in, in order."
            }
            p id="said" role="status" class="said" {}
            ol class="flow" {
                li class="stack systems" {
                    ul { @for feed in &picture.feeds { li { (systems::card(feed)) } } }
                }
                li { (live("journal", &journal(picture))) }
                li { (live("validation", &validation(picture))) }
                li { (live("outputs", &outputs(picture))) }
            }
        }
    }
}

fn journal(picture: &Picture) -> Markup {
    html! {
        div class="box" {
            h3 { "Journal" }
            p class="small" { "Every record once, in one order" }
            p { b { (count(picture.entries)) } " entries" }
        }
    }
}

fn validation(picture: &Picture) -> Markup {
    let duties = &picture.duties;
    html! {
        div class="box" {
            h3 { "Validation" }
            p class="small" { "Every rule that a change concerns" }
            p { b { (count(picture.things)) } " incidents and crimes" }
            p { b { (count(duties.judged())) } " duties decided" }
            p { b { (count(picture.coming.0)) } " deadlines ahead" }
            p class=[(picture.waiting > 0).then_some("held")] {
                b { (count(picture.waiting)) } " passed, and wait for proof"
            }
            p { b { (count(duties.undecidable)) } " cannot be told: a fact is missing" }
        }
    }
}

fn outputs(picture: &Picture) -> Markup {
    html! {
        div class="box out" {
            h3 { "Exceptions" }
            p class="small" { "Duties that were not done, or done late" }
            p { b { (count(picture.open)) } " open" }
            p { b { (plural(picture.published, "revision")) } " published" }
        }
        div class="box" {
            h3 { "Quarantine" }
            p class="small" { "Records that come cut off; here each comes again whole" }
            p { b { (count(picture.set_aside)) } " set aside" }
        }
    }
}
