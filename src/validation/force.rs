//! One force at work: takes an entry, changes what is held, judges again what that touches, and
//! says what follows. The only place that changes state. Start at [`Force::step`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::admit::{self, Admission, Snapshot};
use super::claims::{ClaimView, Claims};
use super::counts::{CountKey, Counts};
use super::entry::{Alarm, Disposition, Effect, Entry, Position, Settings};
use super::guard::guarded;
use super::judge::{Docket, Judged};
use super::ruleset::RuleSet;
use super::things::{Held, Thing, ThingKey};
use super::waivers::Waivers;
use crate::domain::exception::{ProofKind, Tally};
use crate::domain::names::{ForceCode, RecordKind, Reference, Source};
use crate::domain::records::{
    Block, BlockSet, Blocks, CrimeBlocks, DecisionKind, DecisionRecord, DeletedReason, Head,
    IncidentBlocks, Record,
};
use crate::domain::{Elapsed, Feeds, Instant};
use crate::rules::Rule;

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
    pub(super) incidents: BTreeMap<Reference, Thing<IncidentBlocks>>,
    pub(super) crimes: BTreeMap<Reference, Thing<CrimeBlocks>>,
    pub(super) named_by: BTreeMap<Reference, BTreeSet<ThingKey>>,
    pub(super) waivers: Waivers,
    pub(super) counts: Counts,
}

/// Rules that rest on the same feeds and therefore share a frontier.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) feeds: BTreeSet<Source>,
    pub(super) frontier: Instant,
    timers: BTreeSet<(Instant, ThingKey)>,
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
            incidents: BTreeMap::new(),
            crimes: BTreeMap::new(),
            named_by: BTreeMap::new(),
            waivers: Waivers::default(),
            counts: Counts::default(),
        };
        force.group_rules();
        force
    }

    /// Takes one entry and says what follows from it.
    pub(super) fn step(&mut self, position: Position, entry: Entry) -> Vec<Effect> {
        let mut step = Step {
            position,
            effects: Vec::new(),
        };
        match entry {
            Entry::Declared { feeds, .. } => self.declare(feeds, &mut step),
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
                self.advance(before, &mut step);
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
                    self.claims.set_aside(
                        &feed,
                        reference.clone(),
                        version,
                        arrival,
                        self.settings,
                    );
                }
                self.advance(before, &mut step);
            }
            Entry::Record {
                record,
                arrival,
                partition,
            } => match record {
                Record::Heartbeat(heartbeat) => {
                    let before = self.proofs();
                    let alarms = self.claims.heartbeat(&heartbeat, partition, self.settings);
                    step.effects.extend(alarms.into_iter().map(Effect::Alarm));
                    step.effects.push(Effect::Counted(Disposition::Control));
                    self.advance(before, &mut step);
                }
                Record::Decision(decision) => self.decide(*decision, &mut step),
                Record::Incident(record) => {
                    let record = *record;
                    let snapshot = Snapshot {
                        head: record.head,
                        blocks: record.blocks,
                        unread: record.unread,
                    };
                    self.take_in(snapshot, arrival, &mut step);
                }
                Record::Crime(record) => {
                    let record = *record;
                    let snapshot = Snapshot {
                        head: record.head,
                        blocks: record.blocks,
                        unread: record.unread,
                    };
                    self.take_in(snapshot, arrival, &mut step);
                }
            },
        }
        step.effects
    }

    /// Takes a snapshot of a thing into what is held and judges again what it touches, and only then
    /// lets a frontier move that it set free: what it tells must not be held against it.
    fn take_in<B: OfForce>(&mut self, snapshot: Snapshot<B>, arrival: Instant, step: &mut Step) {
        let head = snapshot.head.clone();
        let Some(feed) = self.feeds.named(&head.source).cloned() else {
            step.effects.push(Effect::Counted(Disposition::Quarantined));
            return;
        };
        let feeds = std::mem::take(&mut self.feeds);
        let admission = admit::admit(B::things(self), &feeds, &feed, snapshot);
        self.feeds = feeds;
        let disposition = admission.disposition;
        step.effects.push(Effect::Counted(disposition));
        let before = self.proofs();
        self.weigh(&head, disposition, arrival, step);
        if matches!(disposition, Disposition::Applied | Disposition::LedgerOnly) {
            self.judge_touched((B::KIND, head.reference), admission, step);
        }
        self.advance(before, step);
    }

    /// What a record means for its feed's claim.
    fn weigh(&mut self, head: &Head, became: Disposition, arrival: Instant, step: &mut Step) {
        let is_new = matches!(became, Disposition::Applied | Disposition::LedgerOnly);
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
            self.claims
                .set_aside(&head.source, reference, next, arrival, self.settings);
        } else if let Some(alarm) = self.claims.readable(head, is_new, self.settings) {
            step.effects.push(Effect::Alarm(alarm));
        }
    }

    /// Judges again a thing that changed and every thing that names it or that it names, before or
    /// after, in the order of their keys.
    fn judge_touched(&mut self, key: ThingKey, admission: Admission, step: &mut Step) {
        for gone in admission.before.difference(&admission.after) {
            if let Some(naming) = self.named_by.get_mut(gone) {
                naming.remove(&key);
                if naming.is_empty() {
                    self.named_by.remove(gone);
                }
            }
        }
        for name in admission.after.difference(&admission.before) {
            self.named_by
                .entry(name.clone())
                .or_default()
                .insert(key.clone());
        }
        // A thing that came, went, came back or began at another time is judged under every rule of
        // its kind.
        let own = if admission.appeared || admission.is_moved {
            BlockSet::ALL
        } else {
            admission.changed
        };
        let mut touched = BTreeMap::from([(key.clone(), own)]);
        let other = far_kind(key.0);
        let named = admission
            .before
            .iter()
            .chain(&admission.after)
            .map(|to| (other, to.clone()));
        let naming = self.named_by.get(&key.1).into_iter().flatten().cloned();
        let heard = if admission.appeared {
            every_block(key.0)
        } else {
            admission.changed
        };
        for neighbour in named.chain(naming) {
            let heard = if neighbour.0 == other { heard } else { NAMES };
            touched.entry(neighbour).or_insert(heard);
        }
        for (thing, changed) in touched {
            self.judge(&thing, changed, step);
        }
    }

    /// Judges a thing under the rules that concern what changed.
    pub(super) fn judge(&mut self, key: &ThingKey, changed: BlockSet, step: &mut Step) {
        let Some(mut docket) = self.docket(key).map(std::mem::take) else {
            return;
        };
        if let Some(reason) = self.stub(key) {
            self.close_docket(key, &mut docket, reason, step);
        } else {
            for frozen in std::mem::take(&mut docket.frozen) {
                self.counts.retract(frozen);
            }
            let (answers, faults) = self.ask(key, changed);
            for rule in faults {
                let rule = self.rules.rules()[rule].id;
                let (record, reference) = (key.0, key.1.clone());
                step.effects.push(Effect::Alarm(Alarm::RuleFault {
                    rule,
                    record,
                    reference,
                }));
            }
            let mut again = BTreeSet::new();
            for (rule, judgements) in answers {
                again.insert(rule);
                let opens = |law| self.rules.opens(rule, law);
                let fresh: Vec<Judged> = judgements
                    .into_iter()
                    .map(|judgement| {
                        let opens = opens(judgement.law_date);
                        Judged::fresh(rule, judgement, opens)
                    })
                    .collect();
                self.replace_judged(key, &mut docket, rule, fresh, step);
            }
            // When it was first committed and whom it goes to stand in its heart, for every rule.
            let heart = changed.has(heart(key.0));
            self.refresh(
                key,
                &mut docket,
                |rule| heart || again.contains(&rule),
                step,
            );
        }
        self.put_back(key, docket);
    }

    /// Puts the fresh judgements of a rule in place of those before; what it no longer names is gone.
    fn replace_judged(
        &mut self,
        key: &ThingKey,
        docket: &mut Docket,
        rule: usize,
        fresh: Vec<Judged>,
        step: &mut Step,
    ) {
        let from = docket.judged.partition_point(|judged| judged.rule < rule);
        let to = docket.judged.partition_point(|judged| judged.rule <= rule);
        let before: Vec<Judged> = docket.judged.splice(from..to, fresh).collect();
        for counted in before.iter().filter_map(|judged| judged.counted) {
            self.counts.retract(counted);
        }
        self.withdraw_unnamed(key, docket, rule, step);
    }

    /// Shows the judgements of some rules anew at their frontiers: the counts and the exceptions
    /// follow.
    pub(super) fn refresh(
        &mut self,
        key: &ThingKey,
        docket: &mut Docket,
        of: impl Fn(usize) -> bool,
        step: &mut Step,
    ) {
        let first_commit = self.first_commit(key);
        let mut judged = std::mem::take(&mut docket.judged);
        for one in judged.iter_mut().filter(|one| of(one.rule)) {
            let rule = self.rules.rules()[one.rule];
            let frontier = self.frontier(one.rule);
            one.shown = guarded(
                &one.judgement.verdict,
                first_commit,
                self.lead(rule),
                frontier,
            )
            .0;
            let until =
                self.waivers
                    .waived_until(key.0, &key.1, rule.id, &one.judgement.obligation);
            one.waived = until.is_some_and(|until| frontier <= until);
            let counts_as = one.counts_as();
            if one.counted != Some(counts_as) {
                if let Some(before) = one.counted.replace(counts_as) {
                    self.counts.retract(before);
                }
                self.counts.add(counts_as);
            }
            self.live(key, docket, one, step);
        }
        docket.judged = judged;
    }

    /// Closes what was judged of a thing that is gone. A lawful disposal leaves its counts: they
    /// were published.
    fn close_docket(
        &mut self,
        key: &ThingKey,
        docket: &mut Docket,
        reason: DeletedReason,
        step: &mut Step,
    ) {
        for judged in std::mem::take(&mut docket.judged) {
            match judged.counted {
                Some(counted) if reason == DeletedReason::LawfulDisposal => {
                    docket.frozen.push(counted)
                }
                Some(counted) => self.counts.retract(counted),
                None => {}
            }
        }
        self.supersede(key, docket, step);
    }

    /// Declares the feeds anew: what rests on them is judged again, in the order of the keys.
    fn declare(&mut self, feeds: Feeds, step: &mut Step) {
        self.claims.declare(&feeds);
        self.feeds = feeds;
        self.group_rules();
        let feeds = std::mem::take(&mut self.feeds);
        for thing in self.incidents.values_mut() {
            thing.fill_silent(&feeds);
        }
        for thing in self.crimes.values_mut() {
            thing.fill_silent(&feeds);
        }
        self.feeds = feeds;
        for key in self.keys() {
            self.judge(&key, BlockSet::ALL, step);
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

    /// Groups the rules by the feeds they rest on. A rule keeps the frontier it had: a feed that is
    /// added holds it where it stands.
    fn group_rules(&mut self) {
        let mut groups: Vec<Group> = Vec::new();
        let mut group_of = Vec::new();
        for (at, rule) in self.rules.rules().iter().enumerate() {
            let owners = rule
                .concerns
                .iter()
                .filter_map(|block| self.feeds.owner(*block));
            let feeds: BTreeSet<Source> = owners.map(|feed| feed.name.clone()).collect();
            let held = self
                .group_of
                .get(at)
                .map_or(Instant::BEGINNING, |group| self.groups[*group].frontier);
            let frontier = held.max(self.claims.least(feeds.iter()));
            let same = groups
                .iter()
                .position(|group| group.feeds == feeds && group.frontier == frontier);
            group_of.push(same.unwrap_or(groups.len()));
            if same.is_none() {
                groups.push(Group {
                    feeds,
                    frontier,
                    timers: BTreeSet::new(),
                });
            }
        }
        (self.groups, self.group_of) = (groups, group_of);
        for (at, timer) in self.all_timers() {
            self.groups[at].timers.insert(timer);
        }
    }

    /// Sets the timers of every docket anew, after the rules were grouped anew.
    fn all_timers(&mut self) -> Vec<(usize, (Instant, ThingKey))> {
        let mut all = Vec::new();
        for key in self.keys() {
            let Some(mut docket) = self.docket(&key).map(std::mem::take) else {
                continue;
            };
            docket.timers = self.timers_of(&key, &docket);
            all.extend(
                docket
                    .timers
                    .iter()
                    .map(|(group, at)| (*group, (*at, key.clone()))),
            );
            if let Some(place) = self.docket(&key) {
                *place = docket;
            }
        }
        all
    }

    /// Moves every frontier as far as the claims allow and looks again at what was waiting.
    fn advance(&mut self, proofs_before: Vec<[ProofKind; 2]>, step: &mut Step) {
        for at in 0..self.groups.len() {
            let frontier = self.claims.least(self.groups[at].feeds.iter());
            if frontier <= self.groups[at].frontier {
                continue;
            }
            self.groups[at].frontier = frontier;
            for key in self.due_before(at, frontier) {
                self.look_again(&key, |group| group == at, step);
            }
        }
        let proofs = self.proofs();
        for at in (0..proofs.len()).filter(|at| proofs[*at] != proofs_before[*at]) {
            for key in self.keys() {
                self.look_again(&key, |group| group == at, step);
            }
        }
    }

    fn due_before(&self, group: usize, frontier: Instant) -> BTreeSet<ThingKey> {
        let timers = self.groups[group].timers.iter();
        timers
            .take_while(|(at, _)| *at < frontier)
            .map(|(_, key)| key.clone())
            .collect()
    }

    /// Shows the judgements of a thing anew that rest on some groups of feeds.
    fn look_again(&mut self, key: &ThingKey, groups: impl Fn(usize) -> bool, step: &mut Step) {
        let Some(mut docket) = self.docket(key).map(std::mem::take) else {
            return;
        };
        let group_of = self.group_of.clone();
        self.refresh(key, &mut docket, |rule| groups(group_of[rule]), step);
        self.put_back(key, docket);
    }

    /// Takes a decision and looks again at the record it speaks of.
    fn decide(&mut self, decision: DecisionRecord, step: &mut Step) {
        step.effects.push(Effect::Counted(Disposition::Control));
        let about = (decision.about.record, decision.about.reference.clone());
        let releases = decision.kind == DecisionKind::Release;
        let Some(spoke_of) = self.waivers.take(decision) else {
            return;
        };
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

    /// Puts a docket back on its thing with its timers set.
    fn put_back(&mut self, key: &ThingKey, mut docket: Docket) {
        for (group, at) in std::mem::take(&mut docket.timers) {
            self.groups[group].timers.remove(&(at, key.clone()));
        }
        docket.timers = self.timers_of(key, &docket);
        for (group, at) in &docket.timers {
            self.groups[*group].timers.insert((*at, key.clone()));
        }
        if let Some(place) = self.docket(key) {
            *place = docket;
        }
    }

    /// The least instant in each group past which something on the docket can change.
    fn timers_of(&self, key: &ThingKey, docket: &Docket) -> Vec<(usize, Instant)> {
        let first_commit = self.first_commit(key);
        let mut least: BTreeMap<usize, Instant> = BTreeMap::new();
        for one in &docket.judged {
            let rule = self.rules.rules()[one.rule];
            let frontier = self.frontier(one.rule);
            let (_, waits) = guarded(
                &one.judgement.verdict,
                first_commit,
                self.lead(rule),
                frontier,
            );
            let waived = one.waived.then(|| {
                self.waivers
                    .waived_until(key.0, &key.1, rule.id, &one.judgement.obligation)
            });
            for at in waits.into_iter().chain(waived.flatten()) {
                let timer = least.entry(self.group_of[one.rule]).or_insert(at);
                *timer = at.min(*timer);
            }
        }
        least.into_iter().collect()
    }

    /// On whose word each group's verdicts stand: by absence, and otherwise.
    fn proofs(&self) -> Vec<[ProofKind; 2]> {
        let proof = |group: &Group| {
            [true, false].map(|by_absence| self.claims.proof(group.feeds.iter(), by_absence))
        };
        self.groups.iter().map(proof).collect()
    }

    /// How long before its due instant a duty is soon due: never, while nobody sends a block that
    /// decides.
    fn lead(&self, rule: &Rule) -> Elapsed {
        if rule.concerns.iter().all(|block| self.feeds.carry(*block)) {
            rule.lead
        } else {
            Elapsed::default()
        }
    }

    /// Through when the feeds a rule rests on are proved.
    pub fn frontier(&self, rule: usize) -> Instant {
        self.groups[self.group_of[rule]].frontier
    }

    /// On whose word a rule's verdicts stand, by absence or not.
    pub fn proof(&self, rule: usize, by_absence: bool) -> ProofKind {
        let group = &self.groups[self.group_of[rule]];
        self.claims.proof(group.feeds.iter(), by_absence)
    }

    /// The feeds a rule rests on.
    pub fn feeds_of(&self, rule: usize) -> impl Iterator<Item = &Source> {
        self.groups[self.group_of[rule]].feeds.iter()
    }

    /// How far each feed is proved.
    pub fn claims(&self) -> impl Iterator<Item = ClaimView> {
        self.claims.views()
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

    /// The counts that have moved since this was asked last.
    pub fn take_moved(&mut self) -> BTreeSet<CountKey> {
        self.counts.take_moved()
    }

    /// How many things are held.
    pub fn things(&self) -> usize {
        self.incidents.len() + self.crimes.len()
    }

    fn docket(&mut self, key: &ThingKey) -> Option<&mut Docket> {
        match key.0 {
            RecordKind::Incident => self
                .incidents
                .get_mut(&key.1)
                .map(|thing| &mut thing.docket),
            _ => self.crimes.get_mut(&key.1).map(|thing| &mut thing.docket),
        }
    }

    fn stub(&self, key: &ThingKey) -> Option<DeletedReason> {
        match key.0 {
            RecordKind::Incident => self.incidents.get(&key.1)?.stub,
            _ => self.crimes.get(&key.1)?.stub,
        }
    }

    fn first_commit(&self, key: &ThingKey) -> Instant {
        let commit = match key.0 {
            RecordKind::Incident => self.incidents.get(&key.1).map(Thing::first_commit),
            _ => self.crimes.get(&key.1).map(Thing::first_commit),
        };
        commit.unwrap_or(Instant::BEGINNING)
    }
}

/// A kind of thing that a force holds.
trait OfForce: Held + serde::Serialize + Clone {
    /// The things of this kind.
    fn things(force: &mut Force) -> &mut BTreeMap<Reference, Thing<Self>>;
}

impl OfForce for IncidentBlocks {
    fn things(force: &mut Force) -> &mut BTreeMap<Reference, Thing<Self>> {
        &mut force.incidents
    }
}

impl OfForce for CrimeBlocks {
    fn things(force: &mut Force) -> &mut BTreeMap<Reference, Thing<Self>> {
        &mut force.crimes
    }
}

/// Where a thing names others of its own kind: of those it hears only that they are there.
const NAMES: BlockSet = BlockSet::of(&[Block::Links, Block::Origin]);

fn heart(kind: RecordKind) -> Block {
    match kind {
        RecordKind::Incident => IncidentBlocks::HEART,
        _ => CrimeBlocks::HEART,
    }
}

fn far_kind(kind: RecordKind) -> RecordKind {
    match kind {
        RecordKind::Incident => RecordKind::Crime,
        _ => RecordKind::Incident,
    }
}

fn every_block(kind: RecordKind) -> BlockSet {
    let blocks = Block::EVERY.iter().filter(|block| block.kind() == kind);
    blocks.fold(BlockSet::NONE, |all, block| {
        all.and(BlockSet::of(&[*block]))
    })
}
