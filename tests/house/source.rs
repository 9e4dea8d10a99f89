//! One file of Rust as the laws of the house read it: its room, its text, its paths and their
//! lines. Start at [`SourceFile`] and [`SourceFile::paths`].

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::tree;

/// A file of the repository.
pub(crate) struct SourceFile {
    /// Its path from the root: `src/rules/mod.rs`.
    pub(crate) name: String,
    pub(crate) text: String,
}

/// A law that is broken, and where.
#[derive(Debug, PartialEq)]
pub(crate) struct Breach {
    pub(crate) name: String,
    pub(crate) line: usize,
    pub(crate) says: String,
}

/// A path as it is used, groups of a `use` spread out: `crate::domain::Moment`.
pub(crate) struct UsedPath {
    pub(crate) words: Vec<String>,
    pub(crate) line: usize,
    /// How many modules the file itself opens around it.
    pub(crate) depth: usize,
}

/// Whether the tests at the foot of a file are read too.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Tests {
    Read,
    LeftOut,
}

impl SourceFile {
    /// A file of this name and text.
    pub(crate) fn of(name: &str, text: &str) -> SourceFile {
        SourceFile {
            name: name.to_owned(),
            text: text.to_owned(),
        }
    }

    /// Every file of Rust under a folder.
    pub(crate) fn under(folder: &str) -> Vec<SourceFile> {
        let names = tree::files(folder, "rs").into_iter();
        names
            .map(|name| SourceFile {
                text: tree::text(&name),
                name,
            })
            .collect()
    }

    /// The room it stands in: `rules`; the crate's own files are `main`.
    pub(crate) fn room(&self) -> &str {
        let inside = self.name.strip_prefix("src/").unwrap_or(&self.name);
        match inside.split_once('/') {
            Some((room, _)) => room,
            None if matches!(inside, "lib.rs" | "main.rs") => "main",
            None => self.stem(),
        }
    }

    /// Its name without folder and ending.
    pub(crate) fn stem(&self) -> &str {
        let file = self.name.rsplit('/').next().unwrap_or(&self.name);
        file.strip_suffix(".rs").unwrap_or(file)
    }

    /// The modules from the crate down to it: `["rules", "recording"]`.
    pub(crate) fn module(&self) -> Vec<&str> {
        let inside = self.name.strip_prefix("src/").unwrap_or(&self.name);
        let path = inside.strip_suffix(".rs").unwrap_or(inside);
        let words = path.split('/').collect::<Vec<_>>();
        match words.split_last() {
            Some((&("mod" | "lib" | "main"), folders)) => folders.to_vec(),
            _ => words,
        }
    }

    pub(crate) fn tokens(&self, tests: Tests) -> TokenStream {
        let tokens: TokenStream = self
            .text
            .parse()
            .unwrap_or_else(|problem| panic!("{}: {problem}", self.name));
        if tests == Tests::Read {
            tokens
        } else {
            without_tests(tokens)
        }
    }

    pub(crate) fn parsed(&self) -> syn::File {
        syn::parse_file(&self.text).unwrap_or_else(|problem| panic!("{}: {problem}", self.name))
    }

    /// Every path it uses, in code and inside macros, the single words included.
    pub(crate) fn paths(&self, tests: Tests) -> Vec<UsedPath> {
        let mut paths = Vec::new();
        collect(self.tokens(tests), &[], 0, &mut paths);
        paths
    }

    pub(crate) fn breach(&self, line: usize, says: impl Into<String>) -> Breach {
        Breach {
            name: self.name.clone(),
            line,
            says: says.into(),
        }
    }
}

/// The tokens without the items marked `#[cfg(test)]`.
fn without_tests(tokens: TokenStream) -> TokenStream {
    let mut kept = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let marked = token.to_string() == "#"
            && tokens
                .peek()
                .is_some_and(|next| next.to_string().replace(' ', "") == "[cfg(test)]");
        if !marked {
            kept.push(token);
            continue;
        }
        // The item ends with its braces or, where it has none, with a semicolon.
        for token in tokens.by_ref().skip(1) {
            let braced =
                matches!(&token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
            if braced || token.to_string() == ";" {
                break;
            }
        }
    }
    kept.into_iter().collect()
}

fn collect(tokens: TokenStream, before: &[String], depth: usize, paths: &mut Vec<UsedPath>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Ident(_) => {
                let opens_module = tokens[at].to_string() == "mod";
                let (words, line, end) = path_at(&tokens, at);
                let words: Vec<String> = before.iter().cloned().chain(words).collect();
                at = end;
                // `a::{b, c}`: the group goes on with the path.
                if colons(&tokens, at)
                    && let Some(TokenTree::Group(group)) = tokens.get(at + 2)
                {
                    collect(group.stream(), &words, depth, paths);
                    at += 3;
                    continue;
                }
                paths.push(UsedPath { words, line, depth });
                if opens_module && let Some(TokenTree::Group(group)) = tokens.get(at + 1) {
                    collect(group.stream(), &[], depth + 1, paths);
                    at += 2;
                }
            }
            TokenTree::Group(group) => {
                collect(group.stream(), &[], depth, paths);
                at += 1;
            }
            _ => at += 1,
        }
    }
}

/// The words of the path that begins here, its line, and where it ends.
fn path_at(tokens: &[TokenTree], start: usize) -> (Vec<String>, usize, usize) {
    let mut words = vec![tokens[start].to_string()];
    let line = tokens[start].span().start().line;
    let mut at = start + 1;
    while colons(tokens, at)
        && let Some(TokenTree::Ident(word)) = tokens.get(at + 2)
    {
        words.push(word.to_string());
        at += 3;
    }
    (words, line, at)
}

fn colons(tokens: &[TokenTree], at: usize) -> bool {
    let colon =
        |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(mark)) if mark.as_char() == ':');
    colon(at) && colon(at + 1)
}
