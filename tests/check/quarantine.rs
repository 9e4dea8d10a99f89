//! Every kind of malformed record, one a line among sound ones, ends in `quarantine.jsonl` with its
//! place, its problem and its bytes unchanged, and the run goes on. Start at
//! [`every_malformed_kind_is_set_aside_with_its_bytes`].

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::command::{Folder, Ran, crime, heartbeat, incident};
use crate::table::{BYTES, rows, sound};

const FEEDS: &str = r#"
[[force]]
code = "northamptonshire"
[[force.feed]]
name = "cad"
owns = ["log", "disclosures", "triage", "response", "closure", "links"]
[[force.feed]]
name = "rms"
owns = ["core", "origin", "classification", "victims", "suspects", "outcomes"]
[[force.feed]]
name = "victim-hub"
owns = ["victim_care"]
[[force.feed]]
name = "desk"
"#;

#[test]
fn every_malformed_kind_is_set_aside_with_its_bytes() {
    let kinds = kinds();
    assert!(kinds.len() >= 40, "{} kinds", kinds.len());
    let mut file = Vec::new();
    for (number, kind) in kinds.iter().enumerate() {
        let good = crime(&format!("34/26/{number:06}"), 1).to_string();
        file.extend_from_slice(good.as_bytes());
        file.push(b'\n');
        file.extend_from_slice(&kind.bytes);
        file.push(b'\n');
    }
    let folder = Folder::new();
    folder.write("mixed.jsonl", file);
    folder.write("feeds.toml", FEEDS);
    let ran = folder.check(&["mixed.jsonl", "--config", "feeds.toml"]);
    assert_eq!(ran.code, 3, "{}", ran.complained);
    ran.adds_up();
    assert_eq!(ran.sum("read"), 2 * kinds.len() as i64);
    assert_eq!(ran.sum("applied"), kinds.len() as i64);
    let lines = ran.lines("quarantine.jsonl");
    assert_eq!(lines.len(), kinds.len());
    for (number, (kind, line)) in kinds.iter().zip(&lines).enumerate() {
        kind.is_told(2 * number as u64 + 2, line);
    }
    assert!(ran.printed.starts_with("IMPAIRED: "), "{}", ran.printed);
}

#[test]
fn a_record_with_a_line_end_inside_is_as_many_records_as_lines() {
    for (name, bytes, _, _) in BYTES {
        let lines: Vec<&[u8]> = bytes
            .split(|byte| matches!(byte, b'\n' | b'\r'))
            .filter(|line| !line.trim_ascii().is_empty())
            .collect();
        if lines.len() == 1 {
            continue;
        }
        let folder = Folder::new();
        folder.write("broken.jsonl", bytes);
        let ran = folder.check(&["broken.jsonl"]);
        ran.adds_up();
        assert_eq!(ran.sum("quarantined"), lines.len() as i64, "{name}");
        let kept: Vec<Vec<u8>> = ran.lines("quarantine.jsonl").iter().map(bytes_of).collect();
        assert_eq!(kept, lines, "{name}");
    }
}

#[test]
fn an_oversize_and_a_deep_line_cost_only_themselves() {
    let long = crime(&"9".repeat(2 << 20), 1).to_string();
    let deep = format!(r#"{{"record":"crime","x":{}}}"#, "[".repeat(4_000));
    let folder = Folder::new();
    let text = format!("{long}\n{deep}\n{}\n", crime("34/26/000001", 1));
    folder.write("rms.jsonl", text);
    let ran = folder.check(&["rms.jsonl"]);
    ran.adds_up();
    assert_eq!((ran.code, ran.sum("applied")), (3, 1));
    let reasons: Vec<String> = ran.set_aside().into_iter().map(|(_, _, why)| why).collect();
    assert_eq!(reasons[0], "oversize");
    assert!(["too_deep", "unreadable_json"].contains(&reasons[1].as_str()));
    let lines = ran.lines("quarantine.jsonl");
    assert_eq!(bytes_of(&lines[0]), long.into_bytes());
}

#[test]
fn of_two_contents_of_one_version_the_first_stands() {
    let mut other = crime("34/26/000001", 1);
    other["core"]["recorded_at"] = json!("2026-04-05T10:00:00+01:00");
    let ran = judged(&[
        crime("34/26/000001", 1),
        other.clone(),
        crime("34/26/000001", 1),
    ]);
    assert_eq!((ran.sum("applied"), ran.sum("duplicate")), (1, 1));
    let [line] = ran
        .lines("quarantine.jsonl")
        .try_into()
        .expect("one conflict");
    assert_eq!(line["reason"], "version_conflict");
    assert_eq!(bytes_of(&line), other.to_string().into_bytes());
    let judgements = ran.lines("judgements.jsonl");
    let mut recorded = judgements.iter().filter(|line| line["rule"] == "REC-030");
    assert!(recorded.all(|line| line["verdict"] == "met"));
}

#[test]
fn a_force_that_no_table_has_is_set_aside() {
    let mut elsewhere = crime("34/26/000002", 1);
    elsewhere["force"] = json!("atlantis");
    let ran = judged(&[crime("34/26/000001", 1), elsewhere]);
    assert_eq!(
        ran.set_aside(),
        [("rms.jsonl".to_owned(), 2, "unknown_force".to_owned())]
    );
}

#[test]
fn a_promise_of_the_future_is_set_aside_and_moves_nothing() {
    let folder = Folder::new();
    let mut promise = heartbeat("cad", "2099-01-01T00:00:00Z");
    promise["committed_at"] = json!("2026-04-02T10:00:00Z");
    folder.records("cad.jsonl", &[incident("NP-1"), promise]);
    let ran = folder.check(&["cad.jsonl"]);
    assert_eq!(ran.set_aside()[0].2, "heartbeat_from_future");
    assert!(!ran.printed.contains("2099"), "{}", ran.printed);
    assert_eq!(ran.lines("exceptions.jsonl").len(), 0);
}

#[test]
fn an_unknown_word_costs_one_field_and_is_named_where_it_matters() {
    let mut log = incident("NP-1");
    log["disclosures"][0]["basis"] = json!("vibes");
    let mut other = incident("NP-2");
    other["log"]["channel"] = json!("carrier_pigeon");
    let folder = Folder::new();
    folder.records("cad.jsonl", &[log, other]);
    let ran = folder.check(&["cad.jsonl", "--as-at", "2026-04-10"]);
    ran.adds_up();
    assert_eq!((ran.code, ran.sum("applied")), (0, 2));
    let unread = &ran.balance()["unread"];
    assert_eq!(unread["disclosures.basis=vibes"], 1, "{unread}");
    assert_eq!(unread["log.channel=carrier_pigeon"], 1, "{unread}");
    let judgements = ran.lines("judgements.jsonl");
    let line = judgements
        .iter()
        .find(|line| line["rule"] == "REC-010" && line["reference"] == "NP-1")
        .expect("it is judged");
    assert_eq!(line["verdict"], "undecidable");
    assert!(line["unread"].to_string().contains("vibes"), "{line}");
    assert!(ran.printed.contains("vibes"), "{}", ran.printed);
}

fn judged(records: &[Value]) -> Ran {
    let folder = Folder::new();
    folder.records("rms.jsonl", records);
    let ran = folder.check(&["rms.jsonl"]);
    ran.adds_up();
    ran
}

/// One malformed record that fits a line.
struct Kind {
    name: &'static str,
    bytes: Vec<u8>,
    reason: &'static str,
    field: &'static str,
}

fn kinds() -> Vec<Kind> {
    let spoilt = rows().map(|[name, of, part, spoilt, reason, field]| {
        // What was a future when the record came is a past now: here the future is far.
        let spoilt = spoilt.replace("2026-04-02T11", "2099-04-02T11");
        let bytes = sound(of).replacen(part, &spoilt, 1).into_bytes();
        Kind {
            name,
            bytes,
            reason,
            field,
        }
    });
    let fits =
        |bytes: &[u8]| !bytes.is_empty() && !bytes.contains(&b'\n') && !bytes.contains(&b'\r');
    let broken = BYTES.iter().filter(|(_, bytes, _, _)| fits(bytes));
    let broken = broken.map(|(name, bytes, reason, field)| Kind {
        name,
        bytes: bytes.to_vec(),
        reason: reason.as_str(),
        field,
    });
    spoilt.chain(broken).collect()
}

impl Kind {
    fn is_told(&self, number: u64, line: &Value) {
        let name = self.name;
        assert_eq!(line["file"], "mixed.jsonl", "{name}");
        assert_eq!(line["line"], number, "{name}");
        assert_eq!(line["reason"], self.reason, "{name}: {line}");
        let problem = &line["problems"][0];
        assert_eq!(problem["field"], self.field, "{name}: {line}");
        for told in ["expected", "found", "advice"] {
            let told = problem[told].as_str().unwrap_or_default();
            assert!(!told.is_empty(), "{name}: {line}");
        }
        assert_eq!(bytes_of(line), self.bytes, "{name}");
    }
}

/// The bytes as they were kept: as text, or in base64.
fn bytes_of(line: &Value) -> Vec<u8> {
    match (line["text"].as_str(), line["base64"].as_str()) {
        (Some(text), None) => text.as_bytes().to_vec(),
        (None, Some(text)) => STANDARD.decode(text).expect("it is base64"),
        _ => panic!("one of text and base64: {line}"),
    }
}
