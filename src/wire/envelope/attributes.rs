//! What a CloudEvents envelope says of a record, held against the record's head: where both speak
//! they agree, or one of the two is about another record. Start at [`Attributes::agree`].

use std::borrow::Cow;

use super::Envelope;
use crate::domain::records::{Head, Record};
use crate::domain::refusal::{code_or_class, pattern_of};
use crate::domain::{Glimpse, Moment, Problem, Reason, Refusal};

/// The attributes that repeat the head.
#[derive(Default)]
pub(super) struct Attributes<'a> {
    pub(super) kind: Option<Cow<'a, str>>,
    pub(super) source: Option<Cow<'a, str>>,
    pub(super) subject: Option<Cow<'a, str>>,
    pub(super) id: Option<Cow<'a, str>>,
    pub(super) time: Option<Cow<'a, str>>,
}

impl<'a> Attributes<'a> {
    /// The attributes that stand in headers; none without the header that makes them an envelope.
    pub(super) fn of_headers(envelope: &Envelope<'a>) -> Attributes<'a> {
        if envelope.headers.is_empty() || envelope.header("ce_specversion").is_none() {
            return Attributes::default();
        }
        let text = |name| envelope.header(name).map(String::from_utf8_lossy);
        Attributes {
            kind: text("ce_type"),
            source: text("ce_source"),
            subject: text("ce_subject"),
            id: text("ce_id"),
            time: text("ce_time"),
        }
    }

    /// Refuses a record whose head says something else.
    pub(super) fn agree(&self, record: &Record) -> Result<(), Refusal> {
        let head = record.head();
        let kind = format!("uk.truecount.{}.v1", head.record);
        let id = head
            .version
            .map(|version| format!("{}/{version}", head.reference));
        let mut problems = Vec::new();
        for (name, said, head_says) in [
            ("type", &self.kind, Some(kind.as_str())),
            ("source", &self.source, Some(head.source.as_str())),
            ("subject", &self.subject, Some(head.reference.as_str())),
            ("id", &self.id, id.as_deref()),
        ] {
            if let (Some(said), Some(head_says)) = (said, head_says)
                && said != head_says
            {
                problems.push(problem(name, head_says, code_or_class(said)));
            }
        }
        if let Some(time) = &self.time
            && !is_time_of(head, time)
        {
            let committed_at = head.committed_at.to_string();
            problems.push(problem("time", &committed_at, pattern_of(time)));
        }
        if problems.is_empty() {
            return Ok(());
        }
        Err(Refusal {
            reason: Reason::EnvelopeMismatch,
            problems,
            head: Glimpse::from(head),
        })
    }
}

/// True if the envelope's time is the moment of the commit; the head may know only its day.
fn is_time_of(head: &Head, time: &str) -> bool {
    let Ok(time) = Moment::parse(time) else {
        return false;
    };
    let (from, to) = (head.committed_at.earliest(), head.committed_at.latest());
    (from..=to).contains(&time.earliest())
}

fn problem(attribute: &str, head_says: &str, found: String) -> Problem {
    let expected = format!("`{head_says}`, as the head says");
    let field = format!("envelope.{attribute}");
    Problem::of(Reason::EnvelopeMismatch, field, expected, found)
}
