//! A pattern over names of topics: `^`, plain letters, `.` for any sign, `.*` and `.+` for any number
//! of them, `\.` for a dot. No more than that, so that what it matches can be seen by reading it.
//! Start at [`Pattern`].

use std::fmt;

/// A pattern that names of topics match or do not, whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pattern {
    text: String,
    parts: Vec<Part>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    Sign(char),
    AnyOne,
    AnyNumber,
}

impl Pattern {
    /// Reads a pattern, or says why it is none.
    pub fn read(text: &str) -> Result<Pattern, String> {
        let Some(rest) = text.strip_prefix('^') else {
            return Err("a pattern begins with `^`".to_owned());
        };
        let mut signs = rest.strip_suffix('$').unwrap_or(rest).chars().peekable();
        let mut parts = Vec::new();
        while let Some(sign) = signs.next() {
            match sign {
                '.' => match signs.next_if(|next| matches!(next, '*' | '+')) {
                    Some('+') => parts.extend([Part::AnyOne, Part::AnyNumber]),
                    Some(_) => parts.push(Part::AnyNumber),
                    None => parts.push(Part::AnyOne),
                },
                '\\' if signs.next_if_eq(&'.').is_some() => parts.push(Part::Sign('.')),
                plain if plain.is_ascii_alphanumeric() || plain == '-' || plain == '_' => {
                    parts.push(Part::Sign(plain));
                }
                other => {
                    return Err(format!(
                        "`{other}` has no meaning here; write letters, digits, `-`, `_`, `\\.`, `.`, `.*` or `.+`"
                    ));
                }
            }
        }
        Ok(Pattern {
            text: text.to_owned(),
            parts,
        })
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// True if the whole name matches.
    pub fn is_match(&self, name: &str) -> bool {
        // The parts that can be reached so far: one pass over the name, whatever the pattern.
        let mut reached = vec![false; self.parts.len() + 1];
        reached[0] = true;
        self.step_over_nothing(&mut reached);
        for sign in name.chars() {
            let mut next = vec![false; self.parts.len() + 1];
            for (at, part) in self.parts.iter().enumerate().filter(|(at, _)| reached[*at]) {
                match part {
                    Part::Sign(wanted) => next[at + 1] |= *wanted == sign,
                    Part::AnyOne => next[at + 1] = true,
                    Part::AnyNumber => next[at] = true,
                }
            }
            self.step_over_nothing(&mut next);
            reached = next;
        }
        reached[self.parts.len()]
    }

    fn step_over_nothing(&self, reached: &mut [bool]) {
        for (at, part) in self.parts.iter().enumerate() {
            reached[at + 1] |= reached[at] && *part == Part::AnyNumber;
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, into: &mut fmt::Formatter<'_>) -> fmt::Result {
        into.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_whole_names() {
        for (pattern, name, matches) in [
            ("^rms", "rms", true),
            ("^rms", "rms-2", false),
            ("^rms.*", "rms", true),
            ("^rms.+", "rms", false),
            ("^rms\\..+\\.crimes$", "rms.north.crimes", true),
            ("^rms\\..+\\.crimes$", "rms.crimes", false),
            ("^a.c", "abc", true),
            ("^a\\.c", "abc", false),
            ("^.*x.*y", "axbxcy", true),
        ] {
            let read = Pattern::read(pattern).expect("a pattern");
            assert_eq!(read.is_match(name), matches, "{pattern} {name}");
        }
    }

    #[test]
    fn what_has_no_meaning_is_refused() {
        for text in ["rms.*", "^rms[0-9]", "^(a|b)", "^a*"] {
            assert!(Pattern::read(text).is_err(), "{text}");
        }
    }
}
