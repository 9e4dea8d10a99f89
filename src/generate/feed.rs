//! How a system publishes what it commits: a little later, now and then twice, in an order of its
//! own, or once a night; and what it may promise meanwhile. Start at [`FeedState`].

use std::collections::BTreeMap;

use super::chance::Chance;
use crate::domain::names::{ForceCode, RecordKind, Reference, Source};
use crate::domain::records::{Head, HeartbeatRecord};
use crate::domain::{Elapsed, Instant, Moment};

/// How often a feed says how far it is.
const EVERY: Elapsed = Elapsed::minutes(15);
/// When the nightly extract begins, and when it is through.
const NIGHTLY: (Elapsed, Elapsed) = (Elapsed::hours(3), Elapsed::minutes(3 * 60 + 45));

/// The feeds of a force.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Feed {
    /// The dispatch system: incidents.
    Cad,
    /// The crime system: crimes, but not what is done for victims.
    Rms,
    /// The victims' system.
    Hub,
}

impl Feed {
    /// Every feed.
    pub(super) const ALL: [Feed; 3] = [Feed::Cad, Feed::Rms, Feed::Hub];

    /// Its name.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Feed::Cad => "cad",
            Feed::Rms => "rms",
            Feed::Hub => "victim-hub",
        }
    }
}

/// How far one feed has come.
#[derive(Clone, Debug)]
pub(super) struct FeedState {
    feed: Feed,
    nightly: bool,
    sequence: i64,
    sent: i64,
    /// When it will next say how far it is.
    pub(super) speaks: Instant,
    /// What is committed, or will be, and is not published: how many at each instant.
    unpublished: BTreeMap<Instant, u32>,
}

impl FeedState {
    /// A feed that has published nothing.
    pub(super) fn quiet(feed: Feed, from: Instant, nightly: bool) -> FeedState {
        // The feeds of a force do not speak in chorus.
        let apart = Elapsed::minutes(2 * feed as i64 + 1);
        let speaks = if nightly {
            night_after(from).plus(NIGHTLY.1)
        } else {
            from.plus(apart)
        };
        FeedState {
            feed,
            nightly,
            sequence: 0,
            sent: 0,
            speaks,
            unpublished: BTreeMap::new(),
        }
    }

    /// When a commit is published. What is held is published some time later, and still before the
    /// feed says that it is through.
    pub(super) fn publishes(
        &mut self,
        commit: Instant,
        held: bool,
        chance: &mut Chance,
    ) -> Instant {
        *self.unpublished.entry(commit).or_default() += 1;
        if self.nightly {
            let begins = night_after(commit).plus(NIGHTLY.0);
            return chance.after(begins, Elapsed::seconds(0), Elapsed::minutes(40));
        }
        let second = Elapsed::seconds(1);
        match chance.between(1, 100) {
            _ if held => chance.after(commit, Elapsed::minutes(8), Elapsed::minutes(40)),
            1..=86 => chance.after(commit, second, Elapsed::minutes(1)),
            87..=97 => chance.after(commit, second, Elapsed::minutes(6)),
            _ => chance.after(commit, second, Elapsed::minutes(45)),
        }
    }

    /// A commit was published.
    pub(super) fn published(&mut self, commit: Instant) {
        self.sent += 1;
        if let Some(left) = self.unpublished.get_mut(&commit) {
            *left -= 1;
            if *left == 0 {
                self.unpublished.remove(&commit);
            }
        }
    }

    /// Something was published a second time.
    pub(super) const fn repeated(&mut self) {
        self.sent += 1;
    }

    /// Says how far it is: up to now, but for the earliest commit that is not published.
    pub(super) fn speak(&mut self, force: &ForceCode, now: Instant) -> HeartbeatRecord {
        let earliest = self.unpublished.keys().next();
        let through = earliest.map_or(now, |commit| now.min(*commit));
        self.sequence += 1;
        self.speaks = if self.nightly {
            night_after(now).plus(NIGHTLY.1)
        } else {
            now.plus(EVERY)
        };
        let name = self.feed.name();
        HeartbeatRecord {
            head: Head {
                record: RecordKind::Heartbeat,
                force: force.clone(),
                source: Source::from(name),
                reference: Reference::from(name),
                version: Some(self.sequence),
                committed_at: Moment::exact(now),
                extracted_at: None,
                deleted: None,
            },
            sent_through: Moment::exact(through),
            records_since_last: Some(std::mem::take(&mut self.sent)),
        }
    }
}

/// The midnight of London after an instant.
fn night_after(at: Instant) -> Instant {
    at.london_day().next().start()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_promises_no_more_than_it_has_published() {
        let noon = Instant::from_millis(1_777_000_000_000);
        let mut feed = FeedState::quiet(Feed::Rms, noon, false);
        let mut chance = Chance::of(1, 1);
        let commit = noon.plus(Elapsed::minutes(1));
        assert!(feed.publishes(commit, true, &mut chance) > commit);
        let later = noon.plus(Elapsed::minutes(30));
        let said = |feed: &mut FeedState| feed.speak(&"x".into(), later);
        assert_eq!(said(&mut feed).sent_through, Moment::exact(commit));
        feed.published(commit);
        let second = said(&mut feed);
        assert_eq!(second.sent_through, Moment::exact(later));
        assert_eq!(
            (second.head.version, second.records_since_last),
            (Some(2), Some(1))
        );
    }
}
