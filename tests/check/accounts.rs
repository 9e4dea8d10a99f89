//! Every record of a file is accounted for, however its lines end and wherever it is torn: `read` is
//! what a reader that knows nothing of records counts. Start at [`every_line_end_gives_the_same`].

use crate::command::{Folder, Ran, at_home, crime};

#[test]
fn every_line_end_gives_the_same() {
    let lines: Vec<String> = (1..=4)
        .map(|number| crime(&format!("34/26/00000{number}"), 1).to_string())
        .collect();
    let mut seen = Vec::new();
    for (name, text) in [
        ("LF", lines.join("\n") + "\n"),
        ("CRLF", lines.join("\r\n") + "\r\n"),
        ("CR", lines.join("\r") + "\r"),
        ("mark", format!("\u{feff}{}\n", lines.join("\n"))),
        ("no end", lines.join("\n")),
        (
            "blank lines",
            format!("\n\n{}\n \t\n\n", lines.join("\n\n  \n")),
        ),
    ] {
        let ran = read(&text);
        assert_eq!(ran.code, 0, "{name}: {}", ran.complained);
        assert_eq!(ran.sum("read"), 4, "{name}");
        assert_eq!(ran.sum("read"), naive_lines(text.as_bytes()), "{name}");
        seen.push(ran.text("judgements.jsonl").to_owned());
    }
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn blank_lines_are_counted_and_are_no_records() {
    let record = crime("34/26/000001", 1);
    let ran = read(&format!("{record}\n\n   \n{}\n", crime("34/26/000002", 1)));
    assert_eq!(ran.sum("blank_lines"), 2);
    assert_eq!(ran.sum("applied"), 2);
}

#[test]
fn a_torn_last_line_is_set_aside_with_what_was_there() {
    let torn = crime("34/26/000002", 1).to_string();
    let torn = &torn[..torn.len() / 2];
    let ran = read(&format!("{}\n{torn}", crime("34/26/000001", 1)));
    assert_eq!(ran.code, 3);
    let [line] = ran.lines("quarantine.jsonl").try_into().expect("one line");
    assert_eq!(
        (line["line"].as_u64(), line["text"].as_str()),
        (Some(2), Some(torn))
    );
}

#[test]
fn a_file_without_records_is_no_error() {
    for text in ["", "\u{feff}", "\n\n"] {
        let ran = read(text);
        assert_eq!((ran.code, ran.sum("read")), (0, 0), "{}", ran.complained);
    }
}

#[test]
fn a_quoted_line_end_stays_in_its_row() {
    let quoted = "\"Vandalism,\r\n to \"\"Vehicles\"\"\"";
    let text = [HEADER, &row(1, "2018/12/03 11:23:00 PM", quoted), ""].join("\n");
    let ran = rows(&text);
    assert_eq!((ran.code, ran.sum("applied")), (0, 1), "{}", ran.complained);
    assert_eq!(ran.sum("read"), naive_rows(text.as_bytes()) - 1);
}

#[test]
fn rows_are_counted_through_blank_lines_marks_and_line_ends() {
    let sound = |number| row(number, "2018/12/03 11:23:00 PM", "Vandalism");
    for (name, text) in [
        ("CRLF", [HEADER, &sound(1), &sound(2), ""].join("\r\n")),
        (
            "mark",
            format!("\u{feff}{}", [HEADER, &sound(1), &sound(2)].join("\n")),
        ),
        (
            "blank",
            [HEADER, &sound(1), "", &sound(2), "", ""].join("\n"),
        ),
    ] {
        let ran = rows(&text);
        assert_eq!(
            (ran.code, ran.sum("read")),
            (0, 2),
            "{name}: {}",
            ran.complained
        );
        assert_eq!(naive_rows(text.as_bytes()) - 1, 2, "{name}");
    }
}

#[test]
fn a_torn_last_row_is_set_aside() {
    let torn = &row(2, "2018/12/03 11:23:00 PM", "Vandalism")[..60];
    let ran = rows(&[HEADER, &row(1, "2018/12/03 11:23:00 PM", "Vandalism"), torn].join("\n"));
    assert_eq!(ran.code, 3);
    let [line] = ran.lines("quarantine.jsonl").try_into().expect("one row");
    assert_eq!(line["reason"], "unreadable_row");
    assert_eq!(
        (line["line"].as_u64(), line["text"].as_str()),
        (Some(3), Some(torn))
    );
}

#[test]
fn a_local_time_that_was_twice_or_never_is_set_aside() {
    let twice = row(1, "2018/11/04 01:30:00 AM", "Vandalism");
    let never = row(2, "2018/03/11 02:30:00 AM", "Vandalism");
    let sound = row(3, "2018/11/04 03:30:00 AM", "Vandalism");
    let ran = rows(&[HEADER, &twice, &never, &sound].join("\n"));
    assert_eq!((ran.code, ran.sum("applied")), (3, 1));
    let expected = [(2, "ambiguous_local_time"), (3, "impossible_local_time")];
    let expected = expected.map(|(line, why)| ("rms.csv".to_owned(), line, why.to_owned()));
    assert_eq!(ran.set_aside(), expected);
    for (line, row) in ran.lines("quarantine.jsonl").iter().zip([twice, never]) {
        assert_eq!(line["text"], row.as_str());
        let field = line["problems"][0]["field"].as_str().expect("a field");
        assert!(field.contains("Report Datetime"), "{field}");
    }
}

#[test]
fn every_row_of_the_san_francisco_day_is_accounted_for() {
    let folder = Folder::new();
    let mut counted = 0;
    for name in ["cad-2018-12-05.csv", "rms-2018-12-05.csv"] {
        let path = crate::support::tree::root()
            .join("examples/san-francisco")
            .join(name);
        let bytes = std::fs::read(path).expect("the example is there");
        counted += naive_rows(&bytes) - 1;
        folder.write(name, bytes);
    }
    let ran = folder.check(&[".", "--profile", "demonstration-us"]);
    ran.adds_up();
    assert_eq!(
        (ran.code, ran.sum("read")),
        (0, counted),
        "{}",
        ran.complained
    );
    assert!(ran.printed.contains("REC-030"));
    assert!(at_home(&["check", "examples/san-francisco"]).code != 1);
}

const HEADER: &str = "Incident Datetime,Incident Date,Incident Time,Report Datetime,Row ID,\
Incident ID,Incident Number,CAD Number,Report Type Code,Report Type Description,Filed Online,\
Incident Code,Incident Category,Incident Subcategory,Incident Description,Resolution,Police District";

fn row(number: u32, reported: &str, subcategory: &str) -> String {
    format!(
        "2018/12/03 11:12:00 PM,2018/12/03,23:12,{reported},7446772810{number},74467{number},\
         18091643{number},18339010{number},II,Initial,,28100,Malicious Mischief,{subcategory},\
         Breaking Windows,Open or Active,Richmond"
    )
}

const OWN: &str = r#"
title = "An extract of our own"
record = "crime"
force = "northamptonshire"
source = "rms"

[file]
columns = ["Crime No", "Saved"]

[moments]
format = "%Y-%m-%d %H:%M:%S"
zone = "Europe/London"

[head]
reference = "{Crime No}"
committed_at = "{Saved}"

[fields]
"core.kind" = "crime"
"#;

#[test]
fn a_mapping_of_ones_own_reads_what_no_shipped_one_fits() {
    let folder = Folder::new();
    folder.write("own.csv", "Crime No,Saved\n034512,2026-04-02 10:00:05\n");
    folder.write("own.toml", OWN);
    let refused = folder.check(&["own.csv"]);
    assert_eq!(refused.code, 2);
    assert!(
        refused.complained.contains("--mapping"),
        "{}",
        refused.complained
    );
    let ran = folder.check(&["own.csv", "--mapping", "own.toml"]);
    ran.adds_up();
    assert_eq!((ran.code, ran.balance()["applied"].as_i64()), (0, Some(1)));
    folder.write("own.toml", OWN.replace("{Saved}", "{Svaed}"));
    let wrong = folder.check(&["own.csv", "--mapping", "own.toml"]);
    assert_eq!(wrong.code, 2);
    assert!(
        wrong.complained.contains("own.toml:"),
        "{}",
        wrong.complained
    );
}

fn rows(text: &str) -> Ran {
    checked("rms.csv", text, &["--profile", "demonstration-us"])
}

fn read(text: &str) -> Ran {
    checked("rms.jsonl", text, &[])
}

fn checked(name: &str, text: &str, arguments: &[&str]) -> Ran {
    let folder = Folder::new();
    folder.write(name, text);
    let ran = folder.check(&[&[name], arguments].concat());
    ran.adds_up();
    ran
}

/// Lines with something on them, as a reader counts them that knows no record.
fn naive_lines(bytes: &[u8]) -> i64 {
    let lines = bytes.split(|byte| matches!(byte, b'\n' | b'\r'));
    count(lines)
}

/// Rows with something on them: a line end between quotes ends none.
fn naive_rows(bytes: &[u8]) -> i64 {
    let mut within = false;
    let rows = bytes.split(|byte| {
        within ^= *byte == b'"';
        !within && matches!(byte, b'\n' | b'\r')
    });
    count(rows)
}

fn count<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> i64 {
    let told = pieces.filter(|piece| !piece.trim_ascii().is_empty() && *piece != b"\xEF\xBB\xBF");
    told.count() as i64
}
