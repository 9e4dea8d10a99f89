//! Victims: whether their needs were assessed, support was offered in time, and their position was
//! heard before the crime was ended. What the rules read alike stands in [`readings`].

use super::catalogue;

pub mod readings;
pub mod vic_010_needs_assessment_evidenced;
pub mod vic_040_referred_within_2_working_days;
pub mod vic_070_victims_position_on_record;
pub mod vic_074_victim_consulted_before_disposal;

catalogue! {
    vic_010_needs_assessment_evidenced,
    vic_040_referred_within_2_working_days,
    vic_070_victims_position_on_record,
    vic_074_victim_consulted_before_disposal,
}
