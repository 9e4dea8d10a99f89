//! One revision of an exception as its readers find it in a topic or in a file: the fields that
//! decide who is told, and those that a person reads. Fields it does not know pass. Start at
//! [`Revision::read`].

use serde::{Deserialize, Deserializer, Serialize, de};
use uuid::Uuid;

use crate::domain::exception::{ProofKind, State};
use crate::domain::{ForceCode, Instant, Moment, Reference, Word};

/// How grave an exception is, the gravest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// At once.
    Critical,
    /// Today.
    High,
    /// This week.
    Medium,
    /// When there is time.
    Low,
}

impl Severity {
    /// All of them, by the words of the contract.
    pub const EVERY: [(&'static str, Severity); 4] = [
        ("critical", Severity::Critical),
        ("high", Severity::High),
        ("medium", Severity::Medium),
        ("low", Severity::Low),
    ];

    /// The word of the contract.
    pub const fn as_str(self) -> &'static str {
        Severity::EVERY[self as usize].0
    }
}

/// One revision of an exception.
#[derive(Clone, PartialEq, Debug, Deserialize)]
pub struct Revision {
    /// The same for every revision.
    pub id: Uuid,
    /// Rises by one with every change.
    pub revision: u32,
    /// The force.
    pub force: ForceCode,
    /// By what people find the record.
    pub reference: Reference,
    /// The rule.
    pub rule: Word,
    /// The duty it speaks of.
    pub obligation: Word,
    /// How it stands.
    pub state: State,
    /// How grave it is.
    pub severity: Severity,
    /// The duty that was not done.
    pub title: Box<str>,
    /// Why it is a breach.
    #[serde(default)]
    pub finding: Option<Reason>,
    /// What is missing to decide.
    #[serde(default)]
    pub missing: Box<[Word]>,
    /// By when it had to be done.
    #[serde(default, deserialize_with = "instant")]
    pub due: Option<Instant>,
    /// The text that sets the duty.
    pub citation: Citation,
    /// What it rests on.
    pub proof: ProofKind,
    /// The unit that owns the record.
    #[serde(default)]
    pub owning_unit: Option<Word>,
    /// The offence group.
    #[serde(default)]
    pub offence_group: Option<Word>,
    /// True if it concerns domestic abuse.
    #[serde(default)]
    pub domestic_abuse: Option<bool>,
    /// The exception of the rule that owns the failure.
    #[serde(default)]
    pub cause: Option<Uuid>,
}

/// Why a verdict is a breach.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Reason {
    /// In a sentence.
    pub text: Box<str>,
}

/// The text that sets a duty.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Citation {
    /// Its title.
    pub source: Box<str>,
    /// Page, section or heading.
    pub place: Box<str>,
}

/// Why bytes are no revision of an exception. Names the field, never what stands in it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "is no revision of an exception: line {line}, column {column}; is the topic the right one?"
)]
pub struct Unreadable {
    line: usize,
    /// Where in its bytes.
    pub column: usize,
}

impl Revision {
    /// Reads one from JSON.
    pub fn read(bytes: &[u8]) -> Result<Revision, Unreadable> {
        serde_json::from_slice(bytes).map_err(|fault| Unreadable {
            line: fault.line(),
            column: fault.column(),
        })
    }

    /// What failed: exceptions that share it are told as one line.
    pub fn failure(&self) -> Uuid {
        self.cause.unwrap_or(self.id)
    }

    /// True while somebody can still act: it is due soon, or it is a breach that nobody made good.
    pub const fn is_pressing(&self) -> bool {
        matches!(self.state, State::DueSoon | State::Raised)
    }
}

fn instant<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Instant>, D::Error> {
    let text = Option::<Box<str>>::deserialize(from)?;
    let moment = text.map(|text| Moment::parse(&text)).transpose();
    let moment = moment.map_err(|fault| de::Error::custom(fault.to_string()))?;
    Ok(moment.map(|moment| moment.earliest()))
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// An exception of the unit west, raised, with something said otherwise.
    pub(in crate::alerting) fn told(number: u128, revision: u32, more: Value) -> Revision {
        Revision::read(&bytes(number, revision, more)).expect("it is an exception")
    }

    /// The same as bytes.
    pub(in crate::alerting) fn bytes(number: u128, revision: u32, more: Value) -> Vec<u8> {
        let mut whole = json!({
            "id": Uuid::from_u128(number), "revision": revision, "force": "kent", "record": "crime",
            "reference": format!("KT/26/{number:06}"), "rule": "REC-030", "obligation": "d1",
            "state": "raised", "severity": "critical", "title": "Recorded within 24 hours",
            "finding": {"code": "late", "facts": [], "text": "It was recorded late."}, "missing": [],
            "due": "2026-04-02T09:04:00+01:00", "late_by_seconds": null,
            "citation": {"source": "Counting rules", "edition": "2026-27", "place": "2.1"},
            "proof": "stated", "owning_unit": "west", "offence_group": "violence",
            "domestic_abuse": false, "reopened": false, "cause": null, "a_new_field": [1, 2],
        });
        let fields = whole.as_object_mut().expect("it is an object");
        fields.extend(more.as_object().expect("fields").clone());
        whole.to_string().into_bytes()
    }

    #[test]
    fn a_revision_is_read_and_unknown_fields_pass() {
        let read = told(7, 3, json!({"missing": ["core.recorded_at"]}));
        assert_eq!((read.revision, read.state), (3, State::Raised));
        assert_eq!(
            read.due.expect("it has one").to_string(),
            "2026-04-02T09:04:00+01:00"
        );
        assert_eq!(
            (read.failure(), &*read.missing[0].to_string()),
            (read.id, "core.recorded_at")
        );
        let follows = told(8, 1, json!({"cause": Uuid::from_u128(7)}));
        assert_eq!(follows.failure(), read.id);
    }

    #[test]
    fn what_cannot_be_read_says_where_and_repeats_nothing() {
        let text = br#"{"id": "CANARY"}"#;
        let says = Revision::read(text).expect_err("it is none").to_string();
        assert!(
            says.contains("line 1, column") && !says.contains("CANARY"),
            "{says}"
        );
        assert!(Revision::read(&bytes(1, 1, json!({"due": "soon"}))).is_err());
    }
}
