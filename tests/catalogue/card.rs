//! Holds the codes on a rule's card against the codes its functions use, both read from the text.
//! Start at [`codes_that_disagree`].

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use truecount::rules::Rule;

/// What the card and the functions of a rule say differently: findings and excuses.
pub(crate) fn codes_that_disagree(rule: &Rule, source: &str) -> Vec<String> {
    let functions = without_card(source);
    let texts = texts_in(functions.clone());
    let mut problems = Vec::new();
    for (code, _) in rule.findings.iter().chain(rule.excuses) {
        if !texts.contains(*code) {
            problems.push(format!("`{code}` is on the card and nowhere else"));
        }
    }
    for code in arguments_of(functions.clone(), &["Finding", ":", ":", "of"]) {
        if !rule.findings.iter().any(|(own, _)| *own == code) {
            problems.push(format!("the finding `{code}` is not on the card"));
        }
    }
    for code in arguments_of(functions, &["Excused"]) {
        if !rule.excuses.iter().any(|(own, _)| *own == code) {
            problems.push(format!("the excuse `{code}` is not on the card"));
        }
    }
    problems
}

/// The tokens of a rule's file from its first function on: the card stands before it.
fn without_card(source: &str) -> TokenStream {
    let tokens: TokenStream = source.parse().expect("a rule is Rust");
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        if is(&token, "RULE") {
            let end = tokens.by_ref().find(|token| is(token, ";"));
            assert!(end.is_some(), "a card ends");
            break;
        }
    }
    tokens.collect()
}

fn texts_in(tokens: TokenStream) -> BTreeSet<String> {
    let mut texts = BTreeSet::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => texts.extend(texts_in(group.stream())),
            TokenTree::Literal(literal) => texts.extend(text_of(&literal.to_string())),
            _ => {}
        }
    }
    texts
}

/// The texts in the group that follows this run of tokens, wherever it occurs.
fn arguments_of(tokens: TokenStream, run: &[&str]) -> BTreeSet<String> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut found = BTreeSet::new();
    for (at, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else {
            continue;
        };
        found.extend(arguments_of(group.stream(), run));
        let before = at.checked_sub(run.len()).map(|from| &tokens[from..at]);
        if before.is_some_and(|before| before.iter().zip(run).all(|(token, text)| is(token, text)))
        {
            found.extend(texts_in(group.stream()));
        }
    }
    found
}

fn is(token: &TokenTree, text: &str) -> bool {
    token.to_string() == text
}

fn text_of(literal: &str) -> Option<String> {
    Some(literal.strip_prefix('"')?.strip_suffix('"')?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_on_one_side_only_is_a_problem() {
        let rule = truecount::rules::named("REC-030").expect("REC-030 is in the catalogue");
        let both = "const RULE: Rule = Rule { a: \"b\" }; fn judge() { \
            Finding::of(\"recorded_late\"); let code = \"not_classified\"; Excused { by: \"REC-031\" } }";
        assert_eq!(codes_that_disagree(rule, both), [""; 0]);
        let fewer = both.replace("\"not_classified\"", "\"something\"");
        assert_eq!(
            codes_that_disagree(rule, &fewer),
            ["`not_classified` is on the card and nowhere else"]
        );
        let other = both.replace("recorded_late", "late");
        assert_eq!(codes_that_disagree(rule, &other).len(), 2);
        let unknown = both.replace("REC-031", "REC-032");
        assert_eq!(codes_that_disagree(rule, &unknown).len(), 2);
    }
}
