//! The gate: what stands between the systems of the made-up force and the service. It lets a feed's
//! records through at once, holds them back until night, or holds them back while the feed is silent.
//! Loses nothing and changes no order within a feed. Start at [`Gate::offer`].

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

use crate::domain::names::Source;
use crate::domain::{Elapsed, Instant};
use crate::generate::Published;

/// When a feed that publishes at night does: before the day's work begins, as extracts are run.
const NIGHT: Elapsed = Elapsed::hours(3);

/// When a feed publishes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Speaks {
    /// As things happen.
    #[default]
    AtOnce,
    /// Everything of a day in the night after it.
    AtNight,
    /// Not at all, until it is revived.
    Silent,
}

impl Speaks {
    /// Every way, in the order in which they are offered.
    pub const ALL: [Speaks; 3] = [Speaks::AtOnce, Speaks::AtNight, Speaks::Silent];

    /// The word it goes by in an address.
    pub const fn as_str(self) -> &'static str {
        match self {
            Speaks::AtOnce => "at_once",
            Speaks::AtNight => "at_night",
            Speaks::Silent => "silent",
        }
    }

    /// The way of this word.
    pub fn named(word: &str) -> Option<Speaks> {
        Speaks::ALL.into_iter().find(|way| way.as_str() == word)
    }
}

/// What is held back of each feed.
#[derive(Debug, Default)]
pub struct Gate {
    feeds: BTreeMap<Source, Held>,
}

#[derive(Debug, Default)]
struct Held {
    speaks: Speaks,
    /// Since when it speaks as it does, if it ever spoke otherwise.
    since: Option<Instant>,
    /// When it publishes next, if it publishes at night.
    opens: Option<Instant>,
    back: VecDeque<Published>,
}

impl Gate {
    /// A gate for these feeds, open.
    pub fn open(feeds: impl IntoIterator<Item = Source>) -> Gate {
        let feeds = feeds.into_iter().map(|feed| (feed, Held::default()));
        Gate {
            feeds: feeds.collect(),
        }
    }

    /// Takes what a feed's system has to say; gives it back if it may pass at once.
    pub fn offer(&mut self, published: Published) -> Option<Published> {
        match self.feeds.get_mut(&published.record.head().source) {
            Some(held) if held.speaks != Speaks::AtOnce => {
                held.back.push_back(published);
                None
            }
            _ => Some(published),
        }
    }

    /// The next instant at which something that is held back may pass.
    pub fn opens(&self) -> Option<Instant> {
        self.feeds.values().filter_map(|held| held.opens).min()
    }

    /// What may pass now that it is night: of each feed in the order of the feeds, each in its own.
    pub fn at(&mut self, now: Instant) -> Vec<(Source, Vec<Published>)> {
        let mut passing = Vec::new();
        for (feed, held) in &mut self.feeds {
            if held.opens.is_some_and(|opens| opens <= now) {
                passing.push((feed.clone(), held.back.drain(..).collect()));
                held.opens = Some(night_after(now));
            }
        }
        passing
    }

    /// Lets a feed speak otherwise from now on; what may pass thereby, if there is such a feed.
    pub fn turn(&mut self, feed: &Source, speaks: Speaks, now: Instant) -> Option<Vec<Published>> {
        let held = self.feeds.get_mut(feed)?;
        if held.speaks != speaks {
            held.speaks = speaks;
            held.since = Some(now);
            held.opens = (speaks == Speaks::AtNight).then(|| night_after(now));
        }
        let passing = match speaks {
            Speaks::AtOnce => held.back.drain(..).collect(),
            Speaks::AtNight | Speaks::Silent => Vec::new(),
        };
        Some(passing)
    }

    /// How a feed speaks, since when, and how much of it is held back.
    pub fn of(&self, feed: &Source) -> (Speaks, Option<Instant>, usize) {
        self.feeds.get(feed).map_or_else(Default::default, |held| {
            (held.speaks, held.since, held.back.len())
        })
    }

    /// The same gate with nothing behind it, when everything begins anew.
    #[must_use]
    pub fn emptied(&self, now: Instant) -> Gate {
        let feeds = self.feeds.iter().map(|(feed, held)| {
            let fresh = Held {
                speaks: held.speaks,
                since: held.since.map(|_| now),
                opens: held.opens.map(|_| night_after(now)),
                back: VecDeque::new(),
            };
            (feed.clone(), fresh)
        });
        Gate {
            feeds: feeds.collect(),
        }
    }
}

/// The next time that is later than an instant and at which feeds publish that do it at night.
fn night_after(at: Instant) -> Instant {
    let tonight = at.london_day().start().plus(NIGHT);
    if tonight > at {
        tonight
    } else {
        at.london_day().next().start().plus(NIGHT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::LondonDay;
    use crate::generate::{Asked, Traffic};

    const DAY: LondonDay = LondonDay::of(2026, 5, 1);

    #[test]
    fn a_silent_feed_is_held_back_whole_and_in_order_and_the_others_pass() {
        let mut gate = gate();
        gate.turn(&"rms".into(), Speaks::Silent, DAY.start());
        let told: Vec<Published> = traffic().take(400).collect();
        let passed: Vec<Published> = told
            .iter()
            .filter_map(|one| gate.offer(one.clone()))
            .collect();
        assert!(!passed.is_empty());
        assert!(passed.iter().all(|one| !is_of(one, "rms")));
        let own: Vec<Published> = told.into_iter().filter(|one| is_of(one, "rms")).collect();
        assert!(own.len() > 10, "{}", own.len());
        assert_eq!(gate.of(&"rms".into()).2, own.len());
        assert_eq!(gate.at(DAY.next().next().start()), []);
        let revived = gate.turn(&"rms".into(), Speaks::AtOnce, DAY.next().start());
        assert_eq!(revived, Some(own));
        assert_eq!(gate.of(&"rms".into()).2, 0);
    }

    #[test]
    fn a_feed_of_the_night_passes_at_three_and_waits_for_the_next_night() {
        let mut gate = gate();
        gate.turn(&"cad".into(), Speaks::AtNight, DAY.start());
        let night = DAY.start().plus(NIGHT);
        assert_eq!(gate.opens(), Some(night));
        let told: Vec<Published> = traffic().take(50).collect();
        let held = told.iter().filter(|one| is_of(one, "cad")).count();
        for one in told {
            gate.offer(one);
        }
        assert_eq!(gate.at(night.minus(Elapsed::seconds(1))), []);
        let passing = gate.at(night);
        assert_eq!(passing.len(), 1);
        assert_eq!((passing[0].0.as_str(), passing[0].1.len()), ("cad", held));
        assert_eq!(gate.opens(), Some(DAY.next().start().plus(NIGHT)));
    }

    #[test]
    fn a_feed_that_nobody_knows_has_no_switch() {
        let turned = gate().turn(&"other".into(), Speaks::Silent, DAY.start());
        assert_eq!(turned, None);
    }

    #[test]
    fn every_way_has_a_word() {
        for way in Speaks::ALL {
            assert_eq!(Speaks::named(way.as_str()), Some(way));
        }
        assert_eq!(Speaks::named("loudly"), None);
    }

    fn gate() -> Gate {
        Gate::open(Traffic::feeds().map(Source::from))
    }

    fn traffic() -> Traffic {
        Traffic::new(Asked {
            force: "northamptonshire".into(),
            from: DAY,
            days: None,
            seed: 7,
            things_a_day: 60,
            defects: 130_000,
            near_misses: 130_000,
            nightly: None,
        })
    }

    fn is_of(published: &Published, feed: &str) -> bool {
        published.record.head().source.as_str() == feed
    }
}
