//! The blocks of an incident and of a crime as sets: what a record sent, what of it a feed owns,
//! and the flat form in which records travel. Start at [`Block`] and [`Blocks`].

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::care::VictimCare;
use super::crime::{
    Cancellation, Classification, Core, Investigation, Origin, Outcome, Risk, Suspect, Victim,
};
use super::decision::{About, DecisionKind, DecisionRecord, HeartbeatRecord};
use super::head::{Deleted, Head};
use super::incident::{Closure, Disclosure, Link, Log, Response, Triage};
use super::parts::Actor;
use crate::domain::Moment;
use crate::domain::names::{ForceCode, RecordKind, Reference, Source, Word};
use crate::domain::shape::{BlockShape, Field, Person, Shaped};

/// A value that a record carried and that could not be read: the field became `None`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Unread {
    /// The path of the field, without index.
    pub path: Word,
    /// The word that no list has.
    pub value: Word,
}

/// A set of blocks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct BlockSet(u32);

impl BlockSet {
    /// No block.
    pub const NONE: BlockSet = BlockSet(0);
    /// Every block.
    pub const ALL: BlockSet = BlockSet::of(Block::EVERY);

    /// The set of these blocks.
    pub const fn of(blocks: &[Block]) -> BlockSet {
        let mut bits = 0;
        let mut at = 0;
        while at < blocks.len() {
            bits |= 1 << blocks[at] as u32;
            at += 1;
        }
        BlockSet(bits)
    }

    /// True if it has this block.
    pub const fn has(self, block: Block) -> bool {
        self.0 & (1 << block as u32) != 0
    }

    /// True if the two sets share a block.
    pub const fn meets(self, other: BlockSet) -> bool {
        self.0 & other.0 != 0
    }

    /// The blocks of either set.
    #[must_use]
    pub const fn and(self, other: BlockSet) -> BlockSet {
        BlockSet(self.0 | other.0)
    }

    /// The blocks of this set that the other lacks.
    #[must_use]
    pub const fn without(self, other: BlockSet) -> BlockSet {
        BlockSet(self.0 & !other.0)
    }

    /// The blocks of the set, in the order of the contract.
    pub fn iter(self) -> impl Iterator<Item = Block> {
        Block::EVERY
            .iter()
            .copied()
            .filter(move |block| self.has(*block))
    }
}

impl Serialize for BlockSet {
    fn serialize<S: Serializer>(&self, into: S) -> Result<S::Ok, S::Error> {
        into.collect_seq(self.iter().map(Block::as_str))
    }
}

impl<'de> Deserialize<'de> for BlockSet {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let names = Vec::<Word>::deserialize(from)?;
        let named = |name: &Word| {
            let block = Block::EVERY
                .iter()
                .find(|block| block.as_str() == name.as_str());
            block.copied().ok_or_else(|| {
                de::Error::custom(format!("expected the name of a block, found {name}"))
            })
        };
        let blocks: Vec<Block> = names.iter().map(named).collect::<Result<_, _>>()?;
        Ok(BlockSet::of(&blocks))
    }
}

/// What incident and crime have in common: a set of blocks of which each has one owner.
pub trait Blocks: Default {
    /// Which schema they belong to.
    const KIND: RecordKind;
    /// The block without which there is no such thing; who owns it speaks for the thing itself.
    const HEART: Block;
    /// Every block it can have.
    const BLOCKS: &'static [Block];

    /// The blocks that are told.
    fn told(&self) -> BlockSet;

    /// Exchanges a block with another set, told or not.
    fn swap(&mut self, block: Block, with: &mut Self);

    /// The blocks in which two sets differ.
    fn differs(&self, other: &Self) -> BlockSet;

    /// True if the block is told.
    fn tells(&self, block: Block) -> bool {
        self.told().has(block)
    }

    /// Makes a block the one of a system that says there is nothing.
    fn empty(&mut self, block: Block);

    /// Makes a block one that is not told.
    fn forget(&mut self, block: Block);

    /// Reads every bare group as an empty block.
    fn settle(&mut self);

    /// Shows everybody whom a block names.
    fn each_person(&mut self, see: &mut dyn FnMut(Person<'_>));

    /// Gives back the room that its lists keep for entries to come.
    fn tighten(&mut self);
}

/// Gives a record the flat form in which it travels: the fields of its head beside its own.
macro_rules! flat {
    (
        $Record:ident $Form:ident { $($(#[$attribute:meta])? $field:ident: $ty:ty,)* }
        read($form:ident, $head:ident) $read:block
        write($record:ident) { $($out:ident: $value:expr,)* }
    ) => {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct $Form {
            record: RecordKind,
            force: ForceCode,
            source: Source,
            reference: Reference,
            version: Option<i64>,
            committed_at: Moment,
            extracted_at: Option<Moment>,
            deleted: Option<Deleted>,
            $($field: $ty,)*
        }

        impl<'de> Deserialize<'de> for $Record {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let $form = $Form::deserialize(from)?;
                let $head = Head {
                    record: $form.record,
                    force: $form.force,
                    source: $form.source,
                    reference: $form.reference,
                    version: $form.version,
                    committed_at: $form.committed_at,
                    extracted_at: $form.extracted_at,
                    deleted: $form.deleted,
                };
                Ok($read)
            }
        }

        impl Serialize for $Record {
            fn serialize<S: serde::Serializer>(&self, into: S) -> Result<S::Ok, S::Error> {
                #[derive(Serialize)]
                struct Borrowed<'a> {
                    record: RecordKind,
                    force: &'a ForceCode,
                    source: &'a Source,
                    reference: &'a Reference,
                    #[serde(skip_serializing_if = "Option::is_none")]
                    version: Option<i64>,
                    committed_at: Moment,
                    #[serde(skip_serializing_if = "Option::is_none")]
                    extracted_at: Option<Moment>,
                    #[serde(skip_serializing_if = "Option::is_none")]
                    deleted: Option<&'a Deleted>,
                    $($(#[$attribute])? $field: &'a $ty,)*
                }
                let $record = self;
                let head = &self.head;
                Borrowed {
                    record: head.record,
                    force: &head.force,
                    source: &head.source,
                    reference: &head.reference,
                    version: head.version,
                    committed_at: head.committed_at,
                    extracted_at: head.extracted_at,
                    deleted: head.deleted.as_ref(),
                    $($out: &$value,)*
                }
                .serialize(into)
            }
        }
    };
}

macro_rules! things {
    ($(
        $(#[doc = $tdoc:literal])*
        $Blocks:ident $Record:ident $Form:ident $kind:ident $heart:ident $FIELDS:ident {
            $($(#[doc = $doc:literal])* $Block:ident $field:ident: $ty:ty,)*
        }
    )*) => {
        /// One part of a thing; within a force each has one owning feed.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u32)]
        pub enum Block {
            $($($(#[doc = $doc])* $Block,)*)*
        }

        impl Block {
            /// Every block, in the order of the contract.
            pub const EVERY: &'static [Block] = &[$($(Block::$Block,)*)*];

            /// Its name, as it is written.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $($(Block::$Block => stringify!($field),)*)*
                }
            }

            /// The record it is a part of.
            pub const fn kind(self) -> RecordKind {
                match self {
                    $($(Block::$Block => RecordKind::$kind,)*)*
                }
            }
        }

        $(
        $(#[doc = $tdoc])*
        #[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
        pub struct $Blocks {
            $(
                $(#[doc = $doc])*
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $field: Option<$ty>,
            )*
        }

        impl Blocks for $Blocks {
            const KIND: RecordKind = RecordKind::$kind;
            const HEART: Block = Block::$heart;
            const BLOCKS: &'static [Block] = &[$(Block::$Block),*];

            fn told(&self) -> BlockSet {
                let mut told = BlockSet::NONE;
                $(if self.$field.is_some() {
                    told = told.and(BlockSet::of(&[Block::$Block]));
                })*
                told
            }

            fn swap(&mut self, block: Block, with: &mut Self) {
                match block {
                    $(Block::$Block => std::mem::swap(&mut self.$field, &mut with.$field),)*
                    _ => {}
                }
            }

            fn differs(&self, other: &Self) -> BlockSet {
                let mut differing = BlockSet::NONE;
                $(if self.$field != other.$field {
                    differing = differing.and(BlockSet::of(&[Block::$Block]));
                })*
                differing
            }

            fn empty(&mut self, block: Block) {
                match block {
                    $(Block::$Block => self.$field = Some(<$ty as BlockShape>::empty()),)*
                    _ => {}
                }
            }

            fn forget(&mut self, block: Block) {
                match block {
                    $(Block::$Block => self.$field = None,)*
                    _ => {}
                }
            }

            fn settle(&mut self) {
                $(if let Some(block) = &mut self.$field {
                    block.settle();
                })*
            }

            fn each_person(&mut self, see: &mut dyn FnMut(Person<'_>)) {
                $(if let Some(block) = &mut self.$field {
                    block.each_person(see);
                })*
            }

            fn tighten(&mut self) {
                $(if let Some(block) = &mut self.$field {
                    block.tighten();
                })*
            }
        }

        /// The blocks of this record as fields of its schema.
        pub const $FIELDS: &[Field] = &[
            $(Field {
                name: stringify!($field),
                doc: concat!($($doc),*),
                shape: <$ty as Shaped>::SHAPE,
                required: false,
            },)*
        ];

        $(#[doc = $tdoc])*
        #[derive(Clone, PartialEq, Debug)]
        pub struct $Record {
            /// Which thing, from which feed, in which version.
            pub head: Head,
            /// What the feed says of it.
            pub blocks: $Blocks,
            /// What could not be read.
            pub unread: Vec<Unread>,
        }

        flat! {
            $Record $Form {
                $(#[serde(skip_serializing_if = "Option::is_none")] $field: Option<$ty>,)*
            }
            read(form, head) {
                let mut blocks = $Blocks { $($field: form.$field,)* };
                blocks.settle();
                $Record { head, blocks, unread: Vec::new() }
            }
            write(record) { $($field: record.blocks.$field,)* }
        }
        )*
    };
}

things! {
    /// An incident log, as one feed sends it or as all feeds together tell it.
    IncidentBlocks IncidentRecord IncidentForm Incident Log INCIDENT_FIELDS {
        /// The log itself.
        Log log: Log,
        /// What was disclosed.
        Disclosures disclosures: Vec<Disclosure>,
        /// How it was triaged.
        Triage triage: Vec<Triage>,
        /// How it was answered.
        Response response: Response,
        /// How it was closed.
        Closure closure: Closure,
        /// The things it names.
        Links links: Vec<Link>,
    }
    /// A crime record, as one feed sends it or as all feeds together tell it.
    CrimeBlocks CrimeRecord CrimeForm Crime Core CRIME_FIELDS {
        /// The crime itself.
        Core core: Core,
        /// The incidents it came from.
        Origin origin: Vec<Origin>,
        /// How it was classified, oldest first.
        Classification classification: Vec<Classification>,
        /// Its victims.
        Victims victims: Vec<Victim>,
        /// What was done for them.
        VictimCare victim_care: Vec<VictimCare>,
        /// Its suspects.
        Suspects suspects: Vec<Suspect>,
        /// How it ended.
        Outcomes outcomes: Vec<Outcome>,
        /// Its removal.
        Cancellation cancellation: Cancellation,
        /// Its investigation.
        Investigation investigation: Investigation,
        /// The risk that was assessed.
        Risk risk: Vec<Risk>,
    }
}

flat! {
    HeartbeatRecord HeartbeatForm { sent_through: Moment, records_since_last: Option<i64>, }
    read(form, head) {
        HeartbeatRecord {
            head,
            sent_through: form.sent_through,
            records_since_last: form.records_since_last,
        }
    }
    write(record) {
        sent_through: record.sent_through,
        records_since_last: record.records_since_last,
    }
}

flat! {
    DecisionRecord DecisionForm {
        kind: DecisionKind,
        about: About,
        at: Moment,
        by: Option<Actor>,
        reason_code: Option<Word>,
        expires_at: Option<Moment>,
        verdict: Option<Word>,
    }
    read(form, head) {
        DecisionRecord {
            head,
            kind: form.kind,
            about: form.about,
            at: form.at,
            by: form.by,
            reason_code: form.reason_code,
            expires_at: form.expires_at,
            verdict: form.verdict,
        }
    }
    write(record) {
        kind: record.kind,
        about: record.about,
        at: record.at,
        by: record.by,
        reason_code: record.reason_code,
        expires_at: record.expires_at,
        verdict: record.verdict,
    }
}

/// One record of any kind.
#[derive(Clone, PartialEq, Debug)]
pub enum Record {
    /// An incident log.
    Incident(Box<IncidentRecord>),
    /// A crime record.
    Crime(Box<CrimeRecord>),
    /// A feed's promise.
    Heartbeat(Box<HeartbeatRecord>),
    /// What a person says.
    Decision(Box<DecisionRecord>),
}

impl Record {
    /// Its head.
    pub fn head(&self) -> &Head {
        match self {
            Record::Incident(record) => &record.head,
            Record::Crime(record) => &record.head,
            Record::Heartbeat(record) => &record.head,
            Record::Decision(record) => &record.head,
        }
    }

    /// Shows everybody whom it names.
    pub fn each_person(&mut self, see: &mut dyn FnMut(Person<'_>)) {
        match self {
            Record::Incident(record) => record.blocks.each_person(see),
            Record::Crime(record) => record.blocks.each_person(see),
            Record::Decision(record) => record.by.iter_mut().for_each(|by| by.each_person(see)),
            Record::Heartbeat(_) => {}
        }
    }

    /// The blocks it tells.
    pub fn told(&self) -> BlockSet {
        match self {
            Record::Incident(record) => record.blocks.told(),
            Record::Crime(record) => record.blocks.told(),
            Record::Heartbeat(_) | Record::Decision(_) => BlockSet::NONE,
        }
    }
}

impl Serialize for Record {
    fn serialize<S: serde::Serializer>(&self, into: S) -> Result<S::Ok, S::Error> {
        match self {
            Record::Incident(record) => record.serialize(into),
            Record::Crime(record) => record.serialize(into),
            Record::Heartbeat(record) => record.serialize(into),
            Record::Decision(record) => record.serialize(into),
        }
    }
}
