//! From a text to a tree, by a parser that keeps, of a text that breaks off, everything before the
//! break: the head of a torn record still says whose it is. Knows no record. Start at [`parse`].

use std::borrow::Cow;

use super::tree::Tree;
use crate::domain::Reason;

/// How deep objects and lists may lie in each other; the contract's records have seven levels.
pub(in crate::wire) const MAX_DEPTH: usize = 32;

/// What a text says, as far as it could be read.
#[derive(PartialEq, Debug)]
pub(in crate::wire) struct Parsed<'a> {
    /// The value, up to the fault if there is one.
    pub(in crate::wire) tree: Tree<'a>,
    /// Why it is not one value.
    pub(in crate::wire) fault: Option<Fault>,
    /// The names on the way to the first thing that lies too deep.
    pub(in crate::wire) too_deep: Option<Vec<String>>,
}

/// Where and why bytes are not what they should be.
#[derive(PartialEq, Debug)]
pub(in crate::wire) struct Fault {
    /// The kind of fault.
    pub(in crate::wire) reason: Reason,
    /// The names on the way to it.
    pub(in crate::wire) names: Vec<String>,
    /// How many bytes stand before it.
    pub(in crate::wire) at: usize,
    /// What could have stood there.
    pub(in crate::wire) expected: &'static str,
    /// What stands there, as a class.
    pub(in crate::wire) found: &'static str,
}

/// Reads a text as one JSON value.
pub(super) fn parse(text: &str) -> Parsed<'_> {
    let mut parser = Parser {
        text,
        at: 0,
        depth: 0,
        names: Vec::new(),
        fault: None,
        too_deep: None,
    };
    let tree = parser.value().unwrap_or(Tree::Null);
    if parser.fault.is_none() {
        parser.skip_space();
        match parser.peek() {
            None => {}
            Some(b'{') => parser.fail("the end of the record", "a second object"),
            Some(_) => parser.fail("the end of the record", "something after it"),
        }
    }
    Parsed {
        tree,
        fault: parser.fault,
        too_deep: parser.too_deep,
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    names: Vec<Cow<'a, str>>,
    fault: Option<Fault>,
    too_deep: Option<Vec<String>>,
}

impl<'a> Parser<'a> {
    /// A value, or as much of an object or list as stands before a fault; none if nothing does.
    fn value(&mut self) -> Option<Tree<'a>> {
        self.skip_space();
        match self.peek() {
            Some(b'{' | b'[') if self.depth == MAX_DEPTH => self.pass_over(),
            Some(b'{') => Some(self.object()),
            Some(b'[') => Some(self.list()),
            Some(b'"') => self.string().map(Tree::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.literal("true", Tree::Bool(true)),
            Some(b'f') => self.literal("false", Tree::Bool(false)),
            Some(b'n') => self.literal("null", Tree::Null),
            _ => {
                self.fail_here("a value");
                None
            }
        }
    }

    fn object(&mut self) -> Tree<'a> {
        let mut fields = Vec::new();
        self.open();
        if !self.took(b'}') {
            loop {
                self.skip_space();
                if self.peek() != Some(b'"') {
                    self.fail_here("a field name in quotes");
                    break;
                }
                let Some(name) = self.string() else { break };
                if !self.took(b':') {
                    self.fail_here("a colon");
                    break;
                }
                self.names.push(name.clone());
                let value = self.value();
                self.names.pop();
                fields.extend(value.map(|value| (name, value)));
                if self.ends(b'}', "a comma or a closing brace") {
                    break;
                }
            }
        }
        self.depth -= 1;
        Tree::Object(fields)
    }

    fn list(&mut self) -> Tree<'a> {
        let mut entries = Vec::new();
        self.open();
        if !self.took(b']') {
            loop {
                entries.extend(self.value());
                if self.ends(b']', "a comma or a closing bracket") {
                    break;
                }
            }
        }
        self.depth -= 1;
        Tree::List(entries)
    }

    fn open(&mut self) {
        self.at += 1;
        self.depth += 1;
    }

    /// True at the end of an object or list, or if it cannot go on.
    fn ends(&mut self, close: u8, expected: &'static str) -> bool {
        if self.fault.is_some() || self.took(close) {
            return true;
        }
        if self.took(b',') {
            return false;
        }
        self.fail_here(expected);
        true
    }

    /// Passes over an object or list that lies too deep, by its brackets alone.
    fn pass_over(&mut self) -> Option<Tree<'a>> {
        if self.too_deep.is_none() {
            self.too_deep = Some(self.way());
        }
        let mut open = 0_usize;
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.string()?;
                    continue;
                }
                Some(b'{' | b'[') => open += 1,
                Some(b'}' | b']') => open -= 1,
                Some(_) => {}
                None => {
                    self.fail_here("a closing bracket");
                    return None;
                }
            }
            self.at += 1;
            if open == 0 {
                return Some(Tree::TooDeep);
            }
        }
    }

    fn number(&mut self) -> Option<Tree<'a>> {
        let begin = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        let leading_zero = self.peek() == Some(b'0');
        let whole = self.digits();
        let mut sound = whole > 0 && !(leading_zero && whole > 1);
        if self.peek() == Some(b'.') {
            self.at += 1;
            sound &= self.digits() > 0;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            sound &= self.digits() > 0;
        }
        if self.depth > 0 && self.at == self.text.len() {
            // A number at the end of a text that breaks off may lack digits.
            self.fail_here("a comma or a closing bracket");
            return None;
        }
        if !sound {
            self.fail("a number", "something else");
            return None;
        }
        Some(Tree::Number(self.text[begin..self.at].into()))
    }

    fn digits(&mut self) -> usize {
        let begin = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - begin
    }

    fn literal(&mut self, word: &str, tree: Tree<'a>) -> Option<Tree<'a>> {
        if self.text[self.at..].starts_with(word) {
            self.at += word.len();
            return Some(tree);
        }
        if word.starts_with(&self.text[self.at..]) {
            self.at = self.text.len();
        }
        self.fail_here("a value");
        None
    }

    fn string(&mut self) -> Option<Cow<'a, str>> {
        self.at += 1;
        let mut text = Cow::Borrowed("");
        loop {
            let begin = self.at;
            while !matches!(self.peek(), None | Some(b'"' | b'\\' | 0..=0x1F)) {
                self.at += 1;
            }
            // All bytes that end a run are ASCII, so the run begins and ends between characters.
            text += &self.text[begin..self.at];
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Some(text);
                }
                Some(b'\\') => text.to_mut().push(self.escaped()?),
                Some(0) => return self.fail_with("a text", "a NUL"),
                Some(_) => return self.fail_with("a text", "a control character"),
                None => return self.fail_with("a closing quote", "the end of the bytes"),
            }
        }
    }

    fn escaped(&mut self) -> Option<char> {
        const EXPECTED: &str = "an escape that JSON has";
        self.at += 1;
        let mark = self.peek();
        self.at += usize::from(mark.is_some_and(|mark| mark.is_ascii()));
        Some(match mark {
            Some(b'n') => '\n',
            Some(b't') => '\t',
            Some(b'r') => '\r',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(same @ (b'"' | b'\\' | b'/')) => char::from(same),
            Some(b'u') => return self.code_point(),
            Some(_) => return self.fail_with(EXPECTED, "something else"),
            None => return self.fail_with(EXPECTED, "the end of the bytes"),
        })
    }

    fn code_point(&mut self) -> Option<char> {
        const EXPECTED: &str = "a character";
        let Some(first) = self.hex_unit() else {
            return self.fail_with(EXPECTED, "an escape without four digits");
        };
        let mut units = vec![first];
        if (0xD800..0xDC00).contains(&first) && self.text[self.at..].starts_with("\\u") {
            self.at += 2;
            units.extend(self.hex_unit());
        }
        let mut characters = char::decode_utf16(units);
        match (characters.next(), characters.next()) {
            (Some(Ok(character)), None) => Some(character),
            _ => self.fail_with(EXPECTED, "half of a surrogate pair"),
        }
    }

    fn hex_unit(&mut self) -> Option<u16> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4)?;
        let mut unit = 0;
        for digit in digits {
            unit = unit * 16 + char::from(*digit).to_digit(16)? as u16;
        }
        self.at += 4;
        Some(unit)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn took(&mut self, mark: u8) -> bool {
        self.skip_space();
        let there = self.peek() == Some(mark);
        self.at += usize::from(there);
        there
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn way(&self) -> Vec<String> {
        self.names.iter().map(|name| name.to_string()).collect()
    }

    fn fail_with<T>(&mut self, expected: &'static str, found: &'static str) -> Option<T> {
        self.fail(expected, found);
        None
    }

    fn fail_here(&mut self, expected: &'static str) {
        let found = match self.peek() {
            None => "the end of the bytes",
            Some(0) => "a NUL",
            Some(_) => "something else",
        };
        self.fail(expected, found);
    }

    fn fail(&mut self, expected: &'static str, found: &'static str) {
        if self.fault.is_none() {
            self.fault = Some(Fault {
                reason: Reason::UnreadableJson,
                names: self.way(),
                at: self.at,
                expected,
                found,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_whole_value_reads_as_another_parser_reads_it() {
        for text in [
            r#"{"a":[1,-2.5e3,true,false,null,"x"],"b":{}}"#,
            " [ ] ",
            r#""é\n\t\"\\\/\u00e9\ud83d\ude00""#,
            "-0",
            "{\"a\" : \r\n [ { } , [ ] ] }",
        ] {
            let value: Value = serde_json::from_str(text).expect("the texts of this test are JSON");
            let parsed = parse(text);
            assert_eq!(parsed.fault, None, "{text}");
            assert_eq!(value_of(&parsed.tree), value, "{text}");
        }
    }

    #[test]
    fn what_another_parser_refuses_is_a_fault() {
        for text in [
            "",
            "{",
            "[1,]",
            "{,}",
            "01",
            "1.",
            "1e",
            "-",
            "tru",
            "nul",
            "\"",
            "\"\\x\"",
            "[1 2]",
            "{\"a\"}",
            "{\"a\":}",
            "\"\\ud800\"",
            "\"\\udc00\"",
            "\"\\ud800\\u0041\"",
            "\"a\nb\"",
            "\"\\u12\"",
            "{} {}",
            "{}x",
            "'a'",
            "\"\\é\"",
            "{a:1}",
            "\"\\u00é0\"",
            "truth",
        ] {
            assert!(serde_json::from_str::<Value>(text).is_err(), "{text}");
            assert!(parse(text).fault.is_some(), "{text}");
        }
    }

    #[test]
    fn what_stands_before_a_break_is_kept() {
        let parsed = parse(r#"{"a":"x","b":{"c":1,"d":"yz"#);
        let tree = Tree::Object(vec![
            ("a".into(), Tree::Text("x".into())),
            (
                "b".into(),
                Tree::Object(vec![("c".into(), Tree::Number("1".into()))]),
            ),
        ]);
        assert_eq!(parsed.tree, tree);
        let fault = parsed.fault.expect("the text breaks off");
        assert_eq!(fault.names, ["b", "d"]);
        assert_eq!(fault.found, "the end of the bytes");
    }

    #[test]
    fn a_number_at_a_break_is_not_believed() {
        assert_eq!(parse(r#"{"version":12"#).tree, Tree::Object(Vec::new()));
    }

    #[test]
    fn what_lies_too_deep_is_passed_over() {
        let deep = format!(
            "{{\"x\":{}\"]\"{},\"y\":1}}",
            "[".repeat(99),
            "]".repeat(99)
        );
        let parsed = parse(&deep);
        assert_eq!(parsed.fault, None);
        assert_eq!(parsed.too_deep, Some(vec!["x".to_owned()]));
        assert!(matches!(parsed.tree, Tree::Object(fields) if fields[1].0 == "y"));
        assert!(parse(&"[".repeat(1_000_000)).fault.is_some());
    }

    fn value_of(tree: &Tree<'_>) -> Value {
        match tree {
            Tree::Null | Tree::TooDeep | Tree::Other(_) => Value::Null,
            Tree::Bool(value) => Value::Bool(*value),
            Tree::Number(number) => serde_json::from_str(number).expect("a number"),
            Tree::Text(text) => Value::String(text.to_string()),
            Tree::List(entries) => entries.iter().map(value_of).collect(),
            Tree::Object(fields) => fields
                .iter()
                .map(|(name, value)| (name.to_string(), value_of(value)))
                .collect(),
        }
    }
}
