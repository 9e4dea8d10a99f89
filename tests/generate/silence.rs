//! A feed whose heartbeats stop: nothing that rests on it falls past its last word, all else goes on,
//! and its words, given back, bring everything to where it would have been. Start at the first test.

use std::collections::BTreeSet;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use truecount::domain::Instant;
use truecount::domain::exception::Exception;
use truecount::generate::{Asked, Published};

use super::engine::{Engine, is_accusation, same};
use super::material::{FEEDS, Material, is_beat, is_beat_of, seeds, short};

const SEEDS: u64 = 50;
/// So often at the least something is due after the last word, or the silence would show nothing.
const HELD: usize = 40;

#[test]
fn nothing_falls_past_a_feeds_last_word_and_its_words_given_back_undo_the_silence() {
    let mut held = 0;
    for seed in 100..100 + seeds(SEEDS) {
        let told = fewer(seed);
        let silence = Silence::of(seed, &told);
        match silence.holds(&told) {
            Ok(waiting) => held += usize::from(waiting > 0),
            Err(why) => panic!(
                "seed {seed}, {} silent from {}: {why}",
                silence.feed, silence.from
            ),
        }
    }
    assert!(
        held >= HELD,
        "in {held} of {SEEDS} silences something waits"
    );
}

#[test]
fn a_feed_that_goes_on_speaking_is_seen() {
    for seed in 100..103 {
        let told = fewer(seed);
        let silence = Silence::of(seed, &told);
        let mut engine = Engine::new();
        let resting = resting_on(&engine, silence.feed);
        let mut spoken = told.published.iter();
        for one in spoken.by_ref().take(silence.from) {
            engine.take(one);
        }
        let last_word = claim(&engine, silence.feed);
        let mut past = 0;
        for one in spoken {
            let revisions = engine.take(one);
            past += usize::from(fallen(&revisions, &resting, last_word).is_err());
        }
        assert!(
            past > 0,
            "seed {seed}: exceptions fall when their time is proved"
        );
        judged_past(&engine, silence.feed, last_word).expect_err("and are judged");
        assert_eq!(held(&engine, silence.feed), 0, "nothing waits at the end");
    }
}

/// Enough to have something due on either side of any point.
fn fewer(seed: u64) -> Material {
    Material::of(Asked {
        days: Some(2),
        things_a_day: 60,
        ..short(seed)
    })
}

/// A feed, and from which record on its heartbeats are withheld.
struct Silence {
    feed: &'static str,
    from: usize,
}

impl Silence {
    fn of(seed: u64, told: &Material) -> Silence {
        let mut chance = ChaCha8Rng::seed_from_u64(seed);
        let last = told.published.iter().rposition(|one| !is_beat(one));
        let last = last.expect("there are records of things");
        Silence {
            feed: FEEDS[chance.random_range(0..FEEDS.len())],
            from: chance.random_range(0..last),
        }
    }

    /// Holds the law, and says how much waited for the feed.
    fn holds(&self, told: &Material) -> Result<usize, String> {
        let undisturbed = Engine::fed(&told.published);
        let mut engine = Engine::new();
        let resting = resting_on(&engine, self.feed);
        let mut withheld: Vec<&Published> = Vec::new();
        let mut last_word = claim(&engine, self.feed);
        for (at, one) in told.published.iter().enumerate() {
            if at >= self.from && is_beat_of(one, self.feed) {
                withheld.push(one);
                continue;
            }
            let revisions = engine.take(one);
            if at < self.from {
                last_word = claim(&engine, self.feed);
            } else {
                fallen(&revisions, &resting, last_word)?;
            }
        }
        judged_past(&engine, self.feed, last_word)?;
        let waiting = held(&engine, self.feed);
        let others = |engine: &Engine| engine.standing_of(|rule| !resting.contains(rule));
        same(&others(&undisturbed), &others(&engine))
            .map_err(|why| format!("what does not rest on it: {why}"))?;
        for one in withheld {
            engine.take(one);
        }
        same(&undisturbed.standing(), &engine.standing())
            .map_err(|why| format!("standing, after all was given back: {why}"))?;
        same(&undisturbed.judged(), &engine.judged())
            .map_err(|why| format!("judged, after all was given back: {why}"))?;
        engine.agrees_with(&told.key).map(|()| waiting)
    }
}

/// The rules that rest on a feed.
fn resting_on(engine: &Engine, feed: &str) -> BTreeSet<&'static str> {
    let force = engine.force();
    let rules = engine.rules().iter().enumerate();
    rules
        .filter(|(place, _)| force.feeds_of(*place).any(|name| name.as_str() == feed))
        .map(|(_, rule)| rule.id)
        .collect()
}

/// Everything committed before this was sent, as far as the feed has said.
fn claim(engine: &Engine, feed: &str) -> Instant {
    let mut claims = engine.force().claims();
    let claim = claims.find(|claim| claim.feed.as_str() == feed);
    claim.map_or(Instant::BEGINNING, |claim| claim.through)
}

/// Fails if one of these exceptions accuses past the last word of a feed its rule rests on.
fn fallen(
    revisions: &[Exception],
    resting: &BTreeSet<&'static str>,
    last_word: Instant,
) -> Result<(), String> {
    let mut past = revisions.iter().filter(|one| {
        let late = one.due.is_some_and(|due| due.0 >= last_word);
        let unproved = one.provenance.frontier.0 > last_word;
        is_accusation(one) && resting.contains(one.rule) && (late || unproved)
    });
    past.next().map_or(Ok(()), |one| {
        let one = serde_json::to_string(one).expect("an exception is JSON");
        Err(format!("past {last_word} falls\n    {one}"))
    })
}

/// Fails if a breach is judged that rests on the feed and on something not before its last word.
fn judged_past(engine: &Engine, feed: &str, last_word: Instant) -> Result<(), String> {
    let resting = resting_on(engine, feed);
    let mut past = engine.force().judgements().filter(|line| {
        let unproved = line.stands_from.is_none_or(|from| from >= last_word);
        line.verdict == "breach" && resting.contains(line.rule) && unproved
    });
    past.next().map_or(Ok(()), |line| {
        let line = serde_json::to_string(&line).expect("a line is JSON");
        Err(format!("past {last_word} is judged\n    {line}"))
    })
}

/// How many breaches wait for the feed.
fn held(engine: &Engine, feed: &str) -> usize {
    let resting = resting_on(engine, feed);
    let lines = engine.force().judgements();
    lines
        .filter(|line| line.accuses && line.verdict == "pending" && resting.contains(line.rule))
        .count()
}
