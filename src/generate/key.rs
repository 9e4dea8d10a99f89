//! The key: what was planted where, and how it must be found. Made from what the planter did, never
//! from a judgement. Start at [`Planted`].

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::exception::DueAt;
use crate::domain::names::{ForceCode, RecordKind, Reference, Word};
use crate::domain::{Elapsed, Instant};

/// One planted breach, in the shape of a line of judgements.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Planted {
    /// The force.
    pub force: ForceCode,
    /// The kind of record.
    pub record: RecordKind,
    /// The record.
    pub reference: Reference,
    /// The rule that must find it.
    pub rule: &'static str,
    /// The duty.
    pub obligation: Word,
    /// Always a breach.
    pub verdict: &'static str,
    /// By when it was due.
    pub due: Option<DueAt>,
    /// How late it was done, in whole seconds.
    pub late_by_seconds: Option<i64>,
    /// True if it was made good.
    pub remedied: bool,
}

/// How a duty is failed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Failing {
    /// Due, and never done.
    Open(Instant),
    /// Due, and done late by a number of seconds.
    Late(Instant, Instant),
    /// Due without an hour, and made good afterwards.
    MadeGood(Instant),
    /// Wrong from the start; put right or not.
    Wrong { remedied: bool },
}

impl Failing {
    /// By when it was due.
    pub(super) const fn due(self) -> Option<Instant> {
        match self {
            Failing::Open(due) | Failing::Late(due, _) | Failing::MadeGood(due) => Some(due),
            Failing::Wrong { .. } => None,
        }
    }

    /// How late it was done.
    pub(super) fn late(self) -> Option<i64> {
        match self {
            Failing::Late(due, done) => Some(Elapsed::whole_seconds(done.since(due))),
            _ => None,
        }
    }

    /// True if it was made good.
    pub(super) const fn remedied(self) -> bool {
        !matches!(self, Failing::Open(_) | Failing::Wrong { remedied: false })
    }
}

/// How much was planted, by rule and kind.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Tallies {
    /// Lines of the key, by rule: one mistake may break two rules.
    pub breaches: BTreeMap<&'static str, u64>,
    /// Mistakes planted, by the rule they are aimed at and by kind.
    pub defects: BTreeMap<&'static str, BTreeMap<&'static str, u64>>,
    /// What only looks like one, by the rule that must not be misled and by kind.
    pub near_misses: BTreeMap<&'static str, BTreeMap<&'static str, u64>>,
}
