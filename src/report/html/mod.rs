//! The page that a force crime registrar takes to a meeting: what must be fixed first, which rules
//! fail most, what cannot be told and why, and what to do next. One file without scripts and
//! without anything fetched; a table stands behind every chart. A function of what it is handed:
//! the same run gives the same bytes. Start at [`report`].

mod answer;
mod charts;
mod facts;
mod page;
mod partial;
mod sections;
pub(crate) mod tables;
pub(crate) mod words;

use std::collections::BTreeMap;

use crate::domain::Instant;
use crate::domain::exception::Exception;
use crate::validation::Validation;

/// The style of every page that people read.
pub(crate) const STYLE: &str = include_str!("report.css");

/// What a run hands over to be shown.
pub struct ReportInput<'a> {
    /// What is held and judged.
    pub validation: &'a Validation,
    /// The newest revision of every exception, in any order.
    pub exceptions: Vec<&'a Exception>,
    /// The time of judging, where one was given.
    pub as_at: Option<Instant>,
    /// What became of the records that were read.
    pub reading: Reading<'a>,
}

/// What became of the records that were read.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    /// Records read.
    pub read: u64,
    /// Changed a snapshot.
    pub applied: u64,
    /// Older than the snapshot.
    pub ledger_only: u64,
    /// Known already.
    pub duplicate: u64,
    /// Set aside unread.
    pub quarantined: u64,
    /// Heartbeats, decisions, and rows that a mapping leaves out by name.
    pub control: u64,
    /// Read and not accounted for.
    pub off: i64,
    /// Records set aside unread, by reason.
    pub by_reason: &'a BTreeMap<String, u64>,
    /// Rows that a mapping leaves out, by the name it gives them.
    pub left_out: &'a BTreeMap<String, u64>,
    /// Words that no list has, by path and value.
    pub unread: &'a BTreeMap<String, u64>,
    /// Fields that the contract does not have, by path.
    pub unknown_fields: &'a BTreeMap<String, u64>,
    /// What the people who run the feeds have to know.
    pub alarms: &'a BTreeMap<String, u64>,
}

/// The report as one HTML document.
pub fn report(input: &ReportInput<'_>) -> String {
    let facts = facts::Facts::of(input);
    page::page(&facts).into_string()
}
