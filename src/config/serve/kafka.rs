//! How the brokers are reached: addresses, the two time limits that belong to the service, and the
//! settings that are passed through to librdkafka. Refuses those that exactly-once rests on.
//! Start at [`KafkaConfig`].

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use toml::de::{DeTable, DeValue};

use super::ground::{At, Found, Ground, Section};
use super::secret::Secret;

/// How the brokers are reached.
#[derive(Clone, PartialEq, Debug)]
pub struct KafkaConfig {
    /// `host:port`, several with commas between them.
    pub bootstrap_servers: String,
    /// How long a member of a group may be silent before its partitions go to another.
    pub session_timeout: Duration,
    /// How long a transaction may be open before the broker ends it.
    pub transaction_timeout: Duration,
    /// What is passed through to librdkafka and may be shown.
    pub librdkafka: BTreeMap<String, String>,
    /// What is passed through to librdkafka and may not.
    pub secrets: BTreeMap<String, Secret>,
}

impl KafkaConfig {
    /// Everything that is passed to librdkafka, secrets in clear: for a client and nothing else.
    pub fn properties(&self) -> impl Iterator<Item = (&str, &str)> {
        let servers = ("bootstrap.servers", self.bootstrap_servers.as_str());
        let plain = self
            .librdkafka
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()));
        let secret = self
            .secrets
            .iter()
            .map(|(key, value)| (key.as_str(), value.expose()));
        std::iter::once(servers).chain(plain).chain(secret)
    }
}

const IN_TRANSACTION: &str = "positions are committed inside the transaction";
const OF_INSTANCE: &str = "it is made from service.app and service.instance";
const OF_KAFKA: &str = "it has a setting of its own in [kafka]";
const OF_DELIVERY: &str = "exactly-once rests on it";

/// What the service sets itself, each with the reason.
const OWNED: &[(&str, &str)] = &[
    ("acks", OF_DELIVERY),
    (
        "allow.auto.create.topics",
        "a topic made by a slip of its name would be read for ever",
    ),
    ("auto.commit.interval.ms", IN_TRANSACTION),
    (
        "auto.offset.reset",
        "a position that is gone stops the service; see intake.first_start",
    ),
    ("bootstrap.servers", "it is kafka.bootstrap_servers"),
    ("client.id", OF_INSTANCE),
    ("enable.auto.commit", IN_TRANSACTION),
    ("enable.auto.offset.store", IN_TRANSACTION),
    ("enable.idempotence", OF_DELIVERY),
    ("enable.partition.eof", "restore and proofs end by it"),
    ("group.id", "it is made from service.app and the stage"),
    ("group.instance.id", OF_INSTANCE),
    (
        "group.protocol",
        "the client in this build is sound with the classic protocol only",
    ),
    (
        "isolation.level",
        "what an ended transaction wrote must not be read",
    ),
    ("max.in.flight", OF_DELIVERY),
    ("max.in.flight.requests.per.connection", OF_DELIVERY),
    ("message.send.max.retries", OF_DELIVERY),
    (
        "message.timeout.ms",
        "it is kept below kafka.transaction_timeout_ms",
    ),
    ("metadata.broker.list", "it is kafka.bootstrap_servers"),
    (
        "partition.assignment.strategy",
        "members of one group must agree",
    ),
    ("plugin.library.paths", "it would load code"),
    ("request.required.acks", OF_DELIVERY),
    ("retries", OF_DELIVERY),
    ("session.timeout.ms", OF_KAFKA),
    (
        "statistics.interval.ms",
        "the service's own metrics are counted at the commit",
    ),
    ("test.mock.num.brokers", "its brokers keep no transactions"),
    ("transaction.timeout.ms", OF_KAFKA),
    ("transactional.id", OF_INSTANCE),
];

/// Values that nobody may see.
const SECRET: &[&str] = &[
    "sasl.oauthbearer.client.secret",
    "sasl.oauthbearer.config",
    "sasl.password",
    "ssl.key.password",
    "ssl.key.pem",
    "ssl.keystore.password",
];

/// Values that name a file, which has to be there.
const FILES: &[&str] = &[
    "ssl.certificate.location",
    "ssl.crl.location",
    "ssl.key.location",
    "ssl.keystore.location",
];

/// Where a secret of librdkafka comes from in the file: its name and this.
const IN_FILE: &str = "_file";

/// Reads `[kafka]`.
pub(super) fn read<'a>(ground: &mut Ground<'a>, root: &mut Section<'a>) -> KafkaConfig {
    let mut section = root.inner(ground, "kafka");
    let servers = section.needed(ground, "bootstrap_servers", "name the brokers as host:port");
    if let Some(servers) = &servers {
        check_servers(ground, servers);
    }
    // Below 6 s the brokers' own lower bound refuses, unless they were told otherwise.
    let session = section.number(ground, "session_timeout_ms", 12_000u64, 1_000..=300_000);
    let transaction = section.number(ground, "transaction_timeout_ms", 15_000u64, 5_000..=900_000);
    let (librdkafka, secrets) = passed_through(ground, &mut section);
    section.close(ground);
    KafkaConfig {
        bootstrap_servers: servers.map(|found| found.value).unwrap_or_default(),
        session_timeout: Duration::from_millis(session),
        transaction_timeout: Duration::from_millis(transaction),
        librdkafka,
        secrets,
    }
}

fn check_servers(ground: &mut Ground<'_>, servers: &Found<String>) {
    for server in servers.value.split(',').map(str::trim) {
        let port = server.rsplit_once(':').filter(|(host, _)| !host.is_empty());
        if port.is_none_or(|(_, port)| port.parse::<u16>().is_err()) {
            let what = format!("`{server}` is not host:port");
            ground.wrong(&servers.at, "kafka.bootstrap_servers", what);
        }
    }
}

type Passed = (BTreeMap<String, String>, BTreeMap<String, Secret>);

/// What stands in `[kafka.librdkafka]` and in the variables of it.
fn passed_through<'a>(ground: &mut Ground<'a>, kafka: &mut Section<'a>) -> Passed {
    let section = kafka.inner(ground, "librdkafka");
    let mut said: BTreeMap<String, Found<String>> = BTreeMap::new();
    if let Some(table) = section.table() {
        flatten(ground, table, "", &mut said);
    }
    let beginning = section.variable("").unwrap_or_default();
    for name in ground.variables(&beginning) {
        let key = name[beginning.len()..].to_lowercase();
        let key = match key.strip_suffix(IN_FILE) {
            Some(secret) => format!("{}{IN_FILE}", secret.replace('_', ".")),
            None => key.replace('_', "."),
        };
        if let Some(value) = ground.hear(name) {
            let (value, at) = (value.to_owned(), At::Variable(name.to_owned()));
            said.insert(key, Found { value, at });
        }
    }
    let mut plain = BTreeMap::new();
    let mut secrets = BTreeMap::new();
    for (key, found) in said {
        let name = section.named(&key);
        if let Some(secret) = key.strip_suffix(IN_FILE).filter(|key| SECRET.contains(key)) {
            if let Some(value) = secret_of_file(ground, &name, &found) {
                secrets.entry(secret.to_owned()).or_insert(value);
            }
        } else if SECRET.contains(&key.as_str()) {
            match found.at {
                At::Variable(_) => drop(secrets.insert(key, Secret::of(found.value))),
                At::Line(_) => ground.wrong(&found.at, &name, misplaced(&key, &beginning)),
            }
        } else if let Some((_, because)) = OWNED.iter().find(|(owned, _)| *owned == key) {
            let what = format!("belongs to the service: {because}");
            ground.wrong(&found.at, &name, what);
        } else {
            check_file(ground, &name, &key, &found);
            plain.insert(key, found);
        }
    }
    check_mechanism(ground, &plain, &secrets);
    let plain = plain
        .into_iter()
        .map(|(key, found)| (key, found.value))
        .collect();
    (plain, secrets)
}

fn misplaced(key: &str, beginning: &str) -> String {
    let variable = key.replace('.', "_").to_uppercase();
    format!(
        "a secret does not stand in this file: put it into a file of its own and name that in \"{key}{IN_FILE}\", or set {beginning}{variable}"
    )
}

/// Names with dots are tables in TOML unless they are quoted; both are read alike.
fn flatten(
    ground: &mut Ground<'_>,
    table: &DeTable<'_>,
    before: &str,
    said: &mut BTreeMap<String, Found<String>>,
) {
    for (key, value) in table {
        let name = format!("{before}{}", key.get_ref());
        let at = At::Line(ground.line_of(key));
        let value = match value.get_ref() {
            DeValue::Table(inner) => {
                flatten(ground, inner, &format!("{name}."), said);
                continue;
            }
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) => number.as_str().to_owned(),
            DeValue::Boolean(flag) => flag.to_string(),
            other => {
                let what = format!(
                    "is a text, a number or a flag, not of type {}",
                    other.type_str()
                );
                ground.wrong(&at, format!("kafka.librdkafka.{name}"), what);
                continue;
            }
        };
        said.insert(name, Found { value, at });
    }
}

fn secret_of_file(ground: &mut Ground<'_>, name: &str, found: &Found<String>) -> Option<Secret> {
    match std::fs::read_to_string(&found.value) {
        Ok(text) if !text.trim_end().is_empty() => {
            Some(Secret::of(text.trim_end_matches(['\r', '\n'])))
        }
        Ok(_) => {
            ground.wrong(&found.at, name, "names an empty file");
            None
        }
        Err(fault) => {
            let what = format!("names a file that cannot be read: {fault}");
            ground.wrong(&found.at, name, what);
            None
        }
    }
}

fn check_file(ground: &mut Ground<'_>, name: &str, key: &str, found: &Found<String>) {
    // The list of authorities may be a folder, and `probe` looks where systems keep theirs.
    let is_authorities = key == "ssl.ca.location" && found.value != "probe";
    if (is_authorities || FILES.contains(&key)) && !Path::new(&found.value).exists() {
        let what = format!("the file {} does not exist", found.value);
        ground.wrong(&found.at, name, what);
    }
}

fn check_mechanism(
    ground: &mut Ground<'_>,
    plain: &BTreeMap<String, Found<String>>,
    secrets: &BTreeMap<String, Secret>,
) {
    let said = |key: &str| plain.get(key);
    let protocol = said("security.protocol");
    let is_sasl = protocol.is_some_and(|found| found.value.to_lowercase().starts_with("sasl"));
    let is_tls = protocol.is_some_and(|found| found.value.to_lowercase().ends_with("ssl"));
    let mechanism = said("sasl.mechanism").or(said("sasl.mechanisms"));
    match (protocol, mechanism) {
        (Some(protocol), None) if is_sasl => ground.wrong(
            &protocol.at,
            "kafka.librdkafka.security.protocol",
            "needs \"sasl.mechanism\": PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512",
        ),
        (_, Some(mechanism)) if !is_sasl => ground.wrong(
            &mechanism.at,
            "kafka.librdkafka.sasl.mechanism",
            "has no effect unless \"security.protocol\" is sasl_ssl or sasl_plaintext",
        ),
        (_, Some(mechanism))
            if !["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"].contains(&mechanism.value.as_str()) =>
        {
            let what = format!(
                "`{}` is not in this build, which has PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512",
                mechanism.value
            );
            ground.wrong(&mechanism.at, "kafka.librdkafka.sasl.mechanism", what);
        }
        (Some(protocol), Some(_)) if !secrets.contains_key("sasl.password") => ground.wrong(
            &protocol.at,
            "kafka.librdkafka.security.protocol",
            "needs a password: \"sasl.password_file\", or TRUECOUNT_KAFKA__LIBRDKAFKA__SASL_PASSWORD",
        ),
        _ => {}
    }
    if let Some(found) = plain
        .iter()
        .find(|(key, _)| key.starts_with("ssl."))
        .filter(|_| !is_tls)
    {
        ground.odd(
            &found.1.at,
            format!("kafka.librdkafka.{}", found.0),
            "has no effect unless \"security.protocol\" is ssl or sasl_ssl",
        );
    }
}
