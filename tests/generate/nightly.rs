//! A feed that publishes once a night: what falls, falls later, and nobody is accused of what had been
//! done in time. Start at the first test.

use truecount::domain::exception::Because;
use truecount::generate::Asked;

use super::engine::Engine;
use super::material::{FEEDS, Material, month, short};
use super::order::misread;

/// Breaches that stand at the end of a month, at the least.
const STAND: usize = 50;

fn nightly(feed: &str, asked: Asked) -> Asked {
    Asked {
        nightly: Some(feed.into()),
        ..asked
    }
}

#[test]
fn a_month_of_nightly_extracts_accuses_nobody_of_what_was_done_in_time() {
    let told = Material::of(nightly("rms", month(2)));
    let engine = Engine::fed(&told.published);
    assert_eq!(met_in_time(&engine), 0);
    let standing = engine.standing().len();
    assert!(standing >= STAND, "{standing} breaches stand");
    told.is_judged_as_planted()
        .expect("all is judged as planted");
}

#[test]
fn whichever_feed_is_nightly_the_key_is_found_and_nothing_is_taken_back() {
    for (feed, seed) in FEEDS.iter().cycle().zip(20..26) {
        let told = Material::of(nightly(feed, short(seed)));
        if let Err(why) = told.is_judged_as_planted() {
            panic!("seed {seed}, {feed} nightly: {why}");
        }
    }
}

#[test]
fn heartbeats_that_promise_too_much_accuse_people_of_what_was_done_in_time() {
    for (feed, seed) in FEEDS.iter().zip(20..23) {
        let told = Material::of(nightly(feed, short(seed)));
        let engine = Engine::fed(&misread(&told.published));
        assert!(
            met_in_time(&engine) > 0,
            "seed {seed}: the near misses are not near"
        );
        engine
            .agrees_with(&told.key)
            .expect_err("accusations were taken back");
        assert!(
            !engine.faults().is_empty(),
            "and the feeds broke their promise"
        );
    }
}

/// How many accusations were taken back because the duty had been done in time.
fn met_in_time(engine: &Engine) -> usize {
    let taken_back = engine.taken_back.iter();
    taken_back
        .filter(|exception| exception.because == Some(Because::MetInTime))
        .count()
}
