//! JSON, or what reads like it, as a tree that keeps what other trees throw away: keys that stand twice and numbers as they
//! are written. Knows no record. Start at [`Tree`].

use std::borrow::Cow;

use serde_json::Value;

/// One JSON value.
#[derive(Clone, PartialEq, Debug)]
pub(in crate::wire) enum Tree<'a> {
    Null,
    Bool(bool),
    /// A number as it is written.
    Number(Cow<'a, str>),
    Text(Cow<'a, str>),
    List(Vec<Tree<'a>>),
    /// The fields in the order in which they stand, also those that stand twice.
    Object(Vec<(Cow<'a, str>, Tree<'a>)>),
    /// Something that JSON does not have, as a class.
    Other(&'static str),
    /// Something that lies too deep to be looked at.
    TooDeep,
}

impl<'a> Tree<'a> {
    /// The same value, borrowed from another kind of tree.
    pub(super) fn of(value: &'a Value) -> Tree<'a> {
        match value {
            Value::Null => Tree::Null,
            Value::Bool(value) => Tree::Bool(*value),
            Value::Number(number) => Tree::Number(number.to_string().into()),
            Value::String(text) => Tree::Text(text.as_str().into()),
            Value::Array(entries) => Tree::List(entries.iter().map(Tree::of).collect()),
            Value::Object(fields) => Tree::Object(
                fields
                    .iter()
                    .map(|(name, value)| (name.as_str().into(), Tree::of(value)))
                    .collect(),
            ),
        }
    }
}
