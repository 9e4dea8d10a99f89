//! The rights to topics that the stages of this process need, held against what the brokers grant
//! before anything is read: a right that is missing would else be noticed when it is needed first,
//! perhaps in a year. Groups and transactional ids are noticed at once by joining them. Start at
//! [`missing`].

use std::collections::BTreeMap;

use super::authorized::May;
use crate::config::serve::{KafkaConfig, ServiceConfig};
use crate::drivers::topics::Found;

/// One right to a topic.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Needed<'a> {
    topic: &'a str,
    to_write: bool,
    because: &'static str,
}

/// Every right that is needed and not granted, in words.
pub(super) fn missing(config: &ServiceConfig, granted: &BTreeMap<String, May>) -> Vec<String> {
    needed(config)
        .iter()
        .filter_map(|needed| {
            let may = granted.get(needed.topic)?;
            let has = if needed.to_write { may.write } else { may.read };
            (!has).then(|| needed.told())
        })
        .collect()
}

/// Every right to topics that were not found: the brokers hide what somebody has no right to.
pub(super) fn to_hidden(config: &ServiceConfig, found: &BTreeMap<String, Found>) -> Vec<String> {
    let needed = needed(config).into_iter();
    let hidden = needed.filter(|needed| !found.contains_key(needed.topic));
    hidden.map(|needed| needed.told()).collect()
}

impl Needed<'_> {
    fn told(&self) -> String {
        let operation = if self.to_write { "WRITE" } else { "READ" };
        format!("{operation} on the topic {}: {}", self.topic, self.because)
    }
}

fn needed(config: &ServiceConfig) -> Vec<Needed<'_>> {
    let topics = &config.topics;
    let mut needed = Vec::new();
    let mut need = |topic, to_write, because| {
        needed.push(Needed {
            topic,
            to_write,
            because,
        });
    };
    if config.stages.intake {
        for source in &config.sources {
            for topic in &source.topics {
                need(topic, false, "intake reads every source");
            }
        }
        need(&topics.journal.name, true, "intake writes what it took in");
        need(
            &topics.quarantine.name,
            true,
            "intake sets aside what cannot be read",
        );
    }
    if config.stages.validation {
        let journal = topics.journal.name.as_str();
        need(journal, false, "validation judges from the journal");
        need(journal, true, "validation writes activations");
        let state = topics.state.name.as_str();
        need(state, false, "validation restores what was kept");
        need(state, true, "validation keeps what it knows");
        let published = [
            &topics.exceptions.name,
            &topics.exceptions_current.name,
            &topics.measures.name,
        ];
        for topic in published {
            need(topic, true, "validation publishes");
        }
        need(
            &topics.quarantine.name,
            true,
            "validation sets aside what contradicts itself",
        );
    }
    needed
}

/// As whom the brokers know this process, as far as the configuration tells.
pub(super) fn principal(kafka: &KafkaConfig) -> String {
    let property = |name: &str| {
        let mut all = kafka.properties();
        all.find(|(own, _)| *own == name)
            .map(|(_, value)| value.to_owned())
    };
    match (
        property("sasl.username"),
        property("ssl.certificate.location"),
    ) {
        (Some(user), _) => format!("User:{user}"),
        (None, Some(file)) => format!("the subject of the certificate {file}"),
        (None, None) => "User:ANONYMOUS".to_owned(),
    }
}
