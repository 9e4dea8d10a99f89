//! The made-up force and the service that judges it: takes what its systems publish through gate, wire
//! and intake into `Validation::step`, as far as the time that is handed in. After some weeks it ends, so
//! that a run of days needs no more memory than one of hours. Start at [`World::pass`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::gate::Gate;
use super::remembered::{Released, Remembered};
use super::window::Turn;
use crate::domain::exception::State;
use crate::domain::feed::Partition;
use crate::domain::journal::SourcePosition;
use crate::domain::names::{ForceCode, RecordKind, Reference, Source, Word};
use crate::domain::records::{Block, BlockSet, Record};
use crate::domain::{Elapsed, Feed, Feeds, Glimpse, Instant, LondonDay, Reason, Refusal};
use crate::generate::{self, Published, Traffic};
use crate::intake;
use crate::validation::{Effect, Entry, Force, Position, RuleSet, Settings, Validation};
use crate::wire::json;

/// The middle of a morning.
const MORNING: Elapsed = Elapsed::hours(10);

/// So many records of a feed are whole before one comes cut off, and whole right after: a few a day.
const CUT_EVERY: u64 = 300;

/// What the demonstration is asked.
#[derive(Clone, PartialEq, Debug)]
pub struct Asked {
    /// What the generator is asked.
    pub traffic: generate::Asked,
    /// Days that are run through at the start, so that there is something to see.
    pub ahead: u32,
    /// Days after which everything begins anew.
    pub days: u32,
}

/// What came of a record, or of what was said about one.
#[derive(Clone, PartialEq, Debug)]
pub enum Taken {
    /// It was read, and this follows.
    Followed(Vec<Effect>),
    /// It was set aside.
    SetAside(Reason),
}

/// A feed's part in the journal so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Delivered {
    /// Records that it delivered, heartbeats among them.
    pub records: u64,
    /// When the last of them came.
    pub last: Option<Instant>,
}

/// The force, the service, and how far both have come.
pub struct World {
    asked: Asked,
    round: u32,
    now: Instant,
    traffic: Traffic,
    next: Option<Published>,
    gate: Gate,
    validation: Validation,
    feeds: Feeds,
    offset: u64,
    delivered: BTreeMap<Source, Delivered>,
    set_aside: u64,
    remembered: Remembered,
}

impl World {
    /// The first morning of the force.
    pub fn new(asked: Asked, rules: Arc<RuleSet>) -> World {
        let gate = Gate::open(Traffic::feeds().map(Source::from));
        World::begin(asked, rules, 1, gate)
    }

    /// The same from the first day on with another seed; switches stay as they are.
    #[must_use]
    pub fn begin_anew(self, rules: Arc<RuleSet>) -> World {
        let gate = self.gate.emptied(self.asked.traffic.from.start());
        World::begin(self.asked, rules, self.round + 1, gate)
    }

    fn begin(asked: Asked, rules: Arc<RuleSet>, round: u32, gate: Gate) -> World {
        let mut traffic = Traffic::new(generate::Asked {
            seed: asked.traffic.seed.wrapping_add(u64::from(round - 1)),
            days: None,
            ..asked.traffic.clone()
        });
        let next = traffic.next();
        let mut world = World {
            round,
            now: asked.traffic.from.start(),
            traffic,
            next,
            gate,
            validation: Validation::new(rules, Settings::default()),
            feeds: feeds(),
            offset: 0,
            delivered: BTreeMap::new(),
            set_aside: 0,
            remembered: Remembered::default(),
            asked,
        };
        let (force, feeds) = (world.code().clone(), world.feeds.clone());
        world.step(Entry::Declared { force, feeds });
        world
    }

    /// Lets time pass: everything that is published until then is taken in.
    pub fn pass(&mut self, until: Instant) -> Vec<Taken> {
        let mut taken = Vec::new();
        loop {
            let published = self.next.as_ref().map(|next| next.at);
            let Some(at) = published.into_iter().chain(self.gate.opens()).min() else {
                break;
            };
            if at > until {
                break;
            }
            self.now = self.now.max(at);
            if published == Some(at) {
                let next = std::mem::replace(&mut self.next, self.traffic.next());
                // Nobody reads a key to a stream, and it must not grow.
                self.traffic.take_planted();
                let passing = next.and_then(|next| self.gate.offer(next));
                taken.extend(passing.iter().flat_map(|one| self.take(one)));
            } else {
                for (feed, held) in self.gate.at(at) {
                    taken.extend(self.let_in(&feed, &held));
                }
            }
        }
        self.now = self.now.max(until);
        let force = self.validation.force(&self.asked.traffic.force);
        self.remembered.note(force, self.now);
        taken
    }

    /// Turns a switch, and takes in what passes thereby. None if there is no such feed.
    pub fn turn(&mut self, turn: &Turn) -> Option<Vec<Taken>> {
        let held = self.gate.turn(&turn.feed, turn.to, self.now)?;
        Some(self.let_in(&turn.feed, &held))
    }

    /// Takes in what was held back of a feed, and remembers what came of the deadlines that waited.
    fn let_in(&mut self, feed: &Source, held: &[Published]) -> Vec<Taken> {
        let waited = self.waiting_for(feed);
        let taken: Vec<Taken> = held.iter().flat_map(|one| self.take(one)).collect();
        let still = self.waiting_for(feed);
        let decided: BTreeSet<Duty> = waited.difference(&still).cloned().collect();
        if !decided.is_empty() {
            let raised = accused(&taken);
            self.remembered.release(Released {
                feed: feed.clone(),
                at: self.now,
                decided: decided.len() as u64,
                raised: decided.intersection(&raised).count() as u64,
            });
        }
        taken
    }

    /// The duties whose deadline has passed and waits for this feed.
    fn waiting_for(&self, feed: &Source) -> BTreeSet<Duty> {
        let waits = self.force().map_or_else(Vec::new, Force::waits);
        let past = waits
            .into_iter()
            .filter(|wait| wait.stands_from < self.now && wait.waits_for.contains(feed));
        past.map(|wait| (wait.rule, wait.reference, wait.obligation))
            .collect()
    }

    /// Takes what a feed delivers. Now and then a record comes cut off first, as lines break.
    fn take(&mut self, published: &Published) -> Vec<Taken> {
        let record = &published.record;
        let feed = record.head().source.clone();
        let bytes =
            serde_json::to_vec(record).expect("a record holds nothing that JSON cannot write");
        let is_cut = !matches!(record, Record::Heartbeat(_))
            && self.delivered(&feed).records % CUT_EVERY == CUT_EVERY - 1;
        let cut = is_cut.then(|| self.read(&feed, &bytes[..bytes.len() * 3 / 4]));
        cut.into_iter().chain([self.read(&feed, &bytes)]).collect()
    }

    /// Takes bytes of a feed in through the same doors as any record.
    fn read(&mut self, feed: &Source, bytes: &[u8]) -> Taken {
        let delivered = self.delivered.entry(feed.clone()).or_default();
        let from = SourcePosition {
            partition: partition(feed),
            offset: i64::try_from(delivered.records).unwrap_or(i64::MAX),
        };
        delivered.records += 1;
        delivered.last = Some(self.now);
        let read = json::decode(bytes).and_then(|decoded| {
            intake::admit(&decoded.record, self.now, &self.feeds, true)?;
            Ok(decoded.record)
        });
        match read {
            Ok(record) => Taken::Followed(self.step(Entry::Record {
                record,
                arrival: self.now,
                partition: from.partition.clone(),
                from: Some(from),
            })),
            Err(refusal) => self.put_aside(feed.clone(), from, &refusal),
        }
    }

    fn put_aside(&mut self, feed: Source, from: SourcePosition, refusal: &Refusal) -> Taken {
        self.set_aside += 1;
        let Glimpse {
            reference, version, ..
        } = refusal.head.clone();
        self.step(Entry::SetAside {
            force: self.code().clone(),
            feeds: vec![feed],
            reference,
            version,
            arrival: self.now,
            from: Some(from),
        });
        Taken::SetAside(refusal.reason)
    }

    fn step(&mut self, entry: Entry) -> Vec<Effect> {
        self.offset += 1;
        let position = Position {
            partition: 0,
            offset: self.offset,
        };
        let effects = self.validation.step(position, entry);
        for effect in &effects {
            if let Effect::Exception(exception) = effect {
                let rests_on = self.rests_on(exception.rule);
                self.remembered.publish(exception, rests_on, self.now);
            }
        }
        effects
    }

    /// The feeds that a rule rests on.
    fn rests_on(&self, id: &str) -> Vec<Source> {
        let rules = self.validation.rules().rules();
        let place = rules.iter().position(|rule| rule.id == id);
        let Some((force, place)) = self.force().zip(place) else {
            return Vec::new();
        };
        force.feeds_of(place).cloned().collect()
    }

    /// The time of the made-up force.
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// Up to when the days are run through at the start: the middle of a morning, when deadlines come.
    pub fn shown_from(&self) -> Instant {
        let day = day_after(self.asked.traffic.from, self.asked.ahead);
        day.start().plus(MORNING)
    }

    /// When everything begins anew.
    pub fn ends(&self) -> Instant {
        day_after(self.asked.traffic.from, self.asked.days).start()
    }

    /// Which run through the days this is.
    pub const fn round(&self) -> u32 {
        self.round
    }

    /// What is asked of it.
    pub const fn asked(&self) -> &Asked {
        &self.asked
    }

    /// The code under which its records are filed.
    pub const fn code(&self) -> &ForceCode {
        &self.asked.traffic.force
    }

    /// What is held and judged.
    pub fn force(&self) -> Option<&Force> {
        self.validation.force(&self.asked.traffic.force)
    }

    /// The rules.
    pub fn rules(&self) -> &RuleSet {
        self.validation.rules()
    }

    /// What stands between the systems and the service.
    pub const fn gate(&self) -> &Gate {
        &self.gate
    }

    /// What a feed has delivered.
    pub fn delivered(&self, feed: &Source) -> Delivered {
        self.delivered.get(feed).copied().unwrap_or_default()
    }

    /// Entries of the journal so far.
    pub const fn entries(&self) -> u64 {
        self.offset
    }

    /// Records that were set aside.
    pub const fn set_aside(&self) -> u64 {
        self.set_aside
    }

    /// What the page remembers.
    pub const fn remembered(&self) -> &Remembered {
        &self.remembered
    }
}

/// A rule, a record and its duty.
type Duty = (&'static str, Reference, Word);

/// The duties of which somebody is accused.
fn accused(taken: &[Taken]) -> BTreeSet<Duty> {
    let followed = taken.iter().flat_map(|one| match one {
        Taken::Followed(effects) => effects.as_slice(),
        Taken::SetAside(_) => &[],
    });
    let exceptions = followed.filter_map(|effect| match effect {
        Effect::Exception(exception) => Some(exception),
        _ => None,
    });
    exceptions
        .filter(|one| matches!(one.state, State::Raised | State::Remedied))
        .map(|one| (one.rule, one.reference.clone(), one.obligation.clone()))
        .collect()
}

/// Each feed owns its blocks and covers everything.
fn feeds() -> Feeds {
    let feeds = Traffic::feeds().map(|name| {
        let owns: Vec<Block> = Block::EVERY
            .iter()
            .copied()
            .filter(|block| owner(*block) == name)
            .collect();
        let name = Source::from(name);
        Feed {
            owns: BlockSet::of(&owns),
            covers_from: Some(LondonDay::of(2013, 1, 1).start()),
            not_carried: Vec::new(),
            partitions: vec![partition(&name)],
            promise: None,
            name,
        }
    });
    Feeds::declared(feeds.collect())
}

/// Which of the generator's feeds sends a block.
fn owner(block: Block) -> &'static str {
    match (block, block.kind()) {
        (Block::VictimCare, _) => "victim-hub",
        (_, RecordKind::Incident) => "cad",
        _ => "rms",
    }
}

/// A feed has one partition of the same name.
fn partition(feed: &Source) -> Partition {
    Partition {
        topic: feed.as_str().to_owned(),
        number: 0,
    }
}

/// The day that is so many days after another.
fn day_after(from: LondonDay, days: u32) -> LondonDay {
    (0..days).fold(from, |day, _| day.next())
}
