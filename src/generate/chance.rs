//! Seeded chance: every draw of the generator comes from here, so that a seed tells everything.
//! Start at [`Chance`].

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use crate::domain::{Elapsed, Instant};

/// A stream of draws.
#[derive(Clone, Debug)]
pub(super) struct Chance(ChaCha8Rng);

impl Chance {
    /// The stream `number` of a seed; streams do not disturb each other.
    pub(super) fn of(seed: u64, number: u64) -> Chance {
        let mut draws = ChaCha8Rng::seed_from_u64(seed);
        draws.set_stream(number);
        Chance(draws)
    }

    /// Any number.
    pub(super) fn any(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number from `least` to `most`, both possible.
    pub(super) fn between(&mut self, least: i64, most: i64) -> i64 {
        let width = u128::from(most.abs_diff(least)) + 1;
        let scaled = (u128::from(self.any()) * width) >> 64;
        least + i64::try_from(scaled).expect("it is no more than the width of two i64")
    }

    /// True this often in a thousand.
    pub(super) fn in_thousand(&mut self, often: i64) -> bool {
        self.between(1, 1_000) <= often
    }

    /// One of several, alike.
    pub(super) fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        let last = i64::try_from(all.len()).expect("lists are short") - 1;
        all[usize::try_from(self.between(0, last)).expect("it is a place in the list")]
    }

    /// One of several, each as often as its weight says.
    pub(super) fn weighted<T: Copy>(&mut self, all: &[(T, u32)]) -> T {
        let total: i64 = all.iter().map(|(_, weight)| i64::from(*weight)).sum();
        let mut left = self.between(1, total);
        for (one, weight) in all {
            left -= i64::from(*weight);
            if left <= 0 {
                return *one;
            }
        }
        all[all.len() - 1].0
    }

    /// A span of whole seconds.
    pub(super) fn span(&mut self, least: Elapsed, most: Elapsed) -> Elapsed {
        Elapsed::seconds(self.between(least.whole_seconds(), most.whole_seconds()))
    }

    /// A moment some seconds from `least` to `most` after another.
    pub(super) fn after(&mut self, start: Instant, least: Elapsed, most: Elapsed) -> Instant {
        start.plus(self.span(least, most))
    }

    /// A moment at or a little before a limit: the last that is in time, or a second or a minute
    /// before it.
    pub(super) fn just_by(&mut self, limit: Instant) -> Instant {
        limit.minus(Elapsed::seconds(self.one_of(&[0, 1, 60])))
    }

    /// A moment a little or a good deal after a limit.
    pub(super) fn past(&mut self, limit: Instant, most: Elapsed) -> Instant {
        match self.between(0, 3) {
            0 => limit.plus(Elapsed::seconds(1)),
            1 => limit.plus(Elapsed::minutes(1)),
            _ => self.after(limit, Elapsed::minutes(2), most),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_and_a_stream_tell_every_draw() {
        let draws = |seed, number| {
            let mut chance = Chance::of(seed, number);
            [chance.any(), chance.any()]
        };
        assert_eq!(draws(1, 2), draws(1, 2));
        assert_ne!(draws(1, 2), draws(1, 3));
        assert_ne!(draws(1, 2), draws(2, 2));
    }

    #[test]
    fn both_ends_are_possible_and_nothing_beyond() {
        let mut chance = Chance::of(7, 0);
        let drawn: std::collections::BTreeSet<i64> =
            (0..200).map(|_| chance.between(-1, 2)).collect();
        assert_eq!(drawn.into_iter().collect::<Vec<_>>(), [-1, 0, 1, 2]);
    }
}
