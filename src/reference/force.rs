//! The police forces, by slug and by two-digit code. Start at [`Force`].

use std::collections::BTreeMap;

use super::problem::Text;
use super::row::{Row, csv_rows};
use super::source::{Citation, Reading};
use super::window::Window;

/// What kind of force it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ForceKind {
    /// One of the 43 that have an area.
    Territorial,
    /// One that polices a network or a site.
    Special,
    /// None: a source of open data that a profile declares.
    Demonstration,
}

/// One force whose records are judged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Force {
    /// The name by which records and journal give it, `northamptonshire`.
    pub slug: String,
    /// What it is called.
    pub name: String,
    /// Its two digits, `34`; none for a demonstration.
    pub code: Option<String>,
    /// A second code in use for it.
    pub also: Option<String>,
    /// What kind it is.
    pub kind: ForceKind,
    /// Where the row is from.
    pub cited: Citation,
}

/// All forces by every name they go by.
#[derive(Default, Debug)]
pub(super) struct Forces {
    rows: Vec<Force>,
    names: BTreeMap<String, usize>,
}

impl Forces {
    /// Reads one text of forces.
    pub(super) fn admit(&mut self, text: &Text, reading: &mut Reading) {
        const COLUMNS: &[&str] = &[
            "code",
            "slug",
            "name",
            "also",
            "kind",
            "source",
            "place",
            "confidence",
        ];
        for row in csv_rows(text, COLUMNS, &mut reading.problems) {
            if let Some(force) = force(&row, reading) {
                self.insert(force, &row, reading);
            }
        }
    }

    /// Adds a force under all its names.
    pub(super) fn insert(&mut self, force: Force, row: &Row, reading: &mut Reading) {
        let names = [Some(&force.slug), force.code.as_ref(), force.also.as_ref()];
        for name in names.into_iter().flatten() {
            reading.is_new("force", name, Window::ALWAYS, row);
            self.names.insert(name.clone(), self.rows.len());
        }
        self.rows.push(force);
    }

    /// The force that goes by a slug or a code.
    pub(super) fn find(&self, name: &str) -> Option<&Force> {
        self.rows.get(*self.names.get(name)?)
    }

    /// Every force, in the order of the table.
    pub(super) fn all(&self) -> &[Force] {
        &self.rows
    }
}

fn force(row: &Row, reading: &mut Reading) -> Option<Force> {
    const KINDS: &[(&str, ForceKind)] = &[
        ("territorial", ForceKind::Territorial),
        ("special", ForceKind::Special),
    ];
    let code = row.text("code", &mut reading.problems);
    let slug = row.text("slug", &mut reading.problems);
    let name = row.text("name", &mut reading.problems);
    let kind = row.choice("kind", KINDS, &mut reading.problems);
    let cited = reading.citation(row);
    Some(Force {
        slug: slug?.to_owned(),
        name: name?.to_owned(),
        code: Some(code?.to_owned()),
        also: row.optional("also").map(str::to_owned),
        kind: kind?,
        cited: cited?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::Library;

    #[test]
    fn a_force_goes_by_its_slug_and_by_its_digits() {
        let library = opened("national");
        let slug = |name: &str| library.force(name).map(|force| force.slug.as_str());
        assert_eq!(slug("northamptonshire"), Some("northamptonshire"));
        assert_eq!(slug("34"), Some("northamptonshire"));
        assert_eq!(slug("02"), Some("metropolitan"));
        assert_eq!(slug("93"), Some("btp"));
        assert_eq!(slug("san-francisco"), None);
        let territorial = library.forces().iter();
        let territorial = territorial.filter(|force| force.kind == ForceKind::Territorial);
        assert_eq!(territorial.count(), 43);
    }

    fn opened(profile: &str) -> Library {
        Library::shipped(profile).unwrap_or_else(|problems| panic!("{problems}"))
    }
}
