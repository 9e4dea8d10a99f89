//! From bytes to records, from what is said to bytes, and from shapes to schemas. A record that cannot
//! be read is refused with its problems; what it means is judged elsewhere. Start at [`envelope`] for
//! topics, at [`lines`] and [`csv`] for files, at [`json`] for how a record is read; [`journal`] and
//! [`published`] are what we write ourselves.

pub mod avro;
pub mod csv;
pub mod envelope;
pub mod journal;
pub mod json;
pub mod lines;
pub mod peek;
pub mod published;
pub mod schema;

/// Records that the generator makes, for the tests of this room.
#[cfg(test)]
mod generated {
    use crate::domain::LondonDay;
    use crate::generate::{Asked, Published, Traffic};

    /// The traffic of these days from 20 March 2026 on, mistakes and heartbeats among it.
    pub(super) fn traffic(days: u32, seed: u64) -> impl Iterator<Item = Published> {
        Traffic::new(Asked {
            force: "northamptonshire".into(),
            from: LondonDay::of(2026, 3, 20),
            days: Some(days),
            seed,
            things_a_day: 40,
            defects: 200_000,
            near_misses: 200_000,
            nightly: Some("rms".into()),
        })
    }
}
