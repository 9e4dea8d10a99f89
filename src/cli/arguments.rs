//! The arguments that `check` and `explain` share, and how they are read: all problems at once.
//! Start at [`Judging`].

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use crate::config::feeds::{FeedsConfig, every_block};
use crate::config::serve::ServiceConfig;
use crate::config::serve::alert::AlertConfig;
use crate::domain::names::Source;
use crate::domain::records::Block;
use crate::domain::{Instant, Moment};
use crate::drivers::clock;
use crate::drivers::files::CannotCheck;
use crate::drivers::files::input::Input;
use crate::drivers::files::options::{Covers, Options};
use crate::reference::Library;
use crate::validation::RuleSet;
use crate::wire::csv::Mappings;

/// What is judged, and how.
#[derive(Args)]
pub(super) struct Judging {
    /// Files or folders: JSON lines, and CSV that a mapping fits
    #[arg(required = true, value_name = "FILES")]
    files: Vec<PathBuf>,
    /// The time of judging: no feed is proved later (2026-04-01T09:00:00+01:00, or 2026-04-01 for
    /// the first instant of that day in London)
    #[arg(long, value_name = "T")]
    as_at: Option<String>,
    /// What a feed covers and is proved through; either end may be left out
    #[arg(long, value_name = "FEED=FROM..TO")]
    covers: Vec<String>,
    /// Which feed owns a block that several send
    #[arg(long, value_name = "BLOCK=SOURCE")]
    owner: Vec<String>,
    /// A mapping file to read CSV through; those that come with the program are then left out
    #[arg(long, value_name = "FILE")]
    mapping: Vec<PathBuf>,
    /// The profile to judge under [default: that of --config, else national]
    #[arg(long, value_name = "P")]
    profile: Option<String>,
    /// A configuration of feeds: owners, coverage, moments never carried
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Arguments that could be read.
pub(super) struct Prepared {
    /// The files.
    pub(super) inputs: Vec<Input>,
    /// What was asked.
    pub(super) options: Options,
    /// The rules to judge by.
    pub(super) rules: RuleSet,
    /// When the records came in.
    pub(super) arrival: Instant,
}

impl Judging {
    /// Reads the arguments, or says everything that is wrong with them.
    pub(super) fn prepare(&self) -> Result<Prepared, CannotCheck> {
        let mut problems = Vec::new();
        let config = self.read_config(&mut problems);
        let as_at = self
            .as_at
            .as_deref()
            .and_then(|text| instant(text, "--as-at", &mut problems));
        let profile = self
            .profile
            .clone()
            .or(config.as_ref().and_then(|config| config.profile.clone()));
        let library = Library::shipped(profile.as_deref().unwrap_or("national"))
            .map_err(|faults| problems.push(faults.to_string()))
            .ok();
        let options = Options {
            as_at,
            covers: covers(&self.covers, &mut problems),
            owners: owners(&self.owner, &mut problems),
            config,
            mappings: self.read_mappings(&mut problems),
        };
        let inputs = inputs(&self.files, &mut problems);
        match library {
            Some(library) if problems.is_empty() => Ok(Prepared {
                inputs,
                options,
                rules: RuleSet::of(library),
                // A time of judging in the future is a rehearsal, and its records have arrived.
                arrival: as_at.unwrap_or(Instant::BEGINNING).max(clock::now()),
            }),
            _ => Err(CannotCheck::Setup(problems)),
        }
    }

    /// The command that explains a reference of the same files in the same way.
    pub(super) fn explain(&self, reference: &str) -> String {
        let mut words = vec![
            "truecount".to_owned(),
            "explain".to_owned(),
            reference.to_owned(),
        ];
        words.extend(self.files.iter().map(|path| path.display().to_string()));
        let one = |name: &str, value: &Option<String>| {
            let value = value.clone()?;
            Some([name.to_owned(), value])
        };
        let config = self.config.as_ref().map(|path| path.display().to_string());
        let single = [
            one("--config", &config),
            one("--profile", &self.profile),
            one("--as-at", &self.as_at),
        ];
        words.extend(single.into_iter().flatten().flatten());
        let mappings: Vec<String> = self
            .mapping
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        for (name, values) in [
            ("--covers", &self.covers),
            ("--owner", &self.owner),
            ("--mapping", &mappings),
        ] {
            for value in values {
                words.extend([name.to_owned(), value.clone()]);
            }
        }
        let quoted = words.iter().map(|word| quoted(word));
        quoted.collect::<Vec<_>>().join(" ")
    }

    /// The mappings named, if any are.
    fn read_mappings(&self, problems: &mut Vec<String>) -> Option<Arc<Mappings>> {
        let mut texts = Vec::new();
        for path in &self.mapping {
            let name = path.display().to_string();
            match std::fs::read_to_string(path) {
                Ok(text) => texts.push((name, text)),
                Err(fault) => problems.push(format!("--mapping {name}: {fault}")),
            }
        }
        let named = texts
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()));
        match Mappings::read(named) {
            Ok(mappings) => (!texts.is_empty()).then(|| Arc::new(mappings)),
            Err(faults) => {
                problems.extend(faults.iter().map(ToString::to_string));
                None
            }
        }
    }

    fn read_config(&self, problems: &mut Vec<String>) -> Option<FeedsConfig> {
        let path = self.config.as_ref()?;
        let name = path.display().to_string();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(fault) => {
                problems.push(format!("--config {name}: {fault}"));
                return None;
            }
        };
        match FeedsConfig::read(&name, &text) {
            Ok(config) => Some(config),
            Err(faults) => {
                problems.extend(faults);
                None
            }
        }
    }
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = |sign: char| sign.is_alphanumeric() || "-_./:=+,".contains(sign);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// The files named, and those of the folders named, in the order of their names.
fn inputs(files: &[PathBuf], problems: &mut Vec<String>) -> Vec<Input> {
    let mut inputs = Vec::new();
    for path in files {
        if !path.is_dir() {
            inputs.push(Input::from(path.as_path()));
            continue;
        }
        match std::fs::read_dir(path) {
            Err(fault) => problems.push(format!("{}: {fault}", path.display())),
            Ok(entries) => {
                let mut within: Vec<PathBuf> =
                    entries.flatten().map(|entry| entry.path()).collect();
                within.retain(|path| is_input(path));
                within.sort();
                if within.is_empty() {
                    let name = path.display();
                    problems.push(format!(
                        "{name}: the folder has no .jsonl, .json or .csv file"
                    ));
                }
                inputs.extend(within.iter().map(|path| Input::from(path.as_path())));
            }
        }
    }
    inputs
}

fn is_input(path: &std::path::Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    matches!(extension, Some("jsonl" | "ndjson" | "json" | "csv" | "tsv"))
}

fn covers(arguments: &[String], problems: &mut Vec<String>) -> BTreeMap<Source, Covers> {
    let mut covers = BTreeMap::new();
    for argument in arguments {
        let Some((feed, (from, to))) = argument
            .split_once('=')
            .and_then(|(feed, span)| Some((feed, span.split_once("..")?)))
        else {
            problems.push(format!(
                "--covers {argument}: expected FEED=FROM..TO, such as rms=2026-04-01..2026-05-01"
            ));
            continue;
        };
        let mut end = |text: &str| {
            (!text.is_empty())
                .then(|| instant(text, "--covers", problems))
                .flatten()
        };
        let span = Covers {
            from: end(from),
            to: end(to),
        };
        if span.from.zip(span.to).is_some_and(|(from, to)| from > to) {
            problems.push(format!("--covers {argument}: it ends before it begins"));
        }
        if covers.insert(Source::from(feed), span).is_some() {
            problems.push(format!("--covers {argument}: {feed} is named twice"));
        }
    }
    covers
}

fn owners(arguments: &[String], problems: &mut Vec<String>) -> BTreeMap<Block, Source> {
    let mut owners = BTreeMap::new();
    for argument in arguments {
        let named = argument.split_once('=').and_then(|(block, source)| {
            let block = Block::EVERY.iter().find(|own| own.as_str() == block)?;
            Some((*block, Source::from(source)))
        });
        match named {
            Some((block, source)) => {
                if owners.insert(block, source).is_some() {
                    problems.push(format!("--owner {argument}: the block has two owners"));
                }
            }
            None => problems.push(format!(
                "--owner {argument}: expected BLOCK=SOURCE; the blocks are {}",
                every_block()
            )),
        }
    }
    owners
}

/// A time that an argument says, or a problem.
pub(super) fn instant(text: &str, argument: &str, problems: &mut Vec<String>) -> Option<Instant> {
    match Moment::parse(text) {
        Ok(moment) => Some(moment.earliest()),
        Err(fault) => {
            problems.push(format!("{argument} {text}: {fault}"));
            None
        }
    }
}

/// Reads the configuration of the service, with what the environment says.
pub(super) fn service(path: &Path) -> Result<ServiceConfig, CannotCheck> {
    configured(path, ServiceConfig::read)
}

/// Reads the configuration of the alerting, with what the environment says.
pub(super) fn alerting(path: &Path) -> Result<AlertConfig, CannotCheck> {
    configured(path, AlertConfig::read)
}

/// How a configuration is read: file, text and environment.
type Reads<C> = fn(&str, &str, &BTreeMap<String, String>) -> Result<C, Vec<String>>;

fn configured<C>(path: &Path, read: Reads<C>) -> Result<C, CannotCheck> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|fault| CannotCheck::Setup(vec![format!("--config {name}: {fault}")]))?;
    let environment = std::env::vars().filter(|(name, _)| name.starts_with("TRUECOUNT_"));
    read(&name, &text, &environment.collect()).map_err(CannotCheck::Setup)
}
