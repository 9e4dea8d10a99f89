//! The list of what a unit has to do, as a table, for a spreadsheet, or for a program. Says the same in
//! each. Start at [`table`].

use super::exceptions_csv::disarmed;
use super::layout::{columns, counted, lines, minute};
use crate::alerting::Line;
use crate::domain::Word;
use crate::domain::exception::State;

const HEADER: [&str; 7] = [
    "due",
    "state",
    "severity",
    "reference",
    "rule",
    "why",
    "paragraph",
];

/// The list for a terminal; an empty one says so.
pub fn table(list: &[Line], unit: &str, all: bool) -> String {
    let unit = if unit == "-" { "no unit" } else { unit };
    if list.is_empty() {
        let what = if all {
            "nothing is open"
        } else {
            "nothing is due soon and nothing is overdue"
        };
        return format!("{unit}: {what}\n");
    }
    let of = |word: &str| list.iter().filter(|line| state(line) == word).count();
    let (soon, overdue, breach) = (of(DUE_SOON), of(OVERDUE), of(IN_BREACH));
    let mut head = format!("{unit}: {soon} due soon, {overdue} overdue");
    if breach > 0 {
        head.push_str(&format!(", {breach} in breach of what has no time"));
    }
    if all {
        let other = list.len() - soon - overdue - breach;
        head.push_str(&format!(", {other} made good or waived"));
    }
    let mut rows = columns(HEADER, []);
    for line in list {
        rows.add_row([
            line.due.map_or_else(|| "–".to_owned(), minute),
            state(line).to_owned(),
            line.severity.as_str().to_owned(),
            line.reference.to_string(),
            line.rule.to_string(),
            why(line),
            line.paragraph.clone(),
        ]);
    }
    format!("{head}\n\n{}\n", lines(&rows))
}

const DUE_SOON: &str = "due soon";
const OVERDUE: &str = "overdue";
const IN_BREACH: &str = "in breach";

fn state(line: &Line) -> &'static str {
    match line.state {
        State::DueSoon => DUE_SOON,
        State::Raised if line.due.is_some() => OVERDUE,
        State::Raised => IN_BREACH,
        other => other.as_str(),
    }
}

/// The duty, why it is missed, what is missing to decide, and how many exceptions say so.
fn why(line: &Line) -> String {
    let mut why = match &line.reason {
        Some(reason) => reason.to_string(),
        None => format!("{}.", line.title),
    };
    if !line.missing.is_empty() {
        why.push_str(&format!(" Missing: {}.", missing(line)));
    }
    if line.exceptions > 1 {
        let many = counted(line.exceptions, "exception", "exceptions");
        why.push_str(&format!(" One failure, {many}."));
    }
    why
}

fn missing(line: &Line) -> String {
    let words: Vec<&str> = line.missing.iter().map(Word::as_str).collect();
    words.join(", ")
}

const COLUMNS: [&str; 13] = [
    "state",
    "due",
    "severity",
    "force",
    "reference",
    "rule",
    "title",
    "reason",
    "paragraph",
    "missing",
    "proof",
    "exceptions",
    "id",
];

/// The list for a spreadsheet. No cell can start a formula there.
pub fn csv(list: &[Line]) -> String {
    let mut table = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    table
        .write_record(COLUMNS)
        .expect("writing to memory does not fail");
    for line in list {
        table
            .write_record(cells(line).map(|cell| disarmed(&cell)))
            .expect("writing to memory does not fail");
    }
    let bytes = table.into_inner().expect("writing to memory does not fail");
    String::from_utf8(bytes).expect("cells are text")
}

fn cells(line: &Line) -> [String; 13] {
    [
        line.state.to_string(),
        line.due.map(|due| due.to_string()).unwrap_or_default(),
        line.severity.as_str().to_owned(),
        line.force.to_string(),
        line.reference.to_string(),
        line.rule.to_string(),
        line.title.to_string(),
        line.reason.as_deref().unwrap_or_default().to_owned(),
        line.paragraph.clone(),
        missing(line),
        line.proof.to_string(),
        line.exceptions.to_string(),
        line.id.to_string(),
    ]
}

/// The list for a program: an array, one object a failure.
pub fn json(list: &[Line]) -> String {
    let mut text =
        serde_json::to_string_pretty(list).expect("a list holds nothing that JSON cannot write");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::alerting::{Revision, lines as listed};

    fn list() -> Vec<Line> {
        let revision = |number: u128, more: serde_json::Value| {
            let mut whole = json!({
                "id": Uuid::from_u128(number), "revision": 1, "force": "kent",
                "reference": format!("=KT/26/{number}"), "rule": "REC-030", "obligation": "d1",
                "state": "raised", "severity": "critical", "title": "Recorded within 24 hours",
                "finding": {"text": "It was recorded late."}, "missing": ["core.recorded_at"],
                "due": "2026-04-02T09:04:00+01:00", "proof": "stated",
                "citation": {"source": "Counting rules", "place": "2.1"}, "cause": null,
            });
            let fields = whole.as_object_mut().expect("an object");
            fields.extend(more.as_object().expect("fields").clone());
            Revision::read(whole.to_string().as_bytes()).expect("an exception")
        };
        let of = [
            revision(1, json!({})),
            revision(2, json!({"cause": Uuid::from_u128(1)})),
            revision(
                3,
                json!({"state": "due_soon", "finding": null, "missing": [], "due": "2026-04-03T10:00:00Z"}),
            ),
        ];
        listed(of.iter())
    }

    #[test]
    fn columns_align_and_each_failure_is_a_line() {
        let expected = "\
west: 1 due soon, 1 overdue

due               state     severity  reference  rule     why                               paragraph
----------------- --------- --------- ---------- -------- --------------------------------- --------------------
2026-04-03 11:00  due soon  critical  =KT/26/3   REC-030  Recorded within 24 hours.         Counting rules, 2.1
2026-04-02 09:04  overdue   critical  =KT/26/1   REC-030  It was recorded late. Missing:    Counting rules, 2.1
                                                          core.recorded_at. One failure, 2
                                                          exceptions.
";
        let printed = table(&list(), "west", false);
        assert_eq!(printed, expected);
        assert!(
            printed.lines().all(|line| line.chars().count() <= 120),
            "{printed}"
        );
    }

    #[test]
    fn an_empty_list_says_so() {
        assert_eq!(
            table(&[], "west", false),
            "west: nothing is due soon and nothing is overdue\n"
        );
        assert_eq!(table(&[], "-", true), "no unit: nothing is open\n");
        assert_eq!(json(&[]), "[]\n");
        assert_eq!(csv(&[]).lines().count(), 1);
    }

    #[test]
    fn a_spreadsheet_and_a_program_are_told_the_same() {
        let sheet = csv(&list());
        assert!(sheet.contains(",'=KT/26/1,"), "{sheet}");
        let told: serde_json::Value = serde_json::from_str(&json(&list())).expect("JSON");
        assert_eq!(
            (&told[1]["exceptions"], &told[1]["missing"][0]),
            (&json!(2), &json!("core.recorded_at"))
        );
        assert_eq!(sheet.lines().count(), 3);
    }
}
