//! What the process and its stages are told: names, batches, limits, pseudonyms, the registry, HTTP
//! and logs. The default of each setting stands here, and its reason in `config/truecount.toml`.
//! Start at [`IntakeConfig`].

use std::net::SocketAddr;
use std::time::Duration;

use super::ground::{At, Ground, KEY_BYTES, Section};
use super::secret::Secret;

/// Which stages a process runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stages {
    /// From the sources into the journal.
    pub intake: bool,
    /// From the journal to exceptions and measures.
    pub validation: bool,
}

/// How much goes into one transaction; whichever comes first ends it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TransactionConfig {
    /// How long one is open.
    pub interval: Duration,
    /// How many records it reads.
    pub records_max: usize,
    /// How many bytes it reads.
    pub bytes_max: usize,
}

/// The first stage.
#[derive(Clone, PartialEq, Debug)]
pub struct IntakeConfig {
    /// The largest record that is decoded.
    pub max_record_bytes: usize,
    /// Where a source is read from that was never read before.
    pub first_start: FirstStart,
    /// With what names of people are replaced; none: the sources have done it.
    pub pseudonyms: Option<Pseudonyms>,
    /// Where Avro schemas are kept.
    pub registry: Option<RegistryConfig>,
    /// How often the topics are held against their declaration.
    pub check_topics_every: Duration,
    /// How often a partition that is read to its end is looked at for a proof.
    pub proof_every: Duration,
}

/// Where a source is read from that was never read before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FirstStart {
    /// From the first record it still has.
    Beginning,
    /// From what comes next.
    End,
    /// Not at all: the service stops and asks.
    Refuse,
}

/// With what names of people are replaced.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pseudonyms {
    /// The name of the key, which stands in each pseudonym.
    pub key_id: String,
    /// The key.
    pub key: Secret,
}

/// Where Avro schemas are kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RegistryConfig {
    /// Its address.
    pub url: String,
    /// Who asks, and the password.
    pub login: Option<(String, Secret)>,
    /// How long an answer may take.
    pub timeout: Duration,
    /// A file of authorities to trust beside those that are built in.
    pub ca_file: Option<String>,
}

/// The second stage.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValidationConfig {
    /// Which rules are on, and local limits.
    pub profile: String,
    /// How long a record that was set aside holds its feed.
    pub quarantine_hold: Duration,
    /// How many things one process keeps at the most.
    pub max_things: usize,
}

/// HTTP.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AdminConfig {
    /// Where metrics and health are answered; none: nowhere.
    pub listen: Option<SocketAddr>,
    /// After how long without a turn or a commit the service is stuck.
    pub stuck_after: Duration,
    /// The second listener, which answers about cases.
    pub console: Option<ConsoleConfig>,
}

/// The listener that answers about cases.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConsoleConfig {
    /// Where it listens.
    pub listen: SocketAddr,
    /// What a reader has to show.
    pub token: Secret,
}

/// What is written to the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LogConfig {
    /// For people or for programs.
    pub format: LogFormat,
    /// The least level that is written.
    pub level: tracing::Level,
}

/// How a line of the log looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What the process is told of itself.
pub(super) struct Process {
    pub(super) app: String,
    pub(super) instance: String,
    pub(super) stages: Stages,
    pub(super) drain: Duration,
    pub(super) restarts_max: u32,
}

/// Reads `[service]`.
pub(super) fn process<'a>(ground: &mut Ground<'a>, root: &mut Section<'a>) -> Process {
    let mut section = root.inner(ground, "service");
    let mut name = |section: &mut Section<'a>, key, default: &str| {
        let Some(found) = section.text(ground, key) else {
            return default.to_owned();
        };
        let is_plain = |sign: char| sign.is_ascii_alphanumeric() || "-_.".contains(sign);
        if found.value.is_empty() || !found.value.chars().all(is_plain) {
            let what = "is made of letters, digits, `-`, `_` and `.`";
            ground.wrong(&found.at, section.named(key), what);
        }
        found.value
    };
    let app = name(&mut section, "app", "truecount");
    let instance = name(&mut section, "instance", "0");
    let stages = Stages {
        intake: section.flag(ground, "intake", true),
        validation: section.flag(ground, "validation", true),
    };
    if !stages.intake && !stages.validation {
        let what = "neither intake nor validation is on: the process would do nothing";
        ground.wrong(&section.at(), "service", what);
    }
    let process = Process {
        app,
        instance,
        stages,
        drain: Duration::from_secs(section.number(ground, "drain_seconds", 20u64, 1..=600)),
        restarts_max: section.number(ground, "restarts_max", 20, 0..=10_000),
    };
    section.close(ground);
    process
}

/// Reads `[transaction]`.
pub(super) fn transaction<'a>(
    ground: &mut Ground<'a>,
    root: &mut Section<'a>,
) -> TransactionConfig {
    let mut section = root.inner(ground, "transaction");
    let interval = section.number(ground, "interval_ms", 100u64, 1..=10_000);
    let transaction = TransactionConfig {
        interval: Duration::from_millis(interval),
        records_max: section.number(ground, "records_max", 5_000, 1..=1_000_000),
        bytes_max: section.number(ground, "bytes_max", 16 << 20, 1_024..=1 << 30),
    };
    section.close(ground);
    transaction
}

/// Reads `[intake]`, and where its registry stands.
pub(super) fn intake<'a>(
    ground: &mut Ground<'a>,
    root: &mut Section<'a>,
) -> (IntakeConfig, Option<At>) {
    let mut section = root.inner(ground, "intake");
    let words = [
        ("beginning", FirstStart::Beginning),
        ("end", FirstStart::End),
        ("refuse", FirstStart::Refuse),
    ];
    let pseudonyms = section.optional(ground, "pseudonyms");
    let registry = section.optional(ground, "registry");
    let registry_at = registry.as_ref().map(Section::at);
    let check_topics = section.number(ground, "check_topics_every_seconds", 30u64, 1..=86_400);
    let proof = section.number(ground, "proof_every_ms", 1_000u64, 100..=600_000);
    let intake = IntakeConfig {
        max_record_bytes: section.number(ground, "max_record_bytes", 1 << 20, 1_024..=50_000_000),
        first_start: section.choice(ground, "first_start", FirstStart::Beginning, &words),
        pseudonyms: pseudonyms.and_then(|section| read_pseudonyms(ground, section)),
        registry: registry.and_then(|section| read_registry(ground, section)),
        check_topics_every: Duration::from_secs(check_topics),
        proof_every: Duration::from_millis(proof),
    };
    section.close(ground);
    (intake, registry_at)
}

fn read_pseudonyms<'a>(ground: &mut Ground<'a>, mut section: Section<'a>) -> Option<Pseudonyms> {
    let key_id = section.needed(ground, "key_id", "name the key, as k1");
    let key = section.secret(ground, "key", "key_file");
    if let Some(id) = &key_id
        && !(1..=16).contains(&id.value.len())
            | !id.value.bytes().all(|sign| sign.is_ascii_alphanumeric())
    {
        let what = "is 1 to 16 letters and digits: it stands in every pseudonym";
        ground.wrong(&id.at, section.named("key_id"), what);
    }
    let what =
        "is missing: name the file that holds the key, or set TRUECOUNT_INTAKE__PSEUDONYMS__KEY";
    section.check_key(ground, key.as_ref(), what);
    section.close(ground);
    Some(Pseudonyms {
        key_id: key_id?.value,
        key: key?.value,
    })
}

fn read_registry<'a>(ground: &mut Ground<'a>, mut section: Section<'a>) -> Option<RegistryConfig> {
    let url = section.needed(
        ground,
        "url",
        "name the schema registry as http(s)://host:port",
    );
    if let Some(url) = &url {
        let host = url
            .value
            .strip_prefix("https://")
            .or(url.value.strip_prefix("http://"));
        if host.is_none_or(str::is_empty) {
            ground.wrong(
                &url.at,
                section.named("url"),
                "begins with http:// or https://",
            );
        }
        if url.value.contains('@') {
            // The address is not repeated: a password may stand in it.
            let what = "has a login in it: use username and password_file";
            ground.wrong(&url.at, section.named("url"), what);
        }
    }
    let username = section.text(ground, "username");
    let password = section.secret(ground, "password", "password_file");
    match (&username, &password) {
        (Some(one), None) => {
            ground.wrong(&one.at, section.named("username"), "needs password_file")
        }
        (None, Some(one)) => {
            ground.wrong(&one.at, section.named("password_file"), "needs username");
        }
        _ => {}
    }
    let ca_file = section.text(ground, "ca_file");
    if let Some(found) = &ca_file
        && !std::path::Path::new(&found.value).exists()
    {
        let what = format!("the file {} does not exist", found.value);
        ground.wrong(&found.at, section.named("ca_file"), what);
    }
    let timeout = section.number(ground, "timeout_ms", 5_000u64, 100..=60_000);
    section.close(ground);
    Some(RegistryConfig {
        url: url?.value.trim_end_matches('/').to_owned(),
        login: username
            .zip(password)
            .map(|(name, word)| (name.value, word.value)),
        timeout: Duration::from_millis(timeout),
        ca_file: ca_file.map(|found| found.value),
    })
}

/// Reads `[validation]`, and where its profile is named.
pub(super) fn validation<'a>(
    ground: &mut Ground<'a>,
    root: &mut Section<'a>,
) -> (ValidationConfig, At) {
    let mut section = root.inner(ground, "validation");
    let profile = section.text(ground, "profile");
    let hold = section.number(ground, "quarantine_hold_minutes", 240u64, 0..=525_600);
    let at = profile
        .as_ref()
        .map_or(section.at(), |found| found.at.clone());
    let validation = ValidationConfig {
        profile: profile.map_or_else(|| "national".to_owned(), |found| found.value),
        quarantine_hold: Duration::from_secs(hold * 60),
        max_things: section.number(ground, "max_things", 5_000_000, 1..=1_000_000_000),
    };
    section.close(ground);
    (validation, at)
}

/// Reads `[admin]`.
pub(super) fn admin<'a>(ground: &mut Ground<'a>, root: &mut Section<'a>) -> AdminConfig {
    const ADDRESS: &str = "an address and a port, as 127.0.0.1:9464";
    let mut section = root.inner(ground, "admin");
    let listen: Option<SocketAddr> = section.parsed(ground, "listen", ADDRESS);
    let stuck = section.number(ground, "stuck_after_seconds", 120u64, 5..=86_400);
    let console = section.optional(ground, "console").and_then(|mut console| {
        let listen: Option<SocketAddr> = console.parsed(ground, "listen", ADDRESS);
        let token = console.secret(ground, "token", "token_file");
        if listen.is_none() && console.raw("listen").is_none() {
            let what = "is missing: say where the console listens";
            ground.wrong(&console.at(), console.named("listen"), what);
        }
        match &token {
            None if console.raw("token_file").is_none() && console.raw("token").is_none() => {
                let what = "is missing: name the file that holds the token, or set TRUECOUNT_ADMIN__CONSOLE__TOKEN";
                ground.wrong(&console.at(), console.named("token_file"), what);
            }
            Some(token) if token.value.expose().len() < KEY_BYTES => {
                let what = format!("the token is shorter than {KEY_BYTES} signs: make one with `openssl rand -hex 32`");
                ground.wrong(&token.at, console.named("token_file"), what);
            }
            _ => {}
        }
        let at = console.at();
        console.close(ground);
        let console = ConsoleConfig { listen: listen?, token: token?.value };
        Some((console, at))
    });
    if let Some((ConsoleConfig { listen: second, .. }, at)) = &console
        && listen == Some(*second)
        && second.port() != 0
    {
        ground.wrong(
            at,
            "admin.console.listen",
            "is admin.listen too: give it a port of its own",
        );
    }
    section.close(ground);
    AdminConfig {
        listen,
        stuck_after: Duration::from_secs(stuck),
        console: console.map(|(console, _)| console),
    }
}

/// Reads `[log]`.
pub(super) fn log<'a>(ground: &mut Ground<'a>, root: &mut Section<'a>) -> LogConfig {
    use tracing::Level;
    let mut section = root.inner(ground, "log");
    let formats = [("text", LogFormat::Text), ("json", LogFormat::Json)];
    let levels = [
        ("error", Level::ERROR),
        ("warn", Level::WARN),
        ("info", Level::INFO),
        ("debug", Level::DEBUG),
        ("trace", Level::TRACE),
    ];
    let log = LogConfig {
        format: section.choice(ground, "format", LogFormat::Text, &formats),
        level: section.choice(ground, "level", Level::INFO, &levels),
    };
    section.close(ground);
    log
}
