//! The topics the service reads: which there are, how many partitions each has, how their records are
//! encoded, and what a tombstone's key names. Written down and not looked up, because a proof is
//! worth no more than the list of partitions it covers. Start at [`SourceConfig`].

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::DeValue;

use super::ground::{At, Found, Ground, Section};
use super::pattern::Pattern;
use super::topics::{NAME, is_topic};
use crate::domain::names::{ForceCode, RecordKind, Reference, Source};

/// Topics that are alike.
#[derive(Clone, PartialEq, Debug)]
pub struct SourceConfig {
    /// Their names; where there is a pattern, what it matched when it was declared.
    pub topics: Vec<String>,
    /// What a topic's name looks like that has to be declared here too.
    pub pattern: Option<Pattern>,
    /// How many partitions each has.
    pub partitions: i32,
    /// How their records are encoded.
    pub encoding: Encoding,
    /// What the key of a tombstone names; none: a tombstone is set aside.
    pub tombstones: Option<KeyMapping>,
}

/// How records are encoded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoding {
    /// JSON.
    Json,
    /// Avro, its schema in the registry.
    Avro,
    /// Avro where a record names a schema, else JSON.
    Auto,
}

/// How the key of a tombstone names its thing. What the key does not say is fixed here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyMapping {
    /// The key's parts, in order.
    pub parts: Vec<KeyPart>,
    /// The force, unless the key says it.
    pub force: Option<ForceCode>,
    /// The feed, unless the key says it.
    pub source: Option<Source>,
    /// The kind of thing, unless the key says it.
    pub record: Option<RecordKind>,
}

/// One part of a key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum KeyPart {
    /// Signs that stand there.
    Text(String),
    /// `{reference}`.
    Reference,
    /// `{force}`.
    Force,
    /// `{source}`.
    Source,
    /// `{record}`.
    Record,
}

/// What the key of a tombstone names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyNames {
    /// The force.
    pub force: ForceCode,
    /// The feed.
    pub source: Source,
    /// The kind of thing.
    pub record: RecordKind,
    /// The thing.
    pub reference: Reference,
}

/// Reads every `[[source]]`.
pub(super) fn read<'a>(ground: &mut Ground<'a>, root: &mut Section<'a>) -> Sources {
    let sections = root.list(ground, "source");
    let mut sources = Sources::default();
    for section in sections {
        let source = read_one(ground, section, &mut sources.lines);
        sources.list.push(source);
    }
    sources
}

/// What was read, with the line of each topic.
#[derive(Default)]
pub(super) struct Sources {
    pub(super) list: Vec<SourceConfig>,
    pub(super) lines: BTreeMap<String, usize>,
}

fn read_one<'a>(
    ground: &mut Ground<'a>,
    mut section: Section<'a>,
    lines: &mut BTreeMap<String, usize>,
) -> SourceConfig {
    let topics = section.texts(ground, "topics");
    if topics.is_empty() {
        let what = "is empty: name the topics that it describes";
        ground.wrong(&section.at(), section.named("topics"), what);
    }
    let pattern = section.text(ground, "pattern").and_then(|found| {
        let read = Pattern::read(&found.value);
        read.map_err(|what| ground.wrong(&found.at, section.named("pattern"), what))
            .ok()
    });
    for topic in &topics {
        check_topic(ground, topic, pattern.as_ref());
        if let At::Line(line) = topic.at
            && let Some(first) = lines.insert(topic.value.clone(), line)
        {
            let what = format!("`{}` is described in line {first} already", topic.value);
            ground.wrong(&topic.at, "source.topics", what);
        }
    }
    if section.raw("partitions").is_none() {
        let what = "is missing: say how many partitions each of these topics has";
        ground.wrong(&section.at(), section.named("partitions"), what);
    }
    let source = SourceConfig {
        topics: topics.into_iter().map(|found| found.value).collect(),
        pattern,
        partitions: section.number(ground, "partitions", 1, 1..=100_000),
        encoding: section.choice(
            ground,
            "encoding",
            Encoding::Json,
            &[
                ("json", Encoding::Json),
                ("avro", Encoding::Avro),
                ("auto", Encoding::Auto),
            ],
        ),
        tombstones: tombstones(ground, &mut section),
    };
    section.close(ground);
    source
}

fn check_topic(ground: &mut Ground<'_>, topic: &Found<String>, pattern: Option<&Pattern>) {
    if !is_topic(&topic.value) {
        let what = format!("`{}` is no name of a topic: {NAME}", topic.value);
        ground.wrong(&topic.at, "source.topics", what);
    } else if let Some(pattern) = pattern.filter(|pattern| !pattern.is_match(&topic.value)) {
        let what = format!("`{}` does not match the pattern {pattern}", topic.value);
        ground.wrong(&topic.at, "source.topics", what);
    }
}

fn tombstones<'a>(ground: &mut Ground<'a>, section: &mut Section<'a>) -> Option<KeyMapping> {
    let value: &'a Spanned<DeValue<'a>> = section.raw("tombstones")?;
    let at = At::Line(ground.line_of(value));
    let Some(table) = value.get_ref().as_table() else {
        let what = "is a table such as { key = \"{reference}\", force = \"…\", source = \"rms\", record = \"crime\" }";
        ground.wrong(&at, "source.tombstones", what);
        return None;
    };
    let mut inner = Section::listed("source.tombstones", table, ground.line_of(value));
    let key = inner.needed(
        ground,
        "key",
        "write \"{reference}\", or the parts of the key",
    );
    let force = inner
        .text(ground, "force")
        .map(|found| found.value.as_str().into());
    let source = inner
        .text(ground, "source")
        .map(|found| found.value.as_str().into());
    let kinds = [
        ("incident", Some(RecordKind::Incident)),
        ("crime", Some(RecordKind::Crime)),
    ];
    let record = inner.choice(ground, "record", None, &kinds);
    inner.close(ground);
    let key = key?;
    let parts = match parts(&key.value) {
        Ok(parts) => parts,
        Err(what) => {
            ground.wrong(&key.at, "source.tombstones.key", what);
            return None;
        }
    };
    let mapping = KeyMapping {
        parts,
        force,
        source,
        record,
    };
    for what in mapping.problems() {
        ground.wrong(&key.at, "source.tombstones", what);
    }
    Some(mapping)
}

fn kind(word: &str) -> Option<RecordKind> {
    [RecordKind::Incident, RecordKind::Crime]
        .into_iter()
        .find(|kind| kind.as_str() == word)
}

fn parts(text: &str) -> Result<Vec<KeyPart>, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        if !before.is_empty() {
            parts.push(KeyPart::Text(before.to_owned()));
        }
        let (name, after) = after.split_once('}').ok_or("a `{` has no `}`")?;
        parts.push(match name {
            "reference" => KeyPart::Reference,
            "force" => KeyPart::Force,
            "source" => KeyPart::Source,
            "record" => KeyPart::Record,
            other => {
                return Err(format!(
                    "`{{{other}}}` is not one of {{reference}}, {{force}}, {{source}}, {{record}}"
                ));
            }
        });
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(KeyPart::Text(rest.to_owned()));
    }
    Ok(parts)
}

impl KeyMapping {
    /// What a key names; `None` if it does not look as the mapping says.
    pub fn names(&self, key: &str) -> Option<KeyNames> {
        let (mut force, mut source) = (self.force.clone(), self.source.clone());
        let (mut record, mut reference) = (self.record, None);
        let mut rest = key;
        for (at, part) in self.parts.iter().enumerate() {
            if let KeyPart::Text(text) = part {
                rest = rest.strip_prefix(text.as_str())?;
                continue;
            }
            // A part ends where the next sign of the mapping stands; the last one takes the rest.
            let end = match self.parts.get(at + 1) {
                Some(KeyPart::Text(text)) => rest.find(text.as_str())?,
                _ => rest.len(),
            };
            let (value, after) = rest.split_at(end);
            if value.is_empty() {
                return None;
            }
            match part {
                KeyPart::Reference => reference = Some(value.into()),
                KeyPart::Force => force = Some(value.into()),
                KeyPart::Source => source = Some(value.into()),
                KeyPart::Record => record = Some(kind(value)?),
                KeyPart::Text(_) => {}
            }
            rest = after;
        }
        rest.is_empty().then_some(())?;
        Some(KeyNames {
            force: force?,
            source: source?,
            record: record?,
            reference: reference?,
        })
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let named = [
            (KeyPart::Reference, "reference", false),
            (KeyPart::Force, "force", self.force.is_some()),
            (KeyPart::Source, "source", self.source.is_some()),
            (KeyPart::Record, "record", self.record.is_some()),
        ];
        for (part, name, fixed) in named {
            let times = self.parts.iter().filter(|other| **other == part).count();
            match (times, fixed) {
                (0, false) if name == "reference" => {
                    problems.push("the key has no {reference}".to_owned());
                }
                (0, false) => problems.push(format!(
                    "nothing says the {name}: write {{{name}}} into the key, or {name} = \"…\""
                )),
                (1, true) => problems.push(format!("the {name} is said twice")),
                (2.., _) => problems.push(format!("{{{name}}} stands twice in the key")),
                _ => {}
            }
        }
        let is_part = |part: &KeyPart| !matches!(part, KeyPart::Text(_));
        if self.parts.windows(2).any(|pair| pair.iter().all(is_part)) {
            problems.push("two parts of the key have no sign between them".to_owned());
        }
        problems
    }
}
