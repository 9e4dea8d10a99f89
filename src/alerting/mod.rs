//! What is told of exceptions to people and to their systems, and when: what stands now, one line a
//! failure, one alert a rule, and of each webhook which revision waits. Pure: time is an argument, and
//! nothing here sends. Start at [`book`] for the state and [`lane`] for the order of deliveries.

pub mod alerts;
pub mod backoff;
pub mod book;
pub mod digest;
pub mod failures;
pub mod lane;
pub mod revision;
pub mod route;
pub mod schedule;

pub use alerts::{Posting, Sending};
pub use backoff::Backoff;
pub use book::Book;
pub use failures::{Line, lines};
pub use lane::{Delivery, Lane, Place};
pub use revision::{Revision, Severity, Unreadable};
pub use route::Route;
pub use schedule::Schedule;
