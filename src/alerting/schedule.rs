//! When a digest is due: at stated times of London's day, or every so many minutes. Reads no clock.
//! Start at [`Schedule::last`].

use crate::domain::{Instant, LondonDay};

/// When something is due.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Schedule {
    /// At these hours and minutes of each day in London.
    Daily(Vec<(i8, i8)>),
    /// Every so many minutes, counted from midnight UTC.
    Every(i64),
}

impl Schedule {
    /// Reads a time of the day: `07:00`.
    pub fn time(text: &str) -> Option<(i8, i8)> {
        let (hour, minute) = text.split_once(':')?;
        let two = |text: &str| (text.len() == 2).then(|| text.parse::<i8>().ok()).flatten();
        let (hour, minute) = (two(hour)?, two(minute)?);
        ((0..24).contains(&hour) && (0..60).contains(&minute)).then_some((hour, minute))
    }

    /// The last time that it was due, now included.
    pub fn last(&self, now: Instant) -> Option<Instant> {
        match self {
            Schedule::Every(minutes) => {
                let span = minutes.max(&1) * 60_000;
                Some(Instant::from_millis(now.millis().div_euclid(span) * span))
            }
            Schedule::Daily(times) => {
                let today = now.london_day();
                let yesterday = today.date().yesterday().map(LondonDay::on);
                let days = [Some(today), yesterday.ok()].into_iter().flatten();
                let all = days.flat_map(|day| {
                    times
                        .iter()
                        .map(move |(hour, minute)| day.at(*hour, *minute))
                });
                all.filter(|at| *at <= now).max()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Moment;

    fn at(text: &str) -> Instant {
        Moment::parse(text).expect("a moment").earliest()
    }

    fn last(schedule: &Schedule, now: &str) -> String {
        schedule.last(at(now)).expect("it was due").to_string()
    }

    #[test]
    fn a_time_of_the_day_is_londons_in_summer_and_winter() {
        let daily = Schedule::Daily(vec![(7, 0), (15, 30)]);
        for (now, due) in [
            ("2026-04-28T07:00:00+01:00", "2026-04-28T07:00:00+01:00"),
            ("2026-04-28T06:59:59+01:00", "2026-04-27T15:30:00+01:00"),
            ("2026-10-25T08:00:00Z", "2026-10-25T07:00:00+00:00"),
            ("2026-10-25T06:00:00Z", "2026-10-24T15:30:00+01:00"),
        ] {
            assert_eq!(last(&daily, now), due, "{now}");
        }
        // On this day London's clocks have no 01:30.
        let gone = Schedule::Daily(vec![(1, 30)]);
        assert_eq!(
            last(&gone, "2026-03-29T12:00:00+01:00"),
            "2026-03-29T02:30:00+01:00"
        );
        assert_eq!(
            Schedule::Daily(Vec::new()).last(at("2026-04-28T07:00:00Z")),
            None
        );
    }

    #[test]
    fn every_so_many_minutes_falls_on_the_same_minutes_whenever_it_is_asked() {
        let every = Schedule::Every(15);
        let due = "2026-04-28T07:30:00+01:00";
        assert_eq!(last(&every, "2026-04-28T07:44:59+01:00"), due);
        assert_eq!(last(&every, due), due);
    }

    #[test]
    fn a_time_is_two_digits_a_colon_and_two_digits() {
        assert_eq!(Schedule::time("07:05"), Some((7, 5)));
        for text in ["7:05", "24:00", "07:60", "0705", "-1:00", ""] {
            assert_eq!(Schedule::time(text), None, "{text}");
        }
    }
}
