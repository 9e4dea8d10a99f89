//! The clients of a worker and their settings. What the service rests on is set here and cannot be
//! overruled; connections, passwords and certificates are passed through as they are configured.
//! Start at [`Clients`].

use std::time::Duration;

use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, Consumer};

use super::fault::Fault;
use crate::config::serve::ServiceConfig;
use crate::domain::feed::Partition;

/// How long a broker may take to tell the ends of a partition.
const CALL_MAX: Duration = Duration::from_secs(10);
/// How long a record may take to be written: a leader that moves takes less.
const WRITTEN_WITHIN: Duration = Duration::from_secs(10);
/// How often a member gives a sign of life.
const HEARTBEAT: Duration = Duration::from_secs(2);

/// Makes the clients of one process.
#[derive(Clone)]
pub(super) struct Clients {
    base: ClientConfig,
    app: String,
    instance: String,
    session_timeout: Duration,
    transaction_timeout: Duration,
    message_bytes_max: String,
    principal: String,
}

fn millis(of: Duration) -> String {
    of.as_millis().to_string()
}

impl Clients {
    /// Clients for this configuration.
    pub(super) fn new(config: &ServiceConfig) -> Clients {
        let mut base = ClientConfig::new();
        base.set("client.id", format!("{}-{}", config.app, config.instance))
            // Both are a second at the most: a broker that is up for a moment is met.
            .set("reconnect.backoff.ms", "50")
            .set("reconnect.backoff.max.ms", "1000")
            .set_log_level(RDKafkaLogLevel::Info);
        for (name, value) in config.kafka.properties() {
            base.set(name, value);
        }
        Clients {
            base,
            app: config.app.clone(),
            instance: config.instance.clone(),
            session_timeout: config.kafka.session_timeout,
            transaction_timeout: config.kafka.transaction_timeout,
            principal: super::rights::principal(&config.kafka),
            message_bytes_max: config.topics.message_bytes_max.to_string(),
        }
    }

    /// As whom the brokers know this process.
    pub(super) fn principal(&self) -> &str {
        &self.principal
    }

    /// The name of a stage's consumer group.
    pub(super) fn group(&self, stage: &str) -> String {
        format!("{}-{stage}", self.app)
    }

    /// The transactional id of a stage's producer.
    pub(super) fn transactional_id(&self, stage: &str) -> String {
        format!("{}-{}-{stage}", self.app, self.instance)
    }

    /// The transactional producer of a stage. Its id is stable, so that a process that takes over ends
    /// the transaction of the one before.
    pub(super) fn producer(&self, stage: &str) -> ClientConfig {
        let mut config = self.base.clone();
        config
            .set("transactional.id", self.transactional_id(stage))
            // Bounds how long a dead instance holds up readers.
            .set("transaction.timeout.ms", millis(self.transaction_timeout))
            // A record that is not written in time fails before its transaction is ended by the broker.
            .set(
                "message.timeout.ms",
                millis(WRITTEN_WITHIN.min(self.transaction_timeout * 2 / 3)),
            )
            // The topics take as much; the library's own limit is below the largest record of a source.
            .set("message.max.bytes", &self.message_bytes_max)
            .set("acks", "all")
            .set("enable.idempotence", "true")
            .set("linger.ms", "5")
            .set("compression.type", "lz4")
            // The partition of a key is the one that other clients give it.
            .set("partitioner", "murmur2_random")
            .set("queue.buffering.max.kbytes", "262144");
        config
    }

    /// The consumer of a stage: a static member of its group, eager, with no offsets of its own.
    pub(super) fn consumer(&self, stage: &str) -> ClientConfig {
        let mut config = self.reader(stage);
        config
            .set("group.instance.id", format!("{}-{stage}", self.instance))
            .set("partition.assignment.strategy", "range")
            .set("session.timeout.ms", millis(self.session_timeout))
            // Three signs of life fit into a session.
            .set(
                "heartbeat.interval.ms",
                millis(HEARTBEAT.min(self.session_timeout / 3)),
            )
            // Above the longest step between two polls: working out what was kept of a large force.
            .set("max.poll.interval.ms", "300000")
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("statistics.interval.ms", "1000");
        config
    }

    /// A reader of committed records that joins no group. The library wants a group's name all the
    /// same; it is the stage's own, for which the rights are there.
    pub(super) fn reader(&self, stage: &str) -> ClientConfig {
        let mut config = self.base.clone();
        config
            .set("group.id", self.group(stage))
            .set("isolation.level", "read_committed")
            // Reading on anywhere but where one stopped is a person's decision.
            .set("auto.offset.reset", "error")
            .set("enable.partition.eof", "true")
            .set("check.crcs", "true")
            .set("allow.auto.create.topics", "false")
            .set("queued.min.messages", "10000")
            .set("queued.max.messages.kbytes", "16384")
            // Without it a full queue stops fetching for a second.
            .set("fetch.queue.backoff.ms", "5");
        config
    }

    /// The first offset that a partition still has, and the one after its last.
    pub(super) fn ends(&self, partition: &Partition) -> Result<(i64, i64), Fault> {
        let asked = self.asker().create().and_then(|asker: BaseConsumer| {
            asker.fetch_watermarks(&partition.topic, partition.number, CALL_MAX)
        });
        asked.map_err(|error| Fault::of("asking for the ends of a partition", &error))
    }

    /// A client that asks for ends of partitions as they are, open transactions included.
    pub(super) fn asker(&self) -> ClientConfig {
        let mut config = self.base.clone();
        config
            .set("isolation.level", "read_uncommitted")
            .set("allow.auto.create.topics", "false");
        config
    }
}
