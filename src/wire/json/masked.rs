//! Bytes as a person may see them without seeing what they say: of JSON its structure, with the names
//! of its fields and the class of each value; of other bytes how many and what the first one is.
//! Start at [`masked`].

use std::fmt::Write;

use super::tree::Tree;
use super::{BYTE_ORDER_MARK, parse};
use crate::domain::refusal::{class_of, looks_like_code};

/// The longest name of a field that is shown; the contract's are half as long.
const LONGEST_NAME: usize = 40;

/// What may be seen of bytes by whoever may not see what they say.
pub fn masked(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.trim_start().starts_with(['{', '[', BYTE_ORDER_MARK]) => {
            structure(text.trim_start_matches(BYTE_ORDER_MARK))
        }
        _ => class_of_bytes(bytes),
    }
}

/// How many bytes, and what the first one is.
fn class_of_bytes(bytes: &[u8]) -> String {
    let class = match bytes.first() {
        None => return "no bytes".to_owned(),
        Some(0) => "a zero, as a schema's number begins",
        Some(b'{' | b'[') => "an opening bracket",
        Some(first) if first.is_ascii_alphabetic() => "a letter",
        Some(first) if first.is_ascii_digit() => "a digit",
        Some(first) if first.is_ascii_whitespace() => "a blank",
        Some(first) if first.is_ascii_graphic() => "a sign",
        Some(first) if first.is_ascii() => "a control sign",
        Some(_) => "above 127",
    };
    let noun = if bytes.len() == 1 { "byte" } else { "bytes" };
    format!("{} {noun}, the first is {class}", bytes.len())
}

fn structure(text: &str) -> String {
    let parsed = parse(text);
    let mut shown = String::new();
    show(&parsed.tree, 0, &mut shown);
    if let Some(fault) = parsed.fault {
        let (at, expected, found) = (fault.at, fault.expected, fault.found);
        let _ = write!(
            shown,
            "\nno JSON from byte {at} of {} on: expected {expected}, found {found}",
            text.len()
        );
    }
    shown
}

fn show(tree: &Tree<'_>, depth: usize, shown: &mut String) {
    match tree {
        Tree::Null => shown.push_str("null"),
        Tree::Bool(_) => shown.push_str("true or false"),
        Tree::Number(number) => {
            let is_whole = number
                .bytes()
                .all(|byte| byte == b'-' || byte.is_ascii_digit());
            shown.push_str(if is_whole {
                "a whole number"
            } else {
                "a number"
            });
        }
        Tree::Text(text) => shown.push_str(&class_of(text)),
        Tree::Other(class) => shown.push_str(class),
        Tree::TooDeep => shown.push_str("something that lies too deep"),
        Tree::List(entries) if entries.is_empty() => shown.push_str("[]"),
        Tree::Object(fields) if fields.is_empty() => shown.push_str("{}"),
        Tree::List(entries) => {
            let lines = entries.iter().map(|entry| (None, entry));
            within(['[', ']'], lines, depth, shown);
        }
        Tree::Object(fields) => {
            let lines = fields.iter().map(|(name, value)| (Some(&**name), value));
            within(['{', '}'], lines, depth, shown);
        }
    }
}

fn within<'a>(
    [open, close]: [char; 2],
    lines: impl Iterator<Item = (Option<&'a str>, &'a Tree<'a>)>,
    depth: usize,
    shown: &mut String,
) {
    shown.push(open);
    for (name, value) in lines {
        new_line(depth + 1, shown);
        match name {
            Some(name) if looks_like_code(name, LONGEST_NAME) => {
                let _ = write!(shown, "{name}: ");
            }
            // A name that no contract has may be what should have been a value.
            Some(name) => {
                let _ = write!(shown, "(a name of {} characters): ", name.chars().count());
            }
            None => {}
        }
        show(value, depth + 1, shown);
    }
    new_line(depth, shown);
    shown.push(close);
}

fn new_line(depth: usize, shown: &mut String) {
    shown.push('\n');
    shown.push_str(&"  ".repeat(depth));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_json_the_structure_is_shown_and_no_value() {
        let text = r#"{"record":"crime","version":3,"rate":1.5,"core":{"hate":true,"flags":[]},
            "victims":[{"name":"Canary Jane"},null],"Jane Canary, 3 The Road":1,"deleted":{}}"#;
        let expected = "\
{
  record: a text of 5 characters
  version: a whole number
  rate: a number
  core: {
    hate: true or false
    flags: []
  }
  victims: [
    {
      name: a text of 11 characters
    }
    null
  ]
  (a name of 23 characters): a whole number
  deleted: {}
}";
        assert_eq!(masked(text.as_bytes()), expected);
    }

    #[test]
    fn of_json_that_breaks_off_everything_before_the_break_is_shown() {
        let shown = masked(br#"{"record":"crime","note":"Canary Ja"#);
        let (structure, fault) = shown.split_once("\nno JSON").expect("it says so");
        assert!(
            structure.starts_with("{\n  record: a text of 5 characters"),
            "{shown}"
        );
        assert!(
            fault.contains("of 35 on") && !shown.contains("Canary"),
            "{shown}"
        );
    }

    #[test]
    fn of_other_bytes_the_number_and_the_first_are_told() {
        for (bytes, told) in [
            (&b""[..], "no bytes"),
            (
                b"\x00\x00\x00\x00\x07Canary",
                "11 bytes, the first is a zero, as a schema's number begins",
            ),
            (b"C", "1 byte, the first is a letter"),
            (b"1990-01-31", "10 bytes, the first is a digit"),
            (b"\xFFCanary", "7 bytes, the first is above 127"),
            (b"{\xFF", "2 bytes, the first is an opening bracket"),
            (b"\x1B[2J", "4 bytes, the first is a control sign"),
        ] {
            assert_eq!(masked(bytes), told);
        }
    }

    #[test]
    fn nothing_of_a_text_is_shown_wherever_it_stands() {
        let texts = [
            r#"["CANARY",{"a b CANARY":"CANARY"}]"#,
            r#"{"a":"CANARY"} CANARY"#,
            r#"{"a":CANARY}"#,
            "{CANARY",
            "CANARY",
            "\u{feff}{\"a\":\"CANARY\"}",
        ];
        for text in texts {
            assert!(!masked(text.as_bytes()).contains("CANARY"), "{text}");
        }
    }
}
