//! The activations that stand in a partition of the journal: each stands behind the position from
//! which it holds, so whoever judges the journal from its beginning has to know them first. Start at
//! [`History::read`].

use std::collections::BTreeMap;

use rdkafka::message::Message;

use super::client::Clients;
use super::fault::{EndCode, Fault};
use super::restore::{Hearing, read_to_end};
use super::stage::VALIDATION;
use crate::domain::feed::Partition;
use crate::domain::journal::{Activation, Journalled, Tells};
use crate::domain::names::ForceCode;
use crate::wire::journal;

/// Activations that were not applied yet, by the position before which they hold.
#[derive(Debug, Default)]
pub(super) struct History {
    ahead: BTreeMap<u64, Vec<(ForceCode, Activation)>>,
}

impl History {
    /// Every activation of a partition of the journal.
    pub(super) fn read(
        clients: &Clients,
        journal: &Partition,
        hearing: Hearing<'_>,
    ) -> Result<History, Fault> {
        let mut history = History::default();
        read_to_end(clients, VALIDATION, journal, hearing, &mut |message| {
            let offset = message.offset();
            let entry = entry(journal, offset, message.payload())?;
            if let Tells::Activation(activation) = entry.tells {
                history.add(offset.unsigned_abs(), entry.force, activation);
            }
            Ok(())
        })?;
        Ok(history)
    }

    fn add(&mut self, offset: u64, force: ForceCode, activation: Activation) {
        // In a copy of a journal offsets are lower than they were: it holds where it stands at the latest.
        let from = activation.from_position.min(offset);
        self.ahead
            .entry(from)
            .or_default()
            .push((force, activation));
    }

    /// Takes the next activations that hold before the entry at this position, if there are any.
    pub(super) fn next(&mut self, position: u64) -> Option<Vec<(ForceCode, Activation)>> {
        let first = self.ahead.first_entry()?;
        (*first.key() <= position).then(|| first.remove())
    }

    /// True if an activation of this force is still ahead.
    pub(super) fn has(&self, force: &ForceCode) -> bool {
        self.all().any(|(of, _)| of == force)
    }

    /// Leaves out what is in the state already, told by the number of a force's last activation.
    pub(super) fn leave_out(&mut self, known: impl Fn(&ForceCode) -> u32) {
        for at in self.ahead.values_mut() {
            at.retain(|(force, activation)| activation.number > known(force));
        }
        self.ahead.retain(|_, at| !at.is_empty());
    }

    /// The first activation of a rule set other than this one.
    pub(super) fn of_others(&self, fingerprint: &str) -> Option<&Activation> {
        let mut all = self.all().map(|(_, activation)| activation);
        all.find(|activation| activation.fingerprint != fingerprint)
    }

    /// The number of each force's last activation.
    pub(super) fn last_numbers(&self) -> BTreeMap<ForceCode, u32> {
        let mut last = BTreeMap::new();
        for (force, activation) in self.all() {
            let number = last.entry(force.clone()).or_default();
            *number = activation.number.max(*number);
        }
        last
    }

    fn all(&self) -> impl Iterator<Item = &(ForceCode, Activation)> {
        self.ahead.values().flatten()
    }
}

/// Reads an entry of the journal.
pub(super) fn entry(
    journal: &Partition,
    offset: i64,
    value: Option<&[u8]>,
) -> Result<Journalled, Fault> {
    journal::read(value.unwrap_or_default()).map_err(|why| {
        Fault::end(
            EndCode::Inconsistent,
            format!(
                "the entry of the journal at {journal} offset {offset} cannot be read: {why}. Only this \
                 service writes the journal: if a newer version wrote it, run that version"
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Feeds;

    fn activation(number: u32, from_position: u64, fingerprint: &str) -> Activation {
        Activation {
            number,
            fingerprint: fingerprint.to_owned(),
            profile: "national".to_owned(),
            from_position,
            feeds: Feeds::declared(Vec::new()),
        }
    }

    fn numbers(history: &mut History, position: u64) -> Vec<u32> {
        let next = history.next(position).unwrap_or_default();
        next.iter()
            .map(|(_, activation)| activation.number)
            .collect()
    }

    #[test]
    fn each_holds_before_its_position_and_no_later_than_where_it_stands() {
        let force = ForceCode::from("kent");
        let mut history = History::default();
        history.add(9, force.clone(), activation(1, 0, "a"));
        // In a copy whose offsets are lower.
        history.add(20, force.clone(), activation(2, 33, "b"));
        assert_eq!(history.of_others("a").map(|one| one.number), Some(2));
        assert_eq!(history.last_numbers(), BTreeMap::from([(force.clone(), 2)]));
        assert_eq!(numbers(&mut history, 0), [1]);
        assert_eq!(numbers(&mut history, 19), [0; 0]);
        assert!(history.has(&force));
        assert_eq!(numbers(&mut history, 20), [2]);
        assert!(!history.has(&force));
    }

    #[test]
    fn what_the_state_has_is_left_out() {
        let force = ForceCode::from("kent");
        let mut history = History::default();
        history.add(9, force.clone(), activation(1, 0, "a"));
        history.add(20, force, activation(2, 12, "a"));
        history.leave_out(|_| 1);
        assert_eq!(numbers(&mut history, 100), [2]);
        assert_eq!(numbers(&mut history, 100), [0; 0]);
    }
}
