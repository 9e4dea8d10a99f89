//! The board: how each stage of the process is, written by the stages and read by whoever asks about
//! health. Stands in this room so that drivers can write it without knowing who reads. Times are
//! given, never read here. Start at [`Board`].

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::domain;
use crate::domain::names::{ForceCode, Source};

/// How the stages of a process are.
#[derive(Debug)]
pub struct Board {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    stages: BTreeMap<&'static str, Standing>,
    holds: BTreeMap<(ForceCode, Source), Hold>,
}

/// How one stage is.
#[derive(Clone, PartialEq, Debug)]
pub struct Standing {
    /// What it is doing.
    pub phase: Phase,
    /// When its loop turned last.
    pub turned: Instant,
    /// When it last committed, or last had nothing to commit.
    pub committed: Instant,
    /// Why it began anew the last time, if it did.
    pub last_fault: Option<String>,
}

/// What a stage is doing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Phase {
    /// Connecting.
    Starting,
    /// Waiting for its share of the partitions.
    Joining,
    /// Reading back what was kept.
    Restoring {
        /// Partitions that are read back.
        done: usize,
        /// Partitions it was given.
        of: usize,
        /// Rows so far.
        rows: u64,
    },
    /// Reading its first batch.
    CatchingUp,
    /// At work, or waiting for records.
    Running {
        /// How many partitions it has; a process that stands by has none.
        partitions: usize,
    },
    /// Finishing before the process ends.
    Stopping,
}

/// What a feed holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hold {
    /// How many deadlines.
    pub deadlines: u64,
    /// The earliest of them.
    pub since: domain::Instant,
    /// Through when the feed is proved.
    pub claim: Option<domain::Instant>,
}

/// Why a stage cannot be relied on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trouble {
    /// The stage.
    pub stage: &'static str,
    /// In a few words, without a reference.
    pub because: String,
}

impl Board {
    /// A board for these stages, all of them starting.
    pub fn new(stages: &[&'static str], now: Instant) -> Board {
        let standing = Standing {
            phase: Phase::Starting,
            turned: now,
            committed: now,
            last_fault: None,
        };
        let stages = stages
            .iter()
            .map(|stage| (*stage, standing.clone()))
            .collect();
        let holds = BTreeMap::new();
        Board {
            state: Mutex::new(State { stages, holds }),
        }
    }

    /// The stage's loop turned.
    pub fn turned(&self, stage: &str, now: Instant) {
        self.change(stage, |standing| standing.turned = now);
    }

    /// The stage committed, or has read everything and has nothing to commit.
    pub fn committed(&self, stage: &str, now: Instant) {
        self.change(stage, |standing| standing.committed = now);
    }

    /// The stage does something else. It has from now on to commit.
    pub fn entered(&self, stage: &str, phase: Phase, now: Instant) {
        self.change(stage, |standing| {
            standing.phase = phase;
            standing.turned = now;
            standing.committed = now;
        });
    }

    /// The stage begins anew, because of what is said here without a reference. Its commits do not
    /// count anew: a stage that begins anew for ever is stuck.
    pub fn failed(&self, stage: &str, because: &str, now: Instant) {
        self.change(stage, |standing| {
            standing.phase = Phase::Starting;
            standing.turned = now;
            standing.last_fault = Some(because.to_owned());
        });
    }

    /// What the feeds of a force hold; those that are not named hold nothing.
    pub fn holds(&self, force: &ForceCode, holds: BTreeMap<Source, Hold>) {
        let mut state = self.state();
        state.holds.retain(|(other, _), _| other != force);
        let holds = holds
            .into_iter()
            .map(|(feed, hold)| ((force.clone(), feed), hold));
        state.holds.extend(holds);
    }

    /// The force is no longer held here.
    pub fn forget(&self, force: &ForceCode) {
        self.state().holds.retain(|(other, _), _| other != force);
    }

    /// What each feed holds.
    pub fn held(&self) -> BTreeMap<(ForceCode, Source), Hold> {
        self.state().holds.clone()
    }

    /// How each stage is.
    pub fn stages(&self) -> BTreeMap<&'static str, Standing> {
        self.state().stages.clone()
    }

    /// Stages whose loop has not turned for longer than this.
    pub fn not_live(&self, now: Instant, after: Duration) -> Vec<Trouble> {
        self.troubles(|standing| {
            let silent = now.saturating_duration_since(standing.turned);
            (silent > after).then(|| format!("has not turned for {} s", silent.as_secs()))
        })
    }

    /// Stages that are not ready to be relied on yet, and what they wait for.
    pub fn not_ready(&self) -> Vec<Trouble> {
        self.troubles(|standing| {
            let waits = match &standing.phase {
                Phase::Running { .. } => return None,
                Phase::Starting => "is connecting to the brokers".to_owned(),
                Phase::Joining => "waits for its share of the partitions".to_owned(),
                Phase::Restoring { done, of, rows } => {
                    format!("reads back what was kept: {done} of {of} partitions, {rows} rows")
                }
                Phase::CatchingUp => "reads its first batch".to_owned(),
                Phase::Stopping => "is stopping".to_owned(),
            };
            let fault = standing.last_fault.iter();
            let after: String = fault
                .map(|fault| format!("; began anew after: {fault}"))
                .collect();
            Some(format!("{waits}{after}"))
        })
    }

    /// Stages that have not turned, or not committed though they should, for longer than this. One
    /// that reads back what was kept commits nothing and is not stuck while it turns.
    pub fn stuck(&self, now: Instant, after: Duration) -> Vec<Trouble> {
        let mut stuck = self.not_live(now, after);
        let idle = self.troubles(|standing| {
            if matches!(standing.phase, Phase::Restoring { .. } | Phase::Stopping) {
                return None;
            }
            let silent = now.saturating_duration_since(standing.committed);
            (silent > after).then(|| format!("has not committed for {} s", silent.as_secs()))
        });
        stuck.extend(idle);
        stuck
    }

    fn troubles(&self, trouble: impl Fn(&Standing) -> Option<String>) -> Vec<Trouble> {
        let state = self.state();
        let troubles = state.stages.iter().filter_map(|(stage, standing)| {
            let because = trouble(standing)?;
            Some(Trouble { stage, because })
        });
        troubles.collect()
    }

    fn change(&self, stage: &str, change: impl FnOnce(&mut Standing)) {
        if let Some(standing) = self.state().stages.get_mut(stage) {
            change(standing);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Each entry is written whole, whoever panicked meanwhile.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(120);

    fn reasons(troubles: Vec<Trouble>) -> Vec<String> {
        let told = troubles
            .into_iter()
            .map(|one| format!("{} {}", one.stage, one.because));
        told.collect()
    }

    #[test]
    fn not_ready_not_live_and_stuck_are_told_apart() {
        let start = Instant::now();
        let later = start + Duration::from_secs(121);
        let board = Board::new(&["intake", "validation"], start);
        board.entered("intake", Phase::Running { partitions: 0 }, later);
        board.entered(
            "validation",
            Phase::Restoring {
                done: 1,
                of: 3,
                rows: 7,
            },
            start,
        );
        assert_eq!(
            reasons(board.not_ready()),
            ["validation reads back what was kept: 1 of 3 partitions, 7 rows"]
        );
        assert_eq!(
            reasons(board.stuck(later, LIMIT)),
            ["validation has not turned for 121 s"]
        );
        board.turned("validation", later);
        assert_eq!(board.stuck(later, LIMIT), []);
        board.entered("validation", Phase::Running { partitions: 3 }, later);
        assert_eq!(board.not_ready(), []);
        let much_later = later + LIMIT + Duration::from_secs(1);
        for stage in ["intake", "validation"] {
            board.turned(stage, much_later);
        }
        board.committed("intake", much_later);
        assert_eq!(board.not_live(much_later, LIMIT), []);
        assert_eq!(
            reasons(board.stuck(much_later, LIMIT)),
            ["validation has not committed for 121 s"]
        );
    }

    #[test]
    fn a_stage_that_begins_anew_for_ever_is_stuck_and_says_why() {
        let start = Instant::now();
        let board = Board::new(&["intake"], start);
        let later = start + LIMIT + Duration::from_secs(1);
        board.failed("intake", "fenced", later);
        assert_eq!(
            reasons(board.stuck(later, LIMIT)),
            ["intake has not committed for 121 s"]
        );
        assert_eq!(
            reasons(board.not_ready()),
            ["intake is connecting to the brokers; began anew after: fenced"]
        );
    }

    #[test]
    fn holds_are_replaced_force_by_force_and_go_with_it() {
        let board = Board::new(&[], Instant::now());
        let hold = Hold {
            deadlines: 2,
            since: domain::Instant::BEGINNING,
            claim: None,
        };
        let one = |feed: &str| BTreeMap::from([(Source::from(feed), hold.clone())]);
        let (north, south) = (ForceCode::from("north"), ForceCode::from("south"));
        board.holds(&north, one("rms"));
        board.holds(&south, one("rms"));
        board.holds(&north, one("cad"));
        let held: Vec<(ForceCode, Source)> = board.held().into_keys().collect();
        assert_eq!(
            held,
            [(north.clone(), "cad".into()), (south.clone(), "rms".into())]
        );
        board.forget(&south);
        assert_eq!(board.held().len(), 1);
    }
}
