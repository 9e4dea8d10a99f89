//! One row as it stands in a file: its bytes, where it begins, where its cells lie, and what is
//! wrong with its form. Start at [`RawRow`].

use std::borrow::Cow;

/// How the cells of a file are told apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Marks {
    /// Between two cells.
    pub delimiter: u8,
    /// Around a cell; doubled inside one. None if the file has no quotes.
    pub quote: Option<u8>,
}

/// Where a cell lies in its row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Span {
    pub from: usize,
    pub to: usize,
    /// True if it holds a doubled quote.
    pub doubled: bool,
}

/// What is wrong with the form of a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fault {
    /// Something stands between a closing quote and the next delimiter.
    TextAfterQuote,
    /// The file, or the longest row, ends inside quotes.
    NeverClosed,
    /// The line is longer than a row may be; it comes in pieces.
    TooLong,
}

/// One row, as it stands in the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct RawRow {
    /// The line it begins on, counted from one.
    pub line: u64,
    /// The offset of its first byte.
    pub offset: u64,
    /// Its bytes, without the end of the line.
    pub bytes: Vec<u8>,
    /// What is wrong with it; such a row has no cells.
    pub fault: Option<Fault>,
    pub cells: Vec<Span>,
    pub quote: u8,
}

impl RawRow {
    /// How many cells it has.
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// The bytes of a cell, without its quotes.
    pub(super) fn cell(&self, at: usize) -> Cow<'_, [u8]> {
        let Some(span) = self.cells.get(at) else {
            return Cow::Borrowed(&[]);
        };
        let bytes = &self.bytes[span.from..span.to];
        if !span.doubled {
            return Cow::Borrowed(bytes);
        }
        let mut single = Vec::with_capacity(bytes.len());
        let mut after_quote = false;
        for byte in bytes {
            after_quote = *byte == self.quote && !after_quote;
            if !after_quote {
                single.push(*byte);
            }
        }
        Cow::Owned(single)
    }
}
