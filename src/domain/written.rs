//! How a moment is written: RFC 3339 with an offset, a day, or a month. A local time without an
//! offset is no moment. Start at [`parse`].

use jiff::civil::Date;

use super::instant::{Instant, LondonDay};
use super::moment::{Moment, Precision, UnreadableMoment};

/// Reads RFC 3339 with an offset (seconds may be missing), a day, or a month.
pub(super) fn parse(text: &str) -> Result<Moment, UnreadableMoment> {
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

/// Years outside 1800 to 9999 are slips of a keyboard or of an epoch, not dates of a record.
pub(super) fn in_range(moment: Moment) -> Result<Moment, UnreadableMoment> {
    const FIRST: i64 = -5_364_662_400_000;
    if moment.earliest().millis() >= FIRST {
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

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

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
}
