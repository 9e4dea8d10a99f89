//! What a feed promises and what a person says: heartbeats and decisions. They control how records
//! are judged and are not judged themselves. Start at [`HeartbeatRecord`] and [`DecisionRecord`].

use serde::{Deserialize, Serialize};

use super::head::{HEAD_FIELDS, Head, optional, required};
use super::parts::Actor;
use crate::domain::Moment;
use crate::domain::names::{RecordKind, Reference, Word};
use crate::domain::shape::{Field, Shape, Shaped, StructShape, symbols};

/// A feed's promise: everything committed before `sent_through` has been published ahead of this.
#[derive(Clone, PartialEq, Debug)]
pub struct HeartbeatRecord {
    /// The head; its version is the sequence.
    pub head: Head,
    /// Everything committed before this has been published.
    pub sent_through: Moment,
    /// How many records the feed sent since its last heartbeat.
    pub records_since_last: Option<i64>,
}

/// The fields a heartbeat has besides its head.
pub const HEARTBEAT_FIELDS: &[Field] = &[
    required(
        "sent_through",
        " Every change committed in this system before this has been published, ahead of this message.",
        Shape::Moment,
    ),
    optional(
        "records_since_last",
        " How many records the feed sent since its last heartbeat.",
        Shape::Integer,
    ),
];

symbols! {
    /// What a decision does.
    DecisionKind {
        /// Lives with a breach until a day.
        Waive = "waive",
        /// Ends a waiver.
        EndWaiver = "end_waiver",
        /// Releases what a quarantined record holds.
        Release = "release",
        /// An auditor's verdict.
        AuditVerdict = "audit_verdict",
        /// A sign-off.
        SignOff = "sign_off",
    }
}

/// What a decision speaks of.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// Which schema the thing follows.
    pub record: RecordKind,
    /// The thing's reference.
    pub reference: Reference,
    /// The rule.
    pub rule: Word,
    /// The obligation; none means every one the rule has on the thing.
    #[serde(default)]
    pub obligation: Option<Word>,
}

impl About {
    /// The description of this group.
    pub const STRUCT: StructShape = StructShape {
        name: "About",
        doc: " What a decision speaks of.",
        fields: &[
            required(
                "record",
                " Which schema the thing follows.",
                RecordKind::SHAPE,
            ),
            required("reference", " The thing's reference.", Shape::Text),
            required("rule", " The rule.", Shape::Text),
            optional(
                "obligation",
                " The obligation; none means every one the rule has on the thing.",
                Shape::Text,
            ),
        ],
    };
}

/// What a person says of an exception or a record.
#[derive(Clone, PartialEq, Debug)]
pub struct DecisionRecord {
    /// The head; its reference is the decision's id.
    pub head: Head,
    /// What it does.
    pub kind: DecisionKind,
    /// What it speaks of.
    pub about: About,
    /// When it was made.
    pub at: Moment,
    /// Who made it.
    pub by: Option<Actor>,
    /// The reason it was filed under.
    pub reason_code: Option<Word>,
    /// When it ends.
    pub expires_at: Option<Moment>,
    /// An auditor's verdict.
    pub verdict: Option<Word>,
}

/// The fields a decision has besides its head.
pub const DECISION_FIELDS: &[Field] = &[
    required("kind", " What it does.", DecisionKind::SHAPE),
    required(
        "about",
        " What it speaks of.",
        Shape::Struct(&About::STRUCT),
    ),
    required("at", " When it was made.", Shape::Moment),
    optional("by", " Who made it.", Actor::SHAPE),
    optional(
        "reason_code",
        " The reason it was filed under.",
        Shape::Text,
    ),
    optional("expires_at", " When it ends.", Shape::Moment),
    optional("verdict", " An auditor's verdict.", Shape::Text),
];

/// The fields of a record's head, then its own: what a schema of it lists.
pub fn fields_of(own: &'static [Field]) -> impl Iterator<Item = &'static Field> {
    HEAD_FIELDS.iter().chain(own)
}
