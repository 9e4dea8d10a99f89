//! How a file is furnished: it opens with what it is, somebody lists it, and a rule's file has its
//! card, its check and nothing else. Start at [`every_file_says_what_it_is`].

use std::collections::BTreeSet;

use syn::{Item, Visibility};

use crate::source::{Breach, SourceFile};

/// Every file opens with `//!`; a rule opens with its page.
pub(crate) fn every_file_says_what_it_is(files: &[SourceFile]) -> Vec<Breach> {
    let opens = |file: &&SourceFile| {
        let page = format!("#![doc = include_str!(\"{}.md\")]", file.stem());
        file.text.starts_with("//! ") || (is_rule(file) && file.text.starts_with(&page))
    };
    let silent = files.iter().filter(|file| !opens(file));
    silent
        .map(|file| file.breach(1, "does not open with `//!`"))
        .collect()
}

/// Every file is declared by the file above it, up to `lib.rs` or `main.rs`.
pub(crate) fn no_dead_files(files: &[SourceFile]) -> Vec<Breach> {
    let mut alive = BTreeSet::new();
    for root in files
        .iter()
        .filter(|file| matches!(file.name.as_str(), "src/lib.rs" | "src/main.rs"))
    {
        keep_alive(root, files, &mut alive);
    }
    let dead = files
        .iter()
        .filter(|file| !alive.contains(file.name.as_str()));
    dead.map(|file| file.breach(1, "no `mod` line reaches it"))
        .collect()
}

fn keep_alive<'f>(file: &'f SourceFile, files: &'f [SourceFile], alive: &mut BTreeSet<&'f str>) {
    if !alive.insert(&file.name) {
        return;
    }
    for item in file.parsed().items {
        let Item::Mod(module) = item else { continue };
        if module.content.is_some() {
            continue;
        }
        let mut path = vec!["src".to_owned()];
        path.extend(file.module().iter().map(|word| (*word).to_owned()));
        path.push(module.ident.to_string());
        let path = path.join("/");
        let names = [format!("{path}.rs"), format!("{path}/mod.rs")];
        for below in files.iter().filter(|below| names.contains(&below.name)) {
            keep_alive(below, files, alive);
        }
    }
}

/// Every rule that is written is listed in its family, so that it runs.
pub(crate) fn every_rule_is_listed(files: &[SourceFile]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for rule in files.iter().filter(|file| is_rule(file)) {
        let family = rule.name.rsplit_once('/').map_or("", |(folder, _)| folder);
        let family = files
            .iter()
            .find(|file| file.name == format!("{family}/mod.rs"));
        let list = family.and_then(|family| family.text.split_once("catalogue! {"));
        let list = list.map_or("", |(_, rest)| rest.split('}').next().unwrap_or(rest));
        if !list
            .split([',', '\n'])
            .any(|word| word.trim() == rule.stem())
        {
            breaches.push(rule.breach(1, "its family does not list it, so it never runs"));
        }
    }
    breaches
}

/// A rule's file has `use` lines, one public card, private functions and tables, and nothing else.
pub(crate) fn a_rule_is_card_and_check(files: &[SourceFile]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in files.iter().filter(|file| is_rule(file)) {
        let mut has_check = false;
        for item in file.parsed().items {
            let fits = match &item {
                Item::Use(_) => true,
                Item::Const(card) if card.ident == "RULE" => true,
                Item::Const(table) => private(&table.vis),
                Item::Fn(function) => {
                    has_check |= function.sig.ident == "check";
                    private(&function.vis)
                }
                _ => false,
            };
            if !fits {
                breaches.push(file.breach(line_of(&item), "neither card nor check nor private fn"));
            }
        }
        if !has_check {
            breaches.push(file.breach(1, "a rule has one `check`"));
        }
    }
    breaches
}

fn private(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Inherited)
}

fn line_of(item: &Item) -> usize {
    use syn::spanned::Spanned;
    item.span().start().line
}

/// True if the file is named like a rule: `rec_030_…` in a family's folder.
pub(crate) fn is_rule(file: &SourceFile) -> bool {
    let mut words = file.stem().split('_');
    let letters = words.next().is_some_and(|word| word.len() == 3);
    let digits = words
        .next()
        .is_some_and(|word| word.len() == 3 && word.chars().all(|letter| letter.is_ascii_digit()));
    file.name.starts_with("src/rules/") && letters && digits
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: &str = "src/rules/recording/rec_001_told.rs";

    #[test]
    fn a_file_without_its_sentence_is_found() {
        broken(
            every_file_says_what_it_is,
            &[("src/wire/mod.rs", "use std::fmt;")],
        );
        broken(
            every_file_says_what_it_is,
            &[(RULE, "#![doc = include_str!(\"other.md\")]")],
        );
        kept(
            every_file_says_what_it_is,
            &[(RULE, "#![doc = include_str!(\"rec_001_told.md\")]")],
        );
        kept(
            every_file_says_what_it_is,
            &[("src/wire/mod.rs", "//! What it is.")],
        );
    }

    #[test]
    fn a_file_that_nobody_declares_is_dead() {
        let lib = ("src/lib.rs", "pub mod wire;");
        let wire = ("src/wire/mod.rs", "mod json;");
        kept(no_dead_files, &[lib, wire, ("src/wire/json.rs", "")]);
        broken(no_dead_files, &[lib, wire, ("src/wire/avro.rs", "")]);
        broken(no_dead_files, &[("src/lib.rs", "mod wire {}"), wire]);
    }

    #[test]
    fn a_rule_that_is_not_listed_never_runs() {
        let family = |list: &'static str| ("src/rules/recording/mod.rs", list);
        kept(
            every_rule_is_listed,
            &[family("catalogue! {\n    rec_001_told,\n}"), (RULE, "")],
        );
        broken(
            every_rule_is_listed,
            &[family("pub mod rec_001_told; catalogue! {}"), (RULE, "")],
        );
    }

    #[test]
    fn a_rule_has_nothing_but_card_and_check() {
        kept(
            a_rule_is_card_and_check,
            &[(
                RULE,
                "pub const RULE: u8 = 1; const T: u8 = 2; fn check() {}",
            )],
        );
        broken(
            a_rule_is_card_and_check,
            &[(RULE, "pub fn judge() {} fn check() {}")],
        );
        broken(
            a_rule_is_card_and_check,
            &[(RULE, "struct Reading; fn check() {}")],
        );
        broken(a_rule_is_card_and_check, &[(RULE, "fn judge() {}")]);
        kept(
            a_rule_is_card_and_check,
            &[("src/rules/recording/readings.rs", "pub fn report() {}")],
        );
    }

    fn broken(law: fn(&[SourceFile]) -> Vec<Breach>, files: &[(&str, &str)]) {
        assert_eq!(found(law, files).len(), 1, "{files:?}");
    }

    fn kept(law: fn(&[SourceFile]) -> Vec<Breach>, files: &[(&str, &str)]) {
        assert_eq!(found(law, files), [], "{files:?}");
    }

    fn found(law: fn(&[SourceFile]) -> Vec<Breach>, files: &[(&str, &str)]) -> Vec<Breach> {
        let files: Vec<_> = files
            .iter()
            .map(|(name, text)| SourceFile::of(name, text))
            .collect();
        law(&files)
    }
}
