//! Recording: whether a disclosed crime was recorded, in time, in the right class, and removed only
//! with the victim told. Shared readings (the start of the clock, lateness) stand in [`readings`].

use super::catalogue;

pub mod readings;
pub mod rec_030_recorded_within_24_hours;

catalogue! {
    rec_030_recorded_within_24_hours,
}
