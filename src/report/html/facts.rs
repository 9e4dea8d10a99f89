//! What the sections of the report show, gathered in one pass over the judgements. Adds up and puts
//! in order; says nothing. Start at [`Facts::of`].

use std::collections::{BTreeMap, BTreeSet};

use std::cmp::Reverse;

use super::ReportInput;
use super::words::tenths;
use crate::domain::exception::{Exception, State, Tally};
use crate::domain::names::{RecordKind, Reference};
use crate::domain::{Elapsed, Instant, LondonDay};
use crate::rules::{Rule, Severity};
use crate::validation::{Force, JudgementLine, Routing};

/// How far ahead a person plans.
pub(super) const WEEK: Elapsed = Elapsed::hours(7 * 24);

/// Everything the sections show.
pub(super) struct Facts<'a> {
    /// What the run handed over.
    pub(super) input: &'a ReportInput<'a>,
    /// The instant from which ages are counted: the time of judging, else the newest proof.
    pub(super) now: Instant,
    /// The rules that are on, with their tallies.
    pub(super) rules: Vec<RuleLine>,
    /// Tallies by owning unit.
    pub(super) units: BTreeMap<Owner, Tally>,
    /// Tallies by offence group.
    pub(super) groups: BTreeMap<Owner, Tally>,
    /// Open exceptions that were not made good and that nobody decided to live with: gravest first,
    /// then the one that has waited longest.
    pub(super) fixes: Vec<&'a Exception>,
    /// Duties whose time is not proved past, by due instant.
    pub(super) waiting: Vec<Waiting>,
    /// The fields that would decide what cannot be told, most records first.
    pub(super) missing: Vec<MissingField>,
    /// What is worth a look.
    pub(super) advisories: Vec<AdvisoryLine>,
    /// The first and the last day that a duty speaks of.
    pub(super) span: Option<(LondonDay, LondonDay)>,
}

/// A rule with its tally.
pub(super) struct RuleLine {
    /// The rule.
    pub(super) rule: &'static Rule,
    /// How many duties stand how.
    pub(super) tally: Tally,
}

/// Whom a record belongs to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Owner {
    /// This unit or group.
    Named(String),
    /// The record does not say.
    Untold,
    /// Incident logs carry none.
    IncidentLog,
}

/// A duty whose time is not proved past.
pub(super) struct Waiting {
    /// By when it has to be done; none where only the proof is awaited.
    pub(super) due: Option<Instant>,
    /// The rule.
    pub(super) rule: &'static Rule,
    /// The record.
    pub(super) reference: Reference,
    /// The duty, as the rule names it.
    pub(super) obligation: String,
    /// The unit that owns the record.
    pub(super) unit: Owner,
}

/// A field that is not told, and what it would decide.
pub(super) struct MissingField {
    /// Its path.
    pub(super) path: String,
    /// Records it would decide.
    pub(super) records: u64,
    /// Duties it would decide.
    pub(super) duties: u64,
    /// The rules.
    pub(super) rules: BTreeSet<&'static str>,
    /// What stood there and could not be read.
    pub(super) unread: BTreeSet<String>,
}

/// What is worth a look under one finding of a rule.
pub(super) struct AdvisoryLine {
    /// The rule.
    pub(super) rule: &'static Rule,
    /// The finding.
    pub(super) finding: &'static str,
    /// Records.
    pub(super) records: u64,
    /// Duties.
    pub(super) duties: u64,
}

impl<'a> Facts<'a> {
    /// Gathers everything.
    pub(super) fn of(input: &'a ReportInput<'a>) -> Facts<'a> {
        let rules = input.validation.rules().rules();
        let tallies = rules.iter().map(|rule| RuleLine {
            rule,
            tally: Tally::default(),
        });
        let mut facts = Facts {
            input,
            now: input.as_at.unwrap_or_else(|| newest_proof(input)),
            rules: tallies.collect(),
            units: BTreeMap::new(),
            groups: BTreeMap::new(),
            fixes: fixes(&input.exceptions),
            waiting: Vec::new(),
            missing: Vec::new(),
            advisories: Vec::new(),
            span: None,
        };
        let mut gathering = Gathering::default();
        for force in input.validation.forces() {
            for (key, tally) in force.tallies() {
                let line = &mut facts.rules[key.rule];
                line.tally = line.tally.plus(*tally);
            }
            facts.take_force(force, &mut gathering);
        }
        facts.settle(gathering);
        facts
    }

    /// All rules together.
    pub(super) fn total(&self) -> Tally {
        let tallies = self.rules.iter().map(|line| line.tally);
        tallies.fold(Tally::default(), Tally::plus)
    }

    /// The rules, most duties not met first; where as many, the lowest rate first, then in the
    /// order of the catalogue.
    pub(super) fn most_failing_first(&self) -> Vec<&RuleLine> {
        let mut lines: Vec<&RuleLine> = self.rules.iter().collect();
        lines.sort_by_key(|line| {
            let rate = tenths(line.tally.met, line.tally.judged());
            (Reverse(line.tally.breach), rate.unwrap_or(u64::MAX))
        });
        lines
    }

    /// The rules with the most duties not met: several where they have as many, none where all
    /// is met.
    pub(super) fn failing_most(&self) -> Vec<&RuleLine> {
        let lines = self.most_failing_first();
        let most = lines.first().map_or(0, |line| line.tally.breach);
        let failing = lines
            .into_iter()
            .take_while(|line| most > 0 && line.tally.breach == most);
        failing.collect()
    }

    /// Records that must be fixed; several duties may have failed on one.
    pub(super) fn records_to_fix(&self) -> u64 {
        let records = self
            .fixes
            .iter()
            .map(|one| (&one.force, one.record, &one.reference));
        records.collect::<BTreeSet<_>>().len() as u64
    }

    /// Duties that fall due within seven days.
    pub(super) fn due_this_week(&self) -> impl Iterator<Item = &Waiting> {
        let (from, to) = (self.now, self.now.plus(WEEK));
        self.waiting
            .iter()
            .filter(move |one| one.due.is_some_and(|due| due > from && due <= to))
    }

    /// Duties whose time is past or that have no hour, and that only wait for proof.
    pub(super) fn unproved(&self) -> u64 {
        let past = |one: &&Waiting| one.due.is_none_or(|due| due <= self.now);
        self.waiting.iter().filter(past).count() as u64
    }

    /// The rule of this id.
    pub(super) fn rule(&self, id: &str) -> Option<&RuleLine> {
        self.rules.iter().find(|line| line.rule.id == id)
    }

    fn take_force(&mut self, force: &Force, gathering: &mut Gathering) {
        let mut of: Option<(RecordKind, Reference, Routing)> = None;
        for line in force.judgements() {
            let is_same = of.as_ref().is_some_and(|(record, reference, _)| {
                *record == line.record && *reference == line.reference
            });
            if !is_same {
                let key = (line.record, line.reference.clone());
                let routing = force.routing(&key);
                of = Some((key.0, key.1, routing));
                gathering.record += 1;
            }
            let Some((_, _, routing)) = &of else { continue };
            self.take(&line, routing, gathering);
        }
    }

    fn take(&mut self, line: &JudgementLine, routing: &Routing, gathering: &mut Gathering) {
        if line.verdict == "not_applicable" {
            return;
        }
        let unit = owner(
            line.record,
            routing.owning_unit.as_ref().map(|unit| unit.as_str()),
        );
        let group = owner(line.record, routing.offence_group.as_deref());
        count_in(self.units.entry(unit.clone()).or_default(), line);
        count_in(self.groups.entry(group).or_default(), line);
        if let Some(law) = &line.law_date {
            let day = law.earliest().london_day();
            let (first, last) = self.span.unwrap_or((day, day));
            self.span = Some((first.min(day), last.max(day)));
        }
        let rule = self.rules[line.place].rule;
        match line.verdict {
            "pending" => self.waiting.push(Waiting {
                due: line
                    .due_by
                    .filter(|_| line.accuses && line.done_at.is_none()),
                rule,
                reference: line.reference.clone(),
                obligation: line.obligation.to_string(),
                unit,
            }),
            "undecidable" => gathering.undecidable(line),
            "advisory" => gathering.advisory(line),
            _ => {}
        }
    }

    fn settle(&mut self, gathering: Gathering) {
        self.waiting
            .sort_by(|left, right| left.key().cmp(&right.key()));
        let mut missing: Vec<MissingField> = gathering
            .missing
            .into_iter()
            .map(|(path, count)| MissingField {
                path,
                records: count.records,
                duties: count.duties,
                rules: count.rules,
                unread: count.unread,
            })
            .collect();
        missing.sort_by(|left, right| {
            let by_size = (right.records, right.duties).cmp(&(left.records, left.duties));
            by_size.then_with(|| left.path.cmp(&right.path))
        });
        self.missing = missing;
        let lines = gathering.advisories.into_iter();
        self.advisories = lines
            .map(|((place, finding), count)| AdvisoryLine {
                rule: self.rules[place].rule,
                finding,
                records: count.records,
                duties: count.duties,
            })
            .collect();
    }
}

impl Waiting {
    fn key(&self) -> (Instant, Severity, &'static str, &str, &str) {
        (
            self.due.unwrap_or(Instant::END),
            self.rule.severity,
            self.rule.id,
            self.reference.as_str(),
            &self.obligation,
        )
    }
}

/// What is counted on the way. Judgements come record by record, so that counting records needs no
/// set of references: the number of the record last seen is enough.
#[derive(Default)]
struct Gathering {
    record: u64,
    missing: BTreeMap<String, Seen>,
    advisories: BTreeMap<(usize, &'static str), Seen>,
}

#[derive(Default)]
struct Seen {
    last: u64,
    records: u64,
    duties: u64,
    rules: BTreeSet<&'static str>,
    unread: BTreeSet<String>,
}

impl Seen {
    fn again(&mut self, record: u64) {
        self.duties += 1;
        if self.last != record {
            self.last = record;
            self.records += 1;
        }
    }
}

impl Gathering {
    fn undecidable(&mut self, line: &JudgementLine) {
        for path in &line.missing {
            let seen = self.missing.entry(path.clone()).or_default();
            seen.again(self.record);
            seen.rules.insert(line.rule);
            seen.unread.extend(line.unread.iter().cloned());
        }
    }

    fn advisory(&mut self, line: &JudgementLine) {
        let finding = line.finding.unwrap_or_default();
        let seen = self.advisories.entry((line.place, finding)).or_default();
        seen.again(self.record);
    }
}

fn owner(record: RecordKind, told: Option<&str>) -> Owner {
    match (record, told) {
        (RecordKind::Incident, _) => Owner::IncidentLog,
        (_, Some(name)) if !name.is_empty() => Owner::Named(name.to_owned()),
        _ => Owner::Untold,
    }
}

fn count_in(tally: &mut Tally, line: &JudgementLine) {
    let count = match line.verdict {
        "met" => &mut tally.met,
        "excused" => &mut tally.excused,
        "breach" => &mut tally.breach,
        "advisory" => &mut tally.advisory,
        "undecidable" => &mut tally.undecidable,
        _ => &mut tally.pending,
    };
    *count += 1;
    tally.remedied += u64::from(line.remedied);
}

/// The newest instant that any feed is proved through.
fn newest_proof(input: &ReportInput<'_>) -> Instant {
    let claims = input
        .validation
        .forces()
        .flat_map(|force| force.claims().collect::<Vec<_>>());
    claims
        .map(|claim| claim.through)
        .max()
        .unwrap_or(Instant::BEGINNING)
}

fn fixes<'a>(exceptions: &[&'a Exception]) -> Vec<&'a Exception> {
    let mut open: Vec<&Exception> = exceptions
        .iter()
        .copied()
        .filter(|exception| exception.state == State::Raised)
        .collect();
    open.sort_by(|left, right| urgency(left).cmp(&urgency(right)));
    open
}

/// Gravest first, then the longest overdue; what has no hour comes after what has one.
fn urgency(exception: &Exception) -> (usize, Instant, &str, &str, &str) {
    let due = exception.due.map_or(Instant::END, |due| due.0);
    (
        gravity(exception.severity),
        due,
        exception.rule,
        exception.reference.as_str(),
        exception.obligation.as_str(),
    )
}

/// The severities, gravest first.
pub(super) const SEVERITIES: [&str; 4] = ["critical", "high", "medium", "low"];

/// The place of a severity among them.
pub(super) fn gravity(severity: &str) -> usize {
    let known = SEVERITIES.iter().position(|own| *own == severity);
    known.unwrap_or(SEVERITIES.len())
}
