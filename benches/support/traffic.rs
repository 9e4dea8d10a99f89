//! The invented traffic that the benches judge.

use truecount::domain::LondonDay;
use truecount::domain::records::Record;
use truecount::generate::{Asked, Traffic};

/// The force of all of it.
pub(crate) const FORCE: &str = "northamptonshire";

/// So many records of one force in the order of their publication, heartbeats among them, each with
/// its JSON. A day of a large force is some thousand records, so a year or less makes a million.
pub(crate) fn records(from: LondonDay, seed: u64, size: usize) -> Vec<(Record, Vec<u8>)> {
    let asked = Asked {
        force: FORCE.into(),
        from,
        days: None,
        seed,
        things_a_day: u32::try_from(size / 100)
            .unwrap_or(u32::MAX)
            .clamp(150, 2_000),
        defects: 130_000,
        near_misses: 130_000,
        nightly: None,
    };
    let published = Traffic::new(asked).take(size);
    let with_json = published.map(|published| {
        let line = serde_json::to_vec(&published.record).expect("a record can be written");
        (published.record, line)
    });
    with_json.collect()
}
