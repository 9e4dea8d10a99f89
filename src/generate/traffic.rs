//! The traffic of a force, in the order in which its feeds publish it: stories begin day by day, and
//! what they commit waits for its turn. Start at [`Traffic`].

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use super::calendar;
use super::chance::Chance;
use super::crime::CrimeDesign;
use super::feed::{Feed, FeedState};
use super::incident::IncidentDesign;
use super::key::{Planted, Tallies};
use super::plants::Deck;
use super::story::{Numbers, Story};
use crate::domain::names::{ForceCode, RecordKind, Reference, Source};
use crate::domain::records::{CrimeRecord, Head, IncidentRecord, Record};
use crate::domain::{Elapsed, Instant, LondonDay, Moment};

/// What is asked of the generator.
#[derive(Clone, PartialEq, Debug)]
pub struct Asked {
    /// The force.
    pub force: ForceCode,
    /// The first day on which somebody reports.
    pub from: LondonDay,
    /// For how many days; `None` goes on for ever.
    pub days: Option<u32>,
    /// What every draw follows from.
    pub seed: u64,
    /// Incidents and crimes a day, on an average day.
    pub things_a_day: u32,
    /// Of a million stories, how many go wrong.
    pub defects: u32,
    /// Of a million stories, how many only look as if.
    pub near_misses: u32,
    /// The feed that publishes once a night.
    pub nightly: Option<Source>,
}

/// One record, and when its feed published it.
#[derive(Clone, PartialEq, Debug)]
pub struct Published {
    /// When.
    pub at: Instant,
    /// The record.
    pub record: Record,
}

/// Records in the order in which they are published, heartbeats among them.
pub struct Traffic {
    asked: Asked,
    day: LondonDay,
    days_left: Option<u32>,
    stories: u64,
    numbers: Numbers,
    shares: Shares,
    feeds: [FeedState; 3],
    queue: BinaryHeap<Reverse<Waiting>>,
    serial: u64,
    planted: Vec<Planted>,
    tallies: Tallies,
    /// Past this every duty is due and everything is committed.
    ends: Instant,
    last_words: Vec<Published>,
    ended: bool,
}

/// How the shares of what is asked are kept to, story by story.
#[derive(Clone, Copy, Debug, Default)]
struct Shares {
    defects: u64,
    near_misses: u64,
    defect: Deck,
    near_miss: Deck,
}

/// A thing, and the commits of one feed on it.
#[derive(Debug)]
enum Design {
    Incident(IncidentDesign),
    Crime(CrimeDesign),
}

/// A version that waits to be published.
#[derive(Debug)]
struct Waiting {
    at: Instant,
    serial: u64,
    feed: Feed,
    version: i64,
    commit: Instant,
    repeats: bool,
    design: Arc<Design>,
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.serial == other.serial
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.serial).cmp(&(other.at, other.serial))
    }
}

impl Traffic {
    /// The traffic that is asked for, before its first record.
    pub fn new(asked: Asked) -> Traffic {
        let from = asked.from.start();
        let feeds = Feed::ALL.map(|feed| {
            let nightly = asked.nightly.as_ref();
            let nightly = nightly.is_some_and(|name| name.as_str() == feed.name());
            FeedState::quiet(feed, from, nightly)
        });
        Traffic {
            day: asked.from,
            days_left: asked.days,
            stories: 0,
            numbers: Numbers::default(),
            shares: Shares::default(),
            feeds,
            queue: BinaryHeap::new(),
            serial: 0,
            planted: Vec::new(),
            tallies: Tallies::default(),
            ends: from,
            last_words: Vec::new(),
            ended: false,
            asked,
        }
    }

    /// The names of the feeds.
    pub fn feeds() -> impl Iterator<Item = &'static str> {
        Feed::ALL.into_iter().map(Feed::name)
    }

    /// The breaches planted since this was last asked, and forgets them.
    pub fn take_planted(&mut self) -> Vec<Planted> {
        std::mem::take(&mut self.planted)
    }

    /// How much was planted so far.
    pub const fn tallies(&self) -> &Tallies {
        &self.tallies
    }

    /// Begins the stories of a day.
    fn begin_day(&mut self) {
        let share = calendar::share(self.day) * i64::from(self.asked.things_a_day);
        let wanted = u64::try_from(share / 1_000).unwrap_or_default().max(1);
        self.numbers.incidents = 0;
        let mut things = 0;
        while things < wanted {
            things += self.tell();
        }
        self.day = self.day.next();
        self.days_left = self.days_left.map(|left| left - 1);
    }

    /// Tells one story and lets what it commits wait; says how many things it has.
    fn tell(&mut self) -> u64 {
        self.stories += 1;
        let force = self.asked.force.clone();
        let chance = Chance::of(self.asked.seed, self.stories);
        let mut story = Story::begin(&force, self.day, chance, &mut self.numbers);
        match self.shares.next(&self.asked, &mut self.tallies) {
            Some(tell) => tell(&mut story),
            None => story.unfold(),
        }
        let Story {
            incidents,
            crimes,
            planted,
            mut chance,
            ..
        } = story;
        for line in &planted {
            *self.tallies.breaches.entry(line.rule).or_default() += 1;
            self.ends = self.ends.max(line.due.map_or(self.ends, |due| due.0));
        }
        self.planted.extend(planted);
        let things = incidents.len() + crimes.len();
        for incident in incidents {
            self.schedule_incident(incident, &mut chance);
        }
        for crime in crimes {
            self.schedule_crime(crime, &mut chance);
        }
        u64::try_from(things).expect("a story has a few things")
    }

    fn schedule_incident(&mut self, design: IncidentDesign, chance: &mut Chance) {
        let (commits, held) = (design.commits(), design.held.clone());
        let design = Arc::new(Design::Incident(design));
        self.schedule(Feed::Cad, &design, (&commits, &held), chance);
    }

    fn schedule_crime(&mut self, design: CrimeDesign, chance: &mut Chance) {
        let (commits, care) = (design.commits(), design.commits_of_care());
        let held = design.held.clone();
        let design = Arc::new(Design::Crime(design));
        self.schedule(Feed::Rms, &design, (&commits, &held), chance);
        self.schedule(Feed::Hub, &design, (&care, &held), chance);
    }

    /// Lets each commit of a thing wait for its turn, under versions that rise, with gaps.
    fn schedule(
        &mut self,
        feed: Feed,
        design: &Arc<Design>,
        (commits, held): (&[Instant], &[Instant]),
        chance: &mut Chance,
    ) {
        let mut version = 0;
        for commit in commits {
            version += if chance.in_thousand(60) { 2 } else { 1 };
            let state = &mut self.feeds[feed as usize];
            let at = state.publishes(*commit, held.contains(commit), chance);
            let again = chance
                .in_thousand(15)
                .then(|| chance.after(at, Elapsed::seconds(1), Elapsed::hours(3)));
            self.ends = self.ends.max(*commit);
            for (at, repeats) in [(Some(at), false), (again, true)] {
                let Some(at) = at else { continue };
                self.serial += 1;
                self.queue.push(Reverse(Waiting {
                    at,
                    serial: self.serial,
                    feed,
                    version,
                    commit: *commit,
                    repeats,
                    design: Arc::clone(design),
                }));
            }
        }
    }

    /// The feed that speaks next, and when.
    fn next_speaker(&self) -> (usize, Instant) {
        let speaking = self.feeds.iter().map(|feed| feed.speaks).enumerate();
        let next = speaking.min_by_key(|(place, at)| (*at, *place));
        next.expect("there are three feeds")
    }

    fn speak(&mut self, place: usize, at: Instant) -> Published {
        let heartbeat = self.feeds[place].speak(&self.asked.force, at);
        let record = Record::Heartbeat(Box::new(heartbeat));
        Published { at, record }
    }

    /// What every feed says last: that it is past everything that was ever due.
    fn end(&mut self, spoken: Instant) {
        // More than two weeks: a late record is to be overseen in one, a referral sent in less.
        let at = self.ends.plus(Elapsed::hours(24 * 15)).max(spoken);
        self.last_words = (0..self.feeds.len())
            .rev()
            .map(|place| self.speak(place, at))
            .collect();
        self.ended = true;
    }

    fn publish(&mut self, waiting: &Waiting) -> Published {
        let state = &mut self.feeds[waiting.feed as usize];
        if waiting.repeats {
            state.repeated();
        } else {
            state.published(waiting.commit);
        }
        let record = waiting.record(&self.asked.force);
        Published {
            at: waiting.at,
            record,
        }
    }
}

impl Iterator for Traffic {
    type Item = Published;

    fn next(&mut self) -> Option<Published> {
        loop {
            if self.ended {
                return self.last_words.pop();
            }
            let (speaker, speaks) = self.next_speaker();
            let waiting = self.queue.peek().map(|Reverse(waiting)| waiting.at);
            let next = waiting.map_or(speaks, |at| at.min(speaks));
            // A story commits nothing before its day, so what comes earlier is complete.
            if self.days_left != Some(0) && next >= self.day.start() {
                self.begin_day();
            } else if waiting.is_none() {
                self.end(speaks);
            } else if waiting.is_some_and(|at| at <= speaks) {
                let Reverse(waiting) = self.queue.pop()?;
                return Some(self.publish(&waiting));
            } else {
                return Some(self.speak(speaker, speaks));
            }
        }
    }
}

impl Shares {
    /// What the next story is to be, if not one in which nothing is wrong.
    fn next(&mut self, asked: &Asked, tallies: &mut Tallies) -> Option<fn(&mut Story<'_>)> {
        const WHOLE: u64 = 1_000_000;
        self.defects += u64::from(asked.defects);
        self.near_misses += u64::from(asked.near_misses);
        let (rule, plant, kinds) = if self.defects >= WHOLE {
            self.defects -= WHOLE;
            let (rule, plant) = self.defect.deal(|aim| aim.defects);
            (rule, plant, &mut tallies.defects)
        } else if self.near_misses >= WHOLE {
            self.near_misses -= WHOLE;
            let (rule, plant) = self.near_miss.deal(|aim| aim.near_misses);
            (rule, plant, &mut tallies.near_misses)
        } else {
            return None;
        };
        *kinds
            .entry(rule)
            .or_default()
            .entry(plant.kind)
            .or_default() += 1;
        Some(plant.tell)
    }
}

impl Waiting {
    fn record(&self, force: &ForceCode) -> Record {
        match &*self.design {
            Design::Incident(design) => {
                let deleted = design.gone.as_ref().filter(|gone| gone.from <= self.commit);
                let mut head = self.head(force, RecordKind::Incident, &design.reference);
                head.deleted = deleted.map(|gone| gone.what.clone());
                let blocks = match head.deleted {
                    None => design.held_at(self.commit),
                    Some(_) => Default::default(),
                };
                Record::Incident(Box::new(IncidentRecord {
                    head,
                    blocks,
                    unread: Vec::new(),
                }))
            }
            Design::Crime(design) => {
                let deleted = design.gone.as_ref().filter(|gone| gone.from <= self.commit);
                let mut head = self.head(force, RecordKind::Crime, &design.reference);
                head.deleted = deleted
                    .filter(|_| self.feed == Feed::Rms)
                    .map(|gone| gone.what.clone());
                let blocks = match (self.feed, &head.deleted) {
                    (Feed::Hub, _) => design.care_at(self.commit),
                    (_, Some(_)) => Default::default(),
                    (_, None) => design.held_at(self.commit),
                };
                Record::Crime(Box::new(CrimeRecord {
                    head,
                    blocks,
                    unread: Vec::new(),
                }))
            }
        }
    }

    fn head(&self, force: &ForceCode, record: RecordKind, reference: &Reference) -> Head {
        Head {
            record,
            force: force.clone(),
            source: self.feed.name().into(),
            reference: reference.clone(),
            version: Some(self.version),
            committed_at: Moment::exact(self.commit),
            extracted_at: Some(Moment::exact(self.at)),
            deleted: None,
        }
    }
}
