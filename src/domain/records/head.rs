//! The head that every record carries: which thing, from which feed, in which version. Its leaves
//! are required unless the contract marks them optional. Start at [`Head`].

use serde::{Deserialize, Serialize};

use crate::domain::Moment;
use crate::domain::names::{ForceCode, RecordKind, Reference, Source};
use crate::domain::shape::{Field, Shape, Shaped, StructShape, symbols};

/// Which thing a record is a snapshot of, who sends it, and in which version.
#[derive(Clone, PartialEq, Debug)]
pub struct Head {
    /// Which schema the record follows.
    pub record: RecordKind,
    /// The force.
    pub force: ForceCode,
    /// The feed that sends it.
    pub source: Source,
    /// The thing's reference in the force.
    pub reference: Reference,
    /// Rises with every change the source makes to the thing.
    pub version: Option<i64>,
    /// When the source system committed this state.
    pub committed_at: Moment,
    /// When it left the source.
    pub extracted_at: Option<Moment>,
    /// Set when the blocks of the sending feed are gone.
    pub deleted: Option<Deleted>,
}

impl Head {
    /// True if it says that the thing is gone and nothing beside: no version, no reason, no time but its
    /// own. That is all a Kafka tombstone tells, so its place is behind everything its source has sent.
    pub fn is_tombstone(&self) -> bool {
        let tells_nothing = |deleted: &Deleted| {
            deleted.reason == DeletedReason::Unknown
                && deleted.into.is_none()
                && deleted.at == self.committed_at
        };
        self.version.is_none()
            && self.extracted_at.is_none()
            && self.deleted.as_ref().is_some_and(tells_nothing)
    }
}

symbols! {
    /// Why a thing is no longer held.
    DeletedReason {
        /// It should never have been.
        CreatedInError = "created_in_error",
        /// Disposed of at the end of its retention, or by order.
        LawfulDisposal = "lawful_disposal",
        /// It lives on in another thing.
        MergedInto = "merged_into",
        /// Nobody says.
        Unknown = "unknown",
    }
}

/// That a thing is gone from the feed that sends this, and why.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deleted {
    /// Why it is gone.
    pub reason: DeletedReason,
    /// The thing it was merged into.
    #[serde(default)]
    pub into: Option<Reference>,
    /// When it went.
    pub at: Moment,
}

impl Deleted {
    /// The description of this group.
    pub const STRUCT: StructShape = StructShape {
        name: "Deleted",
        doc: " That a thing is gone from the feed that sends this, and why.",
        fields: &[
            required("reason", " Why it is gone.", DeletedReason::SHAPE),
            optional("into", " The thing it was merged into.", Shape::Text),
            required("at", " When it went.", Shape::Moment),
        ],
    };
}

/// The fields of the head, in the order of the contract.
pub const HEAD_FIELDS: &[Field] = &[
    required(
        "record",
        " Which schema the record follows.",
        RecordKind::SHAPE,
    ),
    required(
        "force",
        " The force, by the code of the forces table.",
        Shape::Text,
    ),
    required("source", " The feed that sends it.", Shape::Text),
    required(
        "reference",
        " The thing's reference in the force.",
        Shape::Text,
    ),
    optional(
        "version",
        " Rises with every change the source makes to the thing.",
        Shape::Integer,
    ),
    required(
        "committed_at",
        " When the source system committed this state.",
        Shape::Moment,
    ),
    optional("extracted_at", " When it left the source.", Shape::Moment),
    optional(
        "deleted",
        " Set when the blocks of the sending feed are gone.",
        Shape::Struct(&Deleted::STRUCT),
    ),
];

/// A field a record cannot be read without.
pub(super) const fn required(name: &'static str, doc: &'static str, shape: Shape) -> Field {
    Field {
        name,
        doc,
        shape,
        required: true,
    }
}

/// A field that may be absent.
pub(super) const fn optional(name: &'static str, doc: &'static str, shape: Shape) -> Field {
    Field {
        name,
        doc,
        shape,
        required: false,
    }
}
