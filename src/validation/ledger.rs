//! The ledger: what every version of a thing said in its watched fields, in the order of versions
//! whatever the order of arrival. Finds the change that nobody admitted to. Start at [`Ledger`].

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::written::{hex, is_false, is_zero};
use crate::domain::case::{LedgerRow, Watched};
use crate::domain::records::Head;
use crate::domain::{Instant, Moment};

/// Rows kept before the oldest unremarkable ones are folded: several years of a busy record.
const ROWS_MAX: usize = 256;

/// Rows up to which no room is kept for the next: most things have few versions.
const FEW_ROWS: usize = 8;

/// How the versions of one thing from one source are ordered.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Order {
    /// Without a number: by when it left the source, and by content where that is the same.
    Dated(Instant, #[serde(with = "hex")] u64),
    /// By its number.
    Numbered(i64),
}

impl Order {
    /// The order of a record with this head and this content.
    pub(super) fn of(head: &Head, content: u64) -> Order {
        match head.version {
            Some(version) => Order::Numbered(version),
            None => {
                let sent = head.extracted_at.unwrap_or(head.committed_at);
                Order::Dated(sent.earliest(), content)
            }
        }
    }
}

/// What a ledger makes of a version.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Seen {
    /// Never seen.
    New,
    /// Seen with the same content.
    Same,
    /// Seen with another content.
    Other,
}

/// The versions of one thing from one source, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    rows: Vec<LedgerRow>,
    marks: Vec<(Order, u64)>,
    folded: u64,
    /// The newest version that was folded.
    folded_to: Option<Order>,
    first_commit: Option<Instant>,
}

impl Ledger {
    /// What it knows of a version.
    pub(super) fn seen(&self, order: Order, content: u64) -> Seen {
        match self.place(order) {
            Ok(at) if self.marks[at].1 == content => Seen::Same,
            Ok(_) => Seen::Other,
            // A version that was folded cannot be told from one that never came; to take it for new
            // would say that its feed broke its promise.
            Err(_) if Some(order) <= self.folded_to => Seen::Same,
            Err(_) => Seen::New,
        }
    }

    /// The newest version.
    pub(super) fn newest(&self) -> Option<Order> {
        self.marks.last().map(|(order, _)| *order)
    }

    /// Enters a version that was not seen.
    pub(super) fn enter(&mut self, order: Order, content: u64, row: LedgerRow) {
        let Err(at) = self.place(order) else { return };
        let committed = row.committed_at.latest();
        self.first_commit = Some(
            self.first_commit
                .map_or(committed, |first| first.min(committed)),
        );
        let shared = self.share(at, row);
        if self.rows.len() < FEW_ROWS {
            self.rows.reserve_exact(1);
            self.marks.reserve_exact(1);
        }
        self.rows.insert(at, shared);
        self.marks.insert(at, (order, content));
        if self.rows.len() > ROWS_MAX {
            self.fold();
        }
    }

    fn place(&self, order: Order) -> Result<usize, usize> {
        self.marks.binary_search_by_key(&order, |(known, _)| *known)
    }

    /// Keeps the watched fields once where neighbours say the same.
    fn share(&self, at: usize, mut row: LedgerRow) -> LedgerRow {
        let neighbours = [at.checked_sub(1), Some(at)];
        for neighbour in neighbours
            .into_iter()
            .flatten()
            .filter_map(|near| self.rows.get(near))
        {
            if neighbour.watched == row.watched {
                row.watched.clone_from(&neighbour.watched);
                break;
            }
        }
        row
    }

    /// Drops the oldest row that says what both its neighbours say.
    fn fold(&mut self) {
        let unremarkable = (1..self.rows.len() - 1).find(|at| {
            self.rows[*at].watched == self.rows[at - 1].watched
                && self.rows[*at].watched == self.rows[at + 1].watched
        });
        if let Some(at) = unremarkable {
            self.rows.remove(at);
            let (order, _) = self.marks.remove(at);
            self.folded_to = self.folded_to.max(Some(order));
            self.folded += 1;
        }
    }

    /// The rows, oldest first.
    pub(super) fn rows(&self) -> &[LedgerRow] {
        &self.rows
    }

    /// How many rows were folded.
    pub(super) fn folded(&self) -> u64 {
        self.folded
    }

    /// The least commit of any version seen.
    pub(super) fn first_commit(&self) -> Option<Instant> {
        self.first_commit
    }

    /// True if every version carried its number.
    pub(super) fn is_numbered(&self) -> bool {
        self.marks
            .iter()
            .all(|(order, _)| matches!(order, Order::Numbered(_)))
    }
}

/// A version as it is kept: its watched fields only where the one before says something else.
#[derive(Serialize, Deserialize)]
struct Line<'a> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<i64>,
    committed_at: Moment,
    /// When it left the source, where it carries no number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sent_at: Option<Instant>,
    #[serde(with = "hex")]
    content: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    watched: Option<Cow<'a, Watched>>,
    /// True if the watched fields are those of the version before.
    #[serde(default, skip_serializing_if = "is_false")]
    same: bool,
}

/// A ledger as it is kept.
#[derive(Serialize, Deserialize)]
struct Lines<'a> {
    versions: Vec<Line<'a>>,
    #[serde(default, skip_serializing_if = "is_zero")]
    folded: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    folded_to: Option<Order>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first_commit: Option<Instant>,
}

impl Serialize for Ledger {
    fn serialize<S: Serializer>(&self, into: S) -> Result<S::Ok, S::Error> {
        let before = std::iter::once(None).chain(self.rows.iter().map(Some));
        let versions = self.rows.iter().zip(&self.marks).zip(before);
        let versions = versions.map(|((row, (order, content)), before)| {
            let same =
                row.watched.is_some() && before.is_some_and(|before| before.watched == row.watched);
            Line {
                version: row.version,
                committed_at: row.committed_at,
                sent_at: match order {
                    Order::Dated(sent_at, _) => Some(*sent_at),
                    Order::Numbered(_) => None,
                },
                content: *content,
                watched: row.watched.as_deref().filter(|_| !same).map(Cow::Borrowed),
                same,
            }
        });
        Lines {
            versions: versions.collect(),
            folded: self.folded,
            folded_to: self.folded_to,
            first_commit: self.first_commit,
        }
        .serialize(into)
    }
}

impl<'de> Deserialize<'de> for Ledger {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let lines = Lines::deserialize(from)?;
        let mut ledger = Ledger {
            folded: lines.folded,
            folded_to: lines.folded_to,
            first_commit: lines.first_commit,
            ..Ledger::default()
        };
        for line in lines.versions {
            let order = match (line.version, line.sent_at) {
                (Some(version), _) => Order::Numbered(version),
                (None, Some(sent_at)) => Order::Dated(sent_at, line.content),
                (None, None) => return Err(de::Error::missing_field("sent_at")),
            };
            let watched = if line.same {
                ledger.rows.last().and_then(|before| before.watched.clone())
            } else {
                line.watched.map(|watched| Arc::new(watched.into_owned()))
            };
            ledger.rows.push(LedgerRow {
                version: line.version,
                committed_at: line.committed_at,
                watched,
            });
            ledger.marks.push((order, line.content));
        }
        Ok(ledger)
    }
}

/// The row that a version makes.
pub(super) fn row(head: &Head, watched: Option<Watched>) -> LedgerRow {
    let committed_at: Moment = head.committed_at;
    LedgerRow {
        version: head.version,
        committed_at,
        watched: watched.map(Arc::new),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_stand_in_their_order_whatever_the_order_of_arrival() {
        let mut ledger = Ledger::default();
        for version in [3, 1, 2] {
            ledger.enter(Order::Numbered(version), 0, of_class("8N", version));
        }
        let versions: Vec<_> = ledger.rows().iter().map(|row| row.version).collect();
        assert_eq!(versions, [Some(1), Some(2), Some(3)]);
        assert_eq!(ledger.first_commit(), Some(Instant::from_millis(1)));
    }

    #[test]
    fn a_known_version_is_the_same_or_another() {
        let mut ledger = Ledger::default();
        ledger.enter(Order::Numbered(1), 7, of_class("8N", 1));
        assert_eq!(ledger.seen(Order::Numbered(1), 7), Seen::Same);
        assert_eq!(ledger.seen(Order::Numbered(1), 8), Seen::Other);
        assert_eq!(ledger.seen(Order::Numbered(2), 7), Seen::New);
    }

    #[test]
    fn past_its_bound_unremarkable_rows_are_folded_and_changes_stay() {
        let mut ledger = Ledger::default();
        for version in 0..1_000 {
            let class = if version < 500 { "5D" } else { "8N" };
            ledger.enter(Order::Numbered(version), 0, of_class(class, version));
        }
        assert_eq!(ledger.rows().len(), ROWS_MAX);
        assert_eq!(ledger.folded(), 1_000 - ROWS_MAX as u64);
        let classes: Vec<_> = ledger
            .rows()
            .iter()
            .filter_map(|row| row.watched.clone())
            .collect();
        assert!(
            classes.windows(2).any(|pair| pair[0] != pair[1]),
            "the change of class is kept"
        );
        assert_eq!(ledger.first_commit(), Some(Instant::from_millis(0)));
    }

    #[test]
    fn a_version_that_was_folded_is_known_and_one_past_the_fold_is_new() {
        let mut ledger = Ledger::default();
        for version in 0..=ROWS_MAX as i64 {
            ledger.enter(Order::Numbered(version), 0, of_class("8N", version));
        }
        assert_eq!(ledger.folded(), 1);
        assert_eq!(ledger.seen(Order::Numbered(1), 0), Seen::Same);
        assert_eq!(ledger.seen(Order::Numbered(2), 9), Seen::Other);
        assert_eq!(ledger.seen(Order::Numbered(1_000), 0), Seen::New);
    }

    #[test]
    fn a_ledger_reads_back_as_it_was_written() {
        let mut ledger = Ledger::default();
        for version in 0..300 {
            let class = if version % 97 < 50 { "5D" } else { "8N" };
            ledger.enter(Order::Numbered(version), 7, of_class(class, version));
        }
        let untold = LedgerRow {
            version: None,
            committed_at: Moment::exact(Instant::from_millis(5)),
            watched: None,
        };
        ledger.enter(
            Order::Dated(Instant::from_millis(4), u64::MAX),
            u64::MAX,
            untold,
        );
        let text = serde_json::to_string(&ledger).expect("a ledger is JSON");
        let read: Ledger = serde_json::from_str(&text).expect("it was written so");
        assert_eq!(format!("{read:?}"), format!("{ledger:?}"));
    }

    fn of_class(class: &str, version: i64) -> LedgerRow {
        LedgerRow {
            version: Some(version),
            committed_at: Moment::exact(Instant::from_millis(version)),
            watched: Some(Arc::new(Watched {
                class: Some(class.into()),
                ..Watched::default()
            })),
        }
    }
}
