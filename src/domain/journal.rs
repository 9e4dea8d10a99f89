//! What the journal holds between intake and validation: every record once, whole, with when and from
//! where it came, and what speaks of records: proofs, what was set aside, activations of a rule set.
//! Knows no bytes. Start at [`Journalled`].

use super::exception::ProofKind;
use super::feed::{Feeds, Partition};
use super::instant::Instant;
use super::names::{ForceCode, Reference, Source};
use super::records::Record;
use super::refusal::Reason;

/// One entry of the journal: provenance, and what it tells.
#[derive(Clone, PartialEq, Debug)]
pub struct Journalled {
    /// The force it speaks of.
    pub force: ForceCode,
    /// When intake took it in, by the broker's clock.
    pub arrival: Instant,
    /// Where it stood in its source; none for what intake or validation say themselves.
    pub from: Option<SourcePosition>,
    /// What it tells.
    pub tells: Tells,
}

/// Where a record stood in its source.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SourcePosition {
    /// The partition.
    pub partition: Partition,
    /// The offset in it.
    pub offset: i64,
}

/// What an entry of the journal tells.
#[derive(Clone, PartialEq, Debug)]
pub enum Tells {
    /// A record that is well formed.
    Record(Record),
    /// A feed is proved to have sent everything before an instant through one partition.
    Proof(Proof),
    /// A record was set aside unread: it may be the missing fact.
    SetAside(SetAside),
    /// The rules and the feeds that hold from a position on.
    Activation(Activation),
}

/// That a feed has sent everything before an instant through one partition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proof {
    /// The feed.
    pub feed: Source,
    /// The partition it was read from.
    pub partition: Partition,
    /// Everything committed before this was sent.
    pub through: Instant,
    /// On whose word.
    pub kind: ProofKind,
}

/// That a record was set aside unread.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SetAside {
    /// The feeds it can have come from.
    pub feeds: Vec<Source>,
    /// Its reference, where it could be read.
    pub reference: Option<Reference>,
    /// Its version, where it could be read.
    pub version: Option<i64>,
    /// Why.
    pub reason: Reason,
    /// True in the one entry of each such record that counts in the balance: where its force cannot be
    /// told, every force that it can be of hears of it.
    pub counts: bool,
}

/// The rules and the feeds that hold for a force from a position of its journal on.
#[derive(Clone, PartialEq, Debug)]
pub struct Activation {
    /// 1, 2, …: its place in the force's list.
    pub number: u32,
    /// Fingerprint of the code, the reference data and the profile.
    pub fingerprint: String,
    /// The profile's name.
    pub profile: String,
    /// It holds before the entry at this position is taken.
    pub from_position: u64,
    /// The force's feeds, in full: they decide verdicts too.
    pub feeds: Feeds,
}
