//! What is held of one incident or crime: the blocks of all feeds put together, what each feed has
//! sent, the names it gives, and what was judged of it. Start at [`Thing`].

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use crate::domain::case::{LINK_KIND, ORIGIN_KIND, Watched};
use crate::domain::names::{EntryId, LinkKind, RecordKind, Reference, Source};
use crate::domain::records::{
    Block, BlockSet, Blocks, CrimeBlocks, DeletedReason, IncidentBlocks, Unread,
};
use crate::domain::{Feeds, Instant, Known, Moment};

use super::judge::Docket;
use super::ledger::{Ledger, Order};

/// Which thing of a force.
pub(super) type ThingKey = (RecordKind, Reference);

/// What is held of one incident or crime.
#[derive(Clone, Debug)]
pub(super) struct Thing<B> {
    /// The blocks of all feeds put together.
    pub(super) view: B,
    /// Blocks that stand empty because their feed, which covers the time, has sent nothing.
    pub(super) filled: BlockSet,
    /// What each feed has sent, in the order of their names.
    pub(super) sent: Vec<Sent>,
    /// Set when the thing itself is gone.
    pub(super) stub: Option<DeletedReason>,
    /// What was judged of it.
    pub(super) docket: Docket,
}

/// The things of one kind. They are found by a hash, because a force has a million of them and a
/// tree asks twenty for each that it finds; they are listed in the order of their references and in
/// no other, so that no order of hashes leaves this type. Each in a box: a thing is large.
#[derive(Clone, Debug)]
pub(super) struct Things<B>(FxHashMap<Reference, Box<Thing<B>>>);

impl<B> Default for Things<B> {
    fn default() -> Self {
        Things(FxHashMap::default())
    }
}

impl<B: Held> Things<B> {
    /// The thing of this reference.
    pub(super) fn get(&self, reference: &Reference) -> Option<&Thing<B>> {
        self.0.get(reference).map(Box::as_ref)
    }

    /// The thing of this reference, to be changed.
    pub(super) fn get_mut(&mut self, reference: &Reference) -> Option<&mut Thing<B>> {
        self.0.get_mut(reference).map(Box::as_mut)
    }

    /// The thing of this reference, and the reference as it is held.
    pub(super) fn get_key_value(&self, reference: &Reference) -> Option<(&Reference, &Thing<B>)> {
        let found = self.0.get_key_value(reference);
        found.map(|(own, thing)| (own, thing.as_ref()))
    }

    /// True if a thing of this reference is held.
    pub(super) fn contains_key(&self, reference: &Reference) -> bool {
        self.0.contains_key(reference)
    }

    /// The thing of this reference, held from now on if it was not.
    pub(super) fn held(&mut self, reference: &Reference) -> &mut Thing<B> {
        self.0
            .entry(reference.clone())
            .or_insert_with(|| Box::new(Thing::unheard()))
    }

    /// The references, in their order.
    pub(super) fn keys(&self) -> impl Iterator<Item = &Reference> {
        self.iter().map(|(own, _)| own)
    }

    /// Every thing, in the order of the references.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Reference, &Thing<B>)> {
        let mut all: Vec<_> = self.0.iter().collect();
        all.sort_unstable_by_key(|(own, _)| *own);
        all.into_iter().map(|(own, thing)| (own, thing.as_ref()))
    }

    /// Changes every thing, each by itself: in no order that could matter.
    pub(super) fn each_mut(&mut self, change: impl Fn(&mut Thing<B>)) {
        self.0.values_mut().for_each(|thing| change(thing));
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// What one feed has sent of a thing.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    /// The feed.
    pub(super) source: Source,
    /// Every version of it.
    pub(super) ledger: Ledger,
    /// The names its newest version gives that is no deletion.
    pub(super) names: Vec<Name>,
    /// The newest version that is no deletion.
    pub(super) names_of: Option<Order>,
    /// The thing its newest deletion says that it was merged into.
    pub(super) merged: Vec<Name>,
    /// The newest deletion.
    pub(super) merged_of: Option<Order>,
    /// The least commit of a version that was seen to give a name.
    pub(super) since: Vec<(Reference, Instant)>,
    /// What its newest version carried and could not be read.
    pub(super) unread: Vec<Unread>,
}

/// A name that a thing gives of another.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Name {
    /// The name.
    pub(super) to: Reference,
    /// What it is, where it is a link between an incident and a crime.
    pub(super) link: Option<Known<LinkKind>>,
    /// The disclosure it speaks of.
    pub(super) disclosure: Option<EntryId>,
}

impl Name {
    /// A name that is no link between an incident and a crime.
    pub(super) fn other(to: &Reference) -> Name {
        Name {
            to: to.clone(),
            link: None,
            disclosure: None,
        }
    }
}

/// What validation asks of either kind of thing.
pub(super) trait Held: Blocks {
    /// The names it gives, in the order of the contract, each once.
    fn names(&self) -> Vec<Name>;

    /// When it began: what coverage is measured against.
    fn began(&self) -> Option<Moment>;

    /// Its watched fields, where it tells them.
    fn watched(&self) -> Option<Watched>;
}

impl Held for IncidentBlocks {
    fn names(&self) -> Vec<Name> {
        let links = self.links.iter().flatten().filter_map(|link| {
            let kind = link.kind.ok_or(LINK_KIND);
            Some(Name {
                to: link.to.clone()?,
                link: Some(kind),
                disclosure: None,
            })
        });
        let duplicate = self.log.iter().filter_map(|log| log.duplicate_of.as_ref());
        each_once(links.chain(duplicate.map(Name::other)))
    }

    fn began(&self) -> Option<Moment> {
        self.log.as_ref().and_then(|log| log.received_at)
    }

    fn watched(&self) -> Option<Watched> {
        None
    }
}

impl Held for CrimeBlocks {
    fn names(&self) -> Vec<Name> {
        let origin = self.origin.iter().flatten().filter_map(|entry| {
            let kind = entry.kind.ok_or(ORIGIN_KIND);
            let disclosure = entry.disclosure.clone();
            Some(Name {
                to: entry.incident.clone()?,
                link: Some(kind),
                disclosure,
            })
        });
        let duplicate = self
            .cancellation
            .iter()
            .filter_map(|cancel| cancel.duplicate_of.as_ref());
        let converted = self.core.iter().filter_map(|core| core.n_record.as_ref());
        each_once(origin.chain(duplicate.chain(converted).map(Name::other)))
    }

    fn began(&self) -> Option<Moment> {
        self.core.as_ref().and_then(|core| core.reported_at)
    }

    fn watched(&self) -> Option<Watched> {
        self.core.as_ref().map(|core| Watched {
            status: core.status,
            class: core.offence_class.clone(),
            code: core.offence_code.clone(),
            reported_at: core.reported_at,
            recorded_at: core.recorded_at,
        })
    }
}

fn each_once(names: impl Iterator<Item = Name>) -> Vec<Name> {
    let mut once: Vec<Name> = Vec::new();
    for name in names {
        if !name.to.as_str().is_empty() && !once.contains(&name) {
            once.push(name);
        }
    }
    once
}

impl<B: Held> Thing<B> {
    /// A thing of which nothing is held yet.
    pub(super) fn unheard() -> Thing<B> {
        Thing {
            view: B::default(),
            filled: BlockSet::NONE,
            sent: Vec::new(),
            stub: None,
            docket: Docket::default(),
        }
    }

    /// What this feed has sent of it.
    pub(super) fn sent_by(&mut self, source: &Source) -> &mut Sent {
        let at = match self.sent.binary_search_by(|sent| sent.source.cmp(source)) {
            Ok(at) => at,
            Err(at) => {
                self.sent.insert(at, Sent::nothing(source.clone()));
                at
            }
        };
        &mut self.sent[at]
    }

    fn has_heard(&self, source: &Source) -> bool {
        self.sent.iter().any(|sent| sent.source == *source)
    }

    /// Puts empty blocks where a feed that covers the time has sent no record at all, and untold
    /// ones where it does not cover it. Returns the blocks that changed.
    pub(super) fn fill_silent(&mut self, feeds: &Feeds) -> BlockSet {
        let began = self.view.began();
        let mut changed = BlockSet::NONE;
        for block in B::BLOCKS {
            let silent = feeds
                .owner(*block)
                .is_some_and(|owner| !self.has_heard(&owner.name));
            let one = BlockSet::of(&[*block]);
            let should = silent && feeds.cover(*block, began.as_ref());
            if should && !self.view.tells(*block) {
                self.view.empty(*block);
                self.filled = self.filled.and(one);
                changed = changed.and(one);
            } else if !should && self.filled.has(*block) {
                if silent || feeds.owner(*block).is_none() {
                    self.view.forget(*block);
                    changed = changed.and(one);
                }
                self.filled = self.filled.without(one);
            }
        }
        changed
    }

    /// The names it gives: a stub keeps those of the newest version that was no deletion, beside the
    /// thing it was merged into.
    pub(super) fn names(&self) -> impl Iterator<Item = &Name> {
        let merged = |sent: &'_ Sent| sent.merged_of > sent.names_of;
        self.sent.iter().flat_map(move |sent| {
            let merged = sent.merged.iter().filter(move |_| merged(sent));
            sent.names.iter().chain(merged)
        })
    }

    /// The things it names.
    pub(super) fn named(&self) -> BTreeSet<Reference> {
        self.names().map(|name| name.to.clone()).collect()
    }

    /// Since which commit it is seen to give this name.
    pub(super) fn names_since(&self, to: &Reference) -> Option<Instant> {
        let since = self.sent.iter().flat_map(|sent| &sent.since);
        since
            .filter(|(name, _)| name == to)
            .map(|(_, since)| *since)
            .min()
    }

    /// The least commit of any version seen from any feed.
    pub(super) fn first_commit(&self) -> Instant {
        let commits = self
            .sent
            .iter()
            .filter_map(|sent| sent.ledger.first_commit());
        commits.min().unwrap_or(Instant::BEGINNING)
    }

    /// What the owner of its heart has sent.
    pub(super) fn heart(&self, feeds: &Feeds) -> Option<&Sent> {
        let owner = feeds.owner(B::HEART)?;
        self.sent.iter().find(|sent| sent.source == owner.name)
    }
}

impl Sent {
    fn nothing(source: Source) -> Sent {
        Sent {
            source,
            ledger: Ledger::default(),
            names: Vec::new(),
            names_of: None,
            merged: Vec::new(),
            merged_of: None,
            since: Vec::new(),
            unread: Vec::new(),
        }
    }
}

/// The blocks of a kind of thing that a feed owns.
pub(super) fn owned_of<B: Blocks>(owns: BlockSet) -> impl Iterator<Item = Block> {
    B::BLOCKS
        .iter()
        .copied()
        .filter(move |block| owns.has(*block))
}
