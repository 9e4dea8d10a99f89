//! One partition of the journal at work: its forces' state, what has to be activated, and what of a
//! transaction is folded: one row for each thing, one for each exception. Start at [`Task::take`].

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::closed::Closed;
use super::declared::Declared;
use super::fault::{EndCode, Fault};
use super::history::History;
use super::outbox::{Out, Outbox};
use super::restore::Rows;
use crate::config::serve::{ServiceConfig, TopicsConfig};
use crate::domain::feed::Partition;
use crate::domain::journal::{Activation, Journalled, Tells};
use crate::domain::names::ForceCode;
use crate::domain::{Elapsed, Feeds, Glimpse, Instant};
use crate::drivers::tallied::Tallied;
use crate::drivers::{clock, conflict};
use crate::validation::{
    CannotRestore, Effect, Entry, Kept, KeptKey, KeptRow, Position, RuleSet, Settings, Validation,
};
use crate::wire::published::{Quarantined, write_headers};
use crate::wire::{journal, published};

/// The key of the row that says how far a partition is judged. No force's code begins like it.
const PROGRESS_KEY: &[u8] = b"v1/@progress";

/// How far a partition is judged, as it is kept: written in every transaction.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct Progress {
    /// The next entry to take.
    pub position: i64,
    /// Rises by one with every transaction that wrote something.
    pub height: u64,
    /// How many exceptions and measures the transaction wrote.
    pub outputs: u64,
    /// SHA-256 of them in their order, so that a torn transaction shows.
    pub digest: String,
    /// Where the journal ended when the state was found lost, while that is not reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catches_up_to: Option<i64>,
}

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

    /// Ends the process where a row of progress does not go on from the one before: two wrote at once,
    /// or a transaction came after its successor. Other rows may say anything after anything.
    pub(super) fn follows(
        partition: i32,
        key: &[u8],
        older: &[u8],
        newer: &[u8],
    ) -> Result<(), Fault> {
        if key != PROGRESS_KEY {
            return Ok(());
        }
        let (older, newer): (Progress, Progress) = (read_row(key, older)?, read_row(key, newer)?);
        if newer.height > older.height && newer.position >= older.position {
            return Ok(());
        }
        Err(Fault::end(
            EndCode::Inconsistent,
            format!(
                "the state of partition {partition} goes from height {} at position {} to height {} at \
                 position {}: a transaction came late, or something else writes this topic. Nothing was \
                 judged on it; do not go on before it is known which",
                older.height, older.position, newer.height, newer.position
            ),
        ))
    }

    /// Where it was kept that it stands.
    pub fn kept_position(&self) -> Option<i64> {
        self.kept.as_ref().map(|kept| kept.position)
    }

    /// True if entries up to this end of the journal were judged before, and the state that they made
    /// is lost.
    pub(super) fn has_to_catch_up(&self, end: i64) -> bool {
        match (&self.kept, self.catches_up_to) {
            (None, _) => end > 0,
            (Some(_), Some(to)) => self.position < to,
            (Some(_), None) => false,
        }
    }

    /// Goes by the activations of before where these rules made them: then what was published is made
    /// again, byte for byte. Else everything is judged by these rules, and said to be.
    pub(super) fn remember(&mut self, mut history: History, end: i64, fingerprint: &str) {
        self.catches_up_to.get_or_insert(end);
        self.numbered = history.last_numbers();
        if self.numbered.is_empty() {
            return;
        }
        let (partition, from) = (self.partition, self.position);
        if let Some(other) = history.of_others(fingerprint) {
            tracing::warn!(
                partition,
                from,
                other = other.fingerprint,
                "there is no state of a journal that other rules judged: it is judged anew by these, and \
                 revisions start again at 1"
            );
            return;
        }
        tracing::warn!(
            partition,
            from,
            "there is no state of a journal that was judged: what was published is made again"
        );
        let known = |force: &ForceCode| {
            let marks = self.validation.activations(force);
            marks.last().map_or(0, |mark| mark.number)
        };
        history.leave_out(known);
        self.history = history;
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

    /// Ends the process where a newer rule set has judged already.
    pub fn refuse_what_is_old(&self, fingerprint: &str) -> Result<(), Fault> {
        for force in &self.forces {
            let marks = self.validation.activations(&force.code);
            let Some((last, earlier)) = marks.split_last() else {
                continue;
            };
            let is_old = earlier.iter().any(|mark| mark.fingerprint == fingerprint);
            if last.fingerprint != fingerprint && is_old {
                return Err(Fault::end(
                    EndCode::OldRuleSet,
                    format!(
                        "{}: this process judges by {fingerprint}, and since activation {} the force is \
                         judged by {}: another process runs a newer version or configuration. Start \
                         that one; to go back on purpose, start this one once with --go-back",
                        force.code, last.number, last.fingerprint
                    ),
                ));
            }
        }
        Ok(())
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

    /// Applies the activations of before the state was lost that hold before the entry at this offset.
    fn activate_again(
        &mut self,
        offset: i64,
        publishing: &mut Publishing<'_>,
    ) -> Result<(), Fault> {
        while let Some(next) = self.history.next(offset.unsigned_abs()) {
            for (force, activation) in next {
                let position = Position {
                    partition: self.partition,
                    offset: activation.from_position,
                };
                let entry = Entry::Activated {
                    force: force.clone(),
                    activation,
                };
                let mut effects = self.validation.step(position, entry);
                effects.extend(self.validation.judge_again(&force, usize::MAX));
                self.publish(&force, clock::now(), effects, publishing)?;
            }
        }
        Ok(())
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

    /// An activation stands in the journal behind the position from which it holds: whoever reads it
    /// here has applied it, or is old.
    fn heard_of(&self, force: &ForceCode, activation: &Activation) -> Result<(), Fault> {
        let known = self.validation.activations(force).last();
        let known = known.map_or(0, |known| known.number);
        let of_before = self.numbered.get(force).copied().unwrap_or_default();
        if known.max(of_before) >= activation.number {
            return Ok(());
        }
        Err(Fault::again(
            "activated_elsewhere",
            format!(
                "activation {} of {force} is not in the state",
                activation.number
            ),
        ))
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

    /// Writes the next activation of a force if its rules or feeds differ from the last one's.
    fn activate(
        &mut self,
        at: usize,
        config: &ServiceConfig,
        rules: &RuleSet,
        publishing: &mut Publishing<'_>,
    ) -> Result<(), Fault> {
        let OwnForce { code, feeds } = &self.forces[at];
        let last = self.validation.activations(code).last();
        if last.is_some_and(|last| {
            last.fingerprint == rules.fingerprint()
                && self
                    .validation
                    .force(code)
                    .is_some_and(|force| force.feeds() == feeds)
        }) {
            return Ok(());
        }
        let given = self.numbered.get(code).copied().unwrap_or_default();
        let activation = Activation {
            number: last.map_or(0, |last| last.number).max(given) + 1,
            fingerprint: rules.fingerprint().to_owned(),
            profile: rules.library().profile().name.clone(),
            from_position: self.position.unsigned_abs(),
            feeds: feeds.clone(),
        };
        tracing::info!(force = %code, number = activation.number, fingerprint = activation.fingerprint,
            from_position = activation.from_position, "a rule set is activated");
        let entry = Journalled {
            force: code.clone(),
            arrival: clock::now(),
            from: None,
            tells: Tells::Activation(activation.clone()),
        };
        let topic = config.topics.journal.name.as_str();
        publishing.send(
            topic,
            Some(self.partition),
            &[],
            Some(&journal::write(&entry)),
        )?;
        let force = code.clone();
        let position = Position {
            partition: self.partition,
            offset: self.position.unsigned_abs(),
        };
        let entry = Entry::Activated {
            force: force.clone(),
            activation,
        };
        let effects = self.validation.step(position, entry);
        self.publish(&force, clock::now(), effects, publishing)
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

fn row_of(key: &[u8], value: &[u8]) -> Result<KeptRow<'static>, Fault> {
    let text = String::from_utf8_lossy(key);
    let value: Kept<'static> = read_row(key, value)?;
    let key = KeptKey::parse(&text).map_err(|why| unreadable(&text, &why))?;
    let value = Some(value);
    Ok(KeptRow { key, value })
}

pub(super) fn read_row<T: serde::de::DeserializeOwned>(
    key: &[u8],
    value: &[u8],
) -> Result<T, Fault> {
    serde_json::from_slice(value).map_err(|why| unreadable(&String::from_utf8_lossy(key), &why))
}

fn unreadable(key: &str, why: &dyn std::fmt::Display) -> Fault {
    Fault::end(
        EndCode::Inconsistent,
        format!(
            "the row {key} of the state topic cannot be read: {why}. Only this service writes it: if a \
             newer version did, run that version"
        ),
    )
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_that_does_not_go_on_ends_the_process() {
        let row = |height: u64, position: i64| {
            let progress = Progress {
                position,
                height,
                outputs: 0,
                digest: String::new(),
                catches_up_to: None,
            };
            serde_json::to_vec(&progress).expect("it can be written")
        };
        let follows = |older: Vec<u8>, newer: Vec<u8>| {
            Task::follows(0, PROGRESS_KEY, &older, &newer).map_err(|fault| fault.to_string())
        };
        // Compaction may have eaten what stood between.
        assert_eq!(follows(row(3, 10), row(7, 10)), Ok(()));
        for newer in [row(3, 11), row(2, 11), row(4, 9)] {
            let says = follows(row(3, 10), newer).expect_err("it does not go on");
            assert!(says.contains("height 3 at position 10"), "{says}");
        }
        assert!(Task::follows(0, b"v1/kent/thing", b"", b"").is_ok());
    }
}
