//! The kinds of malformed records: sound ones to spoil, the table of what spoils them, and bytes that
//! are no record at all. Start at `fields.txt`, which [`rows`] reads, and at [`BYTES`].

use truecount::domain::Reason::{self, *};

pub(crate) const INCIDENT: &str = r#"{"record":"incident","force":"northamptonshire","source":"cad","reference":"NP-20260401-0117","version":3,"committed_at":"2026-04-01T09:42:10+01:00","log":{"received_at":"2026-04-01T09:00:00+01:00","channel":"phone_101","opening_category":"violence","opened_as_crime":true},"disclosures":[{"id":"d1","status":"disclosed","set_by":{"role":"call_handler"}}],"links":[]}"#;
pub(crate) const CRIME: &str = r#"{"record":"crime","force":"northamptonshire","source":"rms","reference":"34/26/004512","version":1,"committed_at":"2026-04-02T10:00:05+01:00","extracted_at":"2026-04-02T10:00:09+01:00","core":{"kind":"crime","delay_rationale":{"present":true,"words":12}},"victims":[{"victim_ref":"v:k1:9f2c","age_at_offence":34}],"outcomes":[{"id":"o1","code":"1"}]}"#;
pub(crate) const HEARTBEAT: &str = r#"{"record":"heartbeat","force":"northamptonshire","source":"rms","reference":"rms","version":881,"committed_at":"2026-04-02T10:05:00+01:00","sent_through":"2026-04-02T10:05:00+01:00","records_since_last":1}"#;
pub(crate) const WAIVER: &str = r#"{"record":"decision","force":"northamptonshire","source":"desk","reference":"W-17","committed_at":"2026-04-02T10:00:00+01:00","kind":"waive","about":{"record":"crime","reference":"34/26/004512","rule":"REC-030"},"at":"2026-04-02T10:00:00+01:00","by":{"role":"supervisor"},"reason_code":"R4","expires_at":"2026-06-01"}"#;

/// One field spoilt in a sound record; the first row names the columns.
const FIELDS: &str = include_str!("fields.txt");

/// A name of the kind, the bytes, why they are set aside and which field says so.
pub(crate) const BYTES: &[(&str, &[u8], Reason, &str)] = &[
    ("nothing", b"", UnreadableJson, ""),
    ("empty object", b"{}", MissingField, "record"),
    ("list", br#"[{"record":"incident"}]"#, WrongType, ""),
    ("text", br#""Ermintrude Quill""#, WrongType, ""),
    ("null", b"null", WrongType, ""),
    ("number", b"42", WrongType, ""),
    (
        "no JSON",
        b"reference,received\nNP-1,01/04/2026",
        UnreadableJson,
        "",
    ),
    (
        "truncated in a text",
        br#"{"record":"incident","force":"northampton"#,
        UnreadableJson,
        "force",
    ),
    (
        "truncated after a field",
        br#"{"record":"incident","log":{"urban":true,"#,
        UnreadableJson,
        "log",
    ),
    (
        "truncated in a number",
        br#"{"record":"incident","version":12"#,
        UnreadableJson,
        "version",
    ),
    (
        "quotes of another kind",
        b"{'record':'incident'}",
        UnreadableJson,
        "",
    ),
    (
        "NUL byte in a text",
        b"{\"record\":\"incident\",\"force\":\"north\0\"}",
        UnreadableJson,
        "force",
    ),
    (
        "NUL byte between fields",
        b"{\"record\":\"incident\",\0}",
        UnreadableJson,
        "",
    ),
    (
        "half of a surrogate pair",
        br#"{"record":"incident","force":"\ud83d"}"#,
        UnreadableJson,
        "force",
    ),
    (
        "line end in a text",
        b"{\"record\":\"incident\",\"force\":\"north\rampton\"}",
        UnreadableJson,
        "force",
    ),
    (
        "comma too many",
        br#"{"record":"incident",}"#,
        UnreadableJson,
        "",
    ),
    (
        "not a number",
        br#"{"record":"incident","version":NaN}"#,
        UnreadableJson,
        "version",
    ),
    (
        "another encoding",
        b"{\"record\":\"incident\",\"force\":\"Sioned \xE2\"}",
        NotUtf8,
        "force",
    ),
    (
        "two bytes a character",
        b"{\x00\"\x00r\x00\"\x00:\x001\x00}\x00",
        UnreadableJson,
        "",
    ),
    ("UTF-16 with its mark", b"\xFF\xFE{\0}\0", NotUtf8, ""),
];

/// The sound record that a row of the table spoils.
pub(crate) fn sound(kind: &str) -> &'static str {
    match kind {
        "incident" => INCIDENT,
        "crime" => CRIME,
        "heartbeat" => HEARTBEAT,
        _ => WAIVER,
    }
}

/// The rows of the table: name, sound record, part, what stands there, reason, field.
pub(crate) fn rows() -> impl Iterator<Item = [&'static str; 6]> {
    FIELDS
        .lines()
        .filter(|row| !row.starts_with('#'))
        .map(|row| {
            let cells: Vec<_> = row
                .split(" | ")
                .map(|cell| if cell == "-" { "" } else { cell })
                .collect();
            cells.try_into().expect("a row has six cells")
        })
}
