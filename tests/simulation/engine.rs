//! Validation under test: takes events, keeps the newest revision of every exception, and says what
//! is judged and what stands as plain lines. Judges nothing itself. Start at [`Engine`].

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use truecount::domain::exception::Exception;
use truecount::domain::journal::SourcePosition;
use truecount::domain::{Feeds, Instant};
use truecount::reference::Library;
use truecount::rules::Rule;
use truecount::validation::{
    Effect, Entry, Force, JudgementLine, Position, RuleSet, Settings, Validation,
};
use uuid::Uuid;

use super::stream::{Event, FORCE, Stream, What, partition};

/// Validation of one force, and the exceptions it has published.
pub(crate) struct Engine {
    validation: Validation,
    offset: u64,
    /// The newest revision of each.
    pub(crate) newest: BTreeMap<Uuid, Exception>,
}

impl Engine {
    /// An engine with these feeds under every rule of the national profile.
    pub(crate) fn new(feeds: &Feeds) -> Engine {
        static RULES: OnceLock<Arc<RuleSet>> = OnceLock::new();
        let rules = RULES.get_or_init(|| Arc::new(RuleSet::of(library())));
        Engine::over(feeds, Arc::clone(rules))
    }

    /// An engine under these rules.
    pub(crate) fn under(feeds: &Feeds, rules: Vec<&'static Rule>) -> Engine {
        Engine::over(feeds, Arc::new(RuleSet::with(library(), rules)))
    }

    fn over(feeds: &Feeds, rules: Arc<RuleSet>) -> Engine {
        let mut engine = Engine {
            validation: Validation::new(rules, Settings::default()),
            offset: 0,
            newest: BTreeMap::new(),
        };
        let (force, feeds) = (FORCE.into(), feeds.clone());
        engine.step(Entry::Declared { force, feeds });
        engine
    }

    /// What comes of a whole stream.
    pub(crate) fn fed(stream: &Stream) -> Engine {
        let mut engine = Engine::new(&stream.feeds);
        for event in &stream.events {
            engine.take(event);
        }
        engine
    }

    /// Takes one event and says what follows.
    pub(crate) fn take(&mut self, event: &Event) -> Vec<Effect> {
        self.step(entry(event, None))
    }

    /// Takes an entry and says what follows.
    pub(crate) fn step(&mut self, entry: Entry) -> Vec<Effect> {
        self.offset += 1;
        let position = Position {
            partition: 0,
            offset: self.offset,
        };
        let effects = self.validation.step(position, entry);
        for effect in &effects {
            if let Effect::Exception(exception) = effect {
                self.newest.insert(exception.id, (**exception).clone());
            }
        }
        effects
    }

    /// The force.
    pub(crate) fn force(&self) -> &Force {
        self.validation
            .forces()
            .next()
            .expect("one force is declared")
    }

    /// The rules.
    pub(crate) fn rules(&self) -> &[&'static Rule] {
        self.validation.rules().rules()
    }

    /// Every judgement, without the word it stands on.
    pub(crate) fn judged(&self) -> Vec<String> {
        self.force()
            .judgements()
            .map(|line| judged(&line))
            .collect()
    }

    /// What stands: every exception in an open state, with what an order must not change.
    pub(crate) fn standing(&self) -> Vec<String> {
        let open = self
            .newest
            .values()
            .filter(|exception| exception.state.is_open());
        let mut lines: Vec<String> = open.map(stands).collect();
        lines.sort();
        lines
    }
}

/// An event as an entry of the journal.
pub(crate) fn entry(event: &Event, from: Option<SourcePosition>) -> Entry {
    let arrival: Instant = event.at;
    match &event.what {
        What::Record(record) => Entry::Record {
            record: record.clone(),
            arrival,
            partition: partition(),
            from,
        },
        What::SetAside {
            feed,
            reference,
            version,
        } => Entry::SetAside {
            force: FORCE.into(),
            feeds: vec![(*feed).into()],
            reference: reference.clone(),
            version: *version,
            arrival,
            from,
        },
    }
}

fn library() -> Library {
    Library::shipped("national").expect("the profile is shipped")
}

/// A judgement as a line.
fn judged(line: &JudgementLine) -> String {
    let mut value = serde_json::to_value(line).expect("a line is JSON");
    let fields = value.as_object_mut().expect("a line has fields");
    fields.remove("proof");
    fields.retain(|_, told| !told.is_null());
    value.to_string()
}

/// An open exception as a line: id, verdict, finding, due, lateness, citation, and whom it goes to.
fn stands(exception: &Exception) -> String {
    let of = (
        &exception.reference,
        exception.rule,
        &exception.obligation,
        exception.id,
        exception.state,
    );
    let why = (
        &exception.finding,
        exception.due,
        exception.late_by_seconds,
        &exception.citation,
    );
    let to = (
        &exception.owning_unit,
        &exception.offence_group,
        exception.domestic_abuse,
    );
    serde_json::to_string(&(of, why, to)).expect("an exception is JSON")
}

/// What one list has and another lacks.
pub(crate) fn same(left: &[String], right: &[String]) -> Result<(), String> {
    let lacks = |own: &[String], other: &[String]| {
        let only = own.iter().filter(|line| !other.contains(line)).cloned();
        only.collect::<Vec<_>>().join("\n      ")
    };
    if left == right {
        return Ok(());
    }
    Err(format!(
        "only first:\n      {}\n  only second:\n      {}",
        lacks(left, right),
        lacks(right, left)
    ))
}
