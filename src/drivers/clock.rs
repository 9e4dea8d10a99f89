//! The wall clock, read in this file and nowhere else. Start at [`now`].

use crate::domain::Instant;

/// What the clock on the wall shows.
pub fn now() -> Instant {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let millis = since.map_or(0, |elapsed| {
        i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
    });
    Instant::from_millis(millis)
}
