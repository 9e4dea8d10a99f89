//! The form of the file in a mapping: columns, delimiter, quotes, encoding, and which record its
//! rows are. Start at [`columns`].

use std::collections::BTreeSet;

use encoding_rs::{Encoding, UTF_8};

use super::mapping::Column;
use super::raw_row::Marks;
use super::written::{Problems, Table};
use crate::domain::names::RecordKind;

/// Which record a row becomes.
pub(super) fn kind(root: &Table, problems: &Problems<'_>) -> Option<RecordKind> {
    let (line, word) = root.needed("record", problems)?;
    match word {
        "incident" => Some(RecordKind::Incident),
        "crime" => Some(RecordKind::Crime),
        _ => {
            problems.add(line, "\"record\" must be \"incident\" or \"crime\"");
            None
        }
    }
}

/// The columns that the file must have.
pub(super) fn columns(form: &Table, problems: &Problems<'_>) -> Vec<Column> {
    let Some(listed) = form.texts("columns", problems) else {
        if form.value("columns").is_none() {
            problems.add(
                form.line.max(1),
                "\"columns\" is missing: list the columns of the header",
            );
        }
        return Vec::new();
    };
    let mut seen = BTreeSet::new();
    for (line, name) in &listed {
        if !seen.insert(name.clone()) {
            problems.add(*line, format!("the column \"{name}\" is listed twice"));
        }
    }
    listed
        .into_iter()
        .map(|(line, name)| Column { name, line })
        .collect()
}

/// What tells the cells apart.
pub(super) fn marks(form: &Table, problems: &Problems<'_>) -> Option<Marks> {
    let delimiter = form
        .text("delimiter", problems)
        .map_or((1, ","), |found| found);
    let quote = form
        .text("quote", problems)
        .map_or((1, "\""), |found| found);
    let one = |(line, text): (usize, &str), key| match text.as_bytes() {
        [byte] if byte.is_ascii() && !b"\r\n".contains(byte) => Some(*byte),
        _ => {
            problems.add(
                line,
                format!("\"{key}\" must be one ASCII character, such as \",\""),
            );
            None
        }
    };
    let quote = if quote.1.is_empty() {
        None
    } else {
        Some(one(quote, "quote")?)
    };
    Some(Marks {
        delimiter: one(delimiter, "delimiter")?,
        quote,
    })
}

/// What the bytes of the file mean.
pub(super) fn encoding(form: &Table, problems: &Problems<'_>) -> Option<&'static Encoding> {
    let Some((line, label)) = form.text("encoding", problems) else {
        return Some(UTF_8);
    };
    let found = Encoding::for_label(label.as_bytes());
    // A byte of a multi-byte letter could look like a delimiter.
    let found = found.filter(|encoding| *encoding == UTF_8 || encoding.is_single_byte());
    if found.is_none() {
        problems.add(
            line,
            format!(
                "\"{label}\" is not UTF-8 or an encoding of one byte a letter such as \
                 \"windows-1252\"; export the file as UTF-8"
            ),
        );
    }
    found
}
