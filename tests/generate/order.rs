//! Other orders of the same records: any that the heartbeats allow, and heartbeats that promise too
//! much. Start at [`shuffled`].

use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use truecount::domain::records::Record;
use truecount::generate::Published;

use super::material::{FEEDS, feed_of, is_beat};

/// The same records in an order that no heartbeat forbids: each may stand anywhere between the two
/// heartbeats of its feed that enclose it, and one feed may run far ahead of another.
pub(crate) fn shuffled(published: &[Published], seed: u64) -> Vec<Published> {
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let mut feeds = FEEDS.map(|feed| {
        let own: Vec<Published> = published
            .iter()
            .filter(|one| feed_of(one) == feed)
            .cloned()
            .collect();
        within_heartbeats(own, &mut chance).into_iter().peekable()
    });
    let haste = FEEDS.map(|_| chance.random_range(1..=400));
    let mut all = Vec::with_capacity(published.len());
    while all.len() < published.len() {
        let feed = chance.random_range(0..feeds.len());
        let run = chance.random_range(1..=haste[feed]);
        all.extend(feeds[feed].by_ref().take(run));
    }
    all
}

fn within_heartbeats(mut own: Vec<Published>, chance: &mut ChaCha8Rng) -> Vec<Published> {
    for between in own.split_mut(is_beat) {
        between.shuffle(chance);
    }
    own
}

/// The same records, as a reader has them who takes the time of a heartbeat for what it promises.
pub(crate) fn misread(published: &[Published]) -> Vec<Published> {
    let mut all = published.to_vec();
    for one in &mut all {
        if let Record::Heartbeat(heartbeat) = &mut one.record {
            heartbeat.sent_through = heartbeat.head.committed_at;
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::super::material::{Material, short};
    use super::*;

    #[test]
    fn a_shuffle_keeps_every_record_behind_and_before_the_same_heartbeats() {
        let told = Material::of(short(1)).published;
        let moved = shuffled(&told, 7);
        assert_ne!(told, moved);
        let places = |all: &[Published]| {
            let mut beats = FEEDS.map(|_| 0);
            let mut places: Vec<(usize, String)> = Vec::new();
            for one in all {
                let feed = FEEDS.iter().position(|feed| *feed == feed_of(one));
                let feed = feed.expect("there are three feeds");
                beats[feed] += usize::from(is_beat(one));
                places.push((beats[feed], format!("{:?}", one.record)));
            }
            places.sort();
            places
        };
        assert!(places(&told) == places(&moved));
    }
}
