//! Tells people and their systems of exceptions. One thread follows what stands; each target has a
//! thread of its own with its own progress, so that one that is down holds up no other.
//!
//! ```text
//!   exceptions-current ─▶ current ─▶ book ─┬─▶ alertmanager (each)   what stands, again and again
//!                                          └─▶ digest (each)         at stated times
//!   exceptions ─▶ webhook (each; a consumer group of its own)        every revision, at least once
//! ```
//!
//! Decides nothing: what is told, to whom and in which order is decided in `alerting`. Start at
//! [`Alerting::run`].

mod alertmanager;
pub mod current;
mod digest;
mod post;
mod reader;
mod webhook;

use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::{Duration, Instant as Ticks};

use crate::alerting::{Backoff, Book};
use crate::config::serve::alert::AlertConfig;
use crate::drivers::clock;
use crate::drivers::kafka::{EndCode, Ending, Fault};
use crate::telemetry::board::Phase;
use crate::telemetry::{Board, Metrics};

use post::Poster;

/// How long a thread rests before it starts anew after a fault of the brokers.
const REST: Duration = Duration::from_secs(2);
/// The longest that a thread sleeps without looking whether it is to stop.
const NAP: Duration = Duration::from_millis(100);

/// What a process tells with.
pub struct Alerting {
    /// Its configuration.
    pub config: Arc<AlertConfig>,
    /// What it counts.
    pub metrics: Arc<Metrics>,
    /// Where it writes how it is.
    pub board: Arc<Board>,
    /// Set when it is to stop.
    pub stop: Arc<AtomicBool>,
}

/// What stands, shared by those who tell of it.
#[derive(Default)]
struct Shared {
    book: Mutex<Book>,
    /// How often the book was replaced; 0 while it is not read to its end.
    turns: AtomicU64,
}

impl Shared {
    fn book(&self) -> MutexGuard<'_, Book> {
        // A book is whole after every note, whoever panicked meanwhile.
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_ready(&self) -> bool {
        self.turns.load(Ordering::Acquire) > 0
    }

    fn replace(&self, book: Book) {
        *self.book() = book;
        self.turns.fetch_add(1, Ordering::AcqRel);
    }

    /// Differs whenever what stands differs.
    fn version(&self) -> (u64, u64) {
        let changes = self.book().changes();
        (self.turns.load(Ordering::Acquire), changes)
    }
}

/// What every thread is given.
#[derive(Clone)]
struct Given {
    config: Arc<AlertConfig>,
    metrics: Arc<Metrics>,
    board: Arc<Board>,
    stop: Arc<AtomicBool>,
    shared: Arc<Shared>,
    poster: Poster,
    backoff: Backoff,
}

impl Given {
    fn is_stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Sleeps, and gives up early if the process is to stop.
    fn nap(&self, stage: &str, span: Duration) {
        let until = Ticks::now() + span;
        while Ticks::now() < until && !self.is_stopping() {
            self.board.turned(stage, Ticks::now());
            std::thread::sleep(NAP.min(until.saturating_duration_since(Ticks::now())));
        }
    }

    /// Waits until what stands is known; false if the process is to stop.
    fn wait_for_the_book(&self, stage: &str) -> bool {
        while !self.shared.is_ready() && !self.is_stopping() {
            self.nap(stage, NAP);
        }
        !self.is_stopping()
    }

    /// Shows how much waits for a target, and since when.
    fn show_waiting(&self, target: &str, count: usize, oldest: Option<crate::domain::Instant>) {
        let age = oldest.map_or(0, |at| clock::now().since(at).whole_seconds().max(0));
        self.metrics.alert_waiting.set([target], count as f64);
        self.metrics.alert_oldest.set([target], age as f64);
    }
}

/// One thread of work.
trait Work: Send + 'static {
    /// Works until the process is to stop, or until something is wrong with the brokers.
    fn life(&mut self, given: &Given) -> Result<(), Fault>;
}

/// Who is at work, by the names under which the board has them.
pub fn stages(config: &AlertConfig) -> Vec<String> {
    let mut stages = vec![CURRENT.to_owned()];
    let managers = config.alertmanager.iter().flat_map(|one| &one.urls);
    stages.extend((0..managers.count()).map(alertmanager::name));
    stages.extend(config.webhooks.iter().map(|one| one.target.name.clone()));
    stages.extend(config.digests.iter().map(|one| one.target.name.clone()));
    stages
}

/// The thread that follows what stands.
const CURRENT: &str = "current";

impl Alerting {
    /// Runs until the process is asked to stop, or until something needs a person.
    pub fn run(self) -> Ending {
        let Alerting {
            config,
            metrics,
            board,
            stop,
        } = self;
        let poster = match Poster::new(&config.http) {
            Ok(poster) => poster,
            Err(says) => return ending(EndCode::Setup, says),
        };
        let mut topics = vec![config.exceptions_current.as_str()];
        if !config.webhooks.is_empty() {
            topics.push(&config.exceptions);
        }
        if let Err(fault) = reader::preflight(&config, &topics) {
            return ending_of(fault);
        }
        let given = Given {
            backoff: Backoff {
                first_ms: config.http.retry_first_ms,
                most_ms: config.http.retry_most_ms,
                seed: u64::from(std::process::id()),
            },
            shared: Arc::new(Shared::default()),
            config: Arc::clone(&config),
            metrics,
            board,
            stop,
            poster,
        };
        let mut works: Vec<(String, Box<dyn Work>)> =
            vec![(CURRENT.to_owned(), Box::new(current::Following))];
        if let Some(manager) = &config.alertmanager {
            works.extend(alertmanager::each(manager, given.backoff));
        }
        works.extend(config.webhooks.iter().map(webhook::work));
        works.extend(config.digests.iter().map(digest::work));
        for (target, _) in &works {
            given.metrics.alert_put_aside.begin([target]);
        }
        run(&given, works)
    }
}

fn run(given: &Given, works: Vec<(String, Box<dyn Work>)>) -> Ending {
    let (tell, ended) = mpsc::channel();
    let mut running = 0;
    for (name, work) in works {
        let (given, tell) = (given.clone(), tell.clone());
        let spawned = std::thread::Builder::new()
            .name(name.clone())
            .spawn(move || {
                let done = panic::catch_unwind(AssertUnwindSafe(|| live(&name, work, &given)));
                let panicked = || ending(EndCode::Failed, format!("{name} panicked"));
                // Nobody listens any longer if the process ends at once.
                let _ = tell.send(done.unwrap_or_else(|_| panicked()));
            });
        match spawned {
            Ok(_) => running += 1,
            Err(error) => {
                return ending(EndCode::Failed, format!("cannot start a thread: {error}"));
            }
        }
    }
    wait(given, &ended, running)
}

/// Waits until every thread has ended; the first that cannot go on stops the others.
fn wait(given: &Given, ended: &mpsc::Receiver<Ending>, mut running: usize) -> Ending {
    let mut last = ending(
        EndCode::Done,
        "stopped; what was not taken is told again".to_owned(),
    );
    let mut draining: Option<Ticks> = None;
    while running > 0 {
        if let Ok(ending) = ended.recv_timeout(Duration::from_millis(200)) {
            running -= 1;
            if ending.code != EndCode::Done && last.code == EndCode::Done {
                last = ending;
            }
            given.stop.store(true, Ordering::Relaxed);
        }
        let is_late = given.is_stopping()
            && draining.get_or_insert_with(Ticks::now).elapsed() > given.config.drain;
        if is_late {
            if last.code == EndCode::Done {
                let drain = given.config.drain;
                let says =
                    format!("not drained within {drain:?}; what was not committed is told again");
                last = ending(EndCode::Failed, says);
            }
            return last;
        }
    }
    last
}

/// One life after another, until the process is to stop or a person is needed.
fn live(name: &str, mut work: Box<dyn Work>, given: &Given) -> Ending {
    loop {
        let done = work.life(given);
        if given.is_stopping() {
            let phase = Phase::Stopping;
            given.board.entered(name, phase, Ticks::now());
        }
        match done {
            Ok(()) => return ending(EndCode::Done, format!("{name} stopped")),
            Err(_) if given.is_stopping() => {
                return ending(EndCode::Done, format!("{name} stopped"));
            }
            Err(Fault::Again(again)) => {
                tracing::warn!(
                    stage = name,
                    because = again.because,
                    "starting anew: {}",
                    again.detail
                );
                given.metrics.restarts.add([name, again.because]);
                given.board.failed(name, again.because, Ticks::now());
                given.nap(name, REST);
            }
            Err(fault) => return ending_of(fault),
        }
    }
}

fn ending(code: EndCode, says: String) -> Ending {
    Ending { code, says }
}

/// How a process ends by a fault.
fn ending_of(fault: Fault) -> Ending {
    match fault {
        Fault::End(ending) => ending,
        Fault::Denied(denied) => denied.ending(None),
        Fault::Again(again) => ending(
            EndCode::Failed,
            format!(
                "{}; check that the brokers run, then try again",
                again.detail
            ),
        ),
    }
}
