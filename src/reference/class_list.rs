//! Lists of offence classes that a text names together and a rule reads as one. Start at
//! [`ClassListName`].

use super::problem::Text;
use super::row::{Row, toml_rows};
use super::source::{Citation, Reading};
use super::window::Window;
use crate::domain::LondonDay;

/// The lists there are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ClassListName {
    /// Disclosures of these are answered by an N100 as by a crime (REC-010).
    AnsweredByN100,
    /// Disclosures of these are answered by an N300 as by a crime (REC-010).
    AnsweredByN300,
    /// Victims of these need not be referred unless something else speaks for it (VIC-040).
    ReferralExempt,
    /// The same, where the damage is minor (VIC-040).
    ReferralExemptIfMinor,
}

impl ClassListName {
    /// Every name.
    pub const ALL: [ClassListName; 4] = [
        ClassListName::AnsweredByN100,
        ClassListName::AnsweredByN300,
        ClassListName::ReferralExempt,
        ClassListName::ReferralExemptIfMinor,
    ];

    /// The name as rows give it.
    pub const fn key(self) -> &'static str {
        match self {
            ClassListName::AnsweredByN100 => "answered_by_n100",
            ClassListName::AnsweredByN300 => "answered_by_n300",
            ClassListName::ReferralExempt => "referral_exempt",
            ClassListName::ReferralExemptIfMinor => "referral_exempt_if_minor",
        }
    }
}

/// One dated list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClassList {
    /// Which list.
    pub name: ClassListName,
    /// When it holds.
    pub window: Window,
    /// Its classes; one that ends in `*` stands for all that begin so.
    pub classes: Vec<String>,
    /// Where the row is from.
    pub cited: Citation,
}

impl ClassList {
    /// Is the class on the list?
    pub fn has(&self, class: &str) -> bool {
        self.classes.iter().any(|listed| {
            let beginning = listed.strip_suffix('*');
            beginning.map_or(listed == class, |beginning| class.starts_with(beginning))
        })
    }
}

/// The rows of every list.
#[derive(Default, Debug)]
pub(super) struct ClassLists([Vec<ClassList>; ClassListName::ALL.len()]);

impl ClassLists {
    /// Reads one text of lists.
    pub(super) fn admit(&mut self, text: &Text, reading: &mut Reading) {
        const COLUMNS: &[&str] = &[
            "name",
            "from",
            "to",
            "classes",
            "source",
            "place",
            "confidence",
            "note",
        ];
        for (_, row) in toml_rows(text, &[("list", COLUMNS)], &mut reading.problems) {
            if let Some(list) = class_list(&row, reading) {
                reading.is_new("class list", list.name.key(), list.window, &row);
                self.0[list.name as usize].push(list);
            }
        }
    }

    /// The list in force on a day.
    pub(super) fn on(&self, name: ClassListName, day: LondonDay) -> Option<&ClassList> {
        let mut rows = self.0[name as usize].iter();
        rows.find(|row| row.window.covers(day))
    }
}

fn class_list(row: &Row, reading: &mut Reading) -> Option<ClassList> {
    let names = ClassListName::ALL.map(|name| (name.key(), name));
    let name = row.choice("name", &names, &mut reading.problems);
    let window = row.window("from", "to", &mut reading.problems);
    let classes = row.list("classes", &mut reading.problems);
    let cited = reading.citation(row);
    Some(ClassList {
        name: name?,
        window: window?,
        classes,
        cited: cited?,
    })
}
