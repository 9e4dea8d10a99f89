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
use crate::domain::Elapsed;
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
    pub fn run(self, mut world: World) {
        let mut telling = Telling::new(self.metrics, self.board, self.window, self.speed);
        let is_stopping = || self.stop.load(Ordering::Relaxed);
        run_ahead(&mut world, &mut telling, &is_stopping);
        let mut pace = Pace::from(world.now(), self.speed, Ticks::now());
        while !is_stopping() {
            // The window holds a sender, so nothing but the time or a switch ends the wait.
            if let Ok(turned) = self.turned.recv_timeout(BEAT) {
                turn(turned, &mut world, &mut telling);
            }
            let arrival = clock::now();
            let taken = world.pass(pace.turn(Ticks::now()));
            telling.judged(&world, taken, arrival);
            if world.now() >= world.ends() {
                telling.forget(&world);
                world = world.begin_anew(Arc::clone(&self.rules));
                run_ahead(&mut world, &mut telling, &is_stopping);
                pace = Pace::from(world.now(), self.speed, Ticks::now());
            }
            telling.show_if_due(&world);
        }
        telling.entered(&Phase::Stopping);
    }
}

/// Runs through the first days, so that there is something to see.
fn run_ahead(world: &mut World, telling: &mut Telling, is_stopping: &dyn Fn() -> bool) {
    telling.entered(&Phase::CatchingUp);
    while world.now() < world.shown_from() && !is_stopping() {
        let until = world.now().plus(STRIDE).min(world.shown_from());
        let arrival = clock::now();
        let taken = world.pass(until);
        telling.judged(world, taken, arrival);
        telling.show_if_due(world);
    }
    telling.show(world);
    telling.entered(&Phase::Running { partitions: 1 });
}

/// Turns a switch, and shows what came of it before whoever turned it looks again.
fn turn(turned: Turned, world: &mut World, telling: &mut Telling) {
    let arrival = clock::now();
    if let Some(taken) = world.turn(&turned.turn) {
        telling.judged(world, taken, arrival);
        telling.show(world);
    }
    (turned.done)();
}
