//! Activations: from where on which rules and feeds hold for a force. Everything is judged again, in
//! the order of the keys, in as many steps as the driver likes; a restart goes on where it was kept.
//! Start at [`Force::activate`], then [`Force::judge_again`].

use serde::{Deserialize, Serialize};

use super::entry::{Effect, Position};
use super::force::{Force, OfForce, Step};
use super::things::ThingKey;
use crate::domain::Feeds;
use crate::domain::journal::Activation;
use crate::domain::records::{BlockSet, CrimeBlocks, IncidentBlocks};

/// An activation in a force's list; its feeds are kept of the last one only.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ActivationMark {
    /// 1, 2, …: its place in the list.
    pub number: u32,
    /// Fingerprint of the code, the reference data and the profile.
    pub fingerprint: String,
    /// The profile's name.
    pub profile: String,
    /// It holds before the entry at this position is taken.
    pub from_position: u64,
}

/// How far an activation is worked off.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Again {
    /// What of it is kept.
    pub(super) kept: KeptAgain,
    /// The things that are still to be judged again, the next one last.
    left: Vec<ThingKey>,
}

/// How far an activation is worked off, as it is kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct KeptAgain {
    /// Where its effects are made.
    pub(super) position: Position,
    /// The kind and the reference of the last thing that was judged again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) through: Option<ThingKey>,
}

impl KeptAgain {
    /// True if the thing is judged again already.
    fn is_past(&self, key: &ThingKey) -> bool {
        self.through.as_ref().is_some_and(|through| key <= through)
    }
}

impl Force {
    /// Lets rules and feeds hold from here on. An activation that is in the list already says nothing
    /// new: the one who wrote it reads it again in the journal.
    pub(super) fn activate(&mut self, activation: Activation, step: &mut Step) {
        let last = self.activations.last().map_or(0, |last| last.number);
        if activation.number <= last {
            return;
        }
        self.activations.push(ActivationMark {
            number: activation.number,
            fingerprint: activation.fingerprint,
            profile: activation.profile,
            from_position: activation.from_position,
        });
        self.begin_again(
            activation.feeds,
            Position {
                offset: activation.from_position,
                ..step.position
            },
        );
    }

    /// Declares the feeds anew: everything is judged again, at once.
    pub(super) fn declare(&mut self, feeds: Feeds, step: &mut Step) {
        self.begin_again(feeds, step.position);
        step.effects.extend(self.judge_again(usize::MAX));
    }

    fn begin_again(&mut self, feeds: Feeds, position: Position) {
        self.claims.declare(&feeds);
        self.feeds = feeds;
        self.group_rules();
        self.go_on_again(KeptAgain {
            position,
            through: None,
        });
    }

    /// Goes on with an activation where it was left. The silent blocks of every thing that follows
    /// are filled before the first of them is judged: it may see any other.
    pub(super) fn go_on_again(&mut self, kept: KeptAgain) {
        self.refill::<IncidentBlocks>(|key| !kept.is_past(key));
        self.refill::<CrimeBlocks>(|key| !kept.is_past(key));
        let mut left = self.keys();
        left.retain(|key| !kept.is_past(key));
        left.reverse();
        self.again = Some(Again { kept, left });
    }

    /// Fills the silent blocks of some things as the declared feeds say, and remembers which changed.
    fn refill<B: OfForce>(&mut self, of: impl Fn(&ThingKey) -> bool) {
        let feeds = std::mem::take(&mut self.feeds);
        let mut refilled = Vec::new();
        B::things(self).each_mut(|reference, thing| {
            let key = (B::KIND, reference.clone());
            let filled = thing.filled;
            if of(&key) && (thing.fill_silent(&feeds) != BlockSet::NONE || thing.filled != filled) {
                refilled.push(key);
            }
        });
        self.feeds = feeds;
        self.refilled.extend(refilled);
    }

    /// True while an activation is worked off.
    pub fn is_judging_again(&self) -> bool {
        self.again.is_some()
    }

    /// The activations, in the order of their numbers.
    pub fn activations(&self) -> &[ActivationMark] {
        &self.activations
    }

    /// Judges the next things again; after the last one every measure has to be told anew.
    pub(super) fn judge_again(&mut self, things: usize) -> Vec<Effect> {
        let Some(mut again) = self.again.take() else {
            return Vec::new();
        };
        let mut step = Step {
            position: again.kept.position,
            effects: Vec::new(),
        };
        for _ in 0..things {
            let Some(key) = again.left.pop() else { break };
            self.judge(&key, BlockSet::ALL, &mut step);
            self.retire(&key, &mut step);
            if self.refilled.remove(&key) {
                self.mark_thing(key.clone());
            }
            again.kept.through = Some(key);
        }
        if again.left.is_empty() {
            self.tell_all_anew();
        } else {
            self.again = Some(again);
        }
        self.mark_step(&step);
        step.effects
    }

    /// Supersedes the exceptions of a thing under rules that are off.
    fn retire(&mut self, key: &ThingKey, step: &mut Step) {
        let Some(mut docket) = self.docket(key).map(std::mem::take) else {
            return;
        };
        let is_off = |rule: &str| self.rules.place(rule).is_none();
        self.supersede(key, &mut docket, is_off, step);
        if let Some(place) = self.docket(key) {
            *place = docket;
        }
    }
}
