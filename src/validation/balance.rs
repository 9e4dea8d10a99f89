//! The balance: every record that was read is applied, ledger only, a duplicate, quarantined or
//! control, and the difference is off. Start at [`Sums`]; the balance of a force is [`Balance`].

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::entry::{Disposition, Effect};
use crate::domain::feed::Partition;

/// How many records were read, and what became of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Sums {
    /// Records read.
    pub read: u64,
    /// Changed a snapshot.
    pub applied: u64,
    /// Older than the snapshot; entered the ledger.
    pub ledger_only: u64,
    /// Known already.
    pub duplicate: u64,
    /// Set aside, with a reason.
    pub quarantined: u64,
    /// Heartbeats, decisions, tombstones, and rows that a mapping leaves out by name.
    pub control: u64,
    /// Read and not accounted for: always 0.
    pub off: i64,
}

impl Sums {
    /// This became of a record that was read.
    pub fn count(&mut self, disposition: Disposition) {
        match disposition {
            Disposition::Applied => self.applied += 1,
            Disposition::LedgerOnly => self.ledger_only += 1,
            Disposition::Duplicate => self.duplicate += 1,
            Disposition::Quarantined => self.quarantined += 1,
            Disposition::Control => self.control += 1,
        }
    }

    /// Works out what is off.
    pub fn settle(&mut self) {
        let accounted =
            self.applied + self.ledger_only + self.duplicate + self.quarantined + self.control;
        self.off = self.read as i64 - accounted as i64;
    }
}

/// What became of the records of a force, by the partition of the source that each was read from.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Balance {
    sums: BTreeMap<Partition, Sums>,
}

impl Balance {
    /// The sums of every partition, in the order of topic and number.
    pub fn partitions(&self) -> impl Iterator<Item = (&Partition, Sums)> {
        self.sums.iter().map(|(partition, sums)| (partition, *sums))
    }

    /// A record of the partition was read, and the effects say what became of it.
    pub(super) fn read(&mut self, partition: Partition, effects: &[Effect]) {
        let counted = effects.iter().filter_map(|effect| match effect {
            Effect::Counted(disposition) => Some(*disposition),
            _ => None,
        });
        self.enter(partition, counted);
    }

    /// A record of the partition was set aside before it came here.
    pub(super) fn set_aside(&mut self, partition: Partition) {
        self.enter(partition, [Disposition::Quarantined].into_iter());
    }

    fn enter(&mut self, partition: Partition, became: impl Iterator<Item = Disposition>) {
        let sums = self.sums.entry(partition).or_default();
        sums.read += 1;
        became.for_each(|disposition| sums.count(disposition));
        sums.settle();
    }
}

/// The sums of one partition, as they are kept.
#[derive(Serialize, Deserialize)]
struct Line {
    #[serde(flatten)]
    partition: Partition,
    #[serde(flatten)]
    sums: Sums,
}

impl Serialize for Balance {
    fn serialize<S: Serializer>(&self, into: S) -> Result<S::Ok, S::Error> {
        into.collect_seq(self.sums.iter().map(|(partition, sums)| Line {
            partition: partition.clone(),
            sums: *sums,
        }))
    }
}

impl<'de> Deserialize<'de> for Balance {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let lines = Vec::<Line>::deserialize(from)?;
        let sums = lines.into_iter().map(|line| (line.partition, line.sums));
        Ok(Balance {
            sums: sums.collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_of_which_nothing_became_is_off() {
        let mut balance = Balance::default();
        balance.read(partition(0), &[Effect::Counted(Disposition::Applied)]);
        balance.read(partition(0), &[]);
        balance.set_aside(partition(1));
        let sums: Vec<_> = balance.partitions().map(|(_, sums)| sums).collect();
        assert_eq!((sums[0].read, sums[0].applied, sums[0].off), (2, 1, 1));
        assert_eq!((sums[1].read, sums[1].quarantined, sums[1].off), (1, 1, 0));
    }

    #[test]
    fn a_balance_reads_back_as_it_was_written() {
        let mut balance = Balance::default();
        balance.read(partition(3), &[Effect::Counted(Disposition::Control)]);
        let text = serde_json::to_string(&balance).expect("a balance is JSON");
        let read: Balance = serde_json::from_str(&text).expect("it was written so");
        assert_eq!(read, balance, "{text}");
    }

    fn partition(number: i32) -> Partition {
        Partition {
            topic: "records".to_owned(),
            number,
        }
    }
}
