//! The service on Apache Kafka: two stages, each a worker with one transaction at a time, so that
//! what is written, what is kept and how far was read become visible together or not at all.
//!
//! ```text
//!   source topics ─▶ intake ─▶ journal ─▶ judging ─▶ exceptions, exceptions-current, measures
//!                      └─▶ quarantine         └────▶ state (private, compacted)
//! ```
//!
//! Never knows what a record means. Start at [`Serving::run`], then `worker` for the loop, `intake` and
//! `judging` for the stages, `fault` for what happens when something goes wrong.

mod authorized;
mod client;
mod closed;
mod declared;
mod decoding;
mod fault;
mod fence;
mod group;
mod heard;
mod history;
mod intake;
mod judging;
mod listening;
mod outbox;
mod preflight;
mod proofs;
pub mod quarantine;
mod questions;
pub mod release;
pub mod replay;
mod restarts;
mod restore;
mod rights;
mod rows;
mod stage;
mod task;
mod telling;
mod topology;
mod worker;

use std::collections::BTreeMap;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant as Ticks};

use rdkafka::message::{Header, OwnedHeaders};

pub use declared::Declared;
pub use fault::{EndCode, Ending, Fault};
pub use group::{committed_positions, leave};
pub use heard::Heard;
pub use listening::{Listening, Turn};
pub use questions::Asking;
pub use restore::Restoring;
pub use telling::Telling;

use crate::config::serve::ServiceConfig;
use crate::validation::RuleSet;
use client::Clients;
use intake::Intake;
use judging::Judging;
use stage::Stage;
use worker::{Bounds, Worker};

/// What a process serves with.
pub struct Serving {
    /// Its configuration.
    pub config: ServiceConfig,
    /// The rules it judges by.
    pub rules: RuleSet,
    /// Where readers ask.
    pub asking: Asking,
    /// What it tells the people who run it.
    pub telling: Telling,
    /// Set when it is to stop.
    pub stop: Arc<AtomicBool>,
    /// True if it may activate a rule set that a newer one followed.
    pub goes_back: bool,
}

impl Serving {
    /// Runs the stages that the configuration names until the process is asked to stop or one of them
    /// cannot go on; then the others drain too.
    pub fn run(self) -> Ending {
        let clients = Clients::new(&self.config);
        if let Err(fault) = preflight::check(&self.config, &clients) {
            return ending_of(fault);
        }
        let (drain, stop) = (self.config.drain, Arc::clone(&self.stop));
        match self.start(&clients) {
            Ok(workers) => workers.wait(drain, &stop),
            Err(fault) => ending_of(fault),
        }
    }

    fn start(self, clients: &Clients) -> Result<Workers, Fault> {
        let (config, rules) = (Arc::new(self.config), Arc::new(self.rules));
        let starting = Starting {
            bounds: Bounds {
                interval: config.transaction.interval,
                records_max: config.transaction.records_max as u64,
                bytes_max: config.transaction.bytes_max as u64,
                restarts_max: config.restarts_max as usize,
            },
            clients: clients.clone(),
            telling: self.telling.clone(),
            stop: self.stop,
        };
        let (tell, ended) = mpsc::channel();
        let mut running = 0;
        if config.stages.intake {
            let (config, rules) = (Arc::clone(&config), Arc::clone(&rules));
            let stage = Intake::new(
                config,
                rules,
                clients,
                self.telling.clone(),
                Arc::clone(&starting.stop),
            )?;
            starting.spawn(stage, &tell)?;
            running += 1;
        }
        if config.stages.validation {
            let stage = Judging {
                config,
                rules,
                clients: clients.clone(),
                tasks: BTreeMap::new(),
                asking: self.asking,
                telling: self.telling,
                goes_back: self.goes_back,
            };
            starting.spawn(stage, &tell)?;
            running += 1;
        }
        Ok(Workers { ended, running })
    }
}

/// What every worker is given.
struct Starting {
    bounds: Bounds,
    clients: Clients,
    telling: Telling,
    stop: Arc<AtomicBool>,
}

impl Starting {
    fn spawn<S: Stage + Send + 'static>(
        &self,
        stage: S,
        tell: &mpsc::Sender<Ending>,
    ) -> Result<(), Fault> {
        let worker = Worker::new(
            stage,
            self.clients.clone(),
            self.bounds,
            Arc::new(self.telling.clone()),
            Arc::clone(&self.stop),
        );
        let tell = tell.clone();
        let spawned = std::thread::Builder::new()
            .name(S::NAME.to_owned())
            .spawn(move || {
                // The other stage would go on alone, and nobody would hear of it.
                let ending =
                    panic::catch_unwind(AssertUnwindSafe(|| worker.run())).unwrap_or_else(|_| {
                        failed(format!(
                            "{} panicked; nothing of its open transaction is visible",
                            S::NAME
                        ))
                    });
                // Nobody listens any longer if the process ends at once; then there is nobody to tell.
                let _ = tell.send(ending);
            });
        spawned
            .map(|_| ())
            .map_err(|error| Fault::end(EndCode::Failed, format!("cannot start a thread: {error}")))
    }
}

/// What runs: each worker tells how it ended.
struct Workers {
    ended: mpsc::Receiver<Ending>,
    running: usize,
}

impl Workers {
    /// Waits for every worker; the first that cannot go on stops the others, and its word is the last.
    fn wait(mut self, drain: Duration, stop: &AtomicBool) -> Ending {
        let mut last: Option<Ending> = None;
        let mut draining: Option<Ticks> = None;
        while self.running > 0 {
            match self.ended.recv_timeout(Duration::from_millis(200)) {
                Ok(ending) => {
                    self.running -= 1;
                    tracing::info!(code = ending.code.number(), "{}", ending.says);
                    if last.as_ref().is_none_or(|last| last.code == EndCode::Done) {
                        last = Some(ending);
                    }
                    stop.store(true, Ordering::Relaxed);
                }
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                // A worker's thread ended without a word: it panicked, and said why on its way.
                Err(mpsc::RecvTimeoutError::Disconnected) => {
                    let says = "a worker panicked; nothing of its open transaction is visible";
                    return failed(says.to_owned());
                }
            }
            let is_late = stop.load(Ordering::Relaxed)
                && draining.get_or_insert_with(Ticks::now).elapsed() > drain;
            if is_late {
                return last
                    .filter(|last| last.code != EndCode::Done)
                    .unwrap_or_else(|| {
                        failed(format!(
                            "not drained within {drain:?}; what was open is not visible and is read again"
                        ))
                    });
            }
        }
        last.unwrap_or(Ending {
            code: EndCode::Setup,
            says: "no stage is switched on: set service.intake or service.validation".to_owned(),
        })
    }
}

fn failed(says: String) -> Ending {
    let code = EndCode::Failed;
    Ending { code, says }
}

fn ending_of(fault: Fault) -> Ending {
    match fault {
        Fault::End(ending) => ending,
        Fault::Denied(denied) => denied.ending(None),
        Fault::Again(again) => failed(format!("{}: {}", again.because, again.detail)),
    }
}

/// Headers as the client library takes them.
fn owned_headers(headers: &[(String, Vec<u8>)]) -> OwnedHeaders {
    let owned = OwnedHeaders::new_with_capacity(headers.len());
    headers.iter().fold(owned, |owned, (key, value)| {
        owned.insert(Header {
            key,
            value: Some(value),
        })
    })
}
