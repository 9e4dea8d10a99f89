//! Outcome types, cancellation reasons and closing categories: short lists of codes with a meaning.
//! Never judges whether a code fits a case. Start at [`OutcomeType`].

use std::collections::BTreeMap;

use super::problem::Text;
use super::row::{Row, csv_rows};
use super::source::{Citation, Reading};
use super::window::Window;
use crate::domain::LondonDay;

/// One type of outcome of a recorded crime.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutcomeType {
    /// The code, exactly as it is used: `0`, `1`, `1A`, … `24`.
    pub code: String,
    /// What it is called.
    pub title: String,
    /// The group it is published in.
    pub group: String,
    /// The first day on which it could be applied; how sure that is stands in `cited`.
    pub valid_from: LondonDay,
    /// From this day to the first one, an early use is a hint and no failing.
    pub advisory_from: Option<LondonDay>,
    /// Where the row is from.
    pub cited: Citation,
}

/// One reason for which a recorded crime may be removed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CancellationReason {
    /// `C1` to `C5`.
    pub code: String,
    /// What it is called.
    pub name: String,
    /// What must be there before it is used.
    pub needs: String,
    /// Who may decide.
    pub decided_by: String,
    /// Must the victim be told before the removal?
    pub victim_told_first: bool,
    /// Where the row is from.
    pub cited: Citation,
}

/// One category under which an incident is closed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClosingCategory {
    /// The name by which records give it; ours, the national list has names and no codes.
    pub slug: String,
    /// The name in the national list.
    pub name: String,
    /// The theme it belongs to; none for the crime closing, which stands beside the list.
    pub theme: Option<String>,
    /// Does closing under it say that there is a crime?
    pub crime: bool,
    /// Where the row is from.
    pub cited: Citation,
}

/// The lists of all editions, by code.
#[derive(Default, Debug)]
pub(super) struct CodeLists {
    pub(super) outcomes: BTreeMap<String, OutcomeType>,
    pub(super) cancellations: BTreeMap<String, CancellationReason>,
    pub(super) closings: BTreeMap<String, ClosingCategory>,
}

impl CodeLists {
    /// Reads one text of outcome types.
    pub(super) fn admit_outcomes(&mut self, text: &Text, reading: &mut Reading) {
        const COLUMNS: &[&str] = &[
            "code",
            "title",
            "group",
            "valid_from",
            "advisory_from",
            "source",
            "place",
            "confidence",
        ];
        for row in csv_rows(text, COLUMNS, &mut reading.problems) {
            if let Some(outcome) = outcome_type(&row, reading) {
                reading.is_new("outcome", &outcome.code, Window::ALWAYS, &row);
                self.outcomes.insert(outcome.code.clone(), outcome);
            }
        }
    }

    /// Reads one text of cancellation reasons.
    pub(super) fn admit_cancellations(&mut self, text: &Text, reading: &mut Reading) {
        const COLUMNS: &[&str] = &[
            "code",
            "name",
            "needs",
            "decided_by",
            "victim_told_first",
            "source",
            "place",
            "confidence",
        ];
        for row in csv_rows(text, COLUMNS, &mut reading.problems) {
            if let Some(reason) = cancellation_reason(&row, reading) {
                reading.is_new("cancellation reason", &reason.code, Window::ALWAYS, &row);
                self.cancellations.insert(reason.code.clone(), reason);
            }
        }
    }

    /// Reads one text of closing categories.
    pub(super) fn admit_closings(&mut self, text: &Text, reading: &mut Reading) {
        const COLUMNS: &[&str] = &[
            "slug",
            "name",
            "theme",
            "crime",
            "source",
            "place",
            "confidence",
        ];
        for row in csv_rows(text, COLUMNS, &mut reading.problems) {
            if let Some(category) = closing_category(&row, reading) {
                reading.is_new("closing category", &category.slug, Window::ALWAYS, &row);
                self.closings.insert(category.slug.clone(), category);
            }
        }
    }
}

fn outcome_type(row: &Row, reading: &mut Reading) -> Option<OutcomeType> {
    let problems = &mut reading.problems;
    let code = row.text("code", problems);
    let title = row.text("title", problems);
    let group = row.text("group", problems);
    let valid_from = row.day("valid_from", problems);
    let advisory_from = row.optional_day("advisory_from", problems);
    if let (Some(hint), Some(first)) = (advisory_from, valid_from)
        && hint >= first
    {
        let fault = format!("`advisory_from` is {hint}: expected a day before `valid_from`");
        row.wrong(problems, fault);
    }
    let cited = reading.citation(row);
    Some(OutcomeType {
        code: code?.to_owned(),
        title: title?.to_owned(),
        group: group?.to_owned(),
        valid_from: valid_from?,
        advisory_from,
        cited: cited?,
    })
}

fn cancellation_reason(row: &Row, reading: &mut Reading) -> Option<CancellationReason> {
    let problems = &mut reading.problems;
    let code = row.text("code", problems);
    let name = row.text("name", problems);
    let needs = row.text("needs", problems);
    let decided_by = row.text("decided_by", problems);
    let victim_told_first = row.flag("victim_told_first", problems);
    let cited = reading.citation(row);
    Some(CancellationReason {
        code: code?.to_owned(),
        name: name?.to_owned(),
        needs: needs?.to_owned(),
        decided_by: decided_by?.to_owned(),
        victim_told_first: victim_told_first?,
        cited: cited?,
    })
}

fn closing_category(row: &Row, reading: &mut Reading) -> Option<ClosingCategory> {
    let slug = row.text("slug", &mut reading.problems);
    let name = row.text("name", &mut reading.problems);
    let crime = row.flag("crime", &mut reading.problems);
    let cited = reading.citation(row);
    Some(ClosingCategory {
        slug: slug?.to_owned(),
        name: name?.to_owned(),
        theme: row.optional("theme").map(str::to_owned),
        crime: crime?,
        cited: cited?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::{Confidence, Library};

    #[test]
    fn the_outcomes_are_those_of_all_editions() {
        let library = opened("national");
        let codes = library.codes.outcomes.len();
        assert_eq!(codes, 28);
        let from = |code: &str| library.outcome(code).map(|outcome| outcome.valid_from);
        assert_eq!(from("9"), Some(LondonDay::of(2013, 4, 1)));
        assert_eq!(from("10"), Some(LondonDay::of(2014, 4, 1)));
        assert_eq!(from("25"), None);
        assert_eq!(from("01"), None);
        let low = |code: &str| {
            library
                .outcome(code)
                .map(|outcome| outcome.cited.confidence)
        };
        for code in ["1A", "2A", "3A", "20"] {
            assert_eq!(low(code), Some(Confidence::Low), "{code}");
        }
        let hint = library
            .outcome("23")
            .and_then(|outcome| outcome.advisory_from);
        assert_eq!(hint, Some(LondonDay::of(2026, 2, 12)));
        let told = library
            .cancellation("C3")
            .map(|reason| reason.victim_told_first);
        assert_eq!(told, Some(false));
    }

    #[test]
    fn closing_categories_say_whether_there_is_a_crime() {
        let library = opened("national");
        let crime = |slug: &str| {
            library
                .closing_category(slug)
                .map(|category| category.crime)
        };
        assert_eq!(crime("crime"), Some(true));
        assert_eq!(crime("concern_for_safety"), Some(false));
        assert_eq!(crime("domestic_incident"), Some(false));
        assert_eq!(crime("X99"), None);
        assert_eq!(library.codes.closings.len(), 36);
    }

    fn opened(profile: &str) -> Library {
        Library::shipped(profile).unwrap_or_else(|problems| panic!("{problems}"))
    }
}
