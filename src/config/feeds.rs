//! The feeds a force declares: which blocks each owns, since when it covers, what it never carries.
//! Never invents a default owner. Start at [`FeedsConfig::read`].

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::domain::feed::Promise;
use crate::domain::names::{ForceCode, Source};
use crate::domain::records::Block;
use crate::domain::{Elapsed, Instant, Moment};

/// What a configuration file says of the feeds.
#[derive(Clone, Debug, Default)]
pub struct FeedsConfig {
    /// The profile to judge under, unless an argument names another.
    pub profile: Option<String>,
    forces: BTreeMap<ForceCode, Vec<FeedConfig>>,
}

/// What a configuration file says of one feed.
#[derive(Clone, PartialEq, Debug)]
pub struct FeedConfig {
    /// Its name.
    pub name: Source,
    /// The blocks it owns.
    pub owns: Vec<Block>,
    /// Since when it covers everything.
    pub covers_from: Option<Instant>,
    /// Paths of moments that it never carries.
    pub not_carried: Vec<String>,
    /// What it promises instead of heartbeats.
    pub promise: Option<Promise>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    profile: Option<String>,
    #[serde(default)]
    force: Vec<ForceForm>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ForceForm {
    code: Spanned<String>,
    #[serde(default)]
    feed: Vec<FeedForm>,
}

/// One feed as a file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FeedForm {
    name: Spanned<String>,
    #[serde(default)]
    owns: Vec<Spanned<String>>,
    covers_from: Option<Spanned<String>>,
    #[serde(default)]
    not_carried: Vec<Spanned<String>>,
    publication_lag_minutes: Option<i64>,
    expected_every_minutes: Option<i64>,
}

impl FeedsConfig {
    /// Reads a configuration file; every problem at once, each with file and line.
    pub fn read(file: &str, text: &str) -> Result<FeedsConfig, Vec<String>> {
        let form: File = toml::from_str(text).map_err(|fault| {
            let line = fault.span().map_or(1, |span| line_of(text, span.start));
            vec![format!("{file}:{line}: {}", fault.message())]
        })?;
        let mut reading = Reading {
            file,
            text,
            problems: Vec::new(),
        };
        let mut forces = BTreeMap::new();
        for force in form.force {
            let code = ForceCode::from(force.code.get_ref().as_str());
            let feeds: Vec<FeedConfig> = force.feed.iter().map(|feed| reading.feed(feed)).collect();
            reading.one_owner_each(&force.feed);
            if forces.insert(code, feeds).is_some() {
                reading.wrong(
                    &force.code,
                    "this force is declared twice: put its feeds together",
                );
            }
        }
        if reading.problems.is_empty() {
            Ok(FeedsConfig {
                profile: form.profile,
                forces,
            })
        } else {
            Err(reading.problems)
        }
    }

    /// True if the force's feeds are declared here.
    pub fn declares(&self, force: &ForceCode) -> bool {
        self.forces.contains_key(force)
    }

    /// The feeds of a force.
    pub fn feeds(&self, force: &ForceCode) -> impl Iterator<Item = &FeedConfig> {
        self.forces.get(force).into_iter().flatten()
    }

    /// One feed of a force.
    pub fn feed(&self, force: &ForceCode, name: &Source) -> Option<&FeedConfig> {
        self.feeds(force).find(|feed| feed.name == *name)
    }

    /// True if some force has a feed of this name.
    pub fn names(&self, name: &Source) -> bool {
        self.forces
            .values()
            .flatten()
            .any(|feed| feed.name == *name)
    }

    /// The owner of a block in a force.
    pub fn owner(&self, force: &ForceCode, block: Block) -> Option<&Source> {
        self.feeds(force)
            .find(|feed| feed.owns.contains(&block))
            .map(|feed| &feed.name)
    }
}

/// Reads the feeds of one force, where another reading has taken the file apart.
pub(super) fn read_feeds(
    file: &str,
    text: &str,
    forms: &[FeedForm],
) -> Result<Vec<FeedConfig>, Vec<String>> {
    let mut reading = Reading {
        file,
        text,
        problems: Vec::new(),
    };
    let feeds = forms.iter().map(|form| reading.feed(form)).collect();
    reading.one_owner_each(forms);
    if reading.problems.is_empty() {
        Ok(feeds)
    } else {
        Err(reading.problems)
    }
}

struct Reading<'a> {
    file: &'a str,
    text: &'a str,
    problems: Vec<String>,
}

impl Reading<'_> {
    fn wrong(&mut self, at: &Spanned<String>, what: &str) {
        let line = line_of(self.text, at.span().start);
        self.problems
            .push(format!("{}:{line}: `{}`: {what}", self.file, at.get_ref()));
    }

    fn feed(&mut self, form: &FeedForm) -> FeedConfig {
        let mut owns = Vec::new();
        for name in &form.owns {
            match Block::EVERY
                .iter()
                .find(|block| block.as_str() == name.get_ref())
            {
                Some(block) => owns.push(*block),
                None => self.wrong(
                    name,
                    &format!("is no block; the blocks are {}", every_block()),
                ),
            }
        }
        for path in &form.not_carried {
            let block = path.get_ref().split('.').next().unwrap_or_default();
            if !owns.iter().any(|own| own.as_str() == block) {
                self.wrong(path, "names a field of a block that this feed does not own");
            }
        }
        let covers_from = form.covers_from.as_ref().and_then(|from| {
            let moment = Moment::parse(from.get_ref());
            if moment.is_err() {
                self.wrong(
                    from,
                    "is no moment; write 2026-04-01 or 2026-04-01T00:00:00+01:00",
                );
            }
            moment.ok().map(|moment| moment.earliest())
        });
        let minutes = self.promise(form);
        FeedConfig {
            name: form.name.get_ref().as_str().into(),
            owns,
            covers_from,
            not_carried: form
                .not_carried
                .iter()
                .map(|path| path.get_ref().clone())
                .collect(),
            promise: minutes.map(|(lag, every)| Promise {
                publication_lag: Elapsed::minutes(lag),
                expected_every: Elapsed::minutes(every),
            }),
        }
    }

    /// Both halves of a promise, in minutes; one alone promises nothing.
    fn promise(&mut self, form: &FeedForm) -> Option<(i64, i64)> {
        let halves = (form.publication_lag_minutes, form.expected_every_minutes);
        match halves {
            (Some(lag), Some(every)) if lag < 0 || every < 1 => {
                let what = "cannot promise this: publication_lag_minutes is 0 or more, expected_every_minutes 1 or more";
                self.wrong(&form.name, what);
            }
            (Some(_), None) | (None, Some(_)) => {
                let what = "promises half: write publication_lag_minutes and expected_every_minutes, or neither and send heartbeats";
                self.wrong(&form.name, what);
            }
            _ => {}
        }
        halves.0.zip(halves.1)
    }

    fn one_owner_each(&mut self, feeds: &[FeedForm]) {
        let mut owned: BTreeMap<&str, &str> = BTreeMap::new();
        for feed in feeds {
            for block in &feed.owns {
                let owner = feed.name.get_ref();
                if let Some(first) = owned.insert(block.get_ref(), owner) {
                    let what = format!("is owned by {first} and by {owner}; a block has one owner");
                    self.wrong(block, &what);
                }
            }
        }
    }
}

/// The names of every block, for a message.
pub fn every_block() -> String {
    let names: Vec<&str> = Block::EVERY.iter().map(|block| block.as_str()).collect();
    names.join(", ")
}

fn line_of(text: &str, at: usize) -> usize {
    text[..at.min(text.len())].matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_declares_feeds_and_owners() {
        let config = FeedsConfig::read(
            "feeds.toml",
            r#"
profile = "northamptonshire-2021"
[[force]]
code = "northamptonshire"
[[force.feed]]
name = "rms"
owns = ["core", "origin"]
covers_from = "2026-04-01"
not_carried = ["core.finalised_at"]
"#,
        )
        .expect("the file is sound");
        let force = "northamptonshire".into();
        assert_eq!(
            config.owner(&force, Block::Core).map(Source::as_str),
            Some("rms")
        );
        assert_eq!(config.owner(&force, Block::Victims), None);
        assert!(config.declares(&force));
    }

    #[test]
    fn every_problem_is_told_at_once_with_its_line() {
        let problems = FeedsConfig::read(
            "feeds.toml",
            r#"[[force]]
code = "f"
[[force.feed]]
name = "rms"
owns = ["cor", "core"]
covers_from = "yesterday"
[[force.feed]]
name = "hub"
owns = ["core"]
not_carried = ["log.arrived_at"]
"#,
        )
        .expect_err("the file has four problems");
        let lines: Vec<&str> = problems
            .iter()
            .filter_map(|one| one.split(": ").next())
            .collect();
        assert_eq!(
            lines,
            [
                "feeds.toml:5",
                "feeds.toml:6",
                "feeds.toml:10",
                "feeds.toml:9"
            ]
        );
    }

    #[test]
    fn half_a_promise_is_none() {
        let text = "[[force]]\ncode = \"f\"\n[[force.feed]]\nname = \"rms\"\n";
        for (promise, sound) in [
            (
                "publication_lag_minutes = 0\nexpected_every_minutes = 1",
                true,
            ),
            (
                "publication_lag_minutes = 0\nexpected_every_minutes = 0",
                false,
            ),
            ("expected_every_minutes = 60", false),
        ] {
            let read = FeedsConfig::read("feeds.toml", &format!("{text}{promise}"));
            assert_eq!(read.is_ok(), sound, "{promise}: {read:?}");
        }
    }

    #[test]
    fn a_slip_in_a_key_names_its_line() {
        let problems = FeedsConfig::read("feeds.toml", "profle = 1\n").expect_err("no such key");
        assert!(problems[0].starts_with("feeds.toml:1: "), "{problems:?}");
    }
}
