//! What goes into a step and what comes out of it. Two closed lists. Start at [`Entry`].

use serde::{Deserialize, Serialize};

use crate::domain::exception::{Exception, ProofKind};
use crate::domain::feed::Partition;
use crate::domain::journal::{Activation, SourcePosition};
use crate::domain::names::{ForceCode, RecordKind, Reference, Source};
use crate::domain::records::Record;
use crate::domain::{Elapsed, Feeds, Instant};

/// Where an entry stands in the journal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
pub struct Position {
    /// The partition.
    pub partition: i32,
    /// The position in it.
    pub offset: u64,
}

/// One entry of the journal.
#[derive(Clone, Debug)]
pub enum Entry {
    /// The force declares its feeds, in full.
    Declared {
        /// The force.
        force: ForceCode,
        /// All its feeds.
        feeds: Feeds,
    },
    /// Rules and feeds hold for the force from here on; everything is judged again, bit by bit.
    Activated {
        /// The force.
        force: ForceCode,
        /// What holds.
        activation: Activation,
    },
    /// A record that is well formed.
    Record {
        /// The record.
        record: Record,
        /// When it was taken in.
        arrival: Instant,
        /// The partition of its feed that it was read from.
        partition: Partition,
        /// Where it stood in its source, if it counts in the balance.
        from: Option<SourcePosition>,
    },
    /// A feed is proved to have sent everything before an instant through one partition.
    Proof {
        /// The force.
        force: ForceCode,
        /// The feed.
        feed: Source,
        /// The partition.
        partition: Partition,
        /// Everything committed before this was sent.
        through: Instant,
        /// On whose word.
        kind: ProofKind,
    },
    /// A record of one of these feeds was set aside unread: it may be the missing fact.
    SetAside {
        /// The force.
        force: ForceCode,
        /// The feeds it can have come from.
        feeds: Vec<Source>,
        /// Its reference, where it could be read.
        reference: Option<Reference>,
        /// Its version, where it could be read.
        version: Option<i64>,
        /// When it was taken in.
        arrival: Instant,
        /// Where it stood in its source, in the one entry of it that counts in the balance.
        from: Option<SourcePosition>,
    },
}

/// What became of a record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Disposition {
    /// It changed the snapshot.
    Applied,
    /// It is older than the snapshot and entered the ledger.
    LedgerOnly,
    /// It was known, to the byte of its content.
    Duplicate,
    /// It was set aside.
    Quarantined,
    /// It speaks of records and is none: a heartbeat, a decision or a tombstone.
    Control,
}

/// What follows from an entry. The driver performs it; nothing else leaves the core.
#[derive(Clone, PartialEq, Debug)]
pub enum Effect {
    /// What became of the record; exactly one for each.
    Counted(Disposition),
    /// A record says something else under a version that is known; the first one stands.
    Conflict {
        /// The feed that sent both.
        source: Source,
        /// The thing.
        reference: Reference,
        /// The version.
        version: i64,
    },
    /// A new revision of an exception.
    Exception(Box<Exception>),
    /// Something the people who run the service have to know.
    Alarm(Alarm),
}

/// What the people who run the service have to know.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Alarm {
    /// A rule panicked on a case; the fault is ours.
    RuleFault {
        /// The rule.
        rule: &'static str,
        /// The kind of record.
        record: RecordKind,
        /// The record.
        reference: Reference,
    },
    /// A record was committed before its feed's claim and arrived after it.
    BrokenPromise {
        /// The feed.
        feed: Source,
        /// The record.
        reference: Reference,
    },
    /// A heartbeat claims less than is proved, or is older than the last.
    HeartbeatBehind {
        /// The feed.
        feed: Source,
    },
    /// A heartbeat counts other records than were read since the last.
    HeartbeatCount {
        /// The feed.
        feed: Source,
        /// How many it says.
        said: i64,
        /// How many were read.
        read: i64,
    },
    /// An exception was withdrawn because a fact that decides is no longer told.
    NoLongerTold {
        /// The rule.
        rule: &'static str,
        /// The record.
        reference: Reference,
    },
}

/// What a driver sets for the core.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Settings {
    /// How long an unread record holds its feed's claim; `None` marks the feed at once.
    pub quarantine_hold: Option<Elapsed>,
}

impl Default for Settings {
    /// Four hours: long enough for a shift to repair a record, short enough not to hide a day.
    fn default() -> Self {
        Settings {
            quarantine_hold: Some(Elapsed::hours(4)),
        }
    }
}
