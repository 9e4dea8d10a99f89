//! What a mapping file says of every record alike: head, force, and the moments that never happened.
//! Never reads a block's fields. Start at [`Composer::head`].

use std::collections::BTreeSet;

use super::compose::{Composer, fed};
use super::compose_field::Field as Composed;
use super::compose_path::Path;
use super::mapping::{Group, Leaf};
use super::written::{Table, Value};
use crate::domain::records::HEAD_FIELDS;
use crate::domain::shape::{Field, Shape};

impl<'a> Composer<'a> {
    /// The head of every record, but for what stands at the top of the file.
    pub(super) fn head(&self, root: &'a Table) -> Group {
        let Some(table) = root.table("head", self.problems) else {
            if root.value("head").is_none() {
                self.problems
                    .add(1, "[head] is missing: it tells reference and committed_at");
            }
            return Group::default();
        };
        for (key, line, _) in &table.entries {
            if ["record", "force", "source"].contains(&key.as_str()) {
                self.problems
                    .add(*line, format!("\"{key}\" stands at the top of the file"));
            }
        }
        let mut group = Group::default();
        self.fields(table, HEAD_FIELDS, "", &mut group);
        group.fed = fed(&group);
        for needed in ["reference", "committed_at"] {
            if table.value(needed).is_none() {
                self.problems
                    .add(table.line, format!("[head] lacks \"{needed}\""));
            }
        }
        if group
            .constants
            .iter()
            .any(|constant| constant.path == "reference")
        {
            let line = table
                .value("reference")
                .map_or(table.line, |(line, _)| line);
            self.problems.add(
                line,
                "\"reference\" must name a column, such as \"{Incident ID}\"",
            );
        }
        for leaf in &mut group.leaves {
            leaf.required = ["reference", "committed_at"].contains(&leaf.path.as_str());
        }
        group
    }

    /// The force of every row, or the column that tells it row by row.
    pub(super) fn force(&self, root: &'a Table, head: &mut Group) -> Option<Option<String>> {
        let Some((line, value @ Value::Table(_))) = root.value("force") else {
            let (_, text) = root.needed("force", self.problems)?;
            return Some(Some(text.to_owned()));
        };
        let path = Path {
            within: "force",
            whole: "force".to_owned(),
            line,
        };
        match self.field(&path, HEAD_FIELDS, value)? {
            Composed::Leaf(leaf) => head.leaves.push(Leaf {
                required: true,
                ..*leaf
            }),
            Composed::Constant(_) => {
                let message = "a force that is the same in every row stands as a text";
                return self.wrong(line, message);
            }
        }
        Some(None)
    }

    /// The moments of which the author says that they never happened in a row that is a record.
    pub(super) fn not_happened(
        &self,
        root: &'a Table,
        fields: &'static [Field],
        body: Option<&Group>,
    ) -> BTreeSet<String> {
        let paths = root.texts("not_happened", self.problems);
        let mut moments = BTreeSet::new();
        for (line, within) in paths.unwrap_or_default() {
            let path = Path {
                within: &within,
                whole: within.clone(),
                line,
            };
            match self.shape_at(&path, fields) {
                Some(Shape::Moment) => {
                    if let Some(fault) = body.and_then(|body| unfit(&within, body)) {
                        self.problems.add(line, format!("\"{within}\" {fault}"));
                    }
                    moments.insert(within);
                }
                Some(other) => {
                    let message = format!("\"{within}\" is {}, not a moment", other.expected());
                    self.problems.add(line, message);
                }
                None => {}
            }
        }
        moments
    }
}

/// Why a moment cannot be said not to have happened: a column tells it, or nothing tells its block.
fn unfit(path: &str, body: &Group) -> Option<&'static str> {
    let leaves = body.leaves.iter().map(|leaf| leaf.path.as_str());
    let lists = body.lists.iter().map(|list| list.path.as_str());
    let block = path.split('.').next().unwrap_or_default();
    let mut told = leaves.chain(lists);
    if told.clone().any(|other| other == path) {
        return Some(
            "is told by a column; a moment that a row may have cannot be said never to have happened",
        );
    }
    let is_told = told.any(|other| other.split('.').next() == Some(block));
    (!is_told).then_some("lies in a block of which no column tells anything")
}

#[cfg(test)]
mod tests {
    use super::super::mapping::Mapping;

    #[test]
    fn a_moment_that_never_happened_is_carried_and_its_neighbours_are_not() {
        let mapping = read(&whole("\"f\"", "[\"response.stood_down_at\"]"));
        let never = mapping.map(|mapping| mapping.never_carried());
        let never = never.unwrap_or_default();
        assert!(never.contains(&"response.cancelled_by_caller_at".to_owned()));
        assert!(
            !never.contains(&"response.stood_down_at".to_owned()),
            "{never:?}"
        );
    }

    #[test]
    fn what_cannot_be_said_not_to_have_happened_is_told_with_its_line() {
        let paths = "[\"response.arrived_at\", \"closure.closed_at\", \"log.urban\", \"log.x\"]";
        let told = read(&whole("\"f\"", paths)).err().unwrap_or_default();
        let begins = [
            "m.toml:5: \"closure.closed_at\" lies in a block of which no column tells anything",
            "m.toml:5: \"log.urban\" is true or false, not a moment",
            "m.toml:5: \"response.arrived_at\" is told by a column",
            "m.toml:5: no field is called \"log.x\"",
        ];
        assert_eq!(told.len(), begins.len(), "{told:#?}");
        for (problem, begin) in told.iter().zip(begins) {
            assert!(problem.starts_with(begin), "{problem}");
        }
    }

    #[test]
    fn a_force_is_a_text_or_a_column_with_its_list() {
        let by_column = "{ column = \"Force\", codes = \"force\" }";
        let codes = "[codes.force.map]\n\"North Police\" = \"north\"\n";
        let text = whole(by_column, "[]") + codes;
        assert_eq!(
            read(&text).map(|mapping| mapping.force().is_none()),
            Ok(true)
        );
        let constant = read(&whole("{ constant = \"north\" }", "[]"));
        let message = "m.toml:3: a force that is the same in every row stands as a text";
        assert_eq!(constant.err(), Some(vec![message.to_owned()]));
        let missing = whole("\"f\"", "[]").replace("force = ", "farce = ");
        let told = read(&missing).err().unwrap_or_default();
        assert!(
            told.iter().any(|one| one.contains("\"force\" is missing")),
            "{told:?}"
        );
    }

    fn read(text: &str) -> Result<Mapping, Vec<String>> {
        Mapping::read("m.toml", text)
            .map_err(|problems| problems.iter().map(ToString::to_string).collect())
    }

    fn whole(force: &str, not_happened: &str) -> String {
        format!(
            "title = \"t\"\nrecord = \"incident\"\nforce = {force}\nsource = \"s\"\n\
             not_happened = {not_happened}\n[file]\ncolumns = [\"Id\", \"At\", \"Force\"]\n\
             [moments]\nformat = \"rfc3339\"\n[head]\nreference = \"{{Id}}\"\n\
             committed_at = \"{{At}}\"\n[fields]\n\"response.arrived_at\" = \"{{At}}\"\n"
        )
    }
}
