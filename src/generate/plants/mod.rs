//! What goes wrong, and what only looks as if: for each rule its mistakes and its near misses, each
//! a short story that says what was done and, for a mistake, how it must be found. Nothing here asks
//! a rule. Start at [`ALL`], then at any family.

mod changes;
mod disclosures;
mod incidents;
mod lateness;
mod outcomes;
mod victims;

use super::story::Story;

/// One way to go wrong under a rule, or nearly so.
#[derive(Clone, Copy)]
pub struct Plant {
    /// What happens, in a few words.
    pub kind: &'static str,
    /// Tells the story.
    pub(super) tell: fn(&mut Story<'_>),
}

/// The mistakes and near misses aimed at one rule.
pub struct Aim {
    /// The rule.
    pub rule: &'static str,
    /// What it must find.
    pub defects: &'static [Plant],
    /// What it must not be misled by.
    pub near_misses: &'static [Plant],
}

/// Every rule that is aimed at, in the order of the catalogue.
pub const ALL: &[&Aim] = &[
    &disclosures::REC_010,
    &disclosures::REC_021,
    &lateness::REC_030,
    &lateness::REC_031,
    &changes::REC_057,
    &changes::REC_107,
    &outcomes::OUT_001,
    &outcomes::OUT_002,
    &outcomes::OUT_022,
    &victims::VIC_010,
    &victims::VIC_040,
    &victims::VIC_070,
    &victims::VIC_074,
    &incidents::INC_020,
];

const fn plant(kind: &'static str, tell: fn(&mut Story<'_>)) -> Plant {
    Plant { kind, tell }
}

/// Deals the plants of one sort: each rule in turn, and within a rule each kind in turn.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Deck(usize);

impl Deck {
    /// The next plant, and the rule it is aimed at.
    pub(super) fn deal(&mut self, of: fn(&Aim) -> &'static [Plant]) -> (&'static str, Plant) {
        let aim = ALL[self.0 % ALL.len()];
        let plants = of(aim);
        let plant = plants[(self.0 / ALL.len()) % plants.len()];
        self.0 += 1;
        (aim.rule, plant)
    }
}
