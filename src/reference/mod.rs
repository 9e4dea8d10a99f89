//! What others publish, from when to when: offences, outcomes, limits, calendars, forces, and the
//! profiles that set what is local. A new edition is a folder of tables, no code. Knows nothing of
//! records and never judges. Start at [`Library`], then [`Book`].

mod book;
mod class_list;
mod force;
mod holiday;
mod library;
mod limit;
mod offence;
mod outcome;
mod problem;
mod profile;
mod report;
mod row;
mod shipped;
mod source;
mod window;

pub use book::Book;
pub use class_list::{ClassList, ClassListName};
pub use force::{Force, ForceKind};
pub use holiday::Calendar;
pub use library::Library;
pub use limit::{Length, Limit, LimitName, SetBy};
pub use offence::{HoCode, OffenceClass};
pub use outcome::{CancellationReason, ClosingCategory, OutcomeType};
pub use problem::{Problem, Problems, Text};
pub use profile::Profile;
pub use report::NotifiableReport;
pub use source::{Citation, Confidence, Source};
pub use window::Window;
