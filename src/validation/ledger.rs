//! The ledger: what every version of a thing said in its watched fields, in the order of versions
//! whatever the order of arrival. Finds the change that nobody admitted to. Start at [`Ledger`].

use std::sync::Arc;

use crate::domain::case::{LedgerRow, Watched};
use crate::domain::records::Head;
use crate::domain::{Instant, Moment};

/// Rows kept before the oldest unremarkable ones are folded: several years of a busy record.
const ROWS_MAX: usize = 256;

/// Rows up to which no room is kept for the next: most things have few versions.
const FEW_ROWS: usize = 8;

/// How the versions of one thing from one source are ordered.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Order {
    /// Without a number: by when it left the source, and by content where that is the same.
    Dated(Instant, u64),
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
    first_commit: Option<Instant>,
}

impl Ledger {
    /// What it knows of a version.
    pub(super) fn seen(&self, order: Order, content: u64) -> Seen {
        match self.place(order) {
            Ok(at) if self.marks[at].1 == content => Seen::Same,
            Ok(_) => Seen::Other,
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
            self.marks.remove(at);
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
