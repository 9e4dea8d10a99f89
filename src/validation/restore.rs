//! Restoring: a force from what was kept of it. Judgements, counts, timers and who names whom are
//! worked out anew by asking the rules, without an effect and without marking anything; the measures
//! that come out otherwise than they were told have moved. Start at [`restore`].

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::counts::Frozen;
use super::entry::Settings;
use super::force::{Force, OfForce};
use super::judge::{Docket, Judged};
use super::keep::Unkept;
use super::kept::{
    Kept, KeptFrozen, KeptKey, KeptOf, KeptProgress, KeptRaised, KeptRow, KeptThing,
};
use super::life::Raised;
use super::measures::{MeasureKey, Told};
use super::ruleset::RuleSet;
use super::things::{Thing, ThingKey};
use crate::domain::names::ForceCode;
use crate::domain::records::{BlockSet, Blocks, CrimeBlocks, IncidentBlocks};
use crate::domain::{Instant, Word};

/// Why what was kept cannot be taken.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CannotRestore {
    /// No row has such a key.
    #[error("`{key}` is no key of this version; it may have been written by a later one")]
    UnknownKey {
        /// The key.
        key: String,
    },
    /// The row says something else than its key.
    #[error("`{key}` does not hold what its key says")]
    OtherValue {
        /// The key.
        key: String,
    },
    /// A rule that this build does not have.
    #[error("the state of {force} names the rule {rule}, which this build does not have")]
    UnknownRule {
        /// The force.
        force: ForceCode,
        /// The rule.
        rule: Word,
    },
    /// The rows of a force come without its progress, so that something is lost.
    #[error("the state of {force} has no row of its progress")]
    NoProgress {
        /// The force.
        force: ForceCode,
    },
}

/// The forces of these rows, in the order in which the rows were kept.
pub(super) fn restore<'a>(
    rows: impl IntoIterator<Item = KeptRow<'a>>,
    rules: &Arc<RuleSet>,
    settings: Settings,
) -> Result<Vec<Force>, CannotRestore> {
    let mut restoring: BTreeMap<ForceCode, Restoring<'a>> = BTreeMap::new();
    for row in rows {
        let code = row.key.force.clone();
        restoring
            .entry(code.clone())
            .or_insert_with(|| Restoring {
                force: Force::new(code, Arc::clone(rules), settings),
                progress: None,
            })
            .take(row)?;
    }
    restoring.into_values().map(Restoring::finish).collect()
}

/// A force while its rows are read.
struct Restoring<'a> {
    force: Force,
    progress: Option<KeptProgress<'a>>,
}

impl<'a> Restoring<'a> {
    fn take(&mut self, row: KeptRow<'a>) -> Result<(), CannotRestore> {
        let KeptRow { key, value } = row;
        let force = &mut self.force;
        match (key.of.clone(), value) {
            (KeptOf::Progress, None) => self.progress = None,
            (KeptOf::Progress, Some(Kept::Progress(progress))) => self.progress = Some(progress),
            (KeptOf::Thing(IncidentBlocks::KIND, own), None) => force.incidents.remove(&own),
            (KeptOf::Thing(_, own), None) => force.crimes.remove(&own),
            (KeptOf::Thing(IncidentBlocks::KIND, own), Some(Kept::Incident(kept))) => {
                let thing = thing(force, kept)?;
                force.incidents.put(own, thing);
            }
            (KeptOf::Thing(CrimeBlocks::KIND, own), Some(Kept::Crime(kept))) => {
                let thing = thing(force, kept)?;
                force.crimes.put(own, thing);
            }
            (KeptOf::Decision(_), Some(Kept::Decision(decision))) => {
                force.waivers.take(decision.into_owned());
            }
            (
                KeptOf::Measure {
                    rule,
                    month,
                    stratum,
                },
                value,
            ) => {
                let name = MeasureKey {
                    rule: id_of(force, &rule)?,
                    month,
                    stratum,
                };
                match value {
                    None => drop(force.telling.told.remove(&name)),
                    Some(Kept::Measure(kept)) => {
                        let told = Told {
                            tally: kept.counts,
                            ruleset: kept.ruleset.into_owned(),
                        };
                        force.telling.told.insert(name, told);
                    }
                    Some(_) => return Err(other_value(&key)),
                }
            }
            _ => return Err(other_value(&key)),
        }
        Ok(())
    }

    /// Works out everything that was not kept.
    fn finish(self) -> Result<Force, CannotRestore> {
        let Restoring {
            mut force,
            progress,
        } = self;
        let Some(progress) = progress else {
            let force = force.code;
            return Err(CannotRestore::NoProgress { force });
        };
        force.taken = progress.taken;
        force.claims = progress.claims.into_owned();
        force.feeds = progress.feeds.into_owned();
        force.activations = progress.activations.into_owned();
        force.balance = progress.balance.into_owned();
        force.regroup(progress.frontiers);
        if let Some(again) = progress.again {
            force.go_on_again(again);
        }
        force.name_anew();
        for key in force.keys() {
            force.judge_quietly(&key);
        }
        // Everything has moved from nothing; what was told already is passed over when it is asked for.
        force.tell_all_anew();
        force.unkept = Some(Unkept::default());
        Ok(force)
    }
}

fn other_value(key: &KeptKey) -> CannotRestore {
    CannotRestore::OtherValue {
        key: key.to_string(),
    }
}

/// The id of a rule for ever, on or off.
fn id_of(force: &Force, rule: &Word) -> Result<&'static str, CannotRestore> {
    let card = force.rules.card(rule.as_str());
    card.map(|card| card.id)
        .ok_or_else(|| CannotRestore::UnknownRule {
            force: force.code.clone(),
            rule: rule.clone(),
        })
}

fn thing<B: OfForce>(force: &Force, kept: KeptThing<'_, B>) -> Result<Thing<B>, CannotRestore> {
    let raised = kept.raised.into_iter().map(|kept| raised(force, kept));
    let frozen = kept.frozen.into_iter().map(|kept| frozen(force, kept));
    let mut view = kept.view.into_owned();
    view.tighten();
    Ok(Thing {
        view,
        filled: kept.filled,
        sent: Cow::into_owned(kept.sent),
        stub: kept.stub,
        docket: Docket {
            raised: raised.collect::<Result<_, _>>()?,
            frozen: frozen.collect::<Result<_, _>>()?,
            ..Docket::default()
        },
    })
}

fn raised(force: &Force, kept: KeptRaised) -> Result<Raised, CannotRestore> {
    Ok(Raised {
        rule: id_of(force, &kept.rule)?,
        obligation: kept.obligation,
        id: kept.id,
        revision: kept.revision,
        state: kept.state,
        last_open: kept.last_open,
        reopened: kept.reopened,
        content: kept.content,
    })
}

fn frozen(force: &Force, kept: KeptFrozen) -> Result<Frozen, CannotRestore> {
    Ok(Frozen {
        rule: id_of(force, &kept.rule)?,
        month: kept.month,
        stratum: kept.stratum,
        shown: kept.shown,
        remedied: kept.remedied,
        waived: kept.waived,
    })
}

impl Force {
    /// Groups the rules by the feeds they rest on, each at the frontier it had.
    fn regroup(&mut self, frontiers: BTreeMap<Word, Instant>) {
        (self.groups, self.group_of) = (Vec::new(), Vec::new());
        self.frontiers = frontiers;
        self.group_rules();
    }

    /// Finds anew which thing names which.
    fn name_anew(&mut self) {
        let incidents = self.incidents.iter();
        let incidents = incidents.map(|(own, thing)| ((IncidentBlocks::KIND, own), thing.named()));
        let crimes = self.crimes.iter();
        let crimes = crimes.map(|(own, thing)| ((CrimeBlocks::KIND, own), thing.named()));
        for ((kind, own), named) in incidents.chain(crimes) {
            for name in named {
                // Incidents before crimes, each by its reference: the order of those who name.
                let naming = self.named_by.entry(name).or_default();
                naming.push((kind, own.clone()));
            }
        }
    }

    /// Judges a thing, counts what comes of it, and sets its timers: nothing is published.
    fn judge_quietly(&mut self, key: &ThingKey) {
        let Some(mut docket) = self.docket(key).map(std::mem::take) else {
            return;
        };
        for frozen in &docket.frozen {
            if let Some(rule) = self.rules.place(frozen.rule) {
                self.counts.add(frozen.counted(rule));
            }
        }
        let (answers, _) = self.ask(key, BlockSet::ALL);
        let fresh = answers.into_iter();
        let fresh = fresh.flat_map(|(rule, judgements)| self.fresh(rule, judgements));
        let mut judged: Vec<Judged> = fresh.collect();
        let first_commit = self.first_commit(key);
        for one in &mut judged {
            self.show(key, first_commit, one);
        }
        judged.shrink_to_fit();
        docket.judged = judged;
        self.put_back(key, docket);
    }
}
