//! What happened between two commits, for the metrics: it counts once it is visible and not before.
//! Start at [`Tallied`].

use std::collections::BTreeMap;

use crate::domain::exception::State;
use crate::domain::names::ForceCode;
use crate::domain::{Instant, Reason};
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
}
