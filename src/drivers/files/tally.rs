//! The balance of a run: every record that was read is applied, ledger only, a duplicate,
//! quarantined or control, and the difference is off. Start at [`Balance`].

use std::collections::BTreeMap;

use serde::Serialize;

use crate::validation::{Alarm, Disposition, Sums};

/// The balance of a run, as a whole and by file, with everything that was counted on the way.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Balance {
    /// All files together.
    #[serde(flatten)]
    pub sums: Sums,
    /// Blank lines passed over; they are no records.
    pub blank_lines: u64,
    /// File by file.
    pub by_file: BTreeMap<String, Sums>,
    /// Quarantined records by reason.
    pub by_reason: BTreeMap<String, u64>,
    /// Rows that a mapping leaves out, by the name it gives them.
    pub set_aside: BTreeMap<String, u64>,
    /// Words that no list has, by path and value: each cost one field.
    pub unread: BTreeMap<String, u64>,
    /// Fields that the contract does not have, by path.
    pub unknown_fields: BTreeMap<String, u64>,
    /// What the people who run the service have to know.
    pub alarms: BTreeMap<String, u64>,
}

impl Balance {
    /// One record was read from this file.
    pub fn read(&mut self, file: &str) {
        self.sums.read += 1;
        self.of(file).read += 1;
    }

    /// This became of it.
    pub fn count(&mut self, file: &str, disposition: Disposition) {
        self.sums.count(disposition);
        self.of(file).count(disposition);
    }

    /// Something the people who run the service have to know.
    pub fn alarm(&mut self, alarm: &Alarm) {
        let name = match alarm {
            Alarm::RuleFault { rule, .. } => format!("rule_fault {rule}"),
            Alarm::BrokenPromise { feed, .. } => format!("broken_promise {feed}"),
            Alarm::HeartbeatBehind { feed } => format!("heartbeat_behind {feed}"),
            Alarm::HeartbeatCount { feed, .. } => format!("heartbeat_count {feed}"),
            Alarm::NoLongerTold { rule, .. } => format!("no_longer_told {rule}"),
        };
        *self.alarms.entry(name).or_default() += 1;
    }

    /// Works out what is off.
    pub fn settle(&mut self) {
        self.sums.settle();
        self.by_file.values_mut().for_each(Sums::settle);
    }

    fn of(&mut self, file: &str) -> &mut Sums {
        if !self.by_file.contains_key(file) {
            self.by_file.insert(file.to_owned(), Sums::default());
        }
        self.by_file
            .get_mut(file)
            .expect("it was put in just before")
    }
}
