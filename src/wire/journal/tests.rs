//! What version 1 of the journal is, held by bytes that are never written anew.

use super::*;
use crate::domain::exception::ProofKind;
use crate::domain::feed::{Partition, Promise};
use crate::domain::journal::{Activation, Proof, SetAside, SourcePosition};
use crate::domain::records::{Block, BlockSet};
use crate::domain::{Elapsed, Feed, Feeds, Reason};
use crate::wire::generated::traffic;
use crate::wire::json::decode;

/// Entries as version 1 writes them. The file is never written anew: what stands there once is in
/// somebody's journal.
const GOLDEN: &str = include_str!("../../../tests/journal/version-1.jsonl");

#[test]
fn what_version_1_wrote_is_read_for_ever() {
    let entries = GOLDEN
        .lines()
        .map(|line| read(line.as_bytes()).expect(line));
    let read: Vec<Journalled> = entries.collect();
    assert_eq!(read, directed());
}

#[test]
fn version_1_is_written_as_it_was_first() {
    let written: Vec<_> = directed().iter().map(write).collect();
    let written: Vec<_> = written.iter().map(|bytes| text(bytes)).collect();
    assert_eq!(written, GOLDEN.lines().collect::<Vec<_>>());
}

#[test]
fn every_generated_record_reads_back() {
    let mut records = 0;
    for (offset, published) in traffic(14, 7).enumerate() {
        let entry = Journalled {
            force: "northamptonshire".into(),
            arrival: published.at,
            from: Some(from("rms", 3, offset as i64)),
            tells: Tells::Record(published.record),
        };
        assert_eq!(read(&write(&entry)), Ok(entry));
        records += 1;
    }
    assert!(records > 1_000, "{records}");
}

#[test]
fn an_entry_that_cannot_be_read_says_what_is_wrong_and_no_text_of_it() {
    let sound = text(&write(&directed()[0])).to_owned();
    for (spoilt, says) in [
        ("", "does not begin with its version"),
        ("{}", "does not begin with its version"),
        ("[1]", "does not begin with its version"),
        (r#"{"force":"x","v":1}"#, "does not begin with its version"),
        (r#"{"v":0,"force":"x"}"#, "there is no version 0"),
        (r#"{"v":2,"anything":[{}]}"#, "has version 2"),
        (r#"{"v":1,"force":"x","arrival":0}"#, "it tells nothing"),
        (
            r#"{"v":1,"arrival":0,"record":{}}"#,
            "missing field `record`",
        ),
        (
            &sound.replace(r#""arrival":"#, r#""departure":"#),
            "unknown field `departure`",
        ),
        (
            &sound.replace(r#""offset":42"#, r#""offset":"Quill""#),
            "(left out)",
        ),
        (
            &sound.replace(r#""version":3"#, r#""version":-3"#),
            "version negative",
        ),
        (
            &sound.replace(r#""record":"incident""#, r#""record":"crime""#),
            "unknown field `log`",
        ),
        (
            &sound.replace(r#""phone_101""#, r#""pigeon""#),
            "unknown variant `pigeon`",
        ),
        (&sound[..sound.len() - 1], "EOF"),
        (&format!("{sound}{sound}"), "trailing characters"),
        (
            &sound.replace(r#""record":{"#, r#""proof":{},"record":{"#),
            "missing field `feed`",
        ),
        (
            &sound.replacen(r#""force""#, r#""force":"y","force""#, 1),
            "duplicate field `force`",
        ),
    ] {
        let fault = read(spoilt.as_bytes()).expect_err(spoilt).to_string();
        assert!(fault.contains(says), "{spoilt}: {fault}");
        assert!(!fault.contains("Quill"), "{fault}");
    }
}

#[test]
fn an_entry_tells_one_thing() {
    let proof = text(&write(&directed()[4])).to_owned();
    let (_, told) = proof.split_once(r#","proof""#).expect("it is a proof");
    let twice = format!(r#"{},"proof"{told}"#, &proof[..proof.len() - 1]);
    let fault = read(twice.as_bytes()).expect_err(&twice).to_string();
    assert!(fault.contains("it tells two things"), "{fault}");
    let unread = proof.replace(r#","proof""#, r#","unread":[],"proof""#);
    let fault = read(unread.as_bytes()).expect_err(&unread).to_string();
    assert!(fault.contains("only blocks have words"), "{fault}");
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("JSON is UTF-8")
}

fn from(topic: &str, number: i32, offset: i64) -> SourcePosition {
    SourcePosition {
        partition: partition(topic, number),
        offset,
    }
}

fn partition(topic: &str, number: i32) -> Partition {
    Partition {
        topic: topic.to_owned(),
        number,
    }
}

/// One entry of each kind, with everything that its form can hold.
fn directed() -> Vec<Journalled> {
    let incident = r#"{"record":"incident","force":"northamptonshire","source":"cad","reference":"NP-\"1\"","version":3,"committed_at":"2026-04-01T09:42:10.250+01:00","deleted":{"reason":"merged_into","into":"NP-2","at":"2026-04"},"log":{"received_at":"2026-04-01T09:00+01:00","channel":"phone_101","reporter_role":"neighbour","flags_sent":[]},"disclosures":[],"closure":{},"links":null}"#;
    let crime = r#"{"record":"crime","force":"northamptonshire","source":"rms","reference":"34/26/004512","committed_at":"2026-04-02","core":{},"victims":[{"victim_ref":"v:k1:9f2c","age_at_offence":34}],"cancellation":{"by":{"staff_ref":"a:k1:01"}}}"#;
    let heartbeat = r#"{"record":"heartbeat","force":"northamptonshire","source":"rms","reference":"rms","version":881,"committed_at":"2026-04-02T10:05:00+01:00","sent_through":"2026-04-02T10:05:00+01:00"}"#;
    let decision = r#"{"record":"decision","force":"northamptonshire","source":"desk","reference":"W-17","committed_at":"2026-04-02T10:00:00+01:00","kind":"waive","about":{"record":"crime","reference":"34/26/004512","rule":"REC-030"},"at":"2026-04-02T10:00:00+01:00","by":{"role":"supervisor"},"reason_code":"R4","expires_at":"2026-06-01"}"#;
    let record = |text: &str| {
        let decoded = decode(text.as_bytes()).expect("the records of this test are sound");
        Tells::Record(decoded.record)
    };
    let set_aside = |reference: Option<&str>, version| {
        Tells::SetAside(SetAside {
            feeds: vec!["cad".into(), "rms".into()],
            reference: reference.map(Into::into),
            version,
            reason: Reason::UnreadableMoment,
            counts: version.is_some(),
        })
    };
    let tells = [
        record(incident),
        record(crime),
        record(heartbeat),
        record(decision),
        Tells::Proof(Proof {
            feed: "rms".into(),
            partition: partition("crimes", 2),
            through: Instant::from_millis(1_775_120_700_000),
            kind: ProofKind::Declared,
        }),
        set_aside(Some("34/26/1"), Some(7)),
        set_aside(None, None),
        Tells::Activation(activation()),
    ];
    let entry = |(at, tells)| Journalled {
        force: "northamptonshire".into(),
        arrival: Instant::from_millis(1_775_120_700_123),
        from: (at < 7).then(|| from("incidents", 5, 42 + at as i64)),
        tells,
    };
    tells.into_iter().enumerate().map(entry).collect()
}

fn activation() -> Activation {
    Activation {
        number: 2,
        fingerprint: "code=1 data=2 profile=3".to_owned(),
        profile: "national".to_owned(),
        from_position: 12_345,
        feeds: Feeds::declared(vec![
            Feed {
                name: "rms".into(),
                owns: BlockSet::of(&[Block::Core, Block::VictimCare]),
                covers_from: Some(Instant::from_millis(1_700_000_000_000)),
                not_carried: vec!["core.finalised_at".to_owned()],
                partitions: vec![partition("crimes", 0), partition("crimes", 1)],
                promise: Some(Promise {
                    publication_lag: Elapsed::minutes(5),
                    expected_every: Elapsed::hours(24),
                }),
            },
            Feed {
                name: "cad".into(),
                owns: BlockSet::ALL,
                covers_from: None,
                not_carried: Vec::new(),
                partitions: Vec::new(),
                promise: None,
            },
        ]),
    }
}
