//! The offence table: which classes there were on a day, which codes each held, and on whose
//! account an offence is recorded. A code does not identify a class: pairs are looked up. Never
//! says whether a record should have another class. Start at [`OffenceClass`].

use std::fmt;

use rustc_hash::FxHashMap;

use super::problem::Text;
use super::row::{Row, csv_rows};
use super::source::{Citation, Reading};
use super::window::Window;
use crate::domain::LondonDay;
use crate::domain::names::Basis;

/// A code of the offence list, `008/06`: a class number and a number in it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct HoCode(u32);

impl HoCode {
    /// Reads three digits, a slash, two digits; nothing else is a code.
    pub fn parse(text: &str) -> Option<HoCode> {
        let (number, part) = text.split_once('/')?;
        Some(HoCode(digits(number, 3)? * 100 + digits(part, 2)?))
    }
}

impl fmt::Display for HoCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:03}/{:02}", self.0 / 100, self.0 % 100)
    }
}

fn digits(text: &str, count: usize) -> Option<u32> {
    (text.len() == count && text.bytes().all(|digit| digit.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

/// Expands `005/02-05,07; 006/01` to its codes, in order; the fault is the part that is unreadable.
fn expand(pattern: &str) -> Result<Vec<HoCode>, &str> {
    let mut codes = Vec::new();
    for group in pattern.split(';').map(str::trim) {
        let (number, parts) = group.split_once('/').ok_or(group)?;
        let number = digits(number, 3).ok_or(group)?;
        for part in parts.split(',').map(str::trim) {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = digits(first, 2).zip(digits(last, 2)).ok_or(part)?;
            if last < first {
                return Err(part);
            }
            codes.extend((first..=last).map(|sub| HoCode(number * 100 + sub)));
        }
    }
    codes.sort_unstable();
    Ok(codes)
}

/// One row of the offence table: a class, and codes it held from one day to another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OffenceClass {
    /// The class, `8N`.
    pub class: String,
    /// What the list calls it.
    pub description: String,
    /// The group it is counted in, `violence_against_the_person`.
    pub group: String,
    /// The part of the group, where the list has one.
    pub subclass: Option<String>,
    /// The bases of its offences as the list gives them: `V`, `S`, `V + S/V`; empty if unknown.
    pub bases: String,
    /// How many offences the list has in the class, where it is a row of a whole list.
    pub listed: Option<u32>,
    /// The codes, in order; empty if the class is known and its codes are not.
    pub codes: Vec<HoCode>,
    /// When these codes could be recorded in it.
    pub window: Window,
    /// From when the list that was read is in force; before it, the row is provisional.
    pub settled_from: Option<LondonDay>,
    /// Where the row is from.
    pub cited: Citation,
}

impl OffenceClass {
    /// The basis, if all offences of the class have the same and it is not left to the case.
    pub fn basis(&self) -> Option<Basis> {
        match self.bases.as_str() {
            "V" => Some(Basis::Victim),
            "S" => Some(Basis::State),
            _ => None,
        }
    }

    /// Is the row only believed, not read, for `day`?
    pub fn is_provisional_on(&self, day: LondonDay) -> bool {
        self.settled_from.is_none_or(|settled| day < settled)
    }

    fn holds(&self, code: HoCode) -> bool {
        self.codes.binary_search(&code).is_ok()
    }
}

/// All rows of all editions, found by class and by code.
#[derive(Default, Debug)]
pub(super) struct OffenceTable {
    classes: FxHashMap<Box<str>, Vec<OffenceClass>>,
    codes: FxHashMap<HoCode, Vec<Window>>,
}

impl OffenceTable {
    /// Reads one text of offences.
    pub(super) fn admit(&mut self, text: &Text, reading: &mut Reading) {
        const COLUMNS: &[&str] = &[
            "class",
            "description",
            "group",
            "subclass",
            "bases",
            "listed",
            "codes",
            "valid_from",
            "settled_from",
            "valid_to",
            "source",
            "place",
            "confidence",
        ];
        for row in csv_rows(text, COLUMNS, &mut reading.problems) {
            if let Some(class) = offence_class(&row, reading) {
                self.insert(class, &row, reading);
            }
        }
    }

    fn insert(&mut self, class: OffenceClass, row: &Row, reading: &mut Reading) {
        if class.codes.is_empty() {
            reading.is_new("offence class", &class.class, class.window, row);
        }
        for code in &class.codes {
            let pair = format!("{} {code}", class.class);
            reading.is_new("offence", &pair, class.window, row);
            self.codes.entry(*code).or_default().push(class.window);
        }
        let key = class.class.as_str().into();
        let rows = self.classes.entry(key).or_default();
        rows.push(class);
        // The fullest row first: it speaks for the class where an ended code has a row of its own.
        rows.sort_by_key(|row| std::cmp::Reverse(row.codes.len()));
    }

    /// The row that speaks for a class on a day.
    pub(super) fn class(&self, class: &str, day: LondonDay) -> Option<&OffenceClass> {
        let rows = self.classes.get(class)?;
        rows.iter().find(|row| row.window.covers(day))
    }

    /// Was the code valid in the class on a day?
    pub(super) fn has_pair(&self, class: &str, code: HoCode, day: LondonDay) -> bool {
        let rows = self.classes.get(class);
        rows.is_some_and(|rows| {
            rows.iter()
                .any(|row| row.window.covers(day) && row.holds(code))
        })
    }

    /// Was the code valid in any class on a day?
    pub(super) fn has_code(&self, code: HoCode, day: LondonDay) -> bool {
        let windows = self.codes.get(&code);
        windows.is_some_and(|windows| windows.iter().any(|window| window.covers(day)))
    }

    /// Every row, in no order that may be shown.
    #[cfg(test)]
    pub(super) fn rows(&self) -> impl Iterator<Item = &OffenceClass> {
        self.classes.values().flatten()
    }
}

fn offence_class(row: &Row, reading: &mut Reading) -> Option<OffenceClass> {
    let owned = |text: &str| text.to_owned();
    let problems = &mut reading.problems;
    let class = row.text("class", problems).map(owned);
    let group = row.text("group", problems).map(owned);
    let window = row.window("valid_from", "valid_to", problems);
    let settled_from = row.optional_day("settled_from", problems);
    let listed = row.optional("listed").is_some();
    let listed = listed.then(|| row.number("listed", problems)).flatten();
    let bases = row.optional("bases").unwrap_or_default();
    if !bases.is_empty()
        && !bases
            .split(" + ")
            .all(|one| matches!(one, "V" | "S" | "S/V"))
    {
        let fault = format!("`bases` is `{bases}`: expected V, S or S/V, joined by ` + `");
        row.wrong(problems, fault);
    }
    let codes = row.optional("codes").map_or(Ok(Vec::new()), expand);
    let codes = codes.unwrap_or_else(|part| {
        let fault = format!("`codes` has `{part}`: expected codes such as 005/02-05,07; 006/01");
        row.wrong(problems, fault);
        Vec::new()
    });
    let cited = reading.citation(row);
    Some(OffenceClass {
        class: class?,
        description: row.optional("description").unwrap_or_default().to_owned(),
        group: group?,
        subclass: row.optional("subclass").map(owned),
        bases: bases.to_owned(),
        listed,
        codes,
        window: window?,
        settled_from,
        cited: cited?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::Library;

    #[test]
    fn the_offence_table_has_as_many_classes_and_offences_as_the_list() {
        let library = Library::shipped("national").unwrap_or_else(|problems| panic!("{problems}"));
        let whole: Vec<_> = library
            .offences
            .rows()
            .filter(|row| row.listed.is_some())
            .collect();
        let frauds = whole.iter().filter(|row| row.group == "nfib_fraud").count();
        assert_eq!((whole.len() - frauds, frauds), (130, 13));
        assert_eq!(
            whole.iter().filter_map(|row| row.listed).sum::<u32>(),
            1_630
        );
        let mut codes: Vec<_> = whole.iter().flat_map(|row| row.codes.clone()).collect();
        codes.sort();
        codes.dedup();
        assert_eq!(codes.len(), 1_327);
        assert!(
            whole
                .iter()
                .all(|row| row.window.covers(LondonDay::of(2026, 11, 1)))
        );
    }

    #[test]
    fn a_code_is_three_digits_a_slash_and_two() {
        assert_eq!(
            HoCode::parse("008/06").map(|code| code.to_string()),
            Some("008/06".to_owned())
        );
        for text in ["8/6", "008/6", "00806", "008/066", "0a8/06", "+08/06", ""] {
            assert_eq!(HoCode::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_pattern_expands_to_its_codes() {
        let codes = expand("006/01-02; 005/02-04,07").expect("the pattern is well formed");
        let texts: Vec<String> = codes.iter().map(HoCode::to_string).collect();
        assert_eq!(
            texts,
            ["005/02", "005/03", "005/04", "005/07", "006/01", "006/02"]
        );
    }

    #[test]
    fn every_fault_of_a_table_is_told_with_its_line() {
        let told = faults(
            "class,description,group,subclass,bases,listed,codes,valid_from,settled_from,valid_to,source,place,confidence\n\
             8N,Assault,violence,,V,1,008/01,2013-04-01,,2020-12-31,ours,x,L\n\
             8N,Assault,violence,,V,one,008/01-02,2020-06-01,,,ours,x,L\n\
             8P,Assault,violence,,X,1,8/1,01/04/2013,,,nowhere,x,H\n\
             ,Assault,violence,,V,1,008/03,2013-04-01,,2012-01-01,ours,,Q\n\
             8Q,Stalking,violence\n",
        );
        let expected = [
            "reference/x/offences.csv:6: unreadable as CSV",
            "reference/x/offences.csv:3: `listed` is `one`: expected a whole number",
            "reference/x/offences.csv:3: the offence `8N 008/01` (from 2020-06-01) overlaps the \
             row at reference/x/offences.csv:2 (2013-04-01 to 2020-12-31)",
            "reference/x/offences.csv:4: `valid_from` is `01/04/2013`: expected a day",
            "reference/x/offences.csv:4: `bases` is `X`: expected V, S or S/V",
            "reference/x/offences.csv:4: `codes` has `8/1`: expected codes such as",
            "reference/x/offences.csv:4: `source` is `nowhere`: expected a key of sources.toml",
            "reference/x/offences.csv:5: `class` is missing: expected a text",
            "reference/x/offences.csv:5: `valid_to` is 2012-01-01: expected a day on or after",
            "reference/x/offences.csv:5: `confidence` is `Q`: expected one of H, M, L",
            "reference/x/offences.csv:5: `place` is missing: expected a text",
        ];
        assert_eq!(told.lines().count(), expected.len(), "{told}");
        for (line, beginning) in told.lines().zip(expected) {
            assert!(line.starts_with(beginning), "{beginning} in:\n{told}");
        }
    }

    #[test]
    fn columns_that_are_unknown_or_missing_are_told() {
        let told = faults("class,colour\n");
        assert!(told.contains(":1: unknown column `colour`: expected class, description"));
        assert!(told.contains(":1: the column `codes` is missing"), "{told}");
    }

    #[test]
    fn an_unreadable_pattern_names_the_part_at_fault() {
        assert_eq!(expand("005/02-0x"), Err("02-0x"));
        assert_eq!(expand("005/09-02"), Err("09-02"));
        assert_eq!(expand("005/01; 6/01"), Err("6/01"));
        assert_eq!(expand("005"), Err("005"));
        assert_eq!(expand("005/01,"), Err(""));
    }

    fn faults(body: &str) -> String {
        let mut reading = Reading::default();
        reading.admit_sources(&Text {
            name: "sources.toml".into(),
            body: "[ours]\ntitle = \"x\"\npublisher = \"x\"\nwhere = \"x\"\nconfidence = \"L\""
                .into(),
        });
        let text = Text {
            name: "reference/x/offences.csv".into(),
            body: body.into(),
        };
        OffenceTable::default().admit(&text, &mut reading);
        reading.problems.to_string()
    }
}
