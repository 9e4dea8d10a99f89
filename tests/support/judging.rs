//! The seam between the tests that are text and the engine: a setting, records in JSON, an order,
//! and what was judged. Knows no scenario and no expectation. Start at [`judge`].

use std::collections::BTreeMap;
use std::fmt;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use truecount::domain::exception::ProofKind;
use truecount::domain::feed::Partition;
use truecount::domain::names::RecordKind;
use truecount::domain::records::{Block, BlockSet};
use truecount::domain::{Feed, Feeds, ForceCode, Instant, Moment};
use truecount::intake::admit;
use truecount::reference::Library;
use truecount::validation::{Entry, Force, JudgementLine, Position, RuleSet, Settings, Validation};
use truecount::wire::json::decode;

use super::expectation::Attributes;

/// What one force declares and proves.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Setting {
    /// The profile the force uses.
    pub profile: String,
    /// The declared feeds, and the blocks each owns.
    pub owners: BTreeMap<String, Vec<String>>,
    /// From when on each feed covers everything; `None` if it does not say.
    pub covers_from: BTreeMap<String, Option<String>>,
    /// Through when each feed is proved; a declared feed without a claim proves nothing.
    pub claims: BTreeMap<String, String>,
}

impl Setting {
    /// Declares a feed with the blocks that a feed of this name owns in every scenario and case.
    pub fn declare(&mut self, feed: &str) {
        self.owners
            .entry(feed.to_owned())
            .or_insert_with(|| blocks_of(feed));
    }
}

fn blocks_of(feed: &str) -> Vec<String> {
    let owned = |block: &&Block| match feed {
        "cad" => block.kind() == RecordKind::Incident,
        "rms" => block.kind() == RecordKind::Crime && **block != Block::VictimCare,
        "victim-hub" => **block == Block::VictimCare,
        _ => false,
    };
    Block::EVERY
        .iter()
        .filter(owned)
        .map(|block| block.as_str().to_owned())
        .collect()
}

/// In which order records and claims arrive. The judgements must not depend on it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Order {
    /// The records as given, then the claims.
    RecordsThenClaims,
    /// The claims, then the records as given.
    ClaimsThenRecords,
    /// Records and claims in the order that the seed gives.
    Shuffled(u64),
}

/// One thing that arrives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Arrival<'a> {
    /// A contract record.
    Record(&'a Value),
    /// A feed is proved through this moment.
    Claim { feed: &'a str, through: &'a str },
}

/// Everything that arrives, in this order.
pub fn arrivals<'a>(setting: &'a Setting, records: &'a [Value], order: Order) -> Vec<Arrival<'a>> {
    let claims = setting
        .claims
        .iter()
        .map(|(feed, through)| Arrival::Claim { feed, through });
    let records = records.iter().map(Arrival::Record);
    match order {
        Order::RecordsThenClaims => records.chain(claims).collect(),
        Order::ClaimsThenRecords => claims.chain(records).collect(),
        Order::Shuffled(seed) => {
            let mut arrivals: Vec<_> = records.chain(claims).collect();
            arrivals.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
            arrivals
        }
    }
}

/// What was judged of one obligation, as text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judged {
    pub record: String,
    pub reference: String,
    pub rule: String,
    pub obligation: String,
    pub verdict: String,
    pub due: Option<String>,
    pub late_by_seconds: Option<i64>,
    pub remedied: bool,
    pub missing: Vec<String>,
    pub by: Option<String>,
    pub finding: Option<String>,
    pub done: Option<String>,
    pub stratum: Option<String>,
}

impl Judged {
    /// What an expectation of it would write behind `=>`, without the obligation.
    pub fn verdict_in_full(&self) -> String {
        let attributes = Attributes {
            due: &self.due,
            late_by_seconds: self.late_by_seconds,
            remedied: self.remedied,
            missing: &self.missing,
            by: &self.by,
            finding: &self.finding,
            done: &self.done,
            stratum: &self.stratum,
        };
        format!("{}{attributes}", self.verdict)
    }
}

impl fmt::Display for Judged {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.obligation, self.verdict_in_full())
    }
}

/// Judges the records of one force through the real decoder, intake and validation.
pub fn judge(setting: &Setting, records: &[Value], order: Order) -> Vec<Judged> {
    let mut engine = Engine::new(setting, records);
    for arrival in arrivals(setting, records, order) {
        engine.take(arrival);
    }
    let force = engine.validation.forces().next();
    force
        .into_iter()
        .flat_map(Force::judgements)
        .map(Judged::from)
        .collect()
}

/// Validation with what one setting declares.
struct Engine {
    validation: Validation,
    feeds: Feeds,
    force: ForceCode,
    offset: u64,
}

impl Engine {
    fn new(setting: &Setting, records: &[Value]) -> Engine {
        let library = Library::shipped(&setting.profile).expect("the profile is shipped");
        let force = records.first().and_then(|record| record["force"].as_str());
        let mut engine = Engine {
            validation: Validation::new(RuleSet::of(library), Settings::default()),
            feeds: feeds_of(setting),
            force: force.unwrap_or("northamptonshire").into(),
            offset: 0,
        };
        let (force, feeds) = (engine.force.clone(), engine.feeds.clone());
        engine.step(Entry::Declared { force, feeds });
        engine
    }

    fn step(&mut self, entry: Entry) {
        self.offset += 1;
        let position = Position {
            partition: 0,
            offset: self.offset,
        };
        self.validation.step(position, entry);
    }

    fn take(&mut self, arrival: Arrival<'_>) {
        match arrival {
            Arrival::Claim { feed, through } => self.step(Entry::Proof {
                force: self.force.clone(),
                feed: feed.into(),
                partition: partition(),
                through: moment(through).earliest(),
                kind: ProofKind::Stated,
            }),
            Arrival::Record(record) => {
                let bytes = serde_json::to_vec(record).expect("a value can be written");
                let record = decode(&bytes)
                    .expect("the records of tests are well formed")
                    .record;
                admit(&record, Instant::END, &self.feeds, true).expect("and may be sent");
                self.step(Entry::Record {
                    record,
                    arrival: Instant::END,
                    partition: partition(),
                    from: None,
                });
            }
        }
    }
}

fn feeds_of(setting: &Setting) -> Feeds {
    let feeds = setting.owners.iter().map(|(name, blocks)| Feed {
        name: name.as_str().into(),
        owns: owned(blocks),
        covers_from: setting
            .covers_from
            .get(name)
            .and_then(|from| from.as_deref())
            .map(|from| moment(from).earliest()),
        not_carried: Vec::new(),
        partitions: vec![partition()],
        promise: None,
    });
    Feeds::declared(feeds.collect())
}

fn owned(blocks: &[String]) -> BlockSet {
    let named = |block: &&Block| blocks.iter().any(|name| name == block.as_str());
    let owned: Vec<Block> = Block::EVERY.iter().filter(named).copied().collect();
    BlockSet::of(&owned)
}

fn partition() -> Partition {
    Partition {
        topic: "test".to_owned(),
        number: 0,
    }
}

fn moment(text: &str) -> Moment {
    Moment::parse(text).expect("the moments of tests are well formed")
}

impl From<JudgementLine> for Judged {
    fn from(line: JudgementLine) -> Judged {
        Judged {
            record: line.record.to_string(),
            reference: line.reference.to_string(),
            rule: line.rule.to_owned(),
            obligation: line.obligation.to_string(),
            verdict: line.verdict.to_owned(),
            due: line.due.map(|due| due.0.to_string()),
            late_by_seconds: line.late_by_seconds,
            remedied: line.remedied,
            missing: line.missing,
            by: line.by.map(str::to_owned),
            finding: line.finding.map(str::to_owned),
            done: line.done_at.map(|done| done.to_string()),
            stratum: line.stratum.map(|stratum| stratum.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_order_brings_everything_and_a_seed_always_the_same() {
        let mut setting = Setting::default();
        for feed in ["cad", "rms", "victim-hub"] {
            setting
                .claims
                .insert(feed.to_owned(), "2026-04-03T00:00:00+01:00".to_owned());
        }
        let records: Vec<Value> = (1..=9)
            .map(|version| json!({ "version": version }))
            .collect();
        let brought = |order| arrivals(&setting, &records, order);
        assert!(matches!(
            brought(Order::RecordsThenClaims)[0],
            Arrival::Record(_)
        ));
        assert!(matches!(
            brought(Order::ClaimsThenRecords)[0],
            Arrival::Claim { .. }
        ));
        assert_eq!(brought(Order::Shuffled(7)), brought(Order::Shuffled(7)));
        assert_ne!(brought(Order::Shuffled(7)), brought(Order::Shuffled(8)));
        for arrival in brought(Order::RecordsThenClaims) {
            assert!(brought(Order::Shuffled(7)).contains(&arrival));
        }
    }

    #[test]
    fn each_block_has_one_owner() {
        let owned: Vec<String> = ["cad", "rms", "victim-hub"]
            .into_iter()
            .flat_map(blocks_of)
            .collect();
        assert_eq!(owned.len(), Block::EVERY.len());
        for block in Block::EVERY {
            let owners = owned.iter().filter(|name| *name == block.as_str());
            assert_eq!(owners.count(), 1, "{}", block.as_str());
        }
    }
}
