//! What was set aside: its bytes unchanged, where it stood, why, and what to do. Start at
//! [`Quarantined`].

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use crate::domain::{Glimpse, Problem, Reason, Refusal};

/// One record that was set aside, as it is written out.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Quarantined {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
    /// The offset of its first byte.
    pub offset: u64,
    /// Where it was refused: read, form or version.
    pub stage: &'static str,
    /// Why, in the order of the contract's fields.
    pub reason: Reason,
    /// Each problem: field, expected, found (masked), advice.
    pub problems: Vec<Problem>,
    /// What of its head could be read.
    pub head: Glimpse,
    /// Its bytes, where they are text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Its bytes in base64, where they are no text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base64: Option<String>,
}

/// Where a record stood.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The file.
    pub file: &'a str,
    /// The line.
    pub line: u64,
    /// The offset.
    pub offset: u64,
}

impl Quarantined {
    /// A record that was refused, with its bytes.
    pub fn of(
        place: Place<'_>,
        stage: &'static str,
        refusal: Refusal,
        bytes: &[u8],
    ) -> Quarantined {
        let (text, base64) = match std::str::from_utf8(bytes) {
            Ok(text) => (Some(text.to_owned()), None),
            Err(_) => (None, Some(STANDARD.encode(bytes))),
        };
        Quarantined {
            file: place.file.to_owned(),
            line: place.line,
            offset: place.offset,
            stage,
            reason: refusal.reason,
            problems: refusal.problems,
            head: refusal.head,
            text,
            base64,
        }
    }
}
