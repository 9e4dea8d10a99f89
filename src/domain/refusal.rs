//! Why a record is set aside: a closed list of reasons, and for each problem the field, what was
//! expected, what was found (masked) and what a person can do. Says nothing of substance: a code
//! that is not current is a verdict, not a refusal. Holds no text of a record. Start at [`Refusal`].

use std::fmt;

use serde::{Deserialize, Serialize};

use super::names::{ForceCode, RecordKind, Reference, Source};
use super::records::Head;
use super::shape::symbols;

symbols! {
    /// Why a record is set aside.
    Reason {
        /// The bytes are not one JSON object.
        UnreadableJson = "unreadable_json",
        /// The bytes are not what their Avro schema says.
        UnreadableAvro = "unreadable_avro",
        /// The row of a table cannot be split into its columns.
        UnreadableRow = "unreadable_row",
        /// The bytes are not UTF-8.
        NotUtf8 = "not_utf8",
        /// Objects and lists lie too deep in each other.
        TooDeep = "too_deep",
        /// The record is larger than records may be.
        Oversize = "oversize",
        /// One object names a field twice.
        DuplicateKey = "duplicate_key",
        /// A field has a value of another kind.
        WrongType = "wrong_type",
        /// A number is outside what the field can mean.
        OutOfRange = "out_of_range",
        /// A name that has to say something is empty.
        EmptyName = "empty_name",
        /// A field without which no record can be read is absent.
        MissingField = "missing_field",
        /// A word that the field's list does not have, where the record cannot be read without it.
        UnknownSymbol = "unknown_symbol",
        /// A text that is not a moment.
        UnreadableMoment = "unreadable_moment",
        /// A local time that exists twice.
        AmbiguousLocalTime = "ambiguous_local_time",
        /// A local time that does not exist.
        ImpossibleLocalTime = "impossible_local_time",
        /// An id that a list has twice.
        DuplicateId = "duplicate_id",
        /// A block that another feed owns.
        BlockNotOwned = "block_not_owned",
        /// Other content under a version that is already known.
        VersionConflict = "version_conflict",
        /// A heartbeat that promises what has not been yet.
        HeartbeatFromFuture = "heartbeat_from_future",
        /// A record committed later than it arrived.
        CommittedInFuture = "committed_in_future",
        /// A waiver without role, reason or expiry.
        IncompleteWaiver = "incomplete_waiver",
        /// A force that no table has.
        UnknownForce = "unknown_force",
        /// A feed that nobody declared.
        UnknownFeed = "unknown_feed",
        /// A schema that the registry does not have.
        UnknownSchema = "unknown_schema",
        /// A tombstone whose key names no thing.
        UnmappedKey = "unmapped_key",
        /// The envelope says one thing and the head another.
        EnvelopeMismatch = "envelope_mismatch",
    }
}

impl Reason {
    /// What a person can do about it.
    pub const fn advice(self) -> &'static str {
        match self {
            Reason::UnreadableJson => "send one complete JSON object per line or message",
            Reason::UnreadableAvro => "send bytes written with the schema that the message names",
            Reason::UnreadableRow => "quote columns that hold separators or line ends",
            Reason::NotUtf8 => "send UTF-8, or name the encoding in the mapping",
            Reason::TooDeep => "send no more levels than the contract has",
            Reason::Oversize => "send one thing per record, or raise max_record_bytes",
            Reason::DuplicateKey => "send each field of an object once",
            Reason::WrongType => "correct the type of the field in the adapter or the mapping",
            Reason::OutOfRange => "correct the number in the adapter or the mapping",
            Reason::EmptyName => "send the name, or leave the record out",
            Reason::MissingField => "send the field in every record",
            Reason::UnknownSymbol => "map the system's word to one of the contract's words",
            Reason::UnreadableMoment => {
                "send RFC 3339 with its offset, a day or a month, or name the format in the mapping"
            }
            Reason::AmbiguousLocalTime => {
                "send the offset, or say in the mapping which of the two hours is meant"
            }
            Reason::ImpossibleLocalTime => {
                "send the offset, or say in the mapping how to read an hour that the clock skipped"
            }
            Reason::DuplicateId => "build the ids from columns that tell the entries apart",
            Reason::BlockNotOwned => {
                "leave the block null, or change its owner in the configuration"
            }
            Reason::VersionConflict => "raise the version with every change of the thing",
            Reason::HeartbeatFromFuture => "send the time through which all changes were published",
            Reason::CommittedInFuture => "check the clock and the time zone of the source system",
            Reason::IncompleteWaiver => {
                "send by.role, reason_code and expires_at with every waiver"
            }
            Reason::UnknownForce => "use a code of the forces table",
            Reason::UnknownFeed => "declare the feed in the configuration, or correct its name",
            Reason::UnknownSchema => "register the schema, or point to the registry that has it",
            Reason::UnmappedKey => "say in the configuration how a key names its thing",
            Reason::EnvelopeMismatch => "let the envelope's attributes repeat the head",
        }
    }
}

/// Why a record is set aside, with everything that is wrong with it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, thiserror::Error)]
pub struct Refusal {
    /// The first reason, in the order of the contract's fields.
    pub reason: Reason,
    /// Each thing that is wrong.
    pub problems: Vec<Problem>,
    /// What of the head could be read, so that the feed's claim can be held.
    pub head: Glimpse,
}

impl Refusal {
    /// A refusal for one problem.
    pub fn one(reason: Reason, problem: Problem, head: Glimpse) -> Refusal {
        Refusal {
            reason,
            problems: vec![problem],
            head,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.reason)?;
        for problem in &self.problems {
            write!(out, "; {problem}")?;
        }
        Ok(())
    }
}

/// One thing that is wrong with a record, in words a person can act on.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Problem {
    /// The path of the field, without index; empty for the record as a whole.
    pub field: String,
    /// What the contract has there.
    pub expected: String,
    /// What is there, masked: never a text of the record.
    pub found: String,
    /// What to do.
    pub advice: String,
}

impl Problem {
    /// A problem with the usual advice for its reason.
    pub fn of(
        reason: Reason,
        field: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Problem {
        Problem {
            field: field.into(),
            expected: expected.into(),
            found: found.into(),
            advice: reason.advice().to_owned(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.field.is_empty() {
            write!(out, "{}: ", self.field)?;
        }
        let Problem {
            expected,
            found,
            advice,
            ..
        } = self;
        write!(out, "expected {expected}, found {found} ({advice})")
    }
}

/// What of a head could be read though the record could not.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Glimpse {
    /// Which schema it follows.
    pub record: Option<RecordKind>,
    /// The force.
    pub force: Option<ForceCode>,
    /// The feed.
    pub source: Option<Source>,
    /// The thing's reference.
    pub reference: Option<Reference>,
    /// The version.
    pub version: Option<i64>,
}

impl From<&Head> for Glimpse {
    fn from(head: &Head) -> Glimpse {
        Glimpse {
            record: Some(head.record),
            force: Some(head.force.clone()),
            source: Some(head.source.clone()),
            reference: Some(head.reference.clone()),
            version: head.version,
        }
    }
}

/// A text as its class: how long it is, and nothing of what it says.
pub fn class_of(text: &str) -> String {
    format!("a text of {} characters", text.chars().count())
}

/// A word where a code was expected: as it stands if it is short and looks like a code, else its
/// class.
pub fn code_or_class(text: &str) -> String {
    const LONGEST_CODE: usize = 24;
    if looks_like_code(text, LONGEST_CODE) {
        format!("`{text}`")
    } else {
        class_of(text)
    }
}

/// True for a word of letters, digits and `_ / -`, no longer than `longest`.
pub fn looks_like_code(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_/-".contains(&byte))
}

/// A text where a moment was expected, as a pattern: `99/99/9999 99:99`.
pub fn pattern_of(text: &str) -> String {
    const LONGEST_PATTERN: usize = 32;
    if text.chars().count() > LONGEST_PATTERN || text.is_empty() {
        return class_of(text);
    }
    let pattern: String = text
        .chars()
        .map(|mark| match mark {
            mark if mark.is_numeric() => '9',
            mark if mark.is_alphabetic() => 'a',
            mark if mark.is_ascii_graphic() || mark == ' ' => mark,
            _ => '?',
        })
        .collect();
    format!("a text like `{pattern}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_shown_and_a_text_is_not() {
        assert_eq!(code_or_class("carrier_pigeon"), "`carrier_pigeon`");
        assert_eq!(code_or_class("rang the bell"), "a text of 13 characters");
        assert_eq!(code_or_class(""), "a text of 0 characters");
        assert_eq!(code_or_class(&"a".repeat(25)), "a text of 25 characters");
    }

    #[test]
    fn a_moment_that_cannot_be_read_is_shown_as_its_pattern() {
        assert_eq!(
            pattern_of("31/01/1990 9:05"),
            "a text like `99/99/9999 9:99`"
        );
        assert_eq!(pattern_of("vor Ort"), "a text like `aaa aaa`");
        assert_eq!(pattern_of(""), "a text of 0 characters");
    }

    #[test]
    fn every_reason_has_its_own_advice() {
        let words = match <Reason as crate::domain::shape::Shaped>::SHAPE {
            crate::domain::shape::Shape::Symbol(symbols) => symbols.words,
            shape => panic!("a reason is a symbol, not {shape:?}"),
        };
        let mut advice: Vec<_> = words
            .iter()
            .map(|word| {
                let reason: Reason = serde_json::from_value((*word).into()).expect("its own word");
                reason.advice()
            })
            .collect();
        advice.sort_unstable();
        advice.dedup();
        assert_eq!(advice.len(), words.len());
    }
}
