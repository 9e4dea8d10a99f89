//! The catalogue as a whole: every rule has an id for ever, a complete card, a page with its
//! headings in order, and scenarios that hold. `UPDATE_SCENARIOS=1` rewrites the `=>` lines of
//! scenarios that do not. Judges nothing itself. Start at [`every_scenario_holds_in_every_order`].

use std::collections::{BTreeMap, BTreeSet};

use support::expectation::compare;
use support::judging::{Judged, Order, judge};
use support::scenario::Scenario;
use support::tree;
use truecount::rules::{self, Rule, Status, Yields, page};

#[path = "catalogue/card.rs"]
mod card;
mod support;

const UPDATE: &str = "UPDATE_SCENARIOS";

#[test]
fn the_list_of_ids_is_the_committed_one_so_that_none_is_lost() {
    let listed: Vec<String> = tree::text("tests/catalogue/ids.txt")
        .lines()
        .map(str::to_owned)
        .collect();
    let ids: Vec<String> = rules::all().map(|rule| rule.id.to_owned()).collect();
    assert_eq!(
        ids, listed,
        "an id is for ever; a new one gets its line in tests/catalogue/ids.txt"
    );
    let unique: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len(), "an id stands for one rule");
}

#[test]
fn every_rule_is_where_its_id_says() {
    for rule in rules::all() {
        let page = rules::page_path(rule);
        let stem = rule.id.to_lowercase().replace('-', "_") + "_";
        let file = page.rsplit('/').next().unwrap_or_default();
        assert!(
            file.starts_with(&stem),
            "{}: {file} begins with {stem}",
            rule.id
        );
        assert_eq!(
            tree::text(&page),
            rule.doc,
            "{}: the card shows {page}",
            rule.id
        );
    }
}

#[test]
fn every_card_is_complete() {
    let keys = source_confidence();
    for rule in rules::all() {
        let id = rule.id;
        assert!(!rule.sources.is_empty(), "{id} cites a text");
        for citation in rule.sources {
            assert!(
                keys.contains_key(citation.source),
                "{id} cites {}",
                citation.source
            );
            assert!(
                !citation.place.trim().is_empty(),
                "{id}: {} has a place",
                citation.source
            );
        }
        assert!(!rule.concerns.is_empty(), "{id} concerns some block");
        let concerns: BTreeSet<_> = rule.concerns.iter().collect();
        assert_eq!(
            concerns.len(),
            rule.concerns.len(),
            "{id} concerns a block once"
        );
        assert!(!rule.findings.is_empty(), "{id} can find something");
        for (code, text) in rule.findings.iter().chain(rule.excuses) {
            assert!(
                text.ends_with('.') && text.len() > code.len(),
                "{id}: {code} has a sentence"
            );
        }
    }
}

#[test]
fn every_code_on_a_card_is_used_and_every_code_used_is_on_the_card() {
    for rule in rules::all() {
        let source = rules::page_path(rule).replace(".md", ".rs");
        let problems = card::codes_that_disagree(rule, &tree::text(&source));
        assert!(problems.is_empty(), "{source}: {problems:#?}");
    }
}

#[test]
fn every_page_has_its_headings_in_order() {
    for rule in rules::all() {
        assert!(!rule.title().is_empty(), "{} has a title", rule.id);
        let found: Vec<&str> = page::sections(rule.doc)
            .iter()
            .map(|(name, _)| *name)
            .collect();
        let mut headings: Vec<&str> = page::HEADINGS.to_vec();
        headings.retain(|heading| *heading != "Known limits" || found.contains(heading));
        assert_eq!(found, headings, "{}", rule.id);
        for (heading, body) in page::sections(rule.doc) {
            assert!(!body.is_empty(), "{}: {heading} says something", rule.id);
        }
    }
}

#[test]
fn every_page_shows_a_duty_done_one_missed_and_one_that_does_not_stand() {
    for rule in rules::all() {
        let scenarios = scenarios_of(rule);
        let shown: BTreeSet<&str> = scenarios
            .iter()
            .flat_map(|scenario| &scenario.expected)
            .map(|expectation| expectation.verdict.as_str())
            .collect();
        let missed = if rule.yields == Yields::Exception {
            "breach"
        } else {
            "advisory"
        };
        for verdict in ["met", missed] {
            assert!(shown.contains(verdict), "{} shows no {verdict}", rule.id);
        }
        let idle = shown.contains("not_applicable") || shown.contains("excused");
        assert!(
            idle,
            "{} shows no case where it does not apply or is excused",
            rule.id
        );
    }
}

#[test]
fn a_rule_that_rests_only_on_unverified_sources_is_provisional() {
    let confidence = source_confidence();
    for rule in rules::all() {
        let verified = rule.sources.iter().any(|citation| {
            confidence
                .get(citation.source)
                .is_some_and(|confidence| confidence != "L")
        });
        let sure = matches!(rule.status, Status::Stable { .. });
        assert!(
            verified || !sure,
            "{} rests on nothing that was read",
            rule.id
        );
    }
}

#[test]
fn every_scenario_holds_in_every_order() {
    let mut failures = Vec::new();
    for rule in rules::all() {
        if tree::asked(UPDATE) {
            rewrite(rule);
            continue;
        }
        for (at, block) in page::scenarios(rule.doc).into_iter().enumerate() {
            for complaint in complaints(rule, block) {
                failures.push(format!(
                    "{} scenario {}: {complaint}\n{block}\n",
                    rule.id,
                    at + 1
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn complaints(rule: &Rule, block: &str) -> Vec<String> {
    let scenario = match Scenario::parse(block) {
        Ok(scenario) => scenario,
        Err(problem) => return vec![problem],
    };
    let orders = [
        Order::RecordsThenClaims,
        Order::ClaimsThenRecords,
        Order::Shuffled(1),
    ];
    let mut complaints = Vec::new();
    for order in orders {
        let judged = judged_by(rule, &scenario, order);
        let judged: Vec<&Judged> = judged.iter().collect();
        let differing = compare(&scenario.expected, &judged);
        complaints.extend(
            differing
                .into_iter()
                .map(|text| format!("{order:?}: {text}")),
        );
    }
    complaints
}

fn judged_by(rule: &Rule, scenario: &Scenario, order: Order) -> Vec<Judged> {
    let mut judged = judge(&scenario.setting, &scenario.records, order);
    judged.retain(|one| one.rule == rule.id);
    judged
}

fn scenarios_of(rule: &Rule) -> Vec<Scenario> {
    let blocks = page::scenarios(rule.doc).into_iter();
    let parsed = blocks.map(|block| {
        Scenario::parse(block).unwrap_or_else(|problem| panic!("{}: {problem}\n{block}", rule.id))
    });
    parsed.collect()
}

/// Rewrites the `=>` lines of the scenarios of a page that do not hold, and nothing else.
fn rewrite(rule: &Rule) {
    let mut page = rule.doc.to_owned();
    for block in page::scenarios(rule.doc) {
        let Ok(scenario) = Scenario::parse(block) else {
            continue;
        };
        let judged = judged_by(rule, &scenario, Order::RecordsThenClaims);
        let compared: Vec<&Judged> = judged.iter().collect();
        if !compare(&scenario.expected, &compared).is_empty() {
            page = page.replacen(block, &with_expectations(block, &judged), 1);
        }
    }
    if page != rule.doc {
        tree::write(&rules::page_path(rule), &page);
    }
}

/// The block with the `=>` lines that these judgements would have.
fn with_expectations(block: &str, judged: &[Judged]) -> String {
    let mut lines: Vec<String> = block
        .lines()
        .filter(|line| !line.trim_start().starts_with("=>"))
        .map(str::to_owned)
        .collect();
    let told: Vec<&Judged> = match judged.iter().filter(|one| one.verdict != "not_applicable") {
        arising if arising.clone().next().is_some() => arising.collect(),
        _ => judged.iter().collect(),
    };
    lines.extend(match told.as_slice() {
        [] => vec!["          => none".to_owned()],
        [only] => vec![format!("          => {}", only.verdict_in_full())],
        several => several
            .iter()
            .map(|one| format!("          => {one}"))
            .collect(),
    });
    lines.join("\n")
}

/// The keys of the list of sources, and how sure each is.
fn source_confidence() -> BTreeMap<String, String> {
    let table: toml::Table = tree::text("config/reference/common/sources.toml")
        .parse()
        .expect("sources are TOML");
    let confidence = |source: &toml::Value| source["confidence"].as_str().unwrap_or("L").to_owned();
    table
        .iter()
        .map(|(key, source)| (key.clone(), confidence(source)))
        .collect()
}

#[test]
fn rewriting_touches_only_the_expectations() {
    let block = "crime base=assault  # as it is\nproved rms 2026-04-03\n          => met";
    let breach = |obligation: &str| Judged {
        obligation: obligation.to_owned(),
        verdict: "breach".to_owned(),
        finding: Some("late".to_owned()),
        ..Judged::default()
    };
    let idle = Judged {
        verdict: "not_applicable".to_owned(),
        ..breach("o3")
    };
    let head = "crime base=assault  # as it is\nproved rms 2026-04-03\n";
    assert_eq!(
        with_expectations(block, &[breach("o1"), idle.clone()]),
        format!("{head}          => breach finding=late")
    );
    assert_eq!(
        with_expectations(block, &[breach("o1"), breach("o2")]),
        format!("{head}          => o1 breach finding=late\n          => o2 breach finding=late")
    );
    assert_eq!(
        with_expectations(block, &[]),
        format!("{head}          => none")
    );
}
