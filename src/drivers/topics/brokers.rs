//! Asks the brokers which topics there are, and makes or changes those of ours. What the client says
//! to its log is kept, since the reason a broker cannot be reached stands there only.
//! Start at [`Brokers`].

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::admin::{
    AdminClient, AdminOptions, AlterConfig, ConfigSource, NewTopic, ResourceSpecifier,
    TopicReplication,
};
use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::KafkaError;
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseProducer, Producer, ProducerContext};
use thiserror::Error;
use tokio::runtime::{Builder, Runtime};

use super::{Difference, Found, Remedy, Wanted};
use crate::config::serve::KafkaConfig;

/// How long the brokers have for an answer.
const TIMEOUT: Duration = Duration::from_secs(15);
/// How much of what the client said is repeated.
const HEARD_MAX: usize = 3;

/// Why the brokers did not do what was asked.
#[derive(Debug, Error)]
pub enum CannotAsk {
    /// The client refuses its settings.
    #[error("the Kafka client refuses [kafka.librdkafka]: {0}")]
    Settings(KafkaError),
    /// No broker answered.
    #[error(
        "{asked}: {fault}{heard}; check kafka.bootstrap_servers ({servers}), the network, TLS and SASL"
    )]
    Unreachable {
        /// What was asked.
        asked: &'static str,
        /// What the client returned.
        fault: Box<KafkaError>,
        /// What the client said meanwhile.
        heard: String,
        /// Whom it asked.
        servers: String,
    },
    /// A broker answered and refused.
    #[error(
        "topic {topic}: the broker refuses to {asked}: {fault}; check the rights of this user and the limits of the brokers"
    )]
    Refused {
        /// The topic.
        topic: String,
        /// What was asked.
        asked: &'static str,
        /// Its reason.
        fault: String,
    },
    /// The runtime could not be made.
    #[error("cannot wait for the brokers: {0}")]
    Runtime(std::io::Error),
}

/// What a client said to its log: the latest of each kind.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<String>>>);

impl Heard {
    fn note(&self, said: String) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The same again differs in how long it took.
        let core = |said: &str| said.split(" (after ").next().unwrap_or_default().to_owned();
        let is_new = heard.iter().all(|other| core(other) != core(&said));
        if is_new && heard.len() < HEARD_MAX {
            heard.push(said);
        }
    }

    fn told(&self) -> String {
        let heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let told = heard
            .iter()
            .map(|said| format!("; the client says: {said}"));
        told.collect()
    }
}

impl ClientContext for Heard {
    fn log(&self, level: RDKafkaLogLevel, _facility: &str, message: &str) {
        if matches!(
            level,
            RDKafkaLogLevel::Emerg
                | RDKafkaLogLevel::Alert
                | RDKafkaLogLevel::Critical
                | RDKafkaLogLevel::Error
                | RDKafkaLogLevel::Warning
        ) {
            // What the client calls itself stands in front and says nothing.
            let said = message.rsplit_once("]: ").map_or(message, |(_, said)| said);
            self.note(said.to_owned());
        }
    }

    fn error(&self, _fault: KafkaError, reason: &str) {
        self.note(reason.to_owned());
    }
}

impl ProducerContext for Heard {
    type DeliveryOpaque = ();

    fn delivery(&self, _result: &DeliveryResult<'_>, _opaque: ()) {}
}

/// A connection to the brokers.
pub struct Brokers {
    /// Lists the topics. A client of its own, since the administrative one never tells why it fails.
    listing: BaseProducer<Heard>,
    admin: AdminClient<Heard>,
    timeout: Duration,
    heard: Heard,
    servers: String,
    runtime: Runtime,
}

impl Brokers {
    /// Prepares to ask; nothing is connected yet.
    pub fn new(config: &KafkaConfig) -> Result<Brokers, CannotAsk> {
        let heard = Heard::default();
        let mut client = ClientConfig::new();
        for (key, value) in config.properties() {
            client.set(key, value);
        }
        let listing = client
            .create_with_context(heard.clone())
            .map_err(CannotAsk::Settings)?;
        let admin = client
            .create_with_context(heard.clone())
            .map_err(CannotAsk::Settings)?;
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(CannotAsk::Runtime)?;
        let servers = config.bootstrap_servers.clone();
        Ok(Brokers {
            listing,
            admin,
            timeout: TIMEOUT,
            heard,
            servers,
            runtime,
        })
    }

    /// Every topic there is; settings of those named only.
    pub fn found(&self, named: &[Wanted]) -> Result<BTreeMap<String, Found>, CannotAsk> {
        // All topics, since to ask for one by its name could make it.
        let listed = self.listing.client().fetch_metadata(None, self.timeout);
        let metadata = listed.map_err(|fault| {
            // Each turn hears one thing the client has to say.
            for _ in 0..HEARD_MAX {
                self.listing.poll(Duration::ZERO);
            }
            self.unreachable("cannot list the topics", fault)
        })?;
        let mut found: BTreeMap<String, Found> = BTreeMap::new();
        for topic in metadata.topics() {
            let copies = topic
                .partitions()
                .iter()
                .map(|one| one.replicas().len())
                .min();
            let entry = found.entry(topic.name().to_owned()).or_default();
            entry.partitions = i32::try_from(topic.partitions().len()).unwrap_or(i32::MAX);
            entry.replication = i32::try_from(copies.unwrap_or(0)).unwrap_or(i32::MAX);
        }
        let own = named.iter().filter(|wanted| !wanted.settings.is_empty());
        let own: Vec<&str> = own.map(|wanted| wanted.name.as_str()).collect();
        for name in own
            .into_iter()
            .filter(|name| found.contains_key(*name))
            .collect::<Vec<_>>()
        {
            let settings = self.settings(name, |_| true)?;
            if let Some(topic) = found.get_mut(name) {
                topic.settings = settings;
            }
        }
        Ok(found)
    }

    /// Makes what is missing of ours and changes what may be changed. Gives what it did, in words.
    pub fn apply(&self, wanted: &[Wanted], plan: &[Difference]) -> Result<Vec<String>, CannotAsk> {
        let mut done = Vec::new();
        for wanted in wanted {
            let of_it = || {
                plan.iter()
                    .filter(|difference| difference.topic == wanted.name)
            };
            if of_it().any(|difference| difference.remedy == Remedy::Make) {
                self.make(wanted)?;
                done.push(format!(
                    "made {} with {} partitions",
                    wanted.name, wanted.partitions
                ));
                continue;
            }
            let changed: Vec<&str> = of_it()
                .filter(|difference| difference.remedy == Remedy::Change)
                .map(|difference| difference.what.as_str())
                .collect();
            if !changed.is_empty() {
                self.change(wanted, &changed)?;
                done.push(format!("changed {} of {}", changed.join(", "), wanted.name));
            }
        }
        Ok(done)
    }

    fn make(&self, wanted: &Wanted) -> Result<(), CannotAsk> {
        let copies = TopicReplication::Fixed(wanted.replication.unwrap_or(-1));
        let mut topic = NewTopic::new(&wanted.name, wanted.partitions, copies);
        for setting in &wanted.settings {
            topic = topic.set(setting.key, &setting.value);
        }
        let made = self
            .runtime
            .block_on(self.admin.create_topics([&topic], &options()));
        let made = made.map_err(|fault| self.unreachable("cannot make topics", fault))?;
        let refused = made.into_iter().find_map(Result::err);
        refused.map_or(Ok(()), |(topic, code)| {
            Err(CannotAsk::Refused {
                topic,
                asked: "make it",
                fault: code.to_string(),
            })
        })
    }

    fn change(&self, wanted: &Wanted, changed: &[&str]) -> Result<(), CannotAsk> {
        // The request says all that was ever set on the topic; what it leaves out would be unset.
        let mut settings =
            self.settings(&wanted.name, |from| *from == ConfigSource::DynamicTopic)?;
        let ours = wanted
            .settings
            .iter()
            .filter(|setting| changed.contains(&setting.key));
        settings.extend(ours.map(|setting| (setting.key.to_owned(), setting.value.clone())));
        let mut request = AlterConfig::new(ResourceSpecifier::Topic(&wanted.name));
        for (key, value) in &settings {
            request = request.set(key, value);
        }
        let altered = self
            .runtime
            .block_on(self.admin.alter_configs([&request], &options()));
        let altered = altered.map_err(|fault| self.unreachable("cannot change topics", fault))?;
        let refused = altered.into_iter().find_map(Result::err);
        refused.map_or(Ok(()), |(_, code)| {
            let topic = wanted.name.clone();
            Err(CannotAsk::Refused {
                topic,
                asked: "change it",
                fault: code.to_string(),
            })
        })
    }

    fn settings(
        &self,
        topic: &str,
        is_wanted: impl Fn(&ConfigSource) -> bool,
    ) -> Result<BTreeMap<String, String>, CannotAsk> {
        let asked = [ResourceSpecifier::Topic(topic)];
        let answer = self
            .runtime
            .block_on(self.admin.describe_configs(&asked, &options()));
        let answer = answer.map_err(|fault| self.unreachable("cannot read topics", fault))?;
        let mut settings = BTreeMap::new();
        for resource in answer {
            let refused = |fault| CannotAsk::Refused {
                topic: topic.to_owned(),
                asked: "show its settings (DESCRIBE_CONFIGS)",
                fault,
            };
            let resource = resource.map_err(|code| refused(code.to_string()))?;
            if resource.entries.is_empty() {
                // The binding leaves out why; every topic has settings.
                return Err(refused("they are not shown".to_owned()));
            }
            let entries = resource.entries.into_iter();
            let wanted = entries.filter(|entry| is_wanted(&entry.source));
            settings.extend(wanted.filter_map(|entry| Some((entry.name, entry.value?))));
        }
        Ok(settings)
    }

    fn unreachable(&self, asked: &'static str, fault: KafkaError) -> CannotAsk {
        CannotAsk::Unreachable {
            asked,
            fault: Box::new(fault),
            heard: self.heard.told(),
            servers: self.servers.clone(),
        }
    }
}

fn options() -> AdminOptions {
    AdminOptions::new()
        .request_timeout(Some(TIMEOUT))
        .operation_timeout(Some(TIMEOUT))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_broker_that_does_not_answer_is_told_with_what_the_client_heard() {
        let taken = TcpListener::bind("127.0.0.1:0").expect("ports are free");
        let address = taken.local_addr().expect("it listens").to_string();
        drop(taken);
        let config = KafkaConfig {
            bootstrap_servers: address.clone(),
            session_timeout: TIMEOUT,
            transaction_timeout: TIMEOUT,
            librdkafka: BTreeMap::new(),
            secrets: BTreeMap::new(),
        };
        let mut brokers = Brokers::new(&config).expect("the settings are sound");
        brokers.timeout = Duration::from_secs(2);
        let told = brokers.found(&[]).expect_err("nobody listens").to_string();
        assert!(told.contains(&address), "{told}");
        assert!(told.contains("Connection refused"), "{told}");
    }

    #[test]
    fn a_setting_that_the_client_does_not_know_is_told() {
        let config = KafkaConfig {
            bootstrap_servers: "localhost:9092".to_owned(),
            session_timeout: TIMEOUT,
            transaction_timeout: TIMEOUT,
            librdkafka: BTreeMap::from([("no.such.setting".to_owned(), "1".to_owned())]),
            secrets: BTreeMap::new(),
        };
        let told = Brokers::new(&config)
            .err()
            .expect("it is refused")
            .to_string();
        assert!(told.contains("no.such.setting"), "{told}");
    }
}
