//! Judging again: a thing that changed and everything that names it or that it names, under the
//! rules that what changed concerns; the counts and the exceptions follow. Start at
//! [`Force::judge_touched`].

use std::collections::{BTreeMap, BTreeSet};

use super::admit::Admission;
use super::counts::Frozen;
use super::entry::{Alarm, Effect};
use super::force::{Force, Step};
use super::guard::guarded;
use super::judge::{Docket, Judged};
use super::things::ThingKey;
use crate::domain::names::RecordKind;
use crate::domain::records::{Block, BlockSet, Blocks, CrimeBlocks, DeletedReason, IncidentBlocks};
use crate::domain::{Instant, Judgement};

impl Force {
    /// Judges again a thing that changed and every thing that names it or that it names, before or
    /// after, in the order of their keys.
    pub(super) fn judge_touched(&mut self, key: ThingKey, admission: Admission, step: &mut Step) {
        for gone in admission.before.difference(&admission.after) {
            if let Some(naming) = self.named_by.get_mut(gone) {
                naming.retain(|own| *own != key);
                if naming.is_empty() {
                    self.named_by.remove(gone);
                }
            }
        }
        for name in admission.after.difference(&admission.before) {
            let naming = self.named_by.entry(name.clone()).or_default();
            if let Err(at) = naming.binary_search(&key) {
                naming.insert(at, key.clone());
            }
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
                if let Some(rule) = self.rules.place(frozen.rule) {
                    self.counts.retract(frozen.counted(rule));
                }
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
                let fresh = self.fresh(rule, judgements).collect();
                self.replace_judged(key, &mut docket, rule, fresh, step);
            }
            // A thing is judged a few times and held for years.
            docket.judged.shrink_to_fit();
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

    /// The judgements of a rule, not shown yet.
    pub(super) fn fresh(
        &self,
        rule: usize,
        judgements: Vec<Judgement>,
    ) -> impl Iterator<Item = Judged> {
        judgements.into_iter().map(move |judgement| {
            let opens = self.rules.opens(rule, judgement.law_date);
            Judged::fresh(rule, judgement, opens)
        })
    }

    /// Puts the fresh judgements of a rule in place of those before; what it no longer names is gone.
    pub(super) fn replace_judged(
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
        for counted in before.iter().filter_map(Judged::counted) {
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
            self.show(key, first_commit, one);
            self.live(key, docket, one, step);
        }
        docket.judged = judged;
    }

    /// Shows a judgement at its frontier; the counts follow.
    pub(super) fn show(&mut self, key: &ThingKey, first_commit: Instant, one: &mut Judged) {
        let rule = self.rules.rules()[one.rule];
        let frontier = self.frontier(one.rule);
        one.shown = guarded(
            &one.judgement.verdict,
            first_commit,
            self.leads[one.rule],
            frontier,
        )
        .0;
        let until = self
            .waivers
            .waived_until(key.0, &key.1, rule.id, &one.judgement.obligation);
        one.waived = until.is_some_and(|until| frontier <= until);
        if one.counted != Some((one.shown, one.waived)) {
            if let Some(before) = one.counted() {
                self.counts.retract(before);
            }
            self.counts.add(one.count());
        }
    }

    /// Closes what was judged of a thing that is gone. A lawful disposal leaves its counts: they
    /// were published.
    pub(super) fn close_docket(
        &mut self,
        key: &ThingKey,
        docket: &mut Docket,
        reason: DeletedReason,
        step: &mut Step,
    ) {
        for judged in std::mem::take(&mut docket.judged) {
            match judged.counted() {
                Some(counted) if reason == DeletedReason::LawfulDisposal => {
                    let rule = self.rules.rules()[judged.rule].id;
                    docket.frozen.push(Frozen::of(rule, counted));
                }
                Some(counted) => self.counts.retract(counted),
                None => {}
            }
        }
        self.supersede(key, docket, |_| true, step);
    }

    /// Puts a docket back on its thing with its timers set.
    pub(super) fn put_back(&mut self, key: &ThingKey, mut docket: Docket) {
        let timers = self.timers_of(key, &docket);
        // Most looks leave the timers where they are, and moving one costs more than comparing.
        if docket.timers != timers {
            for (group, at) in std::mem::replace(&mut docket.timers, timers) {
                self.groups[group].timers.remove(&(at, key.clone()));
            }
            for (group, at) in &docket.timers {
                self.groups[*group].timers.insert((*at, key.clone()));
            }
        }
        if let Some(place) = self.docket(key) {
            *place = docket;
        }
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
