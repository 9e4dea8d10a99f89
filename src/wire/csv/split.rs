//! A byte stream cut into rows: where each begins, on which line, and where its cells lie, with the
//! bytes kept as they came. Written here, and not taken from a library, because quarantine needs
//! the bytes of a bad row unchanged and because a quote that is never closed must cost one line and
//! not the rest of the file; the `csv` crate reads on to the end in silence. A test holds the two
//! against each other. Never decodes a cell. Start at [`Splitter::next_row`].

use std::io::{self, ErrorKind, Read};

use super::raw_row::{Fault, Marks, RawRow, Span};

/// The longest row that is looked at as a whole: an order above the longest row of an extract that
/// was met, and small enough that an unclosed quote cannot fill the memory.
pub(super) const ROW_BYTES_MAX: usize = 1 << 20;

/// How many bytes are asked for at once.
const CHUNK_BYTES: usize = 64 << 10;

/// Cuts a stream into rows.
pub(super) struct Splitter<R> {
    source: R,
    held: Vec<u8>,
    at: usize,
    offset: u64,
    line: u64,
    ended: bool,
    in_long_line: bool,
}

/// What one scan found: how long the row is, and how much belongs to it with its line end.
struct Scan {
    length: usize,
    taken: usize,
    cells: Vec<Span>,
    fault: Option<Fault>,
}

impl<R: Read> Splitter<R> {
    /// Reads from the start of a file.
    pub(super) fn new(source: R) -> Splitter<R> {
        let held = Vec::with_capacity(2 * CHUNK_BYTES);
        Splitter {
            source,
            held,
            at: 0,
            offset: 0,
            line: 1,
            ended: false,
            in_long_line: false,
        }
    }

    /// Takes these bytes away if the rest begins with them.
    pub(super) fn skip(&mut self, mark: &[u8]) -> io::Result<bool> {
        let found = self.begins_with(mark)?;
        if found {
            self.at += mark.len();
            self.offset += mark.len() as u64;
        }
        Ok(found)
    }

    /// True if the rest begins with these bytes.
    pub(super) fn begins_with(&mut self, mark: &[u8]) -> io::Result<bool> {
        for (place, expected) in mark.iter().enumerate() {
            if self.byte(place)? != Some(*expected) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The next row. Empty lines hold nothing and are passed over.
    pub(super) fn next_row(&mut self, marks: Marks) -> io::Result<Option<RawRow>> {
        let row = self.peek_row(marks)?;
        Ok(row.map(|(row, taken)| {
            self.take(taken);
            self.in_long_line = row.fault.is_some() && taken == row.bytes.len();
            row
        }))
    }

    /// The next row and how many bytes it takes, left where it is.
    pub(super) fn peek_row(&mut self, marks: Marks) -> io::Result<Option<(RawRow, usize)>> {
        while let Some(end) = self.line_end(0)? {
            self.take(end);
            self.in_long_line = false;
        }
        if self.byte(0)?.is_none() {
            return Ok(None);
        }
        let scan = if self.in_long_line {
            self.first_line(Fault::TooLong)?
        } else {
            self.scan(marks)?
        };
        let bytes = self.held[self.at..self.at + scan.length].to_vec();
        let row = RawRow {
            line: self.line,
            offset: self.offset,
            bytes,
            fault: scan.fault,
            cells: scan.cells,
            quote: marks.quote.unwrap_or_default(),
        };
        Ok(Some((row, scan.taken)))
    }

    fn scan(&mut self, marks: Marks) -> io::Result<Scan> {
        let mut cells = Vec::new();
        let mut next = 0;
        loop {
            let cell = match self.cell(next, marks)? {
                Ok(cell) => cell,
                Err(fault) => return self.first_line(fault),
            };
            cells.push(cell);
            // Past the closing quote, if there is one.
            let after = if cell.from > next {
                cell.to + 1
            } else {
                cell.to
            };
            if self.byte(after)? != Some(marks.delimiter) {
                let taken = after + self.line_end(after)?.unwrap_or(0);
                return Ok(Scan {
                    length: after,
                    taken,
                    cells,
                    fault: None,
                });
            }
            next = after + 1;
        }
    }

    /// The cell that begins at `from`.
    fn cell(&mut self, from: usize, marks: Marks) -> io::Result<Result<Span, Fault>> {
        if marks.quote.is_some() && self.byte(from)? == marks.quote {
            return self.quoted_cell(from + 1, marks);
        }
        let mut to = from;
        while let Some(byte) = self.byte(to)? {
            if to >= ROW_BYTES_MAX {
                return Ok(Err(Fault::TooLong));
            }
            if byte == marks.delimiter || byte == b'\n' || byte == b'\r' {
                break;
            }
            to += 1;
        }
        Ok(Ok(Span {
            from,
            to,
            doubled: false,
        }))
    }

    fn quoted_cell(&mut self, from: usize, marks: Marks) -> io::Result<Result<Span, Fault>> {
        let mut to = from;
        let mut doubled = false;
        loop {
            match self.byte(to)? {
                Some(_) if to >= ROW_BYTES_MAX => return Ok(Err(Fault::NeverClosed)),
                None => return Ok(Err(Fault::NeverClosed)),
                quote if quote == marks.quote => match self.byte(to + 1)? {
                    next if next == marks.quote => {
                        doubled = true;
                        to += 2;
                    }
                    None | Some(b'\n' | b'\r') => break,
                    Some(next) if next == marks.delimiter => break,
                    Some(_) => return Ok(Err(Fault::TextAfterQuote)),
                },
                Some(_) => to += 1,
            }
        }
        Ok(Ok(Span { from, to, doubled }))
    }

    /// The line up to its end, as a row that is bad: what follows it is read afresh.
    fn first_line(&mut self, fault: Fault) -> io::Result<Scan> {
        let mut length = 0;
        while length < ROW_BYTES_MAX && !matches!(self.byte(length)?, None | Some(b'\n' | b'\r')) {
            length += 1;
        }
        let taken = length + self.line_end(length)?.unwrap_or(0);
        Ok(Scan {
            length,
            taken,
            cells: Vec::new(),
            fault: Some(fault),
        })
    }

    /// How many bytes the end of a line takes, if one is here: LF, CR or CRLF.
    fn line_end(&mut self, place: usize) -> io::Result<Option<usize>> {
        Ok(match self.byte(place)? {
            Some(b'\n') => Some(1),
            Some(b'\r') if self.byte(place + 1)? == Some(b'\n') => Some(2),
            Some(b'\r') => Some(1),
            _ => None,
        })
    }

    fn take(&mut self, count: usize) {
        let mut after_return = false;
        for byte in &self.held[self.at..self.at + count] {
            self.line += u64::from(*byte == b'\r' || (*byte == b'\n' && !after_return));
            after_return = *byte == b'\r';
        }
        self.at += count;
        self.offset += count as u64;
    }

    /// The byte this far past the last row taken.
    #[inline]
    fn byte(&mut self, place: usize) -> io::Result<Option<u8>> {
        while self.at + place >= self.held.len() {
            if self.ended {
                return Ok(None);
            }
            self.fill()?;
        }
        Ok(Some(self.held[self.at + place]))
    }

    fn fill(&mut self) -> io::Result<()> {
        self.held.drain(..self.at);
        self.at = 0;
        let before = self.held.len();
        self.held.resize(before + CHUNK_BYTES, 0);
        let read = loop {
            match self.source.read(&mut self.held[before..]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.held.truncate(before + *read.as_ref().unwrap_or(&0));
        self.ended = read? == 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_end_gives_the_same_rows() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["a,b", "1,2", "", "\"x", "y\",4", "5,6"].join(end);
            let rows = rows(&text);
            let cells: Vec<Vec<String>> = rows.iter().map(cells).collect();
            let quoted = format!("x{end}y");
            assert_eq!(
                cells,
                [["a", "b"], ["1", "2"], [quoted.as_str(), "4"], ["5", "6"]]
            );
            let lines: Vec<u64> = rows.iter().map(|row| row.line).collect();
            assert_eq!(lines, [1, 2, 4, 6], "{end:?}");
        }
    }

    #[test]
    fn offsets_lead_back_to_the_very_bytes() {
        let text = "a,b\r\n\r\n\"x\"\"\r\ny\",2\r\n3,\"4";
        for row in rows(text) {
            let from = row.offset as usize;
            assert_eq!(&text.as_bytes()[from..from + row.bytes.len()], row.bytes);
        }
    }

    #[test]
    fn a_quote_that_never_closes_costs_its_line_and_no_more() {
        let rows = rows("a,b\n1,\"torn\n3,4\n5,\"6\"\n7,8\n");
        let faults: Vec<Option<Fault>> = rows.iter().map(|row| row.fault).collect();
        assert_eq!(
            faults,
            [None, Some(Fault::TextAfterQuote), None, None, None]
        );
        assert_eq!(rows[1].bytes, b"1,\"torn");
        assert_eq!(cells(&rows[3]), ["5", "6"]);
    }

    #[test]
    fn a_file_that_ends_inside_quotes_says_so() {
        let rows = rows("a,b\n1,\"to");
        assert_eq!(rows[1].fault, Some(Fault::NeverClosed));
        assert_eq!(rows[1].bytes, b"1,\"to");
    }

    #[test]
    fn a_quote_inside_a_bare_cell_is_a_letter() {
        assert_eq!(cells(&rows("1,5\" pipe\n")[0]), ["1", "5\" pipe"]);
        assert_eq!(cells(&rows("\"a\"\"b\"\"\"\"c\",\n")[0]), ["a\"b\"\"c", ""]);
    }

    #[test]
    fn a_line_without_end_comes_in_pieces_and_none_is_a_row() {
        let text = format!("a,b\n{}\n1,2\n", "x,".repeat(ROW_BYTES_MAX));
        let rows = rows(&text);
        assert_eq!(rows.len(), 4);
        assert!(
            rows[1..3]
                .iter()
                .all(|row| row.fault == Some(Fault::TooLong))
        );
        assert_eq!(rows[1].bytes.len() + rows[2].bytes.len(), 2 * ROW_BYTES_MAX);
        assert_eq!(cells(&rows[3]), ["1", "2"]);
    }

    #[test]
    fn one_byte_at_a_time_gives_the_same_rows() {
        let text = "a,b\r\n\"1\r\n\",2\r\n\r\n3,4";
        let mut slow = Splitter::new(OneByte(text.as_bytes()));
        let mut found = Vec::new();
        while let Some(row) = slow.next_row(MARKS).expect("bytes in memory can be read") {
            found.push(row);
        }
        assert_eq!(found, rows(text));
    }

    const MARKS: Marks = Marks {
        delimiter: b',',
        quote: Some(b'"'),
    };

    struct OneByte<'a>(&'a [u8]);

    impl Read for OneByte<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.0.read(&mut into[..1])
        }
    }

    fn rows(text: &str) -> Vec<RawRow> {
        let mut splitter = Splitter::new(text.as_bytes());
        let mut rows = Vec::new();
        while let Some(row) = splitter
            .next_row(MARKS)
            .expect("bytes in memory can be read")
        {
            rows.push(row);
        }
        rows
    }

    fn cells(row: &RawRow) -> Vec<String> {
        (0..row.len())
            .map(|at| String::from_utf8_lossy(&row.cell(at)).into_owned())
            .collect()
    }
}
