//! What intake reads, held against what the broker has: a topic that is not there, another number of
//! partitions, a topic that a pattern matches and nobody declared. Proofs rest on the declared
//! partitions, so none of these may pass in silence. Start at [`Topology::compare`].

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant as Ticks};

use rdkafka::consumer::{BaseConsumer, Consumer};

use super::client::Clients;
use super::fault::{EndCode, Fault};
use crate::config::serve::{FirstStart, Pattern, ServiceConfig};
use crate::domain::feed::Partition;

/// Which topics have how many partitions, as the broker tells.
pub(super) type Found = BTreeMap<String, i32>;

/// The topics that are declared as sources.
#[derive(Clone, Debug)]
pub(super) struct Topology {
    declared: BTreeMap<String, i32>,
}

impl Topology {
    /// What the configuration declares.
    pub(super) fn of(config: &ServiceConfig) -> Topology {
        let mut declared = BTreeMap::new();
        for source in &config.sources {
            for topic in &source.topics {
                declared.insert(topic.clone(), source.partitions);
            }
        }
        Topology { declared }
    }

    /// Everything in which the broker differs from what is declared, in words that say what to do.
    pub(super) fn compare(&self, found: &Found, matched: &BTreeSet<String>) -> Vec<String> {
        let mut differences = Vec::new();
        for (topic, declared) in &self.declared {
            match found.get(topic) {
                None => differences.push(format!(
                    "the source topic {topic} is not there (or may not be described); create it, \
                     grant DESCRIBE and READ on it, or take it out of [[source]]"
                )),
                Some(partitions) if partitions != declared => differences.push(format!(
                    "the source topic {topic} has {partitions} partitions and is declared with \
                     {declared}: deadlines rest on every declared partition. Let its producers write \
                     heartbeats to all of them, then set partitions = {partitions} in its [[source]] \
                     and start again"
                )),
                Some(_) => {}
            }
        }
        for topic in matched {
            if !self.declared.contains_key(topic) {
                differences.push(format!(
                    "the topic {topic} matches the pattern of a [[source]] and is not declared: add it \
                     to `topics` of that [[source]] and to its feed, or narrow the pattern, and start \
                     again"
                ));
            }
        }
        differences
    }
}

/// How long the broker may take to describe its topics.
const CALL_MAX: Duration = Duration::from_secs(5);

/// Holds the declared topics against the broker's now and then.
pub(super) struct TopologyWatch {
    topology: Topology,
    patterns: Vec<Pattern>,
    first_start: FirstStart,
    asker: BaseConsumer,
    every: Duration,
    checked: Ticks,
}

impl TopologyWatch {
    /// A watch over what the configuration declares.
    pub(super) fn new(config: &ServiceConfig, clients: &Clients) -> Result<TopologyWatch, Fault> {
        let asker = clients
            .asker()
            .create()
            .map_err(|error| Fault::of("opening the client that describes topics", &error))?;
        Ok(TopologyWatch {
            topology: Topology::of(config),
            patterns: config
                .sources
                .iter()
                .filter_map(|source| source.pattern.clone())
                .collect(),
            first_start: config.intake.first_start,
            asker,
            every: config.intake.check_topics_every,
            checked: Ticks::now(),
        })
    }

    /// The declared topics.
    pub(super) fn topics(&self) -> Vec<String> {
        self.topology.declared.keys().cloned().collect()
    }

    /// Checks if it is time to.
    pub(super) fn turn(&mut self) -> Result<(), Fault> {
        if self.checked.elapsed() < self.every {
            return Ok(());
        }
        self.check()
    }

    /// Ends the process where the broker differs from what is declared.
    pub(super) fn check(&mut self) -> Result<(), Fault> {
        self.checked = Ticks::now();
        let Ok(metadata) = self.asker.fetch_metadata(None, CALL_MAX) else {
            // A broker that does not answer is not another topology.
            return Ok(());
        };
        let found: Found = metadata
            .topics()
            .iter()
            .map(|topic| {
                let partitions = i32::try_from(topic.partitions().len()).unwrap_or(i32::MAX);
                (topic.name().to_owned(), partitions)
            })
            .filter(|(_, partitions)| *partitions > 0)
            .collect();
        let matched = found
            .keys()
            .filter(|topic| self.patterns.iter().any(|pattern| pattern.is_match(topic)))
            .cloned()
            .collect();
        let differences = self.topology.compare(&found, &matched);
        if differences.is_empty() {
            return Ok(());
        }
        Err(Fault::end(EndCode::Setup, differences.join("\n")))
    }

    /// Where to read on in a partition that was read up to here; ends where the topic no longer has it.
    pub(super) fn read_on(
        &self,
        partition: &Partition,
        next: i64,
        group: &str,
    ) -> Result<i64, Fault> {
        let (low, high) = self.ends(partition)?;
        if (low..=high).contains(&next) {
            return Ok(next);
        }
        let why = if next < low {
            "retention ate records that were not read"
        } else {
            "the topic was made anew or cut off"
        };
        Err(Fault::end(
            EndCode::Inconsistent,
            format!(
                "{partition} holds records from {low} to {high}, and {next} has to be read next: {why}. \
                 Nothing was skipped and nothing judged on it. Have its owner send again what is missing \
                 and raise the retention; then set the offset of the group {group} on it to where to \
                 read on, while the service is stopped (records that were read before do no harm)"
            ),
        ))
    }

    fn ends(&self, partition: &Partition) -> Result<(i64, i64), Fault> {
        let (topic, number) = (&partition.topic, partition.number);
        let ends = self.asker.fetch_watermarks(topic, number, CALL_MAX);
        ends.map_err(|error| Fault::of("asking where a source begins and ends", &error))
    }

    /// Where to begin on a partition that the group has never read.
    pub(super) fn first_start(&self, partition: &Partition) -> Result<i64, Fault> {
        let (low, high) = self.ends(partition)?;
        match self.first_start {
            FirstStart::Beginning => Ok(low),
            FirstStart::End => Ok(high),
            FirstStart::Refuse => Err(Fault::end(
                EndCode::Setup,
                format!(
                    "{partition} was never read by this service, or the broker has forgotten how far: \
                     its records stand at {low} to {high}. Say in intake.first_start where to begin: \
                     \"beginning\" (records that were read before are duplicates and do no harm) or \"end\""
                ),
            )),
        }
    }
}
