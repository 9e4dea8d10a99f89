//! What stands inside an entry of the journal beside records: where it came from, proofs, what was
//! set aside, activations. Instants and spans are milliseconds, blocks their names. Start at
//! [`ActivationForm`].

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::domain::exception::ProofKind;
use crate::domain::feed::{Partition, Promise};
use crate::domain::journal::{Activation, Proof, SetAside, SourcePosition};
use crate::domain::names::{Reference, Source};
use crate::domain::records::{Block, BlockSet};
use crate::domain::{Elapsed, Feed, Feeds, Instant, Reason};

/// Where an entry stood in its source.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FromForm<'a> {
    #[serde(borrow)]
    topic: Cow<'a, str>,
    partition: i32,
    offset: i64,
}

impl<'a> FromForm<'a> {
    pub(super) fn of(from: &'a SourcePosition) -> FromForm<'a> {
        FromForm {
            topic: Cow::Borrowed(&from.partition.topic),
            partition: from.partition.number,
            offset: from.offset,
        }
    }
}

impl From<FromForm<'_>> for SourcePosition {
    fn from(form: FromForm<'_>) -> SourcePosition {
        SourcePosition {
            partition: Partition {
                topic: form.topic.into_owned(),
                number: form.partition,
            },
            offset: form.offset,
        }
    }
}

/// That a feed has sent everything before an instant through one partition.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProofForm {
    feed: Source,
    topic: String,
    partition: i32,
    through: Instant,
    kind: ProofKind,
}

impl ProofForm {
    pub(super) fn of(proof: &Proof) -> ProofForm {
        ProofForm {
            feed: proof.feed.clone(),
            topic: proof.partition.topic.clone(),
            partition: proof.partition.number,
            through: proof.through,
            kind: proof.kind,
        }
    }
}

impl From<ProofForm> for Proof {
    fn from(form: ProofForm) -> Proof {
        Proof {
            feed: form.feed,
            partition: Partition {
                topic: form.topic,
                number: form.partition,
            },
            through: form.through,
            kind: form.kind,
        }
    }
}

/// That a record was set aside unread.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SetAsideForm {
    feeds: Vec<Source>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i64>,
    reason: Reason,
    counts: bool,
}

impl SetAsideForm {
    pub(super) fn of(set_aside: &SetAside) -> SetAsideForm {
        SetAsideForm {
            feeds: set_aside.feeds.clone(),
            reference: set_aside.reference.clone(),
            version: set_aside.version,
            reason: set_aside.reason,
            counts: set_aside.counts,
        }
    }
}

impl From<SetAsideForm> for SetAside {
    fn from(form: SetAsideForm) -> SetAside {
        SetAside {
            feeds: form.feeds,
            reference: form.reference,
            version: form.version,
            reason: form.reason,
            counts: form.counts,
        }
    }
}

/// The rules and the feeds that hold from a position on.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ActivationForm {
    number: u32,
    fingerprint: String,
    profile: String,
    from_position: u64,
    feeds: Vec<FeedForm>,
}

impl ActivationForm {
    pub(super) fn of(activation: &Activation) -> ActivationForm {
        ActivationForm {
            number: activation.number,
            fingerprint: activation.fingerprint.clone(),
            profile: activation.profile.clone(),
            from_position: activation.from_position,
            feeds: activation.feeds.iter().map(FeedForm::of).collect(),
        }
    }

    /// The activation, or the block that no record has.
    pub(super) fn read(self) -> Result<Activation, NoSuchBlock> {
        let feeds: Result<_, _> = self.feeds.into_iter().map(FeedForm::read).collect();
        Ok(Activation {
            number: self.number,
            fingerprint: self.fingerprint,
            profile: self.profile,
            from_position: self.from_position,
            feeds: Feeds::declared(feeds?),
        })
    }
}

/// A name that no block has.
#[derive(PartialEq, Debug, thiserror::Error)]
#[error("a feed owns a block that no record has")]
pub(super) struct NoSuchBlock;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FeedForm {
    name: Source,
    owns: Vec<Cow<'static, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    covers_from: Option<Instant>,
    not_carried: Vec<String>,
    partitions: Vec<PartitionForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    promise: Option<PromiseForm>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartitionForm {
    topic: String,
    partition: i32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PromiseForm {
    publication_lag: Elapsed,
    expected_every: Elapsed,
}

impl FeedForm {
    fn of(feed: &Feed) -> FeedForm {
        let partition = |partition: &Partition| PartitionForm {
            topic: partition.topic.clone(),
            partition: partition.number,
        };
        FeedForm {
            name: feed.name.clone(),
            owns: feed
                .owns
                .iter()
                .map(|block| block.as_str().into())
                .collect(),
            covers_from: feed.covers_from,
            not_carried: feed.not_carried.clone(),
            partitions: feed.partitions.iter().map(partition).collect(),
            promise: feed.promise.map(|promise| PromiseForm {
                publication_lag: promise.publication_lag,
                expected_every: promise.expected_every,
            }),
        }
    }

    fn read(self) -> Result<Feed, NoSuchBlock> {
        let named = |name: &Cow<'static, str>| {
            let mut every = Block::EVERY.iter().copied();
            every
                .find(|block| block.as_str() == name)
                .ok_or(NoSuchBlock)
        };
        let owned: Result<Vec<Block>, _> = self.owns.iter().map(named).collect();
        let partition = |form: PartitionForm| Partition {
            topic: form.topic,
            number: form.partition,
        };
        Ok(Feed {
            name: self.name,
            owns: BlockSet::of(&owned?),
            covers_from: self.covers_from,
            not_carried: self.not_carried,
            partitions: self.partitions.into_iter().map(partition).collect(),
            promise: self.promise.map(|form| Promise {
                publication_lag: form.publication_lag,
                expected_every: form.expected_every,
            }),
        })
    }
}
