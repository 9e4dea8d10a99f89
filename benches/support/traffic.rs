//! The invented traffic that the benches judge.

use truecount::domain::LondonDay;
use truecount::domain::records::Record;
use truecount::generate::{Asked, Traffic};

/// The force of all of it.
pub(crate) const FORCE: &str = "northamptonshire";

/// Records of one force in the order of their publication, heartbeats among them, each with its JSON,
/// without end. As dense as fits so many: a day of a large force is some thousand records, so a year
/// or less makes a million.
pub(crate) fn records(size: usize) -> impl Iterator<Item = (Record, Vec<u8>)> {
    let asked = Asked {
        force: FORCE.into(),
        from: LondonDay::of(2026, 5, 1),
        days: None,
        seed: 1,
        things_a_day: u32::try_from(size / 100)
            .unwrap_or(u32::MAX)
            .clamp(150, 2_000),
        defects: 130_000,
        near_misses: 130_000,
        nightly: None,
    };
    Traffic::new(asked).map(|published| {
        let line = serde_json::to_vec(&published.record).expect("a record can be written");
        (published.record, line)
    })
}
