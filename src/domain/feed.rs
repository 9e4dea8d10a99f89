//! What a force declares of its feeds: which blocks each owns, since when it covers them, and which
//! moments it never carries. Never says what a feed has sent. Start at [`Feeds`].

use serde::{Deserialize, Serialize};

use super::instant::{Elapsed, Instant};
use super::known::{Known, Missing};
use super::moment::Moment;
use super::names::Source;
use super::records::{Block, BlockSet};
use super::shape::{Holds, Placed};

/// One declared feed of a force.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Feed {
    /// Its name.
    pub name: Source,
    /// The blocks it owns.
    pub owns: BlockSet,
    /// Everything since this instant is covered; unknown if none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covers_from: Option<Instant>,
    /// Paths of moments that it never carries though it owns the block.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_carried: Vec<String>,
    /// The partitions through which it is proved; a file has one.
    pub partitions: Vec<Partition>,
    /// What it promises instead of heartbeats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promise: Option<Promise>,
}

/// One ordered part of a feed's log.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Partition {
    /// The topic, or the name of a set of files.
    pub topic: String,
    /// Its number.
    pub number: i32,
}

impl std::fmt::Display for Partition {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}/{}", self.topic, self.number)
    }
}

/// What a feed without heartbeats promises.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Promise {
    /// How long after a change its record is published at the latest.
    pub publication_lag: Elapsed,
    /// How long it is silent at the most.
    pub expected_every: Elapsed,
}

/// The declared feeds of one force. Each block has one owner at the most.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Feeds {
    feeds: Vec<Feed>,
}

impl Feeds {
    /// These feeds, in the order of their names.
    pub fn declared(mut feeds: Vec<Feed>) -> Feeds {
        feeds.sort_by(|left, right| left.name.cmp(&right.name));
        Feeds { feeds }
    }

    /// The feeds, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &Feed> {
        self.feeds.iter()
    }

    /// The feed of this name.
    pub fn named(&self, name: &Source) -> Option<&Feed> {
        self.feeds.iter().find(|feed| feed.name == *name)
    }

    /// The feed that owns a block.
    pub fn owner(&self, block: Block) -> Option<&Feed> {
        self.feeds.iter().find(|feed| feed.owns.has(block))
    }

    /// True if some declared feed owns the block.
    pub fn carry(&self, block: Block) -> bool {
        self.owner(block).is_some()
    }

    /// True if the owner of the block says that it never carries this moment.
    pub fn never_carry(&self, leaf: &Missing) -> bool {
        let path = leaf.path();
        self.feeds
            .iter()
            .any(|feed| feed.not_carried.contains(&path))
    }

    /// True if the owner of the block covers what began at `began`, the whole interval of it.
    pub fn cover(&self, block: Block, began: Option<&Moment>) -> bool {
        let from = self.owner(block).and_then(|feed| feed.covers_from);
        matches!((from, began), (Some(from), Some(began)) if from <= began.earliest())
    }

    /// An event's moment: told, not happened, or missing where the feed never carries it.
    pub fn event<'a, H: Holds>(
        &self,
        holder: &'a H,
        leaf: &'static str,
        read: impl FnOnce(&'a H::Group) -> Option<&'a Moment>,
    ) -> Known<Option<&'a Moment>> {
        let path = Missing::leaf(H::Group::PATH, leaf);
        match holder.group().map(read) {
            None => Err(path),
            Some(Some(moment)) => Ok(Some(moment)),
            Some(None)
                if !self.feeds.iter().all(|feed| feed.not_carried.is_empty())
                    && self.never_carry(&path) =>
            {
                Err(path)
            }
            Some(None) => Ok(None),
        }
    }
}

/// The moment of an event: `happened!(case.feeds, case.crime.core, finalised_at)` is `Ok(None)` if
/// the block is told and the event has not happened, and names the leaf if that cannot be told.
#[macro_export]
macro_rules! happened {
    ($feeds:expr, $group:expr, $leaf:ident) => {
        $feeds.event(&$group, stringify!($leaf), |group| group.$leaf.as_ref())
    };
}
