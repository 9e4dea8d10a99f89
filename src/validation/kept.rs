//! What is kept of a force between two runs: one row for each thing, each decision, each measure that
//! was told, and one for the progress. A row tells rules by their ids. Its form is JSON with names;
//! what is absent was not there. A field that is added has a default, and the rows of every version
//! stay readable: `tests/kept` has them. Start at [`KeptRow`].

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::activate::{ActivationMark, KeptAgain};
use super::balance::Balance;
use super::claims::Claims;
use super::entry::Position;
use super::guard::Shown;
use super::restore::CannotRestore;
use super::things::Sent;
use super::written::{digest, is_false};
use crate::domain::exception::{State, Tally};
use crate::domain::names::{ForceCode, RecordKind, Reference};
use crate::domain::records::{
    BlockSet, CrimeBlocks, DecisionRecord, DeletedReason, IncidentBlocks,
};
use crate::domain::{Feeds, Instant, LondonDay, Stratum, Word};

/// The version of the rows; it stands at the head of every key.
const VERSION: &str = "v1";

/// One row of what is kept. A later row of the same key replaces it.
#[derive(Clone, Debug)]
pub struct KeptRow<'a> {
    /// What it is of.
    pub key: KeptKey,
    /// What is kept; `None` takes away what was.
    pub value: Option<Kept<'a>>,
}

/// What a row is of. Written as `v1/<force>/thing/crime/<reference>`; what may hold a slash of its
/// own stands last.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct KeptKey {
    /// The force.
    pub force: ForceCode,
    /// What of it.
    pub of: KeptOf,
}

/// What of a force a row is of.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum KeptOf {
    /// How far the force is.
    Progress,
    /// An incident or a crime.
    Thing(RecordKind, Reference),
    /// A decision, by its id.
    Decision(Reference),
    /// A measure that was told.
    Measure {
        /// The rule, by its id.
        rule: Word,
        /// The first day of the month; `None` where no date is told.
        month: Option<LondonDay>,
        /// The part of the measure.
        stratum: Option<Stratum>,
    },
}

/// What is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept<'a> {
    /// How far the force is.
    Progress(KeptProgress<'a>),
    /// An incident.
    Incident(KeptThing<'a, IncidentBlocks>),
    /// A crime.
    Crime(KeptThing<'a, CrimeBlocks>),
    /// The newest version of a decision.
    Decision(Cow<'a, DecisionRecord>),
    /// What was told last of a measure.
    Measure(KeptMeasure<'a>),
}

/// How far a force is: what is proved, what was activated, and the balance.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeptProgress<'a> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) taken: Option<Position>,
    pub(super) claims: Cow<'a, Claims>,
    pub(super) frontiers: BTreeMap<Word, Instant>,
    pub(super) feeds: Cow<'a, Feeds>,
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub(super) activations: Cow<'a, [ActivationMark]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) again: Option<KeptAgain>,
    pub(super) balance: Cow<'a, Balance>,
}

impl KeptProgress<'_> {
    /// The activations, in the order of their numbers: who finds a later one than its own is old.
    pub fn activations(&self) -> &[ActivationMark] {
        &self.activations
    }
}

/// A thing: what was said of it, and its exceptions. What is judged of it is worked out anew.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeptThing<'a, B: Clone> {
    pub(super) view: Cow<'a, B>,
    #[serde(default, skip_serializing_if = "is_none_filled")]
    pub(super) filled: BlockSet,
    pub(super) sent: Cow<'a, [Sent]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) stub: Option<DeletedReason>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) raised: Vec<KeptRaised>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) frozen: Vec<KeptFrozen>,
}

/// An exception, open or closed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct KeptRaised {
    pub(super) rule: Word,
    pub(super) obligation: Word,
    pub(super) id: Uuid,
    pub(super) revision: u32,
    pub(super) state: State,
    pub(super) last_open: State,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) reopened: bool,
    #[serde(with = "digest")]
    pub(super) content: [u8; 16],
}

/// What a lawful disposal left in the counts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct KeptFrozen {
    pub(super) rule: Word,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) month: Option<LondonDay>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) stratum: Option<Stratum>,
    pub(super) shown: Shown,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) remedied: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) waived: bool,
}

/// What was told last of a measure, and under which rule set.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeptMeasure<'a> {
    pub(super) counts: Tally,
    pub(super) ruleset: Cow<'a, str>,
}

fn is_none_filled(filled: &BlockSet) -> bool {
    *filled == BlockSet::NONE
}

impl fmt::Display for KeptKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{VERSION}/{}/", self.force)?;
        match &self.of {
            KeptOf::Progress => out.write_str("progress"),
            KeptOf::Thing(kind, reference) => write!(out, "thing/{kind}/{reference}"),
            KeptOf::Decision(id) => write!(out, "decision/{id}"),
            KeptOf::Measure {
                rule,
                month,
                stratum,
            } => {
                write!(out, "measure/{rule}/")?;
                match month {
                    Some(month) => write!(out, "{month}")?,
                    None => out.write_str(UNDATED)?,
                }
                match stratum {
                    Some(stratum) => write!(out, "/{stratum}"),
                    None => Ok(()),
                }
            }
        }
    }
}

/// In the place of a month, where no date is told.
const UNDATED: &str = "undated";

impl KeptKey {
    /// Reads a key as it is written.
    pub fn parse(text: &str) -> Result<KeptKey, CannotRestore> {
        KeptKey::read(text).ok_or_else(|| CannotRestore::UnknownKey {
            key: text.to_owned(),
        })
    }

    fn read(text: &str) -> Option<KeptKey> {
        let (version, rest) = text.split_once('/')?;
        let (force, rest) = rest.split_once('/')?;
        let (what, rest) = rest.split_once('/').unwrap_or((rest, ""));
        let of = match (version, what) {
            (VERSION, "progress") => KeptOf::Progress,
            (VERSION, "decision") => KeptOf::Decision(rest.into()),
            (VERSION, "thing") => {
                let (kind, reference) = rest.split_once('/')?;
                KeptOf::Thing(symbol(kind)?, reference.into())
            }
            (VERSION, "measure") => {
                let mut parts = rest.split('/');
                KeptOf::Measure {
                    rule: parts.next()?.into(),
                    month: match parts.next()? {
                        UNDATED => None,
                        month => Some(LondonDay::parse(month)?),
                    },
                    stratum: match parts.next() {
                        Some(stratum) => Some(symbol(stratum)?),
                        None => None,
                    },
                }
            }
            _ => return None,
        };
        let force = force.into();
        Some(KeptKey { force, of })
    }
}

/// The symbol that is written so.
fn symbol<S: for<'de> Deserialize<'de>>(word: &str) -> Option<S> {
    let word: StrDeserializer<'_, Error> = word.into_deserializer();
    S::deserialize(word).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_as_it_was_written() {
        let month = Some(LondonDay::of(2026, 4, 1));
        let measure = |month, stratum| KeptOf::Measure {
            rule: "INC-020".into(),
            month,
            stratum,
        };
        for (of, written) in [
            (KeptOf::Progress, "v1/essex/progress"),
            (
                KeptOf::Thing(RecordKind::Crime, "34/26/004512".into()),
                "v1/essex/thing/crime/34/26/004512",
            ),
            (KeptOf::Decision("W/1".into()), "v1/essex/decision/W/1"),
            (measure(None, None), "v1/essex/measure/INC-020/undated"),
            (
                measure(month, Some(Stratum::Rural)),
                "v1/essex/measure/INC-020/2026-04-01/rural",
            ),
        ] {
            let force = "essex".into();
            let key = KeptKey { force, of };
            assert_eq!(key.to_string(), written);
            assert_eq!(KeptKey::parse(written), Ok(key));
        }
    }

    #[test]
    fn a_key_of_another_version_or_of_nothing_known_is_refused_by_name() {
        for text in [
            "v2/essex/progress",
            "v1/essex/thing/tractor/1",
            "v1/essex/measure/INC-020/April",
            "v1/essex",
            "",
        ] {
            let refused = KeptKey::parse(text).expect_err("it is no key");
            assert!(refused.to_string().contains(text), "{refused}");
        }
    }
}
