//! Admission: what a record changes. Newer version wins per thing and source, older ones feed the
//! ledger, the same one is a duplicate, another content under a known version is a conflict.
//! Judges nothing. Start at [`admit`].

use std::collections::BTreeSet;

use serde::Serialize;

use super::content;
use super::entry::Disposition;
use super::ledger::{self, Order, Seen};
use super::things::{Held, Name, Sent, Thing, Things, owned_of};
use crate::domain::Feeds;
use crate::domain::feed::Feed;
use crate::domain::names::Reference;
use crate::domain::records::{
    BlockSet, CrimeBlocks, CrimeRecord, Deleted, DeletedReason, Head, IncidentBlocks,
    IncidentRecord, Unread,
};

/// What a record changed.
#[derive(Clone, Debug)]
pub(super) struct Admission {
    /// What became of it.
    pub(super) disposition: Disposition,
    /// The blocks of the thing that changed; its heart stands for its ledger too.
    pub(super) changed: BlockSet,
    /// True if the thing came, went or came back.
    pub(super) appeared: bool,
    /// True if it began at another time than was known: coverage is measured against that.
    pub(super) is_moved: bool,
    /// The things it named before.
    pub(super) before: BTreeSet<Reference>,
    /// The things it names after.
    pub(super) after: BTreeSet<Reference>,
}

impl Admission {
    fn nothing(disposition: Disposition) -> Admission {
        Admission {
            disposition,
            changed: BlockSet::NONE,
            appeared: false,
            is_moved: false,
            before: BTreeSet::new(),
            after: BTreeSet::new(),
        }
    }
}

/// A record of one kind, apart from its envelope.
pub(super) struct Snapshot<B> {
    pub(super) head: Head,
    pub(super) blocks: B,
    pub(super) unread: Vec<Unread>,
}

impl From<IncidentRecord> for Snapshot<IncidentBlocks> {
    fn from(record: IncidentRecord) -> Self {
        let IncidentRecord {
            head,
            blocks,
            unread,
        } = record;
        Snapshot {
            head,
            blocks,
            unread,
        }
    }
}

impl From<CrimeRecord> for Snapshot<CrimeBlocks> {
    fn from(record: CrimeRecord) -> Self {
        let CrimeRecord {
            head,
            blocks,
            unread,
        } = record;
        Snapshot {
            head,
            blocks,
            unread,
        }
    }
}

/// Takes a record into the things of its kind; a tombstone has no place of its own among them.
pub(super) fn admit<B: Held + Serialize>(
    things: &mut Things<B>,
    feeds: &Feeds,
    feed: &Feed,
    snapshot: Snapshot<B>,
) -> Admission {
    let known = things.contains_key(&snapshot.head.reference);
    let thing = things.held(&snapshot.head.reference);
    let was_there = known && thing.stub.is_none();
    if snapshot.head.is_tombstone() {
        bury(thing, was_there, feeds, feed, &snapshot.head)
    } else {
        enter(thing, was_there, feeds, feed, snapshot)
    }
}

/// Takes a version of a thing.
fn enter<B: Held + Serialize>(
    thing: &mut Thing<B>,
    was_there: bool,
    feeds: &Feeds,
    feed: &Feed,
    snapshot: Snapshot<B>,
) -> Admission {
    let Snapshot {
        head,
        mut blocks,
        unread,
    } = snapshot;
    // When it left the source is no part of what it says.
    let content = content::hash_of(&(&blocks, &head.deleted, &head.committed_at));
    let order = Order::of(&head, content);
    let before = thing.named();
    let (began, first_commit) = (thing.view.began(), thing.first_commit());
    let sent = thing.sent_by(&feed.name);
    match sent.ledger.seen(order, content) {
        Seen::Same => return Admission::nothing(Disposition::Duplicate),
        Seen::Other => return Admission::nothing(Disposition::Quarantined),
        Seen::New => {}
    }
    let newest = sent.ledger.newest().is_none_or(|newest| order > newest);
    sent.ledger
        .enter(order, content, ledger::row(&head, blocks.watched()));
    let is_learnt = learn_names(sent, order, &head, &blocks);
    let mut changed = BlockSet::of(&[B::HEART]);
    if newest {
        sent.unread = unread;
        blocks.tighten();
        sent.buried = false;
        changed = match &head.deleted {
            Some(deleted) => delete(thing, feed, deleted),
            None => replace(thing, feed, blocks),
        };
    }
    let after = thing.named();
    if is_learnt || after != before {
        // A late old version may give a stub its names, or say since when one was given.
        changed = changed.and(feed.owns);
    }
    changed = changed.and(thing.fill_silent(feeds));
    if feed.owns.has(B::HEART) || thing.first_commit() < first_commit {
        changed = changed.and(BlockSet::of(&[B::HEART]));
    }
    Admission {
        disposition: if newest {
            Disposition::Applied
        } else {
            Disposition::LedgerOnly
        },
        changed,
        appeared: was_there != thing.stub.is_none(),
        is_moved: thing.view.began() != began,
        before,
        after,
    }
}

/// Takes a tombstone: it takes the highest version seen from its source, so it stands right behind the
/// newest and no version that is known already brings the thing back. One that repeats what its source
/// has said, by a tombstone or with the reason, changes nothing.
fn bury<B: Held>(
    thing: &mut Thing<B>,
    was_there: bool,
    feeds: &Feeds,
    feed: &Feed,
    head: &Head,
) -> Admission {
    let (before, began) = (thing.named(), thing.view.began());
    let sent = thing.sent_by(&feed.name);
    let newest = sent.ledger.newest();
    let is_known = sent.buried || (newest.is_some() && sent.merged_of == newest);
    let Some(deleted) = head.deleted.as_ref().filter(|_| !is_known) else {
        return Admission::nothing(Disposition::Duplicate);
    };
    sent.buried = true;
    sent.unread = Vec::new();
    let changed = delete(thing, feed, deleted).and(BlockSet::of(&[B::HEART]));
    Admission {
        disposition: Disposition::Applied,
        changed: changed.and(thing.fill_silent(feeds)),
        appeared: was_there != thing.stub.is_none(),
        is_moved: thing.view.began() != began,
        after: thing.named(),
        before,
    }
}

/// Keeps the names of the newest version that is no deletion, where the newest says that the thing was
/// merged its successor too, and for each name ever given the least commit that gave it. None of it
/// depends on the order of arrival. True if a name is given for longer than was known.
fn learn_names<B: Held>(sent: &mut Sent, order: Order, head: &Head, blocks: &B) -> bool {
    let into = head
        .deleted
        .as_ref()
        .and_then(|deleted| deleted.into.as_ref());
    let given = if head.deleted.is_some() {
        into.map(Name::other).into_iter().collect()
    } else {
        blocks.names()
    };
    let own = head.committed_at.latest();
    let mut is_learnt = false;
    for name in &given {
        let place = sent
            .since
            .binary_search_by(|(known, _)| known.cmp(&name.to));
        match place {
            Ok(at) => {
                let since = &mut sent.since[at].1;
                is_learnt |= own < *since;
                *since = own.min(*since);
            }
            Err(at) => sent.since.insert(at, (name.to.clone(), own)),
        }
    }
    let is_newer = |than: Option<Order>| than.is_none_or(|than| order > than);
    if head.deleted.is_none() && is_newer(sent.names_of) {
        (sent.names_of, sent.names) = (Some(order), given);
    } else if head.deleted.is_some() && is_newer(sent.merged_of) {
        (sent.merged_of, sent.merged) = (Some(order), given);
    }
    is_learnt
}

/// Puts the blocks a feed owns in place of those it sent before.
fn replace<B: Held>(thing: &mut Thing<B>, feed: &Feed, mut blocks: B) -> BlockSet {
    if thing.stub == Some(DeletedReason::LawfulDisposal) && !feed.owns.has(B::HEART) {
        return BlockSet::NONE;
    }
    let mut owned = BlockSet::NONE;
    for block in owned_of::<B>(feed.owns) {
        thing.view.swap(block, &mut blocks);
        owned = owned.and(BlockSet::of(&[block]));
    }
    thing.filled = thing.filled.without(owned);
    let mut changed = BlockSet::NONE;
    for block in thing
        .view
        .differs(&blocks)
        .iter()
        .filter(|block| owned.has(*block))
    {
        changed = changed.and(BlockSet::of(&[block]));
    }
    if feed.owns.has(B::HEART) {
        thing.stub = None;
    }
    changed
}

/// Takes the blocks of a feed away; with the heart the thing itself goes and leaves a stub.
fn delete<B: Held>(thing: &mut Thing<B>, feed: &Feed, deleted: &Deleted) -> BlockSet {
    let mut changed = BlockSet::NONE;
    for block in owned_of::<B>(feed.owns) {
        thing.view.forget(block);
        changed = changed.and(BlockSet::of(&[block]));
    }
    thing.filled = thing.filled.without(changed);
    if feed.owns.has(B::HEART) {
        thing.stub = Some(deleted.reason);
        if deleted.reason == DeletedReason::LawfulDisposal {
            thing.view = B::default();
            thing.filled = BlockSet::NONE;
        }
    }
    changed
}
