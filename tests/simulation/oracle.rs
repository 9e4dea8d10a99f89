//! The independent witness: after every step it says from the judgements, the decisions and the
//! heartbeats alone how every exception must stand and what every count must be. Written from the
//! table of the architecture, not from the engine. Start at [`Witness::check`].

use std::collections::BTreeMap;

use truecount::domain::exception::{Because, Exception, ProofKind, State, Tally, exception_id};
use truecount::domain::names::{RecordKind, Reference};
use truecount::domain::records::Record;
use truecount::domain::{Feeds, Instant, LondonDay, Stratum};
use truecount::rules::Rule;
use truecount::validation::{Effect, JudgementLine};
use uuid::Uuid;

use super::engine::Engine;
use super::proofs::Proofs;
use super::stream::{Event, FORCE, What};
use super::waiving::Decisions;

/// What the witness remembers between two steps.
pub(crate) struct Witness {
    feeds: Feeds,
    /// How far each feed is proved.
    pub(crate) proofs: Proofs,
    decisions: Decisions,
    seen: BTreeMap<Uuid, Seen>,
    cells: Vec<(Thing, Cell)>,
    frozen: BTreeMap<Thing, Vec<Cell>>,
}

type Thing = (RecordKind, Reference);

/// One exception as it was published last.
struct Seen {
    newest: Exception,
    last_open: Option<State>,
    reopened: bool,
}

/// One judgement as it is counted.
#[derive(Clone, Copy)]
struct Cell {
    key: (usize, Option<LondonDay>, Option<Stratum>),
    verdict: &'static str,
    remedied: bool,
    waived: bool,
}

impl Witness {
    /// A witness of an engine that has taken nothing.
    pub(crate) fn new(feeds: &Feeds) -> Witness {
        Witness {
            feeds: feeds.clone(),
            proofs: Proofs::default(),
            decisions: Decisions::default(),
            seen: BTreeMap::new(),
            cells: Vec::new(),
            frozen: BTreeMap::new(),
        }
    }

    /// Holds one step against what must follow from it.
    pub(crate) fn check(
        &mut self,
        engine: &Engine,
        event: &Event,
        effects: &[Effect],
    ) -> Result<(), String> {
        self.proofs.take(event, effects);
        if let What::Record(Record::Decision(decision)) = &event.what {
            self.decisions.take(decision);
        }
        let before: BTreeMap<Uuid, Option<State>> = self
            .seen
            .iter()
            .map(|(id, seen)| (*id, seen.last_open))
            .collect();
        for effect in effects {
            if let Effect::Exception(exception) = effect {
                self.revision(exception)?;
            }
        }
        self.once_per_step(effects)?;
        let lines: Vec<JudgementLine> = engine.force().judgements().collect();
        self.frontiers(engine)?;
        self.states(engine, &lines, &before)?;
        self.counts(engine, event, &lines)
    }

    /// A revision rises by one from 1, says something new, and knows whether it was closed before.
    pub(crate) fn revision(&mut self, exception: &Exception) -> Result<(), String> {
        let complain = |what: String| Err(format!("{what}: {}", text(exception)));
        let Some(seen) = self.seen.get_mut(&exception.id) else {
            if exception.revision != 1 || !exception.state.is_open() || exception.reopened {
                return complain("a first revision opens, with number 1".to_owned());
            }
            let last_open = Some(exception.state);
            let newest = exception.clone();
            self.seen.insert(
                exception.id,
                Seen {
                    newest,
                    last_open,
                    reopened: false,
                },
            );
            return Ok(());
        };
        if exception.revision != seen.newest.revision + 1 {
            return complain(format!("after revision {}", seen.newest.revision));
        }
        let mut same = exception.clone();
        (same.revision, same.provenance) = (seen.newest.revision, seen.newest.provenance);
        if same == seen.newest {
            return complain("a revision that says nothing new".to_owned());
        }
        seen.reopened |= !seen.newest.state.is_open() && exception.state.is_open();
        if exception.reopened != seen.reopened {
            return complain(format!("reopened should be {}", seen.reopened));
        }
        if exception.state.is_open() {
            seen.last_open = Some(exception.state);
        }
        seen.newest = exception.clone();
        Ok(())
    }

    fn once_per_step(&self, effects: &[Effect]) -> Result<(), String> {
        let mut revised: Vec<&Exception> = Vec::new();
        for effect in effects {
            if let Effect::Exception(exception) = effect {
                if let Some(first) = revised.iter().find(|first| first.id == exception.id) {
                    return Err(format!(
                        "two revisions in one step: {} then {}",
                        text(first),
                        text(exception)
                    ));
                }
                revised.push(exception);
            }
        }
        Ok(())
    }

    /// The frontier of a rule is the least claim of the feeds that own what it concerns.
    fn frontiers(&self, engine: &Engine) -> Result<(), String> {
        for (place, rule) in engine.rules().iter().enumerate() {
            let (own, expected) = (engine.force().frontier(place), self.frontier(rule));
            if own != expected {
                return Err(format!(
                    "{}: the frontier is {own}, not {expected}",
                    rule.id
                ));
            }
        }
        Ok(())
    }

    /// The frontier of a rule, as this witness has it.
    pub(crate) fn frontier(&self, rule: &Rule) -> Instant {
        let owners = rule
            .concerns
            .iter()
            .filter_map(|block| self.feeds.owner(*block));
        let claims = owners.map(|feed| self.proofs.through(feed.name.as_str()));
        claims.min().unwrap_or(Instant::BEGINNING)
    }

    /// Every exception stands as its judgement says, and each that must stand is there.
    fn states(
        &self,
        engine: &Engine,
        lines: &[JudgementLine],
        before: &BTreeMap<Uuid, Option<State>>,
    ) -> Result<(), String> {
        let by_id: BTreeMap<Uuid, &JudgementLine> =
            lines.iter().map(|line| (id(line), line)).collect();
        for (id, line) in &by_id {
            let last_open = before.get(id).copied().flatten();
            let rule = engine.rules()[line.place];
            let expected = self.state(line, rule, last_open);
            let seen = self
                .seen
                .get(id)
                .map(|seen| (seen.newest.state, seen.newest.because));
            if seen != expected {
                return Err(format!(
                    "{line:?}\n  is {seen:?} and should be {expected:?}"
                ));
            }
        }
        for (id, seen) in self.seen.iter().filter(|(id, _)| !by_id.contains_key(id)) {
            let newest = &seen.newest;
            let expected = if is_gone(engine, newest.record, &newest.reference).is_some() {
                (State::Superseded, None)
            } else {
                (State::Withdrawn, Some(Because::Gone))
            };
            if (newest.state, newest.because) != expected {
                return Err(format!("{id} is not judged: {}", text(newest)));
            }
        }
        Ok(())
    }

    /// The table of the architecture: a state from a judgement, and from the open state before it.
    fn state(
        &self,
        line: &JudgementLine,
        rule: &Rule,
        last_open: Option<State>,
    ) -> Option<(State, Option<Because>)> {
        let waived = self.is_waived(line, rule);
        let owned = rule.concerns.iter().all(|block| self.feeds.carry(*block));
        let inside = |due: Instant| self.frontier(rule) > due.minus(rule.lead);
        let has_lead = rule.lead.whole_seconds() > 0;
        let soon = line.accuses && owned && has_lead && line.due_by.is_some_and(inside);
        let late = line
            .done_at
            .zip(line.due_by)
            .is_some_and(|(done, due)| done.earliest() > due);
        let because = match line.verdict {
            "breach" if line.opens => {
                let state = match (waived, line.done_at.is_some()) {
                    (true, _) => State::Waived,
                    (false, true) => State::Remedied,
                    (false, false) => State::Raised,
                };
                return Some((state, None));
            }
            "pending" if soon && line.opens => return Some((State::DueSoon, None)),
            "met" if late || last_open == Some(State::DueSoon) => {
                return last_open.map(|_| (State::Met, None));
            }
            "excused" => return last_open.map(|_| (State::Excused, None)),
            "met" => Because::MetInTime,
            "pending" => Because::Pending,
            "advisory" => Because::Advisory,
            "undecidable" => Because::Undecidable,
            _ => Because::NotApplicable,
        };
        last_open.map(|_| (State::Withdrawn, Some(because)))
    }

    fn is_waived(&self, line: &JudgementLine, rule: &Rule) -> bool {
        self.decisions
            .until(line)
            .is_some_and(|until| self.frontier(rule) <= until)
    }

    /// The tallies are the judgements counted, and what a lawful disposal left.
    fn counts(
        &mut self,
        engine: &Engine,
        event: &Event,
        lines: &[JudgementLine],
    ) -> Result<(), String> {
        if let Some((kind, reference)) = event.thing() {
            let thing = (kind, reference.clone());
            match is_gone(engine, kind, reference) {
                Some("lawful_disposal") if !self.frozen.contains_key(&thing) => {
                    let own = self.cells.iter().filter(|(of, _)| *of == thing);
                    let own = own.map(|(_, cell)| *cell).collect();
                    self.frozen.insert(thing, own);
                }
                Some(_) => {}
                None => drop(self.frozen.remove(&thing)),
            }
        }
        self.cells = lines
            .iter()
            .map(|line| {
                let waived = self.is_waived(line, engine.rules()[line.place]);
                ((line.record, line.reference.clone()), cell(line, waived))
            })
            .collect();
        let mut expected: BTreeMap<_, Tally> = BTreeMap::new();
        let live = self.cells.iter().map(|(_, cell)| cell);
        for cell in live.chain(self.frozen.values().flatten()) {
            count(expected.entry(cell.key).or_default(), cell);
        }
        let held = engine.force().tallies().iter();
        let held = held.map(|(key, tally)| ((key.rule, key.month, key.stratum), *tally));
        let held = held
            .filter(|(_, tally)| *tally != Tally::default())
            .collect();
        differ(&expected, &held)
    }

    /// What was published last of each exception.
    pub(crate) fn published(&self) -> impl Iterator<Item = &Exception> {
        self.seen.values().map(|seen| &seen.newest)
    }

    /// True if some published proof is impaired.
    pub(crate) fn says_impaired(&self) -> bool {
        self.published()
            .any(|exception| exception.proof == ProofKind::Impaired)
    }
}

type Tallies = BTreeMap<(usize, Option<LondonDay>, Option<Stratum>), Tally>;

/// Complains of the first count in which two tables differ.
pub(crate) fn differ(expected: &Tallies, held: &Tallies) -> Result<(), String> {
    let keys = expected.keys().chain(held.keys());
    let mut other = keys.filter(|key| expected.get(key) != held.get(key));
    match other.next() {
        None => Ok(()),
        Some(key) => Err(format!(
            "{key:?} counts {:?} and should {:?}",
            held.get(key),
            expected.get(key)
        )),
    }
}

fn cell(line: &JudgementLine, waived: bool) -> Cell {
    let month = line
        .law_date
        .map(|law| law.earliest().london_day().month_start());
    Cell {
        key: (line.place, month, line.stratum),
        verdict: line.verdict,
        remedied: line.remedied,
        waived,
    }
}

fn count(tally: &mut Tally, cell: &Cell) {
    match cell.verdict {
        "met" => tally.met += 1,
        "breach" => tally.breach += 1,
        "excused" => tally.excused += 1,
        "advisory" => tally.advisory += 1,
        "undecidable" => tally.undecidable += 1,
        "pending" => tally.pending += 1,
        _ => tally.not_applicable += 1,
    }
    if cell.verdict == "breach" {
        tally.remedied += u64::from(cell.remedied);
        tally.waived += u64::from(cell.waived);
    }
}

fn is_gone(engine: &Engine, kind: RecordKind, reference: &Reference) -> Option<&'static str> {
    let found = engine.force().inspect(reference).into_iter();
    found
        .filter(|thing| thing.record == kind)
        .find_map(|thing| thing.gone)
}

/// The id of the exception on a judgement's obligation.
pub(crate) fn id(line: &JudgementLine) -> Uuid {
    exception_id(
        &FORCE.into(),
        line.record,
        &line.reference,
        line.rule,
        &line.obligation,
    )
}

/// An exception as JSON.
pub(crate) fn text(exception: &Exception) -> String {
    serde_json::to_string(exception).expect("an exception is JSON")
}
