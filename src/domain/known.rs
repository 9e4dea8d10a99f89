//! What can be told and what cannot: a value that is not carried is not empty, it is missing, and
//! the missing leaf has a name. Never guesses. Start at [`Known`].

use std::fmt;

use serde::{Serialize, Serializer};

/// A value, or the name of what is missing to tell it. `?` is a decision table's "undecidable" row.
pub type Known<T> = Result<T, Missing>;

/// The leaf that would decide: a block's path and the field in it, without index or id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Missing {
    block: &'static str,
    leaf: &'static str,
}

impl Missing {
    /// A day or a month was given where the hour decides.
    pub const PRECISION: Missing = Missing::word("precision");
    /// No edition of a limit, a code list or a calendar covers the day.
    pub const EDITION: Missing = Missing::word("edition");
    /// The record carries no version, so a silent change cannot be seen.
    pub const VERSION: Missing = Missing::word("version");
    /// The rule failed on this case; the fault is ours, not the force's.
    pub const RULE_FAULT: Missing = Missing::word("rule_fault");
    /// More things are linked here than are judged together.
    pub const TOO_MANY_LINKS: Missing = Missing::word("too_many_links");

    const fn word(word: &'static str) -> Missing {
        Missing {
            block: "",
            leaf: word,
        }
    }

    /// The leaf `leaf` of the block or list at `block`.
    pub const fn leaf(block: &'static str, leaf: &'static str) -> Missing {
        Missing { block, leaf }
    }

    /// The path as it is published: `victim_care.needs_assessments`, or a word such as `precision`.
    pub fn path(&self) -> String {
        self.to_string()
    }

    /// True if the missing leaf lies at or under `path`, or `path` under it.
    pub fn touches(&self, path: &str) -> bool {
        let own = self.path();
        own == path
            || own
                .strip_prefix(path)
                .is_some_and(|rest| rest.starts_with('.'))
            || path
                .strip_prefix(own.as_str())
                .is_some_and(|rest| rest.starts_with('.'))
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.block.is_empty() {
            write!(out, "{}.", self.block)?;
        }
        out.write_str(self.leaf)
    }
}

impl Serialize for Missing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Kleene's "or" over many: true as soon as one is true, whatever is missing elsewhere.
pub fn any<T>(items: impl IntoIterator<Item = T>, holds: impl Fn(T) -> Known<bool>) -> Known<bool> {
    let mut missing = None;
    for item in items {
        match holds(item) {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(leaf) => missing = missing.or(Some(leaf)),
        }
    }
    missing.map_or(Ok(false), Err)
}

/// Kleene's "and" over many: false as soon as one is false, whatever is missing elsewhere.
pub fn all<T>(items: impl IntoIterator<Item = T>, holds: impl Fn(T) -> Known<bool>) -> Known<bool> {
    any(items, |item| holds(item).map(|held| !held)).map(|found| !found)
}

/// Kleene's "and" of conditions that are asked in this order.
pub fn both(first: Known<bool>, second: impl FnOnce() -> Known<bool>) -> Known<bool> {
    match first {
        Ok(false) => Ok(false),
        Ok(true) => second(),
        Err(missing) => match second() {
            Ok(false) => Ok(false),
            _ => Err(missing),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAF: Known<bool> = Err(Missing::leaf("core", "basis"));

    #[test]
    fn one_true_settles_any_though_another_is_missing() {
        assert_eq!(any([LEAF, Ok(true)], |held| held), Ok(true));
        assert_eq!(any([LEAF, Ok(false)], |held| held), LEAF);
        assert_eq!(any([], |held: Known<bool>| held), Ok(false));
    }

    #[test]
    fn one_false_settles_all_though_another_is_missing() {
        assert_eq!(all([LEAF, Ok(false)], |held| held), Ok(false));
        assert_eq!(all([LEAF, Ok(true)], |held| held), LEAF);
        assert_eq!(all([], |held: Known<bool>| held), Ok(true));
    }

    #[test]
    fn a_false_second_settles_both() {
        assert_eq!(both(LEAF, || Ok(false)), Ok(false));
        assert_eq!(both(LEAF, || Ok(true)), LEAF);
        assert_eq!(both(Ok(true), || LEAF), LEAF);
    }

    #[test]
    fn a_path_names_block_and_leaf() {
        assert_eq!(Missing::leaf("core", "basis").path(), "core.basis");
        assert_eq!(Missing::PRECISION.path(), "precision");
        assert!(Missing::leaf("core", "basis").touches("core"));
        assert!(!Missing::leaf("core", "basis").touches("core.bas"));
    }
}
