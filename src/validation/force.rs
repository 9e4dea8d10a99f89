//! One force at work: takes an entry, changes what is held, judges again what that touches, and
//! says what follows. The only place that changes state. Start at [`Force::step`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::activate::{ActivationMark, Again};
use super::admit::{self, Snapshot};
use super::balance::Balance;
use super::claims::Claims;
use super::counts::{CountKey, Counts};
use super::entry::{Disposition, Effect, Entry, Position, Settings};
use super::frontier::Group;
use super::judge::Docket;
use super::keep::Unkept;
use super::measures::Telling;
use super::ruleset::RuleSet;
use super::things::{Held, Thing, ThingKey, Things};
use super::waivers::Waivers;
use crate::domain::exception::Tally;
use crate::domain::names::{ForceCode, RecordKind, Reference, Word};
use crate::domain::records::{
    CrimeBlocks, DecisionKind, DecisionRecord, DeletedReason, Head, IncidentBlocks, Record,
};
use crate::domain::{Elapsed, Feeds, Instant};

/// Everything held and judged of one force.
pub struct Force {
    pub(super) code: ForceCode,
    pub(super) rules: Arc<RuleSet>,
    pub(super) settings: Settings,
    pub(super) feeds: Feeds,
    pub(super) claims: Claims,
    pub(super) groups: Vec<Group>,
    /// The group of each rule.
    pub(super) group_of: Vec<usize>,
    /// How long before its due instant a duty of each rule is soon due.
    pub(super) leads: Vec<Elapsed>,
    pub(super) incidents: Things<IncidentBlocks>,
    pub(super) crimes: Things<CrimeBlocks>,
    /// The things that give a name, in their order. Only ever asked by name: it has no order itself.
    pub(super) named_by: FxHashMap<Reference, Vec<ThingKey>>,
    pub(super) waivers: Waivers,
    pub(super) counts: Counts,
    pub(super) telling: Telling,
    pub(super) balance: Balance,
    /// The frontiers of rules by id, as they were when the rules were grouped last.
    pub(super) frontiers: BTreeMap<Word, Instant>,
    pub(super) activations: Vec<ActivationMark>,
    /// Set while an activation is worked off.
    pub(super) again: Option<Again>,
    /// Things whose silent blocks an activation filled or took away, until they are judged again.
    pub(super) refilled: BTreeSet<ThingKey>,
    /// The entry that was taken last.
    pub(super) taken: Option<Position>,
    /// What has changed since it was kept last; everything, if nothing was ever kept.
    pub(super) unkept: Option<Unkept>,
}

/// What one step carries along.
pub(super) struct Step {
    pub(super) position: Position,
    pub(super) effects: Vec<Effect>,
}

impl Force {
    /// A force of which nothing is held and no feed is declared.
    pub(super) fn new(code: ForceCode, rules: Arc<RuleSet>, settings: Settings) -> Force {
        let mut force = Force {
            code,
            rules,
            settings,
            feeds: Feeds::default(),
            claims: Claims::default(),
            groups: Vec::new(),
            group_of: Vec::new(),
            leads: Vec::new(),
            incidents: Things::default(),
            crimes: Things::default(),
            named_by: FxHashMap::default(),
            waivers: Waivers::default(),
            counts: Counts::default(),
            telling: Telling::default(),
            balance: Balance::default(),
            frontiers: BTreeMap::new(),
            activations: Vec::new(),
            again: None,
            refilled: BTreeSet::new(),
            taken: None,
            unkept: None,
        };
        force.group_rules();
        force
    }

    /// Takes one entry and says what follows from it.
    pub(super) fn step(&mut self, position: Position, entry: Entry) -> Vec<Effect> {
        assert!(
            !self.is_judging_again(),
            "an activation is worked off before another entry of its force is taken"
        );
        let mut step = Step {
            position,
            effects: Vec::new(),
        };
        let (from, is_unread) = match &entry {
            Entry::Record { from, .. } => (from.clone(), false),
            Entry::SetAside { from, .. } => (from.clone(), true),
            _ => (None, false),
        };
        self.take(entry, &mut step);
        match from {
            Some(from) if is_unread => self.balance.set_aside(from.partition),
            Some(from) => self.balance.read(from.partition, &step.effects),
            None => {}
        }
        self.taken = Some(position);
        self.mark_step(&step);
        step.effects
    }

    fn take(&mut self, entry: Entry, step: &mut Step) {
        match entry {
            Entry::Declared { feeds, .. } => self.declare(feeds, step),
            Entry::Activated { activation, .. } => self.activate(activation, step),
            Entry::Proof {
                feed,
                partition,
                through,
                kind,
                ..
            } => {
                let before = self.proofs();
                self.claims
                    .prove(&feed, partition, through, kind, self.settings);
                self.advance(before, step);
            }
            Entry::SetAside {
                feeds,
                reference,
                version,
                arrival,
                ..
            } => {
                let before = self.proofs();
                for feed in feeds {
                    self.claims.count_unread(&feed);
                    self.claims.set_aside(
                        &feed,
                        reference.clone(),
                        version,
                        arrival,
                        self.settings,
                    );
                }
                self.advance(before, step);
            }
            Entry::Record {
                record,
                arrival,
                partition,
                ..
            } => match record {
                Record::Heartbeat(heartbeat) => {
                    let before = self.proofs();
                    let alarms = self.claims.heartbeat(&heartbeat, partition, self.settings);
                    step.effects.extend(alarms.into_iter().map(Effect::Alarm));
                    step.effects.push(Effect::Counted(Disposition::Control));
                    self.advance(before, step);
                }
                Record::Decision(decision) => self.decide(*decision, step),
                Record::Incident(record) => {
                    self.take_in(Snapshot::from(*record), arrival, step);
                }
                Record::Crime(record) => {
                    self.take_in(Snapshot::from(*record), arrival, step);
                }
            },
        }
    }

    /// Takes a snapshot of a thing into what is held and judges again what it touches; only then looks
    /// at what waited for a frontier that it set free: what it tells must not be held against it.
    fn take_in<B: OfForce>(&mut self, snapshot: Snapshot<B>, arrival: Instant, step: &mut Step) {
        let head = snapshot.head.clone();
        let feeds = std::mem::take(&mut self.feeds);
        let admission = feeds
            .named(&head.source)
            .map(|feed| admit::admit(B::things(self), &feeds, feed, snapshot));
        self.feeds = feeds;
        let Some(admission) = admission else {
            step.effects.push(Effect::Counted(Disposition::Quarantined));
            return;
        };
        let disposition = admission.disposition;
        let is_changed = matches!(disposition, Disposition::Applied | Disposition::LedgerOnly);
        if is_changed {
            self.mark_thing((B::KIND, head.reference.clone()));
        }
        let counted = if head.is_tombstone() {
            Disposition::Control
        } else {
            disposition
        };
        step.effects.push(Effect::Counted(counted));
        let source = head.source.clone();
        let stood = self.claims.standing(&source);
        self.weigh(&head, disposition, arrival, step);
        // Almost every record leaves its feed's claim where it was, and then no frontier moves.
        let is_moved = self.claims.standing(&source) != stood;
        let waiting = is_moved.then(|| self.move_frontiers());
        if is_changed {
            self.judge_touched((B::KIND, head.reference), admission, step);
        }
        if let Some(waiting) = waiting {
            let before = self.proofs_with(&source, stood.word);
            self.look_at(waiting, before, step);
        }
    }

    /// What a record means for its feed's claim.
    fn weigh(&mut self, head: &Head, became: Disposition, arrival: Instant, step: &mut Step) {
        // A tombstone tells no commit, so it cannot have been promised before.
        let is_new = matches!(became, Disposition::Applied | Disposition::LedgerOnly)
            && !head.is_tombstone();
        if became == Disposition::Quarantined {
            let version = head.version.unwrap_or_default();
            let (source, reference) = (head.source.clone(), head.reference.clone());
            step.effects.push(Effect::Conflict {
                source,
                reference,
                version,
            });
            // Only a later version can show which of the two contents was meant.
            let next = Some(version.saturating_add(1));
            let reference = Some(head.reference.clone());
            self.claims.count_conflict(&head.source);
            self.claims
                .set_aside(&head.source, reference, next, arrival, self.settings);
        } else if let Some(alarm) = self.claims.readable(head, is_new, self.settings) {
            step.effects.push(Effect::Alarm(alarm));
        }
    }

    /// Every thing, in the order of kind and reference.
    pub(super) fn keys(&self) -> Vec<ThingKey> {
        let incidents = self
            .incidents
            .keys()
            .map(|own| (RecordKind::Incident, own.clone()));
        let crimes = self
            .crimes
            .keys()
            .map(|own| (RecordKind::Crime, own.clone()));
        incidents.chain(crimes).collect()
    }

    /// Takes a decision and looks again at the record it speaks of.
    fn decide(&mut self, decision: DecisionRecord, step: &mut Step) {
        step.effects.push(Effect::Counted(Disposition::Control));
        let about = (decision.about.record, decision.about.reference.clone());
        let releases = decision.kind == DecisionKind::Release;
        let id = decision.head.reference.clone();
        let Some(spoke_of) = self.waivers.take(decision) else {
            return;
        };
        self.mark_decision(id);
        if releases {
            let before = self.proofs();
            self.claims.release(&about.1, self.settings);
            self.advance(before, step);
        }
        for thing in spoke_of.into_iter().filter(|thing| *thing != about) {
            self.look_again(&thing, |_| true, step);
        }
        self.look_again(&about, |_| true, step);
    }

    /// The declared feeds.
    pub fn feeds(&self) -> &Feeds {
        &self.feeds
    }

    /// Its code.
    pub fn code(&self) -> &ForceCode {
        &self.code
    }

    /// The counts, by rule, month and part.
    pub fn tallies(&self) -> &BTreeMap<CountKey, Tally> {
        self.counts.tallies()
    }

    /// What became of the records that were read, by partition of the source.
    pub fn balance(&self) -> &Balance {
        &self.balance
    }

    /// The entry that was taken last.
    pub fn taken(&self) -> Option<Position> {
        self.taken
    }

    /// How many things are held.
    pub fn things(&self) -> usize {
        self.incidents.len() + self.crimes.len()
    }

    pub(super) fn docket(&mut self, key: &ThingKey) -> Option<&mut Docket> {
        match key.0 {
            RecordKind::Incident => self
                .incidents
                .changed(&key.1)
                .map(|thing| &mut thing.docket),
            _ => self.crimes.changed(&key.1).map(|thing| &mut thing.docket),
        }
    }

    pub(super) fn stub(&self, key: &ThingKey) -> Option<DeletedReason> {
        match key.0 {
            RecordKind::Incident => self.incidents.get(&key.1)?.stub,
            _ => self.crimes.get(&key.1)?.stub,
        }
    }

    pub(super) fn first_commit(&self, key: &ThingKey) -> Instant {
        let commit = match key.0 {
            RecordKind::Incident => self.incidents.get(&key.1).map(Thing::first_commit),
            _ => self.crimes.get(&key.1).map(Thing::first_commit),
        };
        commit.unwrap_or(Instant::BEGINNING)
    }
}

/// A kind of thing that a force holds.
pub(super) trait OfForce: Held + serde::Serialize + Clone {
    /// The things of this kind.
    fn things(force: &mut Force) -> &mut Things<Self>;
}

impl OfForce for IncidentBlocks {
    fn things(force: &mut Force) -> &mut Things<Self> {
        &mut force.incidents
    }
}

impl OfForce for CrimeBlocks {
    fn things(force: &mut Force) -> &mut Things<Self> {
        &mut force.crimes
    }
}
