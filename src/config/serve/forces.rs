//! The forces, each with its partition of the journal and its feeds, each feed with its topics.
//! A feed's blocks, coverage and promise are read as for files. Start at [`ForceConfig`].

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::ground::{At, Found, Ground, Section, suggestion};
use super::sources::{SourceConfig, Sources};
use crate::config::feeds::{FeedConfig, FeedForm, read_feeds};
use crate::domain::names::{ForceCode, Source};
use crate::wire::csv::nearest;

/// One force.
#[derive(Clone, PartialEq, Debug)]
pub struct ForceConfig {
    /// Its code.
    pub code: ForceCode,
    /// Its partition of the journal and of the state, for good. Several may share one.
    pub partition: i32,
    /// Its feeds.
    pub feeds: Vec<ServiceFeed>,
    /// The feed in whose name `truecount quarantine release` decides.
    pub decisions: Option<Source>,
}

/// One feed, and the topics it is read from.
#[derive(Clone, PartialEq, Debug)]
pub struct ServiceFeed {
    /// What is declared of it.
    pub feed: FeedConfig,
    /// Its topics.
    pub topics: Vec<String>,
}

/// What was read, with the line of each code.
#[derive(Default)]
pub(super) struct Forces {
    pub(super) list: Vec<ForceConfig>,
    pub(super) lines: BTreeMap<String, usize>,
}

/// Reads every `[[force]]`.
pub(super) fn read<'a>(
    ground: &mut Ground<'a>,
    root: &mut Section<'a>,
    sources: &Sources,
    journal_partitions: i32,
) -> Forces {
    let sections = root.list(ground, "force");
    if sections.is_empty() {
        ground.wrong(
            &At::Line(1),
            "force",
            "is missing: declare at least one [[force]]",
        );
    }
    let mut forces = Forces::default();
    for mut section in sections {
        let code = section.needed(ground, "code", "name the force as the forces table does");
        if let Some(Found {
            value,
            at: at @ At::Line(line),
        }) = &code
            && let Some(first) = forces.lines.insert(value.clone(), *line)
        {
            let what =
                format!("`{value}` is declared in line {first} already: put its feeds together");
            ground.wrong(at, "force.code", what);
        }
        if section.raw("partition").is_none() {
            let what = format!(
                "is missing: give the force a partition of the journal, 0 to {}, and never change it",
                journal_partitions - 1
            );
            ground.wrong(&section.at(), "force.partition", what);
        }
        let highest = i64::from(journal_partitions) - 1;
        let partition = section.number(ground, "partition", 0, 0..=highest);
        let feeds = feeds(ground, &mut section, sources);
        let decisions = decisions(ground, &mut section, &feeds);
        section.close(ground);
        forces.list.push(ForceConfig {
            code: code
                .map(|found| found.value)
                .unwrap_or_default()
                .as_str()
                .into(),
            partition,
            feeds,
            decisions,
        });
    }
    every_topic_has_a_feed(ground, sources, &forces.list);
    forces
}

fn decisions<'a>(
    ground: &mut Ground<'a>,
    section: &mut Section<'a>,
    feeds: &[ServiceFeed],
) -> Option<Source> {
    let found = section.text(ground, "decisions")?;
    let source = Source::from(found.value.as_str());
    if !feeds.iter().any(|feed| feed.feed.name == source) {
        let what = format!("`{source}` is no feed of this force");
        ground.wrong(&found.at, "force.decisions", what);
    }
    Some(source)
}

/// The settings of a feed that files have too.
const FORM: &[&str] = &[
    "name",
    "owns",
    "covers_from",
    "not_carried",
    "publication_lag_minutes",
    "expected_every_minutes",
];

fn feeds<'a>(
    ground: &mut Ground<'a>,
    force: &mut Section<'a>,
    sources: &Sources,
) -> Vec<ServiceFeed> {
    let sections = force.list(ground, "feed");
    if sections.is_empty() {
        ground.wrong(
            &force.at(),
            "force.feed",
            "is missing: a force has at least one feed",
        );
    }
    let mut forms = Vec::new();
    let mut topics = Vec::new();
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for mut section in sections {
        let named = section.texts(ground, "topics");
        if named.is_empty() {
            let what = "is empty: name the topics that this feed is read from";
            ground.wrong(&section.at(), section.named("topics"), what);
        }
        for key in FORM {
            if let Some(value) = section.raw(key)
                && *key == "name"
                && let Some(name) = value.get_ref().as_str()
                && names
                    .insert(name.to_owned(), ground.line_of(value))
                    .is_some()
            {
                let at = At::Line(ground.line_of(value));
                ground.wrong(
                    &at,
                    "force.feed.name",
                    format!("`{name}` is declared twice"),
                );
            }
        }
        match form(&section) {
            Some(Ok(form)) => {
                forms.push(form);
                topics.push(described(ground, named, sources));
            }
            Some(Err(fault)) => {
                let line = fault.span().map(|span| ground.line(span.start));
                let at = line.map_or(section.at(), At::Line);
                ground.wrong(&at, "force.feed", fault.message());
            }
            None => {}
        }
        section.close(ground);
    }
    match read_feeds(ground.file(), ground.text(), &forms) {
        Ok(feeds) => feeds
            .into_iter()
            .zip(topics)
            .map(|(feed, topics)| ServiceFeed { feed, topics })
            .collect(),
        Err(problems) => {
            ground.also(problems);
            Vec::new()
        }
    }
}

/// The part of a feed's table that files have too; keys that nothing knows are told elsewhere.
fn form(section: &Section<'_>) -> Option<Result<FeedForm, toml::de::Error>> {
    let table = section.table()?;
    let known = table
        .iter()
        .filter(|(key, _)| FORM.contains(&key.get_ref().as_ref()));
    let known: DeTable<'_> = known
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let value = Spanned::new(0..0, DeValue::Table(known));
    Some(FeedForm::deserialize(ValueDeserializer::from(value)))
}

/// The topics a feed names, where some source describes each. A source's pattern stands for all of
/// its topics.
fn described(ground: &mut Ground<'_>, named: Vec<Found<String>>, sources: &Sources) -> Vec<String> {
    let mut topics: Vec<String> = Vec::new();
    for found in named {
        let is_meant = |source: &&SourceConfig| {
            source
                .pattern
                .as_ref()
                .is_some_and(|pattern| pattern.as_str() == found.value)
        };
        let more = if let Some(source) = sources.list.iter().find(is_meant) {
            source.topics.clone()
        } else if sources.lines.contains_key(&found.value) {
            vec![found.value.clone()]
        } else {
            let topics = sources.lines.keys().map(String::as_str);
            let meant = suggestion(nearest(&found.value, topics));
            let what = format!("no [[source]] describes `{}`{meant}", found.value);
            ground.wrong(&found.at, "force.feed.topics", what);
            continue;
        };
        for topic in more {
            if topics.contains(&topic) {
                let what = format!("names `{topic}` twice");
                ground.wrong(&found.at, "force.feed.topics", what);
            } else {
                topics.push(topic);
            }
        }
    }
    topics
}

fn every_topic_has_a_feed(ground: &mut Ground<'_>, sources: &Sources, forces: &[ForceConfig]) {
    // A force whose feeds could not be read has none, and would make every topic look forgotten.
    if forces.iter().any(|force| force.feeds.is_empty()) {
        return;
    }
    let named: Vec<&String> = forces
        .iter()
        .flat_map(|force| &force.feeds)
        .flat_map(|feed| &feed.topics)
        .collect();
    for (topic, line) in &sources.lines {
        if !named.contains(&topic) {
            let what = format!(
                "no feed of a force names `{topic}`: every record on it would be set aside"
            );
            ground.wrong(&At::Line(*line), "source.topics", what);
        }
    }
}
