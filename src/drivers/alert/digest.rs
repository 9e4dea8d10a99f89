//! Sends digests at their times. Has no position: one that was due within the last hour is sent at a
//! start, under the same key, for its receiver to drop if it has it. Start at [`work`].

use std::collections::VecDeque;
use std::time::{Duration, Instant as Ticks};

use super::post::Outcome;
use super::{Given, Work};
use crate::alerting::digest::digests;
use crate::config::serve::alert::DigestConfig;
use crate::domain::{Elapsed, Instant};
use crate::drivers::clock;
use crate::drivers::kafka::Fault;
use crate::telemetry::board::Phase;

/// How late a digest may be sent: later it would tell of another time than it is for.
const LATE_MAX: Elapsed = Elapsed::hours(1);
/// How often the clock is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// A thread for a digest.
pub(super) fn work(config: &DigestConfig) -> (String, Box<dyn Work>) {
    let sender = Sender {
        config: config.clone(),
        last: None,
        waiting: VecDeque::new(),
        failures: 0,
        resume: Instant::BEGINNING,
    };
    (config.target.name.clone(), Box::new(sender))
}

struct Sender {
    config: DigestConfig,
    last: Option<Instant>,
    waiting: VecDeque<Waiting>,
    failures: u32,
    resume: Instant,
}

struct Waiting {
    key: String,
    at: Instant,
    body: Vec<u8>,
}

impl Work for Sender {
    fn life(&mut self, given: &Given) -> Result<(), Fault> {
        let name = self.config.target.name.clone();
        if !given.wait_for_the_book(&name) {
            return Ok(());
        }
        let phase = Phase::Running { partitions: 0 };
        given.board.entered(&name, phase, Ticks::now());
        while !given.is_stopping() {
            self.compose(given);
            while !given.is_stopping() && self.send(given) {}
            given.show_waiting(
                &name,
                self.waiting.len(),
                self.waiting.front().map(|one| one.at),
            );
            given.board.turned(&name, Ticks::now());
            if self.waiting.is_empty() {
                given.board.committed(&name, Ticks::now());
            }
            given.nap(&name, LOOK);
        }
        Ok(())
    }
}

impl Sender {
    /// Makes the digests of a time that has come. Those of the time before that nobody took give way
    /// to them: they say the same, and later.
    fn compose(&mut self, given: &Given) {
        let now = clock::now();
        let Some(at) = self.config.schedule.last(now) else {
            return;
        };
        if self.last == Some(at) {
            return;
        }
        self.last = Some(at);
        if now > at.plus(LATE_MAX) {
            return;
        }
        let DigestConfig { target, within, .. } = &self.config;
        let made = digests(&given.shared.book(), &target.route, *within, at);
        for _ in self.waiting.drain(..) {
            given.metrics.alert_skipped.add([&target.name]);
        }
        self.waiting.extend(made.into_iter().map(|digest| Waiting {
            key: digest.key(&target.name),
            at,
            body:
                serde_json::to_vec(&digest).expect("a digest holds nothing that JSON cannot write"),
        }));
    }

    /// Sends the next one; true if there may be another to send at once.
    fn send(&mut self, given: &Given) -> bool {
        let now = clock::now();
        let Some(next) = self.waiting.front().filter(|_| now >= self.resume) else {
            return false;
        };
        let target = &self.config.target;
        let name = target.name.as_str();
        match given.poster.post(target, &next.key, &next.body) {
            Outcome::Taken => given.metrics.alert_deliveries.add([name, "taken"]),
            Outcome::Refused(status) => {
                given.metrics.alert_deliveries.add([name, "refused"]);
                given.metrics.alert_put_aside.add([name]);
                let key = &next.key;
                tracing::error!(
                    receiver = name,
                    status,
                    key,
                    "a digest is refused for good and not sent again: look at the receiver's log, and at its key and token"
                );
            }
            Outcome::Failed { why, at_least } => {
                given.metrics.alert_deliveries.add([name, "failed"]);
                if self.failures == 0 {
                    tracing::warn!(receiver = name, why, "a digest is not taken; trying on");
                }
                self.failures = self.failures.saturating_add(1);
                let resume = given.backoff.after(self.failures, name.as_bytes(), now);
                self.resume = resume.max(at_least.unwrap_or(resume));
                return false;
            }
        }
        self.failures = 0;
        self.waiting.pop_front();
        true
    }
}
