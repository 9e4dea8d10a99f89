//! How long to wait after a failed attempt: twice as long each time up to a bound, and never quite
//! the same for two, so that what failed together does not come back together. Start at
//! [`Backoff::after`].

use xxhash_rust::xxh3::xxh3_64;

use crate::domain::Instant;

/// How attempts are spread over time, in milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Backoff {
    /// The longest wait after the first failure.
    pub first_ms: i64,
    /// The longest wait of all.
    pub most_ms: i64,
    /// What tells one process from another.
    pub seed: u64,
}

impl Backoff {
    /// When to try again after so many failures in a row: between half and the whole of the wait.
    pub fn after(&self, failures: u32, what: &[u8], now: Instant) -> Instant {
        let doubled = self.first_ms.saturating_mul(
            1_i64
                .checked_shl(failures.saturating_sub(1).min(40))
                .unwrap_or(1),
        );
        let most = doubled.clamp(1, self.most_ms.max(1));
        let mut salt = what.to_vec();
        salt.extend(failures.to_le_bytes());
        salt.extend(self.seed.to_le_bytes());
        let least = most / 2;
        let spread = u64::try_from(most - least + 1).unwrap_or(1);
        let jitter = i64::try_from(xxh3_64(&salt) % spread).unwrap_or(0);
        Instant::from_millis(now.millis().saturating_add(least + jitter))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_bound_and_differ_from_one_another() {
        let backoff = Backoff {
            first_ms: 500,
            most_ms: 60_000,
            seed: 7,
        };
        let wait = |failures, what: &[u8]| {
            backoff
                .after(failures, what, Instant::from_millis(1_000))
                .millis()
                - 1_000
        };
        for (failures, most) in [
            (1, 500),
            (2, 1_000),
            (3, 2_000),
            (8, 60_000),
            (4_000, 60_000),
        ] {
            let waits: Vec<i64> = (0..50_u8).map(|what| wait(failures, &[what])).collect();
            assert!(
                waits.iter().all(|wait| (most / 2..=most).contains(wait)),
                "{failures}: {waits:?}"
            );
            let differing: std::collections::BTreeSet<_> = waits.iter().collect();
            assert!(differing.len() > 25, "{differing:?}");
        }
    }
}
