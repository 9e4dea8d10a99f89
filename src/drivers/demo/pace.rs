//! How the time of the made-up force goes by ours. Start at [`Pace::turn`].

use std::time::{Duration, Instant as Ticks};

use crate::domain::{Elapsed, Instant};

/// So much of our time counts at the most between two turns: a machine that slept, or that cannot keep
/// up, lets the force wait and does not hurry it afterwards.
const COUNTS_AT_MOST: Duration = Duration::from_secs(1);

/// The clock of the made-up force.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// Seconds of the force for one of ours.
    speed: f64,
    at: Instant,
    turned: Ticks,
}

impl Pace {
    /// A clock that shows `at` now.
    pub(super) const fn from(at: Instant, speed: f64, now: Ticks) -> Pace {
        Pace {
            speed,
            at,
            turned: now,
        }
    }

    /// What the clock shows now.
    pub(super) fn turn(&mut self, now: Ticks) -> Instant {
        let passed = now
            .saturating_duration_since(self.turned)
            .min(COUNTS_AT_MOST);
        // A day a second is the fastest that is allowed: far less than a number of milliseconds holds.
        let millis = (passed.as_secs_f64() * self.speed * 1000.0) as i64;
        let millis = Instant::from_millis(millis).since(Instant::from_millis(0));
        self.at = self.at.plus(millis);
        self.turned = now;
        self.at
    }

    /// How an instant of the force stands to our own time, which is `now`: as far back as it is there.
    pub(super) fn as_ours(at: Instant, force_now: Instant, now: Instant) -> Instant {
        if at == Instant::BEGINNING {
            return at;
        }
        let ago: Elapsed = force_now.since(at);
        now.minus(ago)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Instant = Instant::from_millis(1_777_000_000_000);

    #[test]
    fn a_second_of_ours_is_so_many_of_the_force() {
        let began = Ticks::now();
        let mut pace = Pace::from(START, 600.0, began);
        let half = began + Duration::from_millis(500);
        assert_eq!(pace.turn(half), START.plus(Elapsed::seconds(300)));
        assert_eq!(pace.turn(half), START.plus(Elapsed::seconds(300)));
    }

    #[test]
    fn a_machine_that_slept_does_not_hurry_the_force() {
        let began = Ticks::now();
        let mut pace = Pace::from(START, 600.0, began);
        let later = began + Duration::from_secs(3_600);
        assert_eq!(pace.turn(later), START.plus(Elapsed::seconds(600)));
    }

    #[test]
    fn what_is_an_hour_ago_there_is_an_hour_ago_here() {
        let now = START.plus(Elapsed::hours(50));
        let shown = Pace::as_ours(START.minus(Elapsed::hours(1)), START, now);
        assert_eq!(shown, now.minus(Elapsed::hours(1)));
        let never = Pace::as_ours(Instant::BEGINNING, START, now);
        assert_eq!(never, Instant::BEGINNING);
    }
}
