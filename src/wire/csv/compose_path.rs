//! Paths of a mapping file against the shapes of the contract: what lies at a path, and what was
//! meant where nothing does. Start at [`Composer::shape_at`].

use super::compose::Composer;
use super::mapping::joined;
use super::nearest::nearest;
use super::written::did_you_mean;
use crate::domain::records::HEAD_FIELDS;
use crate::domain::shape::{Field, Shape};

/// A path as the author wrote it, and where it lies in the record.
pub(super) struct Path<'a> {
    pub within: &'a str,
    pub whole: String,
    pub line: usize,
}

impl Composer<'_> {
    /// The shape of a path that one cell can tell.
    pub(super) fn leaf_shape(
        &self,
        path: &Path<'_>,
        fields: &'static [Field],
    ) -> Option<&'static Shape> {
        let within = path.within;
        match self.shape_at(path, fields)? {
            Shape::Struct(group) => {
                let names: Vec<&str> = group.fields.iter().map(|field| field.name).collect();
                let message = format!(
                    "\"{within}\" is a group; tell its fields: {}",
                    names.join(", ")
                );
                self.wrong(path.line, &message)
            }
            Shape::List(Shape::Struct(_)) => {
                let message = format!("\"{within}\" is a list; tell its entries under [[list]]");
                self.wrong(path.line, &message)
            }
            shape => Some(shape),
        }
    }

    /// The shape at a path; groups are passed through, lists are not.
    pub(super) fn shape_at(
        &self,
        path: &Path<'_>,
        fields: &'static [Field],
    ) -> Option<&'static Shape> {
        let whole = fields;
        let mut fields = fields;
        let mut shape: Option<&'static Shape> = None;
        for step in path.within.split('.') {
            if let Some(Shape::List(_)) = shape {
                let message = format!(
                    "\"{}\" lies in a list; tell the entries of the list under [[list]]",
                    path.within
                );
                return self.wrong(path.line, &message);
            }
            let Some(field) = fields.iter().find(|field| field.name == step) else {
                return self.wrong(path.line, &no_such_path(path.within, whole));
            };
            shape = Some(&field.shape);
            fields = match &field.shape {
                Shape::Struct(group) => group.fields,
                _ => &[],
            };
        }
        shape
    }
}

fn no_such_path(path: &str, fields: &[Field]) -> String {
    if HEAD_FIELDS.iter().any(|field| field.name == path) {
        return format!("\"{path}\" belongs to the head; tell it under [head]");
    }
    let mut paths = Vec::new();
    for field in fields {
        collect(field, "", &mut paths);
    }
    let meant = nearest(path, paths.iter().map(String::as_str))
        .map_or("see the fields of the contract".to_owned(), did_you_mean);
    format!("no field is called \"{path}\"; {meant}")
}

fn collect(field: &Field, prefix: &str, into: &mut Vec<String>) {
    let path = joined(prefix, field.name);
    if let Shape::Struct(group) | Shape::List(Shape::Struct(group)) = &field.shape {
        for inner in group.fields {
            collect(inner, &path, into);
        }
    }
    into.push(path);
}
