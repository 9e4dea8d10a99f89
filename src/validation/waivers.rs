//! Decisions of people: waivers that let a breach be lived with for a time. A decision may arrive
//! before the exception it speaks of and is held. Start at [`Waivers`].

use std::collections::BTreeMap;

use crate::domain::Instant;
use crate::domain::names::{RecordKind, Reference, Word};
use crate::domain::records::{DecisionKind, DecisionRecord};

use super::ledger::Order;
use super::things::ThingKey;

/// Every decision of a force, newest version of each.
#[derive(Clone, Debug, Default)]
pub(super) struct Waivers {
    decisions: BTreeMap<Reference, (Order, DecisionRecord)>,
    about: BTreeMap<(RecordKind, Reference), Vec<Reference>>,
}

impl Waivers {
    /// Takes a decision and says of which thing its version before spoke, if there was one; `None` if
    /// a newer or the same version is known.
    pub(super) fn take(&mut self, decision: DecisionRecord) -> Option<Option<ThingKey>> {
        let id = decision.head.reference.clone();
        let order = Order::of(&decision.head, 0);
        let known = self.decisions.get(&id);
        if known.is_some_and(|(known, _)| *known >= order) {
            return None;
        }
        let spoke_of = known.map(|(_, known)| thing_of(known));
        if let Some(ids) = spoke_of
            .as_ref()
            .and_then(|thing| self.about.get_mut(thing))
        {
            ids.retain(|own| *own != id);
        }
        let on_thing = self.about.entry(thing_of(&decision)).or_default();
        on_thing.push(id.clone());
        on_thing.sort();
        self.decisions.insert(id, (order, decision));
        Some(spoke_of)
    }

    /// Until when a breach is waived, if a live waiver speaks of it.
    pub(super) fn waived_until(
        &self,
        record: RecordKind,
        reference: &Reference,
        rule: &str,
        obligation: &Word,
    ) -> Option<Instant> {
        if self.about.is_empty() {
            return None;
        }
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

    /// The decision of this id.
    pub(super) fn named(&self, id: &Reference) -> Option<&DecisionRecord> {
        self.decisions.get(id).map(|(_, decision)| decision)
    }

    /// The ids of all decisions, in their order.
    pub(super) fn ids(&self) -> impl Iterator<Item = &Reference> {
        self.decisions.keys()
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

fn thing_of(decision: &DecisionRecord) -> ThingKey {
    (decision.about.record, decision.about.reference.clone())
}
