//! What `truecount serve` is told: one file and the environment, read to one value that does not
//! change, or to every problem at once. Never opens a connection. Start at [`ServiceConfig::read`].

pub mod alert;
mod forces;
mod ground;
mod kafka;
mod pattern;
mod secret;
mod sources;
mod stages;
#[cfg(test)]
mod tests;
mod topics;

use std::collections::BTreeMap;
use std::time::Duration;

use toml::de::DeTable;

pub use forces::{ForceConfig, ServiceFeed};
pub use kafka::KafkaConfig;
pub use pattern::Pattern;
pub use secret::Secret;
pub use sources::{Encoding, KeyMapping, KeyNames, KeyPart, SourceConfig};
pub use stages::{
    AdminConfig, ConsoleConfig, FirstStart, IntakeConfig, LogConfig, LogFormat, Pseudonyms,
    RegistryConfig, Stages, TransactionConfig, ValidationConfig,
};
pub use topics::{OwnTopic, TopicsConfig};

use forces::Forces;
use ground::{At, Ground, Outcome, Section, suggestion};
use sources::Sources;

use crate::reference::Library;
use crate::wire::csv::nearest;

/// Everything the service is told.
#[derive(Clone, PartialEq, Debug)]
pub struct ServiceConfig {
    /// What the names of groups, transactions and clients begin with.
    pub app: String,
    /// Which of the processes of one kind this is; the same after a restart.
    pub instance: String,
    /// Which stages run in this process.
    pub stages: Stages,
    /// How long a stop may take before the process ends without having finished.
    pub drain: Duration,
    /// How many times a stage starts anew within an hour before the process ends.
    pub restarts_max: u32,
    /// The brokers.
    pub kafka: KafkaConfig,
    /// What it writes to.
    pub topics: TopicsConfig,
    /// How much goes into one transaction.
    pub transaction: TransactionConfig,
    /// The first stage.
    pub intake: IntakeConfig,
    /// What it reads.
    pub sources: Vec<SourceConfig>,
    /// The second stage.
    pub validation: ValidationConfig,
    /// Whose records it judges.
    pub forces: Vec<ForceConfig>,
    /// HTTP.
    pub admin: AdminConfig,
    /// What is written to the log.
    pub log: LogConfig,
    /// What is allowed and looks like a slip; printed once at the start.
    pub warnings: Vec<String>,
}

impl ServiceConfig {
    /// Reads a configuration, or says everything that is wrong with it: each with file and line, or
    /// with the variable, and what to do.
    pub fn read(
        file: &str,
        text: &str,
        environment: &BTreeMap<String, String>,
    ) -> Result<ServiceConfig, Vec<String>> {
        let (config, outcome) = read(file, text, environment)?;
        if outcome.problems.is_empty() {
            Ok(config)
        } else {
            Err(outcome.problems)
        }
    }

    /// The force of this code.
    pub fn force(&self, code: &str) -> Option<&ForceConfig> {
        self.forces.iter().find(|force| force.code.as_str() == code)
    }

    /// What describes a topic that is read.
    pub fn source(&self, topic: &str) -> Option<&SourceConfig> {
        self.sources
            .iter()
            .find(|source| source.topics.iter().any(|name| name == topic))
    }
}

/// Why a file that is no TOML cannot be read, all of it at once.
fn not_toml(file: &str, text: &str, faults: &[toml::de::Error]) -> Vec<String> {
    let told = faults.iter().map(|fault| {
        let start = fault.span().map_or(0, |span| span.start.min(text.len()));
        let line = text[..start].matches('\n').count() + 1;
        format!("{file}:{line}: {}", fault.message())
    });
    told.collect()
}

fn read(
    file: &str,
    text: &str,
    environment: &BTreeMap<String, String>,
) -> Result<(ServiceConfig, Outcome), Vec<String>> {
    let (document, faults) = DeTable::parse_recoverable(text);
    if !faults.is_empty() {
        return Err(not_toml(file, text, &faults));
    }
    let mut ground = Ground::new(file, text, environment);
    let mut root = Section::root(document.get_ref());
    let process = stages::process(&mut ground, &mut root);
    let kafka = kafka::read(&mut ground, &mut root);
    let topics = topics::read(&mut ground, &mut root);
    let transaction = stages::transaction(&mut ground, &mut root);
    let (intake, registry_at) = stages::intake(&mut ground, &mut root);
    let sources = sources::read(&mut ground, &mut root);
    let (validation, profile_at) = stages::validation(&mut ground, &mut root);
    let forces = forces::read(&mut ground, &mut root, &sources, topics.journal_partitions);
    let admin = stages::admin(&mut ground, &mut root);
    let log = stages::log(&mut ground, &mut root);
    root.close(&mut ground);
    written_is_not_read(&mut ground, &topics, &sources);
    registry_where_needed(&mut ground, registry_at.as_ref(), &sources);
    entries_fit(&mut ground, &topics, &intake);
    published_tables_know(&mut ground, &validation, &profile_at, &forces);
    let mut outcome = ground.finish();
    let config = ServiceConfig {
        app: process.app,
        instance: process.instance,
        stages: process.stages,
        drain: process.drain,
        restarts_max: process.restarts_max,
        kafka,
        topics,
        transaction,
        intake,
        sources: sources.list,
        validation,
        forces: forces.list,
        admin,
        log,
        warnings: std::mem::take(&mut outcome.warnings),
    };
    Ok((config, outcome))
}

fn written_is_not_read(ground: &mut Ground<'_>, topics: &TopicsConfig, sources: &Sources) {
    for (key, topic) in topics.all() {
        if let Some(line) = sources.lines.get(&topic.name) {
            let what = format!(
                "`{}` is topics.{key}: what is written would be read again",
                topic.name
            );
            ground.wrong(&At::Line(*line), "source.topics", what);
        }
    }
    if sources.list.is_empty() {
        ground.wrong(
            &At::Line(1),
            "source",
            "is missing: describe what is read in [[source]]",
        );
    }
}

fn registry_where_needed(ground: &mut Ground<'_>, registry_at: Option<&At>, sources: &Sources) {
    let mut with_avro = sources
        .list
        .iter()
        .filter(|source| source.encoding != Encoding::Json);
    match (registry_at, with_avro.next()) {
        (None, Some(source)) => {
            let lines = source
                .topics
                .iter()
                .filter_map(|topic| sources.lines.get(topic));
            let at = At::Line(lines.min().copied().unwrap_or(1));
            let what = "needs the schema registry: write [intake.registry] with its url";
            ground.wrong(&at, "source.encoding", what);
        }
        (Some(at), None) if !sources.list.is_empty() => {
            let what = "is not needed: every [[source]] is json";
            ground.odd(at, "intake.registry", what);
        }
        _ => {}
    }
}

fn entries_fit(ground: &mut Ground<'_>, topics: &TopicsConfig, intake: &IntakeConfig) {
    // Provenance, headers and the quotes of a journal entry come on top of the record.
    if topics.message_bytes_max / 2 < intake.max_record_bytes {
        let what = format!(
            "{} is less than twice intake.max_record_bytes ({}): a journal entry would not fit",
            topics.message_bytes_max, intake.max_record_bytes
        );
        ground.wrong(&At::Line(1), "topics.message_bytes_max", what);
    }
}

fn published_tables_know(
    ground: &mut Ground<'_>,
    validation: &ValidationConfig,
    profile_at: &At,
    forces: &Forces,
) {
    let library = match Library::shipped(&validation.profile) {
        Ok(library) => library,
        Err(problems) => return ground.wrong(profile_at, "validation.profile", problems),
    };
    for (code, line) in &forces.lines {
        if library.force(code).is_none() {
            let slugs = library.forces().iter().map(|force| force.slug.as_str());
            let meant = suggestion(nearest(code, slugs));
            let what = format!("`{code}` is not in the forces table{meant}");
            ground.wrong(&At::Line(*line), "force.code", what);
        }
    }
}
