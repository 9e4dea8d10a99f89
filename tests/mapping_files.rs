//! What is said of a mapping file that cannot work, and of a CSV file that no mapping can read:
//! every message names the place and what to do, and all problems of a file come at once.

use serde_json::Value;
use truecount::wire::csv::{Mapping, Mappings, RowOutcome, Rows};

const PAGE: &str = include_str!("../docs/mappings.md");

#[test]
fn the_worked_example_of_the_page_does_what_the_page_says() {
    let mapping = Mapping::read("m.toml", block("toml"));
    let mapping = mapping.unwrap_or_else(|problems| panic!("{problems:#?}"));
    let rows = Rows::open(&mapping, block("csv").as_bytes()).expect("the header is sound");
    let outcomes: Vec<RowOutcome> = rows.flatten().map(|row| row.outcome).collect();
    let expected: Vec<Value> = block("json")
        .lines()
        .flat_map(serde_json::from_str)
        .collect();
    let unread = [vec![], vec![("core.status".to_owned(), "NFA".to_owned())]];
    assert_eq!(expected.len(), unread.len());
    for ((outcome, value), unread) in outcomes.iter().zip(expected).zip(unread) {
        assert_eq!(*outcome, RowOutcome::Record { value, unread });
    }
    let name = "training record".to_owned();
    assert_eq!(outcomes[2..], [RowOutcome::SetAside { name }]);
}

#[test]
fn all_problems_of_a_mapping_file_are_told_at_once_with_their_lines() {
    let first = problems(BROKEN);
    let expected = [
        "m.toml:3: \"record\" must be \"incident\" or \"crime\"",
        "m.toml:6: \"columns\" is missing: list the columns of the header",
        "m.toml:6: unknown key \"colums\"; did you mean \"columns\"?",
    ];
    assert_eq!(first[..3], expected);
    assert!(
        !first.iter().any(|told| told.contains("is expected")),
        "{first:#?}"
    );
    let broken = problems(
        &BROKEN
            .replacen("crimes", "crime", 1)
            .replace("colums", "columns"),
    );
    let expected = [
        (9, "no zone is called \"Europe/Londn\""),
        (11, "no column \"Idd\" is expected; did you mean \"Id\"?"),
        (
            14,
            "no field is called \"core.recorded\"; did you mean \"core.recorded_at\"?",
        ),
        (15, "expected true or false, found \"yes\""),
        (
            16,
            "\"reference\" belongs to the head; tell it under [head]",
        ),
        (17, "\"At\" is a column; write \"{At}\" to tell its cells"),
        (18, "no CrimeKind is \"crimes\"; did you mean \"crime\"?"),
        (19, "\"origin\" is a list; tell its entries under [[list]]"),
        (
            20,
            "\"core.recorded_by\" is a group; tell its fields: staff_ref, role,",
        ),
        (
            21,
            "there is no list of codes \"modes\"; write [codes.modes.map]",
        ),
        (22, "\"true\" says nothing about a text"),
        (23, "only a text, a truth value or a list can be empty"),
        (
            27,
            "an entry of this list lacks \"victim_ref\" from columns",
        ),
        (32, "\"everything\" would set every row aside"),
    ];
    for (line, part) in expected {
        let found = broken
            .iter()
            .any(|told| told.starts_with(&format!("m.toml:{line}: ")) && told.contains(part));
        assert!(found, "line {line}: {part}\n{broken:#?}");
    }
}

#[test]
fn a_constant_alone_makes_no_group() {
    let text = sound()
        .replace(
            "{Class}\"",
            "{Class}\"\n\"core.delay_rationale.present\" = true",
        )
        .replace("core.offence_class", "core.delay_rationale.reason_code")
        .replace(
            "[fields]",
            "\"deleted.reason\" = \"unknown\"\n\"deleted.into\" = \"{Class}\"\n[fields]",
        );
    let mapping = Mapping::read("m.toml", &text).expect("it is sound");
    let bytes = "Id,At,Class\n1,2026-04-01,\n2,2026-04-01,x\n".as_bytes();
    let rows = Rows::open(&mapping, bytes).expect("the header is sound");
    let records: Vec<Value> = rows
        .flatten()
        .filter_map(|row| match row.outcome {
            RowOutcome::Record { value, .. } => Some(value),
            _ => None,
        })
        .collect();
    assert_eq!(
        (records[0].get("deleted"), records[0].get("core")),
        (None, None)
    );
    assert_eq!(records[1]["deleted"]["reason"], "unknown");
    assert_eq!(records[1]["core"]["delay_rationale"]["present"], true);
}

#[test]
fn a_code_list_gives_only_what_its_field_can_hold() {
    let text = sound().replace(
        "[fields]",
        "[codes.kinds.map]\nC = \"crime\"\nN = \"n-record\"\n[codes.unused.map]\nA = \"a\"\n[fields]\n\
         \"core.kind\" = { column = \"Class\", codes = \"kinds\" }",
    );
    let told = problems(&text);
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(told[0].contains("no CrimeKind is \"n-record\"; did you mean \"n_record\"?"));
    assert!(told[1].contains("no field uses codes = \"unused\""));
}

#[test]
fn a_day_of_another_zone_cannot_be_told() {
    let text = sound().replace("rfc3339", "%Y-%m-%d").replace(
        "[head]",
        "[moments]\nzone = \"America/Los_Angeles\"\n[head]",
    );
    let told = problems(&text);
    assert!(
        told[0].contains("a day or month is reckoned in Europe/London"),
        "{told:#?}"
    );
}

#[test]
fn a_header_that_lacks_columns_is_refused_before_the_first_row() {
    assert_eq!(
        refusal("Id,Other\n1,2\n"),
        "the file lacks columns that the mapping expects: \"At\" (m.toml:6), \"Class\" (m.toml:6)"
    );
}

#[test]
fn a_header_that_names_a_column_twice_is_refused() {
    let told = refusal("Id,At,Class,At,Id\n");
    assert!(
        told.starts_with("the header names these columns more than once: At, Id;"),
        "{told}"
    );
}

#[test]
fn files_that_hold_no_header_are_refused() {
    assert!(refusal("").starts_with("the file is empty"));
    assert!(refusal("\n\r\n").starts_with("the file is empty"));
    assert!(refusal("\"Id,At,Class\n").starts_with("the header row cannot be read as CSV"));
    let mapping = Mapping::read("m.toml", &sound()).expect("it is sound");
    for bytes in [&b"\xff\xfeI\0d\0"[..], b"I\0d\0,\0", b"Id,At,Cl\xe4ss\n"] {
        let told = Rows::open(&mapping, bytes)
            .map(|_| ())
            .map_err(|error| error.to_string());
        assert!(
            told.as_ref().is_err_and(|told| told.contains("export")),
            "{told:?}"
        );
    }
}

#[test]
fn a_header_of_nobody_names_the_nearest_mapping() {
    let told = Mappings::shipped()
        .open("crime_id,disposition\n".as_bytes())
        .map(|_| ());
    let told = told.map_err(|error| error.to_string());
    let start = "no mapping fits this header: nearest is san-francisco-cad.toml, but the file lacks \
                 \"original_crime_type_name\" (san-francisco-cad.toml:";
    assert!(
        told.as_ref().is_err_and(|told| told.starts_with(start)),
        "{told:?}"
    );
}

/// The first fenced block of this language on the page.
fn block(language: &str) -> &'static str {
    let (_, rest) = PAGE
        .split_once(&format!("```{language}\n"))
        .expect("the page has one");
    rest.split_once("```").expect("every block ends").0
}

fn sound() -> String {
    "title = \"t\"\nrecord = \"crime\"\nforce = \"f\"\nsource = \"s\"\n[file]\n\
     columns = [\"Id\", \"At\", \"Class\"]\n[head]\nreference = \"{Id}\"\n\
     committed_at = { column = \"At\", format = \"rfc3339\" }\n[fields]\n\
     \"core.offence_class\" = \"{Class}\"\n"
        .to_owned()
}

const BROKEN: &str = r#"# Line 1.
title = "broken"
record = "crimes"
force = "f"
source = "s"
file = { colums = ["Id", "At", "Class"] }
[head]
reference = "{Id}"
committed_at = { column = "At", format = "%Y-%m-%d %H:%M", zone = "Europe/Londn" }
# Version.
version = "{Idd}"
# Fields.
[fields]
"core.recorded" = "{At}"
"core.hate" = "yes"
"reference" = "{Id}"
"core.n_code" = "At"
"core.kind" = "crimes"
"origin" = "{Id}"
"core.recorded_by" = "{Id}"
"core.mode" = { column = "Class", codes = "modes" }
"core.offence_class" = { column = "Class", true = "x" }
"core.recorded_at" = { column = "At", format = "rfc3339", empty = "" }
# A list.

[[list]]
path = "victims"
[[list.entry]]
fields = { kind = "person" }
[[list.entry]]
fields = { victim_ref = "{Id}" }
[[set_aside]]
name = "everything"
"#;

fn problems(text: &str) -> Vec<String> {
    let problems = Mapping::read("m.toml", text)
        .map(|_| ())
        .expect_err("it is broken");
    problems.iter().map(ToString::to_string).collect()
}

fn refusal(text: &str) -> String {
    let mapping = Mapping::read("m.toml", &sound()).expect("it is sound");
    let told = Rows::open(&mapping, text.as_bytes()).map(|_| ());
    told.map_err(|error| error.to_string())
        .expect_err("the header is not sound")
}
