//! What is held of one incident or crime: the blocks of all feeds put together, what each feed has
//! sent, the names it gives, and what was judged of it. Start at [`Thing`].

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::domain::case::{LINK_KIND, ORIGIN_KIND, Watched};
use crate::domain::names::{EntryId, LinkKind, RecordKind, Reference, Source};
use crate::domain::records::{
    Block, BlockSet, Blocks, CrimeBlocks, DeletedReason, IncidentBlocks, Unread,
};
use crate::domain::{Feeds, Instant, Known, Moment};

use super::judge::Docket;
use super::ledger::{Ledger, Order};
use super::written::is_false;

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
/// tree asks twenty for each that it finds; they are listed in the order of their references, so that
/// no order of hashes can be seen. Each in a box: a thing is large.
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
    pub(super) fn changed(&mut self, reference: &Reference) -> Option<&mut Thing<B>> {
        self.0.get_mut(reference).map(Box::as_mut)
    }

    /// The thing of this reference, and the reference as it is held.
    pub(super) fn named(&self, reference: &Reference) -> Option<(&Reference, &Thing<B>)> {
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

    /// Every thing, in no order that may be shown: for what is summed or sorted afterwards.
    pub(super) fn unordered(&self) -> impl Iterator<Item = &Thing<B>> {
        self.0.values().map(Box::as_ref)
    }

    /// Changes every thing, each by itself: in no order that could matter.
    pub(super) fn each_mut(&mut self, mut change: impl FnMut(&Reference, &mut Thing<B>)) {
        let things = self.0.iter_mut();
        things.for_each(|(own, thing)| change(own, thing));
    }

    /// Puts a thing that was kept in its place.
    pub(super) fn put(&mut self, reference: Reference, thing: Thing<B>) {
        self.0.insert(reference, Box::new(thing));
    }

    /// Takes a thing away that is kept no longer.
    pub(super) fn remove(&mut self, reference: &Reference) {
        self.0.remove(reference);
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// What one feed has sent of a thing; kept as it stands here.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Sent {
    /// The feed.
    pub(super) source: Source,
    /// Every version of it.
    pub(super) ledger: Ledger,
    /// The names its newest version gives that is no deletion.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) names: Vec<Name>,
    /// The newest version that is no deletion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) names_of: Option<Order>,
    /// The thing its newest deletion says that it was merged into.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) merged: Vec<Name>,
    /// The newest deletion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) merged_of: Option<Order>,
    /// True if a tombstone stands right behind its newest version.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) buried: bool,
    /// The least commit of a version that was seen to give a name.
    #[serde(default, with = "by_name", skip_serializing_if = "Vec::is_empty")]
    pub(super) since: Vec<(Reference, Instant)>,
    /// What its newest version carried and could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) unread: Vec<Unread>,
}

/// A name that a thing gives of another.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct Name {
    /// The name.
    pub(super) to: Reference,
    /// What it is, where it is a link between an incident and a crime.
    #[serde(default, with = "link", skip_serializing_if = "Option::is_none")]
    pub(super) link: Option<Known<LinkKind>>,
    /// The disclosure it speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) disclosure: Option<EntryId>,
}

/// Since when each name is given, as it is kept: names with instants.
mod by_name {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serializer};

    use crate::domain::{Instant, Reference};

    pub(super) fn serialize<S: Serializer>(
        since: &[(Reference, Instant)],
        into: S,
    ) -> Result<S::Ok, S::Error> {
        into.collect_map(since.iter().map(|(name, since)| (name, since)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<(Reference, Instant)>, D::Error> {
        let since = BTreeMap::<Reference, Instant>::deserialize(from)?;
        Ok(since.into_iter().collect())
    }
}

/// What a link is, as one word: its kind, or the path of the leaf that does not tell it.
mod link {
    use serde::de::IntoDeserializer;
    use serde::de::value::StrDeserializer;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{LINK_KIND, ORIGIN_KIND};
    use crate::domain::names::LinkKind;
    use crate::domain::{Known, Word};

    pub(super) fn serialize<S: Serializer>(
        link: &Option<Known<LinkKind>>,
        into: S,
    ) -> Result<S::Ok, S::Error> {
        match link {
            Some(Ok(kind)) => kind.serialize(into),
            Some(Err(missing)) => missing.serialize(into),
            None => into.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Known<LinkKind>>, D::Error> {
        let Some(word) = Option::<Word>::deserialize(from)? else {
            return Ok(None);
        };
        let untold = [LINK_KIND, ORIGIN_KIND];
        if let Some(leaf) = untold.into_iter().find(|leaf| leaf.path() == word.as_str()) {
            return Ok(Some(Err(leaf)));
        }
        let word: StrDeserializer<'_, D::Error> = word.as_str().into_deserializer();
        LinkKind::deserialize(word).map(|kind| Some(Ok(kind)))
    }
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
            buried: false,
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
