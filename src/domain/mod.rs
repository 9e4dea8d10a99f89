//! The nouns of the trade: moments, references, records, cases, judgements, exceptions. They would
//! stay true if every rule were repealed. Nothing here judges, reads bytes or knows the time.
//! Start at [`moment`] and [`known`]: three-valued time and three-valued knowledge shape the rest.

pub mod known;
pub mod moment;

pub use known::{Known, Missing};
pub use moment::{Elapsed, Instant, LondonDay, Moment, Precision};
