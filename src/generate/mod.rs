//! Traffic that nobody sent: records of a force that does not exist, by seed, with mistakes planted
//! in them and a key that says which. It makes what it plants and never judges: it shares no code
//! with the rules, so that either can show the other wrong. No clock, no I/O: the same arguments give
//! the same records. Start at [`Traffic`], then at [`plants`] for what goes wrong, and at `story` for
//! what goes right.

mod calendar;
mod care;
mod chance;
mod crime;
mod feed;
mod incident;
mod key;
mod offences;
mod outcome;
mod parts;
pub mod plants;
mod story;
mod traffic;

pub use key::{Planted, Tallies};
pub use traffic::{Asked, Published, Traffic};
