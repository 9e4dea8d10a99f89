//! When people call the police, and which days are working days: by rules of its own, so that the
//! generator does not ask the calendar it is to check. Start at [`end_of_working_day`].

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use super::chance::Chance;
use crate::domain::{Elapsed, Instant, LondonDay};

/// How many reports come in each hour of a day, in proportion: few before dawn, most in the evening.
const BY_HOUR: [u32; 24] = [
    34, 27, 22, 17, 14, 13, 16, 24, 38, 46, 50, 53, 55, 56, 58, 62, 66, 70, 71, 68, 64, 59, 52, 43,
];

/// A day's share of reports, in thousandths of an average day: more at the weekend.
pub(super) fn share(day: LondonDay) -> i64 {
    match day.date().weekday() {
        Weekday::Friday => 1_090,
        Weekday::Saturday => 1_130,
        Weekday::Sunday => 1_020,
        Weekday::Monday => 970,
        _ => 950,
    }
}

/// A moment of the day at which somebody reports.
pub(super) fn report(day: LondonDay, chance: &mut Chance) -> Instant {
    let mut hours = [(0, 0); 24];
    for (place, (hour, weight)) in hours
        .iter_mut()
        .zip(0..)
        .map(|(p, h)| (p, (h, BY_HOUR[h as usize])))
    {
        *place = (hour, weight);
    }
    let hour = chance.weighted(&hours);
    let within = chance.span(Elapsed::seconds(0), Elapsed::seconds(3_599));
    let moment = day.start().plus(Elapsed::hours(hour)).plus(within);
    // The day on which the clocks go forward has no last hour.
    moment.min(day.next().start().minus(Elapsed::seconds(1)))
}

/// The end of the working day that is `days` after this one, written as 00:00 of the next.
pub(super) fn end_of_working_day(from: LondonDay, days: u32) -> Instant {
    let mut day = from;
    let mut left = days;
    while left > 0 {
        day = day.next();
        left -= u32::from(is_working(day.date()));
    }
    day.next().start()
}

fn is_working(date: Date) -> bool {
    !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) && !is_bank_holiday(date)
}

/// The bank holidays of England and Wales, as they have been in every ordinary year since 1978.
fn is_bank_holiday(date: Date) -> bool {
    let day = date.day();
    match date.month() {
        1 => day == substitute(date.year(), 1, 1),
        5 => date.weekday() == Weekday::Monday && (day <= 7 || day >= 25),
        8 => date.weekday() == Weekday::Monday && day >= 25,
        12 => day == substitute(date.year(), 12, 25) || day == substitute(date.year(), 12, 26),
        3 | 4 => {
            let easter = easter(date.year());
            [-2, 1]
                .map(|days| easter.checked_add(days.days()).ok())
                .contains(&Some(date))
        }
        _ => false,
    }
}

/// The day of the month on which a fixed holiday is kept when it falls on a weekend.
fn substitute(year: i16, month: i8, day: i8) -> i8 {
    match (Date::constant(year, month, day).weekday(), month) {
        (Weekday::Sunday, 1) => day + 1,
        (Weekday::Saturday | Weekday::Sunday, _) => day + 2,
        _ => day,
    }
}

/// Easter Sunday of the Gregorian calendar, after the anonymous computus of 1876.
fn easter(year: i16) -> Date {
    let (golden, century, of_century) = (year % 19, year / 100, year % 100);
    let moon =
        (19 * golden + century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - moon - of_century % 4) % 7;
    let late = (golden + 11 * moon + 22 * weekday) / 451;
    let days = moon + weekday - 7 * late + 114;
    let narrow = |number: i16| i8::try_from(number).expect("a month or a day");
    Date::constant(year, narrow(days / 31), narrow(days % 31 + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_holidays_of_three_years_are_those_published() {
        let mut found = Vec::new();
        for year in 2026..=2028 {
            let mut day = LondonDay::of(year, 1, 1);
            while day.date().year() == year {
                if is_bank_holiday(day.date()) {
                    found.push(day.to_string());
                }
                day = day.next();
            }
        }
        assert_eq!(
            found.join(" "),
            "2026-01-01 2026-04-03 2026-04-06 2026-05-04 2026-05-25 2026-08-31 2026-12-25 2026-12-28 \
             2027-01-01 2027-03-26 2027-03-29 2027-05-03 2027-05-31 2027-08-30 2027-12-27 2027-12-28 \
             2028-01-03 2028-04-14 2028-04-17 2028-05-01 2028-05-29 2028-08-28 2028-12-25 2028-12-26"
        );
    }

    #[test]
    fn two_working_days_step_over_a_weekend_and_a_holiday() {
        let end = |day| end_of_working_day(day, 2).london_day().to_string();
        assert_eq!(end(LondonDay::of(2026, 5, 1)), "2026-05-07");
        assert_eq!(end(LondonDay::of(2026, 5, 6)), "2026-05-09");
    }
}
