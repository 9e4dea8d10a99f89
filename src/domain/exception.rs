//! What is published when a verdict is a breach: the exception, its states, and the proof it rests
//! on. Its life is decided in `validation`. Start at [`Exception`].

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::instant::{Instant, LondonDay};
use super::judgement::{Finding, Stratum};
use super::moment::Moment;
use super::names::{ForceCode, RecordKind, Reference, Word};
use super::shape::symbols;

symbols! {
    /// How an exception stands.
    State {
        /// Not yet a breach, and soon due.
        DueSoon = "due_soon",
        /// A breach that is open.
        Raised = "raised",
        /// A breach that was made good late.
        Remedied = "remedied",
        /// A breach that a person decided to live with for a time.
        Waived = "waived",
        /// The duty was done, late or from due soon.
        Met = "met",
        /// A cited exemption permits it.
        Excused = "excused",
        /// It is no breach after all.
        Withdrawn = "withdrawn",
        /// The record is gone, or the rule retired.
        Superseded = "superseded",
    }
    /// Why an exception was withdrawn.
    Because {
        /// The duty had been done in time.
        MetInTime = "met_in_time",
        /// The duty is not due after all.
        Pending = "pending",
        /// The duty does not arise.
        NotApplicable = "not_applicable",
        /// It is worth a look and no breach.
        Advisory = "advisory",
        /// A fact that decides is no longer told.
        Undecidable = "undecidable",
        /// The record no longer names the obligation.
        Gone = "gone",
    }
    /// What a verdict by absence rests on.
    ProofKind {
        /// The feeds said that they have sent everything.
        Stated = "stated",
        /// A feed's declared publication lag says so.
        Declared = "declared",
        /// Something was set aside unread, or a feed broke its promise.
        Impaired = "impaired",
    }
}

impl State {
    /// True while somebody has to act or to know.
    pub const fn is_open(self) -> bool {
        matches!(
            self,
            State::DueSoon | State::Raised | State::Remedied | State::Waived
        )
    }
}

/// One revision of an exception, as it is published.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Exception {
    /// Made from force, record, reference, rule and obligation: the same for ever.
    pub id: Uuid,
    /// 1, 2, …: rises with every change.
    pub revision: u32,
    /// The force.
    pub force: ForceCode,
    /// The kind of record.
    pub record: RecordKind,
    /// The record's reference.
    pub reference: Reference,
    /// The rule.
    pub rule: &'static str,
    /// The duty.
    pub obligation: Word,
    /// How it stands.
    pub state: State,
    /// How grave it is.
    pub severity: &'static str,
    /// The duty that was not done.
    pub title: &'static str,
    /// Why it is a breach.
    pub finding: Option<FindingText>,
    /// What is missing to decide, where it can no longer be told.
    pub missing: Vec<String>,
    /// By when it was due.
    pub due: Option<DueAt>,
    /// How late it was done, in whole seconds.
    pub late_by_seconds: Option<i64>,
    /// When it was made good.
    pub remedied_at: Option<Moment>,
    /// The text that sets the duty.
    pub citation: CitationText,
    /// Fingerprint of the code, the reference data and the profile.
    pub ruleset: String,
    /// The profile.
    pub profile: String,
    /// What it rests on.
    pub proof: ProofKind,
    /// The unit that owns the record.
    pub owning_unit: Option<Word>,
    /// The offence group.
    pub offence_group: Option<String>,
    /// True if it concerns domestic abuse.
    pub domestic_abuse: Option<bool>,
    /// Why it was withdrawn.
    pub because: Option<Because>,
    /// True if it was closed before.
    pub reopened: bool,
    /// The exception of the rule that owns the failure.
    pub cause: Option<Uuid>,
    /// Where in the journal it was made; no part of its content.
    pub provenance: Provenance,
}

/// An instant as it is published: RFC 3339 in London.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct DueAt(pub Instant);

impl Serialize for DueAt {
    fn serialize<S: serde::Serializer>(&self, into: S) -> Result<S::Ok, S::Error> {
        into.collect_str(&self.0)
    }
}

/// A finding with its text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct FindingText {
    /// Code and facts.
    #[serde(flatten)]
    pub finding: Finding,
    /// The text of the code.
    pub text: &'static str,
}

/// The text that sets a duty.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct CitationText {
    /// Its title.
    pub source: String,
    /// Its edition.
    pub edition: Option<String>,
    /// Page, section or heading.
    pub place: &'static str,
}

/// Where an exception was made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Provenance {
    /// The partition of the journal.
    pub partition: i32,
    /// The position in it.
    pub position: u64,
    /// The frontier of the rule then.
    pub frontier: DueAt,
}

/// The namespace of exception ids: chosen once, never changed.
const NAMESPACE: Uuid = Uuid::from_u128(0x7472_7565_636f_756e_7421_2065_7863_6570);

/// The id of the exception on one obligation.
pub fn exception_id(
    force: &ForceCode,
    record: RecordKind,
    reference: &Reference,
    rule: &str,
    obligation: &Word,
) -> Uuid {
    let parts = [
        force.as_str(),
        record.as_str(),
        reference.as_str(),
        rule,
        obligation.as_str(),
    ];
    Uuid::new_v5(&NAMESPACE, parts.join("\u{1f}").as_bytes())
}

/// How many obligations of one rule stand how, in one month and one part of a measure.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Done.
    pub met: u64,
    /// Not done, or done late.
    pub breach: u64,
    /// Of the breaches: done late.
    pub remedied: u64,
    /// Of the breaches: lived with by a decision.
    pub waived: u64,
    /// Permitted by a cited exemption.
    pub excused: u64,
    /// Worth a look.
    pub advisory: u64,
    /// Cannot be told.
    pub undecidable: u64,
    /// Not due, or not proved.
    pub pending: u64,
    /// The duty does not arise.
    pub not_applicable: u64,
}

impl Tally {
    /// The obligations that decide the rate.
    pub const fn judged(&self) -> u64 {
        self.met + self.breach
    }

    /// The rate of duties done, where any was decided.
    pub fn rate(&self) -> Option<f64> {
        (self.judged() > 0).then(|| self.met as f64 / self.judged() as f64)
    }

    /// This tally and another together.
    #[must_use]
    pub const fn plus(self, other: Tally) -> Tally {
        Tally {
            met: self.met + other.met,
            breach: self.breach + other.breach,
            remedied: self.remedied + other.remedied,
            waived: self.waived + other.waived,
            excused: self.excused + other.excused,
            advisory: self.advisory + other.advisory,
            undecidable: self.undecidable + other.undecidable,
            pending: self.pending + other.pending,
            not_applicable: self.not_applicable + other.not_applicable,
        }
    }
}

/// One published number about recording.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Measure {
    /// The force.
    pub force: ForceCode,
    /// The rule that makes it.
    pub measure: &'static str,
    /// The London calendar month it speaks of; `None` where no date is told.
    pub period: Option<Period>,
    /// The part of the measure.
    pub stratum: Option<Stratum>,
    /// How many stand how.
    pub counts: Tally,
    /// Always a census: every record is judged.
    pub design: &'static str,
    /// Done of all decided.
    pub rate: Option<f64>,
    /// Through when the feeds are proved.
    pub frontier: Option<DueAt>,
    /// Fingerprint of the code, the reference data and the profile.
    pub ruleset: String,
}

/// A span of London days; both ends belong to it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Period {
    /// Its first day.
    pub from: LondonDay,
    /// Its last day.
    pub to: LondonDay,
}
