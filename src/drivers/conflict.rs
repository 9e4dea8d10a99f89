//! The refusal of a record that says something else under a version that is known; both drivers set
//! such a record aside. Start at [`refusal`].

use crate::domain::{Glimpse, Problem, Reason, Refusal};

/// Why such a record is set aside.
pub fn refusal(version: i64, head: Glimpse) -> Refusal {
    let expected = "one content for each version";
    let found = format!("another content under version {version}; the first to arrive stands");
    let problem = Problem::of(Reason::VersionConflict, "version", expected, found);
    Refusal::one(Reason::VersionConflict, problem, head)
}
