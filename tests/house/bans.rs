//! What no file may have, or no pure room: crates, clocks, I/O, names that say nothing, words left
//! for later. Start at [`CRATES`] and [`IMPURE`].

use proc_macro2::TokenTree;
use syn::visit::Visit;

use crate::source::{Breach, SourceFile, Tests, UsedPath};

/// The rooms that are functions of their arguments.
pub(crate) const PURE: &[&str] = &[
    "domain",
    "reference",
    "rules",
    "validation",
    "intake",
    "generate",
    "alerting",
    "demo",
];

/// Names that no file of the product uses, and why.
const CRATES: &[(&str, &str)] = &[
    (
        "HashMap",
        "its order differs from run to run; BTreeMap where order can be seen, else FxHashMap",
    ),
    (
        "HashSet",
        "its order differs from run to run; BTreeSet where order can be seen, else FxHashSet",
    ),
    (
        "chrono",
        "one calendar is enough: jiff, which has the zone's rules compiled in",
    ),
    ("lazy_static", "std::sync::LazyLock does it"),
    ("once_cell", "std::sync::OnceLock does it"),
];

/// What a pure room never touches: paths by their first words.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "std::thread",
    "std::io::stdin",
    "std::io::stdout",
    "std::io::stderr",
    "std::time::SystemTime",
    "std::time::Instant",
    "SystemTime",
    "Timestamp::now",
    "Zoned::now",
    "jiff::Timestamp::now",
    "jiff::Zoned::now",
    "println",
    "eprintln",
    "print",
    "eprint",
    "dbg",
    "async",
    "await",
];

/// Crates that no pure room names.
const IMPURE_CRATES: &[&str] = &["tokio", "tracing", "log", "rand", "regex"];

/// Words that say nothing of a file.
const EMPTY_NAMES: &[&str] = &[
    "utils",
    "util",
    "common",
    "helper",
    "helpers",
    "manager",
    "service",
    "processor",
    "data",
    "info",
];

/// Files that may have unsafe code, each with its reason.
const UNSAFE: &[(&str, &str)] = &[
    (
        "src/drivers/kafka/authorized.rs",
        "the binding has no safe way to ask which operations are authorized",
    ),
    (
        "src/drivers/kafka/fence.rs",
        "the binding has no safe way to read the generation that fences a commit",
    ),
];

/// No file uses a banned crate or a map of random order.
pub(crate) fn crate_bans(files: &[SourceFile]) -> Vec<Breach> {
    each_path(files, |_, path| {
        let banned = CRATES
            .iter()
            .find(|(name, _)| path.words.iter().any(|word| word == name));
        banned.map(|(name, because)| format!("`{name}`: {because}"))
    })
}

/// No pure room reads a clock, a file, the environment or the network, prints, or waits.
pub(crate) fn pure_room_bans(files: &[SourceFile]) -> Vec<Breach> {
    each_path(files, |file, path| {
        if !PURE.contains(&file.room()) {
            return None;
        }
        let words: Vec<&str> = path.words.iter().map(String::as_str).collect();
        let known = IMPURE.iter().find(|banned| {
            let banned: Vec<&str> = banned.split("::").collect();
            words.starts_with(&banned)
        });
        // A single word may be a name of ours: `log` is a block of an incident.
        let foreign = IMPURE_CRATES
            .iter()
            .find(|name| words.len() > 1 && words[0] == **name);
        let banned = known.or(foreign);
        banned.map(|banned| format!("`{}` is pure and uses `{banned}`", file.room()))
    })
}

fn each_path(
    files: &[SourceFile],
    problem: impl Fn(&SourceFile, &UsedPath) -> Option<String>,
) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in files {
        for path in file.paths(Tests::LeftOut) {
            breaches.extend(problem(file, &path).map(|says| file.breach(path.line, says)));
        }
    }
    breaches
}

/// No file has unsafe code, nor lifts the lint that forbids it.
pub(crate) fn no_unsafe_code(files: &[SourceFile]) -> Vec<Breach> {
    let named = |file: &SourceFile| UNSAFE.iter().any(|(name, _)| *name == file.name);
    let mut breaches = Vec::new();
    for file in files.iter().filter(|file| !named(file)) {
        for path in file.paths(Tests::Read) {
            if path
                .words
                .iter()
                .any(|word| word == "unsafe" || word == "unsafe_code")
            {
                breaches.push(file.breach(path.line, "unsafe code, and it is no named exception"));
            }
        }
    }
    breaches
}

/// No `unwrap()` outside tests; an `expect` is a proof and says why it holds.
pub(crate) fn no_unwrap(files: &[SourceFile]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in files {
        walk(
            file.tokens(Tests::LeftOut).into_iter().collect(),
            &mut |tokens, at| {
                let called = |name: &str| {
                    tokens[at].to_string() == "."
                        && tokens.get(at + 1).is_some_and(|t| t.to_string() == name)
                };
                let argument = tokens
                    .get(at + 2)
                    .map(ToString::to_string)
                    .unwrap_or_default();
                let line = tokens[at].span().start().line;
                if called("unwrap") && argument == "()" {
                    breaches.push(file.breach(line, "`unwrap()` outside tests"));
                }
                if called("expect") && argument.replace(' ', "") == "(\"\")" {
                    breaches.push(file.breach(line, "`expect` without the reason why it holds"));
                }
            },
        );
    }
    breaches
}

fn walk(tokens: Vec<TokenTree>, see: &mut impl FnMut(&[TokenTree], usize)) {
    for at in 0..tokens.len() {
        see(&tokens, at);
        if let TokenTree::Group(group) = &tokens[at] {
            walk(group.stream().into_iter().collect(), see);
        }
    }
}

/// Nothing is left for later without the number of an issue.
pub(crate) fn no_word_left_for_later(files: &[SourceFile]) -> Vec<Breach> {
    // Written in two parts, so that this file keeps its own law.
    let words = [concat!("TO", "DO"), concat!("FIX", "ME")];
    let mut breaches = Vec::new();
    for file in files {
        for (at, line) in file.text.lines().enumerate() {
            let left = words.iter().find(|word| line.contains(**word));
            let numbered = line
                .split('#')
                .skip(1)
                .any(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
            if let Some(word) = left.filter(|_| !numbered) {
                breaches
                    .push(file.breach(at + 1, format!("{word} without the number of an issue")));
            }
        }
    }
    breaches
}

/// No file or module has a name that says nothing, no function a prefix that says nothing.
pub(crate) fn no_empty_names(files: &[SourceFile]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in files {
        for word in file.module().iter().flat_map(|name| name.split('_')) {
            if EMPTY_NAMES.contains(&word) {
                breaches.push(file.breach(1, format!("a file is called `{word}`")));
            }
        }
        let mut names = Names {
            file,
            breaches: &mut breaches,
        };
        names.visit_file(&file.parsed());
    }
    breaches
}

struct Names<'a> {
    file: &'a SourceFile,
    breaches: &'a mut Vec<Breach>,
}

impl<'ast> Visit<'ast> for Names<'_> {
    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        let name = signature.ident.to_string();
        if name.starts_with("get_") || name.starts_with("test_") {
            let line = signature.ident.span().start().line;
            self.breaches.push(
                self.file
                    .breach(line, format!("fn `{name}`: the prefix says nothing")),
            );
        }
        syn::visit::visit_signature(self, signature);
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        let name = module.ident.to_string();
        if name.split('_').any(|word| EMPTY_NAMES.contains(&word)) {
            let line = module.ident.span().start().line;
            self.breaches
                .push(self.file.breach(line, format!("mod `{name}` says nothing")));
        }
        syn::visit::visit_item_mod(self, module);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_of_random_order_is_banned_everywhere() {
        broken(
            crate_bans,
            "src/report/mod.rs",
            "use std::collections::{BTreeMap, HashMap};",
        );
        broken(
            crate_bans,
            "src/wire/mod.rs",
            "fn now() { chrono::Utc::now(); }",
        );
        kept(crate_bans, "src/wire/mod.rs", "use rustc_hash::FxHashMap;");
    }

    #[test]
    fn a_pure_room_reads_no_clock_and_no_file() {
        for text in [
            "use std::{fmt, fs};",
            "fn f() { std::time::Instant::now(); }",
            "fn f() { println!(\"x\"); }",
            "use jiff::{Timestamp}; fn f() { Timestamp::now(); }",
            "async fn f() {}",
            "use rand::Rng;",
        ] {
            broken(pure_room_bans, "src/domain/moment.rs", text);
            kept(pure_room_bans, "src/drivers/files.rs", text);
        }
        kept(
            pure_room_bans,
            "src/domain/moment.rs",
            "use std::time::Duration; struct Instant;",
        );
    }

    #[test]
    fn unsafe_code_is_found_with_the_lint_that_lets_it_in() {
        broken(
            no_unsafe_code,
            "src/wire/mod.rs",
            "fn f() { unsafe { g() } }",
        );
        broken(no_unsafe_code, "src/wire/mod.rs", "#![allow(unsafe_code)]");
        kept(
            no_unsafe_code,
            "src/wire/mod.rs",
            "/// Nothing unsafe.\nfn f() {}",
        );
    }

    #[test]
    fn unwrap_stands_in_tests_only() {
        broken(no_unwrap, "src/wire/mod.rs", "fn f() { g(h().unwrap()) }");
        broken(no_unwrap, "src/wire/mod.rs", "fn f() { g().expect(\"\") }");
        kept(
            no_unwrap,
            "src/wire/mod.rs",
            "#[cfg(test)]\nmod tests { fn f() { g().unwrap() } }",
        );
        kept(
            no_unwrap,
            "src/wire/mod.rs",
            "fn f() { g().unwrap_or_default().expect(\"why\") }",
        );
    }

    #[test]
    fn what_is_left_for_later_has_a_number() {
        let word = concat!("TO", "DO");
        broken(
            no_word_left_for_later,
            "src/wire/mod.rs",
            &format!("// {word}: later"),
        );
        kept(
            no_word_left_for_later,
            "src/wire/mod.rs",
            &format!("// {word} #17: later"),
        );
    }

    #[test]
    fn a_name_says_something() {
        broken(no_empty_names, "src/wire/utils.rs", "");
        broken(no_empty_names, "src/wire/common/mod.rs", "");
        broken(no_empty_names, "src/wire/mod.rs", "mod date_helper {}");
        broken(
            no_empty_names,
            "src/wire/mod.rs",
            "impl A { fn get_b(&self) {} }",
        );
        broken(
            no_empty_names,
            "src/wire/mod.rs",
            "#[cfg(test)] mod tests { fn test_b() {} }",
        );
        kept(
            no_empty_names,
            "src/wire/database.rs",
            "fn gets() {} fn tests() {}",
        );
    }

    fn broken(law: fn(&[SourceFile]) -> Vec<Breach>, name: &str, text: &str) {
        assert_eq!(
            law(&[SourceFile::of(name, text)]).len(),
            1,
            "{name}: {text}"
        );
    }

    fn kept(law: fn(&[SourceFile]) -> Vec<Breach>, name: &str, text: &str) {
        assert_eq!(law(&[SourceFile::of(name, text)]), [], "{name}: {text}");
    }
}
