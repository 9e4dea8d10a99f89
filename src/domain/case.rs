//! What a rule sees: one incident or crime, and the things at the other end of the names between
//! them, one link far. Never holds the state itself, only borrows it. Start at [`CrimeCase`].

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::feed::Feeds;
use super::instant::Instant;
use super::judgement::{Judgement, Verdict};
use super::known::{Known, Missing};
use super::moment::Moment;
use super::names::{EntryId, LinkKind, Reference, Word};
use super::records::{
    Blocks, CrimeBlocks, CrimeStatus, Disclosure, IncidentBlocks, Outcome, Victim,
};
use crate::{told, told_list};

/// A crime with the incidents it names and that name it.
#[derive(Clone, Debug)]
pub struct CrimeCase<'a> {
    /// The crime's reference.
    pub reference: &'a Reference,
    /// What all feeds together tell of it.
    pub crime: &'a CrimeBlocks,
    /// What the owner of `core` said in each version seen, oldest first.
    pub ledger: &'a [LedgerRow],
    /// True if every version seen from the owner of `core` carried its number.
    pub versioned: bool,
    /// The incidents at the other end of its names and of theirs.
    pub incidents: Vec<Linked<'a, IncidentBlocks>>,
    /// What the force declares of its feeds.
    pub feeds: &'a Feeds,
}

/// An incident with the crimes it names and that name it.
#[derive(Clone, Debug)]
pub struct IncidentCase<'a> {
    /// The incident's reference.
    pub reference: &'a Reference,
    /// What all feeds together tell of it.
    pub incident: &'a IncidentBlocks,
    /// The crimes at the other end of its names and of theirs. A name that leads nowhere is here;
    /// one that leads to another incident is not.
    pub crimes: Vec<Linked<'a, CrimeBlocks>>,
    /// What the force declares of its feeds.
    pub feeds: &'a Feeds,
}

/// One thing at the other end of a name, with all that both sides say of the link of one kind.
#[derive(Clone, Debug)]
pub struct Linked<'a, B: Blocks> {
    /// Its reference.
    pub reference: &'a Reference,
    /// What it is; missing where the side that names it does not tell.
    pub kind: Known<LinkKind>,
    /// The disclosures that the crime's side names, in the order of their ids.
    pub disclosures: Vec<&'a EntryId>,
    /// What is known of it.
    pub far: Far<'a, B>,
}

/// What is known of the thing at the other end of a name.
#[derive(Clone, Debug)]
pub enum Far<'a, B: Blocks> {
    /// It is held.
    Held(&'a B),
    /// It was lawfully disposed of, or merged into another: it was there.
    Disposed,
    /// It was deleted as an error, or nobody says why.
    Gone,
    /// The feeds that would tell it cover the time and do not: a finding, once they are proved past
    /// the commit of the version that names it.
    Dangling {
        /// When that version was committed.
        named_at: Instant,
    },
    /// It may lie outside what the feeds cover.
    Unknown,
}

/// The watched fields of one version of a thing, as its ledger keeps them.
#[derive(Clone, PartialEq, Debug)]
pub struct LedgerRow {
    /// The version.
    pub version: Option<i64>,
    /// When the source system committed it.
    pub committed_at: Moment,
    /// The watched fields; `None` if the version told no such block.
    pub watched: Option<Arc<Watched>>,
}

/// The fields whose change nobody may hide.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Watched {
    /// How the record stood.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<CrimeStatus>,
    /// The class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<Word>,
    /// The code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Word>,
    /// When it was said to have been reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reported_at: Option<Moment>,
    /// When it was said to have been recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded_at: Option<Moment>,
}

impl<'a, B: Blocks> Linked<'a, B> {
    /// Is the link of this kind?
    pub fn is(&self, kind: LinkKind) -> Known<bool> {
        self.kind.map(|own| own == kind)
    }

    /// The thing, where it is held.
    pub fn held(&self) -> Option<&'a B> {
        match self.far {
            Far::Held(blocks) => Some(blocks),
            _ => None,
        }
    }
}

impl<'a> CrimeCase<'a> {
    /// The one judgement of a rule whose obligation is the crime itself.
    pub fn once(&self, law_date: Option<Moment>, verdict: Known<Verdict>) -> Vec<Judgement> {
        vec![Judgement::of(self.reference.as_str(), law_date, verdict)]
    }

    /// One judgement for each outcome, under the law of the day it was applied; one undecidable on
    /// the crime where the outcomes are not told.
    pub fn each_outcome(&self, judge: impl Fn(&'a Outcome) -> Known<Verdict>) -> Vec<Judgement> {
        match told_list!(self.crime.outcomes, code) {
            Err(missing) => self.once(None, Err(missing)),
            Ok(outcomes) => outcomes
                .iter()
                .map(|outcome| {
                    Judgement::of(outcome.id.as_str(), outcome.applied_at, judge(outcome))
                })
                .collect(),
        }
    }

    /// One judgement for each victim, under the law of the day of the report; one undecidable on
    /// the crime where the victims are not told.
    pub fn each_victim(&self, judge: impl Fn(&'a Victim) -> Known<Verdict>) -> Vec<Judgement> {
        let reported_at = self.crime.core.as_ref().and_then(|core| core.reported_at);
        match told_list!(self.crime.victims, kind) {
            Err(missing) => self.once(reported_at, Err(missing)),
            Ok(victims) => victims
                .iter()
                .map(|victim| Judgement::of(victim.victim_ref.as_str(), reported_at, judge(victim)))
                .collect(),
        }
    }

    /// When the outcome was superseded: the moment the one that names it was applied.
    pub fn superseded(&self, outcome: &Outcome) -> Option<Moment> {
        let outcomes = self.crime.outcomes.as_deref().unwrap_or_default();
        outcomes
            .iter()
            .filter(|later| later.supersedes.as_ref() == Some(&outcome.id))
            .filter_map(|later| later.applied_at)
            .min_by_key(Moment::earliest)
    }
}

impl<'a> IncidentCase<'a> {
    /// The one judgement of a rule whose obligation is the incident itself.
    pub fn once(&self, law_date: Option<Moment>, verdict: Known<Verdict>) -> Vec<Judgement> {
        vec![Judgement::of(self.reference.as_str(), law_date, verdict)]
    }

    /// One judgement for each disclosure, under the law of the day it was made; one undecidable on
    /// the incident where the disclosures are not told.
    pub fn each_disclosure(
        &self,
        judge: impl Fn(&'a Disclosure) -> Known<Verdict>,
    ) -> Vec<Judgement> {
        match told_list!(self.incident.disclosures, status) {
            Err(missing) => self.once(None, Err(missing)),
            Ok(disclosures) => disclosures
                .iter()
                .map(|disclosure| {
                    let obligation = format!("{}#{}", self.reference, disclosure.id);
                    Judgement::of(obligation, disclosure.at, judge(disclosure))
                })
                .collect(),
        }
    }

    /// True if some declared feed tells which incident a crime came from.
    pub fn crimes_name_incidents(&self) -> bool {
        use super::records::Block;
        self.feeds.carry(Block::Core) && self.feeds.carry(Block::Origin)
    }
}

/// The disclosures of an incident that still stand: not taken back. Missing where a status that
/// would tell is not.
pub fn live_disclosures(incident: &IncidentBlocks) -> Known<Vec<&Disclosure>> {
    use super::records::DisclosureStatus::Retracted;
    let mut live = Vec::new();
    for disclosure in told_list!(incident.disclosures, status)? {
        if *told!(disclosure, status)? != Retracted {
            live.push(disclosure);
        }
    }
    Ok(live)
}

/// The leaf that says what a link of a crime is.
pub const ORIGIN_KIND: Missing = Missing::leaf("origin", "kind");
/// The leaf that says what a link of an incident is.
pub const LINK_KIND: Missing = Missing::leaf("links", "kind");
