//! What a mapping says about reading moments: formats, zone, and what to do where the clocks leave
//! two answers or none. Checked before the first cell is read. Start at [`Manner`].

use jiff::tz::TimeZone;

use super::format::Format;
use crate::domain::Precision;

/// The zone in which the contract reckons days and months.
pub(super) const CONTRACT_ZONE: &str = "Europe/London";

/// Which of two instants is meant by a local time that the clocks showed twice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Side {
    /// Before the clocks went back.
    Earlier,
    /// After.
    Later,
}

/// What a cell means that says midnight to the minute.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Midnight {
    /// The day is known, the hour is not.
    Day,
    /// Nothing is told.
    NotTold,
}

/// What a mapping says about reading moments; each part may be left to the file's default.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Manner {
    /// The formats, any of which a cell may have.
    pub formats: Vec<String>,
    /// The zone of times without offset.
    pub zone: Option<String>,
    /// Coarser than the format says.
    pub precision: Option<Precision>,
    /// How to read a time that exists twice.
    pub ambiguous: Option<Side>,
    /// True if a time that does not exist is moved forward by what the clocks left out.
    pub shift: bool,
    /// How to read midnight.
    pub midnight: Option<Midnight>,
}

/// The zone of times without offset.
pub(super) fn zone(manner: &Manner, formats: &[Format]) -> Result<TimeZone, String> {
    match &manner.zone {
        Some(name) => TimeZone::get(name)
            .map_err(|_| format!("no zone is called \"{name}\"; write it as \"Europe/London\"")),
        None if formats.iter().any(Format::lacks_offset) => Err(
            "times without offset need a zone, here or under [moments], such as \
             zone = \"Europe/London\""
                .to_owned(),
        ),
        None => Ok(TimeZone::UTC),
    }
}

/// The contract reckons days and months in London (rule 6): the day of another zone is not one.
pub(super) fn days_are_london_days(manner: &Manner, formats: &[Format]) -> Result<(), String> {
    let coarse = formats.iter().any(Format::is_coarse)
        || manner.midnight == Some(Midnight::Day)
        || manner
            .precision
            .is_some_and(|precision| precision >= Precision::Day);
    match &manner.zone {
        Some(zone) if coarse && zone != CONTRACT_ZONE => Err(format!(
            "a day or month is reckoned in {CONTRACT_ZONE}, so a date in {zone} cannot be told as \
             one; leave the field out, or say midnight = \"not_told\" where midnight means an \
             unknown hour"
        )),
        _ => Ok(()),
    }
}
