//! What the service says of itself: every metric, named in one table; the board on which the stages
//! write how they are; the log. No pure room calls it, and no label carries a reference or a person.
//! Start at [`table::TABLE`].

pub mod board;
pub mod handle;
pub mod logs;
pub mod page;
pub mod question;
pub mod table;

pub use board::Board;
pub use handle::Pending;
pub use table::Metrics;
