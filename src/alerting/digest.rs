//! What a unit is told at stated times: what is due soon, what is overdue, and how much was done since
//! yesterday. One message a unit instead of one a record. Start at [`digests`].

use std::collections::BTreeMap;

use serde::Serialize;

use super::book::{Book, DAY};
use super::failures::{Failure, Line, failures, line, written};
use super::revision::Revision;
use super::route::{Route, UNTOLD};
use crate::domain::exception::State;
use crate::domain::{Elapsed, ForceCode, Instant, Word};

/// As many failures of a kind are told one by one; of the others how many there are.
pub const LINES_MAX: usize = 200;

/// What a unit is told.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Digest {
    /// Always `digest`.
    pub record: &'static str,
    /// The force.
    pub force: ForceCode,
    /// The unit; none for the records of no unit.
    pub unit: Option<Word>,
    /// The stated time that it is for.
    #[serde(serialize_with = "written")]
    pub at: Option<Instant>,
    /// How far ahead `due_soon` looks.
    pub due_within_seconds: i64,
    /// What has to be done soon.
    pub due_soon: Part,
    /// What should have been done.
    pub overdue: Part,
    /// How many exceptions were closed or made good in the day before.
    pub closed: usize,
    /// The same for people.
    pub text: String,
}

/// Failures of one kind.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Part {
    /// How many.
    pub count: usize,
    /// The most pressing of them.
    pub lines: Vec<Line>,
}

/// A force and a unit of it.
type Unit = (ForceCode, Option<Word>);

/// The digests of a stated time: one for each unit of the route that has something to be told.
pub fn digests(book: &Book, route: &Route, within: Elapsed, at: Instant) -> Vec<Digest> {
    let mut units: BTreeMap<Unit, (Vec<&Revision>, usize)> = BTreeMap::new();
    let unit = |revision: &Revision| (revision.force.clone(), revision.owning_unit.clone());
    for revision in book.of(route).filter(|revision| revision.is_pressing()) {
        units.entry(unit(revision)).or_default().0.push(revision);
    }
    for revision in book.done(route, at.minus(DAY)) {
        units.entry(unit(revision)).or_default().1 += 1;
    }
    let told = units.into_iter().filter_map(|(unit, (open, closed))| {
        let failures = failures(open.into_iter());
        let is_due = |failure: &&Failure<'_>| {
            failure.state == State::DueSoon
                && failure
                    .due
                    .is_some_and(|due| due > at && due <= at.plus(within))
        };
        // What was due and is not proved yet is as late for those who have to do it.
        let is_overdue = |failure: &&Failure<'_>| {
            failure.state == State::Raised || failure.due.is_some_and(|due| due <= at)
        };
        let due_soon = part(failures.iter().filter(is_due));
        let overdue = part(failures.iter().filter(is_overdue));
        if due_soon.count + overdue.count + closed == 0 {
            return None;
        }
        let text = text(&unit, &due_soon, &overdue, closed, (within, at));
        let (force, unit) = unit;
        Some(Digest {
            record: "digest",
            force,
            unit,
            at: Some(at),
            due_within_seconds: within.whole_seconds(),
            due_soon,
            overdue,
            closed,
            text,
        })
    });
    told.collect()
}

impl Digest {
    /// What tells it from every other one: a receiver drops a second one of the same key.
    pub fn key(&self, name: &str) -> String {
        let unit = self.unit.as_ref().map_or(UNTOLD, Word::as_str);
        let at = self.at.map_or_else(String::new, |at| at.to_string());
        let (force, unit) = (coded(self.force.as_str()), coded(unit));
        format!("{name}/{force}/{unit}/{at}")
    }
}

/// A word as a part of a header: what has no place there, and the slash, as percent signs.
fn coded(word: &str) -> String {
    let coded = word.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    });
    coded.collect()
}

fn part<'a>(of: impl Iterator<Item = &'a Failure<'a>>) -> Part {
    let mut part = Part {
        count: 0,
        lines: Vec::new(),
    };
    for failure in of {
        part.count += 1;
        if part.lines.len() < LINES_MAX {
            part.lines.push(line(failure));
        }
    }
    part
}

fn text(
    unit: &Unit,
    due_soon: &Part,
    overdue: &Part,
    closed: usize,
    (within, at): (Elapsed, Instant),
) -> String {
    let name = unit.1.as_ref().map_or("no unit", Word::as_str);
    let hours = within.whole_seconds() / 3_600;
    let mut text = format!("{name} ({}), {}\n", unit.0, minute(at));
    for (what, part) in [
        (format!("Due in the next {hours} h"), due_soon),
        ("Overdue".to_owned(), overdue),
    ] {
        text.push_str(&format!("\n{what}: {}\n", part.count));
        for line in &part.lines {
            text.push_str(&told(line));
        }
        let more = part.count - part.lines.len();
        if more > 0 {
            text.push_str(&format!("  and {more} more\n"));
        }
    }
    text.push_str(&format!(
        "\nClosed or made good since yesterday: {closed}\n"
    ));
    text
}

fn told(line: &Line) -> String {
    let due = line.due.map_or_else(|| "no time".to_owned(), minute);
    let more = match line.exceptions {
        0 | 1 => String::new(),
        many => format!(" ({many} exceptions)"),
    };
    let (severity, rule) = (line.severity.as_str(), &line.rule);
    format!(
        "  {due}  {severity}  {rule}  {}  {}{more}\n",
        line.reference, line.title
    )
}

/// A time to the minute in London, as people write it.
fn minute(at: Instant) -> String {
    let text = at.to_string();
    match (text.get(..10), text.get(11..16)) {
        (Some(day), Some(minute)) => format!("{day} {minute}"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::super::revision::tests::told;
    use super::*;
    use crate::domain::Moment;

    fn at(text: &str) -> Instant {
        Moment::parse(text).expect("a moment").earliest()
    }

    #[test]
    fn a_unit_is_told_what_is_due_what_is_overdue_and_how_much_was_done() {
        let now = at("2026-04-02T07:00:00+01:00");
        let mut book = Book::default();
        let soon = |due: &str| json!({"state": "due_soon", "due": due});
        for (number, more) in [
            (1, soon("2026-04-02T11:00:00+01:00")),
            (2, soon("2026-04-02T11:00:01+01:00")),
            (3, soon("2026-04-02T06:00:00+01:00")),
            (4, json!({"due": "2026-04-01T09:04:00+01:00"})),
            (
                5,
                json!({"cause": Uuid::from_u128(4), "due": "2026-04-01T09:04:00+01:00"}),
            ),
            (6, json!({"state": "met"})),
            (7, json!({"state": "remedied"})),
            (8, json!({"owning_unit": "east", "state": "waived"})),
        ] {
            book.note(told(number, 1, more), now.minus(Elapsed::hours(1)));
        }
        let told = digests(&book, &Route::default(), Elapsed::hours(4), now);
        assert_eq!(told.len(), 1, "the other unit has nothing to be told");
        let digest = &told[0];
        assert_eq!(
            (digest.due_soon.count, digest.overdue.count, digest.closed),
            (1, 2, 2)
        );
        assert_eq!(
            digest.key("morning"),
            "morning/kent/west/2026-04-02T07:00:00+01:00"
        );
        assert_eq!(
            digest.text,
            "west (kent), 2026-04-02 07:00\n\n\
             Due in the next 4 h: 1\n  2026-04-02 11:00  critical  REC-030  KT/26/000001  Recorded within 24 hours\n\n\
             Overdue: 2\n  2026-04-02 06:00  critical  REC-030  KT/26/000003  Recorded within 24 hours\n  \
             2026-04-01 09:04  critical  REC-030  KT/26/000004  Recorded within 24 hours (2 exceptions)\n\n\
             Closed or made good since yesterday: 2\n"
        );
        let written = serde_json::to_value(digest).expect("it is JSON");
        assert_eq!(
            written["due_soon"]["lines"][0]["due"],
            "2026-04-02T11:00:00+01:00"
        );
    }

    #[test]
    fn a_key_is_one_whatever_a_unit_is_called() {
        let mut book = Book::default();
        let now = at("2026-04-02T07:00:00+01:00");
        book.note(told(1, 1, json!({"owning_unit": "Caf\u{e9} 1/2"})), now);
        let told = digests(&book, &Route::default(), Elapsed::hours(4), now);
        let key = told[0].key("d");
        assert_eq!(key, "d/kent/Caf%C3%A9%201%2F2/2026-04-02T07:00:00+01:00");
    }

    #[test]
    fn a_digest_is_never_longer_than_people_read() {
        let now = at("2026-04-02T07:00:00+01:00");
        let mut book = Book::default();
        for number in 0..=LINES_MAX {
            let due = json!({"due": "2026-04-01T09:04:00+01:00"});
            book.note(told(number as u128, 1, due), now);
        }
        let told = digests(&book, &Route::default(), Elapsed::hours(4), now);
        assert_eq!(told[0].overdue.count, LINES_MAX + 1);
        assert_eq!(told[0].overdue.lines.len(), LINES_MAX);
        assert!(told[0].text.contains("  and 1 more\n"));
    }
}
