//! The shape of what a force sends, told once: the macros here make the Rust type, its path, and a
//! description of it that the decoder walks and the published schema is written from. Never reads
//! a byte itself. Start at [`Shape`].

/// What a value looks like from outside.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Integer,
    /// A text; codes, categories and references are texts.
    Text,
    /// A moment with its precision.
    Moment,
    /// One of a closed list of words.
    Symbol(&'static Symbols),
    /// A group of fields.
    Struct(&'static StructShape),
    /// A list of one shape.
    List(&'static Shape),
}

impl Shape {
    /// How a message names what it expected.
    pub fn expected(&self) -> String {
        match self {
            Shape::Bool => "true or false".to_owned(),
            Shape::Integer => "a whole number".to_owned(),
            Shape::Text => "a text".to_owned(),
            Shape::Moment => {
                super::written::UnreadableMoment
                    .to_string()
                    .replacen("expected ", "", 1)
            }
            Shape::Symbol(symbols) => format!("one of {}", symbols.words.join(", ")),
            Shape::Struct(shape) => format!("an object with {}", shape.field_names().join(", ")),
            Shape::List(_) => "a list".to_owned(),
        }
    }
}

/// A closed list of words.
#[derive(Debug, PartialEq)]
pub struct Symbols {
    /// The name of the type.
    pub name: &'static str,
    /// What the word says.
    pub doc: &'static str,
    /// The words, as they are written.
    pub words: &'static [&'static str],
}

/// A group of fields.
#[derive(Debug, PartialEq)]
pub struct StructShape {
    /// The name of the type.
    pub name: &'static str,
    /// What the group says.
    pub doc: &'static str,
    /// Its fields, in the order of the contract.
    pub fields: &'static [Field],
}

impl StructShape {
    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    fn field_names(&self) -> Vec<&'static str> {
        self.fields.iter().map(|field| field.name).collect()
    }
}

/// One field of a group.
#[derive(Debug, PartialEq)]
pub struct Field {
    /// Its name, the same in JSON, Avro and Rust.
    pub name: &'static str,
    /// What it says.
    pub doc: &'static str,
    /// What its value looks like.
    pub shape: Shape,
    /// True if a record without it cannot be read.
    pub required: bool,
}

/// A type that a field can have.
pub trait Shaped: Sized {
    /// What it looks like from outside.
    const SHAPE: Shape;

    /// What stands for it in an empty group: a list is empty, an attribute is not told.
    fn in_empty_group() -> Option<Self> {
        None
    }

    /// Shows everybody whom it names, at whatever depth.
    fn each_person(&mut self, _see: &mut dyn FnMut(Person<'_>)) {}

    /// Gives back the room that its lists keep for entries to come: a record is read once and its
    /// blocks are held for years.
    fn tighten(&mut self) {}
}

/// Somebody whom a record names.
#[derive(Debug)]
pub enum Person<'a> {
    /// A victim.
    Victim(&'a mut super::names::VictimRef),
    /// A suspect.
    Suspect(&'a mut super::names::SuspectRef),
    /// A member of staff.
    Staff(&'a mut super::names::StaffRef),
}

/// A block of a record: one system's part of a thing.
pub trait BlockShape: Shaped {
    /// The block of a system that says there is nothing: no event happened, every list is empty.
    fn empty() -> Self;

    /// Reads `{}` as the empty block: a group of which nothing at all is told.
    fn settle(&mut self);
}

/// A group whose place in a record is fixed, so that its leaves have paths.
pub trait Placed {
    /// The path of the group: `core`, `victim_care.referrals`.
    const PATH: &'static str;
}

/// Something that may hold a placed group.
pub trait Holds {
    /// The group.
    type Group: Placed;

    /// The group, where it is told.
    fn group(&self) -> Option<&Self::Group>;
}

impl<G: Placed> Holds for Option<G> {
    type Group = G;

    fn group(&self) -> Option<&G> {
        self.as_ref()
    }
}

impl<G: Holds> Holds for &G {
    type Group = G::Group;

    fn group(&self) -> Option<&G::Group> {
        (**self).group()
    }
}

impl Shaped for bool {
    const SHAPE: Shape = Shape::Bool;
}

impl Shaped for i64 {
    const SHAPE: Shape = Shape::Integer;
}

impl Shaped for super::moment::Moment {
    const SHAPE: Shape = Shape::Moment;
}

impl<T: Shaped> Shaped for Vec<T> {
    const SHAPE: Shape = Shape::List(&T::SHAPE);

    fn in_empty_group() -> Option<Self> {
        Some(Vec::new())
    }

    fn each_person(&mut self, see: &mut dyn FnMut(Person<'_>)) {
        for entry in self {
            entry.each_person(see);
        }
    }

    fn tighten(&mut self) {
        self.shrink_to_fit();
        self.iter_mut().for_each(T::tighten);
    }
}

impl<T: Shaped> BlockShape for Vec<T> {
    fn empty() -> Self {
        Vec::new()
    }

    fn settle(&mut self) {}
}

/// The leaf of a group, or the path of what is missing: `told!(crime.core, recorded_at)`. The path
/// is the same whether the group or the leaf is not told.
#[macro_export]
macro_rules! told {
    ($group:expr, $leaf:ident) => {
        $crate::domain::shape::leaf(&$group, stringify!($leaf), |group| group.$leaf.as_ref())
    };
}

/// A block that is a list, or the path of the leaf in it that would decide:
/// `told_list!(crime.outcomes, code)`.
#[macro_export]
macro_rules! told_list {
    ($list:expr, $leaf:ident) => {
        $crate::domain::shape::entries(&$list, stringify!($leaf), |entry| {
            // Only names the leaf, so that a slip of the pen does not compile.
            let _ = &entry.$leaf;
        })
    };
}

/// See [`told!`](crate::told).
pub fn leaf<'a, H: Holds, T: 'a>(
    holder: &'a H,
    leaf: &'static str,
    read: impl FnOnce(&'a H::Group) -> Option<&'a T>,
) -> super::Known<&'a T> {
    holder
        .group()
        .and_then(read)
        .ok_or(super::Missing::leaf(H::Group::PATH, leaf))
}

/// See [`told_list!`](crate::told_list).
pub fn entries<'a, E: Placed>(
    list: &'a Option<Vec<E>>,
    leaf: &'static str,
    _names: impl FnOnce(&E),
) -> super::Known<&'a [E]> {
    list.as_deref().ok_or(super::Missing::leaf(E::PATH, leaf))
}

/// Reads a text once, straight to where it is shared: serde's own way copies it twice.
pub(super) struct SharedText;

impl serde::de::Visitor<'_> for SharedText {
    type Value = std::sync::Arc<str>;

    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("a string")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(text.into())
    }
}

macro_rules! names {
    ($($(#[doc = $doc:literal])* $name:ident $(= $person:ident)?)*) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(std::sync::Arc<str>);

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                from.deserialize_str($crate::domain::shape::SharedText).map(Self)
            }
        }

        impl $name {
            /// The name as it is written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(&self.0)
            }
        }

        impl $crate::domain::shape::Shaped for $name {
            const SHAPE: $crate::domain::shape::Shape = $crate::domain::shape::Shape::Text;

            $(fn each_person(&mut self, see: &mut dyn FnMut($crate::domain::shape::Person<'_>)) {
                see($crate::domain::shape::Person::$person(self));
            })?
        }
    )*};
}

macro_rules! symbols {
    ($($(#[doc = $doc:literal])* $name:ident {
        $($(#[doc = $wdoc:literal])* $variant:ident = $word:literal),* $(,)?
    })*) => {$(
        $(#[doc = $doc])*
        #[derive(
            Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug,
            serde::Serialize, serde::Deserialize,
        )]
        pub enum $name {
            $($(#[doc = $wdoc])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// The word as it is written.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(self.as_str())
            }
        }

        impl $crate::domain::shape::Shaped for $name {
            const SHAPE: $crate::domain::shape::Shape = $crate::domain::shape::Shape::Symbol(
                &$crate::domain::shape::Symbols {
                    name: stringify!($name),
                    doc: concat!($($doc),*),
                    words: &[$($word),*],
                },
            );
        }
    )*};
}

macro_rules! groups {
    ($($(#[doc = $doc:literal])* $name:ident at $path:literal
        $([$($(#[doc = $idoc:literal])* $id:ident: $idty:ty),*])?
        { $($(#[doc = $fdoc:literal])* $field:ident: $ty:ty),* $(,)? }
    )*) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($($(#[doc = $idoc])* pub $id: $idty,)*)?
            $(
                $(#[doc = $fdoc])*
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $field: Option<$ty>,
            )*
        }

        impl $name {
            /// The description of this group.
            pub const STRUCT: $crate::domain::shape::StructShape = $crate::domain::shape::StructShape {
                name: stringify!($name),
                doc: concat!($($doc),*),
                fields: &[
                    $($($crate::domain::shape::Field {
                        name: stringify!($id),
                        doc: concat!($($idoc),*),
                        shape: <$idty as $crate::domain::shape::Shaped>::SHAPE,
                        required: true,
                    },)*)?
                    $($crate::domain::shape::Field {
                        name: stringify!($field),
                        doc: concat!($($fdoc),*),
                        shape: <$ty as $crate::domain::shape::Shaped>::SHAPE,
                        required: false,
                    },)*
                ],
            };

            /// The group of which nothing is told.
            pub fn untold($($($id: $idty),*)?) -> Self {
                Self { $($($id,)*)? $($field: None,)* }
            }

            /// The group in which no event happened and every list is empty.
            pub fn nothing_happened($($($id: $idty),*)?) -> Self {
                Self {
                    $($($id,)*)?
                    $($field: <$ty as $crate::domain::shape::Shaped>::in_empty_group(),)*
                }
            }

            /// True if nothing but its ids is told.
            pub fn is_bare(&self) -> bool {
                true $(&& self.$field.is_none())*
            }
        }

        impl $crate::domain::shape::Shaped for $name {
            const SHAPE: $crate::domain::shape::Shape =
                $crate::domain::shape::Shape::Struct(&$name::STRUCT);

            fn each_person(&mut self, see: &mut dyn FnMut($crate::domain::shape::Person<'_>)) {
                $($($crate::domain::shape::Shaped::each_person(&mut self.$id, see);)*)?
                $(if let Some(told) = &mut self.$field {
                    $crate::domain::shape::Shaped::each_person(told, see);
                })*
            }

            fn tighten(&mut self) {
                $(if let Some(field) = &mut self.$field {
                    $crate::domain::shape::Shaped::tighten(field);
                })*
            }
        }

        impl $crate::domain::shape::Placed for $name {
            const PATH: &'static str = $path;
        }

        impl $crate::domain::shape::Holds for $name {
            type Group = Self;

            fn group(&self) -> Option<&Self> {
                Some(self)
            }
        }
    )*};
}

/// Makes groups without ids into blocks.
macro_rules! struct_blocks {
    ($($name:ident)*) => {$(
        impl $crate::domain::shape::BlockShape for $name {
            fn empty() -> Self {
                Self::nothing_happened()
            }

            fn settle(&mut self) {
                if self.is_bare() {
                    *self = Self::nothing_happened();
                }
            }
        }
    )*};
}

pub(crate) use {groups, names, struct_blocks, symbols};
