//! The intake stage: every record of the source topics once, whole, into its force's partition of the
//! journal, or set aside with a reason; and the proofs of feeds that send no heartbeats. Keeps
//! nothing: a record is told apart by where it stood. Start at [`Intake::take`].

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::client::Clients;
use super::declared::Declared;
use super::decoding::Decoding;
use super::fault::Fault;
use super::outbox::{Out, Outbox};
use super::proofs::{Proofs, Proved};
use super::stage::{INTAKE, Idle, Input, Stage};
use super::telling::Telling;
use super::topology::TopologyWatch;
use crate::config::serve::ServiceConfig;
use crate::domain::feed::Partition;
use crate::domain::journal::{Journalled, SetAside, SourcePosition, Tells};
use crate::domain::refusal::code_or_class;
use crate::domain::{Glimpse, Instant, Problem, Reason, Refusal};
use crate::drivers::clock;
use crate::intake::{self, pseudonyms::Pseudonyms};
use crate::validation::RuleSet;
use crate::wire::journal;
use crate::wire::json::Decoded;
use crate::wire::published::{Quarantined, write_headers};

/// The stage that takes in.
pub(super) struct Intake {
    config: Arc<ServiceConfig>,
    rules: Arc<RuleSet>,
    declared: Declared,
    decoding: Decoding,
    pseudonyms: Option<Pseudonyms>,
    owned: Vec<Partition>,
    proofs: Proofs,
    topology: TopologyWatch,
    telling: Telling,
    group: String,
}

/// Why and where a record is set aside.
struct Refused<'a> {
    stage: &'static str,
    refusal: Refusal,
    input: &'a Input<'a>,
    arrival: Instant,
}

impl Intake {
    /// A stage that owns nothing yet.
    pub(super) fn new(
        config: Arc<ServiceConfig>,
        rules: Arc<RuleSet>,
        clients: &Clients,
        telling: Telling,
        stop: Arc<AtomicBool>,
    ) -> Result<Intake, Fault> {
        let declared = Declared::of(&config);
        let keyed = config.intake.pseudonyms.as_ref();
        let pseudonyms =
            keyed.map(|keyed| Pseudonyms::new(&keyed.key_id, keyed.key.expose().as_bytes()));
        Ok(Intake {
            owned: Vec::new(),
            proofs: Proofs::new(&declared, clients, config.intake.proof_every)?,
            topology: TopologyWatch::new(&config, clients)?,
            declared,
            decoding: Decoding::new(Arc::clone(&config), telling.clone(), stop)?,
            pseudonyms,
            group: clients.group(INTAKE),
            config,
            rules,
            telling,
        })
    }

    /// Whether a record may be sent from where it was sent, beyond what its form says.
    fn admit(&self, decoded: &Decoded, input: &Input<'_>, arrival: Instant) -> Result<(), Refusal> {
        let head = decoded.record.head();
        let known = self.rules.library().force(head.force.as_str()).is_some();
        let Some(force) = self.declared.force(&head.force) else {
            let found = code_or_class(head.force.as_str());
            let expected = if known {
                "a force that the configuration declares"
            } else {
                "a code of the forces table"
            };
            let problem = Problem::of(Reason::UnknownForce, "force", expected, found);
            return Err(Refusal::one(
                Reason::UnknownForce,
                problem,
                Glimpse::from(head),
            ));
        };
        intake::admit(&decoded.record, arrival, &force.feeds, known)?;
        let feed = force.feeds.named(&head.source);
        if feed.is_some_and(|feed| !feed.partitions.contains(&input.partition)) {
            // Its feed is not proved through this partition: it could come after its own promise.
            let problem = Problem::of(
                Reason::UnknownFeed,
                "source",
                "a feed that declares this topic",
                code_or_class(head.source.as_str()),
            );
            return Err(Refusal::one(
                Reason::UnknownFeed,
                problem,
                Glimpse::from(head),
            ));
        }
        Ok(())
    }

    fn journal(&self, entry: &Journalled, key: &[u8], outbox: &mut Outbox) -> Result<(), Fault> {
        let Some(force) = self.declared.force(&entry.force) else {
            return Ok(());
        };
        outbox.send(Out {
            topic: &self.config.topics.journal.name,
            partition: Some(force.partition),
            key,
            value: Some(&journal::write(entry)),
            headers: None,
        })
    }

    fn set_aside(&mut self, refused: &Refused<'_>, outbox: &mut Outbox) -> Result<(), Fault> {
        let Refused {
            stage,
            refusal,
            input,
            arrival,
        } = refused;
        self.telling.set_aside(refusal.reason);
        tracing::warn!(topic = %input.partition.topic, partition = input.partition.number,
            offset = input.offset, %refusal, "a record is set aside");
        let from = SourcePosition {
            partition: input.partition.clone(),
            offset: input.offset,
        };
        let quarantined = Quarantined {
            from: from.clone(),
            stage: (*stage).to_owned(),
            refusal: refusal.clone(),
        };
        let headers = write_headers(&input.headers, &quarantined);
        outbox.send(Out {
            topic: &self.config.topics.quarantine.name,
            partition: None,
            key: input.key.unwrap_or_default(),
            value: input.value,
            headers: Some(super::owned_headers(&headers)),
        })?;
        let mut counts = true;
        for (force, feeds) in self
            .declared
            .suspects(&refusal.head, &input.partition.topic)
        {
            let entry = Journalled {
                force,
                arrival: *arrival,
                from: Some(from.clone()),
                tells: Tells::SetAside(SetAside {
                    feeds,
                    reference: refusal.head.reference.clone(),
                    version: refusal.head.version,
                    reason: refusal.reason,
                    counts: std::mem::take(&mut counts),
                }),
            };
            self.journal(&entry, &[], outbox)?;
        }
        Ok(())
    }

    fn prove(&mut self, idle: &Idle<'_>, outbox: &mut Outbox) -> Result<(), Fault> {
        let Some(now) = outbox.broker_clock() else {
            // The broker's clock is learnt from a first record that is written.
            let first = self.proofs.nothing();
            return first.map_or(Ok(()), |first| self.tell(first, clock::now(), outbox));
        };
        for proved in self.proofs.turn(now, idle)? {
            self.tell(proved, now, outbox)?;
            self.telling.proved();
        }
        Ok(())
    }

    fn tell(&self, proved: Proved, arrival: Instant, outbox: &mut Outbox) -> Result<(), Fault> {
        let entry = Journalled {
            force: proved.force,
            arrival,
            from: None,
            tells: Tells::Proof(proved.proof),
        };
        self.journal(&entry, &[], outbox)
    }
}

impl Stage for Intake {
    const NAME: &'static str = INTAKE;

    fn reads(&self) -> Vec<String> {
        self.topology.topics()
    }

    fn writes(&self) -> &str {
        &self.config.topics.journal.name
    }

    fn take_over(
        &mut self,
        partitions: &[Partition],
        committed: &BTreeMap<Partition, i64>,
        alive: &mut dyn FnMut() -> Result<(), Fault>,
    ) -> Result<BTreeMap<Partition, i64>, Fault> {
        self.topology.check()?;
        self.owned = partitions.to_vec();
        self.proofs.own(partitions);
        self.proofs.learn(alive)?;
        let mut starts = BTreeMap::new();
        for partition in partitions {
            let start = match committed.get(partition) {
                Some(next) => self.topology.read_on(partition, *next, &self.group)?,
                None => self.topology.first_start(partition)?,
            };
            starts.insert(partition.clone(), start);
        }
        Ok(starts)
    }

    fn let_go(&mut self) {
        self.proofs.own(&[]);
        self.telling.let_go_of(&std::mem::take(&mut self.owned));
    }

    fn take(&mut self, input: &Input<'_>, outbox: &mut Outbox) -> Result<(), Fault> {
        let arrival = input
            .appended_at
            .or_else(|| outbox.broker_clock())
            .unwrap_or_else(clock::now);
        self.proofs.heard(&input.partition, arrival);
        let mut decoded = match self.decoding.decode(input, arrival)? {
            Ok(decoded) => decoded,
            Err(refusal) => {
                let stage = "read";
                let refused = Refused {
                    stage,
                    refusal,
                    input,
                    arrival,
                };
                return self.set_aside(&refused, outbox);
            }
        };
        if let Err(refusal) = self.admit(&decoded, input, arrival) {
            let stage = "form";
            let refused = Refused {
                stage,
                refusal,
                input,
                arrival,
            };
            return self.set_aside(&refused, outbox);
        }
        if let Some(pseudonyms) = &self.pseudonyms {
            pseudonyms.put(&mut decoded.record);
        }
        self.telling.took_in(&decoded);
        let head = decoded.record.head();
        let (force, key) = (
            head.force.clone(),
            head.reference.as_str().as_bytes().to_vec(),
        );
        let from = SourcePosition {
            partition: input.partition.clone(),
            offset: input.offset,
        };
        let entry = Journalled {
            force,
            arrival,
            from: Some(from),
            tells: Tells::Record(decoded.record),
        };
        self.journal(&entry, &key, outbox)
    }

    fn go_on(&mut self, idle: &Idle<'_>, outbox: &mut Outbox) -> Result<bool, Fault> {
        self.topology.turn()?;
        self.prove(idle, outbox)?;
        for (partition, read_to) in idle.read_to {
            let next = idle.positions.get(partition).copied();
            self.telling.lag(Self::NAME, partition, next, *read_to);
        }
        Ok(false)
    }

    fn close(&mut self, _: &BTreeMap<Partition, i64>, _: &mut Outbox) -> Result<(), Fault> {
        Ok(())
    }

    fn committed(&mut self, positions: &BTreeMap<Partition, i64>) {
        self.telling.intake_committed(positions);
    }
}
