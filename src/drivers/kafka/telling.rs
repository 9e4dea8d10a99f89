//! What the stages tell the people who run the service: the board that health is read from, and the
//! metrics. Counters move after a commit and never before; gauges of a force exist while it is held
//! here. Start at [`Telling`].

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant as Ticks};

use super::fault::Again;
use super::listening::ReadTo;
use super::restore::Restoring;
use super::task::Task;
use super::worker::Watch;
use crate::domain::Reason;
use crate::domain::feed::Partition;
use crate::domain::records::Record;
use crate::drivers::clock;
use crate::drivers::showing::{show_force, unix_seconds};
use crate::telemetry::board::Phase;
use crate::telemetry::{Board, Metrics, Pending};
use crate::wire::json::Decoded;

/// How often what a force holds is shown anew, at the most.
const SHOWN_EVERY: Duration = Duration::from_secs(1);
/// To show it walks everything that waits: so much of the time may go into it, as one part of so many.
const SHOWN_SHARE: u32 = 50;

/// What the stages tell with.
#[derive(Clone)]
pub struct Telling {
    /// The metrics.
    pub metrics: Arc<Metrics>,
    /// The board.
    pub board: Arc<Board>,
    intake: Arc<Mutex<Pending>>,
    shown: Arc<Mutex<BTreeMap<i32, Shown>>>,
    restoring: Arc<Mutex<BTreeMap<i32, Ticks>>>,
}

/// When what a partition's forces hold was shown.
struct Shown {
    at: Ticks,
    took: Duration,
    /// Something was committed since.
    is_stale: bool,
}

impl Telling {
    /// Tells on this board and with these metrics.
    pub fn new(metrics: Arc<Metrics>, board: Arc<Board>) -> Telling {
        Telling {
            metrics,
            board,
            intake: Arc::default(),
            shown: Arc::default(),
            restoring: Arc::default(),
        }
    }

    /// A record was taken in.
    pub fn took_in(&self, decoded: &Decoded) {
        for path in &decoded.unknown {
            tracing::debug!(path, "a field that the contract does not have");
        }
        if matches!(decoded.record, Record::Heartbeat(_)) {
            let mut pending = lock(&self.intake);
            pending.count(&self.metrics.proofs, ["stated"], 1);
        }
    }

    /// A record was set aside by intake.
    pub fn set_aside(&self, reason: Reason) {
        let mut pending = lock(&self.intake);
        pending.count(&self.metrics.quarantined, [reason.as_str()], 1);
    }

    /// Partitions of sources are no longer read here.
    pub fn let_go_of(&self, partitions: &[Partition]) {
        for partition in partitions {
            self.metrics
                .forget_partition(&partition.topic, partition.number);
        }
    }

    /// The schema registry was asked for so many schemas.
    pub fn asked_registry(&self, misses: u64) {
        for _ in 0..misses {
            self.metrics.schema_misses.add([]);
        }
    }

    /// The schema registry was asked and does not answer.
    pub fn waits_for_registry(&self) {
        self.metrics.registry_unanswered.add([]);
    }

    /// Intake wrote a proof.
    pub fn proved(&self) {
        let mut pending = lock(&self.intake);
        pending.count(&self.metrics.proofs, ["declared"], 1);
    }

    /// What intake did is visible.
    pub fn intake_committed(&self, positions: &BTreeMap<Partition, i64>) {
        self.metrics
            .committed(std::mem::take(&mut *lock(&self.intake)));
        for (partition, next) in positions {
            let number = partition.number.to_string();
            self.metrics
                .source_position
                .set([&partition.topic, &number], *next as f64);
        }
    }

    /// How far a partition is read and how far it goes.
    pub fn lag(&self, stage: &str, partition: &Partition, next: Option<i64>, read_to: ReadTo) {
        let number = partition.number.to_string();
        let lag = next.map(|next| (read_to.high - next).max(0));
        if stage == super::stage::VALIDATION {
            self.metrics
                .journal_high
                .set([&number], read_to.high as f64);
            if let Some(lag) = lag {
                self.metrics.journal_lag.set([&number], lag as f64);
            }
        } else {
            let labels = [partition.topic.as_str(), &number];
            self.metrics.source_high.set(labels, read_to.high as f64);
            if let Some(lag) = lag {
                self.metrics.source_lag.set(labels, lag as f64);
            }
        }
    }

    /// How far a restore has come.
    pub fn restoring(&self, stage: &str, partition: i32, of: (usize, usize), at: Restoring) {
        let began = *lock(&self.restoring)
            .entry(partition)
            .or_insert_with(Ticks::now);
        let number = partition.to_string();
        let metrics = &self.metrics;
        metrics.restore_rows.set([&number], at.rows as f64);
        metrics.restore_bytes.set([&number], at.bytes as f64);
        metrics
            .restore_seconds
            .set([&number], began.elapsed().as_secs_f64());
        metrics.restore_done.set([&number], 0.0);
        let (done, of) = of;
        let rows = at.rows;
        self.board
            .entered(stage, Phase::Restoring { done, of, rows }, Ticks::now());
        tracing::info!(
            partition,
            rows,
            at = at.at,
            end = at.end,
            "reading back what was kept"
        );
    }

    /// A partition was restored and is held here.
    pub fn owned(&self, task: &Task) {
        lock(&self.restoring).remove(&task.partition);
        let number = task.partition.to_string();
        self.metrics.restore_done.set([&number], 1.0);
        self.stands_at(task);
        self.show(task);
    }

    /// A partition is no longer held here.
    pub fn let_go(&self, task: &Task) {
        self.metrics.forget_journal(task.partition);
        lock(&self.shown).remove(&task.partition);
        for force in task.validation().forces() {
            self.metrics.forget(force.code().as_str());
            self.board.forget(force.code());
        }
    }

    /// A transaction of a task is visible.
    pub fn judged(&self, task: &mut Task) {
        let tallied = std::mem::take(&mut task.tallied);
        let pending = tallied.told(&self.metrics, clock::now());
        self.metrics.committed(pending);
        self.stands_at(task);
        if let Some(shown) = lock(&self.shown).get_mut(&task.partition) {
            shown.is_stale = true;
        }
        self.show_if_due(task);
    }

    fn stands_at(&self, task: &Task) {
        let number = task.partition.to_string();
        let next = task.position() as f64;
        self.metrics.journal_position.set([&number], next);
    }

    /// Shows what the forces of a task hold, if that changed and it was not shown a moment ago.
    pub fn show_if_due(&self, task: &Task) {
        let is_due = lock(&self.shown).get(&task.partition).is_none_or(|last| {
            let pause = SHOWN_EVERY.max(last.took * SHOWN_SHARE);
            last.is_stale && last.at.elapsed() > pause
        });
        if is_due {
            self.show(task);
        }
    }

    /// Shows what the forces of a task hold.
    fn show(&self, task: &Task) {
        let began = Ticks::now();
        for force in task.validation().forces() {
            let now = clock::now();
            show_force(&self.metrics, &self.board, force, now, &unix_seconds);
        }
        let shown = Shown {
            at: Ticks::now(),
            took: began.elapsed(),
            is_stale: false,
        };
        lock(&self.shown).insert(task.partition, shown);
    }
}

impl Watch for Telling {
    fn turned(&self, stage: &'static str) {
        self.board.turned(stage, Ticks::now());
    }

    fn idle(&self, stage: &'static str) {
        self.board.committed(stage, Ticks::now());
    }

    fn started(&self, stage: &'static str, again: Option<&Again>) {
        match again {
            None => self.board.entered(stage, Phase::Joining, Ticks::now()),
            Some(again) => {
                self.metrics.restarts.add([stage, again.because]);
                self.metrics
                    .transactions
                    .add([stage, "abandoned", again.because]);
                self.board.failed(stage, again.because, Ticks::now());
            }
        }
    }

    fn took_over(&self, stage: &'static str, partitions: usize) {
        self.metrics.rebalances.add([stage, "assigned"]);
        self.board
            .entered(stage, Phase::Running { partitions }, Ticks::now());
        tracing::info!(stage, partitions, "partitions are assigned");
    }

    fn let_go(&self, stage: &'static str, lost: bool) {
        let kind = if lost { "lost" } else { "revoked" };
        self.metrics.rebalances.add([stage, kind]);
        self.board.entered(stage, Phase::Joining, Ticks::now());
        tracing::info!(stage, kind, "partitions are let go");
    }

    fn clock_skew(&self, millis: i64) {
        self.metrics.clock_skew.set([], millis as f64 / 1000.0);
    }

    fn committed(&self, stage: &'static str, read: u64, _: u64, took: Duration) {
        self.metrics.transactions.add([stage, "committed", "due"]);
        let mut pending = Pending::new();
        pending.observe(&self.metrics.commit, [stage], took.as_secs_f64());
        pending.observe(&self.metrics.records_per_transaction, [stage], read as f64);
        self.metrics.committed(pending);
        let now = clock::now().millis() as f64 / 1000.0;
        self.metrics.last_commit.set([stage], now);
        self.board.committed(stage, Ticks::now());
    }
}

fn lock<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
