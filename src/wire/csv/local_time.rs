//! Moments as forces write them: some format, mostly without offset, in the zone of the force. A
//! local time that the clocks showed twice, or never, is no moment unless the mapping says how to
//! read it; a date is a day and never a midnight. Never guesses a format. Start at [`LocalTime`].

use jiff::civil::{Date, Time};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, civil};

use super::format::{Format, date};
use super::manner::{CONTRACT_ZONE, Manner, Midnight, Side, days_are_london_days, zone};
use super::problem::Reason;
use crate::domain::{Instant, LondonDay, Moment, Precision};

/// How the cells of one field are read as moments.
#[derive(Clone, Debug)]
pub(super) struct LocalTime {
    formats: Vec<Format>,
    zone: TimeZone,
    manner: Manner,
}

/// Why a cell is no moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct NoMoment {
    /// The kind of problem.
    pub reason: Reason,
    /// What was expected.
    pub expected: String,
    /// What to do.
    pub advice: String,
}

impl LocalTime {
    /// Checks what a mapping says about reading moments.
    pub(super) fn new(manner: Manner) -> Result<LocalTime, String> {
        if manner.formats.is_empty() {
            return Err("a moment needs a format, here or under [moments], such as \
                 format = \"%Y-%m-%d %H:%M:%S\" or format = \"rfc3339\""
                .to_owned());
        }
        let formats: Result<Vec<Format>, String> = manner
            .formats
            .iter()
            .map(|text| Format::new(text))
            .collect();
        let formats = formats?;
        let zone = zone(&manner, &formats)?;
        days_are_london_days(&manner, &formats)?;
        Ok(LocalTime {
            formats,
            zone,
            manner,
        })
    }

    /// Reads a cell; `None` if the mapping says that it tells nothing.
    pub(super) fn read(&self, text: &str) -> Result<Option<Moment>, NoMoment> {
        let mut found: Option<Option<Moment>> = None;
        let mut failed = None;
        for format in &self.formats {
            match self.read_as(format, text) {
                Ok(moment) if found.is_some_and(|other| other != moment) => {
                    return Err(self.unreadable("its formats read it in two ways; leave one out"));
                }
                Ok(moment) => found = Some(moment),
                Err(Some(problem)) => failed = Some(problem),
                Err(None) => {}
            }
        }
        match (found, failed) {
            (_, Some(problem)) => Err(problem),
            (Some(moment), None) => Ok(moment),
            (None, None) => {
                Err(self.unreadable("correct the cell, or add its format to the mapping"))
            }
        }
    }

    /// Reads a cell in one format; `Err(None)` if it is not written so.
    fn read_as(&self, format: &Format, text: &str) -> Result<Option<Moment>, Option<NoMoment>> {
        let Format::Local {
            text: format,
            precision,
            offset,
        } = format
        else {
            let moment = Moment::parse(text).map_err(|_| None)?;
            return Ok(Some(self.coarsened(moment)));
        };
        let broken = BrokenDownTime::parse(format, text).map_err(|_| None)?;
        let precision = self.manner.precision.unwrap_or(*precision).max(*precision);
        if *offset {
            let stamp = broken.to_timestamp().map_err(|_| None)?;
            return moment(stamp, precision).map(Some).ok_or(None);
        }
        let date = date(&broken, precision).ok_or(None)?;
        if precision >= Precision::Day {
            return day(date, precision).map(Some).ok_or(None);
        }
        let time = broken.to_time().map_err(|_| None)?;
        match self.manner.midnight {
            Some(Midnight::NotTold) if time == Time::midnight() => return Ok(None),
            Some(Midnight::Day) if time == Time::midnight() => {
                return day(date, Precision::Day).map(Some).ok_or(None);
            }
            _ => {}
        }
        let stamp = self.placed(date.to_datetime(time)).map_err(Some)?;
        moment(stamp, precision).map(Some).ok_or(None)
    }

    /// The instant of a local time, if there is exactly one or the mapping says which.
    fn placed(&self, local: civil::DateTime) -> Result<Timestamp, NoMoment> {
        let placed = self.zone.to_ambiguous_timestamp(local);
        let stamp = match placed.offset() {
            AmbiguousOffset::Unambiguous { .. } => placed.unambiguous(),
            AmbiguousOffset::Fold { .. } => match self.manner.ambiguous {
                Some(Side::Earlier) => placed.earlier(),
                Some(Side::Later) => placed.later(),
                None => return Err(self.twice()),
            },
            AmbiguousOffset::Gap { .. } if self.manner.shift => placed.compatible(),
            AmbiguousOffset::Gap { .. } => return Err(self.never()),
        };
        stamp.map_err(|_| self.unreadable("correct the cell"))
    }

    fn coarsened(&self, moment: Moment) -> Moment {
        match self.manner.precision {
            Some(precision) if precision > moment.precision() => {
                Moment::new(moment.earliest(), precision)
            }
            _ => moment,
        }
    }

    fn zone_name(&self) -> &str {
        self.manner.zone.as_deref().unwrap_or(CONTRACT_ZONE)
    }

    fn unreadable(&self, advice: &str) -> NoMoment {
        let formats: Vec<String> = self
            .manner
            .formats
            .iter()
            .map(|format| format!("\"{format}\""))
            .collect();
        NoMoment {
            reason: Reason::UnreadableValue,
            expected: format!("a moment written as {}", formats.join(" or ")),
            advice: advice.to_owned(),
        }
    }

    fn twice(&self) -> NoMoment {
        NoMoment {
            reason: Reason::AmbiguousLocalTime,
            expected: format!("a time that exists once in {}", self.zone_name()),
            advice: "send the offset with the time, or say ambiguous = \"earlier\" or \"later\" \
                     if the source system settles it"
                .to_owned(),
        }
    }

    fn never(&self) -> NoMoment {
        NoMoment {
            reason: Reason::ImpossibleLocalTime,
            expected: format!("a time that exists in {}", self.zone_name()),
            advice: "check the zone of the mapping; say nonexistent = \"shift\" if the source \
                     system keeps a clock that is not put forward"
                .to_owned(),
        }
    }
}

fn moment(stamp: Timestamp, precision: Precision) -> Option<Moment> {
    in_range(Moment::new(
        Instant::from_millis(stamp.as_millisecond()),
        precision,
    ))
}

fn day(date: Date, precision: Precision) -> Option<Moment> {
    in_range(Moment::new(LondonDay::on(date).start(), precision))
}

/// What the contract would not read is not written either.
fn in_range(moment: Moment) -> Option<Moment> {
    Moment::parse(&moment.to_string()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACIFIC: &str = "America/Los_Angeles";

    #[test]
    fn three_spellings_are_one_moment() {
        let spellings = [
            ("%Y-%m-%dT%H:%M:%S%.f", "2018-12-01T00:25:00.000"),
            ("%Y/%m/%d %I:%M:%S %p", "2018/12/01 12:25:00 AM"),
            ("%m/%d/%Y %I:%M:%S %p", "12/01/2018 12:25:00 AM"),
            ("%m/%d/%y %H:%M", "12/1/18 0:25"),
        ];
        for (format, text) in spellings {
            let manner = Manner {
                precision: Some(Precision::Minute),
                ..manner(format, PACIFIC)
            };
            assert_eq!(
                read(manner, text),
                Ok(Some("2018-12-01T08:25+00:00".to_owned()))
            );
        }
    }

    #[test]
    fn twelve_in_the_morning_is_midnight_and_twelve_at_noon_is_not() {
        let at = |text| read(manner("%Y/%m/%d %I:%M:%S %p", "Europe/London"), text);
        assert_eq!(
            at("2018/12/01 12:00:00 AM"),
            told("2018-12-01T00:00:00+00:00")
        );
        assert_eq!(
            at("2018/12/01 12:00:00 PM"),
            told("2018-12-01T12:00:00+00:00")
        );
    }

    #[test]
    fn an_hour_that_exists_twice_is_no_moment_unless_the_mapping_says_which() {
        let manner = manner("%Y-%m-%d %H:%M", PACIFIC);
        let text = "2018-11-04 01:30";
        assert_eq!(read(manner.clone(), text), Err(Reason::AmbiguousLocalTime));
        let earlier = Manner {
            ambiguous: Some(Side::Earlier),
            ..manner.clone()
        };
        assert_eq!(read(earlier, text), told("2018-11-04T08:30+00:00"));
        let later = Manner {
            ambiguous: Some(Side::Later),
            ..manner
        };
        assert_eq!(read(later, text), told("2018-11-04T09:30+00:00"));
    }

    #[test]
    fn an_hour_that_never_was_is_no_moment_unless_the_mapping_shifts_it() {
        let manner = manner("%Y-%m-%d %H:%M", PACIFIC);
        let text = "2018-03-11 02:30";
        assert_eq!(read(manner.clone(), text), Err(Reason::ImpossibleLocalTime));
        let shift = Manner {
            shift: true,
            ..manner
        };
        assert_eq!(read(shift, text), told("2018-03-11T10:30+00:00"));
    }

    #[test]
    fn a_date_is_a_day_and_never_a_midnight() {
        assert_eq!(
            read(manner("%d/%m/%Y", "Europe/London"), "01/04/2026"),
            told("2026-04-01")
        );
        assert_eq!(
            read(manner("%Y-%m", "Europe/London"), "2026-04"),
            told("2026-04")
        );
        assert_eq!(
            read(manner("rfc3339", "Europe/London"), "2026-04-01"),
            told("2026-04-01")
        );
    }

    #[test]
    fn midnight_may_mean_an_unknown_hour() {
        let plain = manner("%Y-%m-%d %H:%M", "Europe/London");
        let day = Manner {
            midnight: Some(Midnight::Day),
            ..plain.clone()
        };
        assert_eq!(read(day.clone(), "2026-04-01 00:00"), told("2026-04-01"));
        assert_eq!(
            read(day, "2026-04-01 00:01"),
            told("2026-04-01T00:01+01:00")
        );
        let untold = Manner {
            midnight: Some(Midnight::NotTold),
            ..plain
        };
        assert_eq!(read(untold, "2026-04-01 00:00"), Ok(None));
    }

    #[test]
    fn a_day_of_another_zone_is_refused() {
        for format in ["%Y-%m-%d", "%Y-%m"] {
            let refused = LocalTime::new(manner(format, PACIFIC)).map(|_| ());
            assert!(refused.is_err_and(|message| message.contains("reckoned in Europe/London")));
        }
    }

    #[test]
    fn an_offset_in_the_cell_needs_no_zone() {
        let manner = Manner {
            zone: None,
            ..manner("%Y-%m-%d %H:%M:%S%z", "")
        };
        assert_eq!(
            read(manner, "2026-04-01 09:00:00+0100"),
            told("2026-04-01T09:00:00+01:00")
        );
    }

    #[test]
    fn formats_that_cannot_work_are_refused() {
        for (format, part) in [
            ("%Y-%m-%d %I:%M", "without %p"),
            ("%H:%M", "lacks a year"),
            ("%Y-%m-%d %H", "no minute"),
            ("%Y-%m-%d %!", "cannot be used"),
        ] {
            let refused = LocalTime::new(manner(format, "Europe/London")).map(|_| ());
            assert!(
                refused
                    .as_ref()
                    .is_err_and(|message| message.contains(part)),
                "{refused:?}"
            );
        }
        assert!(LocalTime::new(manner("%Y-%m-%d", "Europe/Londn")).is_err());
    }

    #[test]
    fn two_formats_that_disagree_are_not_settled_by_their_order() {
        let both = Manner {
            formats: vec!["%d/%m/%Y".to_owned(), "%m/%d/%Y".to_owned()],
            ..manner("", "Europe/London")
        };
        assert_eq!(
            read(both.clone(), "03/04/2026"),
            Err(Reason::UnreadableValue)
        );
        assert_eq!(read(both.clone(), "13/04/2026"), told("2026-04-13"));
        assert_eq!(read(both, "04/04/2026"), told("2026-04-04"));
    }

    #[test]
    fn what_is_not_a_moment_is_unreadable() {
        let manner = manner("%Y-%m-%d %H:%M", "Europe/London");
        for text in [
            "2026-02-30 10:00",
            "2026-04-01 24:00",
            "2026-04-01 09:60",
            "2026-04-01 09:00:60",
            "0001-01-01 10:00",
            "soon",
        ] {
            assert_eq!(
                read(manner.clone(), text),
                Err(Reason::UnreadableValue),
                "{text}"
            );
        }
    }

    fn manner(format: &str, zone: &str) -> Manner {
        Manner {
            formats: vec![format.to_owned()],
            zone: Some(zone.to_owned()),
            ..Manner::default()
        }
    }

    fn told(text: &str) -> Result<Option<String>, Reason> {
        Ok(Some(text.to_owned()))
    }

    fn read(manner: Manner, text: &str) -> Result<Option<String>, Reason> {
        let local = LocalTime::new(manner).expect("the manners of this test are sound");
        let moment = local.read(text).map_err(|problem| problem.reason)?;
        Ok(moment.map(|moment| moment.to_string()))
    }
}
