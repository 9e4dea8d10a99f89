//! What a person says with arguments and configuration: owners, coverage, times, and every mistake
//! at once. Start at [`every_mistake_is_told_at_once`].

use serde_json::json;

use crate::command::{Folder, OUTPUTS, at_home, crime, heartbeat, incident};

#[test]
fn every_mistake_is_told_at_once() {
    let folder = Folder::new();
    folder.records("rms.jsonl", &[crime("34/26/000001", 1)]);
    folder.write("feeds.toml", "profle = 1\n");
    let ran = folder.check(&[
        "rms.jsonl",
        "--covers",
        "rms",
        "--covers",
        "cad=2026-04-01..soon",
        "--as-at",
        "noon",
        "--owner",
        "cor=rms",
        "--config",
        "feeds.toml",
        "--profile",
        "no-such-profile",
    ]);
    assert_eq!(ran.code, 2);
    for told in [
        "--covers rms: expected FEED=FROM..TO",
        "--covers soon",
        "--as-at noon",
        "--owner cor=rms",
        "feeds.toml:1: ",
        "no-such-profile",
    ] {
        assert!(ran.complained.contains(told), "{told}: {}", ran.complained);
    }
    assert!(ran.files.is_empty(), "nothing is written");
}

#[test]
fn what_is_said_twice_or_backwards_is_no_guess() {
    let folder = Folder::new();
    folder.records("rms.jsonl", &[crime("34/26/000001", 1)]);
    let ran = folder.check(&[
        "rms.jsonl",
        "--covers",
        "rms=2026-04-01..2026-03-01",
        "--covers",
        "rms=2026-04-01..",
        "--owner",
        "core=rms",
        "--owner",
        "core=hub",
    ]);
    assert_eq!(ran.code, 2);
    for told in [
        "it ends before it begins",
        "rms is named twice",
        "the block has two owners",
    ] {
        assert!(ran.complained.contains(told), "{told}: {}", ran.complained);
    }
}

#[test]
fn a_feed_that_sends_nothing_cannot_be_named() {
    let folder = Folder::new();
    folder.records("rms.jsonl", &[crime("34/26/000001", 1)]);
    let ran = folder.check(&[
        "rms.jsonl",
        "--covers",
        "rns=2026-04-01..",
        "--owner",
        "core=rsm",
    ]);
    assert_eq!(ran.code, 2);
    for told in ["the feed rns", "the feed rsm", "the feeds are: rms"] {
        assert!(ran.complained.contains(told), "{told}: {}", ran.complained);
    }
}

#[test]
fn a_run_that_stops_leaves_the_files_of_an_earlier_one() {
    let folder = Folder::new();
    folder.records("rms.jsonl", &[crime("34/26/000001", 1)]);
    folder.write("torn.jsonl", "{");
    let sound = folder.check(&["rms.jsonl", "torn.jsonl"]);
    assert_eq!(sound.files.len(), OUTPUTS.len());
    let stopped = folder.truecount(&["check", "rms.jsonl", "nowhere.jsonl", "--out", "out"]);
    assert_eq!(stopped.code, 1);
    let kept = std::fs::read(folder.path().join("out/quarantine.jsonl")).expect("it is there");
    assert_eq!(kept, sound.files["quarantine.jsonl"]);
}

#[test]
fn a_force_that_is_declared_is_declared_whole() {
    let mut other = crime("34/26/000002", 1);
    other["source"] = json!("rsm");
    let folder = Folder::new();
    folder.records("rms.jsonl", &[crime("34/26/000001", 1), other]);
    let feeds = "[[force]]\ncode = \"northamptonshire\"\n[[force.feed]]\nname = \"rms\"\n\
                 owns = [\"core\", \"origin\", \"outcomes\"]\n";
    folder.write("feeds.toml", feeds);
    let ran = folder.check(&["rms.jsonl", "--config", "feeds.toml"]);
    ran.adds_up();
    assert_eq!(ran.sum("applied"), 1, "{}", ran.complained);
    assert_eq!(ran.set_aside()[0].2, "unknown_feed");
}

#[test]
fn a_block_that_two_feeds_send_needs_its_owner() {
    let mut other = crime("34/26/000002", 1);
    other["source"] = json!("niche");
    let folder = Folder::new();
    folder.records("both.jsonl", &[crime("34/26/000001", 1), other]);
    let ran = folder.check(&["both.jsonl"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.complained.contains("--owner core="),
        "{}",
        ran.complained
    );
    let owners = ["core", "origin", "outcomes"].map(|block| format!("{block}=rms"));
    let owners: Vec<&str> = owners.iter().flat_map(|own| ["--owner", own]).collect();
    let ran = folder.check(&[&["both.jsonl"][..], &owners].concat());
    ran.adds_up();
    assert_eq!((ran.code, ran.sum("applied")), (3, 1), "{}", ran.complained);
    assert_eq!(
        ran.set_aside(),
        [("both.jsonl".to_owned(), 2, "block_not_owned".to_owned())]
    );
}

#[test]
fn coverage_and_claims_decide_what_an_absence_means() {
    let folder = Folder::new();
    folder.records("cad.jsonl", &[incident("NP-1")]);
    folder.records("rms.jsonl", &[crime("34/26/000001", 1)]);
    let verdict = |arguments: &[&str]| {
        let ran = folder.check(&[&["cad.jsonl", "rms.jsonl"], arguments].concat());
        let lines = ran.lines("judgements.jsonl");
        let line = lines.iter().find(|line| line["rule"] == "REC-010");
        let line = line.expect("the disclosure is judged");
        (line["verdict"].clone(), line["proof"].clone())
    };
    let since = [
        "--covers",
        "cad=2026-03-01..",
        "--covers",
        "rms=2026-03-01..",
    ];
    let later = [&since[..], &["--as-at", "2026-04-10"]].concat();
    assert_eq!(verdict(&later), (json!("breach"), json!("declared")));
    // 24 hours from 09:04 are not over when both feeds are proved.
    let early = [&since[..], &["--as-at", "2026-04-02T09:00:00+01:00"]].concat();
    assert_eq!(verdict(&early).0, "pending");
    let through = [
        "--covers",
        "rms=2026-03-01..2026-04-02",
        "--as-at",
        "2026-04-10",
    ];
    assert_eq!(verdict(&through).0, "pending");
}

#[test]
fn a_promise_later_than_the_time_of_judging_is_cut_there() {
    let folder = Folder::new();
    let records = [
        incident("NP-1"),
        heartbeat("cad", "2026-04-20T00:00:00+01:00"),
    ];
    folder.records("cad.jsonl", &records);
    let ran = folder.check(&["cad.jsonl", "--as-at", "2026-04-02T09:00:00+01:00"]);
    assert_eq!(ran.code, 0, "{}", ran.complained);
    assert!(
        ran.printed.contains("2026-04-02T09:00:00+01:00"),
        "{}",
        ran.printed
    );
    assert!(!ran.printed.contains("2026-04-20"), "{}", ran.printed);
}

#[test]
fn a_file_that_cannot_be_read_stops_the_run() {
    let folder = Folder::new();
    let ran = folder.check(&["nowhere.jsonl"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.complained.contains("cannot read nowhere.jsonl"),
        "{}",
        ran.complained
    );
    folder.write("taken", "");
    folder.records("rms.jsonl", &[crime("34/26/000001", 1)]);
    let ran = folder.truecount(&["check", "rms.jsonl", "--out", "taken"]);
    assert_eq!(ran.code, 1, "{}", ran.complained);
}

#[test]
fn a_folder_without_extracts_and_an_unknown_header_say_what_to_do() {
    let folder = Folder::new();
    let ran = folder.check(&["."]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.complained.contains("no .jsonl, .json or .csv file"),
        "{}",
        ran.complained
    );
    folder.write("strange.csv", "a,b\n1,2\n");
    let ran = folder.check(&["strange.csv"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.complained.contains("no mapping fits this header"),
        "{}",
        ran.complained
    );
}

#[test]
fn help_tells_the_exit_codes() {
    let ran = at_home(&["--help"]);
    assert_eq!(ran.code, 0);
    assert!(ran.printed.contains("Exit codes:"), "{}", ran.printed);
    assert_eq!(at_home(&["check"]).code, 2);
}
