//! The tree of sources as the tests see it: where the repository is, which files it has, and texts
//! that are compared with a committed one. Start at [`files`] and [`fresh`].

use std::fs;
use std::path::{Path, PathBuf};

/// The repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files under a folder of the repository whose names end so, as paths from the root, sorted.
pub fn files(folder: &str, ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    walk(&root().join(folder), &mut found);
    let ending = format!(".{ending}");
    let mut names: Vec<String> = found
        .iter()
        .map(|path| path.strip_prefix(root()).expect("found under the root"))
        .map(|path| path.to_string_lossy().replace('\\', "/"))
        .filter(|name| name.ends_with(&ending))
        .collect();
    names.sort();
    names
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// The text of a file of the repository.
pub fn text(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|problem| panic!("{name}: {problem}"))
}

/// Replaces a file of the repository.
pub fn write(name: &str, text: &str) {
    fs::write(root().join(name), text).unwrap_or_else(|problem| panic!("{name}: {problem}"));
}

/// True if the environment asks to rewrite what this word names: `UPDATE_DOCS=1`.
pub fn asked(word: &str) -> bool {
    std::env::var_os(word).is_some_and(|value| value != "0" && !value.is_empty())
}

/// Holds a generated text against the committed file, or rewrites that where it is asked to.
pub fn fresh(name: &str, generated: &str, update: &str) {
    if asked(update) {
        write(name, generated);
        return;
    }
    let committed = fs::read_to_string(root().join(name)).unwrap_or_default();
    let differs = committed
        .lines()
        .zip(generated.lines())
        .position(|(old, new)| old != new);
    assert!(
        committed == generated,
        "{name} is not what its sources say (first difference in line {}); run {update}=1 cargo test",
        differs.unwrap_or_else(|| committed.lines().count().min(generated.lines().count())) + 1
    );
}
