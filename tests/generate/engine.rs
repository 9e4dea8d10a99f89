//! The core over generated traffic: takes what is published, keeps every exception, and says in the
//! words of the key what is judged and what stands. Start at [`Engine::fed`], then at [`same`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use truecount::domain::exception::{Because, DueAt, Exception, State};
use truecount::domain::feed::Partition;
use truecount::domain::names::{RecordKind, Reference, Word};
use truecount::domain::records::{Block, BlockSet};
use truecount::domain::{Feed, Feeds, Instant, LondonDay};
use truecount::generate::{Planted, Published};
use truecount::intake;
use truecount::reference::Library;
use truecount::rules::Rule;
use truecount::validation::{Alarm, Effect, Entry, Force, Position, RuleSet, Settings, Validation};
use uuid::Uuid;

use super::material::{FEEDS, FORCE, Material, feed_of};

/// The core, and what came out of it.
pub(crate) struct Engine {
    validation: Validation,
    feeds: Feeds,
    now: Instant,
    offset: u64,
    /// The newest revision of each exception.
    pub(crate) newest: BTreeMap<Uuid, Exception>,
    /// Those that were an accusation at any time.
    accused: BTreeSet<Uuid>,
    /// Accusations that were taken back.
    pub(crate) taken_back: Vec<Exception>,
    /// What the people who run the service were told.
    alarms: Vec<Alarm>,
}

impl Engine {
    pub(crate) fn new() -> Engine {
        static RULES: OnceLock<Arc<RuleSet>> = OnceLock::new();
        let library = || Library::shipped("national").expect("the profile is shipped");
        let rules = RULES.get_or_init(|| Arc::new(RuleSet::of(library())));
        let mut engine = Engine {
            validation: Validation::new(Arc::clone(rules), Settings::default()),
            feeds: feeds(),
            now: Instant::BEGINNING,
            offset: 0,
            newest: BTreeMap::new(),
            accused: BTreeSet::new(),
            taken_back: Vec::new(),
            alarms: Vec::new(),
        };
        let (force, feeds) = (FORCE.into(), engine.feeds.clone());
        engine.step(Entry::Declared { force, feeds });
        engine
    }

    /// What comes of everything that was published.
    pub(crate) fn fed<'p>(published: impl IntoIterator<Item = &'p Published>) -> Engine {
        let mut engine = Engine::new();
        for one in published {
            engine.take(one);
        }
        engine
    }

    /// Takes one record, in through the same door as any other, and says what was published of it.
    pub(crate) fn take(&mut self, published: &Published) -> Vec<Exception> {
        // It comes in no earlier than it was published, nor before what came in before it.
        self.now = self.now.max(published.at);
        let record = published.record.clone();
        intake::admit(&record, self.now, &self.feeds, true)
            .unwrap_or_else(|refusal| panic!("{refusal:?}\n{record:?}"));
        self.step(Entry::Record {
            record,
            arrival: self.now,
            partition: partition(feed_of(published)),
            from: None,
        })
    }

    fn step(&mut self, entry: Entry) -> Vec<Exception> {
        self.offset += 1;
        let position = Position {
            partition: 0,
            offset: self.offset,
        };
        let mut revisions = Vec::new();
        for effect in self.validation.step(position, entry) {
            match effect {
                Effect::Exception(exception) => {
                    self.keep(&exception);
                    revisions.push(*exception);
                }
                Effect::Alarm(alarm) => self.alarms.push(alarm),
                Effect::Conflict { reference, .. } => panic!("{reference} has two contents"),
                Effect::Counted(_) => {}
            }
        }
        revisions
    }

    fn keep(&mut self, exception: &Exception) {
        if is_accusation(exception) {
            self.accused.insert(exception.id);
        } else if self.accused.contains(&exception.id) && is_taken_back(exception) {
            self.taken_back.push(exception.clone());
        }
        self.newest.insert(exception.id, exception.clone());
    }

    pub(crate) fn force(&self) -> &Force {
        let mut forces = self.validation.forces();
        forces.next().expect("one force is declared")
    }

    pub(crate) fn rules(&self) -> &[&'static Rule] {
        self.validation.rules().rules()
    }

    /// Every judgement, in full.
    pub(crate) fn judged(&self) -> Vec<String> {
        let lines = self.force().judgements();
        sorted(lines.map(|line| serde_json::to_string(&line).expect("a line is JSON")))
    }

    /// Every open exception, but for where, in how many steps and by which ways it came about.
    pub(crate) fn standing(&self) -> Vec<String> {
        self.standing_of(|_| true)
    }

    /// The same, of some rules.
    pub(crate) fn standing_of(&self, of: impl Fn(&str) -> bool) -> Vec<String> {
        let all = self.newest.values();
        let open = all.filter(|exception| exception.state.is_open() && of(exception.rule));
        sorted(open.map(|exception| {
            let mut value = serde_json::to_value(exception).expect("an exception is JSON");
            let fields = value.as_object_mut().expect("it has fields");
            let history = ["revision", "reopened", "provenance"];
            fields.retain(|name, _| !history.contains(&name.as_str()));
            value.to_string()
        }))
    }

    /// The breaches that are judged, in the words of the key.
    pub(crate) fn breaches(&self) -> Vec<String> {
        let breaches = self
            .force()
            .judgements()
            .filter(|line| line.verdict == "breach");
        sorted(breaches.map(|line| {
            let of = (line.record, line.reference, line.rule, line.obligation);
            in_words_of_the_key(of, (line.due, line.late_by_seconds, line.remedied))
        }))
    }

    /// The exceptions that are open, in the words of the key; whatever is only soon due is not in it.
    pub(crate) fn accusations(&self) -> Vec<String> {
        let open = self.newest.values().filter(|one| one.state.is_open());
        sorted(open.map(|one| {
            let of = (
                one.record,
                one.reference.clone(),
                one.rule,
                one.obligation.clone(),
            );
            let remedied = one.state == State::Remedied;
            in_words_of_the_key(of, (one.due, one.late_by_seconds, remedied))
        }))
    }

    /// Holds what is judged, what stands and what ever stood against the key.
    pub(crate) fn agrees_with(&self, key: &[String]) -> Result<(), String> {
        same(key, &self.breaches()).map_err(|why| format!("judgements: {why}"))?;
        same(key, &self.accusations()).map_err(|why| format!("exceptions: {why}"))?;
        if self.taken_back.is_empty() {
            return Ok(());
        }
        let first = self.taken_back.iter().take(5);
        let first: Vec<String> = first
            .map(|one| serde_json::to_string(one).expect("an exception is JSON"))
            .collect();
        Err(format!(
            "{} accusations were taken back\n    {}",
            self.taken_back.len(),
            first.join("\n    ")
        ))
    }

    /// What shows that a feed did not keep its word, or a rule failed. That a fact is no longer told
    /// is said too when a crime is named before its own system tells of it; that is no fault.
    pub(crate) fn faults(&self) -> Vec<&Alarm> {
        let alarms = self.alarms.iter();
        alarms
            .filter(|alarm| !matches!(alarm, Alarm::NoLongerTold { .. }))
            .collect()
    }
}

impl Material {
    /// Holds the traffic, as it was published, against its key.
    pub(crate) fn is_judged_as_planted(&self) -> Result<(), String> {
        let engine = Engine::fed(&self.published);
        engine.agrees_with(&self.key)?;
        match engine.faults().first() {
            None => Ok(()),
            Some(first) => Err(format!("the heartbeats did not keep their word: {first:?}")),
        }
    }
}

pub(crate) fn is_accusation(exception: &Exception) -> bool {
    matches!(exception.state, State::Raised | State::Remedied)
}

/// True if what was an accusation is none any more, as if it never had been right. What happens
/// afterwards takes nothing back: a duty is done late, and until the feeds are proved past that the
/// exception waits; the registrar oversees a late record within the week, which excuses it; a crime is
/// recorded too late, and which of several disclosures it answers is not told, or it is known by
/// little more than its name yet.
fn is_taken_back(exception: &Exception) -> bool {
    let done_late = || {
        let done = exception.remedied_at.map(|done| done.earliest());
        done > exception.due.map(|due| due.0)
    };
    match exception.state {
        State::Raised | State::Remedied | State::DueSoon => false,
        State::Withdrawn => match exception.because {
            Some(Because::Pending) => false,
            Some(Because::Undecidable) => exception.rule != "REC-010",
            _ => true,
        },
        State::Met => !done_late(),
        State::Excused => exception.rule != "REC-030",
        State::Waived | State::Superseded => true,
    }
}

fn in_words_of_the_key(
    (record, reference, rule, obligation): (RecordKind, Reference, &'static str, Word),
    (due, late_by_seconds, remedied): (Option<DueAt>, Option<i64>, bool),
) -> String {
    let line = Planted {
        force: FORCE.into(),
        record,
        reference,
        rule,
        obligation,
        verdict: "breach",
        due,
        late_by_seconds,
        remedied,
    };
    serde_json::to_string(&line).expect("a line is JSON")
}

fn sorted(lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut lines: Vec<String> = lines.collect();
    lines.sort();
    lines
}

/// Compares two lists in their order, line by line; says the first lines that only one has, in full.
pub(crate) fn same(expected: &[String], found: &[String]) -> Result<(), String> {
    if expected == found {
        return Ok(());
    }
    let only = |own: &[String], other: &[String]| {
        let other: BTreeSet<&String> = other.iter().collect();
        let lines: Vec<&str> = own
            .iter()
            .filter(|line| !other.contains(line))
            .map(String::as_str)
            .collect();
        let first = lines[..lines.len().min(5)].join("\n    ");
        format!("{} lines\n    {first}", lines.len())
    };
    Err(format!(
        "{} lines expected, {} found\n  only expected: {}\n  only found: {}",
        expected.len(),
        found.len(),
        only(expected, found),
        only(found, expected)
    ))
}

/// Each feed owns its blocks and covers everything.
fn feeds() -> Feeds {
    let feeds = FEEDS.iter().map(|name| {
        let owned: Vec<Block> = Block::EVERY
            .iter()
            .copied()
            .filter(|block| owner(*block) == *name)
            .collect();
        Feed {
            name: (*name).into(),
            owns: BlockSet::of(&owned),
            covers_from: Some(LondonDay::of(2013, 1, 1).start()),
            not_carried: Vec::new(),
            partitions: vec![partition(name)],
            promise: None,
        }
    });
    Feeds::declared(feeds.collect())
}

fn owner(block: Block) -> &'static str {
    match block {
        Block::VictimCare => "victim-hub",
        block if block.kind() == RecordKind::Incident => "cad",
        _ => "rms",
    }
}

fn partition(feed: &str) -> Partition {
    Partition {
        topic: feed.to_owned(),
        number: 0,
    }
}
