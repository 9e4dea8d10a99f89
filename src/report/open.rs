//! The exceptions that wait for a person, the gravest first. Start at [`by_severity`].

use super::layout::{columns, elapsed, lines, minute};
use crate::domain::exception::{Exception, ProofKind, State};

/// How many a person can take in at once; all of them stand in the files.
const SHOWN: usize = 10;

/// The open exceptions, those that wait for a person first, by severity and then by due time.
pub fn by_severity<'a>(exceptions: impl Iterator<Item = &'a Exception>) -> Vec<&'a Exception> {
    let mut open: Vec<&Exception> = exceptions
        .filter(|exception| exception.state.is_open())
        .collect();
    open.sort_by_key(|exception| {
        (
            is_settled(exception),
            rank(exception.severity),
            exception.due,
            exception.rule,
            exception.reference.clone(),
            exception.obligation.clone(),
        )
    });
    open
}

/// The first of them as a table; empty if none is open.
pub fn first_of(open: &[&Exception]) -> String {
    if open.is_empty() {
        return String::new();
    }
    let mut table = columns(
        [
            "severity", "rule", "record", "finding", "state", "due", "late",
        ],
        [],
    );
    for exception in open.iter().take(SHOWN) {
        table.add_row(row(exception));
    }
    let first = if open.len() > SHOWN {
        format!("; the first {SHOWN}:")
    } else {
        String::new()
    };
    format!(
        "Open exceptions: {} ({}){first}\n\n{}\n",
        open.len(),
        by_state(open),
        lines(&table)
    )
}

fn by_state(open: &[&Exception]) -> String {
    let states = [
        State::Raised,
        State::DueSoon,
        State::Remedied,
        State::Waived,
    ];
    let counted = states.iter().filter_map(|state| {
        let count = open.iter().filter(|one| one.state == *state).count();
        (count > 0).then(|| format!("{count} {}", said(*state)))
    });
    counted.collect::<Vec<_>>().join(", ")
}

fn said(state: State) -> &'static str {
    match state {
        State::DueSoon => "due soon",
        state => state.as_str(),
    }
}

fn row(exception: &Exception) -> [String; 7] {
    let finding = exception.finding.as_ref();
    let impaired = match exception.proof {
        ProofKind::Impaired => ", impaired",
        ProofKind::Stated | ProofKind::Declared => "",
    };
    [
        exception.severity.to_owned(),
        exception.rule.to_owned(),
        exception.reference.to_string(),
        finding
            .map_or(exception.title, |finding| finding.text)
            .to_owned(),
        format!("{}{impaired}", said(exception.state)),
        exception.due.map_or_else(String::new, |due| minute(due.0)),
        exception.late_by_seconds.map_or_else(String::new, elapsed),
    ]
}

/// True if nobody has to act: made good late, or waived.
fn is_settled(exception: &Exception) -> bool {
    matches!(exception.state, State::Remedied | State::Waived)
}

fn rank(severity: &str) -> usize {
    let order = ["critical", "high", "medium", "low"];
    let known = order.iter().position(|own| *own == severity);
    known.unwrap_or(order.len())
}
