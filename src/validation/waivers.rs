//! Decisions of people: waivers that let a breach be lived with for a time. A decision may arrive
//! before the exception it speaks of and is held. Start at [`Waivers`].

use std::collections::BTreeMap;

use crate::domain::Instant;
use crate::domain::names::{RecordKind, Reference, Word};
use crate::domain::records::{DecisionKind, DecisionRecord};

use super::ledger::Order;

/// Every decision of a force, newest version of each.
#[derive(Clone, Debug, Default)]
pub(super) struct Waivers {
    decisions: BTreeMap<Reference, (Order, DecisionRecord)>,
    about: BTreeMap<(RecordKind, Reference), Vec<Reference>>,
}

impl Waivers {
    /// Takes a decision; false if a newer or the same version is known.
    pub(super) fn take(&mut self, decision: DecisionRecord) -> bool {
        let id = decision.head.reference.clone();
        let order = Order::of(&decision.head, 0);
        if self
            .decisions
            .get(&id)
            .is_some_and(|(known, _)| *known >= order)
        {
            return false;
        }
        let thing = (decision.about.record, decision.about.reference.clone());
        let on_thing = self.about.entry(thing).or_default();
        if !on_thing.contains(&id) {
            on_thing.push(id.clone());
            on_thing.sort();
        }
        self.decisions.insert(id, (order, decision));
        true
    }

    /// Until when a breach is waived, if a live waiver speaks of it.
    pub(super) fn waived_until(
        &self,
        record: RecordKind,
        reference: &Reference,
        rule: &str,
        obligation: &Word,
    ) -> Option<Instant> {
        let speaking: Vec<&DecisionRecord> = self
            .on(record, reference)
            .filter(|decision| decision.about.rule.as_str() == rule)
            .filter(|decision| {
                decision
                    .about
                    .obligation
                    .as_ref()
                    .is_none_or(|own| own == obligation)
            })
            .filter(|decision| decision.head.deleted.is_none())
            .collect();
        let ended = |waiver: &DecisionRecord| {
            speaking.iter().any(|other| {
                other.kind == DecisionKind::EndWaiver && other.at.latest() >= waiver.at.earliest()
            })
        };
        speaking
            .iter()
            .filter(|decision| decision.kind == DecisionKind::Waive && !ended(decision))
            .filter_map(|waiver| waiver.expires_at.map(|expiry| expiry.latest()))
            .max()
    }

    fn on(
        &self,
        record: RecordKind,
        reference: &Reference,
    ) -> impl Iterator<Item = &DecisionRecord> {
        let ids = self.about.get(&(record, reference.clone()));
        ids.into_iter()
            .flatten()
            .filter_map(|id| self.decisions.get(id))
            .map(|(_, decision)| decision)
    }
}
