//! How far the rules of a force may speak: rules that rest on the same feeds share a frontier, and
//! what waits for it is looked at again when it moves. The only timer there is. Start at
//! [`Force::advance`].

use std::collections::{BTreeMap, BTreeSet};

use super::claims::ClaimView;
use super::force::{Force, Step};
use super::guard::guarded;
use super::judge::Docket;
use super::things::ThingKey;
use crate::domain::exception::ProofKind;
use crate::domain::names::{Source, Word};
use crate::domain::{Elapsed, Instant};
use crate::rules::Rule;

/// Rules that rest on the same feeds and therefore share a frontier.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) feeds: BTreeSet<Source>,
    pub(super) frontier: Instant,
    pub(super) timers: BTreeSet<(Instant, ThingKey)>,
}

/// On whose word each group's verdicts stand: by absence, and otherwise.
pub(super) type Proofs = Vec<[ProofKind; 2]>;

/// The things that wait for the frontier of a group.
pub(super) type Waiting = Vec<(usize, BTreeSet<ThingKey>)>;

impl Force {
    /// Groups the rules by the feeds they rest on. A rule keeps the frontier it had: a feed that is
    /// added holds it where it stands.
    pub(super) fn group_rules(&mut self) {
        let mut groups: Vec<Group> = Vec::new();
        let mut group_of = Vec::new();
        self.keep_frontiers();
        for rule in self.rules.rules() {
            let owners = rule
                .concerns
                .iter()
                .filter_map(|block| self.feeds.owner(*block));
            let feeds: BTreeSet<Source> = owners.map(|feed| feed.name.clone()).collect();
            let held = self.frontiers.get(rule.id).copied();
            let frontier = held
                .unwrap_or(Instant::BEGINNING)
                .max(self.claims.least(feeds.iter()));
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
        let leads = self.rules.rules().iter().map(|rule| self.lead_of(rule));
        self.leads = leads.collect();
        for (at, timer) in self.all_timers() {
            self.groups[at].timers.insert(timer);
        }
    }

    /// Keeps the frontier of every rule by its id, so that it outlasts the groups, and the rule set.
    fn keep_frontiers(&mut self) {
        for (rule, group) in self.rules.rules().iter().zip(&self.group_of) {
            let frontier = self.groups[*group].frontier;
            self.frontiers.insert(rule.id.into(), frontier);
        }
    }

    /// The frontier of every rule by its id; of one that is off, where it stood when it was on.
    pub(super) fn frontiers(&self) -> BTreeMap<Word, Instant> {
        let mut frontiers = self.frontiers.clone();
        for (at, rule) in self.rules.rules().iter().enumerate() {
            frontiers.insert(rule.id.into(), self.frontier(at));
        }
        frontiers
    }

    /// Groups the rules anew where two groups have come to rest on the same feeds at the same
    /// frontier: what is grouped must follow from what is kept, or a restart would order the effects
    /// of a step otherwise.
    pub(super) fn merge_groups(&mut self) {
        let groups = self.groups.iter().enumerate();
        let is_double = groups.into_iter().any(|(at, group)| {
            let mut before = self.groups[..at].iter();
            before.any(|other| other.frontier == group.frontier && other.feeds == group.feeds)
        });
        if is_double {
            self.group_rules();
        }
    }

    /// Sets the timers of every docket anew, after the rules were grouped anew.
    pub(super) fn all_timers(&mut self) -> Vec<(usize, (Instant, ThingKey))> {
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
    pub(super) fn advance(&mut self, proofs_before: Proofs, step: &mut Step) {
        let waiting = self.move_frontiers();
        self.look_at(waiting, proofs_before, step);
    }

    /// Moves every frontier as far as the claims allow; what was waiting for that, by group.
    pub(super) fn move_frontiers(&mut self) -> Waiting {
        let mut waiting = Vec::new();
        for at in 0..self.groups.len() {
            let frontier = self.claims.least(self.groups[at].feeds.iter());
            if frontier > self.groups[at].frontier {
                self.groups[at].frontier = frontier;
                waiting.push((at, self.due_before(at, frontier)));
            }
        }
        waiting
    }

    /// Looks again at what waited for a frontier, and at everything that rests on another word now.
    pub(super) fn look_at(&mut self, waiting: Waiting, proofs_before: Proofs, step: &mut Step) {
        let is_moved = !waiting.is_empty();
        for (at, keys) in waiting {
            for key in keys {
                self.look_again(&key, |group| group == at, step);
            }
        }
        let proofs = self.proofs();
        for at in (0..proofs.len()).filter(|at| proofs[*at] != proofs_before[*at]) {
            for key in self.keys() {
                self.look_again(&key, |group| group == at, step);
            }
        }
        if is_moved {
            self.merge_groups();
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
    pub(super) fn look_again(
        &mut self,
        key: &ThingKey,
        groups: impl Fn(usize) -> bool,
        step: &mut Step,
    ) {
        let Some(mut docket) = self.docket(key).map(std::mem::take) else {
            return;
        };
        let of: Vec<bool> = self.group_of.iter().map(|group| groups(*group)).collect();
        self.refresh(key, &mut docket, |rule| of[rule], step);
        self.put_back(key, docket);
    }

    /// The least instant in each group past which something on the docket can change.
    pub(super) fn timers_of(&self, key: &ThingKey, docket: &Docket) -> Vec<(usize, Instant)> {
        let first_commit = self.first_commit(key);
        let mut least: BTreeMap<usize, Instant> = BTreeMap::new();
        for one in &docket.judged {
            let rule = self.rules.rules()[one.rule];
            let frontier = self.frontier(one.rule);
            let (_, waits) = guarded(
                &one.judgement.verdict,
                first_commit,
                self.leads[one.rule],
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
    pub(super) fn proofs(&self) -> Proofs {
        let proof = |group: &Group| {
            [true, false].map(|by_absence| self.claims.proof(group.feeds.iter(), by_absence))
        };
        self.groups.iter().map(proof).collect()
    }

    /// The same, when this feed's word was still this.
    pub(super) fn proofs_with(&self, feed: &Source, word: [ProofKind; 2]) -> Proofs {
        let proof = |group: &Group| {
            let words = group.feeds.iter().map(|own| {
                if own == feed {
                    word
                } else {
                    self.claims.standing(own).word
                }
            });
            let weaker = |one: [ProofKind; 2], other: [ProofKind; 2]| {
                [one[0].max(other[0]), one[1].max(other[1])]
            };
            words.reduce(weaker).unwrap_or([ProofKind::Stated; 2])
        };
        self.groups.iter().map(proof).collect()
    }

    /// How long before its due instant a duty is soon due: never, while nobody sends a block that
    /// decides.
    fn lead_of(&self, rule: &Rule) -> Elapsed {
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

    /// The frontier of the rule of this id, on or off.
    pub(super) fn frontier_of(&self, id: &str) -> Instant {
        match self.rules.place(id) {
            Some(rule) => self.frontier(rule),
            None => self
                .frontiers
                .get(id)
                .copied()
                .unwrap_or(Instant::BEGINNING),
        }
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
}
