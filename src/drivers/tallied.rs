//! What happened between two commits, for the metrics: it counts once it is visible and not before. The
//! same for every driver that runs for long, so that what is built on one's metrics works on another's.
//! Start at [`Tallied`].

use std::collections::BTreeMap;

use crate::domain::exception::State;
use crate::domain::names::ForceCode;
use crate::domain::{Instant, Reason};
use crate::telemetry::{Metrics, Pending};
use crate::validation::{Alarm, Disposition, Effect};

/// What happened since the last commit.
#[derive(Clone, Debug, Default)]
pub struct Tallied {
    /// What became of records.
    pub became: BTreeMap<(ForceCode, Disposition), u64>,
    /// Revisions of exceptions, by force and state.
    pub revised: BTreeMap<(ForceCode, State), u64>,
    /// Records set aside, by reason.
    pub set_aside: BTreeMap<Reason, u64>,
    /// Alarms.
    pub alarms: Vec<(ForceCode, Alarm)>,
    /// When the records that led to exceptions had arrived.
    pub led_to_exceptions: Vec<Instant>,
}

impl Tallied {
    /// This followed from an entry of a force.
    pub fn effect(&mut self, force: &ForceCode, arrival: Instant, effect: &Effect) {
        match effect {
            Effect::Counted(disposition) => {
                *self
                    .became
                    .entry((force.clone(), *disposition))
                    .or_default() += 1;
            }
            Effect::Exception(exception) => {
                let key = (force.clone(), exception.state);
                *self.revised.entry(key).or_default() += 1;
                self.led_to_exceptions.push(arrival);
            }
            Effect::Alarm(alarm) => self.alarms.push((force.clone(), alarm.clone())),
            Effect::Conflict { .. } => {}
        }
    }

    /// What the counters move by once it is visible. Alarms go to the log as well.
    pub fn told(self, metrics: &Metrics, now: Instant) -> Pending {
        let mut pending = Pending::new();
        for ((force, disposition), count) in self.became {
            let labels = [force.as_str(), word_of(disposition)];
            pending.count(&metrics.records, labels, count);
        }
        for ((force, state), count) in self.revised {
            let labels = [force.as_str(), state.as_str()];
            pending.count(&metrics.published, labels, count);
        }
        for (reason, count) in self.set_aside {
            pending.count(&metrics.quarantined, [reason.as_str()], count);
        }
        for (force, alarm) in self.alarms {
            let kind = kind_of(&alarm);
            pending.count(&metrics.alarms, [force.as_str(), kind], 1);
            log_alarm(&force, &alarm);
        }
        for arrival in self.led_to_exceptions {
            let seconds = (now.millis() - arrival.millis()).max(0) as f64 / 1000.0;
            pending.observe(&metrics.record_to_exception, [], seconds);
        }
        pending
    }
}

fn word_of(disposition: Disposition) -> &'static str {
    match disposition {
        Disposition::Applied => "applied",
        Disposition::LedgerOnly => "ledger_only",
        Disposition::Duplicate => "duplicate",
        Disposition::Quarantined => "quarantined",
        Disposition::Control => "control",
    }
}

fn kind_of(alarm: &Alarm) -> &'static str {
    match alarm {
        Alarm::RuleFault { .. } => "rule_fault",
        Alarm::BrokenPromise { .. } => "broken_promise",
        Alarm::HeartbeatBehind { .. } => "heartbeat_behind",
        Alarm::HeartbeatCount { .. } => "heartbeat_count",
        Alarm::NoLongerTold { .. } => "no_longer_told",
    }
}

fn log_alarm(force: &ForceCode, alarm: &Alarm) {
    let kind = kind_of(alarm);
    match alarm {
        Alarm::RuleFault {
            rule,
            record,
            reference,
        } => {
            tracing::error!(%force, kind, rule, %record, %reference, "a rule failed on a case");
        }
        Alarm::BrokenPromise { feed, reference } => {
            tracing::warn!(%force, kind, %feed, %reference, "a record came after its feed's promise");
        }
        Alarm::HeartbeatBehind { feed } => {
            tracing::warn!(%force, kind, %feed, "a heartbeat claims less than is proved");
        }
        Alarm::HeartbeatCount { feed, said, read } => {
            tracing::warn!(%force, kind, %feed, said, read, "a heartbeat counts other records");
        }
        Alarm::NoLongerTold { rule, reference } => {
            tracing::warn!(%force, kind, rule, %reference, "a fact that decides is no longer told");
        }
    }
}
