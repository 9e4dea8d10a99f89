//! Streams: everything that arrives, in the order of its arrival. An honest stream delivers a record
//! before the heartbeat that vouches for it. Made from a seed. Start at [`Stream::of`].

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use truecount::domain::feed::Partition;
use truecount::domain::names::{RecordKind, Reference};
use truecount::domain::records::{Block, BlockSet, Record};
use truecount::domain::{Elapsed, Feed, Feeds, Instant, Moment};
use truecount::intake;
use truecount::wire::json::decode_tree;

use super::material::{committed, deletion, later, text, things_of};

/// A force.
pub(crate) const FORCE: &str = "northamptonshire";
/// Its feeds, besides the desk from which decisions come.
pub(crate) const FEEDS: [&str; 3] = ["cad", "rms", "victim-hub"];
/// Between a commit and its arrival at the most; a heartbeat comes later than that.
const DELAY_MINUTES: i64 = 30;

/// What arrives, and when.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Event {
    pub(crate) at: Instant,
    pub(crate) what: What,
}

/// One thing that arrives.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum What {
    /// A record of any kind that intake let in.
    Record(Record),
    /// A record that could not be read.
    SetAside {
        feed: &'static str,
        reference: Option<Reference>,
        version: Option<i64>,
    },
}

/// Everything that arrives at one force.
#[derive(Clone)]
pub(crate) struct Stream {
    pub(crate) feeds: Feeds,
    pub(crate) events: Vec<Event>,
}

/// What a stream is made of.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    /// How many cases are mixed.
    pub(crate) copies: usize,
    /// How many later versions are made.
    pub(crate) changes: usize,
    /// How many things go, and may come back.
    pub(crate) deletions: usize,
    /// How many heartbeats each feed sends before the last.
    pub(crate) beats: usize,
}

/// Enough of everything, and small enough to be read once it is shrunk.
pub(crate) const PLAN: Plan = Plan {
    copies: 6,
    changes: 30,
    deletions: 4,
    beats: 16,
};

impl Stream {
    /// The honest stream of this seed.
    pub(crate) fn of(seed: u64, plan: Plan) -> Stream {
        let mut chance = ChaCha8Rng::seed_from_u64(seed);
        let feeds = feeds(&mut chance);
        let mut records = things_of(&mut chance, plan.copies);
        lengthen(&mut records, plan, &mut chance);
        let mut events: Vec<Event> = records
            .iter()
            .filter_map(|record| {
                let delay = Elapsed::minutes(chance.random_range(1..DELAY_MINUTES));
                let at = committed(record).plus(delay);
                Some(Event {
                    at,
                    what: What::Record(admitted(record, at, &feeds)?),
                })
            })
            .collect();
        for feed in FEEDS {
            events.extend(beats(feed, &events, plan.beats, &mut chance));
        }
        events.sort_by_key(|event| event.at);
        Stream { feeds, events }
    }

    /// The records that speak of things.
    pub(crate) fn records(&self) -> impl Iterator<Item = &Event> {
        self.events.iter().filter(|event| event.thing().is_some())
    }

    /// The same feeds with other events.
    pub(crate) fn with(&self, events: Vec<Event>) -> Stream {
        Stream {
            feeds: self.feeds.clone(),
            events,
        }
    }

    /// Any order of the records, with repetitions, and every heartbeat behind them in its order. The
    /// order of two events does not depend on the others, so that a stream can be shrunk.
    pub(crate) fn shuffled(&self, seed: u64) -> Stream {
        let (beats, others): (Vec<Event>, Vec<Event>) = self
            .events
            .iter()
            .cloned()
            .partition(|event| event.beat().is_some());
        let again = others
            .iter()
            .filter(|event| event.place(seed) % 5 == 0)
            .cloned();
        let again: Vec<_> = again.map(|event| (event.place(seed + 99), event)).collect();
        let mut events: Vec<_> = others
            .into_iter()
            .map(|event| (event.place(seed), event))
            .collect();
        events.extend(again);
        events.sort_by_key(|(place, _)| *place);
        let events = events.into_iter().map(|(_, event)| event);
        self.with(events.chain(beats).collect())
    }
}

impl Event {
    /// A place drawn from a seed for this event alone.
    pub(crate) fn place(&self, seed: u64) -> u64 {
        let mut hash = DefaultHasher::new();
        (seed, format!("{:?}", self.what)).hash(&mut hash);
        hash.finish()
    }

    /// The incident or crime a record speaks of.
    pub(crate) fn thing(&self) -> Option<(RecordKind, &Reference)> {
        match &self.what {
            What::Record(record @ (Record::Incident(_) | Record::Crime(_))) => {
                Some((record.head().record, &record.head().reference))
            }
            _ => None,
        }
    }

    /// The feed a heartbeat speaks for, and through when.
    pub(crate) fn beat(&self) -> Option<(&str, Instant)> {
        match &self.what {
            What::Record(Record::Heartbeat(beat)) => {
                Some((beat.head.source.as_str(), beat.sent_through.earliest()))
            }
            _ => None,
        }
    }

    /// The feed that sends a record of a thing.
    pub(crate) fn source(&self) -> &str {
        match &self.what {
            What::Record(record) => record.head().source.as_str(),
            What::SetAside { feed, .. } => feed,
        }
    }
}

/// Makes later versions of some records, lets some things go, and some come back.
fn lengthen(records: &mut Vec<Value>, plan: Plan, chance: &mut ChaCha8Rng) {
    let mut names: Vec<String> = records
        .iter()
        .map(|record| text(record, "reference"))
        .collect();
    names.push("NP-NOWHERE".to_owned());
    for _ in 0..plan.changes {
        let changed = newest(records, chance).map(|newest| later(&newest, &names, chance));
        records.extend(changed);
    }
    for _ in 0..plan.deletions {
        let Some(last) = newest(records, chance).filter(|last| last["version"].is_i64()) else {
            continue;
        };
        let reasons = [
            "created_in_error",
            "lawful_disposal",
            "merged_into",
            "unknown",
        ];
        let reason = *reasons.choose(chance).expect("there are reasons");
        let into = names.choose(chance).filter(|_| reason == "merged_into");
        let gone = deletion(&last, reason, into);
        // What other feeds sent of a thing is lost with its lawful disposal, so it stays gone.
        if reason != "lawful_disposal" && chance.random_bool(0.5) {
            let mut back = last.clone();
            back["version"] = json!(gone["version"].as_i64().unwrap_or_default() + 1);
            back["committed_at"] = json!(committed(&gone).plus(Elapsed::hours(3)).to_string());
            records.push(back);
        }
        records.push(gone);
    }
}

/// The newest version of some thing from one feed, where that is no deletion.
fn newest(records: &[Value], chance: &mut ChaCha8Rng) -> Option<Value> {
    let key = |record: &Value| ["record", "source", "reference"].map(|word| text(record, word));
    let chosen = records.choose(chance)?;
    let same = records.iter().filter(|record| key(record) == key(chosen));
    let newest = same.max_by_key(|record| (record["version"].as_i64(), committed(record)))?;
    newest["deleted"].is_null().then(|| newest.clone())
}

/// A record as intake lets it in, or nothing.
pub(crate) fn admitted(record: &Value, at: Instant, feeds: &Feeds) -> Option<Record> {
    let record = decode_tree(record.clone()).ok()?.record;
    intake::admit(&record, at, feeds, true).ok()?;
    Some(record)
}

/// The heartbeats of a feed, each behind what it vouches for.
fn beats(feed: &str, events: &[Event], count: usize, chance: &mut ChaCha8Rng) -> Vec<Event> {
    let arrivals: Vec<Instant> = events.iter().map(|event| event.at).collect();
    let Some(last) = arrivals.iter().max() else {
        return Vec::new();
    };
    let mut through: Vec<Instant> = (0..count)
        .filter_map(|_| {
            let hours = [0, 0, 1, 3, 21, 25, 75, 200, 700].choose(chance)?;
            let at = arrivals.choose(chance)?;
            Some(at.plus(Elapsed::minutes(hours * 60 + chance.random_range(-50..50))))
        })
        .collect();
    // Some streams end before everything that arrived is vouched for.
    let hours = [-300, -20, 1, 24, 720, 9_600]
        .choose(chance)
        .expect("not empty");
    through.push(last.plus(Elapsed::hours(*hours)));
    through.sort();
    let numbered = (1..).zip(through);
    numbered
        .map(|(sequence, through)| beat(feed, sequence, through))
        .collect()
}

/// A heartbeat that arrives once everything it vouches for has.
pub(crate) fn beat(feed: &str, sequence: i64, through: Instant) -> Event {
    let through = Instant::from_millis(through.millis() / 1_000 * 1_000);
    let record = json!({
        "record": "heartbeat", "force": FORCE, "source": feed, "reference": feed,
        "version": sequence, "committed_at": through.to_string(),
        "sent_through": through.to_string(),
    });
    let record = decode_tree(record)
        .expect("a heartbeat is well formed")
        .record;
    Event {
        at: through.plus(Elapsed::minutes(DELAY_MINUTES + 5)),
        what: What::Record(record),
    }
}

/// The feeds, declared; what they cover varies, and the hub may not be there.
fn feeds(chance: &mut ChaCha8Rng) -> Feeds {
    let from = Moment::parse("2026-03-01T00:00:00+00:00")
        .expect("well formed")
        .earliest();
    let mut feeds = vec![feed("desk", None)];
    for name in FEEDS {
        let covers_from = chance.random_bool(0.85).then_some(from);
        if name != "victim-hub" || chance.random_bool(0.85) {
            feeds.push(feed(name, covers_from));
        }
    }
    Feeds::declared(feeds)
}

/// A feed with the blocks it owns by its name.
pub(crate) fn feed(name: &str, covers_from: Option<Instant>) -> Feed {
    let owns = |block: &&Block| match name {
        "cad" => block.kind() == RecordKind::Incident,
        "rms" => block.kind() == RecordKind::Crime && **block != Block::VictimCare,
        "victim-hub" => **block == Block::VictimCare,
        _ => false,
    };
    let owned: Vec<Block> = Block::EVERY.iter().filter(owns).copied().collect();
    Feed {
        name: name.into(),
        owns: BlockSet::of(&owned),
        covers_from,
        not_carried: Vec::new(),
        partitions: vec![partition()],
        promise: None,
    }
}

/// The one partition of every feed.
pub(crate) fn partition() -> Partition {
    Partition {
        topic: "simulated".to_owned(),
        number: 0,
    }
}

impl fmt::Display for Event {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::Record(record) => {
                let mut told = serde_json::to_value(record).map_err(|_| fmt::Error)?;
                without_nulls(&mut told);
                write!(out, "{} {told}", self.at)
            }
            other => write!(out, "{} {other:?}", self.at),
        }
    }
}

fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, told| !told.is_null());
            fields.values_mut().for_each(without_nulls);
        }
        Value::Array(entries) => entries.iter_mut().for_each(without_nulls),
        _ => {}
    }
}
