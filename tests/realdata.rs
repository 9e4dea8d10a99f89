//! Real open data through `check`: cuts of data.police.uk, San Francisco's fire dispatch, Seattle and
//! San Diego under their demonstration profiles. Every row is accounted for, and what the rules say
//! is what the fields allow; nothing here is a finding about a city or a force. Sources and licences
//! stand in `tests/realdata/README.md`. Start at [`every_row_of_every_cut_is_accounted_for`].

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;

use truecount::domain::Moment;
use truecount::drivers::files::input::Input;
use truecount::drivers::files::options::Options;
use truecount::drivers::files::run::{Run, check};
use truecount::reference::Library;
use truecount::validation::RuleSet;

const POLICE_UK: &str = "demonstration-police-uk";
const ATTENDANCE: &str = "demonstration-attendance";
const UNITED_STATES: &str = "demonstration-us";

const CUTS: [(&str, &str); 6] = [
    ("police-uk-street.csv", POLICE_UK),
    ("police-uk-outcomes.csv", POLICE_UK),
    ("san-francisco-fire.csv", ATTENDANCE),
    ("seattle-queued.csv", ATTENDANCE),
    ("seattle-cleared.csv", UNITED_STATES),
    ("san-diego.csv", UNITED_STATES),
];

#[test]
fn every_row_of_every_cut_is_accounted_for() {
    for (file, profile) in CUTS {
        let sums = judged(&[file], profile).balance.sums;
        assert_eq!(sums.read as usize, independent_rows(file), "{file}");
        assert_eq!(sums.off, 0, "{file}");
    }
}

#[test]
fn of_a_month_of_street_crimes_nothing_is_judged_and_nobody_is_accused() {
    let run = judged(&["police-uk-street.csv"], POLICE_UK);
    let sums = run.balance.sums;
    // Eight rows repeat an id. Only the id is told, so the place that differs does not matter.
    assert_eq!((sums.applied, sums.duplicate), (36, 8));
    assert_eq!((sums.quarantined, sums.control), (2, 4));
    let torn = BTreeMap::from([("unreadable_row".to_owned(), 2)]);
    assert_eq!(run.balance.by_reason, torn);
    let nameless = "anti-social behaviour without an id".to_owned();
    assert_eq!(run.balance.set_aside, BTreeMap::from([(nameless, 4)]));
    let open = ["OUT-001", "OUT-002", "OUT-022", "REC-030", "VIC-070"];
    let expected = open.map(|rule| ((rule, "undecidable"), 36));
    assert_eq!(verdicts(&run), BTreeMap::from(expected));
}

#[test]
fn a_column_tells_whose_row_it_is() {
    let run = judged(&["police-uk-street.csv"], POLICE_UK);
    let held = run.validation.forces();
    let held: Vec<(&str, usize)> = held
        .map(|force| (force.code().as_str(), force.things()))
        .collect();
    let expected = [
        ("avon-and-somerset", 5),
        ("bedfordshire", 5),
        ("city-of-london", 26),
    ];
    assert_eq!(held, expected);
}

#[test]
fn an_outcome_known_by_one_word_is_judged_and_one_word_for_several_is_not() {
    let files = ["police-uk-street.csv", "police-uk-outcomes.csv"];
    let run = judged(&files, POLICE_UK);
    let courts = run.balance.set_aside.get("court result");
    assert_eq!(courts, Some(&5));
    let verdicts = verdicts(&run);
    for rule in ["OUT-001", "OUT-002"] {
        // Three crimes ended without a suspect; a caution and a suspect who could not be prosecuted
        // are words for several types.
        assert_eq!(verdicts.get(&(rule, "met")), Some(&3));
        assert_eq!(verdicts.get(&(rule, "breach")), None);
    }
    assert_eq!(missing(&run, "OUT-022").get("suspects.named"), Some(&3));
    // 36 crimes of the street files, and one whose own row there is torn: 37 less the three.
    assert_eq!(missing(&run, "OUT-022").get("outcomes.code"), Some(&34));
}

#[test]
fn the_first_unit_is_the_attendance_and_an_unlisted_priority_accuses_nobody() {
    let run = judged(&["san-francisco-fire.csv"], ATTENDANCE);
    let sums = run.balance.sums;
    assert_eq!((sums.applied, sums.control), (22, 21));
    let expected = [
        (("INC-020", "breach"), 3),
        (("INC-020", "met"), 8),
        (("INC-020", "not_applicable"), 3),
        (("INC-020", "undecidable"), 8),
    ];
    assert_eq!(verdicts(&run), BTreeMap::from(expected));
    let expected = [
        ("closure.closed_at".to_owned(), 2),
        ("response.grades.at".to_owned(), 2),
        ("response.grades.grade".to_owned(), 4),
    ];
    assert_eq!(missing(&run, "INC-020"), BTreeMap::from(expected));
    let unread = ["A", "C"].map(|letter| (format!("response.grades.grade={letter}"), 2));
    assert_eq!(run.balance.unread, BTreeMap::from(unread));
}

#[test]
fn the_units_of_a_call_are_numbered_in_the_order_in_which_they_arrived() {
    let mut calls: BTreeMap<String, Vec<(u32, String)>> = BTreeMap::new();
    let mut reader = ::csv::Reader::from_path(path("san-francisco-fire.csv")).expect("it is there");
    let headers = reader.headers().expect("it has a header").clone();
    let column = |name| headers.iter().position(|header| header == name);
    let columns = [
        "Call Number",
        "Unit sequence in call dispatch",
        "On Scene DtTm",
    ]
    .map(column);
    for row in reader.records() {
        let row = row.expect("it is sound");
        let [call, place, arrived] = columns.map(|at| &row[at.expect("the column is there")]);
        if let (false, Ok(place)) = (arrived.is_empty(), place.parse()) {
            let units = calls.entry(call.to_owned()).or_default();
            units.push((place, sortable(arrived)));
        }
    }
    for (call, mut units) in calls {
        units.sort();
        assert!(units.is_sorted_by_key(|(_, arrived)| arrived), "{call}");
    }
}

#[test]
fn a_call_that_nobody_logged_an_arrival_for_is_not_called_late() {
    let run = judged(&["seattle-queued.csv"], ATTENDANCE);
    let expected = [
        (("INC-020", "met"), 11),
        (("INC-020", "not_applicable"), 20),
        (("INC-020", "undecidable"), 1),
    ];
    assert_eq!(verdicts(&run), BTreeMap::from(expected));
    let expected = [
        ("called off by radio".to_owned(), 3),
        ("self-initiated".to_owned(), 7),
    ];
    assert_eq!(run.balance.set_aside, BTreeMap::from(expected));
}

#[test]
fn a_crime_closing_whose_record_file_is_not_published_accuses_nobody() {
    let run = judged(&["seattle-cleared.csv"], UNITED_STATES);
    let expected = [
        (("REC-021", "not_applicable"), 15),
        (("REC-021", "undecidable"), 25),
    ];
    assert_eq!(verdicts(&run), BTreeMap::from(expected));
    let expected = [
        ("closure.category".to_owned(), 16),
        ("core.status".to_owned(), 9),
    ];
    assert_eq!(missing(&run, "REC-021"), BTreeMap::from(expected));
}

#[test]
fn a_closing_without_a_time_judges_nothing() {
    let run = judged(&["san-diego.csv"], UNITED_STATES);
    let expected = BTreeMap::from([(("REC-021", "undecidable"), 39)]);
    assert_eq!(verdicts(&run), expected);
    let expected = [
        ("closure.category".to_owned(), 5),
        ("closure.closed_at".to_owned(), 34),
    ];
    assert_eq!(missing(&run, "REC-021"), BTreeMap::from(expected));
}

/// Judges cuts long after they were made, so that nothing waits for proof.
fn judged(files: &[&str], profile: &str) -> Run {
    let inputs: Vec<Input> = files
        .iter()
        .map(|file| path(file).as_path().into())
        .collect();
    let library = Library::shipped(profile).unwrap_or_else(|problems| panic!("{problems}"));
    let later = Moment::parse("2026-01-01")
        .expect("this is a day")
        .earliest();
    let options = Options {
        as_at: Some(later),
        ..Options::default()
    };
    let rules = RuleSet::of(library);
    let run = check(&inputs, rules, &options, later, &AtomicU64::new(0), |_| {
        Ok(())
    });
    run.unwrap_or_else(|fault| panic!("{fault}"))
}

fn path(file: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("tests/realdata").join(file)
}

/// Rows by a reader that knows no mapping and does not mind how many cells a row has.
fn independent_rows(file: &str) -> usize {
    let mut reader = ::csv::ReaderBuilder::new();
    let reader = reader.flexible(true).from_path(path(file));
    reader.expect("it is there").records().count()
}

fn verdicts(run: &Run) -> BTreeMap<(&'static str, &'static str), usize> {
    let mut counts = BTreeMap::new();
    for line in run.validation.forces().flat_map(|force| force.judgements()) {
        *counts.entry((line.rule, line.verdict)).or_default() += 1;
    }
    counts
}

fn missing(run: &Run, rule: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    let lines = run.validation.forces().flat_map(|force| force.judgements());
    for path in lines
        .filter(|line| line.rule == rule)
        .flat_map(|line| line.missing)
    {
        *counts.entry(path).or_default() += 1;
    }
    counts
}

/// `04/07/2020 11:53:08 PM` as text that sorts by time.
fn sortable(moment: &str) -> String {
    let part = |from: usize, to: usize| moment.get(from..to).unwrap_or_default();
    let hour: u32 = part(11, 13).parse().unwrap_or_default();
    let hour = hour % 12 + if part(20, 22) == "PM" { 12 } else { 0 };
    let (day, minute) = (part(0, 5), part(13, 19));
    format!("{} {day} {hour:02}{minute}", part(6, 10))
}
