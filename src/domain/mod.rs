//! The nouns of the trade: moments, references, records, cases, judgements, exceptions. They would
//! stay true if every rule were repealed. Nothing here judges, reads bytes or knows the time.
//! Start at [`moment`] and [`known`]: three-valued time and three-valued knowledge shape the rest.

pub mod case;
pub mod exception;
pub mod feed;
pub mod instant;
pub mod journal;
pub mod judgement;
pub mod known;
pub mod moment;
pub mod names;
pub mod records;
pub mod refusal;
pub mod shape;
mod written;

pub use case::{CrimeCase, Far, IncidentCase, Linked};
pub use feed::{Feed, Feeds};
pub use instant::{Elapsed, Instant, LondonDay};
pub use judgement::{Finding, Judgement, Stratum, Verdict};
pub use known::{Known, Missing};
pub use moment::{Moment, Precision};
pub use names::{EntryId, ForceCode, Reference, Source, Word};
pub use refusal::{Glimpse, Problem, Reason, Refusal};
pub use written::UnreadableMoment;
