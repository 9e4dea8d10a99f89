//! One partition of the journal at work: its forces' state, what has to be activated, and what of a
//! transaction is folded: one row for each thing, one for each exception. Start at [`Task::take`].

mod activating;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::closed::Closed;
use super::declared::Declared;
use super::fault::{EndCode, Fault};
use super::history::History;
use super::outbox::{Out, Outbox};
use super::restore::Rows;
use super::rows::{PROGRESS_KEY, Progress, hex, read_row, row_of};
use crate::config::serve::{ServiceConfig, TopicsConfig};
use crate::domain::feed::Partition;
use crate::domain::journal::{Journalled, Tells};
use crate::domain::names::ForceCode;
use crate::domain::{Elapsed, Feeds, Glimpse, Instant};
use crate::drivers::tallied::Tallied;
use crate::drivers::{clock, conflict};
use crate::validation::{CannotRestore, Effect, Entry, Position, RuleSet, Settings, Validation};
use crate::wire::published::{Quarantined, write_headers};
use crate::wire::{journal, published};

/// One partition at work.
pub struct Task {
    /// The partition.
    pub partition: i32,
    validation: Validation,
    forces: Vec<OwnForce>,
    position: i64,
    kept: Option<Progress>,
    /// Activations of before the state was lost.
    history: History,
    /// The numbers of activations that were given before the state was lost.
    numbered: BTreeMap<ForceCode, u32>,
    catches_up_to: Option<i64>,
    closed: Closed,
    last_arrival: Instant,
    current: BTreeMap<Vec<u8>, Vec<u8>>,
    outputs: u64,
    digest: Sha256,
    /// What happened since the last commit, for the metrics.
    pub tallied: Tallied,
}

/// A force of this partition, as this process declares it.
struct OwnForce {
    code: ForceCode,
    feeds: Feeds,
}

/// What a task writes with.
pub struct Publishing<'a> {
    /// The topics.
    pub topics: &'a TopicsConfig,
    /// The transaction.
    pub outbox: &'a mut Outbox,
}

impl Task {
    /// A task with what was kept of its partition.
    pub fn restore(
        partition: i32,
        rows: Rows,
        config: &ServiceConfig,
        rules: &Arc<RuleSet>,
    ) -> Result<Task, Fault> {
        let mut validation = Validation::new(Arc::clone(rules), settings_of(config));
        let mut rows = rows;
        let kept = match rows.remove(PROGRESS_KEY) {
            Some(value) => Some(read_row(PROGRESS_KEY, &value)?),
            None => None,
        };
        let closed = Closed::restore(&mut rows)?;
        // Read row by row, so that no thing is held twice for longer than it takes to read it.
        let mut unread = None;
        let restored = validation.restore(rows.into_iter().map_while(|(key, value)| {
            row_of(&key, &value)
                .map_err(|fault| unread = Some(fault))
                .ok()
        }));
        match (unread, restored) {
            (Some(fault), _) => return Err(fault),
            (None, Err(why)) => return Err(cannot_restore(partition, &why)),
            (None, Ok(())) => {}
        }
        let declared = Declared::of(config);
        let forces = declared
            .iter()
            .filter(|(_, force)| force.partition == partition)
            .map(|(code, force)| OwnForce {
                code: code.clone(),
                feeds: force.feeds.clone(),
            })
            .collect();
        Ok(Task {
            partition,
            validation,
            forces,
            position: 0,
            catches_up_to: kept.as_ref().and_then(|kept: &Progress| kept.catches_up_to),
            kept,
            history: History::default(),
            closed,
            last_arrival: Instant::BEGINNING,
            numbered: BTreeMap::new(),
            current: BTreeMap::new(),
            outputs: 0,
            digest: Sha256::new(),
            tallied: Tallied::default(),
        })
    }

    /// Where it was kept that it stands.
    pub fn kept_position(&self) -> Option<i64> {
        self.kept.as_ref().map(|kept| kept.position)
    }

    /// Reads on from here.
    pub fn start_at(&mut self, position: i64) {
        self.position = position;
    }

    /// The next entry to take.
    pub fn position(&self) -> i64 {
        self.position
    }

    /// The state.
    pub fn validation(&self) -> &Validation {
        &self.validation
    }

    /// Takes one entry of the journal; `value` is what it was read from.
    pub fn take(
        &mut self,
        offset: i64,
        entry: Journalled,
        value: &[u8],
        publishing: &mut Publishing<'_>,
    ) -> Result<(), Fault> {
        self.activate_again(offset, publishing)?;
        self.position = offset + 1;
        if let Tells::Activation(activation) = &entry.tells {
            return self.heard_of(&entry.force, activation);
        }
        let Some(Taken {
            force,
            arrival,
            entry,
        }) = Taken::of(entry)
        else {
            return Ok(());
        };
        let position = Position {
            partition: self.partition,
            offset: offset.unsigned_abs(),
        };
        self.last_arrival = arrival.max(self.last_arrival);
        let effects = self.validation.step(position, entry);
        if effects
            .iter()
            .any(|effect| matches!(effect, Effect::Conflict { .. }))
        {
            self.set_conflict_aside(value, publishing)?;
        }
        self.publish(&force, arrival, effects, publishing)
    }

    /// Sets the record of an entry aside that says something else under a version that is known. Its
    /// bytes are those of the journal: the source's own stand at the position it came from.
    fn set_conflict_aside(
        &mut self,
        value: &[u8],
        publishing: &mut Publishing<'_>,
    ) -> Result<(), Fault> {
        let entry = journal::read(value).ok();
        let Some(Journalled {
            from: Some(from),
            tells: Tells::Record(record),
            ..
        }) = entry
        else {
            return Ok(());
        };
        let head = record.head();
        let refusal = conflict::refusal(head.version.unwrap_or_default(), Glimpse::from(head));
        *self.tallied.set_aside.entry(refusal.reason).or_default() += 1;
        let reference = head.reference.clone();
        let bytes = serde_json::to_vec(&record)
            .expect("a record that was read holds nothing that JSON cannot write");
        let stage = "version".to_owned();
        let headers = write_headers(
            &[],
            &Quarantined {
                from,
                stage,
                refusal,
            },
        );
        publishing.outbox.send(Out {
            topic: &publishing.topics.quarantine.name,
            partition: None,
            key: reference.as_str().as_bytes(),
            value: Some(&bytes),
            headers: Some(super::owned_headers(&headers)),
        })
    }

    /// Activates what has to be, and goes on judging again. True if there is more of it.
    pub fn go_on(
        &mut self,
        config: &ServiceConfig,
        rules: &RuleSet,
        at_once: usize,
        publishing: &mut Publishing<'_>,
    ) -> Result<bool, Fault> {
        let forces: Vec<ForceCode> = self.forces.iter().map(|force| force.code.clone()).collect();
        for (at, force) in forces.iter().enumerate() {
            if !self.validation.is_judging_again(force) && !self.history.has(force) {
                self.activate(at, config, rules, publishing)?;
            }
            if self.validation.is_judging_again(force) {
                let effects = self.validation.judge_again(force, at_once);
                self.publish(force, clock::now(), effects, publishing)?;
            }
            if self.validation.is_judging_again(force) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn publish(
        &mut self,
        force: &ForceCode,
        arrival: Instant,
        effects: Vec<Effect>,
        publishing: &mut Publishing<'_>,
    ) -> Result<(), Fault> {
        for effect in effects {
            self.tallied.effect(force, arrival, &effect);
            if let Effect::Exception(exception) = effect {
                let key = published::exception_key(&exception);
                let value = published::exception(&exception);
                let topic = publishing.topics.exceptions.name.as_str();
                publishing.send(topic, None, &key, Some(&value))?;
                self.note(&value);
                self.closed.note(&key, exception.state.is_open(), arrival);
                self.current.insert(key, value);
            }
        }
        Ok(())
    }

    /// Deletes from the compacted topic what was closed long ago.
    fn delete_old(&mut self, publishing: &mut Publishing<'_>) -> Result<(), Fault> {
        let kept_for = publishing.topics.closed_kept.as_secs() / 86_400;
        let kept_days = i64::try_from(kept_for).unwrap_or(i64::MAX);
        for key in self.closed.take_old(self.last_arrival, kept_days) {
            let topic = publishing.topics.exceptions_current.name.as_str();
            publishing.send(topic, None, &key, None)?;
        }
        let state = publishing.topics.state.name.as_str();
        for (key, value) in self.closed.take_kept() {
            publishing.send(state, Some(self.partition), &key, value.as_deref())?;
        }
        Ok(())
    }

    fn note(&mut self, bytes: &[u8]) {
        self.outputs += 1;
        self.digest.update((bytes.len() as u64).to_be_bytes());
        self.digest.update(bytes);
    }

    /// Writes what is folded over a transaction, what has to be kept, and how far it has come.
    pub fn close(&mut self, position: i64, publishing: &mut Publishing<'_>) -> Result<(), Fault> {
        self.position = position.max(self.position);
        self.delete_old(publishing)?;
        for (key, value) in std::mem::take(&mut self.current) {
            let topic = publishing.topics.exceptions_current.name.as_str();
            publishing.send(topic, None, &key, Some(&value))?;
        }
        let state = publishing.topics.state.name.as_str();
        for measure in self.validation.take_measures() {
            let (key, value) = (
                published::measure_key(&measure),
                published::measure(&measure),
            );
            let topic = publishing.topics.measures.name.as_str();
            publishing.send(topic, None, &key, Some(&value))?;
            self.note(&value);
        }
        for row in self.validation.take_kept() {
            let key = row.key.to_string();
            let value = row.value.as_ref().map(|value| {
                serde_json::to_vec(value)
                    .expect("what is kept holds nothing that JSON cannot write")
            });
            publishing.send(
                state,
                Some(self.partition),
                key.as_bytes(),
                value.as_deref(),
            )?;
        }
        let progress = Progress {
            position: self.position,
            height: self.kept.as_ref().map_or(1, |kept| kept.height + 1),
            outputs: std::mem::take(&mut self.outputs),
            digest: hex(&std::mem::take(&mut self.digest).finalize()),
            catches_up_to: self.catches_up_to.filter(|to| self.position < *to),
        };
        let value = serde_json::to_vec(&progress).expect("numbers and a text can be written");
        publishing.send(state, Some(self.partition), PROGRESS_KEY, Some(&value))?;
        self.kept = Some(progress);
        Ok(())
    }
}

/// An entry of the journal as the core takes it.
pub(super) struct Taken {
    /// The force.
    pub force: ForceCode,
    /// When intake took it in.
    pub arrival: Instant,
    /// What it tells.
    pub entry: Entry,
}

impl Taken {
    /// None for an activation, which holds from its position and not from where it stands.
    pub(super) fn of(entry: Journalled) -> Option<Taken> {
        let Journalled {
            force,
            arrival,
            from,
            tells,
        } = entry;
        let code = force.clone();
        let entry = match tells {
            Tells::Activation(_) => return None,
            Tells::Proof(proof) => Entry::Proof {
                force,
                feed: proof.feed,
                partition: proof.partition,
                through: proof.through,
                kind: proof.kind,
            },
            Tells::SetAside(set_aside) => Entry::SetAside {
                force,
                feeds: set_aside.feeds,
                reference: set_aside.reference,
                version: set_aside.version,
                arrival,
                from: from.filter(|_| set_aside.counts),
            },
            Tells::Record(record) => Entry::Record {
                record,
                arrival,
                partition: from
                    .as_ref()
                    .map_or_else(nowhere, |from| from.partition.clone()),
                from,
            },
        };
        Some(Taken {
            force: code,
            arrival,
            entry,
        })
    }
}

/// What the configuration sets for the core.
pub(super) fn settings_of(config: &ServiceConfig) -> Settings {
    Settings {
        quarantine_hold: Some(elapsed(config.validation.quarantine_hold)),
    }
}

/// What intake or validation say themselves stands nowhere in a source.
fn nowhere() -> Partition {
    Partition {
        topic: String::new(),
        number: 0,
    }
}

fn elapsed(of: Duration) -> Elapsed {
    Elapsed::seconds(i64::try_from(of.as_secs()).unwrap_or(i64::MAX))
}

fn cannot_restore(partition: i32, why: &CannotRestore) -> Fault {
    Fault::end(
        EndCode::Inconsistent,
        format!(
            "what was kept of partition {partition} cannot be taken: {why}. Run the version that wrote \
             it, or a newer one"
        ),
    )
}
