//! Moments: instants with a precision. A date never becomes midnight: comparing two moments has
//! three answers (yes, no, and open, which is [`Missing::PRECISION`]). Start at [`Moment`].

use serde::{Deserialize, Serialize};

use super::instant::{Instant, LondonDay};
use super::known::{Known, Missing};

const MINUTE_MILLIS: i64 = 60_000;

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
            Precision::Second => at,
            Precision::Minute => {
                Instant::from_millis(at.millis().div_euclid(MINUTE_MILLIS) * MINUTE_MILLIS)
            }
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
        Instant::from_millis(after.start().millis() - 1)
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
}

#[cfg(test)]
mod tests {
    use super::*;

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

    fn moment(text: &str) -> Moment {
        Moment::parse(text).expect("the moments of this test are well formed")
    }

    fn instant(text: &str) -> Instant {
        moment(text).earliest()
    }
}
