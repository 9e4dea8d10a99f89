//! What a service is to do, said once: the topics of its sources, its configuration, what the foreign
//! producer is told. Start at [`Plan::generated`].

use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};

use crate::foreign::client;
use crate::readers::wait_until_committed;
use crate::rig::{Access, unique};

/// What a service is to do: which forces, from which topics. Every name is its own, so that tests can
/// share a broker.
#[derive(Clone)]
pub(crate) struct Plan {
    pub(crate) access: Access,
    /// The beginning of every name that the service makes.
    pub(crate) app: String,
    pub(crate) forces: Vec<Force>,
    /// The journal, where it is not its own.
    pub(crate) journal: Option<String>,
    pub(crate) journal_partitions: i32,
    pub(crate) output_partitions: i32,
    pub(crate) profile: String,
    /// The schema registry, where a topic holds Avro.
    pub(crate) registry: Option<String>,
    /// The least level of its log.
    pub(crate) level: &'static str,
    /// Lines for the end of a table of the configuration, by its name.
    pub(crate) more: Vec<(String, String)>,
}

/// A force and its feeds.
#[derive(Clone)]
pub(crate) struct Force {
    pub(crate) code: String,
    pub(crate) feeds: Vec<Feed>,
}

/// A feed and its topics.
#[derive(Clone)]
pub(crate) struct Feed {
    pub(crate) name: String,
    pub(crate) topics: Vec<Topic>,
    /// The rest of its table: what it owns, since when, on whose word.
    pub(crate) lines: String,
}

/// A topic of a source.
#[derive(Clone)]
pub(crate) struct Topic {
    pub(crate) name: String,
    pub(crate) partitions: i32,
    /// As `produce.py` writes it: json, avro, avro-id-header, avro-guid-header.
    pub(crate) encoding: String,
}

/// The feeds of a generated force: each name, what it owns, and its promise if it sends no heartbeats.
const GENERATED: [(&str, &str); 4] = [
    (
        "cad",
        r#"owns = ["log", "disclosures", "triage", "response", "closure", "links"]"#,
    ),
    (
        "rms",
        r#"owns = ["core", "origin", "classification", "victims", "suspects", "outcomes", "cancellation", "investigation", "risk"]"#,
    ),
    ("victim-hub", r#"owns = ["victim_care"]"#),
    (
        "desk",
        "publication_lag_minutes = 60\nexpected_every_minutes = 1440",
    ),
];

impl Plan {
    /// A service over forces with the feeds that `truecount generate` makes, each feed in so many
    /// topics of so many partitions.
    pub(crate) fn generated(
        access: &Access,
        forces: &[&str],
        covers_from: &str,
        topics: usize,
        partitions: i32,
        encoding: &str,
    ) -> Plan {
        let app = unique("truecount");
        let topic = |force: &str, feed: &str, number: usize| Topic {
            name: format!("{app}.{force}.{feed}.{number}"),
            partitions,
            encoding: encoding.to_owned(),
        };
        let feed = |force: &str, (name, own): (&str, &str)| {
            let covers = if own.starts_with("owns") {
                format!("\ncovers_from = \"{covers_from}\"")
            } else {
                String::new()
            };
            Feed {
                name: name.to_owned(),
                topics: (0..topics).map(|at| topic(force, name, at)).collect(),
                lines: format!("{own}{covers}"),
            }
        };
        let forces = forces.iter().map(|code| Force {
            code: (*code).to_owned(),
            feeds: GENERATED.map(|one| feed(code, one)).to_vec(),
        });
        Plan {
            access: access.clone(),
            forces: forces.collect(),
            app,
            journal: None,
            journal_partitions: 3,
            output_partitions: 2,
            profile: "national".to_owned(),
            registry: None,
            level: "debug",
            more: Vec::new(),
        }
    }

    /// The name of a topic that the service writes.
    pub(crate) fn output(&self, name: &str) -> String {
        format!("{}.{name}", self.app)
    }

    /// The consumer group of a stage.
    pub(crate) fn group(&self, stage: &str) -> String {
        format!("{}-{stage}", self.app)
    }

    /// Waits until what stands in the sources has been read and judged. Proofs may go on coming: a
    /// feed without heartbeats is proved again and again.
    pub(crate) fn wait_until_judged(&self) {
        for topic in self.sources() {
            wait_until_committed(&self.access, &self.group("intake"), &topic.name, 0);
        }
        self.wait_until_journal_judged();
    }

    /// Waits until what stands in the journal has been judged.
    pub(crate) fn wait_until_journal_judged(&self) {
        // Behind the last entry stands the marker of its transaction, which nobody reads.
        let journal = self.journal();
        wait_until_committed(&self.access, &self.group("validation"), &journal, 1);
    }

    /// The name of the journal.
    pub(crate) fn journal(&self) -> String {
        let own = || self.output("case-events");
        self.journal.clone().unwrap_or_else(own)
    }

    /// The topics of the sources, each once.
    pub(crate) fn sources(&self) -> Vec<Topic> {
        let mut topics: Vec<Topic> = self
            .forces
            .iter()
            .flat_map(|force| &force.feeds)
            .flat_map(|feed| feed.topics.clone())
            .collect();
        topics.sort_by(|one, other| one.name.cmp(&other.name));
        topics.dedup_by(|one, other| one.name == other.name);
        topics
    }

    /// Makes the topics of the sources; those of the service are made by `truecount topics apply`.
    pub(crate) fn create_sources(&self) {
        // As streaming.md 2.2 asks: proofs rest on the broker's clock.
        let stamped = [("message.timestamp.type", "LogAppendTime")];
        for topic in self.sources() {
            self.access
                .create_topic(&topic.name, topic.partitions, &stamped);
        }
    }

    /// What `produce.py` is told, to send these records.
    pub(crate) fn to_produce(&self, records: &Path, seed: u64, schemas: &Value) -> Value {
        let mut topics = serde_json::Map::new();
        for force in &self.forces {
            for feed in &force.feeds {
                let of_it = feed.topics.iter().map(|topic| {
                    json!({"name": topic.name, "partitions": topic.partitions,
                           "encoding": topic.encoding})
                });
                let name = format!("{}/{}", force.code, feed.name);
                let _ = topics.insert(name, of_it.collect());
            }
        }
        json!({"client": client(&self.access), "records": records, "topics": topics,
               "encoding": "json", "schemas": schemas, "seed": seed, "shuffle": true})
    }

    /// The configuration of one process.
    pub(crate) fn config(&self, instance: &str, admin_port: u16) -> String {
        let mut text = String::new();
        let mut table = |name: &str, lines: &[String]| {
            let _ = writeln!(text, "\n[{name}]");
            let more = self.more.iter().filter(|(of, _)| of == name);
            let more = more.map(|(_, line)| line);
            for line in lines.iter().chain(more) {
                let _ = writeln!(text, "{line}");
            }
        };
        table(
            "service",
            &[
                format!("app = {:?}", self.app),
                format!("instance = {instance:?}"),
            ],
        );
        let (own, rest): (Vec<_>, Vec<_>) = self
            .access
            .settings()
            .iter()
            .partition(|(name, _)| *name == "bootstrap.servers");
        let own = own
            .iter()
            .map(|(_, value)| format!("bootstrap_servers = {value:?}"));
        table("kafka", &own.collect::<Vec<_>>());
        let rest = rest
            .iter()
            .filter(|(name, _)| *name != "sasl.password")
            .map(|(name, value)| format!("{name:?} = {value:?}"));
        table("kafka.librdkafka", &rest.collect::<Vec<_>>());
        let outputs = [
            ("journal", "case-events"),
            ("state", "case-state"),
            ("exceptions", "exceptions"),
            ("exceptions_current", "exceptions-current"),
            ("measures", "measures"),
            ("quarantine", "quarantine"),
        ];
        let mut topics: Vec<String> = outputs
            .iter()
            .map(|(of, name)| match *of {
                "journal" => format!("{of} = {:?}", self.journal()),
                _ => format!("{of} = {:?}", self.output(name)),
            })
            .collect();
        topics.push("replication = 1\nmin_insync_replicas = 1".to_owned());
        topics.push(format!("journal_partitions = {}", self.journal_partitions));
        topics.push(format!("output_partitions = {}", self.output_partitions));
        table("topics", &topics);
        table("transaction", &[]);
        table("intake", &[]);
        if let Some(url) = &self.registry {
            table("intake.registry", &[format!("url = {url:?}")]);
        }
        table("validation", &[format!("profile = {:?}", self.profile)]);
        table("admin", &[format!("listen = \"127.0.0.1:{admin_port}\"")]);
        let level = self.level;
        table("log", &[format!("format = \"text\"\nlevel = {level:?}")]);
        text + &self.sources_and_forces()
    }

    fn sources_and_forces(&self) -> String {
        let mut text = String::new();
        for topic in self.sources() {
            let encoding = if topic.encoding == "json" {
                "json"
            } else {
                "avro"
            };
            let _ = write!(
                text,
                "\n[[source]]\ntopics = [{:?}]\npartitions = {}\nencoding = {encoding:?}\n",
                topic.name, topic.partitions
            );
        }
        for (number, force) in self.forces.iter().enumerate() {
            let partition = number as i32 % self.journal_partitions;
            let _ = write!(
                text,
                "\n[[force]]\ncode = {:?}\npartition = {partition}\n",
                force.code
            );
            for feed in &force.feeds {
                let names: Vec<&str> = feed
                    .topics
                    .iter()
                    .map(|topic| topic.name.as_str())
                    .collect();
                let _ = write!(
                    text,
                    "\n[[force.feed]]\nname = {:?}\ntopics = {names:?}\n{}\n",
                    feed.name, feed.lines
                );
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_can_be_read_as_toml() {
        let access = Access::plain(9092).with("security.protocol", "SASL_SSL");
        let plan = Plan::generated(
            &access,
            &["kent", "essex"],
            "2026-05-01T00:00:00+01:00",
            2,
            3,
            "avro",
        );
        let config: toml::Table = plan.config("0", 1).parse().expect("it is TOML");
        let count = |name: &str| config[name].as_array().map_or(0, Vec::len);
        assert_eq!((count("source"), count("force")), (16, 2));
        assert_eq!(
            config["kafka"]["librdkafka"]["security.protocol"].as_str(),
            Some("SASL_SSL")
        );
    }
}
