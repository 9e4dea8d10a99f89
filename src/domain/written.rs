//! How a moment is written: RFC 3339 with an offset, a day, or a month. A local time without an
//! offset is no moment. Start at [`Moment::parse`].

use std::fmt;

use jiff::civil::Date;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::instant::{Instant, LondonDay};
use super::moment::{Moment, Precision};

impl Moment {
    /// Reads RFC 3339 with an offset (seconds may be missing), a day, or a month.
    pub fn parse(text: &str) -> Result<Moment, UnreadableMoment> {
        if !text.is_ascii() {
            return Err(UnreadableMoment);
        }
        match text.len() {
            7 => {
                let first = LondonDay::parse(&format!("{text}-01")).ok_or(UnreadableMoment)?;
                in_range(Moment::new(first.start(), Precision::Month))
            }
            10 => {
                let day = LondonDay::parse(text).ok_or(UnreadableMoment)?;
                in_range(Moment::new(day.start(), Precision::Day))
            }
            _ => in_range(instant_with_offset(text).ok_or(UnreadableMoment)?),
        }
    }

    /// The moment that starts at an instant, if records can have it.
    pub fn told(at: Instant, precision: Precision) -> Result<Moment, UnreadableMoment> {
        in_range(Moment::new(at, precision))
    }
}

/// Years before 1800 are slips of a keyboard or of an epoch, not dates of a record. What lies past
/// the calendar's last whole day is how systems write "never ends", and becomes that day.
fn in_range(moment: Moment) -> Result<Moment, UnreadableMoment> {
    const FIRST: i64 = -5_364_662_400_000;
    /// The start of 30 December 9999, the last day that the calendar can tell in every zone.
    const LAST: Instant = Instant::from_millis(253_402_128_000_000);
    if moment.earliest().millis() < FIRST {
        return Err(UnreadableMoment);
    }
    Ok(Moment::new(moment.earliest().min(LAST), moment.precision()))
}

/// Reads `2026-04-01T09:00[:00[.000]](Z|+01:00)`.
fn instant_with_offset(text: &str) -> Option<Moment> {
    let bytes = text.as_bytes();
    let two = |at: usize| -> Option<i32> {
        let (tens, units) = (bytes.get(at)?, bytes.get(at + 1)?);
        (tens.is_ascii_digit() && units.is_ascii_digit())
            .then(|| i32::from(tens - b'0') * 10 + i32::from(units - b'0'))
    };
    let mark = |at: usize, marks: &[u8]| marks.contains(bytes.get(at)?).then_some(());
    let year = two(0)? * 100 + two(2)?;
    mark(4, b"-")?;
    let month = two(5)?;
    mark(7, b"-")?;
    let day = two(8)?;
    mark(10, b"Tt ")?;
    let hour = two(11)?;
    mark(13, b":")?;
    let minute = two(14)?;
    let mut at = 16;
    let mut second = 0;
    let mut millis = 0;
    let mut precision = Precision::Minute;
    if bytes.get(at) == Some(&b':') {
        second = two(at + 1)?;
        at += 3;
        precision = Precision::Second;
        if bytes.get(at) == Some(&b'.') {
            let digits = bytes[at + 1..]
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            if !(1..=9).contains(&digits) {
                return None;
            }
            for place in 0..3 {
                let digit = if place < digits {
                    bytes[at + 1 + place] - b'0'
                } else {
                    0
                };
                millis = millis * 10 + i64::from(digit);
            }
            at += 1 + digits;
        }
    }
    let offset_minutes = match bytes.get(at)? {
        b'Z' | b'z' if bytes.len() == at + 1 => 0,
        sign @ (b'+' | b'-') if bytes.len() == at + 6 => {
            mark(at + 3, b":")?;
            let (hours, minutes) = (two(at + 1)?, two(at + 4)?);
            if hours > 18 || minutes > 59 {
                return None;
            }
            let minutes = hours * 60 + minutes;
            if *sign == b'-' { -minutes } else { minutes }
        }
        _ => return None,
    };
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let date = Date::new(year as i16, month as i8, day as i8).ok()?;
    let days = days_since_epoch(date);
    let seconds =
        days * 86_400 + i64::from(hour * 3_600 + minute * 60 + second - offset_minutes * 60);
    let at = Instant::from_millis(seconds * 1_000 + millis);
    Some(Moment::new(at, precision))
}

fn days_since_epoch(date: Date) -> i64 {
    /// Days from 1 January of year 0 to the start of 1970 (proleptic Gregorian, eras of 400 years).
    const EPOCH: i64 = 719_468;
    let (year, month, day) = (
        i64::from(date.year()),
        i64::from(date.month()),
        i64::from(date.day()),
    );
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted - era * 400;
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - EPOCH
}

/// A text that is not a moment; the caller knows the field and says so.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "expected RFC 3339 with an offset (2026-04-01T09:00:00+01:00), a day (2026-04-01) or a month (2026-04)"
)]
pub struct UnreadableMoment;

impl fmt::Display for Moment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.precision() {
            Precision::Second => self.earliest().write(out, true),
            Precision::Minute => self.earliest().write(out, false),
            Precision::Day => write!(out, "{}", self.earliest().london_day()),
            Precision::Month => out.write_str(&self.earliest().london_day().to_string()[..7]),
        }
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MomentVisitor)
    }
}

/// Reads the JSON form (a text) and the Avro form (`{at, precision}`).
struct MomentVisitor;

impl<'de> Visitor<'de> for MomentVisitor {
    type Value = Moment;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a moment")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Moment, E> {
        Moment::parse(text).map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Moment, A::Error> {
        let (mut at, mut precision) = (None, None);
        while let Some(name) = map.next_key()? {
            match name {
                Part::At => at = Some(map.next_value()?),
                Part::Precision => precision = Some(map.next_value()?),
            }
        }
        let at: Instant = at.ok_or_else(|| de::Error::missing_field("at"))?;
        let precision = precision.ok_or_else(|| de::Error::missing_field("precision"))?;
        Moment::told(at, precision).map_err(de::Error::custom)
    }
}

/// The parts of a moment in its Avro form.
#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Part {
    At,
    Precision,
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn a_moment_reads_and_writes_as_it_stands_in_london() {
        for text in [
            "2026-04-01T09:00:00+01:00",
            "2026-04-01T09:00+01:00",
            "2026-04-01",
            "2026-04",
            "2026-01-01T00:00:00.250+00:00",
        ] {
            assert_eq!(moment(text).to_string(), text);
        }
        assert_eq!(
            moment("2026-04-01T08:00:00Z"),
            moment("2026-04-01T09:00:00+01:00")
        );
    }

    #[test]
    fn every_moment_reads_back_as_it_was_written() {
        for text in [
            "1830-06-01T09:00:00Z",
            "1800-01-01",
            "1846-12",
            "1968-07-01T00:00:00.001Z",
            "9999-12-30T23:59:59-18:00",
            "9999-12-31T23:59:59Z",
            "9999-12-31",
            "9999-12",
        ] {
            let read = moment(text);
            assert_eq!(moment(&read.to_string()), read, "{text}");
        }
        let half = Instant::from_millis(1_775_000_030_000);
        let minute = Moment::new(half, Precision::Minute);
        assert_eq!(moment(&minute.to_string()), minute);
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "2026-02-30",
            "2026-13",
            "2026-04-01T09:00:00",
            "2026-04-01T24:00:00Z",
            "2026-04-01T09:00:60Z",
            "01/04/2026",
            "2026-04-01T09:00:00+1:00",
            "1066-10-14",
            "2026-04-01T09:00:00.Z",
            "2026-04-01T09:00:00+01:0é",
        ] {
            assert_eq!(Moment::parse(text), Err(UnreadableMoment), "{text}");
        }
    }

    #[test]
    fn days_are_counted_as_the_calendar_library_counts_them() {
        for text in [
            "1899-12-31",
            "1970-01-01",
            "2000-02-29",
            "2026-11-23",
            "2100-03-01",
        ] {
            let date: Date = text.parse().expect("the dates of this test exist");
            let expected = TimeZone::UTC
                .to_timestamp(date.at(0, 0, 0, 0))
                .expect("in range");
            assert_eq!(
                days_since_epoch(date) * 86_400,
                expected.as_second(),
                "{text}"
            );
        }
    }

    fn moment(text: &str) -> Moment {
        Moment::parse(text).expect("the moments of this test are well formed")
    }
}
