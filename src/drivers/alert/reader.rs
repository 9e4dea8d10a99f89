//! Clients that read, and what has to be right before they do: somebody answers, the topics are there.
//! Start at [`preflight`].

use std::time::{Duration, Instant as Ticks};

use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};

use crate::config::serve::alert::AlertConfig;
use crate::drivers::kafka::{EndCode, Fault, Heard, Listening};

/// How long a request to a broker may take.
pub(super) const CALL_MAX: Duration = Duration::from_secs(10);
/// How long a broker is waited for at the start: the unit starts the process again anyway.
const ANSWER_MAX: Duration = Duration::from_secs(20);

/// A client that reads what is committed, under this group's name.
pub(super) fn reader(config: &AlertConfig, group: &str) -> ClientConfig {
    let mut client = ClientConfig::new();
    client
        .set("client.id", format!("{}-{}", config.group, config.instance))
        .set("reconnect.backoff.ms", "50")
        .set("reconnect.backoff.max.ms", "1000")
        .set_log_level(RDKafkaLogLevel::Info);
    for (name, value) in config.kafka.properties() {
        client.set(name, value);
    }
    client
        .set("group.id", group)
        .set("isolation.level", "read_committed")
        .set("auto.offset.reset", "error")
        .set("enable.partition.eof", "true")
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("check.crcs", "true")
        .set("allow.auto.create.topics", "false")
        .set("queued.max.messages.kbytes", "16384")
        .set("fetch.queue.backoff.ms", "5");
    client
}

/// The same as a static member of its group: a restart moves no partition.
pub(super) fn member(config: &AlertConfig, group: &str) -> ClientConfig {
    let session = config.kafka.session_timeout;
    let mut client = reader(config, group);
    client
        .set("group.instance.id", &config.instance)
        .set("partition.assignment.strategy", "range")
        .set("session.timeout.ms", session.as_millis().to_string())
        .set(
            "heartbeat.interval.ms",
            (session / 6).as_millis().to_string(),
        )
        .set("max.poll.interval.ms", "300000");
    client
}

/// What is done when a right is missing: who, what, and the rights to it.
pub(super) fn reading(config: &AlertConfig, topic: &str, group: &str) -> String {
    let user = user(config);
    format!("reading the topic {topic} in the group {group} as {user} (READ on both)")
}

/// Whom the brokers know this process as.
fn user(config: &AlertConfig) -> String {
    let name = config.kafka.librdkafka.get("sasl.username");
    name.map_or_else(|| "this user".to_owned(), |name| format!("the user {name}"))
}

/// Opens a client, which hears what no call tells.
pub(super) fn open(client: &ClientConfig, heard: &Heard) -> Result<BaseConsumer<Listening>, Fault> {
    let made = client.create_with_context(Listening::new(heard.clone()));
    made.map_err(|error: KafkaError| {
        let says = format!("the client cannot be set up: {error}; check [kafka.librdkafka]");
        Fault::end(EndCode::Setup, says)
    })
}

/// The partitions of a topic, or why there are none.
pub(super) fn partitions(
    config: &AlertConfig,
    consumer: &BaseConsumer<Listening>,
    topic: &str,
) -> Result<Vec<i32>, Fault> {
    let asked = consumer.fetch_metadata(Some(topic), CALL_MAX);
    let asked = asked.map_err(|error| Fault::of("asking for a topic", &error))?;
    let found = asked.topics().iter().find(|found| found.name() == topic);
    let numbers: Vec<i32> = found.map_or_else(Vec::new, |found| {
        found.partitions().iter().map(|one| one.id()).collect()
    });
    if numbers.is_empty() {
        return Err(Fault::again(
            "topic_unknown",
            format!(
                "there is no topic `{topic}` that {} may read (READ on it)",
                user(config)
            ),
        ));
    }
    Ok(numbers)
}

/// An error of a poll that passes by itself is nothing; the others end the life.
pub(super) fn passing(doing: &str, error: &KafkaError) -> Result<(), Fault> {
    match error.rdkafka_error_code() {
        Some(
            Code::BrokerTransportFailure
            | Code::AllBrokersDown
            | Code::Resolve
            | Code::OperationTimedOut
            | Code::Authentication
            | Code::SSL,
        ) => Ok(()),
        _ => Err(Fault::of(doing, error)),
    }
}

/// Ends the start where no broker answers or one of these topics is not there.
pub(super) fn preflight(config: &AlertConfig, topics: &[&str]) -> Result<(), Fault> {
    let heard = Heard::default();
    let asker = open(&reader(config, &config.group), &heard)?;
    let began = Ticks::now();
    loop {
        // Serves the callbacks, through which refusals are heard.
        let _ = asker.poll(Duration::from_millis(10));
        heard.refusal()?;
        match asker.fetch_metadata(None, Duration::from_secs(2)) {
            Ok(_) => break,
            Err(error) if began.elapsed() > ANSWER_MAX => {
                let last = heard.connection().unwrap_or_else(|| error.to_string());
                let says = format!(
                    "no broker answers at {} for {} s: {last}; check kafka.bootstrap_servers, \
                     security.protocol in [kafka.librdkafka], the network and that the brokers run",
                    config.kafka.bootstrap_servers,
                    ANSWER_MAX.as_secs()
                );
                return Err(Fault::end(EndCode::Failed, says));
            }
            Err(_) => {}
        }
    }
    for topic in topics {
        if let Err(Fault::Again(again)) = partitions(config, &asker, topic) {
            let says = format!(
                "{}; check [topics], or `truecount topics apply`",
                again.detail
            );
            return Err(Fault::end(EndCode::Setup, says));
        }
    }
    Ok(())
}
