//! What a run takes as declared: which feeds there are, which blocks each owns, since when each
//! covers, through when each is proved. From the configuration and the arguments, else from what
//! the files send. Start at [`declare`].

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::exception::ProofKind;
use crate::domain::feed::Partition;
use crate::domain::names::{ForceCode, Source};
use crate::domain::records::{Block, BlockSet};
use crate::domain::{Feed, Feeds, Instant, Moment};

use super::options::Options;

/// What the heads of the files say.
#[derive(Clone, Debug, Default)]
pub struct Heads {
    /// What each feed of each force sends.
    pub sent: BTreeMap<(ForceCode, Source), SentBy>,
}

/// What the heads say of one feed.
#[derive(Clone, Debug, Default)]
pub struct SentBy {
    /// The blocks it tells.
    pub blocks: BlockSet,
    /// The files it stands in.
    pub files: BTreeSet<usize>,
    /// Its newest record.
    pub newest: Option<Instant>,
    /// Its last heartbeat.
    pub sent_through: Option<Instant>,
    /// Moments its mapping says it never carries.
    pub not_carried: BTreeSet<String>,
}

/// What is declared of one force.
#[derive(Clone, Debug)]
pub struct Declared {
    /// Its feeds.
    pub feeds: Feeds,
    /// Through when each feed is proved, and on whose word.
    pub claims: BTreeMap<Source, (Instant, ProofKind)>,
}

impl Heads {
    /// What the heads say of this feed.
    pub fn of(&mut self, force: &str, source: &str) -> &mut SentBy {
        self.sent.entry((force.into(), source.into())).or_default()
    }

    /// The feeds that stand in a file, by force; every feed if the file shows none.
    pub fn feeds_in(&self, file: usize) -> BTreeMap<ForceCode, Vec<Source>> {
        let within = |by: &&SentBy| by.files.contains(&file);
        let shown = self.sent.values().any(|by| within(&by));
        let mut feeds: BTreeMap<ForceCode, Vec<Source>> = BTreeMap::new();
        for ((force, source), by) in &self.sent {
            if !shown || within(&by) {
                feeds.entry(force.clone()).or_default().push(source.clone());
            }
        }
        feeds
    }
}

/// Everything that is declared, by force, or every reason why that cannot be told.
pub fn declare(
    heads: &Heads,
    options: &Options,
    now: Instant,
) -> Result<BTreeMap<ForceCode, Declared>, Vec<String>> {
    let mut problems = unknown_feeds(heads, options);
    let forces: BTreeSet<&ForceCode> = heads.sent.keys().map(|(force, _)| force).collect();
    let mut declared = BTreeMap::new();
    for force in forces {
        let owners = owners(force, heads, options, &mut problems);
        declared.insert(force.clone(), of_force(force, &owners, heads, options, now));
    }
    if problems.is_empty() {
        Ok(declared)
    } else {
        Err(problems)
    }
}

/// The arguments that name a feed which sends nothing and is not configured.
fn unknown_feeds(heads: &Heads, options: &Options) -> Vec<String> {
    let known = |name: &Source| {
        heads.sent.keys().any(|(_, source)| source == name)
            || options
                .config
                .as_ref()
                .is_some_and(|config| config.names(name))
    };
    let mut named: Vec<(&str, &Source)> = options
        .covers
        .keys()
        .map(|name| ("--covers", name))
        .collect();
    named.extend(options.owners.values().map(|name| ("--owner", name)));
    let unknown = named.into_iter().filter(|(_, name)| !known(name));
    unknown
        .map(|(argument, name)| {
            let all: Vec<&str> = heads.sent.keys().map(|(_, source)| source.as_str()).collect();
            let all = if all.is_empty() { "none".to_owned() } else { all.join(", ") };
            format!("{argument} names the feed {name}, of which there is no record; the feeds are: {all}")
        })
        .collect()
}

/// Who owns each block: by argument, by configuration, else the only feed that sends it.
fn owners(
    force: &ForceCode,
    heads: &Heads,
    options: &Options,
    problems: &mut Vec<String>,
) -> BTreeMap<Block, Source> {
    let mut owners: BTreeMap<Block, Source> = BTreeMap::new();
    for block in Block::EVERY {
        let configured = options
            .config
            .as_ref()
            .and_then(|config| config.owner(force, *block));
        if let Some(owner) = options.owners.get(block).or(configured) {
            owners.insert(*block, owner.clone());
            continue;
        }
        if options
            .config
            .as_ref()
            .is_some_and(|config| config.declares(force))
        {
            continue;
        }
        let senders: Vec<&Source> = heads
            .sent
            .iter()
            .filter(|((of, _), by)| of == force && by.blocks.has(*block))
            .map(|((_, source), _)| source)
            .collect();
        match senders.as_slice() {
            [] => {}
            [only] => {
                owners.insert(*block, (*only).clone());
            }
            several => problems.push(two_senders(force, *block, several)),
        }
    }
    owners
}

fn two_senders(force: &ForceCode, block: Block, senders: &[&Source]) -> String {
    let named: Vec<&str> = senders.iter().map(|source| source.as_str()).collect();
    format!(
        "block {} of force {force} is sent by {}: a block has one owner; name it with --owner {}={} or in --config",
        block.as_str(),
        named.join(" and "),
        block.as_str(),
        named[0],
    )
}

fn of_force(
    force: &ForceCode,
    owners: &BTreeMap<Block, Source>,
    heads: &Heads,
    options: &Options,
    now: Instant,
) -> Declared {
    let names = feeds_of(force, owners, heads, options);
    let mut claims = BTreeMap::new();
    let mut feeds = Vec::new();
    for name in names {
        let by = heads.sent.get(&(force.clone(), name.clone()));
        claims.insert(name.clone(), claim(&name, by, options, now));
        feeds.push(feed(force, name, owners, by, options));
    }
    Declared {
        feeds: Feeds::declared(feeds),
        claims,
    }
}

/// The feeds of a force: those that the configuration declares, if it declares the force, else those
/// that send something; and those that an argument names.
fn feeds_of(
    force: &ForceCode,
    owners: &BTreeMap<Block, Source>,
    heads: &Heads,
    options: &Options,
) -> BTreeSet<Source> {
    let config = options.config.as_ref();
    let is_declared = config.is_some_and(|config| config.declares(force));
    let sent = heads.sent.keys().filter(|(of, _)| of == force);
    let sent = sent.map(|(_, source)| source);
    let counted = sent.filter(|source| !is_declared || options.covers.contains_key(*source));
    let configured = config.into_iter().flat_map(|config| config.feeds(force));
    counted
        .chain(owners.values())
        .chain(configured.map(|feed| &feed.name))
        .cloned()
        .collect()
}

fn feed(
    force: &ForceCode,
    name: Source,
    owners: &BTreeMap<Block, Source>,
    by: Option<&SentBy>,
    options: &Options,
) -> Feed {
    let owned: Vec<Block> = owners
        .iter()
        .filter(|(_, owner)| **owner == name)
        .map(|(block, _)| *block)
        .collect();
    let configured = options
        .config
        .as_ref()
        .and_then(|config| config.feed(force, &name));
    let stated = options.covers.get(&name).and_then(|covers| covers.from);
    let mut not_carried: BTreeSet<String> = by.map(|by| by.not_carried.clone()).unwrap_or_default();
    not_carried.extend(
        configured
            .iter()
            .flat_map(|feed| feed.not_carried.iter().cloned()),
    );
    Feed {
        owns: BlockSet::of(&owned),
        covers_from: stated.or(configured.and_then(|feed| feed.covers_from)),
        not_carried: not_carried.into_iter().collect(),
        partitions: vec![files_partition()],
        promise: configured.and_then(|feed| feed.promise),
        name,
    }
}

/// Files have one partition: they are read whole.
pub fn files_partition() -> Partition {
    Partition {
        topic: "files".to_owned(),
        number: 0,
    }
}

/// Through when a feed is proved: as stated, else by its last heartbeat, else as at the time of
/// judging; without any of these, through its newest record, since nothing later is known to have
/// been sent. Never later than the time of judging.
fn claim(
    name: &Source,
    by: Option<&SentBy>,
    options: &Options,
    now: Instant,
) -> (Instant, ProofKind) {
    let stated = options.covers.get(name).and_then(|covers| covers.to);
    let heartbeat = by.and_then(|by| by.sent_through);
    let newest = by.and_then(|by| by.newest);
    let (through, kind) = match (stated, heartbeat, options.as_at) {
        (Some(to), _, _) => (to, ProofKind::Declared),
        (_, Some(sent_through), _) => (sent_through, ProofKind::Stated),
        (_, _, Some(as_at)) => (as_at, ProofKind::Declared),
        _ => (newest.unwrap_or(Instant::BEGINNING), ProofKind::Declared),
    };
    (through.min(options.as_at.unwrap_or(now)), kind)
}

/// The newest of two moments of a feed, as an instant that is surely past.
pub fn newest(known: Option<Instant>, moment: Option<Moment>) -> Option<Instant> {
    known
        .into_iter()
        .chain(moment.map(|moment| moment.earliest()))
        .max()
}
