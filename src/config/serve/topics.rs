//! The topics the service writes: their names, how many partitions and copies they have, and how
//! long what is in them is kept. Start at [`TopicsConfig`].

use std::time::Duration;

use super::ground::{Ground, Section};

/// The topics the service writes.
#[derive(Clone, PartialEq, Debug)]
pub struct TopicsConfig {
    /// The journal, from intake to validation.
    pub journal: OwnTopic,
    /// What validation keeps, private.
    pub state: OwnTopic,
    /// Every revision of every exception.
    pub exceptions: OwnTopic,
    /// The latest revision of each.
    pub exceptions_current: OwnTopic,
    /// Counts and rates.
    pub measures: OwnTopic,
    /// What was set aside.
    pub quarantine: OwnTopic,
    /// Copies of each partition.
    pub replication: i32,
    /// Copies that must have a record before it counts as written.
    pub min_insync_replicas: i32,
    /// Partitions of the journal and of the state: chosen once, for good.
    pub journal_partitions: i32,
    /// Partitions of the others.
    pub output_partitions: i32,
    /// How long the closed exceptions stay in `exceptions_current`.
    pub closed_kept: Duration,
    /// The largest record that a topic takes, in bytes.
    pub message_bytes_max: usize,
}

/// One topic that the service writes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnTopic {
    /// Its name.
    pub name: String,
    /// How long a record is kept; none where the latest of each key is kept for ever.
    pub retention: Option<Duration>,
}

impl TopicsConfig {
    /// All of them, each with the name of its setting.
    pub fn all(&self) -> [(&'static str, &OwnTopic); 6] {
        [
            ("journal", &self.journal),
            ("state", &self.state),
            ("exceptions", &self.exceptions),
            ("exceptions_current", &self.exceptions_current),
            ("measures", &self.measures),
            ("quarantine", &self.quarantine),
        ]
    }
}

/// Seven years and the leap days in them.
const SEVEN_YEARS: u64 = 2_557;

/// Reads `[topics]`.
pub(super) fn read<'a>(ground: &mut Ground<'a>, root: &mut Section<'a>) -> TopicsConfig {
    let mut section = root.inner(ground, "topics");
    let name = |section: &mut Section<'a>, ground: &mut Ground<'a>, key, default: &str| {
        let found = section.text(ground, key);
        if let Some(found) = &found
            && !is_topic(&found.value)
        {
            let what = format!("`{}` is no name of a topic: {NAME}", found.value);
            ground.wrong(&found.at, section.named(key), what);
        }
        found.map_or_else(|| default.to_owned(), |found| found.value)
    };
    let journal = name(&mut section, ground, "journal", "case-events");
    let state = name(&mut section, ground, "state", "case-state");
    let exceptions = name(&mut section, ground, "exceptions", "exceptions");
    let current = name(
        &mut section,
        ground,
        "exceptions_current",
        "exceptions-current",
    );
    let measures = name(&mut section, ground, "measures", "measures");
    let quarantine = name(&mut section, ground, "quarantine", "quarantine");
    let mut days = |key, default| {
        const CENTURY: i64 = 36_525;
        let days: u64 = section.number(ground, key, default, 1..=CENTURY);
        Duration::from_secs(days * 86_400)
    };
    let journal_kept = days("journal_retention_days", SEVEN_YEARS);
    let exceptions_kept = days("exceptions_retention_days", SEVEN_YEARS);
    let quarantine_kept = days("quarantine_retention_days", 30);
    let closed_kept = days("closed_kept_days", 400);
    let kept = |name, retention| OwnTopic { name, retention };
    let topics = TopicsConfig {
        journal: kept(journal, Some(journal_kept)),
        state: kept(state, None),
        exceptions: kept(exceptions, Some(exceptions_kept)),
        exceptions_current: kept(current, None),
        measures: kept(measures, None),
        quarantine: kept(quarantine, Some(quarantine_kept)),
        replication: section.number(ground, "replication", 3, 1..=32),
        min_insync_replicas: section.number(ground, "min_insync_replicas", 2, 1..=32),
        journal_partitions: section.number(ground, "journal_partitions", 12, 1..=10_000),
        output_partitions: section.number(ground, "output_partitions", 6, 1..=10_000),
        closed_kept,
        message_bytes_max: section.number(
            ground,
            "message_bytes_max",
            8 << 20,
            1_024..=100_000_000,
        ),
    };
    check(ground, &section, &topics);
    section.close(ground);
    topics
}

fn check(ground: &mut Ground<'_>, section: &Section<'_>, topics: &TopicsConfig) {
    let all = topics.all();
    for (at, (key, topic)) in all.iter().enumerate() {
        if let Some((first, _)) = all[..at].iter().find(|(_, other)| other.name == topic.name) {
            let what = format!("`{}` is the name of topics.{first} too", topic.name);
            ground.wrong(&section.at(), section.named(key), what);
        }
    }
    if topics.min_insync_replicas > topics.replication {
        let what = format!(
            "{} copies cannot be in step where there are {}: lower it, or raise topics.replication",
            topics.min_insync_replicas, topics.replication
        );
        ground.wrong(&section.at(), section.named("min_insync_replicas"), what);
    }
}

/// What names of topics are made of, for a message.
pub(super) const NAME: &str = "write letters, digits, `.`, `_` and `-`, at most 249 of them";

/// True if Kafka takes this as the name of a topic.
pub(super) fn is_topic(name: &str) -> bool {
    let is_allowed = |sign: char| sign.is_ascii_alphanumeric() || "._-".contains(sign);
    (1..=249).contains(&name.len()) && !matches!(name, "." | "..") && name.chars().all(is_allowed)
}
