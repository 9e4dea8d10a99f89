//! Open exceptions as a table for a spreadsheet. No cell can start a formula there, whatever a feed
//! sent. Start at [`table`].

use crate::domain::exception::Exception;

const COLUMNS: [&str; 17] = [
    "severity",
    "rule",
    "title",
    "state",
    "record",
    "reference",
    "obligation",
    "finding",
    "due",
    "late_by_seconds",
    "remedied_at",
    "owning_unit",
    "offence_group",
    "domestic_abuse",
    "citation",
    "proof",
    "id",
];

/// The table, with its header.
pub fn table<'a>(exceptions: impl Iterator<Item = &'a Exception>) -> Vec<u8> {
    let mut table = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    table
        .write_record(COLUMNS)
        .expect("writing to memory does not fail");
    for exception in exceptions {
        let cells = row(exception).map(|cell| disarmed(&cell));
        table
            .write_record(cells)
            .expect("writing to memory does not fail");
    }
    table.into_inner().expect("writing to memory does not fail")
}

fn row(exception: &Exception) -> [String; 17] {
    let told = |value: Option<String>| value.unwrap_or_default();
    let citation = &exception.citation;
    [
        exception.severity.to_owned(),
        exception.rule.to_owned(),
        exception.title.to_owned(),
        exception.state.to_string(),
        exception.record.to_string(),
        exception.reference.to_string(),
        exception.obligation.to_string(),
        told(
            exception
                .finding
                .as_ref()
                .map(|finding| finding.text.to_owned()),
        ),
        told(exception.due.map(|due| due.0.to_string())),
        told(exception.late_by_seconds.map(|seconds| seconds.to_string())),
        told(exception.remedied_at.map(|at| at.to_string())),
        told(exception.owning_unit.as_ref().map(ToString::to_string)),
        told(exception.offence_group.clone()),
        told(
            exception
                .domestic_abuse
                .map(|is| if is { "yes" } else { "no" }.to_owned()),
        ),
        format!("{}, {}", citation.source, citation.place),
        exception.proof.to_string(),
        exception.id.to_string(),
    ]
}

/// A cell that a spreadsheet takes as text: one that would start a formula gets an apostrophe
/// before it.
pub(super) fn disarmed(cell: &str) -> String {
    let first = cell.trim_start_matches([' ', '\u{feff}']).chars().next();
    match first {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠') => {
            format!("'{cell}")
        }
        _ => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_starts_a_formula() {
        for cell in [
            "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r\n=1", "＝1",
        ] {
            assert!(disarmed(cell).starts_with('\''), "{cell:?}");
        }
        for cell in ["34/26/000001", "", "8N", "late by 5", "NP-1#d1"] {
            assert_eq!(disarmed(cell), cell);
        }
    }
}
