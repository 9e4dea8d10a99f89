//! The validation stage: one task a journal partition, which takes every entry through
//! `Validation::step` and writes what follows: exceptions, measures, what was kept, and how far it has
//! come. Decides nothing about a record. Start at [`Judging`].

use std::collections::BTreeMap;
use std::sync::Arc;

use super::client::Clients;
use super::fault::{EndCode, Fault};
use super::history::{History, entry};
use super::outbox::{Out, Outbox};
use super::questions::Asking;
use super::restore::{Hearing, Restoring, read_back};
use super::rows::follows as goes_on;
use super::stage::{Idle, Input, Stage, VALIDATION};
use super::task::{Publishing, Task};
use super::telling::Telling;
use crate::config::serve::ServiceConfig;
use crate::domain::feed::Partition;
use crate::validation::RuleSet;

/// Things judged again in one transaction after an activation, unless the configuration wants shorter
/// ones: about a tenth of a second.
const AGAIN_AT_ONCE: usize = 4_000;

/// The stage that judges.
pub(super) struct Judging {
    /// The configuration.
    pub config: Arc<ServiceConfig>,
    /// The rules.
    pub rules: Arc<RuleSet>,
    /// What reads state back.
    pub clients: Clients,
    /// What it owns, by partition: nothing at first.
    pub tasks: BTreeMap<i32, Task>,
    /// Where readers ask.
    pub asking: Asking,
    /// What it tells.
    pub telling: Telling,
    /// True if it may activate a rule set that a newer one followed.
    pub goes_back: bool,
}

impl Judging {
    fn publishing<'a>(config: &'a ServiceConfig, outbox: &'a mut Outbox) -> Publishing<'a> {
        Publishing {
            topics: &config.topics,
            outbox,
        }
    }

    /// A journal that is judged from its beginning, since its state was lost, tells which rules and
    /// feeds held from where.
    fn remember(
        &self,
        partition: &Partition,
        task: &mut Task,
        (of, end): ((usize, usize), i64),
        alive: &mut dyn FnMut() -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        if !task.has_to_catch_up(end) {
            return Ok(());
        }
        let tell = |at: Restoring| self.telling.restoring(VALIDATION, partition.number, of, at);
        let hearing = Hearing { alive, tell: &tell };
        let history = History::read(&self.clients, partition, hearing)?;
        task.remember(history, end, self.rules.fingerprint());
        Ok(())
    }

    /// Ends the process before memory does: what was not committed is judged where there is more of it.
    fn fits(&self) -> Result<(), Fault> {
        let forces = self
            .tasks
            .values()
            .flat_map(|task| task.validation().forces());
        let things: usize = forces.map(|force| force.things()).sum();
        let at_most = self.config.validation.max_things;
        if things <= at_most {
            return Ok(());
        }
        Err(Fault::end(
            EndCode::Setup,
            format!(
                "{things} incidents and crimes are held here, and validation.max_things allows {at_most}: \
                 raise it if the machine has the memory (docs/operations.md says how much a thing takes), \
                 or let more processes share the partitions of the journal"
            ),
        ))
    }

    /// Where a restored task reads on: the group's position and the task's own have to agree.
    fn start_of(
        &self,
        partition: &Partition,
        task: &Task,
        committed: Option<i64>,
        low: i64,
    ) -> Result<i64, Fault> {
        let inconsistent = |says: String| Fault::end(EndCode::Inconsistent, says);
        let start = match (task.kept_position(), committed) {
            (Some(kept), Some(group)) if kept == group => kept,
            // The broker forgets the offsets of a group that was idle for long; the state does not.
            (Some(kept), None) => kept,
            (None, None) => 0,
            (None, Some(0)) => 0,
            (None, Some(group)) => {
                return Err(inconsistent(format!(
                    "the group has read {partition} up to {group}, and {}/{} holds no state for it: \
                     the state topic was lost or another one is configured. Restore it, or stop the \
                     service, delete the group's offsets and let it judge the journal again from its \
                     beginning (revisions then start again at 1)",
                    self.config.topics.state.name, partition.number
                )));
            }
            (Some(kept), Some(group)) => {
                return Err(inconsistent(format!(
                    "the state of {partition} stands at {kept} and the group's position at {group}: \
                     they are committed together and cannot differ. Somebody has set the offsets, or \
                     a transaction was torn; do not go on before it is known which"
                )));
            }
        };
        if start < low {
            return Err(inconsistent(format!(
                "the journal {partition} begins at {low}, and {start} has to be read next: retention \
                 ate entries that were not judged. Nothing was skipped. Raise the retention of {}, and \
                 restore its entries from a backup, or judge anew from what is left",
                partition.topic
            )));
        }
        Ok(start)
    }
}

impl Stage for Judging {
    const NAME: &'static str = VALIDATION;

    fn reads(&self) -> Vec<String> {
        vec![self.config.topics.journal.name.clone()]
    }

    fn writes(&self) -> &str {
        &self.config.topics.journal.name
    }

    fn take_over(
        &mut self,
        partitions: &[Partition],
        committed: &BTreeMap<Partition, i64>,
        alive: &mut dyn FnMut() -> Result<(), Fault>,
    ) -> Result<BTreeMap<Partition, i64>, Fault> {
        let mut starts = BTreeMap::new();
        self.tasks.clear();
        for (done, partition) in partitions.iter().enumerate() {
            let telling = &self.telling;
            let of = (done, partitions.len());
            let tell = |at: Restoring| telling.restoring(VALIDATION, partition.number, of, at);
            let state = Partition {
                topic: self.config.topics.state.name.clone(),
                number: partition.number,
            };
            let hearing = Hearing { alive, tell: &tell };
            let follows = |key: &[u8], older: &[u8], newer: &[u8]| {
                goes_on(partition.number, key, older, newer)
            };
            let rows = read_back(&self.clients, VALIDATION, &state, hearing, &follows)?;
            alive()?;
            let mut task = Task::restore(partition.number, rows, &self.config, &self.rules)?;
            if !self.goes_back {
                task.refuse_what_is_old(self.rules.fingerprint())?;
            }
            alive()?;
            let (low, end) = self.clients.ends(partition)?;
            let group = committed.get(partition).copied();
            let start = self.start_of(partition, &task, group, low)?;
            task.start_at(start);
            self.remember(partition, &mut task, (of, end), alive)?;
            starts.insert(partition.clone(), start);
            self.telling.owned(&task);
            self.tasks.insert(partition.number, task);
            self.fits()?;
        }
        Ok(starts)
    }

    fn let_go(&mut self) {
        for task in self.tasks.values() {
            self.telling.let_go(task);
        }
        self.tasks.clear();
    }

    fn take(&mut self, input: &Input<'_>, outbox: &mut Outbox) -> Result<(), Fault> {
        let Some(task) = self.tasks.get_mut(&input.partition.number) else {
            return Err(Fault::again("not_owned", format!("{}", input.partition)));
        };
        let value = input.value.unwrap_or_default();
        let entry = entry(&input.partition, input.offset, input.value)?;
        let mut publishing = Self::publishing(&self.config, outbox);
        task.take(input.offset, entry, value, &mut publishing)
    }

    fn go_on(&mut self, idle: &Idle<'_>, outbox: &mut Outbox) -> Result<bool, Fault> {
        let mut more = false;
        let at_once = AGAIN_AT_ONCE.min(self.config.transaction.records_max);
        for task in self.tasks.values_mut() {
            let mut publishing = Self::publishing(&self.config, outbox);
            more |= task.go_on(&self.config, &self.rules, at_once, &mut publishing)?;
        }
        if !more {
            // What the last commit changed may not have been shown with it.
            for task in self.tasks.values() {
                self.telling.show_if_due(task);
            }
        }
        for (partition, read_to) in idle.read_to {
            let next = idle.positions.get(partition).copied();
            self.telling.lag(Self::NAME, partition, next, *read_to);
        }
        self.asking.answer(&self.tasks);
        Ok(more)
    }

    fn close(
        &mut self,
        positions: &BTreeMap<Partition, i64>,
        outbox: &mut Outbox,
    ) -> Result<(), Fault> {
        for (partition, next) in positions {
            if let Some(task) = self.tasks.get_mut(&partition.number) {
                let mut publishing = Self::publishing(&self.config, outbox);
                task.close(*next, &mut publishing)?;
            }
        }
        self.fits()
    }

    fn committed(&mut self, _: &BTreeMap<Partition, i64>) {
        for task in self.tasks.values_mut() {
            self.telling.judged(task);
        }
    }
}

impl Publishing<'_> {
    /// Writes to one of the topics.
    pub(super) fn send(
        &mut self,
        topic: &str,
        partition: Option<i32>,
        key: &[u8],
        value: Option<&[u8]>,
    ) -> Result<(), Fault> {
        self.outbox.send(Out {
            topic,
            partition,
            key,
            value,
            headers: None,
        })
    }
}
