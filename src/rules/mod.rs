//! The catalogue: what is judged. One rule is one `.rs` (its card and one check), one `.md` (its
//! page, with scenarios that are run as tests) and one line in its family. A rule reads its case and
//! the library; it knows no other rule, no time of day, no bytes, and it cannot fail.
//! Start at [`Rule`], then at any page under `recording/`.

use serde::Serialize;

use crate::domain::names::RecordKind;
use crate::domain::records::{Block, BlockSet};
use crate::domain::{CrimeCase, Elapsed, IncidentCase, Judgement, LondonDay};
use crate::reference::Library;

pub mod incidents;
pub mod outcomes;
pub mod page;
pub mod recording;
pub mod victims;

/// Everything a rule says of itself, and the function that judges.
pub struct Rule {
    /// Its id, for ever: `REC-030`.
    pub id: &'static str,
    /// Its page.
    pub doc: &'static str,
    /// How grave a breach is.
    pub severity: Severity,
    /// How far structured fields decide it.
    pub grade: Grade,
    /// How sure its sources are.
    pub status: Status,
    /// What it offers.
    pub yields: Yields,
    /// The blocks that can change its verdict, at either end of a link.
    pub concerns: &'static [Block],
    /// Which moment's law applies.
    pub law_of: LawOf,
    /// From when its breaches are breaches.
    pub effective: Effective,
    /// How long before its due instant a person wants to know.
    pub lead: Elapsed,
    /// Its findings: code and text.
    pub findings: &'static [(&'static str, &'static str)],
    /// Its excuses: code and text.
    pub excuses: &'static [(&'static str, &'static str)],
    /// The texts it rests on; the first is the one an exception cites.
    pub sources: &'static [Citation],
    /// The rule that owns the failure which this one shows from another side.
    pub cause: Option<&'static str>,
    /// The function that judges.
    pub check: Check,
}

/// The function that judges, by the kind of case it sees.
#[derive(Clone, Copy)]
pub enum Check {
    /// Judges a crime.
    Crime(fn(&CrimeCase<'_>, &Library) -> Vec<Judgement>),
    /// Judges an incident.
    Incident(fn(&IncidentCase<'_>, &Library) -> Vec<Judgement>),
}

/// A text a rule rests on, and the place in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Citation {
    /// Its key in the list of sources.
    pub source: &'static str,
    /// Page, section or heading.
    pub place: &'static str,
}

/// How grave a breach is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A person's safety, or the record itself, is at stake.
    Critical,
    /// A right or a duty was missed.
    High,
    /// A standard was missed.
    Medium,
    /// A gap in the record.
    Low,
}

impl Severity {
    /// The word as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Severity::Critical => "critical",
            Severity::High => "high",
            Severity::Medium => "medium",
            Severity::Low => "low",
        }
    }
}

/// How far structured fields decide a rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Grade {
    /// From structured fields alone.
    A,
    /// Once a person has filled one field of judgement.
    B,
    /// An indicator for samples, never a finding.
    C,
}

/// How sure a rule's sources are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// Its text was read.
    Stable {
        /// Since when the rule is in the catalogue.
        since: LondonDay,
    },
    /// Something in it rests on an unverified source.
    Provisional {
        /// Since when the rule is in the catalogue.
        since: LondonDay,
        /// What is unverified.
        because: &'static str,
    },
    /// No longer judged; its page stays.
    Retired {
        /// Since when.
        since: LondonDay,
    },
}

/// What a rule offers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Yields {
    /// Exceptions and a measure.
    Exception,
    /// Advisories and a measure.
    Advisory,
    /// A measure only.
    Measure,
    /// A sample for an auditor.
    AuditSample,
}

/// Which moment's law applies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LawOf {
    /// When a disclosure was made.
    DisclosedAt,
    /// When the incident was closed.
    ClosedAt,
    /// When the rule's clock started.
    ClockStart,
    /// When the crime was recorded.
    RecordedAt,
    /// When the class was changed.
    ReclassifiedAt,
    /// When the crime was cancelled.
    CancelledAt,
    /// When the outcome was applied.
    AppliedAt,
    /// When the crime was reported.
    ReportedAt,
    /// When the incident was received.
    ReceivedAt,
}

impl LawOf {
    /// How a page says it.
    pub const fn as_str(self) -> &'static str {
        match self {
            LawOf::DisclosedAt => "the day of the disclosure",
            LawOf::ClosedAt => "the day of the closing",
            LawOf::ClockStart => "the day the clock started",
            LawOf::RecordedAt => "the day of recording",
            LawOf::ReclassifiedAt => "the day of the reclassification",
            LawOf::CancelledAt => "the day of the cancellation",
            LawOf::AppliedAt => "the day the outcome was applied",
            LawOf::ReportedAt => "the day of the report",
            LawOf::ReceivedAt => "the day of receipt",
        }
    }
}

/// From when a rule's breaches are breaches; before, they are advisory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effective {
    /// Its source has no window, or the rule's own table has the dates.
    Always,
    /// Its source says from when.
    From(LondonDay),
    /// Its source has no date: judged from the current edition on, unless the profile has a window.
    Undated,
}

impl Effective {
    /// The first day of the current edition, from which undated rules are judged.
    pub const CURRENT_EDITION: LondonDay = LondonDay::of(2026, 4, 1);

    /// The first day on which a breach is a breach, if there is one.
    pub const fn first_day(self) -> Option<LondonDay> {
        match self {
            Effective::Always => None,
            Effective::From(day) => Some(day),
            Effective::Undated => Some(Effective::CURRENT_EDITION),
        }
    }
}

impl Rule {
    /// Its title: the duty, which reads well after "Exception: not".
    pub fn title(&self) -> &'static str {
        let first = self.doc.lines().next().unwrap_or_default();
        first.trim_start_matches('#').trim()
    }

    /// The kind of record it judges.
    pub const fn judges(&self) -> RecordKind {
        match self.check {
            Check::Crime(_) => RecordKind::Crime,
            Check::Incident(_) => RecordKind::Incident,
        }
    }

    /// The blocks that can change its verdict, as a set.
    pub const fn concerned(&self) -> BlockSet {
        BlockSet::of(self.concerns)
    }

    /// The text of a finding of this rule.
    pub fn finding_text(&self, code: &str) -> &'static str {
        let found = self.findings.iter().find(|(own, _)| *own == code);
        found.map_or("", |(_, text)| text)
    }
}

/// Lists the rules of a family; the modules are declared beside it in plain lines, so that
/// `cargo fmt` reaches them.
macro_rules! catalogue {
    ($($(#[$doc:meta])* $module:ident),* $(,)?) => {
        /// The rules of this family, in the order of their ids.
        pub const RULES: &[&crate::rules::Rule] = &[$(&$module::RULE),*];

        /// The names of their files, in the same order, without ending.
        pub const STEMS: &[&str] = &[$(stringify!($module)),*];
    };
}
pub(crate) use catalogue;

/// The families: folder, rules, and the names of their files.
const FAMILIES: [(&str, &[&Rule], &[&str]); 4] = [
    ("recording", recording::RULES, recording::STEMS),
    ("outcomes", outcomes::RULES, outcomes::STEMS),
    ("victims", victims::RULES, victims::STEMS),
    ("incidents", incidents::RULES, incidents::STEMS),
];

/// Every rule, in the order of the catalogue.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    FAMILIES
        .into_iter()
        .flat_map(|(_, rules, _)| rules)
        .copied()
}

/// Where a rule's page stands in the tree of sources.
pub fn page_path(rule: &Rule) -> String {
    for (family, rules, stems) in FAMILIES {
        if let Some(at) = rules.iter().position(|own| own.id == rule.id) {
            return format!("src/rules/{family}/{}.md", stems[at]);
        }
    }
    String::new()
}

/// The rule of this id.
pub fn named(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id.eq_ignore_ascii_case(id))
}
