//! Judging: what a force's records come to under the rules, entry by entry. Admits versions, keeps
//! the ledger, follows links both ways, asks the rules, holds every accusation back until the feeds
//! are proved past it, and keeps the counts. A function of the journal: no clock, no I/O, no hash
//! order; it never knows what a rule means. Start at [`Validation::step`].

mod activate;
mod admit;
mod again;
mod balance;
mod claims;
mod content;
mod counts;
mod entry;
mod force;
mod frontier;
mod guard;
mod inspect;
mod judge;
mod keep;
mod kept;
mod ledger;
mod life;
mod measures;
mod publish;
mod restore;
mod ruleset;
mod things;
mod waiting;
mod waivers;
mod written;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use activate::ActivationMark;
pub use balance::{Balance, Sums};
pub use claims::ClaimView;
pub use counts::CountKey;
pub use entry::{Alarm, Disposition, Effect, Entry, Position, Settings};
pub use force::Force;
pub use guard::Shown;
pub use inspect::{Inspection, JudgementLine, NameLine, VersionLine};
pub use judge::Judged;
pub use kept::{Kept, KeptKey, KeptOf, KeptRow};
pub use publish::Routing;
pub use restore::CannotRestore;
pub use ruleset::RuleSet;
pub use waiting::{FrontierView, Holding, Wait};

use crate::domain::exception::Measure;
use crate::domain::names::ForceCode;

/// The state of every force that is judged here, and the rules it is judged by.
pub struct Validation {
    rules: Arc<RuleSet>,
    settings: Settings,
    forces: BTreeMap<ForceCode, Force>,
}

impl Validation {
    /// Nothing held yet, to be judged by these rules, which may be shared.
    pub fn new(rules: impl Into<Arc<RuleSet>>, settings: Settings) -> Validation {
        Validation {
            rules: rules.into(),
            settings,
            forces: BTreeMap::new(),
        }
    }

    /// Takes one entry of the journal and says what follows from it. The same entries in the same
    /// order give the same effects, byte for byte.
    pub fn step(&mut self, position: Position, entry: Entry) -> Vec<Effect> {
        let code = match &entry {
            Entry::Declared { force, .. } | Entry::Activated { force, .. } => force.clone(),
            Entry::Proof { force, .. } | Entry::SetAside { force, .. } => force.clone(),
            Entry::Record { record, .. } => record.head().force.clone(),
        };
        self.of(code).step(position, entry)
    }

    /// True while an activation of this force is worked off.
    pub fn is_judging_again(&self, force: &ForceCode) -> bool {
        self.force(force).is_some_and(Force::is_judging_again)
    }

    /// Judges the next `things` things of a force again after an activation, in the order of their
    /// keys; the effects carry the activation's position.
    pub fn judge_again(&mut self, force: &ForceCode, things: usize) -> Vec<Effect> {
        let force = self.forces.get_mut(force);
        force.map_or_else(Vec::new, |force| force.judge_again(things))
    }

    /// The activations of a force, in the order of their numbers; the feeds of the last hold.
    pub fn activations(&self, force: &ForceCode) -> &[ActivationMark] {
        self.force(force).map_or(&[], Force::activations)
    }

    /// The measures of every force that differ from what was told of them last; told with this.
    pub fn take_measures(&mut self) -> Vec<Measure> {
        let forces = self.forces.values_mut();
        forces.flat_map(Force::take_measures).collect()
    }

    /// What has to be kept since this was asked last; the first time, everything. Big things are
    /// borrowed and written straight from where they are held.
    pub fn take_kept(&mut self) -> Vec<KeptRow<'_>> {
        let forces = self.forces.values_mut();
        forces.flat_map(Force::take_kept).collect()
    }

    /// Lets the next rows be everything there is: when the form of the rows has changed.
    pub fn keep_everything(&mut self) {
        self.forces.values_mut().for_each(Force::keep_everything);
    }

    /// Takes everything that was kept, in the order in which it was: of two rows of one key the later
    /// holds. Judgements, counts and timers are worked out anew, without effects; what was kept of a
    /// force before this is forgotten.
    pub fn restore<'a>(
        &mut self,
        rows: impl IntoIterator<Item = KeptRow<'a>>,
    ) -> Result<(), CannotRestore> {
        let restored = restore::restore(rows, &self.rules, self.settings)?;
        let restored = restored.into_iter();
        self.forces
            .extend(restored.map(|force| (force.code.clone(), force)));
        Ok(())
    }

    fn of(&mut self, code: ForceCode) -> &mut Force {
        self.forces
            .entry(code.clone())
            .or_insert_with(|| Force::new(code, Arc::clone(&self.rules), self.settings))
    }

    /// The rules in force here.
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// The forces, in the order of their codes.
    pub fn forces(&self) -> impl Iterator<Item = &Force> {
        self.forces.values()
    }

    /// The force of this code.
    pub fn force(&self, code: &ForceCode) -> Option<&Force> {
        self.forces.get(code)
    }
}
