//! How often a worker has started again lately: a fault that comes back at once is not ridden out for
//! ever, it ends the process, whose unit decides. Start at [`Restarts::note`].

use std::collections::VecDeque;
use std::time::{Duration, Instant as Ticks};

/// Restarts are counted over so long.
const COUNTED_OVER: Duration = Duration::from_secs(3600);

/// When a worker started again, the newest last.
#[derive(Default)]
pub(super) struct Restarts(VecDeque<Ticks>);

impl Restarts {
    /// Notes a restart; how many there were within the time that counts, this one among them.
    pub(super) fn note(&mut self, at: Ticks) -> usize {
        let counts = |before: &Ticks| at.duration_since(*before) < COUNTED_OVER;
        while self.0.front().is_some_and(|first| !counts(first)) {
            let _ = self.0.pop_front();
        }
        self.0.push_back(at);
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn restarts_count_for_an_hour() {
        let mut restarts = Restarts::default();
        let began = Ticks::now();
        let minutes = |minutes: u64| began + Duration::from_secs(60 * minutes);
        assert_eq!(restarts.note(minutes(0)), 1);
        assert_eq!(restarts.note(minutes(59)), 2);
        assert_eq!(restarts.note(minutes(60)), 2);
        assert_eq!(restarts.note(minutes(200)), 1);
    }
}
