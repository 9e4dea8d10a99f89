//! `truecount generate` itself: the same bytes for the same seed, a stream that begins as the folder
//! does, a key in the words of the judgements, and mistakes in its arguments. Start at the first test.

use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant as Clock};

use serde_json::Value;
use tempfile::TempDir;
use truecount::domain::Elapsed;
use truecount::drivers::generate::{Pace, stream};
use truecount::generate::{Asked, Published, Traffic};

use super::material::{FORCE, month};

const DAYS: i64 = 2;
const FILES: [&str; 3] = ["records.jsonl", "answer-key.jsonl", "manifest.json"];

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let folder = TempDir::new().expect("a folder can be made");
    for (out, seed) in [("one", "7"), ("two", "7"), ("three", "8")] {
        generate_days(folder.path(), out, seed);
    }
    for file in FILES {
        let bytes = |out| fs::read(folder.path().join(out).join(file)).expect("it was written");
        assert!(!bytes("one").is_empty());
        assert!(bytes("one") == bytes("two"), "{file} differs");
        assert!(
            bytes("one") != bytes("three"),
            "{file} does not depend on the seed"
        );
    }
    let manifest = fs::read(folder.path().join("one/manifest.json")).expect("it was written");
    let manifest: Value = serde_json::from_slice(&manifest).expect("it is JSON");
    let counted = |file| lines(&folder.path().join("one").join(file)).len();
    assert_eq!(manifest["records"], counted("records.jsonl"));
    assert_eq!(manifest["breaches"], counted("answer-key.jsonl"));
    assert_eq!(manifest["seed"], 7);
}

#[test]
fn the_key_has_the_words_of_the_judgements_and_check_judges_to_it() {
    let folder = TempDir::new().expect("a folder can be made");
    let said = generate_days(folder.path(), "made", "9");
    assert!(
        said.contains("truecount check made/records.jsonl --out made/judged"),
        "{said}"
    );
    let output = truecount(
        folder.path(),
        &["check", "made/records.jsonl", "--out", "made/judged"],
    );
    assert_ne!(output.status.code(), Some(2), "{}", complaint(&output));
    let key = lines(&folder.path().join("made/answer-key.jsonl"));
    let judged: Vec<Value> = lines(&folder.path().join("made/judged/judgements.jsonl"))
        .iter()
        .map(|line| serde_json::from_str(line).expect("it is JSON"))
        .filter(|line: &Value| line["verdict"] == "breach")
        .collect();
    assert_eq!(judged.len(), key.len());
    // Both are in the order of record, reference, rule and duty.
    for (line, judged) in key.iter().zip(&judged) {
        let line: Value = serde_json::from_str(line).expect("it is JSON");
        let fields = line.as_object().expect("it is an object");
        assert!(
            fields.iter().all(|(name, told)| judged[name] == *told),
            "{line}\n{judged}"
        );
    }
}

#[test]
fn a_stream_begins_as_the_folder_of_the_same_seed_and_ends_when_nobody_reads() {
    let folder = TempDir::new().expect("a folder can be made");
    generate_days(folder.path(), "made", "7");
    let made = lines(&folder.path().join("made/records.jsonl"));
    let told = Traffic::new(asked(7)).take_while(|one| is_within(one, DAYS));
    let same = told.count();
    assert!(same > 500, "{same} records in the days of the folder");
    let speed = "100000000000";
    let mut running = Command::new(env!("CARGO_BIN_EXE_truecount"))
        .args([
            "generate", "--force", FORCE, "--seed", "7", "--stream", "--speed", speed,
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary can be run");
    let mut spoken = BufReader::new(running.stdout.take().expect("it is piped")).lines();
    for (at, made) in made.iter().enumerate().take(same) {
        let line = spoken
            .next()
            .expect("a stream goes on")
            .expect("it is text");
        assert_eq!(line, *made, "line {}", at + 1);
    }
    // The folder ends its story there; the stream goes on for as long as it is read.
    let more = spoken.by_ref().take(2 * made.len());
    assert_eq!(more.count(), 2 * made.len());
    drop(spoken);
    let ended = running.wait_with_output().expect("it ends by itself");
    assert_eq!(ended.status.code(), Some(0), "{}", complaint(&ended));
    assert_eq!(complaint(&ended), "");
}

#[test]
fn a_stream_goes_at_the_chosen_speed_and_for_as_long_as_it_is_asked() {
    // A day in a fifth of a second: what is written in a second is five days, however fast we are.
    let stop_after = Duration::from_secs(1);
    let pace = Pace {
        speed: 5.0 * 86_400.0,
        stop_after: Some(stop_after),
    };
    let began = Clock::now();
    let mut into = Vec::new();
    let written = stream(asked(7), pace, &mut into).expect("memory can be written");
    let last = 0.95;
    assert!(
        began.elapsed() >= stop_after.mul_f64(last),
        "no record comes before its time"
    );
    let forever = Asked {
        days: None,
        ..asked(7)
    };
    let expected = Traffic::new(forever)
        .take_while(|one| is_within(one, 5))
        .count();
    let found = into.iter().filter(|byte| **byte == b'\n').count();
    assert_eq!((found, written), (expected, expected as u64));
}

#[test]
fn a_crawl_waits_and_a_reader_that_is_gone_is_no_fault() {
    let pace = Pace {
        speed: f64::MIN_POSITIVE,
        stop_after: Some(Duration::from_secs(3_600)),
    };
    let mut into = Vec::new();
    let written = stream(asked(7), pace, &mut into).expect("memory can be written");
    assert_eq!(written, 0, "nothing falls on the first instant");
    let pace = Pace {
        speed: 1e12,
        stop_after: None,
    };
    assert_eq!(stream(asked(7), pace, &mut Gone(3)).expect("no fault"), 3);
}

/// A reader that goes away after some lines.
struct Gone(u32);

impl Write for Gone {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0 == 0 {
            return Err(ErrorKind::BrokenPipe.into());
        }
        self.0 -= u32::from(bytes.ends_with(b"\n"));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn every_mistake_in_the_arguments_is_told_with_what_to_do() {
    let folder = TempDir::new().expect("a folder can be made");
    let output = truecount(
        folder.path(),
        &[
            "generate",
            "--force",
            "atlantis",
            "--out",
            "made",
            "--days",
            "0",
            "--things",
            "0",
            "--from",
            "2026-02-30",
            "--defects",
            "1.5",
            "--nightly",
            "hub",
        ],
    );
    assert_eq!(output.status.code(), Some(2));
    for told in [
        "--force atlantis: the forces table has no such force; use a code or name of it, such as",
        "--days 0: expected at least 1",
        "--things 0: expected at least 1",
        "--from 2026-02-30: expected a day such as 2026-05-01",
        "--defects 1.5: expected a share from 0 to 1",
        "--nightly hub: the feeds are cad, rms, victim-hub",
    ] {
        assert!(
            complaint(&output).contains(told),
            "{told}: {}",
            complaint(&output)
        );
    }
    assert!(!folder.path().join("made").exists(), "nothing is written");
    let of_force = ["generate", "--force", FORCE];
    for (arguments, told) in [
        (
            &["--out", "made", "--from", "2026-03-31"][..],
            "expected days from 2026-04-01 to 2028-11-30",
        ),
        (
            &["--out", "made", "--from", "2028-11-30"],
            "expected days from 2026-04-01 to 2028-11-30",
        ),
        (
            &["--out", "made", "--defects", "0.6", "--near-misses", "0.6"],
            "more than 1 together",
        ),
        (
            &["--stream", "--speed", "0"],
            "--speed 0: expected a number above 0",
        ),
        (&["--stream", "--out", "made"], "--out"),
        (&["--out", "made", "--speed", "5"], "--stream"),
        (&["--out", "made", "--days", "many"], "--days"),
        (&[], "--out"),
    ] {
        let output = truecount(folder.path(), &[&of_force, arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            complaint(&output).contains(told),
            "{told}: {}",
            complaint(&output)
        );
    }
    fs::write(folder.path().join("taken"), "").expect("the folder can be written");
    let output = truecount(
        folder.path(),
        &[&of_force[..], &["--out", "taken"]].concat(),
    );
    assert_ne!(output.status.code(), Some(0));
    assert!(
        complaint(&output).contains("cannot write taken"),
        "{}",
        complaint(&output)
    );
}

/// What the command asks for by itself, but for the seed and the days.
fn asked(seed: u64) -> Asked {
    Asked {
        days: Some(u32::try_from(DAYS).expect("a few days")),
        ..month(seed)
    }
}

fn is_within(one: &Published, days: i64) -> bool {
    let start = month(0).from.start();
    one.at.since(start) <= Elapsed::hours(24 * days)
}

/// Generates a few days and gives what was said of it.
fn generate_days(folder: &Path, out: &str, seed: &str) -> String {
    let days = DAYS.to_string();
    let arguments = [
        "generate", "--force", FORCE, "--days", &days, "--seed", seed, "--out", out,
    ];
    let output = truecount(folder, &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", complaint(&output));
    String::from_utf8(output.stdout).expect("it prints text")
}

fn truecount(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_truecount"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the binary can be run")
}

fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn lines(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).expect("it was written");
    text.lines().map(str::to_owned).collect()
}
