//! The published tables and profiles that are built into the program. The only file here that
//! knows where the texts lie; the rest of the room is given texts. Start at [`shipped_texts`].

use include_dir::{Dir, DirEntry, include_dir};

use super::problem::{Problems, Text};

static CONFIG: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/config");

/// The texts under `config/reference` and `config/profiles`, in the order of names.
pub(super) fn shipped_texts() -> Result<Vec<Text>, Problems> {
    let mut texts = Vec::new();
    let mut problems = Problems::default();
    for folder in ["profiles", "reference"] {
        if let Some(dir) = CONFIG.get_dir(folder) {
            collect(dir, &mut texts, &mut problems);
        }
    }
    texts.sort_by(|one: &Text, two| one.name.cmp(&two.name));
    if problems.0.is_empty() {
        Ok(texts)
    } else {
        Err(problems)
    }
}

fn collect(dir: &Dir<'_>, texts: &mut Vec<Text>, problems: &mut Problems) {
    for entry in dir.entries() {
        match entry {
            DirEntry::Dir(inner) => collect(inner, texts, problems),
            DirEntry::File(file) => {
                let name = file.path().to_string_lossy().replace('\\', "/");
                match file.contents_utf8() {
                    Some(body) => texts.push(Text {
                        name,
                        body: body.to_owned(),
                    }),
                    None => problems.push(&name, None, "unreadable: expected UTF-8"),
                }
            }
        }
    }
}
