//! CSV through a mapping file. The data engineer of a force says once, in TOML, which column tells
//! which field; every row then becomes a contract record, is set aside by a named rule, or is a
//! problem a person can act on. Nothing is guessed: a cell that is blank, a code nobody listed and
//! a local time that exists twice stay what they are. Never judges, and never decodes the record
//! it makes. Start at [`Mappings`] and [`Rows`]; `docs/mappings.md` is for who writes a mapping.

mod choose;
mod compose;
mod compose_field;
mod compose_form;
mod compose_head;
mod compose_path;
mod compose_when;
mod format;
mod local_time;
mod manner;
mod mapping;
mod nearest;
mod problem;
mod raw_row;
mod record;
mod rows;
mod split;
mod tally;
mod template;
mod written;

pub use choose::Mappings;
pub use mapping::Mapping;
pub(crate) use nearest::nearest;
pub use problem::{CannotOpen, MappingProblem, Reason, RowProblem};
pub use record::RowOutcome;
pub use rows::{Row, Rows};
pub use tally::Tally;
