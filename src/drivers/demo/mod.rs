//! The demonstration at work: lets time pass in the made-up force, at its pace, and tells what follows.
//! One thread owns the world; readers see pictures of it and send switches. Stops when it is asked to.
//! Start at [`Demonstration::run`].

mod pace;
mod telling;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant as Ticks};

use self::pace::Pace;
pub use self::telling::STAGES;
use self::telling::Telling;
use super::clock;
use crate::demo::{Turned, Window, World};
use crate::domain::{Elapsed, Instant};
use crate::telemetry::board::Phase;
use crate::telemetry::{Board, Metrics};
use crate::validation::RuleSet;

/// How often time passes: often enough to look steady, seldom enough to cost nothing.
const BEAT: Duration = Duration::from_millis(100);
/// How much of the force's time passes at once while days are run through at the start.
const STRIDE: Elapsed = Elapsed::hours(2);

/// What a demonstration runs with.
pub struct Demonstration {
    /// The rules.
    pub rules: Arc<RuleSet>,
    /// The metrics.
    pub metrics: Arc<Metrics>,
    /// The board of health.
    pub board: Arc<Board>,
    /// What readers see.
    pub window: Window,
    /// What they turn.
    pub turned: Receiver<Turned>,
    /// Seconds of the force for one of ours.
    pub speed: f64,
    /// Set when it is to stop.
    pub stop: Arc<AtomicBool>,
}

impl Demonstration {
    /// Lets time pass until it is asked to stop.
    pub fn run(self, world: World) {
        let telling = Telling::new(self.metrics, self.board, self.window, self.speed);
        let mut at_work = AtWork {
            world,
            telling,
            turned: self.turned,
            stop: self.stop,
        };
        at_work.run_ahead();
        let mut pace = Pace::from(at_work.world.now(), self.speed, Ticks::now());
        while !at_work.is_stopping() {
            at_work.wait();
            at_work.pass(pace.turn(Ticks::now()));
            if at_work.world.now() >= at_work.world.ends() {
                at_work = at_work.begin_anew(&self.rules);
                at_work.run_ahead();
                pace = Pace::from(at_work.world.now(), self.speed, Ticks::now());
            }
        }
        at_work.telling.entered(&Phase::Stopping);
    }
}

/// A demonstration at work.
struct AtWork {
    world: World,
    telling: Telling,
    turned: Receiver<Turned>,
    stop: Arc<AtomicBool>,
}

impl AtWork {
    fn is_stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Runs through the first days, so that there is something to see.
    fn run_ahead(&mut self) {
        self.telling.entered(&Phase::CatchingUp);
        while self.world.now() < self.world.shown_from() && !self.is_stopping() {
            while let Ok(turned) = self.turned.try_recv() {
                self.turn(turned);
            }
            let until = self.world.now().plus(STRIDE);
            self.pass(until.min(self.world.shown_from()));
        }
        self.telling.show(&self.world);
        self.telling.entered(&Phase::Running { partitions: 1 });
    }

    /// Waits for the next beat, or for a switch.
    fn wait(&mut self) {
        // The window holds a sender, so nothing but the time or a switch ends the wait.
        if let Ok(turned) = self.turned.recv_timeout(BEAT) {
            self.turn(turned);
        }
    }

    /// Lets time pass, and tells what follows.
    fn pass(&mut self, until: Instant) {
        let arrival = clock::now();
        let taken = self.world.pass(until);
        self.telling.judged(&self.world, taken, arrival);
        self.telling.show_if_due(&self.world);
    }

    /// Turns a switch, and shows what came of it before whoever turned it looks again.
    fn turn(&mut self, turned: Turned) {
        let arrival = clock::now();
        if let Some(taken) = self.world.turn(&turned.turn) {
            self.telling.judged(&self.world, taken, arrival);
            self.telling.show(&self.world);
        }
        (turned.done)();
    }

    /// The force begins anew: nothing of what it held is there any more.
    fn begin_anew(self, rules: &Arc<RuleSet>) -> AtWork {
        self.telling.forget(&self.world);
        let world = self.world.begin_anew(Arc::clone(rules));
        AtWork { world, ..self }
    }
}
