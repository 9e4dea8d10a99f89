//! Notifiable reported incidents (N100, N200, N300): reports that stand on the crime system and are
//! no crimes. Start at [`NotifiableReport`].

use std::collections::BTreeMap;

use super::problem::Text;
use super::row::{Row, csv_rows};
use super::source::{Citation, Reading};
use super::window::Window;
use crate::domain::LondonDay;

/// One code of the second sheet of the offence list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotifiableReport {
    /// The code as it is shown, `N100/01`.
    pub code: String,
    /// What it is for.
    pub meaning: String,
    /// When it could be used.
    pub window: Window,
    /// Where the row is from.
    pub cited: Citation,
}

/// The codes of all editions, by number and part.
#[derive(Default, Debug)]
pub(super) struct NotifiableReports {
    rows: BTreeMap<(u16, u8), Vec<NotifiableReport>>,
}

impl NotifiableReports {
    /// Reads one text of codes.
    pub(super) fn admit(&mut self, text: &Text, reading: &mut Reading) {
        const COLUMNS: &[&str] = &[
            "code",
            "meaning",
            "valid_from",
            "valid_to",
            "source",
            "place",
            "confidence",
        ];
        for row in csv_rows(text, COLUMNS, &mut reading.problems) {
            if let Some((key, report)) = notifiable_report(&row, reading) {
                reading.is_new("notifiable report", &report.code, report.window, &row);
                self.rows.entry(key).or_default().push(report);
            }
        }
    }

    /// The first row that the text names: a code, or a class for any of its codes.
    pub(super) fn find(&self, text: &str, day: Option<LondonDay>) -> Option<&NotifiableReport> {
        let (number, part) = named(text)?;
        let keys = part.map_or((number, 0)..=(number, u8::MAX), |part| {
            (number, part)..=(number, part)
        });
        let mut rows = self.rows.range(keys).flat_map(|(_, rows)| rows);
        rows.find(|row| day.is_none_or(|day| row.window.covers(day)))
    }
}

/// Reads `N100`, `N100/01` and `100/01`; a bare number is no name.
fn named(text: &str) -> Option<(u16, Option<u8>)> {
    let bare = text.strip_prefix('N');
    let (number, part) = match bare.unwrap_or(text).split_once('/') {
        Some((number, part)) if part.len() == 2 => (number, Some(part)),
        None if bare.is_some() => (text.strip_prefix('N')?, None),
        _ => return None,
    };
    let is_digits = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
    if number.len() != 3 || !is_digits(number) || !part.is_none_or(is_digits) {
        return None;
    }
    let part = match part {
        Some(part) => Some(part.parse().ok()?),
        None => None,
    };
    Some((number.parse().ok()?, part))
}

fn notifiable_report(row: &Row, reading: &mut Reading) -> Option<((u16, u8), NotifiableReport)> {
    let code = row.text("code", &mut reading.problems);
    let meaning = row.text("meaning", &mut reading.problems);
    let window = row.window("valid_from", "valid_to", &mut reading.problems);
    let cited = reading.citation(row);
    let code = code?;
    let Some((number, Some(part))) = named(code) else {
        let fault = format!("`code` is `{code}`: expected a code such as N100/01");
        row.wrong(&mut reading.problems, fault);
        return None;
    };
    let report = NotifiableReport {
        code: code.to_owned(),
        meaning: meaning?.to_owned(),
        window: window?,
        cited: cited?,
    };
    Some(((number, part), report))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_spellings_name_a_report() {
        assert_eq!(named("N100"), Some((100, None)));
        assert_eq!(named("N100/01"), Some((100, Some(1))));
        assert_eq!(named("100/01"), Some((100, Some(1))));
    }

    #[test]
    fn nothing_else_names_a_report() {
        for text in [
            "100", "N", "N1", "N100/1", "100/001", "8N", "", "N+00", "NN100",
        ] {
            assert_eq!(named(text), None, "{text}");
        }
    }
}
