//! Walks a tree along the shapes of the contract and yields the clean tree, which the types read
//! mechanically, with everything that was wrong, unread or unknown. The only place that says what
//! is wrong with a record's form. Start at [`walk`].

use serde_json::{Map, Value};

use super::tree::Tree;
use crate::domain::moment::Moment;
use crate::domain::names::{RecordKind, Word};
use crate::domain::records::{
    CRIME_FIELDS, DECISION_FIELDS, HEAD_FIELDS, HEARTBEAT_FIELDS, INCIDENT_FIELDS, Unread,
};
use crate::domain::refusal::{class_of, code_or_class, looks_like_code, pattern_of};
use crate::domain::shape::{Field, Shape, Symbols};
use crate::domain::{Problem, Reason};

/// How much of what is wrong with one record is told; more helps nobody and only fills the topic.
const MAX_PROBLEMS: usize = 32;
/// How many names or words that no list has are kept of one record.
const MAX_NOTED: usize = 256;
/// The longest name or word that is kept of them.
const LONGEST_WORD: usize = 64;

/// What a walk brings home.
#[derive(Default)]
pub(super) struct Walked {
    /// The fields that the contract has, without what could not be read.
    pub(super) clean: Value,
    /// Which schema the record follows, if it says so.
    pub(super) kind: Option<RecordKind>,
    /// What is wrong, in the order of the contract.
    pub(super) problems: Vec<(Reason, Problem)>,
    /// Words below the head that their list does not have.
    pub(super) unread: Vec<Unread>,
    /// Fields that the contract does not have.
    pub(super) unknown: Vec<String>,
}

/// Walks a record: one that does not say its kind, by its head alone.
pub(super) fn walk(tree: &Tree<'_>) -> Walked {
    let mut walk = Walk::default();
    let Tree::Object(entries) = tree else {
        walk.wrong_type("an object", tree);
        return walk.home;
    };
    walk.home.kind = kind_of(entries);
    let own = walk.home.kind.map_or(&[][..], own_fields);
    let fields: Vec<_> = HEAD_FIELDS.iter().chain(own).collect();
    walk.home.clean = walk.group(&fields, entries, true);
    if walk.home.kind.is_none() {
        walk.home.unknown.clear();
    }
    walk.home
}

/// The fields that a kind of record has besides its head.
pub(super) const fn own_fields(kind: RecordKind) -> &'static [Field] {
    match kind {
        RecordKind::Incident => INCIDENT_FIELDS,
        RecordKind::Crime => CRIME_FIELDS,
        RecordKind::Heartbeat => HEARTBEAT_FIELDS,
        RecordKind::Decision => DECISION_FIELDS,
    }
}

/// The path through these names, with those that could hold anything left out.
pub(super) fn path_of(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| printable(name)).collect();
    names.join(".")
}

fn kind_of(entries: &[(std::borrow::Cow<'_, str>, Tree<'_>)]) -> Option<RecordKind> {
    let (_, tree) = entries.iter().find(|(name, _)| name == "record")?;
    match tree {
        Tree::Text(word) => kind_named(word),
        _ => None,
    }
}

/// The kind of record that this word names.
pub(in crate::wire) fn kind_named(word: &str) -> Option<RecordKind> {
    use RecordKind::{Crime, Decision, Heartbeat, Incident};
    [Incident, Crime, Heartbeat, Decision]
        .into_iter()
        .find(|kind| kind.as_str() == word)
}

fn printable(name: &str) -> &str {
    if looks_like_code(name, LONGEST_WORD) {
        name
    } else {
        "(unprintable name)"
    }
}

/// What the walk of one value yields.
enum Clean {
    Kept(Value),
    /// A word that its list does not have: the field that holds it becomes null.
    Unread,
}

#[derive(Default)]
struct Walk {
    path: String,
    in_list: bool,
    home: Walked,
}

impl Walk {
    fn value(&mut self, shape: &Shape, tree: &Tree<'_>, required: bool) -> Clean {
        let kept = match (shape, tree) {
            (Shape::Bool, Tree::Bool(value)) => Value::Bool(*value),
            (Shape::Integer, Tree::Number(number)) => self.integer(number),
            (Shape::Text, Tree::Text(text)) => self.text(text, required),
            (Shape::Moment, Tree::Text(text)) => self.moment(text),
            (Shape::Moment, Tree::Other(found)) => {
                self.problem(Reason::UnreadableMoment, &shape.expected(), found);
                Value::Null
            }
            (Shape::Symbol(symbols), Tree::Text(word)) => {
                return self.symbol(symbols, word, required);
            }
            (Shape::Struct(shape), Tree::Object(entries)) => {
                let fields: Vec<_> = shape.fields.iter().collect();
                self.group(&fields, entries, false)
            }
            (Shape::List(shape), Tree::List(entries)) => {
                return self.list(shape, entries, required);
            }
            (_, Tree::TooDeep) => Value::Null,
            _ => {
                self.wrong_type(&shape.expected(), tree);
                Value::Null
            }
        };
        Clean::Kept(kept)
    }

    /// Walks the fields of a group in the order of the contract; `top` is the record itself.
    fn group(
        &mut self,
        fields: &[&'static Field],
        entries: &[(std::borrow::Cow<'_, str>, Tree<'_>)],
        top: bool,
    ) -> Value {
        let mut slots: Vec<Option<&Tree<'_>>> = vec![None; fields.len()];
        for (name, tree) in entries {
            match fields.iter().position(|field| field.name == name.as_ref()) {
                None => self.unknown(name),
                Some(at) if slots[at].is_some() => self.duplicate(fields[at].name),
                Some(at) => slots[at] = Some(tree),
            }
        }
        let mut clean = Map::new();
        for (at, (field, slot)) in fields.iter().zip(slots).enumerate() {
            let head = top && at < HEAD_FIELDS.len();
            self.within(field.name, |walk| {
                let value = walk.field(field, slot, head);
                if !value.is_null() {
                    clean.insert(field.name.to_owned(), value);
                }
            });
        }
        Value::Object(clean)
    }

    fn field(&mut self, field: &Field, slot: Option<&Tree<'_>>, head: bool) -> Value {
        match slot {
            None | Some(Tree::Null) if field.required => {
                let found = if slot.is_some() { "null" } else { "nothing" };
                self.problem(Reason::MissingField, &field.shape.expected(), found);
                Value::Null
            }
            None | Some(Tree::Null) => Value::Null,
            Some(tree) => {
                let unread = self.home.unread.len();
                match self.value(&field.shape, tree, field.required || head) {
                    Clean::Unread => Value::Null,
                    // A block of which only unread words are told is not the empty block.
                    Clean::Kept(Value::Object(clean))
                        if clean.is_empty() && self.home.unread.len() > unread =>
                    {
                        Value::Null
                    }
                    Clean::Kept(value) => value,
                }
            }
        }
    }

    fn list(&mut self, shape: &Shape, entries: &[Tree<'_>], required: bool) -> Clean {
        let outer = std::mem::replace(&mut self.in_list, true);
        let mut clean = Vec::with_capacity(entries.len());
        let mut unread = false;
        for entry in entries {
            match self.value(shape, entry, required) {
                Clean::Kept(value) => clean.push(value),
                Clean::Unread => unread = true,
            }
        }
        self.in_list = outer;
        // Without the word that could not be read the list would say that there is no more.
        if unread {
            Clean::Unread
        } else {
            Clean::Kept(Value::Array(clean))
        }
    }

    fn integer(&mut self, number: &str) -> Value {
        let Ok(value) = number.parse::<i64>() else {
            if number.contains(['.', 'e', 'E']) {
                let found = "a number with a fraction or an exponent";
                self.problem(Reason::WrongType, &Shape::Integer.expected(), found);
            } else {
                let expected = "a whole number of at most 18 digits";
                self.problem(Reason::OutOfRange, expected, "a larger number");
            }
            return Value::Null;
        };
        if value < 0 && self.path == "version" {
            self.problem(
                Reason::OutOfRange,
                "a whole number from 0",
                "a negative number",
            );
        }
        value.into()
    }

    fn text(&mut self, text: &str, required: bool) -> Value {
        let expected = Shape::Text.expected();
        if text.contains('\0') {
            self.problem(Reason::WrongType, &expected, "a text with a NUL");
        } else if text.is_empty() && required && !self.in_list {
            self.problem(Reason::EmptyName, &expected, "an empty text");
        }
        text.into()
    }

    fn moment(&mut self, text: &str) -> Value {
        if Moment::parse(text).is_err() {
            let expected = Shape::Moment.expected();
            self.problem(Reason::UnreadableMoment, &expected, &pattern_of(text));
        }
        text.into()
    }

    fn symbol(&mut self, symbols: &Symbols, word: &str, required: bool) -> Clean {
        if symbols.words.contains(&word) {
            return Clean::Kept(word.into());
        }
        if required {
            let expected = format!("one of {}", symbols.words.join(", "));
            self.problem(Reason::UnknownSymbol, &expected, &code_or_class(word));
            return Clean::Kept(Value::Null);
        }
        let value = if looks_like_code(word, LONGEST_WORD) {
            word.to_owned()
        } else {
            class_of(word)
        };
        let unread = Unread {
            path: Word::from(self.path.as_str()),
            value: Word::from(value),
        };
        note(&mut self.home.unread, unread);
        Clean::Unread
    }

    fn within(&mut self, name: &str, walk: impl FnOnce(&mut Self)) {
        let outer = self.path.len();
        if outer > 0 {
            self.path.push('.');
        }
        self.path.push_str(name);
        walk(self);
        self.path.truncate(outer);
    }

    fn unknown(&mut self, name: &str) {
        self.within(printable(name), |walk| {
            note(&mut walk.home.unknown, walk.path.clone());
        });
    }

    fn duplicate(&mut self, name: &str) {
        self.within(name, |walk| {
            walk.problem(Reason::DuplicateKey, "the field once", "the field twice");
        });
    }

    fn wrong_type(&mut self, expected: &str, tree: &Tree<'_>) {
        let found = match tree {
            Tree::Null => "null".to_owned(),
            Tree::Bool(_) => "true or false".to_owned(),
            Tree::Number(_) => "a number".to_owned(),
            Tree::Text(text) => class_of(text),
            Tree::List(_) => "a list".to_owned(),
            Tree::Object(_) => "an object".to_owned(),
            Tree::Other(found) => (*found).to_owned(),
            Tree::TooDeep => "something too deep to be read".to_owned(),
        };
        self.problem(Reason::WrongType, expected, &found);
    }

    fn problem(&mut self, reason: Reason, expected: &str, found: &str) {
        let problem = Problem::of(reason, self.path.as_str(), expected, found);
        let problems = &mut self.home.problems;
        if problems.len() < MAX_PROBLEMS && !problems.contains(&(reason, problem.clone())) {
            problems.push((reason, problem));
        }
    }
}

/// Adds what is not noted yet, as long as there is room.
fn note<T: PartialEq>(noted: &mut Vec<T>, what: T) {
    if noted.len() < MAX_NOTED && !noted.contains(&what) {
        noted.push(what);
    }
}
