//! One failure is one line: exceptions that share a cause are told together, with how many there are,
//! under the one whose rule owns the failure. What is due soon comes first, then what is overdue.
//! Start at [`lines`].

use std::collections::BTreeMap;

use serde::Serialize;
use uuid::Uuid;

use super::revision::{Revision, Severity};
use crate::domain::exception::{ProofKind, State};
use crate::domain::{ForceCode, Instant, Reference, Word};

/// Exceptions that say one thing.
#[derive(Clone, PartialEq, Debug)]
pub struct Failure<'a> {
    /// The one that speaks for them: of the rule that owns the failure, if it is among them.
    pub head: &'a Revision,
    /// How many there are.
    pub exceptions: usize,
    /// How the most pressing of them stands.
    pub state: State,
    /// The earliest time by which something has to be done, of those that press.
    pub due: Option<Instant>,
}

/// What people read of a failure.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Line {
    /// How it stands.
    pub state: State,
    /// How grave it is.
    pub severity: Severity,
    /// By when it has to be done, or had to.
    #[serde(serialize_with = "written")]
    pub due: Option<Instant>,
    /// The force.
    pub force: ForceCode,
    /// By what people find the record.
    pub reference: Reference,
    /// The rule.
    pub rule: Word,
    /// The duty.
    pub title: Box<str>,
    /// Why it is a breach, where it is one.
    pub reason: Option<Box<str>>,
    /// The text that sets the duty, and where in it.
    pub paragraph: String,
    /// What is missing.
    pub missing: Box<[Word]>,
    /// What it rests on.
    pub proof: ProofKind,
    /// How many exceptions this failure has opened.
    pub exceptions: usize,
    /// The exception that speaks for them.
    pub id: Uuid,
}

/// The failures that these exceptions speak of, the most pressing first.
pub fn failures<'a>(of: impl Iterator<Item = &'a Revision>) -> Vec<Failure<'a>> {
    let mut groups: BTreeMap<Uuid, Vec<&Revision>> = BTreeMap::new();
    for revision in of {
        groups.entry(revision.failure()).or_default().push(revision);
    }
    let mut failures: Vec<Failure<'_>> = groups
        .into_iter()
        .map(|(owner, group)| failure(owner, &group))
        .collect();
    failures.sort_by_key(|failure| {
        let due = failure.due.unwrap_or(Instant::END);
        let head = failure.head;
        (
            urgency(failure.state),
            due,
            head.severity,
            head.rule.clone(),
            head.id,
        )
    });
    failures
}

fn failure<'a>(owner: Uuid, group: &[&'a Revision]) -> Failure<'a> {
    let ranked = |revision: &&&'a Revision| {
        let is_owner = revision.id == owner;
        (
            !is_owner,
            urgency(revision.state),
            revision.severity,
            revision.id,
        )
    };
    let head = group.iter().min_by_key(ranked);
    let head = head.expect("a group begins with its first exception");
    let pressing = group.iter().filter(|revision| revision.is_pressing());
    // A breach weighs more than what is not one yet, though it stands further down.
    let state = if group.iter().any(|one| one.state == State::Raised) {
        State::Raised
    } else {
        let states = group.iter().map(|revision| revision.state);
        states
            .min_by_key(|state| urgency(*state))
            .unwrap_or(head.state)
    };
    Failure {
        head,
        exceptions: group.len(),
        state,
        due: pressing
            .filter_map(|revision| revision.due)
            .min()
            .or(head.due),
    }
}

/// Where a state stands in a list.
const fn urgency(state: State) -> u8 {
    match state {
        State::DueSoon => 0,
        State::Raised => 1,
        State::Remedied => 2,
        State::Waived => 3,
        _ => 4,
    }
}

/// What people read of these exceptions, the most pressing first.
pub fn lines<'a>(of: impl Iterator<Item = &'a Revision>) -> Vec<Line> {
    failures(of).iter().map(line).collect()
}

/// What people read of a failure.
pub fn line(failure: &Failure<'_>) -> Line {
    let head = failure.head;
    Line {
        state: failure.state,
        severity: head.severity,
        due: failure.due,
        force: head.force.clone(),
        reference: head.reference.clone(),
        rule: head.rule.clone(),
        title: head.title.clone(),
        reason: head.finding.as_ref().map(|finding| finding.text.clone()),
        paragraph: format!("{}, {}", head.citation.source, head.citation.place),
        missing: head.missing.clone(),
        proof: head.proof,
        exceptions: failure.exceptions,
        id: head.id,
    }
}

pub(super) fn written<S: serde::Serializer>(
    at: &Option<Instant>,
    into: S,
) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => into.collect_str(at),
        None => into.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::revision::tests::told;
    use super::*;

    #[test]
    fn exceptions_of_one_cause_are_one_line_under_the_rule_that_owns_it() {
        let cause = json!({"cause": Uuid::from_u128(1), "rule": "REC-031", "severity": "critical",
                           "due": "2026-04-01T08:00:00+01:00"});
        let of = [
            told(2, 1, cause.clone()),
            told(1, 1, json!({"severity": "low"})),
            told(3, 1, cause),
            told(4, 1, json!({"state": "remedied"})),
        ];
        let found = failures(of.iter());
        assert_eq!(found.len(), 2);
        assert_eq!(
            (found[0].head.id, found[0].exceptions),
            (Uuid::from_u128(1), 3)
        );
        let due = found[0].due.expect("the earliest of them");
        assert_eq!(due.to_string(), "2026-04-01T08:00:00+01:00");
        // The owner is closed, or of another unit: one of them speaks.
        let without = failures([&of[0], &of[2]].into_iter());
        assert_eq!(
            (without[0].head.id, without[0].exceptions),
            (Uuid::from_u128(2), 2)
        );
    }

    #[test]
    fn what_is_due_soon_comes_first_then_what_is_overdue_longest() {
        let at = |state: &str, due: &str| json!({"state": state, "due": due});
        let of = [
            told(1, 1, at("waived", "2026-04-01T09:00:00Z")),
            told(2, 1, at("raised", "2026-04-01T10:00:00Z")),
            told(3, 1, at("due_soon", "2026-04-02T12:00:00Z")),
            told(4, 1, at("raised", "2026-04-01T09:00:00Z")),
            told(5, 1, at("due_soon", "2026-04-02T11:00:00Z")),
            told(6, 1, at("remedied", "2026-04-01T09:00:00Z")),
        ];
        let order: Vec<u128> = lines(of.iter())
            .iter()
            .map(|line| line.id.as_u128())
            .collect();
        assert_eq!(order, [5, 3, 4, 2, 6, 1]);
    }

    #[test]
    fn a_breach_among_what_is_due_soon_makes_the_line_a_breach() {
        let cause = json!({"cause": Uuid::from_u128(1), "state": "raised"});
        let of = [told(1, 1, json!({"state": "due_soon"})), told(2, 1, cause)];
        let line = &lines(of.iter())[0];
        assert_eq!((line.state, line.id), (State::Raised, Uuid::from_u128(1)));
        assert_eq!(line.paragraph, "Counting rules, 2.1");
        assert_eq!(line.reason.as_deref(), Some("It was recorded late."));
    }
}
