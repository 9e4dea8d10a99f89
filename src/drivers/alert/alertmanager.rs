//! Tells one Alertmanager what stands, again and again. Has no position: what it was told is forgotten
//! with the process and told anew by the next. Start at [`each`].

use std::collections::BTreeMap;
use std::time::{Duration, Instant as Ticks};

use super::post::Outcome;
use super::{Given, Work};
use crate::alerting::alerts::{Alert, Name, as_json, standing};
use crate::alerting::{Backoff, Posting, Sending};
use crate::config::serve::alert::AlertmanagerConfig;
use crate::drivers::clock;
use crate::drivers::kafka::Fault;
use crate::telemetry::board::Phase;

/// How long what changes is gathered before it is posted.
const GATHER: Duration = Duration::from_millis(500);
/// As many alerts as one request carries.
const AT_ONCE: usize = 500;

/// The name of an Alertmanager on the board and in metrics.
pub(super) fn name(number: usize) -> String {
    format!("alertmanager-{number}")
}

/// A thread for each of them.
pub(super) fn each(
    config: &AlertmanagerConfig,
    backoff: Backoff,
) -> impl Iterator<Item = (String, Box<dyn Work>)> {
    config.urls.iter().enumerate().map(move |(number, url)| {
        let manager = Manager {
            name: name(number),
            url: format!("{url}/api/v2/alerts"),
            sending: Sending::new(config.pace, backoff),
            standing: BTreeMap::new(),
            seen: None,
            is_failing: false,
        };
        let work: Box<dyn Work> = Box::new(manager);
        (name(number), work)
    })
}

struct Manager {
    name: String,
    url: String,
    sending: Sending,
    standing: BTreeMap<Name, Alert>,
    seen: Option<(u64, u64)>,
    is_failing: bool,
}

impl Work for Manager {
    fn life(&mut self, given: &Given) -> Result<(), Fault> {
        let Some(config) = &given.config.alertmanager else {
            return Ok(());
        };
        if !given.wait_for_the_book(&self.name) {
            return Ok(());
        }
        let phase = Phase::Running { partitions: 0 };
        given.board.entered(&self.name, phase, Ticks::now());
        while !given.is_stopping() {
            let version = given.shared.version();
            if self.seen != Some(version) {
                self.seen = Some(version);
                self.standing = standing(&given.shared.book(), &config.route);
            }
            let due = self.sending.due(&self.standing, clock::now());
            for some in due.chunks(AT_ONCE) {
                if given.is_stopping() || !self.post(given, config, some) {
                    break;
                }
            }
            let left = self.sending.due(&self.standing, clock::now()).len();
            given.show_waiting(&self.name, left, None);
            given.board.turned(&self.name, Ticks::now());
            if !self.is_failing {
                given.board.committed(&self.name, Ticks::now());
            }
            given.nap(&self.name, GATHER);
        }
        Ok(())
    }
}

impl Manager {
    /// Posts some; false if it is of no use to go on now.
    fn post(&mut self, given: &Given, config: &AlertmanagerConfig, some: &[Posting]) -> bool {
        let body = as_json(some, &config.labels).to_string();
        let outcome = given
            .poster
            .tell(&self.url, config.token.as_ref(), body.as_bytes());
        let target = self.name.as_str();
        match outcome {
            Outcome::Taken => {
                given.metrics.alert_deliveries.add([target, "taken"]);
                if self.is_failing {
                    tracing::info!(receiver = target, "alertmanager takes alerts again");
                }
                self.is_failing = false;
                self.sending.taken(some, clock::now());
                true
            }
            // Told again when it is due: a proxy or a label may be mended by then.
            Outcome::Refused(status) => {
                given.metrics.alert_deliveries.add([target, "refused"]);
                tracing::error!(
                    receiver = target,
                    status,
                    alerts = some.len(),
                    "alertmanager refuses alerts: look at its log, and at the address, the token and the labels in [alertmanager]"
                );
                self.sending.taken(some, clock::now());
                true
            }
            Outcome::Failed { why, .. } => {
                given.metrics.alert_deliveries.add([target, "failed"]);
                if !self.is_failing {
                    tracing::warn!(
                        receiver = target,
                        why,
                        "alertmanager does not take alerts; trying on"
                    );
                }
                self.is_failing = true;
                self.sending.failed(clock::now());
                false
            }
        }
    }
}
