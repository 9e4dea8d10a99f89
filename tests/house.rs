//! The laws of the house, held against the sources: who may use whom, what no room may touch, how a
//! file is furnished. Each law is shown able to fail beside its own text under `house/`.
//! Start at [`rooms::MAY_USE`].

#[path = "house/aims.rs"]
mod aims;
#[path = "house/bans.rs"]
mod bans;
#[path = "house/furniture.rs"]
mod furniture;
#[path = "house/rooms.rs"]
mod rooms;
#[path = "house/source.rs"]
mod source;
#[allow(dead_code, unreachable_pub, reason = "shared with the other tests")]
#[path = "support/tree.rs"]
mod tree;

use source::{Breach, SourceFile};

#[test]
fn every_room_uses_only_what_it_may() {
    hold(rooms::dependency_law, &["src"]);
}

#[test]
fn no_file_uses_a_banned_crate() {
    hold(bans::crate_bans, &["src"]);
}

#[test]
fn no_pure_room_touches_the_world() {
    hold(bans::pure_room_bans, &["src"]);
}

#[test]
fn no_file_has_unsafe_code() {
    hold(bans::no_unsafe_code, &["src", "benches"]);
    assert!(
        tree::text("Cargo.toml").contains("unsafe_code = \"deny\""),
        "the lint is on"
    );
}

#[test]
fn no_file_unwraps() {
    hold(bans::no_unwrap, &["src"]);
}

#[test]
fn nothing_is_left_for_later_without_an_issue() {
    hold(bans::no_word_left_for_later, &["src", "tests", "benches"]);
}

#[test]
fn every_name_says_something() {
    hold(bans::no_empty_names, &["src", "tests", "benches"]);
}

#[test]
fn every_file_says_what_it_is() {
    hold(
        furniture::every_file_says_what_it_is,
        &["src", "tests", "benches"],
    );
}

#[test]
fn every_file_is_reached() {
    hold(furniture::no_dead_files, &["src"]);
}

#[test]
fn every_rule_is_listed() {
    hold(furniture::every_rule_is_listed, &["src"]);
}

#[test]
fn every_rule_is_card_and_check() {
    hold(furniture::a_rule_is_card_and_check, &["src"]);
}

#[test]
fn every_page_has_its_rule() {
    for page in tree::files("src/rules", "md") {
        let rule = page.replace(".md", ".rs");
        assert!(tree::root().join(&rule).exists(), "{page} has no {rule}");
    }
}

#[test]
fn what_is_over_its_aim_is_printed() {
    for line in aims::over_aim(&sources(&["src"])) {
        println!("{line}");
    }
}

#[test]
fn words_the_vocabulary_never_uses_are_printed() {
    let vocabulary = tree::text("docs/vocabulary.md");
    assert!(
        aims::never_words(&vocabulary).len() > 20,
        "the table can be read"
    );
    for line in aims::words_never_used(&sources(&["src"]), &vocabulary) {
        println!("{line}");
    }
}

fn hold(law: fn(&[SourceFile]) -> Vec<Breach>, folders: &[&str]) {
    let breaches = law(&sources(folders));
    let said = breaches
        .iter()
        .map(|Breach { name, line, says }| format!("{name}:{line}: {says}"));
    let said: Vec<String> = said.collect();
    assert!(
        said.is_empty(),
        "{} breaches:\n{}",
        said.len(),
        said.join("\n")
    );
}

fn sources(folders: &[&str]) -> Vec<SourceFile> {
    folders
        .iter()
        .flat_map(|folder| SourceFile::under(folder))
        .collect()
}
