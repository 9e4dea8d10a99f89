//! Generated traffic as a reader of its files gets it: every record written and read again, and the
//! key as lines. Start at [`Material::of`].

use truecount::domain::LondonDay;
use truecount::domain::records::Record;
use truecount::generate::{Asked, Published, Tallies, Traffic};
use truecount::wire::json::{Decoded, decode};

/// A force.
pub(crate) const FORCE: &str = "northamptonshire";
/// Its feeds.
pub(crate) const FEEDS: [&str; 3] = ["cad", "rms", "victim-hub"];

/// What was published, and the key to it.
pub(crate) struct Material {
    pub(crate) published: Vec<Published>,
    pub(crate) key: Vec<String>,
    pub(crate) tallies: Tallies,
}

impl Material {
    pub(crate) fn of(asked: Asked) -> Material {
        let mut traffic = Traffic::new(asked);
        let published = traffic.by_ref().map(read_again).collect();
        let planted = traffic.take_planted();
        let mut key: Vec<String> = planted
            .iter()
            .map(|line| serde_json::to_string(line).expect("a line is JSON"))
            .collect();
        key.sort();
        Material {
            published,
            key,
            tallies: traffic.tallies().clone(),
        }
    }
}

/// A month as the command makes one if nothing is asked of it.
pub(crate) fn month(seed: u64) -> Asked {
    Asked {
        force: FORCE.into(),
        from: LondonDay::of(2026, 5, 1),
        days: Some(30),
        seed,
        things_a_day: 150,
        defects: 130_000,
        near_misses: 130_000,
        nightly: None,
    }
}

/// Three days in which so much goes wrong that each kind of mistake and near miss is there: two in
/// five stories have a mistake, two in five only look so. The days of the seeds differ; some have a
/// change of the clocks, a bank holiday or a new year among them.
pub(crate) fn short(seed: u64) -> Asked {
    let from = match seed {
        0 => LondonDay::of(2026, 4, 1),
        1 => LondonDay::of(2026, 10, 24),
        2 => LondonDay::of(2027, 3, 26),
        3 => LondonDay::of(2026, 12, 30),
        4 => LondonDay::of(2028, 2, 28),
        _ => (0..seed * 17 % 700).fold(LondonDay::of(2026, 4, 1), |day, _| day.next()),
    };
    Asked {
        from,
        days: Some(3),
        things_a_day: 110,
        defects: 400_000,
        near_misses: 400_000,
        ..month(seed)
    }
}

/// How many seeds: more are a matter of patience, as in `TRUECOUNT_SEEDS=500`.
pub(crate) fn seeds(least: u64) -> u64 {
    let asked = std::env::var("TRUECOUNT_SEEDS").ok();
    asked.and_then(|seeds| seeds.parse().ok()).unwrap_or(least)
}

/// The record after it was written and read: what the files say is all that counts.
fn read_again(published: Published) -> Published {
    let bytes = serde_json::to_vec(&published.record).expect("a record can be written");
    let Decoded { record, unknown } = decode(&bytes).expect("generated records are well formed");
    assert!(unknown.is_empty(), "{unknown:?} is no part of the contract");
    assert_eq!(
        record, published.record,
        "what was read is what was written"
    );
    Published {
        record,
        ..published
    }
}

/// True if it is what this feed says of itself.
pub(crate) fn is_beat_of(published: &Published, feed: &str) -> bool {
    is_beat(published) && feed_of(published) == feed
}

pub(crate) fn is_beat(published: &Published) -> bool {
    matches!(published.record, Record::Heartbeat(_))
}

pub(crate) fn feed_of(published: &Published) -> &str {
    published.record.head().source.as_str()
}
