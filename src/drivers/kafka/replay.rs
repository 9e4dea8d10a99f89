//! Replay: a partition of the journal through fresh state, every activation at its position. What it
//! publishes is byte for byte what the service published, as long as the same rule set judges; others
//! are refused by name. Writes nothing to Kafka. Start at [`replay`].

use std::collections::BTreeMap;
use std::sync::Arc;

use rdkafka::message::Message;

use super::client::Clients;
use super::fault::{EndCode, Fault};
use super::judging::NAME;
use super::restore::{Hearing, Restoring, read_to_end};
use super::task::{Taken, settings_of};
use crate::config::serve::ServiceConfig;
use crate::domain::feed::Partition;
use crate::domain::journal::{Activation, Journalled, Tells};
use crate::domain::names::ForceCode;
use crate::validation::{Effect, Entry, Position, RuleSet, Validation};
use crate::wire::{journal, published};

/// Activations of a partition, by the position before which they hold.
type Activations = BTreeMap<u64, Vec<(ForceCode, Activation)>>;

/// Runs a partition of the journal through fresh state; `publish` is handed every revision of an
/// exception as it was published.
pub fn replay(
    config: &ServiceConfig,
    rules: Arc<RuleSet>,
    partition: i32,
    tell: &dyn Fn(Restoring),
    publish: &mut dyn FnMut(&[u8]) -> Result<(), Fault>,
) -> Result<Validation, Fault> {
    let clients = Clients::new(config);
    let journal = Partition {
        topic: config.topics.journal.name.clone(),
        number: partition,
    };
    let activations = activations(&clients, &journal, &rules, tell)?;
    let mut replaying = Replaying {
        validation: Validation::new(rules, settings_of(config)),
        partition,
        activations,
    };
    let mut alive = || Ok(());
    let hearing = Hearing {
        alive: &mut alive,
        tell,
    };
    read_to_end(&clients, NAME, &journal, hearing, &mut |message| {
        let entry = read(&journal, message.offset(), message.payload())?;
        replaying.take(message.offset().unsigned_abs(), entry, publish)
    })?;
    replaying.activate_through(u64::MAX, publish)?;
    Ok(replaying.validation)
}

/// Every activation that stands in the journal: it stands behind the position from which it holds.
fn activations(
    clients: &Clients,
    journal: &Partition,
    rules: &RuleSet,
    tell: &dyn Fn(Restoring),
) -> Result<Activations, Fault> {
    let mut found = Activations::new();
    let mut alive = || Ok(());
    let hearing = Hearing {
        alive: &mut alive,
        tell,
    };
    read_to_end(clients, NAME, journal, hearing, &mut |message| {
        let Journalled { force, tells, .. } = read(journal, message.offset(), message.payload())?;
        let Tells::Activation(activation) = tells else {
            return Ok(());
        };
        if activation.fingerprint != rules.fingerprint() {
            return Err(Fault::end(
                EndCode::OldRuleSet,
                format!(
                    "activation {} of {force} at position {} judges by {}, and this program by {}: \
                     replay that part with the program and profile of that fingerprint",
                    activation.number,
                    activation.from_position,
                    activation.fingerprint,
                    rules.fingerprint()
                ),
            ));
        }
        let at = found.entry(activation.from_position).or_default();
        at.push((force, activation));
        Ok(())
    })?;
    Ok(found)
}

fn read(journal: &Partition, offset: i64, value: Option<&[u8]>) -> Result<Journalled, Fault> {
    journal::read(value.unwrap_or_default()).map_err(|why| {
        Fault::end(
            EndCode::Inconsistent,
            format!("the entry at {journal} offset {offset} cannot be read: {why}"),
        )
    })
}

struct Replaying {
    validation: Validation,
    partition: i32,
    activations: Activations,
}

impl Replaying {
    fn take(
        &mut self,
        offset: u64,
        entry: Journalled,
        publish: &mut dyn FnMut(&[u8]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.activate_through(offset, publish)?;
        let Some(Taken { entry, .. }) = Taken::of(entry) else {
            return Ok(());
        };
        let effects = self.validation.step(self.at(offset), entry);
        published_of(&effects, publish)
    }

    /// Applies every activation that holds before the entry at this position.
    fn activate_through(
        &mut self,
        offset: u64,
        publish: &mut dyn FnMut(&[u8]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        while let Some(first) = self
            .activations
            .first_entry()
            .filter(|at| *at.key() <= offset)
        {
            for (force, activation) in first.remove() {
                let at = self.at(activation.from_position);
                let code = force.clone();
                let effects = self
                    .validation
                    .step(at, Entry::Activated { force, activation });
                published_of(&effects, publish)?;
                published_of(&self.validation.judge_again(&code, usize::MAX), publish)?;
            }
        }
        Ok(())
    }

    fn at(&self, offset: u64) -> Position {
        Position {
            partition: self.partition,
            offset,
        }
    }
}

fn published_of(
    effects: &[Effect],
    publish: &mut dyn FnMut(&[u8]) -> Result<(), Fault>,
) -> Result<(), Fault> {
    for effect in effects {
        if let Effect::Exception(exception) = effect {
            publish(&published::exception(exception))?;
        }
    }
    Ok(())
}
