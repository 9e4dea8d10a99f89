//! Working days of England and Wales. The bank holidays that follow a rule are computed, those that
//! depart from it are read; outside the years of the table nothing is known. Start at [`Calendar`].

use jiff::ToSpan;
use jiff::civil::{Date, Weekday, date};

use super::problem::Text;
use super::row::{Row, toml_rows};
use super::source::Reading;
use super::window::Window;
use crate::domain::{Instant, Known, LondonDay, Missing};

/// The bank holidays of a span of years.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Calendar {
    first: LondonDay,
    last: LondonDay,
    holidays: Vec<LondonDay>,
}

impl Calendar {
    /// The bank holidays, in order.
    pub fn holidays(&self) -> &[LondonDay] {
        &self.holidays
    }

    /// Is it Monday to Friday and no bank holiday?
    pub fn is_working_day(&self, day: LondonDay) -> Known<bool> {
        if day < self.first || self.last < day {
            return Err(Missing::EDITION);
        }
        Ok(!is_weekend(day.date()) && self.holidays.binary_search(&day).is_err())
    }

    /// The end of the `days`-th working day after `from`, which is day 0: 00:00 of the day after.
    pub fn end_of_working_day(&self, from: LondonDay, days: u32) -> Known<Instant> {
        let mut day = from;
        let mut counted = 0;
        while counted < days {
            day = day.next();
            counted += u32::from(self.is_working_day(day)?);
        }
        Ok(day.next().start())
    }

    /// Reads one text of a calendar.
    pub(super) fn read(text: &Text, reading: &mut Reading) -> Option<Calendar> {
        const COLUMNS: &[&str] = &["from", "to", "source", "place", "confidence", "note"];
        const MOVED: &[&str] = &["from", "to", "name", "source", "place", "confidence"];
        const EXTRA: &[&str] = &["day", "name", "source", "place", "confidence"];
        let shape = [("calendar", COLUMNS), ("moved", MOVED), ("extra", EXTRA)];
        let rows = toml_rows(text, &shape, &mut reading.problems);
        let Some((_, head)) = rows.iter().find(|(table, _)| table == "calendar") else {
            let fault = "the table `calendar` is missing: expected its first and last day";
            reading.problems.push(&text.name, None, fault);
            return None;
        };
        let mut calendar = ruled(head, reading)?;
        for (table, row) in rows.iter().filter(|(table, _)| table != "calendar") {
            reading.citation(row);
            row.text("name", &mut reading.problems);
            match table.as_str() {
                "moved" => calendar.move_day(row, reading),
                _ => calendar.add_day(row, reading),
            }
        }
        calendar.holidays.sort_unstable();
        Some(calendar)
    }

    fn move_day(&mut self, row: &Row, reading: &mut Reading) {
        let from = row.day("from", &mut reading.problems);
        let to = row.day("to", &mut reading.problems);
        let (Some(from), Some(to)) = (from, to) else {
            return;
        };
        match self.holidays.iter_mut().find(|day| **day == from) {
            Some(day) => *day = to,
            None => {
                let fault = format!("`from` is {from}: expected a bank holiday by the rule");
                row.wrong(&mut reading.problems, fault);
            }
        }
        self.is_free(to, row, reading);
    }

    fn add_day(&mut self, row: &Row, reading: &mut Reading) {
        if let Some(day) = row.day("day", &mut reading.problems) {
            self.holidays.push(day);
            self.is_free(day, row, reading);
        }
    }

    /// A day that is set apart twice, or outside the years, is a slip of the table.
    fn is_free(&self, day: LondonDay, row: &Row, reading: &mut Reading) {
        if self.holidays.iter().filter(|other| **other == day).count() > 1 {
            let fault = format!("{day} is a bank holiday already");
            row.wrong(&mut reading.problems, fault);
        }
        if day < self.first || self.last < day {
            let fault = format!("{day} lies outside the calendar");
            row.wrong(&mut reading.problems, fault);
        }
    }
}

/// The calendar between two days as the rule alone has it.
fn ruled(head: &Row, reading: &mut Reading) -> Option<Calendar> {
    let window = head.window("from", "to", &mut reading.problems);
    head.day("to", &mut reading.problems);
    reading.citation(head);
    let window = window?;
    reading.is_new("calendar", "england-and-wales", Window::ALWAYS, head);
    let (first, last) = (window.from?, window.to?);
    let mut holidays: Vec<LondonDay> = (first.date().year()..=last.date().year())
        .flat_map(holidays_by_rule)
        .map(LondonDay::on)
        .filter(|day| window.covers(*day))
        .collect();
    holidays.sort_unstable();
    Some(Calendar {
        first,
        last,
        holidays,
    })
}

/// The eight bank holidays of a year that nobody moved, substitutes in place of weekend days.
fn holidays_by_rule(year: i16) -> Vec<Date> {
    let easter = easter_sunday(year);
    let monday = |month: i8, nth: i8| {
        date(year, month, 1)
            .nth_weekday_of_month(nth, Weekday::Monday)
            .expect("every month has a first and a last Monday")
    };
    let mut days = vec![
        plus(easter, -2),
        plus(easter, 1),
        monday(5, 1),
        monday(5, -1),
        monday(8, -1),
    ];
    let fixed = [date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)];
    // Days that fall on a weekday stand first: a substitute goes to the next day that is left.
    let (on_weekend, on_weekday): (Vec<Date>, Vec<Date>) =
        fixed.into_iter().partition(|day| is_weekend(*day));
    days.extend(on_weekday);
    for day in on_weekend {
        let mut substitute = plus(day, 1);
        while is_weekend(substitute) || days.contains(&substitute) {
            substitute = plus(substitute, 1);
        }
        days.push(substitute);
    }
    days
}

/// Easter Sunday of the Gregorian calendar (the anonymous algorithm of 1876).
fn easter_sunday(year: i16) -> Date {
    let y = i32::from(year);
    let (golden, century, of_century) = (y % 19, y / 100, y % 100);
    let correction = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - correction + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4) % 7;
    let shift = (golden + 11 * epact + 22 * weekday) / 451;
    let day = epact + weekday - 7 * shift + 114;
    date(year, (day / 31) as i8, (day % 31 + 1) as i8)
}

fn plus(day: Date, days: i64) -> Date {
    day.checked_add(days.days())
        .expect("a day of these years has neighbours")
}

fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::{Library, Text};

    /// Written down from public copies of the publisher's list (2028: from another public list of
    /// days to come), not computed: a year, then month and day of each bank holiday of it.
    const LISTED: &str = "\
        2013 01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26
        2014 01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26
        2015 01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28
        2016 01-01 03-25 03-28 05-02 05-30 08-29 12-26 12-27
        2017 01-02 04-14 04-17 05-01 05-29 08-28 12-25 12-26
        2018 01-01 03-30 04-02 05-07 05-28 08-27 12-25 12-26
        2019 01-01 04-19 04-22 05-06 05-27 08-26 12-25 12-26
        2020 01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28
        2021 01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28
        2022 01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27
        2023 01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26
        2024 01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26
        2025 01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26
        2026 01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28
        2027 01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28
        2028 01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26";

    #[test]
    fn the_computed_bank_holidays_are_the_listed_ones() {
        let listed: Vec<String> = LISTED
            .lines()
            .flat_map(|line| {
                let mut words = line.split_whitespace();
                let year = words.next().expect("a line begins with a year").to_owned();
                words.map(move |day| format!("{year}-{day}"))
            })
            .collect();
        let library = opened();
        let calendar = library.calendar().expect("a calendar is shipped");
        let computed: Vec<String> = calendar
            .holidays()
            .iter()
            .map(LondonDay::to_string)
            .collect();
        assert_eq!(computed, listed);
    }

    #[test]
    fn working_days_are_counted_from_the_day_after() {
        // A Monday, with two plain days after it.
        assert_eq!(
            end((2026, 11, 2), 2),
            Ok("2026-11-05T00:00:00+00:00".into())
        );
        // A Saturday: day 1 is the Monday.
        assert_eq!(
            end((2026, 11, 7), 2),
            Ok("2026-11-11T00:00:00+00:00".into())
        );
        // The Thursday before Easter: Friday, the weekend and Monday do not count.
        assert_eq!(end((2026, 4, 2), 2), Ok("2026-04-09T00:00:00+01:00".into()));
        // Christmas Eve 2021: both holidays have substitutes on the Monday and the Tuesday.
        assert_eq!(
            end((2021, 12, 24), 2),
            Ok("2021-12-31T00:00:00+00:00".into())
        );
        assert_eq!(
            end((2026, 11, 2), 0),
            Ok("2026-11-03T00:00:00+00:00".into())
        );
    }

    #[test]
    fn a_limit_across_the_clock_change_ends_at_local_midnight() {
        assert_eq!(
            end((2026, 10, 23), 2),
            Ok("2026-10-28T00:00:00+00:00".into())
        );
        assert_eq!(
            end((2026, 10, 22), 1),
            Ok("2026-10-24T00:00:00+01:00".into())
        );
    }

    #[test]
    fn where_the_calendar_does_not_reach_there_is_no_edition() {
        assert_eq!(
            end((2028, 12, 28), 1),
            Ok("2028-12-30T00:00:00+00:00".into())
        );
        assert_eq!(end((2028, 12, 29), 1), Err(Missing::EDITION));
        assert_eq!(end((2012, 12, 30), 1), Err(Missing::EDITION));
        let library = opened();
        let calendar = library.calendar().expect("a calendar is shipped");
        let before = calendar.is_working_day(LondonDay::of(2012, 12, 31));
        assert_eq!(before, Err(Missing::EDITION));
    }

    #[test]
    fn every_fault_of_a_calendar_is_told() {
        let cited = "name = \"x\"\nsource = \"ours\"\nplace = \"x\"\nconfidence = \"L\"\n";
        let body = format!(
            "[calendar]\nfrom = \"2020-01-01\"\nto = \"2020-12-31\"\nsource = \"ours\"\n\
             place = \"x\"\nconfidence = \"L\"\n\
             [[moved]]\nfrom = \"2020-05-05\"\nto = \"2020-05-08\"\n{cited}\
             [[extra]]\nday = \"2020-12-25\"\n{cited}\
             [[extra]]\nday = \"2021-06-01\"\n{cited}"
        );
        let mut reading = Reading::default();
        reading.admit_sources(&Text {
            name: "sources.toml".into(),
            body: "[ours]\ntitle = \"x\"\npublisher = \"x\"\nwhere = \"x\"\nconfidence = \"L\""
                .into(),
        });
        let text = Text {
            name: "reference/common/bank_holidays.toml".into(),
            body,
        };
        Calendar::read(&text, &mut reading);
        assert_eq!(
            reading.problems.to_string(),
            "reference/common/bank_holidays.toml:7: `from` is 2020-05-05: expected a bank holiday \
             by the rule\n\
             reference/common/bank_holidays.toml:14: 2020-12-25 is a bank holiday already\n\
             reference/common/bank_holidays.toml:20: 2021-06-01 lies outside the calendar"
        );
    }

    fn end(from: (i16, i8, i8), days: u32) -> Known<String> {
        let from = LondonDay::of(from.0, from.1, from.2);
        let end = opened().end_of_working_day(from, days);
        end.map(|instant| instant.to_string())
    }

    fn opened() -> Library {
        Library::shipped("national").unwrap_or_else(|problems| panic!("{problems}"))
    }
}
