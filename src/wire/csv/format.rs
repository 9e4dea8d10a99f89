//! The format of a moment, checked before the first cell is read: what it tells how finely, and
//! whether it carries an offset. Never reads a cell. Start at [`Format::new`].

use jiff::civil::{self, Date};
use jiff::fmt::strtime::{self, BrokenDownTime};

use crate::domain::Precision;

/// How a cell writes a moment.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Format {
    /// As the contract writes moments: with an offset, or a day, or a month.
    Contract,
    /// Some other way, in letters as `strftime` has them.
    Local {
        text: String,
        precision: Precision,
        offset: bool,
    },
}

impl Format {
    /// Checks a format.
    pub(super) fn new(text: &str) -> Result<Format, String> {
        if text == "rfc3339" {
            return Ok(Format::Contract);
        }
        let has = |marks: &[&str]| marks.iter().any(|mark| text.contains(mark));
        if has(&["%I", "%l"]) && !has(&["%p", "%P"]) {
            return Err(format!(
                "the format \"{text}\" has a twelve-hour clock without %p"
            ));
        }
        let offset = has(&["%z", "%:z", "%s"]);
        let precision = if has(&["%S", "%T", "%s", "%f", "%c", "%r"]) {
            Precision::Second
        } else if has(&["%M", "%R"]) {
            Precision::Minute
        } else if has(&["%d", "%e", "%j", "%F", "%D"]) {
            Precision::Day
        } else {
            Precision::Month
        };
        if precision >= Precision::Day && has(&["%H", "%I", "%k", "%l"]) {
            return Err(format!("the format \"{text}\" has an hour but no minute"));
        }
        reads_back(text, precision)?;
        Ok(Format::Local {
            text: text.to_owned(),
            precision,
            offset,
        })
    }

    /// True if it tells no hour.
    pub(super) fn is_coarse(&self) -> bool {
        matches!(
            self,
            Format::Local {
                precision: Precision::Day | Precision::Month,
                ..
            }
        )
    }

    /// True if the zone must be known from elsewhere.
    pub(super) fn lacks_offset(&self) -> bool {
        matches!(self, Format::Local { offset: false, .. })
    }
}

/// A format that cannot read what it wrote lacks a part of the date, or is not a format.
fn reads_back(format: &str, precision: Precision) -> Result<(), String> {
    let sample = civil::date(2018, 12, 31).at(23, 45, 0, 0).in_tz("UTC");
    let sample = sample.expect("UTC is always there, and has every local time");
    let read = strtime::format(format, &sample)
        .and_then(|text| BrokenDownTime::parse(format, text.as_bytes()));
    match read {
        Err(error) => Err(format!("the format \"{format}\" cannot be used: {error}")),
        Ok(broken) if broken.timestamp().is_some() => Ok(()),
        Ok(broken) => match date(&broken, precision) {
            Some(_) => Ok(()),
            None => Err(format!(
                "the format \"{format}\" lacks a year, month or day"
            )),
        },
    }
}

/// The civil date; the first of a month of which no day is told.
pub(super) fn date(broken: &BrokenDownTime, precision: Precision) -> Option<Date> {
    if precision == Precision::Month {
        return Date::new(broken.year()?, broken.month()?, 1).ok();
    }
    broken.to_date().ok()
}
