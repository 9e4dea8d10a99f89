//! Recording: whether a disclosed crime was recorded, in time, in the right class, and removed only
//! with the victim told. What its rules share stands in [`readings`] (the clock, lateness),
//! [`answers`], [`reasons`] and [`changes`].

use super::catalogue;

pub mod answers;
pub mod changes;
pub mod readings;
pub mod reasons;
pub mod rec_010_disclosed_crime_recorded;
pub mod rec_021_crime_closure_has_crime;
pub mod rec_030_recorded_within_24_hours;
pub mod rec_031_late_record_explained;
pub mod rec_057_reclassified_by_registrar_or_decision_maker;
pub mod rec_107_victim_told_before_removal;

catalogue! {
    rec_010_disclosed_crime_recorded,
    rec_021_crime_closure_has_crime,
    rec_030_recorded_within_24_hours,
    rec_031_late_record_explained,
    rec_057_reclassified_by_registrar_or_decision_maker,
    rec_107_victim_told_before_removal,
}
