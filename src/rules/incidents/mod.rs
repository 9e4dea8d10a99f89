//! Incidents: how a report was answered. What the rules read alike stands in [`readings`].

use super::catalogue;

pub mod inc_020_emergency_attended_in_target;
pub mod readings;

catalogue! {
    inc_020_emergency_attended_in_target,
}
