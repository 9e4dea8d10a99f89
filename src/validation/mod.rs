//! Judging: what a force's records come to under the rules, entry by entry. Admits versions, keeps
//! the ledger, follows links both ways, asks the rules, holds every accusation back until the feeds
//! are proved past it, and keeps the counts. A function of the journal: no clock, no I/O, no hash
//! order; it never knows what a rule means. Start at [`Validation::step`].

mod admit;
mod again;
mod claims;
mod content;
mod counts;
mod entry;
mod force;
mod frontier;
mod guard;
mod inspect;
mod judge;
mod ledger;
mod life;
mod publish;
mod ruleset;
mod things;
mod waivers;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use claims::ClaimView;
pub use counts::CountKey;
pub use entry::{Alarm, Disposition, Effect, Entry, Position, Settings};
pub use force::Force;
pub use guard::Shown;
pub use inspect::{Inspection, JudgementLine, NameLine, VersionLine};
pub use judge::Judged;
pub use publish::Routing;
pub use ruleset::RuleSet;

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
            Entry::Declared { force, .. } | Entry::Proof { force, .. } => force.clone(),
            Entry::SetAside { force, .. } => force.clone(),
            Entry::Record { record, .. } => record.head().force.clone(),
        };
        let force = self
            .forces
            .entry(code.clone())
            .or_insert_with(|| Force::new(code, Arc::clone(&self.rules), self.settings));
        force.step(position, entry)
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
