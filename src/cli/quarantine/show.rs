//! `truecount quarantine show`: one record that was set aside, whole. Its bytes are masked; to read
//! them as they are is logged with who read them. Start at [`run`].

use std::io::{IsTerminal, Write};

use clap::Args;

use super::{File, Stopped, print, who};
use crate::cli::DONE;
use crate::drivers::kafka::quarantine::{Kept, Place, Quarantine};
use crate::report::set_aside::{facts, printable};
use crate::wire::json::masked;
use crate::wire::published::is_own;

/// What `show` is asked.
#[derive(Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    file: File,
    /// Where it stands, as `list` shows it: 0:17
    #[arg(value_name = "POSITION")]
    position: Place,
    /// Shows the bytes as they are, with the personal data in them; who read them is logged
    #[arg(long)]
    unmask: bool,
}

/// Shows one record.
pub(super) fn run(arguments: &Arguments) -> Result<u8, Stopped> {
    let config = arguments.file.open()?;
    let quarantine = Quarantine::open(&config)?;
    let kept = quarantine.at(arguments.position)?;
    print(&why(&kept));
    if !arguments.unmask {
        print(&bytes_masked(&kept));
        return Ok(DONE);
    }
    // Before they are shown, so that no reading goes without its line.
    tracing::info!(
        who = who(),
        position = %kept.place,
        topic = quarantine.topic(),
        "a record that was set aside is read unmasked"
    );
    let mut out = std::io::stdout().lock();
    let is_watched = out.is_terminal();
    // A reader who has gone away is minded no more than anywhere else.
    let _ = out.write_all(&bytes_clear(&kept, is_watched));
    Ok(DONE)
}

fn why(kept: &Kept) -> String {
    let position = kept.place.to_string();
    match kept.why() {
        Ok(why) => facts(&position, kept.arrival, &why.from, &why.stage, &why.refusal),
        Err(fault) => format!(
            "position      {position}\narrival       {}\n\nnothing says why it is here: {fault}\n",
            kept.arrival
        ),
    }
}

/// Key, headers and value as classes.
fn bytes_masked(kept: &Kept) -> String {
    let class = |bytes: Option<&[u8]>| bytes.map_or_else(|| "none".to_owned(), masked);
    let mut text = format!("\nkey: {}\n", class(kept.key.as_deref()));
    for (name, value) in foreign(kept) {
        text.push_str(&format!("header {}: {}\n", printable(name), class(value)));
    }
    text.push_str(&format!("value: {}\n", class(kept.value.as_deref())));
    text.push_str("\nMasked: `--unmask` shows the bytes as they are, and logs who read them.\n");
    text
}

/// Key, headers and value as they are. On a terminal, control signs are shown and not sent to it.
fn bytes_clear(kept: &Kept, is_watched: bool) -> Vec<u8> {
    let clear = |bytes: Option<&[u8]>| match bytes {
        None => b"none".to_vec(),
        Some(bytes) if is_watched => {
            let lines = String::from_utf8_lossy(bytes);
            let lines: Vec<String> = lines.split('\n').map(printable).collect();
            lines.join("\n").into_bytes()
        }
        Some(bytes) => bytes.to_vec(),
    };
    let mut all = b"\nkey: ".to_vec();
    all.extend(clear(kept.key.as_deref()));
    for (name, value) in foreign(kept) {
        all.extend(format!("\nheader {}: ", printable(name)).into_bytes());
        all.extend(clear(value));
    }
    all.extend(b"\nvalue: ");
    all.extend(clear(kept.value.as_deref()));
    all.push(b'\n');
    all
}

/// The headers that it came with.
fn foreign(kept: &Kept) -> impl Iterator<Item = (&str, Option<&[u8]>)> {
    let headers = kept.headers.iter().filter(|(name, _)| !is_own(name));
    headers.map(|(name, value)| (name.as_str(), value.as_deref()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Instant;

    #[test]
    fn masked_no_text_of_key_headers_or_value_is_shown() {
        let mut kept = kept();
        let whole = why(&kept) + &bytes_masked(&kept);
        assert!(
            whole.contains("value: 23 bytes, the first is an opening bracket"),
            "{whole}"
        );
        kept.value = Some(br#"{"name":"CANARY"}"#.to_vec());
        let text = why(&kept) + &bytes_masked(&kept);
        assert!(!whole.contains("CANARY"), "{whole}");
        assert!(!text.contains("CANARY"), "{text}");
        assert!(text.contains("header ce_id: 6 bytes"), "{text}");
        assert!(
            text.contains("\n  name: a text of 6 characters\n"),
            "{text}"
        );
    }

    #[test]
    fn unmasked_the_bytes_are_as_they_came() {
        let all = bytes_clear(&kept(), false);
        let expected = b"\nkey: CANARY key\nheader ce_id: CANARY\nvalue: {\"name\":\"CANARY\",\"\x1B\":\xFF}\n";
        assert_eq!(all, expected);
    }

    #[test]
    fn on_a_terminal_they_do_not_drive_it() {
        let all = bytes_clear(&kept(), true);
        assert!(!all.contains(&0x1B));
        assert!(String::from_utf8_lossy(&all).contains(r"\u{1b}"));
    }

    fn kept() -> Kept {
        Kept {
            place: "0:5".parse().expect("a place"),
            arrival: Instant::from_millis(0),
            key: Some(b"CANARY key".to_vec()),
            value: Some(b"{\"name\":\"CANARY\",\"\x1B\":\xFF}".to_vec()),
            headers: vec![
                ("ce_id".to_owned(), Some(b"CANARY".to_vec())),
                ("truecount-stage".to_owned(), Some(b"read".to_vec())),
            ],
        }
    }
}
