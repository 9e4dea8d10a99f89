//! The dependency law: which room may use which, read from `use` lines, inline paths and macros.
//! Tests at the foot of a file may borrow a room that stands above it. Start at [`MAY_USE`].

use crate::source::{Breach, SourceFile, Tests, UsedPath};

/// Each room, and the rooms it may use besides itself. The arrow of use points one way:
///
/// ```text
/// main, cli ─▶ drivers ─▶ wire ──────────────────────────┐
///    │           ├─────▶ intake ──────────────────────┐  │
///    │           └─────▶ validation ─▶ rules ─▶ reference ─▶ domain
///    └─▶ report, admin, demo, telemetry, config
/// ```
pub(crate) const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("reference", &["domain"]),
    ("rules", &["reference", "domain"]),
    ("validation", &["rules", "reference", "domain"]),
    ("intake", &["reference", "domain"]),
    // What makes mistakes shares no code with what finds them.
    ("generate", &["domain"]),
    ("wire", &["domain"]),
    // Who is told of what, and when: reads what was published, and nothing of how it came to be.
    ("alerting", &["domain"]),
    ("config", &["alerting", "wire", "reference", "domain"]),
    ("telemetry", &["domain"]),
    (
        "report",
        &["alerting", "validation", "rules", "reference", "domain"],
    ),
    // The demonstration: a source, the service and a reader in one, as a function of its arguments.
    (
        "demo",
        &[
            "report",
            "wire",
            "generate",
            "intake",
            "validation",
            "rules",
            "reference",
            "domain",
        ],
    ),
    // What people read is made in `report`; a driver writes it where it was asked for.
    (
        "drivers",
        &[
            "demo",
            "report",
            "config",
            "telemetry",
            "alerting",
            "wire",
            "generate",
            "intake",
            "validation",
            "rules",
            "reference",
            "domain",
        ],
    ),
    (
        "admin",
        &[
            "demo",
            "config",
            "telemetry",
            "report",
            "validation",
            "rules",
            "reference",
            "domain",
        ],
    ),
    (
        "cli",
        &[
            "drivers",
            "admin",
            "demo",
            "report",
            "config",
            "telemetry",
            "alerting",
            "wire",
            "generate",
            "intake",
            "validation",
            "rules",
            "reference",
            "domain",
        ],
    ),
    (
        "main",
        &[
            "cli",
            "drivers",
            "admin",
            "demo",
            "report",
            "config",
            "telemetry",
            "alerting",
            "wire",
            "generate",
            "intake",
            "validation",
            "rules",
            "reference",
            "domain",
        ],
    ),
];

/// No room uses one that the law does not let it use, and every file stands in a room.
pub(crate) fn dependency_law(files: &[SourceFile]) -> Vec<Breach> {
    files.iter().flat_map(breaches).collect()
}

fn breaches(file: &SourceFile) -> Vec<Breach> {
    let Some((room, allowed)) = MAY_USE.iter().find(|(room, _)| *room == file.room()) else {
        return vec![file.breach(1, format!("`{}` is no room", file.room()))];
    };
    let used = file.paths(Tests::LeftOut).into_iter().filter_map(|path| {
        let other = room_of(file, &path)?;
        (other != *room && !allowed.contains(&other))
            .then(|| file.breach(path.line, format!("`{room}` uses `{other}`")))
    });
    used.collect()
}

/// The room at the crate's root that a path leads to, if it leads there.
fn room_of(file: &SourceFile, path: &UsedPath) -> Option<&'static str> {
    let words: Vec<&str> = path.words.iter().map(String::as_str).collect();
    let name = match words.as_slice() {
        ["crate" | "truecount", name, ..] => name,
        ["self" | "super", ..] => {
            let ups = words.iter().filter(|word| **word == "super").count();
            let names = words
                .iter()
                .find(|word| !matches!(**word, "self" | "super"))?;
            // Only a chain that climbs out of every module of the file ends at the crate.
            (ups == file.module().len() + path.depth).then_some(names)?
        }
        _ => return None,
    };
    MAY_USE
        .iter()
        .map(|(room, _)| *room)
        .find(|room| room == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_line_a_group_an_inline_path_and_a_macro_break_the_law() {
        for text in [
            "use crate::validation::State;",
            "use crate::{domain::Moment, validation};",
            "fn judge() { crate::validation::step() }",
            "fn judge() { vec![crate::validation::step()] }",
            "use super::super::validation::State;",
            "mod inner { use super::super::super::validation::State; }",
        ] {
            let breaches = dependency_law(&[SourceFile::of("src/rules/recording/mod.rs", text)]);
            assert_eq!(breaches.len(), 1, "{text}");
            assert_eq!(breaches[0].says, "`rules` uses `validation`");
        }
    }

    #[test]
    fn what_the_table_allows_and_what_tests_borrow_is_no_breach() {
        for text in [
            "use crate::domain::Moment; use crate::told; use super::validation;",
            "#[cfg(test)] mod tests { use crate::validation::State; } use crate::reference::Library;",
        ] {
            let breaches = dependency_law(&[SourceFile::of("src/rules/recording/mod.rs", text)]);
            assert_eq!(breaches, [], "{text}");
        }
    }

    #[test]
    fn a_file_outside_every_room_is_a_breach() {
        assert_eq!(
            dependency_law(&[SourceFile::of("src/attic/mod.rs", "")]).len(),
            1
        );
    }

    #[test]
    fn the_table_has_no_circle() {
        let mut placed: Vec<&str> = Vec::new();
        while placed.len() < MAY_USE.len() {
            let next = MAY_USE.iter().find(|(room, uses)| {
                !placed.contains(room) && uses.iter().all(|used| placed.contains(used))
            });
            placed.push(next.expect("some room uses only rooms that are placed").0);
        }
    }
}
