//! Moments: instants with a precision, and the London calendar that days and months belong to.
//! A date never becomes midnight: comparing two moments has three answers (yes, no, and open,
//! which is [`Missing::PRECISION`]). Reads no clock; the zone's rules are compiled in.
//! Start at [`Moment`].

use std::fmt;

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::known::{Known, Missing};

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

impl fmt::Display for Instant {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_millisecond(self.0) {
            Ok(stamp) => {
                let offset = LONDON.to_offset(stamp);
                let local = offset.to_datetime(stamp);
                let offset = offset.seconds() / 60;
                write!(
                    out,
                    "{}T{:02}:{:02}:{:02}",
                    local.date(),
                    local.hour(),
                    local.minute(),
                    local.second()
                )?;
                if local.millisecond() != 0 {
                    write!(out, ".{:03}", local.millisecond())?;
                }
                let sign = if offset < 0 { '-' } else { '+' };
                write!(
                    out,
                    "{sign}{:02}:{:02}",
                    offset.abs() / 60,
                    offset.abs() % 60
                )
            }
            Err(_) => out.write_str(if self.0 < 0 {
                "the beginning of time"
            } else {
                "the end of time"
            }),
        }
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
        midnight(self.0)
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

fn midnight(date: Date) -> Instant {
    LONDON
        .to_timestamp(date.at(0, 0, 0, 0))
        .map_or(Instant::END, |stamp| Instant(stamp.as_millisecond()))
}

fn month_after(date: Date) -> Date {
    date.first_of_month()
        .checked_add(1.month())
        .unwrap_or(Date::MAX)
}

/// How finely a moment is known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// To the second or finer.
    Second,
    /// To the minute; taken as written.
    Minute,
    /// The London day is known, the hour is not.
    Day,
    /// The London month is known, the day is not.
    Month,
}

/// When something happened, and how finely that is known.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Moment {
    at: Instant,
    precision: Precision,
}

impl Moment {
    /// A moment known to the second.
    pub const fn exact(at: Instant) -> Moment {
        Moment {
            at,
            precision: Precision::Second,
        }
    }

    /// A moment that starts at `at` and is known to `precision`.
    pub fn new(at: Instant, precision: Precision) -> Moment {
        let at = match precision {
            Precision::Second | Precision::Minute => at,
            Precision::Day => at.london_day().start(),
            Precision::Month => at.london_day().month_start().start(),
        };
        Moment { at, precision }
    }

    /// How finely it is known.
    pub const fn precision(&self) -> Precision {
        self.precision
    }

    /// The first instant it can have been.
    pub const fn earliest(&self) -> Instant {
        self.at
    }

    /// The last instant it can have been: the last millisecond of a day or month.
    pub fn latest(&self) -> Instant {
        let after = match self.precision {
            Precision::Second | Precision::Minute => return self.at,
            Precision::Day => self.at.london_day().next(),
            Precision::Month => self.at.london_day().next_month_start(),
        };
        Instant(after.start().0 - 1)
    }

    /// The instant, where it is known finely enough to be one.
    pub fn instant(&self) -> Known<Instant> {
        match self.precision {
            Precision::Second | Precision::Minute => Ok(self.at),
            Precision::Day | Precision::Month => Err(Missing::PRECISION),
        }
    }

    /// Was it at or before `limit`? Three answers: yes, no, and open.
    pub fn by(&self, limit: Instant) -> Known<bool> {
        if self.latest() <= limit {
            Ok(true)
        } else if self.earliest() > limit {
            Ok(false)
        } else {
            Err(Missing::PRECISION)
        }
    }

    /// Was it at or before the other moment? Three answers: yes, no, and open.
    pub fn at_or_before(&self, other: &Moment) -> Known<bool> {
        if self.latest() <= other.earliest() {
            Ok(true)
        } else if self.earliest() > other.latest() {
            Ok(false)
        } else {
            Err(Missing::PRECISION)
        }
    }

    /// Was it strictly before the other moment? Three answers: yes, no, and open.
    pub fn before(&self, other: &Moment) -> Known<bool> {
        other.at_or_before(self).map(|not| !not)
    }

    /// Does it fall on `day` or later, by the London calendar? Three answers.
    pub fn on_or_after(&self, day: LondonDay) -> Known<bool> {
        let threshold = day.start();
        if self.earliest() >= threshold {
            Ok(true)
        } else if self.latest() < threshold {
            Ok(false)
        } else {
            Err(Missing::PRECISION)
        }
    }

    /// The London day, where it is known.
    pub fn day(&self) -> Known<LondonDay> {
        match self.precision {
            Precision::Month => Err(Missing::PRECISION),
            _ => Ok(self.at.london_day()),
        }
    }

    /// Reads RFC 3339 with an offset (seconds may be missing), a day, or a month.
    pub fn parse(text: &str) -> Result<Moment, UnreadableMoment> {
        if !text.is_ascii() {
            return Err(UnreadableMoment);
        }
        match text.len() {
            7 => {
                let first = LondonDay::parse(&format!("{text}-01")).ok_or(UnreadableMoment)?;
                in_range(Moment {
                    at: first.start(),
                    precision: Precision::Month,
                })
            }
            10 => {
                let day = LondonDay::parse(text).ok_or(UnreadableMoment)?;
                in_range(Moment {
                    at: day.start(),
                    precision: Precision::Day,
                })
            }
            _ => in_range(instant_with_offset(text).ok_or(UnreadableMoment)?),
        }
    }
}

/// Years outside 1800 to 9999 are slips of a keyboard or of an epoch, not dates of a record.
fn in_range(moment: Moment) -> Result<Moment, UnreadableMoment> {
    const FIRST: i64 = -5_364_662_400_000;
    if moment.at.0 >= FIRST {
        Ok(moment)
    } else {
        Err(UnreadableMoment)
    }
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
    Some(Moment {
        at: Instant(seconds * 1_000 + millis),
        precision,
    })
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
        match self.precision {
            Precision::Second => write!(out, "{}", self.at),
            Precision::Minute => {
                let text = self.at.to_string();
                write!(out, "{}{}", &text[..16], &text[text.len() - 6..])
            }
            Precision::Day => write!(out, "{}", self.at.london_day()),
            Precision::Month => out.write_str(&self.at.london_day().to_string()[..7]),
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
        while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            match key.as_ref() {
                "at" => at = Some(map.next_value()?),
                "precision" => precision = Some(map.next_value()?),
                other => return Err(de::Error::unknown_field(other, &["at", "precision"])),
            }
        }
        let at: Instant = at.ok_or_else(|| de::Error::missing_field("at"))?;
        let precision = precision.ok_or_else(|| de::Error::missing_field("precision"))?;
        in_range(Moment::new(at, precision)).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
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
    fn a_day_is_an_interval_in_london_and_a_comparison_can_stay_open() {
        let day = moment("2026-03-29");
        assert_eq!(day.earliest().to_string(), "2026-03-29T00:00:00+00:00");
        assert_eq!(day.latest().to_string(), "2026-03-29T23:59:59.999+01:00");
        assert_eq!(
            day.by(instant("2026-03-29T12:00:00+01:00")),
            Err(Missing::PRECISION)
        );
        assert_eq!(day.by(instant("2026-03-30T00:00:00+01:00")), Ok(true));
        assert_eq!(day.by(instant("2026-03-28T23:59:59Z")), Ok(false));
    }

    #[test]
    fn two_moments_have_three_answers() {
        let (nine, day) = (moment("2026-04-01T09:00:00+01:00"), moment("2026-04-01"));
        assert_eq!(nine.at_or_before(&nine), Ok(true));
        assert_eq!(nine.before(&nine), Ok(false));
        assert_eq!(nine.at_or_before(&day), Err(Missing::PRECISION));
        assert_eq!(day.before(&moment("2026-04-02")), Ok(true));
        assert_eq!(moment("2026-04-02").at_or_before(&day), Ok(false));
    }

    #[test]
    fn a_threshold_day_is_the_london_day() {
        let midnight = LondonDay::of(2026, 4, 1);
        assert_eq!(
            moment("2026-03-31T23:30:00Z").on_or_after(midnight),
            Ok(true)
        );
        assert_eq!(
            moment("2026-03-31T22:59:59Z").on_or_after(midnight),
            Ok(false)
        );
        assert_eq!(
            moment("2026-04").on_or_after(LondonDay::of(2026, 4, 2)),
            Err(Missing::PRECISION)
        );
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

    #[test]
    fn lateness_is_whole_seconds_rounded_down() {
        assert_eq!(Instant(1_999).since(Instant(0)).whole_seconds(), 1);
    }

    fn moment(text: &str) -> Moment {
        Moment::parse(text).expect("the moments of this test are well formed")
    }

    fn instant(text: &str) -> Instant {
        moment(text).earliest()
    }
}
