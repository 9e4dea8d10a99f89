//! Splits a stream of bytes into lines, whichever way they end, with their place in the stream.
//! Never looks into a line: a line may be unreadable, torn or far too long and is handed on all the
//! same, so that it can be counted. Start at [`Lines`].

use std::io::{self, BufRead, ErrorKind};

/// The largest record that is read if nothing else is configured: records of the contract are a few
/// kilobytes, the largest seen have hundreds of contacts.
pub const MAX_RECORD_BYTES: usize = 1 << 20;

/// How much of an oversize line is kept, so that one line without an end cannot fill the memory.
const KEPT_BYTES: usize = 16 << 20;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// One line that is not blank.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Line<'a> {
    /// Its number as an editor counts it: from 1, blank lines included.
    pub number: u64,
    /// Where it begins in the stream.
    pub offset: u64,
    /// Its bytes without its end; of an oversize line at least as many as records may have, and no
    /// more than 16 MiB.
    pub bytes: &'a [u8],
    /// How long it is in the stream, without its end.
    pub length: u64,
    /// True if it is longer than records may be.
    pub oversize: bool,
}

/// The lines of a stream. They may end in LF, CRLF or CR, also mixed; the last may lack its end.
#[derive(Debug)]
pub struct Lines<R> {
    reader: R,
    max_record_bytes: usize,
    bytes: Vec<u8>,
    number: u64,
    offset: u64,
    blank: u64,
    after_return: bool,
}

impl<R: BufRead> Lines<R> {
    /// The lines of `reader`, of which those over `max_record_bytes` are oversize.
    pub fn new(reader: R, max_record_bytes: usize) -> Lines<R> {
        Lines {
            reader,
            max_record_bytes,
            bytes: Vec::new(),
            number: 0,
            offset: 0,
            blank: 0,
            after_return: false,
        }
    }

    /// How many blank lines were passed over so far.
    pub fn blank(&self) -> u64 {
        self.blank
    }

    /// The next line that is not blank; none at the end of the stream.
    pub fn next_line(&mut self) -> io::Result<Option<Line<'_>>> {
        loop {
            self.bytes.clear();
            let Some((mut begin, mut length)) = self.read_raw()? else {
                return Ok(None);
            };
            self.number += 1;
            let mut mark = 0;
            if begin == 0 && self.bytes.starts_with(BYTE_ORDER_MARK) {
                mark = BYTE_ORDER_MARK.len();
                begin += mark as u64;
                length -= mark as u64;
            }
            if self.bytes[mark..].trim_ascii().is_empty() && length <= KEPT_BYTES as u64 {
                self.blank += 1;
                continue;
            }
            return Ok(Some(Line {
                number: self.number,
                offset: begin,
                bytes: &self.bytes[mark..],
                length,
                oversize: length > self.max_record_bytes as u64,
            }));
        }
    }

    /// Reads up to the next end of line or of the stream: where the line begins, how long it is.
    fn read_raw(&mut self) -> io::Result<Option<(u64, u64)>> {
        let kept = KEPT_BYTES.max(self.max_record_bytes.saturating_add(BYTE_ORDER_MARK.len()));
        let mut length = 0;
        let mut begin = self.offset;
        loop {
            let chunk = match self.reader.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if chunk.is_empty() {
                return Ok((length > 0).then_some((begin, length)));
            }
            if std::mem::take(&mut self.after_return) && chunk[0] == b'\n' {
                self.reader.consume(1);
                self.offset += 1;
                begin = self.offset;
                continue;
            }
            let end = end_of_line(chunk);
            let text = &chunk[..end.unwrap_or(chunk.len())];
            let room = kept.saturating_sub(self.bytes.len());
            self.bytes.extend_from_slice(&text[..text.len().min(room)]);
            length += text.len() as u64;
            let used = text.len() + usize::from(end.is_some());
            self.after_return = end.is_some_and(|at| chunk[at] == b'\r');
            self.reader.consume(used);
            self.offset += used as u64;
            if end.is_some() {
                return Ok(Some((begin, length)));
            }
        }
    }
}

/// Where the first LF or CR stands. Goes by strides that the compiler turns into vector code.
fn end_of_line(chunk: &[u8]) -> Option<usize> {
    const STRIDE: usize = 32;
    let ends = |byte: &u8| (*byte == b'\n') | (*byte == b'\r');
    let mut passed = 0;
    for stride in chunk.chunks(STRIDE) {
        if stride.iter().fold(false, |hit, byte| hit | ends(byte)) {
            return stride.iter().position(ends).map(|at| passed + at);
        }
        passed += stride.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    #[test]
    fn every_kind_of_line_end_ends_a_line() {
        for stream in [
            "a\nb\nc\n",
            "a\r\nb\r\nc\r\n",
            "a\rb\rc\r",
            "a\nb\r\nc\r",
            "a\rb\nc",
        ] {
            assert_eq!(texts(stream.as_bytes()), ["a", "b", "c"], "{stream:?}");
        }
    }

    #[test]
    fn a_line_knows_its_number_and_offset_whatever_the_buffer() {
        let stream = "\u{feff}a\r\n\r\n  \nbc\rd".as_bytes();
        for capacity in 1..stream.len() + 1 {
            let mut lines = Lines::new(BufReader::with_capacity(capacity, stream), 10);
            let mut seen = Vec::new();
            while let Some(line) = lines.next_line().expect("memory can be read") {
                seen.push((line.number, line.offset, line.bytes.to_vec()));
            }
            let expected = [
                (1, 3, b"a".to_vec()),
                (4, 11, b"bc".to_vec()),
                (5, 14, b"d".to_vec()),
            ];
            assert_eq!(seen, expected, "with {capacity} bytes of buffer");
            assert_eq!(lines.blank(), 2);
        }
    }

    #[test]
    fn an_oversize_line_is_consumed_whole_and_handed_on() {
        let mut lines = Lines::new(&b"12345\n123456\r\nok"[..], 5);
        let mut seen = Vec::new();
        while let Some(line) = lines.next_line().expect("memory can be read") {
            seen.push((line.bytes.to_vec(), line.oversize, line.length));
        }
        let expected = [
            (b"12345".to_vec(), false, 5),
            (b"123456".to_vec(), true, 6),
            (b"ok".to_vec(), false, 2),
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn of_a_line_without_measure_a_bounded_part_is_kept() {
        let long = vec![b'x'; KEPT_BYTES + 100];
        let mut lines = Lines::new(&long[..], MAX_RECORD_BYTES);
        let line = lines
            .next_line()
            .expect("memory can be read")
            .expect("a line");
        assert_eq!(line.bytes.len(), KEPT_BYTES);
        assert_eq!(line.length, long.len() as u64);
        assert!(line.oversize);
    }

    #[test]
    fn nothing_has_no_lines() {
        for stream in ["", "\u{feff}", "\u{feff}\n\n", "\n", "\r\n \t "] {
            assert!(texts(stream.as_bytes()).is_empty(), "{stream:?}");
        }
    }

    fn texts(stream: &[u8]) -> Vec<String> {
        let mut lines = Lines::new(BufReader::with_capacity(2, stream), 10);
        let mut texts = Vec::new();
        while let Some(line) = lines.next_line().expect("memory can be read") {
            texts.push(String::from_utf8_lossy(line.bytes).into_owned());
        }
        texts
    }
}
