//! Closed exceptions leave the compacted topic after some days: each is noted with the day on which
//! it was closed, and its row is deleted when that is long ago. The exception itself stays in the
//! log of revisions, and its revisions go on if it is opened again. Start at [`Closed::note`].

use std::collections::BTreeMap;

use super::fault::Fault;
use super::restore::Rows;
use crate::domain::Instant;

/// What the keys of its rows in the state topic begin with; no force's code begins like it.
const PREFIX: &[u8] = b"v1/@closed/";
const DAY_MILLIS: i64 = 86_400_000;

/// The closed exceptions whose rows are still in the compacted topic.
#[derive(Debug, Default)]
pub(super) struct Closed {
    /// The day of its closing, since 1970, by its key.
    days: BTreeMap<Vec<u8>, i64>,
    /// What of that has to be kept.
    changed: BTreeMap<Vec<u8>, Option<i64>>,
    /// The day up to which it was looked for what is long ago.
    looked: Option<i64>,
}

/// A row of the state topic: its key, and its value or none if it is deleted.
pub(super) type Row = (Vec<u8>, Option<Vec<u8>>);

impl Closed {
    /// Takes its rows out of what was kept.
    pub(super) fn restore(rows: &mut Rows) -> Result<Closed, Fault> {
        let mut closed = Closed::default();
        let mut rest = rows.split_off(PREFIX);
        while let Some(first) = rest.first_entry() {
            let Some(key) = first.key().strip_prefix(PREFIX) else {
                break;
            };
            let day = super::rows::read_row(first.key(), first.get())?;
            closed.days.insert(key.to_vec(), day);
            first.remove();
        }
        rows.append(&mut rest);
        Ok(closed)
    }

    /// A revision of an exception is published.
    pub(super) fn note(&mut self, key: &[u8], is_open: bool, at: Instant) {
        let day = at.millis().div_euclid(DAY_MILLIS);
        if is_open {
            if self.days.remove(key).is_some() {
                self.changed.insert(key.to_vec(), None);
            }
        } else {
            self.days.insert(key.to_vec(), day);
            self.changed.insert(key.to_vec(), Some(day));
        }
    }

    /// The keys of what was closed so many days before this time; looked for once a day.
    pub(super) fn take_old(&mut self, now: Instant, kept_days: i64) -> Vec<Vec<u8>> {
        let today = now.millis().div_euclid(DAY_MILLIS);
        if self.looked.is_some_and(|looked| looked >= today) {
            return Vec::new();
        }
        self.looked = Some(today);
        let is_old = |day: &i64| day.saturating_add(kept_days) < today;
        let old = self.days.iter().filter(|(_, day)| is_old(day));
        let old: Vec<Vec<u8>> = old.map(|(key, _)| key.clone()).collect();
        for key in &old {
            self.days.remove(key);
            self.changed.insert(key.clone(), None);
        }
        old
    }

    /// What has to be kept since this was asked last.
    pub(super) fn take_kept(&mut self) -> Vec<Row> {
        let changed = std::mem::take(&mut self.changed).into_iter();
        changed
            .map(|(key, day)| {
                let value = day.map(|day| day.to_string().into_bytes());
                ([PREFIX, &key].concat(), value)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i64) -> Instant {
        Instant::from_millis(day * DAY_MILLIS + 1)
    }

    #[test]
    fn what_was_closed_long_ago_and_stays_closed_is_deleted_once() {
        let mut closed = Closed::default();
        for key in [b"a", b"b", b"c"] {
            closed.note(key, false, day(100));
        }
        closed.note(b"b", true, day(101));
        closed.note(b"c", true, day(101));
        closed.note(b"c", false, day(102));
        let rows = closed.take_kept();
        let mut kept: Rows = rows
            .into_iter()
            .filter_map(|(key, value)| Some((key, value?)))
            .collect();
        kept.insert(b"v1/@progress".to_vec(), b"{}".to_vec());
        let mut closed = Closed::restore(&mut kept).expect("it was written so");
        assert_eq!(kept.len(), 1, "what belongs to others is left");
        assert!(closed.take_old(day(500), 400).is_empty());
        assert_eq!(closed.take_old(day(501), 400), [b"a".to_vec()]);
        assert_eq!(closed.take_kept(), [(b"v1/@closed/a".to_vec(), None)]);
        assert!(closed.take_old(day(501), 0).is_empty(), "once a day");
        assert_eq!(closed.take_old(day(503), 400), [b"c".to_vec()]);
    }
}
