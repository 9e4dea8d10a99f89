//! What is printed and never fails: sizes over the aims, and words of the vocabulary's "never"
//! column in names. A reviewer asks which noun is missing. Start at [`over_aim`] and [`words_never_used`].

use std::collections::BTreeMap;

use syn::visit::Visit;

use crate::bans::PURE;
use crate::furniture::is_rule;
use crate::source::SourceFile;

const FUNCTION_LINES: usize = 70;
const PARAMETERS: usize = 5;
const RULE_LINES: usize = 160;
const PURE_LINES: usize = 400;
const SHELL_LINES: usize = 500;
const LINE_LETTERS: usize = 100;

/// Everything over the limits of size, as lines to print; the middle sizes first.
pub(crate) fn over_aim(files: &[SourceFile]) -> Vec<String> {
    let mut sizes = Sizes::default();
    let mut said = Vec::new();
    for file in files {
        let lines = file.text.lines().count();
        let limit = match () {
            () if is_rule(file) => RULE_LINES,
            () if PURE.contains(&file.room()) => PURE_LINES,
            () => SHELL_LINES,
        };
        if lines > limit {
            said.push(format!("{}: {lines} lines, aim {limit}", file.name));
        }
        for (at, line) in file.text.lines().enumerate() {
            // A text may run on: breaking it would not make it easier to read.
            if line.chars().count() > LINE_LETTERS && !line.contains('"') {
                said.push(format!(
                    "{}:{}: longer than {LINE_LETTERS}",
                    file.name,
                    at + 1
                ));
            }
        }
        sizes.file = file.name.clone();
        sizes.visit_file(&file.parsed());
    }
    said.append(&mut sizes.over);
    sizes.functions.sort_unstable();
    let share = |percent: usize| sizes.functions.get(sizes.functions.len() * percent / 100);
    said.insert(
        0,
        format!(
            "{} functions: half of them up to {} lines, nine tenths up to {}",
            sizes.functions.len(),
            share(50).unwrap_or(&0),
            share(90).unwrap_or(&0)
        ),
    );
    said
}

#[derive(Default)]
struct Sizes {
    file: String,
    functions: Vec<usize>,
    over: Vec<String>,
}

impl Sizes {
    fn take(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let (first, last) = (
            signature.fn_token.span.start(),
            block.brace_token.span.close().end(),
        );
        let lines = last.line - first.line + 1;
        self.functions.push(lines);
        let name = &signature.ident;
        if lines > FUNCTION_LINES {
            self.over.push(format!(
                "{}:{}: fn {name} has {lines} lines",
                self.file, first.line
            ));
        }
        let typed = |input: &&syn::FnArg| matches!(input, syn::FnArg::Typed(_));
        let count = signature.inputs.iter().filter(typed).count();
        if count > PARAMETERS {
            self.over.push(format!(
                "{}:{}: fn {name} takes {count}",
                self.file, first.line
            ));
        }
    }
}

impl<'ast> Visit<'ast> for Sizes {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.take(&function.sig, &function.block);
        syn::visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.take(&function.sig, &function.block);
        syn::visit::visit_impl_item_fn(self, function);
    }
}

/// The words of the vocabulary's third column that are no terms themselves, with the term that
/// stands for each.
pub(crate) fn never_words(vocabulary: &str) -> BTreeMap<String, String> {
    let rows = vocabulary.lines().filter_map(|line| {
        let line = line.strip_prefix("| ")?.strip_suffix('|')?;
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [term, _, words] = cells.as_slice() else {
            return None;
        };
        Some((*term, *words))
    });
    let rows: Vec<(&str, &str)> = rows.collect();
    let is_term = |word: &str| {
        rows.iter()
            .any(|(term, _)| term.split(" / ").any(|own| own == word))
    };
    let mut never = BTreeMap::new();
    for (term, words) in &rows {
        for word in words.split(',').map(str::trim) {
            let plain = word.chars().all(|letter| letter.is_ascii_lowercase());
            if plain && !word.is_empty() && !is_term(word) && *term != "term" {
                never.insert(word.to_owned(), (*term).to_owned());
            }
        }
    }
    never
}

/// The names that are given in the sources and have a word that the vocabulary never uses.
pub(crate) fn words_never_used(files: &[SourceFile], vocabulary: &str) -> Vec<String> {
    let mut given = Given {
        never: never_words(vocabulary),
        ..Given::default()
    };
    for file in files.iter().filter(|file| file.stem() != "tests") {
        given.file = file.name.clone();
        given.visit_file(&file.parsed());
    }
    given.said
}

#[derive(Default)]
struct Given {
    never: BTreeMap<String, String>,
    file: String,
    said: Vec<String>,
}

impl Given {
    fn name(&mut self, ident: &syn::Ident) {
        let name = ident.to_string();
        for word in words_of(&name) {
            if let Some(term) = self.never.get(&word) {
                let line = ident.span().start().line;
                self.said.push(format!(
                    "{}:{line}: `{name}`: say {term}, not {word}",
                    self.file
                ));
            }
        }
    }
}

/// The words of a name in snake or camel case.
fn words_of(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for letter in name.chars() {
        if letter == '_' || letter.is_uppercase() {
            words.push(String::new());
        }
        if letter != '_' {
            words
                .last_mut()
                .expect("one word at least")
                .extend(letter.to_lowercase());
        }
    }
    words
}

impl<'ast> Visit<'ast> for Given {
    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        self.name(&signature.ident);
        syn::visit::visit_signature(self, signature);
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.name(&item.ident);
        syn::visit::visit_item_struct(self, item);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.name(&item.ident);
        syn::visit::visit_item_enum(self, item);
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        field.ident.iter().for_each(|ident| self.name(ident));
        syn::visit::visit_field(self, field);
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        // The names of tests are sentences.
        if module.ident == "tests" {
            return;
        }
        self.name(&module.ident);
        syn::visit::visit_item_mod(self, module);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_never_used_is_said_with_the_term_for_it() {
        let vocabulary = "| term | means | never |\n|---|---|---|\n| record | one snapshot | message, event |\n\
                          | verdict | what a rule says | record |\n";
        let file = SourceFile::of(
            "src/wire/mod.rs",
            "struct KafkaMessage { prevented: u8 }\nfn event() {}",
        );
        assert_eq!(
            words_never_used(&[file], vocabulary),
            [
                "src/wire/mod.rs:1: `KafkaMessage`: say record, not message",
                "src/wire/mod.rs:2: `event`: say record, not event",
            ]
        );
    }

    #[test]
    fn what_is_over_its_aim_is_said() {
        let long = format!(
            "fn long() {{\n{}}}\nfn wide(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8) {{}}",
            "g();\n".repeat(80)
        );
        let said = over_aim(&[SourceFile::of("src/wire/mod.rs", &long)]);
        assert_eq!(said[1], "src/wire/mod.rs:1: fn long has 82 lines");
        assert_eq!(said[2], "src/wire/mod.rs:83: fn wide takes 6");
    }
}
