//! What a force sets for itself within the law: which rules speak, from when, with which local
//! limits and lists. Every setting has its source. Start at [`Profile`].

use std::collections::{BTreeMap, BTreeSet};

use super::force::{Force, ForceKind};
use super::limit::{LIMIT_COLUMNS, Limit, LimitName, Limits};
use super::problem::Text;
use super::row::{Row, toml_rows};
use super::source::{Citation, Reading};
use super::window::Window;
use crate::domain::LondonDay;

/// The settings under which the library is opened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Profile {
    /// The name by which it is chosen.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// Whose law it speaks of: `england-and-wales`, or another.
    pub law: String,
    /// What a rule's law date puts before this day is measured and opens no exception.
    pub judge_from: Option<LondonDay>,
    switches: Switches,
    windows: BTreeMap<String, (LondonDay, Citation)>,
    asks_reason: BTreeSet<String>,
    unacceptable_delay_reasons: BTreeSet<String>,
    local_categories: BTreeMap<String, bool>,
    limits: Limits,
}

/// Which rules are on: all or some, less those that are off.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
struct Switches {
    all: bool,
    on: BTreeSet<String>,
    off: BTreeSet<String>,
}

impl Profile {
    /// Does the rule speak?
    pub fn is_on(&self, rule: &str) -> bool {
        let switches = &self.switches;
        (switches.all || switches.on.contains(rule)) && !switches.off.contains(rule)
    }

    /// The day from which the profile has a rule judged, where it sets one.
    pub fn window(&self, rule: &str) -> Option<LondonDay> {
        self.windows.get(rule).map(|(from, _)| *from)
    }

    /// Why the profile sets that day.
    pub fn window_citation(&self, rule: &str) -> Option<&Citation> {
        self.windows.get(rule).map(|(_, cited)| cited)
    }

    /// Does the rule ask for a reason beside the record?
    pub fn asks_reason(&self, rule: &str) -> bool {
        self.asks_reason.contains(rule)
    }

    /// Is this a reason that explains no late record?
    pub fn unacceptable_delay_reason(&self, code: &str) -> bool {
        self.unacceptable_delay_reasons.contains(code)
    }

    /// Does a local closing category say that there is a crime? None if it is not mapped.
    pub fn maps_to_crime(&self, local_category: &str) -> Option<bool> {
        self.local_categories.get(local_category).copied()
    }

    /// The profile's own row of a limit on a day, which goes before the published one.
    pub fn limit(&self, name: LimitName, day: LondonDay) -> Option<&Limit> {
        self.limits.on(name, day).ok()
    }

    /// True if it speaks of the law of England and Wales.
    pub fn is_england_and_wales(&self) -> bool {
        self.law == "england-and-wales"
    }
}

/// A profile that has been read, with the forces that only it knows.
pub(super) struct ReadProfile {
    pub(super) profile: Profile,
    pub(super) extra_forces: Vec<(Force, Row)>,
}

const SHAPE: &[(&str, &[&str])] = &[
    (
        "profile",
        &["name", "title", "description", "law", "judge_from"],
    ),
    ("rules", &["on", "off", "source", "place"]),
    ("window", &["rule", "from", "source", "place"]),
    ("asks_reason", &["rule", "source", "place"]),
    ("unacceptable_delay_reason", &["code", "source", "place"]),
    ("local_category", &["category", "crime", "source", "place"]),
    ("extra_force", &["slug", "name", "source", "place"]),
    ("limit", LIMIT_COLUMNS),
];

/// Reads one profile; none if it has no head.
pub(super) fn read_profile(text: &Text, reading: &mut Reading) -> Option<ReadProfile> {
    let rows = toml_rows(text, SHAPE, &mut reading.problems);
    let Some((_, head)) = rows.iter().find(|(table, _)| table == "profile") else {
        let fault = "the table `profile` is missing: expected name, title, description and law";
        reading.problems.push(&text.name, None, fault);
        return None;
    };
    let head = profile(head, &text.name, reading);
    let mut read = ReadProfile {
        profile: head?,
        extra_forces: Vec::new(),
    };
    for (table, row) in &rows {
        setting(table, row, &mut read, reading);
    }
    Some(read)
}

fn profile(row: &Row, file: &str, reading: &mut Reading) -> Option<Profile> {
    let problems = &mut reading.problems;
    let name = row.text("name", problems).map(str::to_owned);
    let title = row.text("title", problems);
    let description = row.text("description", problems);
    let law = row.text("law", problems);
    let judge_from = row.optional_day("judge_from", problems);
    let name = name?;
    if !file.ends_with(&format!("/{name}.toml")) {
        let fault = format!("`name` is `{name}`: expected the name of its file");
        row.wrong(problems, fault);
    }
    reading.is_new("profile", &name, Window::ALWAYS, row);
    Some(Profile {
        name,
        title: title?.to_owned(),
        description: description?.to_owned(),
        law: law?.to_owned(),
        judge_from,
        switches: Switches::default(),
        windows: BTreeMap::new(),
        asks_reason: BTreeSet::new(),
        unacceptable_delay_reasons: BTreeSet::new(),
        local_categories: BTreeMap::new(),
        limits: Limits::default(),
    })
}

/// Takes one row into the profile.
fn setting(table: &str, row: &Row, read: &mut ReadProfile, reading: &mut Reading) {
    let profile = &mut read.profile;
    match table {
        "profile" => {}
        "limit" => {
            let owner = format!("{} ", profile.name);
            profile.limits.admit_row(&owner, row, reading);
        }
        _ => {
            let cited = reading.citation_of_setting(row);
            match (table, cited) {
                ("rules", _) => profile.switches = switches(row, reading),
                ("extra_force", Some(cited)) => {
                    let force = extra_force(row, cited, reading);
                    read.extra_forces
                        .extend(force.map(|force| (force, row.clone())));
                }
                ("window", Some(cited)) => profile.set_window(row, cited, reading),
                (_, _) => profile.set_word(table, row, reading),
            }
        }
    }
}

impl Profile {
    fn set_window(&mut self, row: &Row, cited: Citation, reading: &mut Reading) {
        let rule = row.text("rule", &mut reading.problems);
        let from = row.day("from", &mut reading.problems);
        if let (Some(rule), Some(from)) = (rule, from) {
            let earlier = self.windows.insert(rule.to_owned(), (from, cited));
            reports_twice(earlier.is_some(), rule, row, reading);
        }
    }

    fn set_word(&mut self, table: &str, row: &Row, reading: &mut Reading) {
        let column = match table {
            "unacceptable_delay_reason" => "code",
            "local_category" => "category",
            _ => "rule",
        };
        let Some(word) = row.text(column, &mut reading.problems) else {
            return;
        };
        let owned = word.to_owned();
        let is_new = match table {
            "unacceptable_delay_reason" => self.unacceptable_delay_reasons.insert(owned),
            "asks_reason" => self.asks_reason.insert(owned),
            "local_category" => match row.flag("crime", &mut reading.problems) {
                Some(crime) => self.local_categories.insert(owned, crime).is_none(),
                None => true,
            },
            _ => true,
        };
        reports_twice(!is_new, word, row, reading);
    }
}

fn reports_twice(twice: bool, word: &str, row: &Row, reading: &mut Reading) {
    if twice {
        row.wrong(&mut reading.problems, format!("`{word}` is set twice"));
    }
}

fn switches(row: &Row, reading: &mut Reading) -> Switches {
    let all = row.optional("on") == Some("all");
    let on = if all {
        Vec::new()
    } else {
        row.list("on", &mut reading.problems)
    };
    let off = if row.has("off") {
        row.list("off", &mut reading.problems)
    } else {
        Vec::new()
    };
    Switches {
        all,
        on: on.into_iter().collect(),
        off: off.into_iter().collect(),
    }
}

fn extra_force(row: &Row, cited: Citation, reading: &mut Reading) -> Option<Force> {
    let slug = row.text("slug", &mut reading.problems);
    let name = row.text("name", &mut reading.problems);
    Some(Force {
        slug: slug?.to_owned(),
        name: name?.to_owned(),
        code: None,
        also: None,
        kind: ForceKind::Demonstration,
        cited,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Elapsed;
    use crate::reference::Library;

    #[test]
    fn the_national_profile_has_every_rule_on_and_moves_no_window() {
        let library = opened("national");
        let profile = library.profile();
        assert!(profile.is_on("REC-030"));
        assert!(profile.is_england_and_wales());
        assert_eq!(profile.window("VIC-070"), None);
        assert!(!profile.asks_reason("VIC-070"));
        assert!(profile.unacceptable_delay_reason("pending_investigation"));
        assert!(!profile.unacceptable_delay_reason("system_outage"));
        assert_eq!(profile.maps_to_crime("X99"), None);
        assert_eq!(profile.judge_from, None);
    }

    #[test]
    fn the_inspected_force_has_two_windows_and_asks_a_reason() {
        let library = opened("northamptonshire-2021");
        let profile = library.profile();
        let start = Some(LondonDay::of(2020, 1, 1));
        assert_eq!(profile.window("VIC-070"), start);
        assert_eq!(profile.window("VIC-074"), start);
        assert_eq!(profile.window("OUT-022"), None);
        assert!(profile.asks_reason("VIC-070"));
        let cited = profile.window_citation("VIC-070");
        assert_eq!(
            cited.map(|cited| cited.source.as_str()),
            Some("peel-northants-2021")
        );
    }

    #[test]
    fn the_demonstration_says_that_it_is_one() {
        let library = opened("demonstration-us");
        let profile = library.profile();
        assert_eq!(profile.law, "demonstration");
        assert!(!profile.is_england_and_wales());
        assert!(profile.is_on("REC-030"));
        assert!(!profile.is_on("VIC-040"));
        assert_eq!(profile.maps_to_crime("GOA"), Some(false));
        let kind = library.force("san-francisco").map(|force| force.kind);
        assert_eq!(kind, Some(ForceKind::Demonstration));
        assert!(library.force("northamptonshire").is_some());
    }

    #[test]
    fn a_local_limit_goes_before_the_published_one_in_its_window() {
        let own = format!(
            "{HEAD}[rules]\non = \"all\"\noff = [\"INC-020\"]\nsource = \"ours\"\nplace = \"x\"\n\
             [[limit]]\nname = \"closing_wait_hours\"\nfrom = \"2026-04-01\"\nvalue = 2\n\
             unit = \"hours\"\nkind = \"ours\"\nsource = \"ours\"\nplace = \"x\"\nconfidence = \"L\"\n"
        );
        let library = read_with(&own).unwrap_or_else(|problems| panic!("{problems}"));
        assert!(!library.profile().is_on("INC-020"));
        let wait = |year| {
            let book = library.on(LondonDay::of(year, 6, 1));
            book.limit(LimitName::ClosingWaitHours)
        };
        assert_eq!(wait(2025), Ok(Elapsed::hours(24)));
        assert_eq!(wait(2026), Ok(Elapsed::hours(2)));
    }

    #[test]
    fn every_fault_of_a_profile_is_told() {
        let own = format!(
            "{HEAD}[rules]\nsource = \"nowhere\"\nplace = \"x\"\n\
             [[window]]\nrule = \"VIC-070\"\nfrom = \"soon\"\nsource = \"ours\"\nplace = \"x\"\n\
             [holiday]\n"
        );
        let problems = read_with(&own).expect_err("three things are wrong");
        let told = problems.to_string();
        for fault in [
            "`source` is `nowhere`: expected a key of sources.toml",
            "`on` is missing: expected a list of texts",
            "`from` is `soon`: expected a day such as 2026-04-01",
            "unknown table `holiday`",
        ] {
            assert!(told.contains(fault), "{fault} in:\n{told}");
        }
    }

    const HEAD: &str = "[profile]\nname = \"own\"\ntitle = \"Own\"\ndescription = \"A test\"\n\
                        law = \"england-and-wales\"\n";

    fn opened(profile: &str) -> Library {
        Library::shipped(profile).unwrap_or_else(|problems| panic!("{problems}"))
    }

    fn read_with(own: &str) -> Result<Library, crate::reference::Problems> {
        let mut texts = crate::reference::shipped::shipped_texts()?;
        texts.push(Text {
            name: "profiles/own.toml".to_owned(),
            body: own.to_owned(),
        });
        Library::read(&texts, "own")
    }
}
