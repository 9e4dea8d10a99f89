//! What the demonstration tells: the metrics of the service, moved and shown by the same code, so that
//! what is built for the one works on the other. There is no broker, so what is told of one is absent.
//! Start at [`Telling`].

use std::sync::Arc;
use std::time::{Duration, Instant as Ticks};

use super::pace::Pace;
use crate::demo::{Picture, Taken, Window, World};
use crate::domain::Instant;
use crate::drivers::clock;
use crate::drivers::showing::{show_force, unix_seconds};
use crate::drivers::tallied::Tallied;
use crate::telemetry::board::Phase;
use crate::telemetry::{Board, Metrics, Pending};

/// The stages, which take turns in one thread.
pub const STAGES: [&str; 2] = ["intake", "validation"];
/// How often the picture is made anew, at the most.
const SHOWN_EVERY: Duration = Duration::from_millis(500);
/// To make it walks everything that waits: so much of the time may go into it, as one part of so many.
const SHOWN_SHARE: u32 = 20;

/// What the demonstration tells with.
pub(super) struct Telling {
    pub(super) metrics: Arc<Metrics>,
    pub(super) board: Arc<Board>,
    pub(super) window: Window,
    pub(super) speed: f64,
    shown: Option<(Ticks, Duration)>,
}

impl Telling {
    /// Tells with these.
    pub(super) fn new(
        metrics: Arc<Metrics>,
        board: Arc<Board>,
        window: Window,
        speed: f64,
    ) -> Telling {
        Telling {
            metrics,
            board,
            window,
            speed,
            shown: None,
        }
    }

    /// Both stages do something else.
    pub(super) fn entered(&self, phase: &Phase) {
        for stage in STAGES {
            self.board.entered(stage, phase.clone(), Ticks::now());
        }
    }

    /// Records were taken in and judged, beginning at `arrival`: what came of them is visible now.
    pub(super) fn judged(&self, world: &World, taken: Vec<Taken>, arrival: Instant) {
        let read = taken.len();
        let mut tallied = Tallied::default();
        for one in taken {
            match one {
                Taken::Followed(effects) => {
                    for effect in &effects {
                        tallied.effect(world.code(), arrival, effect);
                    }
                }
                Taken::SetAside(reason) => {
                    *tallied.set_aside.entry(reason).or_default() += 1;
                }
            }
        }
        let now = clock::now();
        self.metrics.committed(tallied.told(&self.metrics, now));
        for stage in STAGES {
            self.board.turned(stage, Ticks::now());
            self.board.committed(stage, Ticks::now());
            if read > 0 {
                self.committed(stage, read, now);
            }
        }
    }

    fn committed(&self, stage: &'static str, read: usize, now: Instant) {
        self.metrics.transactions.add([stage, "committed", "due"]);
        let mut pending = Pending::new();
        pending.observe(&self.metrics.records_per_transaction, [stage], read as f64);
        self.metrics.committed(pending);
        self.metrics.last_commit.set([stage], unix_seconds(now));
    }

    /// Shows the world, if it was not shown a moment ago.
    pub(super) fn show_if_due(&mut self, world: &World) {
        let is_due = self
            .shown
            .is_none_or(|(at, took)| at.elapsed() > SHOWN_EVERY.max(took * SHOWN_SHARE));
        if is_due {
            self.show(world);
        }
    }

    /// Shows the world: as gauges, on the board, and as a picture.
    pub(super) fn show(&mut self, world: &World) {
        let began = Ticks::now();
        let (force_now, now) = (world.now(), clock::now());
        // Ages stay what they are: whoever asks how old a claim is, asks by their own clock.
        let as_time = |at| unix_seconds(Pace::as_ours(at, force_now, now));
        if let Some(force) = world.force() {
            show_force(&self.metrics, &self.board, force, force_now, &as_time);
        }
        let picture = Picture::of(world, self.speed);
        for feed in &picture.feeds {
            let labels = [feed.name.as_str(), "0"];
            let position = feed.delivered as f64;
            self.metrics.source_position.set(labels, position);
            self.metrics.source_high.set(labels, position);
            self.metrics.source_lag.set(labels, 0.0);
        }
        let entries = picture.entries as f64;
        self.metrics.journal_position.set(["0"], entries);
        self.metrics.journal_high.set(["0"], entries);
        self.metrics.journal_lag.set(["0"], 0.0);
        self.window.show(picture);
        self.shown = Some((Ticks::now(), began.elapsed()));
    }

    /// The force begins anew: nothing of what it held is there any more.
    pub(super) fn forget(&self, world: &World) {
        self.metrics.forget(world.code().as_str());
        self.board.forget(world.code());
    }
}
