//! A journal as a service reads it: activations of several rule sets, records with their places in
//! the source, records set aside, conflicts, promises that are broken, a ledger that is folded. And a
//! run over it, which may be broken off and begun again from what was kept. Start at [`Journal::of`],
//! then at [`Run::of`].

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;
use truecount::domain::Feeds;
use truecount::domain::exception::{Measure, ProofKind, Tally};
use truecount::domain::journal::{Activation, SourcePosition};
use truecount::domain::names::ForceCode;
use truecount::domain::records::{Record, Unread};
use truecount::reference::Library;
use truecount::rules;
use truecount::validation::{
    CannotRestore, Effect, Entry, Kept, KeptKey, KeptRow, Position, RuleSet, Settings, Validation,
};

use super::bounds::{crime, event};
use super::engine::entry;
use super::order::with_another_content;
use super::proving::with_unread;
use super::stream::{Event, FORCE, Stream, What, partition};
use super::tombstones::tombstone_of;
use super::waiving::with_decisions;

/// The rule sets that are activated in turn: everything, fewer rules under other limits, everything.
pub(crate) fn rule_sets() -> &'static [Arc<RuleSet>; 3] {
    static SETS: OnceLock<[Arc<RuleSet>; 3]> = OnceLock::new();
    SETS.get_or_init(|| {
        let library = |profile| Library::shipped(profile).expect("the profile is shipped");
        let all = Arc::new(RuleSet::of(library("national")));
        let some = rules::all().enumerate().filter(|(at, _)| at % 3 != 1);
        let some = some.map(|(_, rule)| rule).collect();
        let fewer = RuleSet::with(library("northamptonshire-2021"), some);
        [Arc::clone(&all), Arc::new(fewer), all]
    })
}

/// The entries of a force in their order, and under which rule set each is taken.
pub(crate) struct Journal {
    entries: Vec<(Entry, usize)>,
}

impl Journal {
    /// The journal of this seed.
    pub(crate) fn of(seed: u64) -> Journal {
        let mut chance = ChaCha8Rng::seed_from_u64(seed);
        let stream = with_decisions(with_unread(seed), seed);
        let mut events = stream.events.clone();
        if seed % 2 == 1 {
            // Records behind the heartbeats that vouch for them: promises are broken.
            events.sort_by_key(|event| event.place(seed));
        }
        if seed.is_multiple_of(5) {
            // Folded early, so that much is kept and restored before old versions come again.
            let third = events.len() / 3;
            events.splice(third..third, (0..270).map(folded));
            events.extend([3, 5, 200].map(folded));
        }
        let mut entries = vec![activated(1, 1, &feeds_of(&stream, seed))];
        let (second, third) = (events.len() / 2, events.len() * 3 / 4);
        for (at, event) in events.iter().enumerate() {
            let set = usize::from(at >= second) + usize::from(at >= third);
            if at == second || at == third {
                let feeds = if set == 1 {
                    stream.feeds.clone()
                } else {
                    feeds_of(&stream, seed + 1)
                };
                let (number, position) = (set as u32 + 1, entries.len() as u64 + 1);
                entries.push(activated(number, position, &feeds));
            }
            entries.push((entry(&with_unread_words(event), from(at)), set));
            let conflict = with_another_content(event).filter(|_| event.place(4) % 7 == 0);
            entries.extend(conflict.map(|other| (entry(&other, from(at)), set)));
            if chance.random_bool(0.02) {
                entries.push((declared_proof(event), set));
            }
            if chance.random_bool(0.03) {
                let gone = tombstone_of(event).into_iter();
                entries.extend(gone.map(|gone| (entry(&gone, from(at)), set)));
            }
        }
        Journal { entries }
    }

    /// How many records of the source it tells of.
    pub(crate) fn records(&self) -> usize {
        let told = self.entries.iter().filter(|(entry, _)| match entry {
            Entry::Record { from, .. } | Entry::SetAside { from, .. } => from.is_some(),
            _ => false,
        });
        told.count()
    }

    /// The journal before the activation of this number.
    pub(crate) fn before(mut self, number: u32) -> Journal {
        let last = self.entries.iter().position(|(entry, _)| {
            matches!(entry, Entry::Activated { activation, .. } if activation.number == number)
        });
        self.entries.truncate(last.expect("it is in the journal"));
        self
    }

    /// The activation of this number.
    pub(crate) fn activation(&self, number: u32) -> Entry {
        let found = self.entries.iter().find(|(entry, _)| {
            matches!(entry, Entry::Activated { activation, .. } if activation.number == number)
        });
        found.expect("it is in the journal").0.clone()
    }
}

/// The feeds of a stream; by some seeds without one of them, or with less of what it covers.
fn feeds_of(stream: &Stream, seed: u64) -> Feeds {
    let mut feeds: Vec<_> = stream.feeds.iter().cloned().collect();
    match seed % 4 {
        1 => feeds.retain(|feed| feed.name.as_str() != "victim-hub"),
        2 => feeds.iter_mut().for_each(|feed| feed.covers_from = None),
        _ => {}
    }
    Feeds::declared(feeds)
}

/// The event with a word that no list has, where it is a crime of some.
fn with_unread_words(event: &Event) -> Event {
    let mut event = event.clone();
    let is_chosen = event.place(6).is_multiple_of(5);
    if let What::Record(Record::Crime(record)) = &mut event.what
        && is_chosen
    {
        record.unread = vec![Unread {
            path: "core.mode".into(),
            value: "sideways".into(),
        }];
    }
    event
}

fn activated(number: u32, from_position: u64, feeds: &Feeds) -> (Entry, usize) {
    let set = number as usize - 1;
    let rules = &rule_sets()[set];
    let activation = Activation {
        number,
        fingerprint: rules.fingerprint().to_owned(),
        profile: rules.library().profile().name.clone(),
        from_position,
        feeds: feeds.clone(),
    };
    let force = FORCE.into();
    (Entry::Activated { force, activation }, set)
}

fn from(at: usize) -> Option<SourcePosition> {
    let mut partition = partition();
    partition.number = at as i32 % 3;
    let offset = at as i64;
    Some(SourcePosition { partition, offset })
}

fn declared_proof(event: &Event) -> Entry {
    Entry::Proof {
        force: FORCE.into(),
        feed: "cad".into(),
        partition: partition(),
        through: event.at,
        kind: ProofKind::Declared,
    }
}

/// A version of a crime that has more of them than its ledger keeps.
fn folded(version: i64) -> Event {
    event(&crime("FOLDED", version))
}

/// What was kept, as a compacted topic has it.
#[derive(Clone, Default)]
pub(crate) struct Topic(pub(crate) BTreeMap<String, Vec<u8>>);

impl Topic {
    /// Folds what has to be kept into what was, without the rows that are lost.
    pub(crate) fn fold(&mut self, validation: &mut Validation, is_lost: &dyn Fn(&str) -> bool) {
        for row in validation.take_kept() {
            let key = row.key.to_string();
            if is_lost(&key) {
                continue;
            }
            match row.value {
                Some(value) => {
                    let bytes = serde_json::to_vec(&value).expect("what is kept is JSON");
                    self.0.insert(key, bytes);
                }
                None => drop(self.0.remove(&key)),
            }
        }
    }

    /// Validation under these rules, from nothing but the bytes.
    pub(crate) fn restored(&self, rules: &Arc<RuleSet>) -> Result<Validation, CannotRestore> {
        let mut validation = Validation::new(Arc::clone(rules), Settings::default());
        let rows = self.0.iter().map(|(key, bytes)| KeptRow {
            key: KeptKey::parse(key).expect("it was written so"),
            value: Some(serde_json::from_slice::<Kept<'_>>(bytes).expect("it was written so")),
        });
        validation.restore(rows)?;
        Ok(validation)
    }
}

/// How often a run is disturbed, in thousandths of its turns.
#[derive(Clone, Copy)]
pub(crate) struct Disturbed {
    /// Effects and what is kept are committed.
    pub(crate) commits: u32,
    /// All since the last commit is lost, and the run begins again from there.
    pub(crate) crashes: u32,
    /// How many things are judged again in one turn.
    pub(crate) things: usize,
}

/// Nothing is disturbed but by the change of rule sets.
pub(crate) const UNDISTURBED: Disturbed = Disturbed {
    commits: 0,
    crashes: 0,
    things: usize::MAX,
};

/// A run over a journal.
pub(crate) struct Run {
    /// Everything that was published, in its order.
    pub(crate) published: Vec<String>,
    /// The measures as they were told last.
    pub(crate) measures: BTreeMap<String, String>,
    /// Crashes, and how many of them fell while things were judged again.
    pub(crate) crashes: (usize, usize),
    /// How it stands at the end.
    pub(crate) end: Validation,
}

impl Run {
    /// The run over a journal, disturbed by chance, with some rows lost.
    pub(crate) fn of(
        journal: &Journal,
        disturbed: Disturbed,
        seed: u64,
        is_lost: &dyn Fn(&str) -> bool,
    ) -> Result<Run, CannotRestore> {
        let mut chance = ChaCha8Rng::seed_from_u64(seed);
        let force: ForceCode = FORCE.into();
        let (mut topic, mut pending, mut set) = (Topic::default(), Vec::new(), 0);
        let (mut at, mut committed) = (0, 0);
        let mut run = Run {
            published: Vec::new(),
            measures: BTreeMap::new(),
            crashes: (0, 0),
            end: topic.restored(&rule_sets()[0])?,
        };
        loop {
            if run.end.is_judging_again(&force) {
                pending.extend(run.end.judge_again(&force, disturbed.things));
            } else if let Some((entry, under)) = journal.entries.get(at) {
                if *under != set {
                    // A newer process takes over where the one before committed last.
                    run.commit(&mut topic, &mut pending, is_lost);
                    (set, committed) = (*under, at);
                    run.end = topic.restored(&rule_sets()[set])?;
                }
                let position = Position {
                    partition: 0,
                    offset: at as u64 + 1,
                };
                pending.extend(run.end.step(position, entry.clone()));
                at += 1;
            } else {
                break;
            }
            // While things are judged again a run is broken off more often: there is less of that.
            let is_judging = run.end.is_judging_again(&force);
            let crashes = disturbed.crashes * if is_judging { 5 } else { 1 };
            let turn = chance.random_range(0..1_000);
            if turn < disturbed.commits {
                // Measures are told less often than is committed.
                if chance.random_bool(0.3) {
                    run.tell();
                }
                run.commit(&mut topic, &mut pending, is_lost);
                committed = at;
            } else if turn < disturbed.commits + crashes {
                run.crashes.0 += 1;
                run.crashes.1 += usize::from(is_judging);
                pending.clear();
                at = committed;
                run.end = topic.restored(&rule_sets()[set])?;
            }
        }
        run.tell();
        run.commit(&mut topic, &mut pending, is_lost);
        Ok(run)
    }

    /// Tells the measures that have moved.
    fn tell(&mut self) {
        for measure in self.end.take_measures() {
            let of = json!([measure.measure, measure.period, measure.stratum]).to_string();
            match said(&measure) {
                Some(said) => drop(self.measures.insert(of, said)),
                None => drop(self.measures.remove(&of)),
            }
        }
    }

    /// Commits what was published together with what has to be kept.
    fn commit(
        &mut self,
        topic: &mut Topic,
        pending: &mut Vec<Effect>,
        is_lost: &dyn Fn(&str) -> bool,
    ) {
        topic.fold(&mut self.end, is_lost);
        self.published
            .extend(pending.drain(..).map(|effect| match effect {
                Effect::Exception(exception) => json!(exception).to_string(),
                other => format!("{other:?}"),
            }));
    }

    /// Everything that can be seen at the end, and everything that would be kept of it.
    pub(crate) fn all(&mut self) -> Vec<String> {
        let force = self.end.forces().next().expect("one force is activated");
        let mut all: Vec<String> = force
            .judgements()
            .map(|line| json!(line).to_string())
            .collect();
        all.extend(
            self.measures
                .iter()
                .map(|(of, said)| format!("{of} {said}")),
        );
        let measures = force
            .measures()
            .filter_map(|measure| Some(format!("{} {}", measure.measure, said(&measure)?)));
        all.extend(measures);
        all.extend(force.claims().map(|claim| format!("{claim:?}")));
        all.extend(force.frontiers_by_feeds().map(|view| format!("{view:?}")));
        all.extend(
            force
                .holding(truecount::domain::Instant::END)
                .iter()
                .map(|held| format!("{held:?}")),
        );
        all.extend(force.balance().partitions().map(|sums| format!("{sums:?}")));
        all.push(format!("{:?} {:?}", force.activations(), force.next_due()));
        for (_, reference) in force.references() {
            all.extend(
                force
                    .inspect(&reference)
                    .iter()
                    .map(|one| format!("{one:?}")),
            );
        }
        self.end.keep_everything();
        let mut topic = Topic::default();
        topic.fold(&mut self.end, &|_| false);
        let rows = topic.0.into_iter();
        all.extend(rows.map(|(key, bytes)| format!("{key} {}", String::from_utf8_lossy(&bytes))));
        all
    }
}

/// What a measure says, unless it counts nothing.
fn said(measure: &Measure) -> Option<String> {
    (measure.counts != Tally::default())
        .then(|| format!("{:?} {}", measure.counts, measure.ruleset))
}
