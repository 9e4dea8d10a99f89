//! Whatever stands in a source topic, the stream goes on: each record that is none is counted and set
//! aside as it came, with its place, its reason and what to do; and the balance is even.

use std::collections::BTreeMap;

use serde_json::json;

use crate::foreign::Registry;
use crate::readers::{Isolation, Seen, dump};
use crate::rig::Rig;
use crate::small::{Small, crime, incident, wait_until};

const RECORDED: &str = "2026-04-01T12:00:00+01:00";
const LARGEST: usize = 20_000;

/// A record that is none: its feed, its value, its headers, and why and where it is refused.
struct Malformed {
    feed: &'static str,
    value: Option<Vec<u8>>,
    headers: Vec<(&'static str, &'static str)>,
    reason: &'static str,
    field: &'static str,
}

fn malformed() -> Vec<Malformed> {
    let of = |feed, value: &[u8], reason, field| Malformed {
        feed,
        value: Some(value.to_vec()),
        headers: Vec::new(),
        reason,
        field,
    };
    let sound = crime("34/26/000002", 1, RECORDED).to_string();
    let mut oversize = crime("34/26/000005", 1, RECORDED);
    oversize["padding"] = json!("x".repeat(LARGEST));
    let oversize = oversize.to_string();
    let mut wrong = crime("34/26/000003", 1, RECORDED);
    wrong["core"]["flags"] = json!("hate");
    let mut others = crime("34/26/000004", 1, RECORDED);
    others["victim_care"] = json!([]);
    vec![
        of("rms", &sound.as_bytes()[..60], "unreadable_json", ""),
        of("rms", oversize.as_bytes(), "oversize", ""),
        of("rms", b"", "unreadable_json", ""),
        of("rms", b"{}", "missing_field", "record"),
        of("rms", b"\x00\x00\x00\x00\x63\x02", "unknown_schema", ""),
        of(
            "rms",
            b"{\"record\":\"crime\",\"force\":\"k\xff\"}",
            "not_utf8",
            "",
        ),
        of(
            "rms",
            wrong.to_string().as_bytes(),
            "wrong_type",
            "core.flags",
        ),
        of(
            "rms",
            others.to_string().as_bytes(),
            "block_not_owned",
            "victim_care",
        ),
        Malformed {
            headers: vec![
                ("ce_specversion", "1.0"),
                ("ce_type", "uk.truecount.crime.v1"),
                ("ce_subject", "34/26/999999"),
            ],
            ..of(
                "rms",
                sound.as_bytes(),
                "envelope_mismatch",
                "envelope.subject",
            )
        },
        // Nobody has said what the keys of this topic name.
        Malformed {
            value: None,
            ..of("cad", b"", "unmapped_key", "")
        },
    ]
}

#[test]
fn every_malformed_record_is_counted_and_set_aside_as_it_came_and_the_stream_goes_on() {
    let registry = Registry::start();
    let mut small = Small::new(Rig::shared().access());
    small.plan.registry = Some(registry.url());
    let rms = small.topic("rms");
    let source = format!("topics = [{rms:?}]\npartitions = 1\nencoding = \"json\"");
    let mapped = format!(
        "topics = [{rms:?}]\npartitions = 1\nencoding = \"auto\"\ntombstones = {{ key = \
         \"crime:{{reference}}\", force = \"kent\", source = \"rms\", record = \"crime\" }}"
    );
    let small = small
        .with("intake", &format!("max_record_bytes = {LARGEST}"))
        .with_instead(&source, &mapped)
        .made();
    let serving = small.serve();
    let all = malformed();
    for one in &all {
        small.send(one.feed, Some("34/26"), one.value.as_deref(), &one.headers);
    }
    small.tell("cad", &incident("NP-1", "2026-04-01T09:00:00+01:00"));
    small.tell("rms", &crime("34/26/000001", 1, RECORDED));
    small.plan.wait_until_judged();

    let topic = small.plan.output("quarantine");
    let set_aside = dump(&small.plan.access, &topic, Isolation::Committed);
    let mut by_place: BTreeMap<(String, i64), Seen> = BTreeMap::new();
    for seen in set_aside {
        let offset = header(&seen, "offset").parse().expect("it is a number");
        let _ = by_place.insert((header(&seen, "topic"), offset), seen);
    }
    assert_eq!(by_place.len(), all.len(), "each once: {by_place:#?}");
    let mut next: BTreeMap<&str, i64> = BTreeMap::new();
    for one in &all {
        let offset = next.entry(one.feed).or_default();
        let seen = &by_place[&(small.topic(one.feed), *offset)];
        *offset += 1;
        assert_eq!(seen.value, one.value, "{}: it is as it came", one.reason);
        assert_eq!(header(seen, "partition"), "0");
        assert_eq!(header(seen, "reason"), one.reason, "{seen:?}");
        if !one.field.is_empty() {
            assert_eq!(header(seen, "field"), one.field, "{seen:?}");
        }
        for told in ["expected", "found", "advice", "stage"] {
            assert!(!header(seen, told).is_empty(), "{told}: {seen:?}");
        }
        for (name, value) in &one.headers {
            let kept = seen
                .headers
                .iter()
                .any(|(own, kept)| own == name && kept.as_deref() == Some(value.as_bytes()));
            assert!(kept, "{name}: {seen:?}");
        }
    }
    let counted = |name, label: &str| serving.metric(name, label).unwrap_or_default();
    let aside = all.len() as f64;
    wait_until("all are counted", || {
        counted("truecount_quarantined_total", "") == aside
            && counted("truecount_records_total", "applied") == 2.0
    });
    wait_until("the balance is even", || {
        serving.metric("truecount_balance_off", "") == Some(0.0)
    });
    assert!(!small.explained("34/26/000001").contains("gone: unknown"));
    tombstones(&small);
    assert_eq!(serving.metric("truecount_balance_off", ""), Some(0.0));
}

/// A tombstone takes the highest version that its source has sent: the same version does not bring the
/// thing back, a later one does.
fn tombstones(small: &Small) {
    let is_gone = || {
        small.plan.wait_until_judged();
        small.explained("34/26/000001").contains("gone: unknown")
    };
    small.tell("rms", &crime("34/26/000001", 7, RECORDED));
    small.send("rms", Some("crime:34/26/000001"), None, &[]);
    assert!(is_gone());
    small.tell("rms", &crime("34/26/000001", 7, RECORDED));
    small.tell("rms", &crime("34/26/000001", 6, RECORDED));
    assert!(is_gone(), "what is known is older");
    small.tell("rms", &crime("34/26/000001", 8, RECORDED));
    assert!(!is_gone(), "a later version restores it");
}

/// What a header of ours says.
fn header(seen: &Seen, name: &str) -> String {
    let name = format!("truecount-{name}");
    let mut headers = seen.headers.iter();
    let value = headers.find(|(own, _)| *own == name);
    let value = value.and_then(|(_, value)| value.clone());
    String::from_utf8(value.unwrap_or_else(|| panic!("no {name}: {seen:?}"))).expect("it is UTF-8")
}
