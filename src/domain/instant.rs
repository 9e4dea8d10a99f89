//! Points and lengths of time, and the London calendar that days and months belong to. Reads no
//! clock; the zone's rules are compiled in. Start at [`Instant`].

use std::fmt;

use jiff::civil::{Date, date};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The zone in which days, months and working hours are reckoned.
const LONDON: TimeZone = jiff::tz::get!("Europe/London");

/// A point of time: milliseconds since the start of 1970, UTC.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Instant(i64);

impl Instant {
    /// Before every moment a record can carry.
    pub const BEGINNING: Instant = Instant(i64::MIN);
    /// After every moment a record can carry.
    pub const END: Instant = Instant(i64::MAX);

    /// The instant `millis` milliseconds after the start of 1970, UTC.
    pub const fn from_millis(millis: i64) -> Instant {
        Instant(millis)
    }

    /// Milliseconds since the start of 1970, UTC.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// The instant `span` later; saturates at the ends of time.
    #[must_use]
    pub const fn plus(self, span: Elapsed) -> Instant {
        Instant(self.0.saturating_add(span.0))
    }

    /// The instant `span` earlier; saturates at the ends of time.
    #[must_use]
    pub const fn minus(self, span: Elapsed) -> Instant {
        Instant(self.0.saturating_sub(span.0))
    }

    /// How long after `earlier` this is; negative if it is before.
    pub const fn since(self, earlier: Instant) -> Elapsed {
        Elapsed(self.0.saturating_sub(earlier.0))
    }

    /// The London day this instant falls on.
    pub fn london_day(self) -> LondonDay {
        let stamp = Timestamp::from_millisecond(self.0).unwrap_or(if self.0 < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        });
        LondonDay(LONDON.to_datetime(stamp).date())
    }
}

impl Instant {
    /// Writes it as it stands in London, with its second or to the minute. Digit by digit: a record
    /// holds many moments, and to format each in the general way was a third of writing a record.
    pub(super) fn write(self, out: &mut fmt::Formatter<'_>, with_second: bool) -> fmt::Result {
        let Ok(stamp) = Timestamp::from_millisecond(self.0) else {
            return out.write_str(if self.0 < 0 {
                "the beginning of time"
            } else {
                "the end of time"
            });
        };
        // Before 1847 London was 75 seconds behind, which no offset can write.
        let minutes = LONDON.to_offset(stamp).seconds() / 60;
        let whole = Offset::from_seconds(minutes * 60).unwrap_or(Offset::UTC);
        let local = whole.to_datetime(stamp);
        let mut text = Digits::default();
        match u16::try_from(local.year()) {
            Ok(year) => {
                text.two(year / 100);
                text.two(year % 100);
                text.marked(b'-', local.month());
                text.marked(b'-', local.day());
            }
            Err(_) => write!(out, "{}", local.date())?,
        }
        text.marked(b'T', local.hour());
        text.marked(b':', local.minute());
        if with_second {
            text.marked(b':', local.second());
            let millis = local.millisecond().unsigned_abs();
            if millis != 0 {
                text.put(b'.');
                text.put(b'0' + (millis / 100) as u8);
                text.two(millis % 100);
            }
        }
        let sign = if minutes < 0 { b'-' } else { b'+' };
        text.marked(sign, (minutes.abs() / 60) as i8);
        text.marked(b':', (minutes.abs() % 60) as i8);
        out.write_str(text.as_str())
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(out, true)
    }
}

/// A short text of digits and marks.
#[derive(Default)]
struct Digits {
    bytes: [u8; 32],
    length: usize,
}

impl Digits {
    fn put(&mut self, byte: u8) {
        self.bytes[self.length] = byte;
        self.length += 1;
    }

    /// A number below 100.
    fn two(&mut self, number: u16) {
        self.put(b'0' + (number / 10) as u8);
        self.put(b'0' + (number % 10) as u8);
    }

    /// A mark and a number from 0 to 99.
    fn marked(&mut self, mark: u8, number: i8) {
        self.put(mark);
        self.two(u16::from(number.unsigned_abs()));
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).expect("digits and marks are ASCII")
    }
}

/// A length of time in elapsed milliseconds: clock changes do not alter it.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Elapsed(i64);

impl Elapsed {
    /// `hours` elapsed hours.
    pub const fn hours(hours: i64) -> Elapsed {
        Elapsed(hours.saturating_mul(3_600_000))
    }

    /// `minutes` elapsed minutes.
    pub const fn minutes(minutes: i64) -> Elapsed {
        Elapsed(minutes.saturating_mul(60_000))
    }

    /// `seconds` elapsed seconds.
    pub const fn seconds(seconds: i64) -> Elapsed {
        Elapsed(seconds.saturating_mul(1_000))
    }

    /// Whole seconds, rounded down.
    pub const fn whole_seconds(self) -> i64 {
        self.0.div_euclid(1_000)
    }
}

/// A calendar day in Europe/London.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LondonDay(Date);

impl LondonDay {
    /// The day `year`-`month`-`day`; the date must exist.
    pub const fn of(year: i16, month: i8, day: i8) -> LondonDay {
        LondonDay(date(year, month, day))
    }

    /// The day on this civil date.
    pub const fn on(date: Date) -> LondonDay {
        LondonDay(date)
    }

    /// Reads `2026-04-01`.
    pub fn parse(text: &str) -> Option<LondonDay> {
        (text.len() == 10)
            .then(|| text.parse().ok().map(LondonDay))
            .flatten()
    }

    /// The civil date.
    pub const fn date(self) -> Date {
        self.0
    }

    /// The day after.
    #[must_use]
    pub fn next(self) -> LondonDay {
        LondonDay(self.0.tomorrow().unwrap_or(Date::MAX))
    }

    /// The first instant of the day in London.
    pub fn start(self) -> Instant {
        self.at(0, 0)
    }

    /// When clocks in London show this time of the day; where a change of clocks leaves it out, as
    /// long after as it would have been.
    pub fn at(self, hour: i8, minute: i8) -> Instant {
        LONDON
            .to_timestamp(self.0.at(hour, minute, 0, 0))
            .map_or(Instant::END, |stamp| Instant(stamp.as_millisecond()))
    }

    /// The first day of its calendar month.
    #[must_use]
    pub fn month_start(self) -> LondonDay {
        LondonDay(self.0.first_of_month())
    }

    /// The first day of the calendar month after.
    #[must_use]
    pub fn next_month_start(self) -> LondonDay {
        LondonDay(month_after(self.0))
    }
}

impl fmt::Display for LondonDay {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.0)
    }
}

impl Serialize for LondonDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LondonDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        LondonDay::parse(&text)
            .ok_or_else(|| de::Error::custom("expected a day such as 2026-04-01"))
    }
}

fn month_after(date: Date) -> Date {
    date.first_of_month()
        .checked_add(1.month())
        .unwrap_or(Date::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lateness_is_whole_seconds_rounded_down() {
        assert_eq!(Instant(1_999).since(Instant(0)).whole_seconds(), 1);
    }

    #[test]
    fn an_instant_is_told_as_it_stands_in_london() {
        let spring = Instant::from_millis(1_774_746_000_250);
        assert_eq!(spring.to_string(), "2026-03-29T02:00:00.250+01:00");
        assert_eq!(Instant::END.to_string(), "the end of time");
        // Before 1847 the offset is told in whole minutes, and before the year 0 years have a sign.
        for (millis, text) in [
            (-5_000_000_000_000, "1811-07-23T15:05:40-00:01"),
            (-70_000_000_000_000, "-000249-10-15T19:32:20-00:01"),
        ] {
            assert_eq!(Instant::from_millis(millis).to_string(), text);
        }
    }

    #[test]
    fn a_london_day_starts_at_its_own_midnight() {
        let day = LondonDay::of(2026, 3, 29);
        assert_eq!(day.start().to_string(), "2026-03-29T00:00:00+00:00");
        assert_eq!(day.next().start().since(day.start()), Elapsed::hours(23));
    }
}
