//! Replay: a partition of the journal through fresh state, every activation at its position. What it
//! publishes is byte for byte what the service published, up to where another rule set judged: that
//! is refused by name. Writes nothing to Kafka. Start at [`replay`].

use std::io;
use std::sync::Arc;

use rdkafka::message::Message;

use super::client::Clients;
use super::fault::{EndCode, Ending, Fault};
use super::history::{History, entry};
use super::restore::{Hearing, Restoring, read_to_end};
use super::stage::VALIDATION;
use super::task::{Taken, settings_of};
use crate::config::serve::ServiceConfig;
use crate::domain::feed::Partition;
use crate::domain::journal::{Activation, Journalled};
use crate::domain::names::ForceCode;
use crate::validation::{Effect, Entry, Position, RuleSet, Validation};
use crate::wire::published;

/// What is handed every revision of an exception, as it was published.
pub type Publish<'a> = dyn FnMut(&[u8]) -> io::Result<()> + 'a;

/// Runs a partition of the journal through fresh state.
pub fn replay(
    config: &ServiceConfig,
    rules: Arc<RuleSet>,
    partition: i32,
    tell: &dyn Fn(Restoring),
    publish: &mut Publish<'_>,
) -> Result<Validation, Ending> {
    run(config, rules, partition, tell, publish).map_err(super::ending_of)
}

fn run(
    config: &ServiceConfig,
    rules: Arc<RuleSet>,
    partition: i32,
    tell: &dyn Fn(Restoring),
    publish: &mut Publish<'_>,
) -> Result<Validation, Fault> {
    let clients = Clients::new(config);
    let journal = Partition {
        topic: config.topics.journal.name.clone(),
        number: partition,
    };
    is_whole(&clients, &journal)?;
    let mut alive = || Ok(());
    let hearing = Hearing {
        alive: &mut alive,
        tell,
    };
    let mut replaying = Replaying {
        history: History::read(&clients, &journal, hearing)?,
        validation: Validation::new(rules, settings_of(config)),
        partition,
    };
    let mut alive = || Ok(());
    let hearing = Hearing {
        alive: &mut alive,
        tell,
    };
    read_to_end(&clients, VALIDATION, &journal, hearing, &mut |message| {
        let entry = entry(&journal, message.offset(), message.payload())?;
        replaying.take(message.offset().unsigned_abs(), entry, publish)
    })?;
    replaying.activate_through(u64::MAX, publish)?;
    Ok(replaying.validation)
}

/// Fresh state begins where the journal did.
fn is_whole(clients: &Clients, journal: &Partition) -> Result<(), Fault> {
    let (low, _) = clients.ends(journal)?;
    if low == 0 {
        return Ok(());
    }
    Err(Fault::end(
        EndCode::Inconsistent,
        format!(
            "the journal {journal} begins at {low}: retention ate what was judged before, and what was \
             published cannot be made again without it. Restore those entries from a backup into a \
             topic of their own and name it as topics.journal"
        ),
    ))
}

struct Replaying {
    validation: Validation,
    partition: i32,
    history: History,
}

impl Replaying {
    fn take(
        &mut self,
        offset: u64,
        entry: Journalled,
        publish: &mut Publish<'_>,
    ) -> Result<(), Fault> {
        self.activate_through(offset, publish)?;
        let Some(Taken { entry, .. }) = Taken::of(entry) else {
            return Ok(());
        };
        let effects = self.validation.step(self.at(offset), entry);
        published_of(&effects, publish)
    }

    /// Applies every activation that holds before the entry at this position.
    fn activate_through(&mut self, offset: u64, publish: &mut Publish<'_>) -> Result<(), Fault> {
        while let Some(next) = self.history.next(offset) {
            for (force, activation) in next {
                self.refuse_what_others_judged(&force, &activation)?;
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

    /// What follows was made by other rules, and these would make something else of it.
    fn refuse_what_others_judged(
        &self,
        force: &ForceCode,
        activation: &Activation,
    ) -> Result<(), Fault> {
        let Activation {
            number,
            fingerprint,
            profile,
            from_position,
            ..
        } = activation;
        let own = self.validation.rules();
        if fingerprint == own.fingerprint() {
            return Ok(());
        }
        Err(Fault::end(
            EndCode::OldRuleSet,
            format!(
                "{force}: from position {from_position} on activation {number} judges by {fingerprint} \
                 (profile {profile}), and this program by {} (profile {}). What it published before is \
                 replayed; for the rest run the program and profile of that fingerprint",
                own.fingerprint(),
                own.library().profile().name
            ),
        ))
    }

    fn at(&self, offset: u64) -> Position {
        Position {
            partition: self.partition,
            offset,
        }
    }
}

fn published_of(effects: &[Effect], publish: &mut Publish<'_>) -> Result<(), Fault> {
    for effect in effects {
        if let Effect::Exception(exception) = effect {
            publish(&published::exception(exception)).map_err(|error| {
                Fault::end(
                    EndCode::Failed,
                    format!("cannot write what is replayed: {error}"),
                )
            })?;
        }
    }
    Ok(())
}
