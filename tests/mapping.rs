//! CSV rows through mapping files, seen from outside: the traps of real extracts, one test each. The
//! rows under `tests/mapping` are public domain (San Francisco Police Department, DataSF sets
//! hz9m-tj6z and wg3w-h783, PDDL 1.0); `examples/san-francisco/README.md` says how they were cut.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use truecount::domain::records::{CrimeRecord, IncidentRecord};
use truecount::wire::csv::{Mapping, Mappings, Reason, Row, RowOutcome, Rows, Tally};

const CALLS: &str = include_str!("mapping/cad-sample.csv");
const REPORTS: &str = include_str!("mapping/rms-sample.csv");
const CALLS_OF_A_DAY: &str = include_str!("../examples/san-francisco/cad-2018-12-05.csv");
const REPORTS_OF_A_DAY: &str = include_str!("../examples/san-francisco/rms-2018-12-05.csv");

#[test]
fn the_shipped_mappings_read_every_row_of_the_shipped_example() {
    let calls = tally(&shipped(CALLS_OF_A_DAY));
    assert_eq!((calls.rows(), calls.records), (2086, 2086));
    let reports = tally(&shipped(REPORTS_OF_A_DAY));
    assert_eq!((reports.rows(), reports.records), (399, 349));
    assert_eq!(
        reports.set_aside,
        BTreeMap::from([("supplement".to_owned(), 50)])
    );
    assert!(calls.unread.is_empty() && reports.unread.is_empty());
}

#[test]
fn every_record_is_one_that_the_contract_reads() {
    for (value, _) in records(&shipped(CALLS_OF_A_DAY)) {
        let read = serde_json::from_value::<IncidentRecord>(value.clone());
        assert!(read.is_ok(), "{read:?} {value}");
    }
    for (value, _) in records(&shipped(REPORTS_OF_A_DAY)) {
        let read = serde_json::from_value::<CrimeRecord>(value.clone());
        assert!(read.is_ok(), "{read:?} {value}");
    }
}

#[test]
fn the_rows_of_one_report_are_the_same_content() {
    let records = records(&shipped(REPORTS_OF_A_DAY));
    let contents: BTreeSet<String> = records.iter().map(|(value, _)| value.to_string()).collect();
    let references: BTreeSet<String> = records
        .iter()
        .map(|(value, _)| value["reference"].to_string())
        .collect();
    assert_eq!(
        (records.len(), contents.len(), references.len()),
        (349, 272, 272)
    );
}

#[test]
fn as_many_rows_come_out_as_an_independent_reader_finds() {
    for text in [CALLS, REPORTS, CALLS_OF_A_DAY, REPORTS_OF_A_DAY] {
        let found = shipped(text).len();
        assert_eq!(found, naive_rows(text).len() - 1);
        assert_eq!(
            found,
            ::csv::Reader::from_reader(text.as_bytes())
                .records()
                .count()
        );
    }
}

#[test]
fn a_call_says_what_the_city_publishes_and_no_more() {
    let calls = by_reference(&shipped(CALLS));
    let burglary = &calls["183390105"];
    let told = json!({
        "record": "incident", "force": "san-francisco", "source": "cad", "reference": "183390105",
        "committed_at": "2018-12-05T09:05+00:00",
        "log": {
            "received_at": "2018-12-05T09:05+00:00", "opening_category": "Audible Alarm",
            "opened_as_crime": true
        },
        "closure": {"scheme": "local", "category": "REP"},
    });
    assert_eq!(*burglary, told);
    assert_eq!(
        calls["183394126"]["log"].get("opened_as_crime"),
        None,
        "handled"
    );
    assert_eq!(
        calls["183394141"]["closure"]["category"],
        json!(""),
        "no disposition"
    );
    assert_eq!(calls["183394086"].get("closure"), None, "not recorded");
    // The number of the next day, given when the call was answered.
    assert_eq!(
        calls["183400005"]["log"]["received_at"],
        json!("2018-12-06T07:52+00:00")
    );
    assert_eq!(
        calls["183393460"]["log"]["opening_category"],
        json!("7,2,27")
    );
}

#[test]
fn a_report_names_its_call_and_a_blank_number_means_none_only_online() {
    let reports = by_reference(&shipped(REPORTS));
    let officer = &reports["744698"];
    assert_eq!(
        officer["origin"],
        json!([{"incident": "183390191", "kind": "source"}])
    );
    assert_eq!(reports["745220"]["origin"], json!([]));
    let blank = REPORTS.replace(",183390191,II", ",,II");
    assert_eq!(by_reference(&shipped(&blank))["744698"].get("origin"), None);
}

#[test]
fn an_unknown_hour_is_left_out_and_no_midnight_is_made_of_it() {
    let reports = by_reference(&shipped(REPORTS));
    assert_eq!(reports["744708"]["core"].get("committed_from"), None);
    assert_eq!(
        reports["744708"]["core"]["recorded_at"],
        json!("2018-12-05T13:27+00:00")
    );
    assert_eq!(
        reports["744681"]["core"]["committed_from"],
        json!("2018-12-05T08:23+00:00")
    );
}

#[test]
fn an_hour_that_exists_twice_or_never_is_a_problem_and_the_next_row_is_read() {
    let call = |local: &str| format!("7,Poss,d,d,d,t,{local}:00.000,HAN,1\n");
    let header = CALLS.lines().next().unwrap_or_default();
    let times = ["2018-11-04T01:30", "2018-03-11T02:30", "2018-11-04T02:00"];
    let text = format!("{header}\n{}", times.map(call).concat());
    let rows = shipped(&text);
    assert_eq!(reasons(&rows[0]), [Reason::AmbiguousLocalTime; 2]);
    assert_eq!(reasons(&rows[1]), [Reason::ImpossibleLocalTime; 2]);
    assert_eq!(
        records(&rows)[0].0["committed_at"],
        json!("2018-11-04T10:00+00:00")
    );
    let RowOutcome::Problem(problems) = &rows[0].outcome else {
        panic!("a problem")
    };
    assert_eq!(
        problems[0].to_string(),
        "ambiguous_local_time: committed_at from \"call_date_time\": expected a time that exists \
         once in America/Los_Angeles, found \"2018-11-04T01:30:00.000\"; send the offset with the \
         time, or say ambiguous = \"earlier\" or \"later\" if the source system settles it"
    );
}

#[test]
fn a_value_nobody_listed_costs_its_field_and_is_counted_by_value() {
    let text = CALLS.replace(",HAN,", ",XYZ,");
    let rows = shipped(&text);
    let tally = tally(&rows);
    let unread = ("log.opened_as_crime".to_owned(), "XYZ".to_owned());
    assert_eq!(tally.unread, BTreeMap::from([(unread, 8)]));
    assert_eq!(tally.records, 45);
}

#[test]
fn every_way_of_writing_a_file_gives_the_same_records() {
    let mapping = mapping(THREE);
    let plain =
        "Id,At,Class\n007,2026-04-01 09:00,\"a\nb\"\n008,2026-04-02 09:00,\"x, \"\"y\"\"\"\n";
    let expected = records(&read(&mapping, plain.as_bytes()));
    assert_eq!(expected[0].0["reference"], json!("007"));
    assert_eq!(expected[0].0["core"]["offence_class"], json!("a\nb"));
    assert_eq!(expected[1].0["core"]["offence_class"], json!("x, \"y\""));
    let (head, tail) = plain.split_at(plain.find("008").unwrap_or_default());
    for written in [
        format!("\u{feff}{plain}"),
        plain.trim_end().to_owned(),
        format!("\n{head}\n\n{tail}\n"),
        plain.replace("Id,At,Class", "\"Id\",At, Class "),
        plain.replace("007,", " 007 ,"),
    ] {
        assert_eq!(
            records(&read(&mapping, written.as_bytes())),
            expected,
            "{written:?}"
        );
    }
    for end in ["\r\n", "\r"] {
        let rows = read(&mapping, plain.replace('\n', end).as_bytes());
        let class = format!("a{end}b");
        assert_eq!(records(&rows)[0].0["core"]["offence_class"], json!(class));
        assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 4]);
    }
}

#[test]
fn a_bad_row_keeps_its_bytes_and_stops_nothing() {
    let mapping = mapping(THREE);
    let bytes = b"Id,At,Class\n1,2026-04-01 09:00\n2,2026-04-01 09:00,a,b\n3,soon,a\n\
        4,2026-04-01 09:00,\"torn\n5,2026-04-01 09:00,\xff\n6,2026-04-01 09:00,a\n\
        ,2026-04-01 09:00,a\n7,2026-0";
    let rows = read(&mapping, bytes);
    let found: Vec<Vec<Reason>> = rows.iter().map(reasons).collect();
    let (ragged, bad, unreadable) = (Reason::RaggedRow, Reason::BadCsv, Reason::UnreadableValue);
    let expected = [
        vec![ragged],
        vec![ragged],
        vec![unreadable],
        vec![bad],
        vec![unreadable],
        vec![],
        vec![unreadable],
        vec![ragged],
    ];
    assert_eq!(found, expected);
    for row in &rows {
        let from = row.offset as usize;
        assert_eq!(bytes[from..from + row.raw.len()], row.raw[..]);
    }
    assert_eq!(rows[4].raw, b"5,2026-04-01 09:00,\xff");
    assert_eq!(tally(&rows).rows(), 8);
}

#[test]
fn cells_that_tell_nothing_and_cells_that_say_none_are_told_apart() {
    let mapping = mapping(
        &THREE
            .replace("[file]", "[file]\nnull = [\"\", \"NULL\"]")
            .replace(
                "\"{Class}\"",
                "{ column = \"Class\", null = [\"?\"], empty = [\"NONE\"] }",
            ),
    );
    let class = |cell: &str| {
        let text = format!("Id,At,Class\n1,2026-04-01 09:00,{cell}\n");
        records(&read(&mapping, text.as_bytes()))[0].0["core"]
            .get("offence_class")
            .cloned()
    };
    for untold in ["", "NULL", "?", "  "] {
        assert_eq!(class(untold), None, "{untold:?}");
    }
    assert_eq!(class("NONE"), Some(json!("")));
    assert_eq!(class("null"), Some(json!("null")));
}

#[test]
fn entries_take_their_ids_from_columns_and_blank_ones_are_not_there() {
    let mapping = mapping(VICTIMS);
    let text = "Id,At,V1,Age1,V2,Age2\n1,2026-04-01,a,30,b,\n2,2026-04-01,,,b,40\n\
                3,2026-04-01,,,,\n4,2026-04-01,,30,,\n5,2026-04-01,a,old,,\n";
    let rows = read(&mapping, text.as_bytes());
    let victims: Vec<Value> = records(&rows)
        .iter()
        .map(|(value, _)| value["victims"].clone())
        .collect();
    let (a, b) = (
        json!({"victim_ref": "1-a", "age_at_offence": 30}),
        json!({"victim_ref": "1-b"}),
    );
    let alone = json!({"victim_ref": "2-b", "age_at_offence": 40});
    assert_eq!(victims, [json!([a, b]), json!([alone]), json!([])]);
    assert_eq!(reasons(&rows[3]), [Reason::UnreadableValue]);
    assert_eq!(reasons(&rows[4]), [Reason::UnreadableValue]);
}

#[test]
fn a_column_can_tell_the_force_and_a_name_nobody_listed_costs_the_row() {
    let told = THREE.replace(
        "\"northamptonshire\"",
        "{ column = \"Class\", codes = \"force\" }",
    );
    let mapping = mapping(&(told + "[codes.force.map]\n\"North Police\" = \"north\"\n"));
    let text = "Id,At,Class\n1,2026-04-01 09:00,North Police\n2,2026-04-01 09:00,Nort Police\n\
                3,2026-04-01 09:00,\n";
    let rows = read(&mapping, text.as_bytes());
    assert_eq!(records(&rows)[0].0["force"], json!("north"));
    let unreadable = vec![Reason::UnreadableValue];
    assert_eq!(
        [&rows[1], &rows[2]].map(reasons),
        [unreadable.clone(), unreadable]
    );
}

#[test]
fn bytes_of_another_encoding_are_read_as_the_mapping_says() {
    let latin = mapping(&THREE.replace("[file]", "[file]\nencoding = \"windows-1252\""));
    let rows = read(&latin, b"Id,At,Class\n1,2026-04-01 09:00,caf\xe9\n");
    assert_eq!(
        records(&rows)[0].0["core"]["offence_class"],
        json!("caf\u{e9}")
    );
    // A mark says that the bytes are UTF-8 whatever was expected.
    let rows = read(
        &latin,
        "\u{feff}Id,At,Class\n1,2026-04-01 09:00,café\n".as_bytes(),
    );
    assert_eq!(records(&rows)[0].0["core"]["offence_class"], json!("café"));
}

const THREE: &str = r#"
title = "three columns"
record = "crime"
force = "northamptonshire"
source = "rms"
[file]
columns = ["Id", "At", "Class"]
[moments]
format = "%Y-%m-%d %H:%M"
zone = "Europe/London"
[head]
reference = "{Id}"
committed_at = "{At}"
[fields]
"core.offence_class" = "{Class}"
"#;

const VICTIMS: &str = r#"
title = "room for two victims"
record = "crime"
force = "northamptonshire"
source = "rms"
[file]
columns = ["Id", "At", "V1", "Age1", "V2", "Age2"]
[moments]
format = "rfc3339"
[head]
reference = "{Id}"
committed_at = "{At}"
[[list]]
path = "victims"
[[list.entry]]
fields = { victim_ref = "{Id}-{V1}", age_at_offence = "{Age1}" }
[[list.entry]]
fields = { victim_ref = "{Id}-{V2}", age_at_offence = "{Age2}" }
[[empty]]
path = "victims"
"#;

fn mapping(text: &str) -> Mapping {
    Mapping::read("test.toml", text).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn read(mapping: &Mapping, bytes: &[u8]) -> Vec<Row> {
    let rows = Rows::open(mapping, bytes).expect("the header is sound");
    rows.map(|row| row.expect("bytes in memory can be read"))
        .collect()
}

fn shipped(text: &str) -> Vec<Row> {
    let mappings = Mappings::shipped();
    let rows = mappings
        .open(text.as_bytes())
        .expect("a shipped mapping fits");
    rows.map(|row| row.expect("bytes in memory can be read"))
        .collect()
}

fn records(rows: &[Row]) -> Vec<(Value, Vec<(String, String)>)> {
    let records = rows.iter().filter_map(|row| match &row.outcome {
        RowOutcome::Record { value, unread } => Some((value.clone(), unread.clone())),
        _ => None,
    });
    records.collect()
}

fn by_reference(rows: &[Row]) -> BTreeMap<String, Value> {
    let records = records(rows).into_iter();
    records
        .map(|(value, _)| {
            (
                value["reference"].as_str().unwrap_or_default().to_owned(),
                value,
            )
        })
        .collect()
}

fn reasons(row: &Row) -> Vec<Reason> {
    match &row.outcome {
        RowOutcome::Problem(problems) => problems.iter().map(|problem| problem.reason).collect(),
        _ => Vec::new(),
    }
}

fn tally(rows: &[Row]) -> Tally {
    let mut tally = Tally::default();
    rows.iter().for_each(|row| tally.count(&row.outcome));
    tally
}

/// As short as a reader can be: quotes toggle, and what is outside them parts cells and rows.
fn naive_rows(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (vec![], vec![], String::new(), false);
    for letter in text.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            other => cell.push(other),
        }
    }
    rows
}
