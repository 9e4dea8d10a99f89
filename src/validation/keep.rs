//! Keeping: what has changed of a force since it was kept last, as rows that a driver writes in the
//! transaction of the effects. A thing is marked where it is admitted and where an exception of it is
//! revised, never where a timer only looks at it again. Start at [`Force::take_kept`].

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::entry::Effect;
use super::force::{Force, Step};
use super::kept::{
    Kept, KeptFrozen, KeptKey, KeptMeasure, KeptOf, KeptProgress, KeptRaised, KeptRow, KeptThing,
};
use super::measures::MeasureKey;
use super::things::{Held, Thing, ThingKey};
use crate::domain::names::{RecordKind, Reference};

/// What has changed since it was kept last.
#[derive(Clone, Debug, Default)]
pub(super) struct Unkept {
    things: BTreeSet<ThingKey>,
    decisions: BTreeSet<Reference>,
    progress: bool,
}

impl Force {
    /// What has to be kept since this was asked last; the first time, everything.
    pub(super) fn take_kept(&mut self) -> Vec<KeptRow<'_>> {
        let unkept = match self.unkept.replace(Unkept::default()) {
            Some(unkept) => unkept,
            None => self.everything(),
        };
        let measures = std::mem::take(&mut self.telling.unkept);
        let own = &*self;
        let things = unkept.things.into_iter().map(|key| {
            let value = own.kept_thing(&key);
            own.row(KeptOf::Thing(key.0, key.1), value)
        });
        let decisions = unkept.decisions.into_iter().map(|id| {
            let decision = own.waivers.named(&id);
            let value = decision.map(|decision| Kept::Decision(Cow::Borrowed(decision)));
            own.row(KeptOf::Decision(id), value)
        });
        let measures = measures.into_iter().map(|name| own.kept_measure(name));
        let progress = unkept.progress.then(|| own.kept_progress());
        things
            .chain(decisions)
            .chain(measures)
            .chain(progress)
            .collect()
    }

    /// Lets the next rows be everything there is.
    pub(super) fn keep_everything(&mut self) {
        self.unkept = None;
    }

    /// Marks a thing as changed.
    pub(super) fn mark_thing(&mut self, key: ThingKey) {
        if let Some(unkept) = &mut self.unkept {
            unkept.things.insert(key);
        }
    }

    /// Marks a decision as changed.
    pub(super) fn mark_decision(&mut self, id: Reference) {
        if let Some(unkept) = &mut self.unkept {
            unkept.decisions.insert(id);
        }
    }

    /// Marks what a step has changed: the progress, and every thing of which it revised an exception.
    pub(super) fn mark_step(&mut self, step: &Step) {
        let Some(unkept) = &mut self.unkept else {
            return;
        };
        unkept.progress = true;
        for effect in &step.effects {
            if let Effect::Exception(exception) = effect {
                let key = (exception.record, exception.reference.clone());
                unkept.things.insert(key);
            }
        }
    }

    fn everything(&mut self) -> Unkept {
        self.telling.unkept.extend(self.telling.told.keys());
        Unkept {
            things: self.keys().into_iter().collect(),
            decisions: self.waivers.ids().cloned().collect(),
            progress: true,
        }
    }

    fn row<'a>(&self, of: KeptOf, value: Option<Kept<'a>>) -> KeptRow<'a> {
        let force = self.code.clone();
        KeptRow {
            key: KeptKey { force, of },
            value,
        }
    }

    fn kept_thing(&self, key: &ThingKey) -> Option<Kept<'_>> {
        Some(match key.0 {
            RecordKind::Incident => Kept::Incident(kept(self.incidents.get(&key.1)?)),
            _ => Kept::Crime(kept(self.crimes.get(&key.1)?)),
        })
    }

    fn kept_measure(&self, name: MeasureKey) -> KeptRow<'_> {
        let told = self.telling.told.get(&name);
        let value = told.map(|told| {
            Kept::Measure(KeptMeasure {
                counts: told.tally,
                ruleset: Cow::Borrowed(&told.ruleset),
            })
        });
        let of = KeptOf::Measure {
            rule: name.rule.into(),
            month: name.month,
            stratum: name.stratum,
        };
        self.row(of, value)
    }

    fn kept_progress(&self) -> KeptRow<'_> {
        let progress = KeptProgress {
            taken: self.taken,
            claims: Cow::Borrowed(&self.claims),
            frontiers: self.frontiers(),
            feeds: Cow::Borrowed(&self.feeds),
            activations: Cow::Borrowed(&self.activations),
            again: self.again.as_ref().map(|again| again.kept.clone()),
            balance: Cow::Borrowed(&self.balance),
        };
        self.row(KeptOf::Progress, Some(Kept::Progress(progress)))
    }
}

fn kept<B: Held + Clone>(thing: &Thing<B>) -> KeptThing<'_, B> {
    let raised = thing.docket.raised.iter().map(|raised| KeptRaised {
        rule: raised.rule.into(),
        obligation: raised.obligation.clone(),
        id: raised.id,
        revision: raised.revision,
        state: raised.state,
        last_open: raised.last_open,
        reopened: raised.reopened,
        content: raised.content,
    });
    let frozen = thing.docket.frozen.iter().map(|frozen| KeptFrozen {
        rule: frozen.rule.into(),
        month: frozen.month,
        stratum: frozen.stratum,
        shown: frozen.shown,
        remedied: frozen.remedied,
        waived: frozen.waived,
    });
    KeptThing {
        view: Cow::Borrowed(&thing.view),
        filled: thing.filled,
        sent: Cow::Borrowed(&thing.sent),
        stub: thing.stub,
        raised: raised.collect(),
        frozen: frozen.collect(),
    }
}
