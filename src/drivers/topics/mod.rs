//! The topics as they should be, as they are, and the difference. A pure plan: whoever asks the
//! brokers gives what was found; [`brokers`] does, and acts. Start at [`plan`].

pub mod brokers;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::config::serve::{OwnTopic, ServiceConfig};

/// One topic as it should be.
#[derive(Clone, PartialEq, Debug)]
pub struct Wanted {
    /// Its name.
    pub name: String,
    /// The setting that names it.
    pub setting: String,
    /// How many partitions.
    pub partitions: i32,
    /// How many copies of each; none where the topic is not ours.
    pub replication: Option<i32>,
    /// Its settings, in the order in which they are told.
    pub settings: Vec<Setting>,
}

/// One setting of a topic as it should be.
#[derive(Clone, PartialEq, Debug)]
pub struct Setting {
    /// Its name in Kafka.
    pub key: &'static str,
    /// What is written when it is made or changed.
    pub value: String,
    /// When what is found is good enough.
    pub suits: Suits,
    /// Why.
    pub because: &'static str,
    /// True if the service must not run otherwise.
    pub is_needed: bool,
}

/// When a value is good enough.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Suits {
    /// It is this value.
    Same,
    /// It is a number no less than this; -1 is without end.
    AtLeast,
}

/// One topic as it was found.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Found {
    /// How many partitions.
    pub partitions: i32,
    /// How many copies of each: the fewest of any partition.
    pub replication: i32,
    /// Its settings.
    pub settings: BTreeMap<String, String>,
}

/// What is not as it should be.
#[derive(Clone, PartialEq, Debug)]
pub struct Difference {
    /// The topic.
    pub topic: String,
    /// What of it.
    pub what: String,
    /// How it is.
    pub is: String,
    /// How it should be.
    pub should: String,
    /// Why it should.
    pub because: String,
    /// What `apply` does about it.
    pub remedy: Remedy,
    /// True if the service must not run so.
    pub is_refused: bool,
}

/// What `apply` does about a difference.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Remedy {
    /// Makes the topic.
    Make,
    /// Changes the setting.
    Change,
    /// Nothing: a person has to do this.
    Person(String),
}

const DAY: Duration = Duration::from_secs(86_400);

/// The topics as they should be: those the service writes, then those it reads.
pub fn wanted(config: &ServiceConfig) -> Vec<Wanted> {
    let topics = &config.topics;
    let own = topics.all().into_iter().map(|(key, topic)| Wanted {
        name: topic.name.clone(),
        setting: format!("topics.{key}"),
        partitions: match key {
            "journal" | "state" => topics.journal_partitions,
            _ => topics.output_partitions,
        },
        replication: Some(topics.replication),
        settings: settings(config, key, topic),
    });
    let read = config.sources.iter().flat_map(|source| {
        source.topics.iter().map(|name| Wanted {
            name: name.clone(),
            setting: "source.partitions".to_owned(),
            partitions: source.partitions,
            replication: None,
            settings: Vec::new(),
        })
    });
    own.chain(read).collect()
}

/// The topics that the stages of this process touch: a stage that runs alone needs no rights to the
/// topics of the other.
pub fn touched(config: &ServiceConfig) -> Vec<Wanted> {
    let topics = &config.topics;
    let of_both = [&topics.journal.name, &topics.quarantine.name];
    let touches = |wanted: &Wanted| {
        let by_intake = wanted.replication.is_none();
        of_both.contains(&&wanted.name)
            || (by_intake && config.stages.intake)
            || (!by_intake && config.stages.validation)
    };
    wanted(config).into_iter().filter(touches).collect()
}

fn settings(config: &ServiceConfig, key: &str, topic: &OwnTopic) -> Vec<Setting> {
    let mut settings = Vec::new();
    let mut say = |key, value: String, suits, because, is_needed| {
        settings.push(Setting {
            key,
            value,
            suits,
            because,
            is_needed,
        });
    };
    use Suits::{AtLeast, Same};
    let millis = |duration: Duration| duration.as_millis().to_string();
    match topic.retention {
        Some(retention) => {
            let because = "every record is kept, also those of one key";
            say("cleanup.policy", "delete".to_owned(), Same, because, true);
            if key == "quarantine" {
                let because =
                    "these bytes hold personal data and are kept no longer than was decided";
                say("retention.ms", millis(retention), Same, because, false);
            } else {
                let because = "judgements are reproduced from it for as long";
                say("retention.ms", millis(retention), AtLeast, because, true);
            }
            say(
                "retention.bytes",
                "-1".to_owned(),
                Same,
                "age decides, not size",
                true,
            );
        }
        None => {
            let because = "the latest of each key is kept for ever, and only that";
            say("cleanup.policy", "compact".to_owned(), Same, because, true);
            let because = "a reader that was away must still see what was deleted";
            say(
                "delete.retention.ms",
                millis(7 * DAY),
                AtLeast,
                because,
                key == "state",
            );
            let because = "a restore that is under way must not lose what it has yet to read";
            say(
                "min.compaction.lag.ms",
                millis(DAY / 24),
                AtLeast,
                because,
                key == "state",
            );
        }
    }
    if key == "journal" {
        let because = "arrival is told by the brokers' clock, not by ours";
        say(
            "message.timestamp.type",
            "LogAppendTime".to_owned(),
            Same,
            because,
            true,
        );
    }
    let because = "a record counts as written when more than one broker has it";
    let copies = config.topics.min_insync_replicas.to_string();
    say("min.insync.replicas", copies, AtLeast, because, false);
    let because = "what was compressed by the service stays as it is";
    say(
        "compression.type",
        "producer".to_owned(),
        Same,
        because,
        false,
    );
    let because = "the largest record must fit: topics.message_bytes_max";
    let bytes = config.topics.message_bytes_max.to_string();
    say("max.message.bytes", bytes, AtLeast, because, true);
    settings
}

/// What is not as it should be, topic by topic.
pub fn plan(found: &BTreeMap<String, Found>, config: &ServiceConfig) -> Vec<Difference> {
    let undeclared = undeclared(found, config);
    of(&wanted(config), found).chain(undeclared).collect()
}

fn of(wanted: &[Wanted], found: &BTreeMap<String, Found>) -> impl Iterator<Item = Difference> {
    wanted
        .iter()
        .flat_map(|wanted| match found.get(&wanted.name) {
            None => vec![missing(wanted)],
            Some(found) => differences(wanted, found),
        })
}

/// Why the stages of this process must not start on these topics, each with what to do.
pub fn refusals(found: &BTreeMap<String, Found>, config: &ServiceConfig) -> Vec<String> {
    let undeclared = undeclared(found, config).into_iter();
    let undeclared = undeclared.filter(|_| config.stages.intake);
    let plan: Vec<Difference> = of(&touched(config), found).chain(undeclared).collect();
    let refused = plan.iter().filter(|difference| difference.is_refused);
    refused
        .map(|difference| {
            let Difference {
                topic,
                what,
                is,
                should,
                because,
                remedy,
                ..
            } = difference;
            let remedy = match remedy {
                Remedy::Make | Remedy::Change => "run `truecount topics apply --config FILE`",
                Remedy::Person(what) => what,
            };
            format!("topic {topic}: {what} is {is} and should be {should}: {because}; {remedy}")
        })
        .collect()
}

fn missing(wanted: &Wanted) -> Difference {
    let is_ours = wanted.replication.is_some();
    Difference {
        topic: wanted.name.clone(),
        what: "the topic".to_owned(),
        is: "missing".to_owned(),
        should: format!("there, with {} partitions", wanted.partitions),
        because: if is_ours {
            format!("it is {}", wanted.setting)
        } else {
            "a [[source]] describes it".to_owned()
        },
        remedy: if is_ours {
            Remedy::Make
        } else {
            let what = "have its owner make it, or grant DESCRIBE and READ on it, or take it out of \
                        [[source]]";
            Remedy::Person(what.to_owned())
        },
        is_refused: true,
    }
}

fn differences(wanted: &Wanted, found: &Found) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut differs =
        |what: &str, is: String, should: String, because: &str, remedy, is_refused| {
            differences.push(Difference {
                topic: wanted.name.clone(),
                what: what.to_owned(),
                is,
                should,
                because: because.to_owned(),
                remedy,
                is_refused,
            });
        };
    if found.partitions != wanted.partitions {
        let (because, remedy) = partitions(wanted, found);
        let (is, should) = (found.partitions.to_string(), wanted.partitions.to_string());
        differs(
            "partitions",
            is,
            should,
            because,
            Remedy::Person(remedy),
            true,
        );
    }
    if let Some(replication) = wanted.replication
        && found.replication < replication
    {
        let remedy = "add copies with kafka-reassign-partitions.sh, or lower topics.replication";
        let (is, should) = (found.replication.to_string(), replication.to_string());
        let because = "a broker may be lost and nothing with it";
        differs(
            "replication",
            is,
            should,
            because,
            Remedy::Person(remedy.to_owned()),
            false,
        );
    }
    for setting in &wanted.settings {
        let is = found.settings.get(setting.key).cloned().unwrap_or_default();
        if !suits(setting, &is) {
            let should = match setting.suits {
                Suits::Same => setting.value.clone(),
                Suits::AtLeast => format!("{} or more", setting.value),
            };
            let needed = setting.is_needed;
            differs(
                setting.key,
                is,
                should,
                setting.because,
                Remedy::Change,
                needed,
            );
        }
    }
    differences
}

fn suits(setting: &Setting, is: &str) -> bool {
    match setting.suits {
        Suits::Same => setting.value == is,
        Suits::AtLeast => {
            let number = |text: &str| text.parse::<i64>().ok();
            let is_endless = is == "-1" && setting.key == "retention.ms";
            is_endless
                || number(is)
                    .zip(number(&setting.value))
                    .is_some_and(|(is, least)| is >= least)
        }
    }
}

/// Why the number of partitions matters, and what a person can do.
fn partitions(wanted: &Wanted, found: &Found) -> (&'static str, String) {
    match wanted.setting.as_str() {
        "topics.journal" | "topics.state" => (
            "a force's partition is its place in the journal and in the state, for good",
            format!(
                "set topics.journal_partitions = {} if nobody changed the topic; else restore the topic as it was, for partitions cannot be taken away",
                found.partitions
            ),
        ),
        "source.partitions" => (
            "a proof covers the partitions that are declared, and would leave one out",
            format!(
                "set partitions = {} in its [[source]] once its feeds send heartbeats to every one",
                found.partitions
            ),
        ),
        _ => (
            "a key stays in its partition, and what is compacted would be there twice",
            format!("set topics.output_partitions = {}", found.partitions),
        ),
    }
}

/// Topics that match the pattern of a source and are not declared in it.
fn undeclared(found: &BTreeMap<String, Found>, config: &ServiceConfig) -> Vec<Difference> {
    let mut differences = Vec::new();
    for source in &config.sources {
        let Some(pattern) = &source.pattern else {
            continue;
        };
        let is_new = |name: &&String| pattern.is_match(name) && config.source(name).is_none();
        for name in found.keys().filter(is_new) {
            differences.push(Difference {
                topic: name.clone(),
                what: "the topic".to_owned(),
                is: "not declared".to_owned(),
                should: "declared".to_owned(),
                because: format!("it matches the pattern {pattern} of a [[source]]"),
                remedy: Remedy::Person(format!(
                    "add \"{name}\" to the topics of that [[source]], or narrow its pattern"
                )),
                is_refused: true,
            });
        }
    }
    differences
}

#[cfg(test)]
mod tests;
