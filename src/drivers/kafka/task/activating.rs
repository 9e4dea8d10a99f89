//! Activations of a task: which rules and feeds hold from where, also again where the state was lost.
//! Start at [`Task::activate`].

use super::super::fault::{EndCode, Fault};
use super::super::history::History;
use super::{OwnForce, Publishing, Task};
use crate::config::serve::ServiceConfig;
use crate::domain::journal::{Activation, Journalled, Tells};
use crate::domain::names::ForceCode;
use crate::drivers::clock;
use crate::validation::{Entry, Position, RuleSet};
use crate::wire::journal;

impl Task {
    /// Ends the process where a newer rule set has judged already.
    pub fn refuse_what_is_old(&self, fingerprint: &str) -> Result<(), Fault> {
        for force in &self.forces {
            let marks = self.validation.activations(&force.code);
            let Some((last, earlier)) = marks.split_last() else {
                continue;
            };
            let is_old = earlier.iter().any(|mark| mark.fingerprint == fingerprint);
            if last.fingerprint != fingerprint && is_old {
                return Err(Fault::end(
                    EndCode::OldRuleSet,
                    format!(
                        "{}: this process judges by {fingerprint}, and since activation {} the force is \
                         judged by {}: another process runs a newer version or configuration. Start \
                         that one; to go back on purpose, start this one once with --go-back",
                        force.code, last.number, last.fingerprint
                    ),
                ));
            }
        }
        Ok(())
    }

    /// True if entries up to this end of the journal were judged before, and the state that they made
    /// is lost.
    pub(in super::super) fn has_to_catch_up(&self, end: i64) -> bool {
        match (&self.kept, self.catches_up_to) {
            (None, _) => end > 0,
            (Some(_), Some(to)) => self.position < to,
            (Some(_), None) => false,
        }
    }

    /// Goes by the activations of before where these rules made them: then what was published is made
    /// again, byte for byte. Else everything is judged by these rules, and said to be.
    pub(in super::super) fn remember(&mut self, mut history: History, end: i64, fingerprint: &str) {
        self.catches_up_to.get_or_insert(end);
        self.numbered = history.last_numbers();
        if self.numbered.is_empty() {
            return;
        }
        let (partition, from) = (self.partition, self.position);
        if let Some(other) = history.of_others(fingerprint) {
            tracing::warn!(
                partition,
                from,
                other = other.fingerprint,
                "there is no state of a journal that other rules judged: it is judged anew by these, and \
                 revisions start again at 1"
            );
            return;
        }
        tracing::warn!(
            partition,
            from,
            "there is no state of a journal that was judged: what was published is made again"
        );
        let known = |force: &ForceCode| {
            let marks = self.validation.activations(force);
            marks.last().map_or(0, |mark| mark.number)
        };
        history.leave_out(known);
        self.history = history;
    }

    /// Applies the activations of before the state was lost that hold before the entry at this offset.
    pub(super) fn activate_again(
        &mut self,
        offset: i64,
        publishing: &mut Publishing<'_>,
    ) -> Result<(), Fault> {
        while let Some(next) = self.history.next(offset.unsigned_abs()) {
            for (force, activation) in next {
                let position = Position {
                    partition: self.partition,
                    offset: activation.from_position,
                };
                let entry = Entry::Activated {
                    force: force.clone(),
                    activation,
                };
                let mut effects = self.validation.step(position, entry);
                effects.extend(self.validation.judge_again(&force, usize::MAX));
                self.publish(&force, clock::now(), effects, publishing)?;
            }
        }
        Ok(())
    }

    /// An activation stands in the journal behind the position from which it holds: whoever reads it
    /// here has applied it, or is old.
    pub(super) fn heard_of(&self, force: &ForceCode, activation: &Activation) -> Result<(), Fault> {
        let known = self.validation.activations(force).last();
        let known = known.map_or(0, |known| known.number);
        let of_before = self.numbered.get(force).copied().unwrap_or_default();
        if known.max(of_before) >= activation.number {
            return Ok(());
        }
        Err(Fault::again(
            "activated_elsewhere",
            format!(
                "activation {} of {force} is not in the state",
                activation.number
            ),
        ))
    }

    /// Writes the next activation of a force if its rules or feeds differ from the last one's.
    pub(super) fn activate(
        &mut self,
        at: usize,
        config: &ServiceConfig,
        rules: &RuleSet,
        publishing: &mut Publishing<'_>,
    ) -> Result<(), Fault> {
        let OwnForce { code, feeds } = &self.forces[at];
        let last = self.validation.activations(code).last();
        if last.is_some_and(|last| {
            last.fingerprint == rules.fingerprint()
                && self
                    .validation
                    .force(code)
                    .is_some_and(|force| force.feeds() == feeds)
        }) {
            return Ok(());
        }
        let given = self.numbered.get(code).copied().unwrap_or_default();
        let activation = Activation {
            number: last.map_or(0, |last| last.number).max(given) + 1,
            fingerprint: rules.fingerprint().to_owned(),
            profile: rules.library().profile().name.clone(),
            from_position: self.position.unsigned_abs(),
            feeds: feeds.clone(),
        };
        tracing::info!(force = %code, number = activation.number, fingerprint = activation.fingerprint,
            from_position = activation.from_position, "a rule set is activated");
        let entry = Journalled {
            force: code.clone(),
            arrival: clock::now(),
            from: None,
            tells: Tells::Activation(activation.clone()),
        };
        let topic = config.topics.journal.name.as_str();
        publishing.send(
            topic,
            Some(self.partition),
            &[],
            Some(&journal::write(&entry)),
        )?;
        let force = code.clone();
        let position = Position {
            partition: self.partition,
            offset: self.position.unsigned_abs(),
        };
        let entry = Entry::Activated {
            force: force.clone(),
            activation,
        };
        let effects = self.validation.step(position, entry);
        self.publish(&force, clock::now(), effects, publishing)
    }
}
