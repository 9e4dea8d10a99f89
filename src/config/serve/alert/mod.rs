//! What `truecount alert` and `truecount worklist` are told: one file and the environment, read to one
//! value, or to every problem at once. Stands beside the service's since it is read from the same
//! ground, by the same rules, with the same `[kafka]`. Start at [`AlertConfig::read`].

mod targets;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use toml::de::DeTable;

use super::ground::{Ground, Outcome, Section};
use super::stages::{self, AdminConfig, LogConfig};
use super::topics::{NAME, is_topic};
use super::{KafkaConfig, Secret, kafka, not_toml};
use crate::alerting::alerts::Pace;
use crate::alerting::{Route, Schedule};
use crate::domain::Elapsed;

/// Everything `truecount alert` is told.
#[derive(Clone, PartialEq, Debug)]
pub struct AlertConfig {
    /// What the names of its consumer groups begin with.
    pub group: String,
    /// Which of several processes this is; the same after a restart.
    pub instance: String,
    /// How long a stop may take.
    pub drain: Duration,
    /// The brokers.
    pub kafka: KafkaConfig,
    /// The topic of every revision.
    pub exceptions: String,
    /// The topic of the latest ones.
    pub exceptions_current: String,
    /// How targets are asked.
    pub http: HttpConfig,
    /// Who is told what stands.
    pub alertmanager: Option<AlertmanagerConfig>,
    /// Who is told of every revision.
    pub webhooks: Vec<WebhookConfig>,
    /// Who is told at stated times.
    pub digests: Vec<DigestConfig>,
    /// HTTP.
    pub admin: AdminConfig,
    /// What is written to the log.
    pub log: LogConfig,
    /// What is allowed and looks like a slip; printed once at the start.
    pub warnings: Vec<String>,
}

/// How targets are asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HttpConfig {
    /// How long one request may take.
    pub timeout: Duration,
    /// A file of authorities to trust instead of those that are built in.
    pub ca_file: Option<String>,
    /// The longest wait after the first failure, in milliseconds.
    pub retry_first_ms: i64,
    /// The longest wait of all, in milliseconds.
    pub retry_most_ms: i64,
    /// How many offsets of a partition may be read and wait.
    pub window: i64,
}

/// Who is told what stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AlertmanagerConfig {
    /// Its addresses; each is told all.
    pub urls: Vec<String>,
    /// What it wants to see.
    pub token: Option<Secret>,
    /// Labels of every alert.
    pub labels: BTreeMap<String, String>,
    /// How often, and for how long.
    pub pace: Pace,
    /// Of which exceptions.
    pub route: Route,
}

/// A system that takes signed POSTs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// Its name, in the log, in metrics and in the group.
    pub name: String,
    /// Its address.
    pub url: String,
    /// What POSTs are signed with.
    pub key: Secret,
    /// What it wants to see besides.
    pub token: Option<Secret>,
    /// Of which exceptions it is told.
    pub route: Route,
}

/// Who is told of every revision.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WebhookConfig {
    /// Where to.
    pub target: Target,
    /// Where a group begins that has no position: at the beginning of the topic, or at its end.
    pub from_beginning: bool,
}

/// Who is told at stated times.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DigestConfig {
    /// Where to.
    pub target: Target,
    /// When.
    pub schedule: Schedule,
    /// How far ahead "due soon" looks.
    pub within: Elapsed,
}

impl AlertConfig {
    /// Reads a configuration, or says everything that is wrong with it.
    pub fn read(
        file: &str,
        text: &str,
        environment: &BTreeMap<String, String>,
    ) -> Result<AlertConfig, Vec<String>> {
        let (config, outcome) = read(file, text, environment)?;
        if outcome.problems.is_empty() {
            Ok(config)
        } else {
            Err(outcome.problems)
        }
    }
}

fn read(
    file: &str,
    text: &str,
    environment: &BTreeMap<String, String>,
) -> Result<(AlertConfig, Outcome), Vec<String>> {
    let (document, faults) = DeTable::parse_recoverable(text);
    if !faults.is_empty() {
        return Err(not_toml(file, text, &faults));
    }
    let mut ground = Ground::new(file, text, environment);
    let mut root = Section::root(document.get_ref());
    let (group, instance, drain) = process(&mut ground, &mut root);
    let kafka = kafka::read(&mut ground, &mut root);
    let (exceptions, exceptions_current) = topics(&mut ground, &mut root);
    let http = http(&mut ground, &mut root, drain);
    let alertmanager = targets::alertmanager(&mut ground, &mut root);
    let webhooks = targets::webhooks(&mut ground, &mut root);
    let digests = targets::digests(&mut ground, &mut root);
    targets::names_differ(&mut ground, &root, &webhooks, &digests);
    let admin = admin(&mut ground, &mut root);
    let log = stages::log(&mut ground, &mut root);
    root.close(&mut ground);
    let mut outcome = ground.finish();
    let config = AlertConfig {
        group,
        instance,
        drain,
        kafka,
        exceptions,
        exceptions_current,
        http,
        alertmanager,
        webhooks,
        digests,
        admin,
        log,
        warnings: std::mem::take(&mut outcome.warnings),
    };
    Ok((config, outcome))
}

/// Reads `[alert]`.
fn process<'a>(ground: &mut Ground<'a>, root: &mut Section<'a>) -> (String, String, Duration) {
    let mut section = root.inner(ground, "alert");
    let mut name = |section: &mut Section<'a>, key, default: &str| {
        let Some(found) = section.text(ground, key) else {
            return default.to_owned();
        };
        if !is_name(&found.value) {
            let what = "is made of letters, digits, `-`, `_` and `.`";
            ground.wrong(&found.at, section.named(key), what);
        }
        found.value
    };
    let group = name(&mut section, "group", "truecount-alert");
    let instance = name(&mut section, "instance", "0");
    let drain = section.number(ground, "drain_seconds", 20u64, 1..=600);
    section.close(ground);
    (group, instance, Duration::from_secs(drain))
}

/// True if names of groups and clients can have it.
fn is_name(name: &str) -> bool {
    let is_plain = |sign: char| sign.is_ascii_alphanumeric() || "-_.".contains(sign);
    !name.is_empty() && name.chars().all(is_plain)
}

/// Reads `[topics]`.
fn topics<'a>(ground: &mut Ground<'a>, root: &mut Section<'a>) -> (String, String) {
    let mut section = root.inner(ground, "topics");
    let mut name = |key, default: &str| {
        let found = section.text(ground, key);
        if let Some(found) = found.as_ref().filter(|found| !is_topic(&found.value)) {
            let what = format!("`{}` is no name of a topic: {NAME}", found.value);
            ground.wrong(&found.at, section.named(key), what);
        }
        found.map_or_else(|| default.to_owned(), |found| found.value)
    };
    let exceptions = name("exceptions", "exceptions");
    let current = name("exceptions_current", "exceptions-current");
    section.close(ground);
    (exceptions, current)
}

/// Reads `[http]`.
fn http<'a>(ground: &mut Ground<'a>, root: &mut Section<'a>, drain: Duration) -> HttpConfig {
    let mut section = root.inner(ground, "http");
    let ca_file = section.text(ground, "ca_file");
    if let Some(found) = &ca_file
        && !std::path::Path::new(&found.value).exists()
    {
        let what = format!("the file {} does not exist", found.value);
        ground.wrong(&found.at, section.named("ca_file"), what);
    }
    let timeout = section.number(ground, "timeout_ms", 10_000u64, 100..=60_000);
    if Duration::from_millis(timeout) >= drain {
        let what = "is not less than alert.drain_seconds: a stop during a request will not drain";
        ground.odd(&section.at(), section.named("timeout_ms"), what);
    }
    let http = HttpConfig {
        timeout: Duration::from_millis(timeout),
        ca_file: ca_file.map(|found| found.value),
        retry_first_ms: section.number(ground, "retry_first_ms", 1_000, 10..=60_000),
        retry_most_ms: section.number(ground, "retry_most_ms", 60_000, 10..=3_600_000),
        window: section.number(ground, "window", 20_000, 100..=1_000_000),
    };
    if http.retry_most_ms < http.retry_first_ms {
        let what = "is less than http.retry_first_ms";
        ground.wrong(&section.at(), section.named("retry_most_ms"), what);
    }
    section.close(ground);
    http
}

/// Reads `[admin]`: there is no console here.
fn admin<'a>(ground: &mut Ground<'a>, root: &mut Section<'a>) -> AdminConfig {
    let mut section = root.inner(ground, "admin");
    let address = "an address and a port, as 127.0.0.1:9465";
    let listen: Option<SocketAddr> = section.parsed(ground, "listen", address);
    let stuck = section.number(ground, "stuck_after_seconds", 120u64, 5..=86_400);
    section.close(ground);
    AdminConfig {
        listen,
        stuck_after: Duration::from_secs(stuck),
        console: None,
    }
}
