//! Every planted breach is found as the key says, and nothing else: over seeds, in the order of
//! publication and in any other that the heartbeats allow. Start at the first test.

use truecount::generate::{Published, plants};

use super::engine::{Engine, same};
use super::material::{Material, month, seeds, short};
use super::order::shuffled;

const SEEDS: u64 = 20;
/// Of each rule, breaches and near misses in a month.
const IN_A_MONTH: u64 = 20;

#[test]
fn every_planted_breach_is_judged_as_the_key_says_and_nothing_else() {
    for seed in 0..seeds(SEEDS) {
        let told = Material::of(short(seed));
        if let Err(why) = told.is_judged_as_planted() {
            panic!("seed {seed}: {why}");
        }
        every_kind_is_there(&told);
    }
}

fn every_kind_is_there(told: &Material) {
    for aim in plants::ALL {
        let all = [
            (aim.defects, &told.tallies.defects),
            (aim.near_misses, &told.tallies.near_misses),
        ];
        for (kinds, planted) in all {
            for kind in kinds {
                let of_rule = planted.get(aim.rule);
                let there = of_rule.is_some_and(|of_rule| of_rule.contains_key(kind.kind));
                assert!(there, "{}: no {}", aim.rule, kind.kind);
            }
        }
    }
}

#[test]
fn in_any_order_that_the_heartbeats_allow_the_same_is_judged() {
    for seed in 0..seeds(SEEDS) {
        let told = Material::of(short(seed));
        let engine = Engine::fed(&shuffled(&told.published, seed));
        if let Err(why) = engine.agrees_with(&told.key) {
            panic!("seed {seed}: {why}");
        }
    }
}

#[test]
fn in_a_month_each_rule_has_twenty_breaches_and_twenty_near_misses_and_all_are_judged_rightly() {
    let told = Material::of(month(1));
    let (breaches, near_misses) = (&told.tallies.breaches, &told.tallies.near_misses);
    assert_eq!(plants::ALL.len(), 14);
    for aim in plants::ALL {
        let planted = breaches.get(aim.rule).copied().unwrap_or_default();
        assert!(planted >= IN_A_MONTH, "{}: {planted} breaches", aim.rule);
        let near: u64 = near_misses
            .get(aim.rule)
            .map_or(0, |kinds| kinds.values().sum());
        assert!(near >= IN_A_MONTH, "{}: {near} near misses", aim.rule);
        let of_rule = format!("\"rule\":\"{}\"", aim.rule);
        let lines = told.key.iter().filter(|line| line.contains(&of_rule));
        assert_eq!(
            lines.count() as u64,
            planted,
            "{}: lines of the key",
            aim.rule
        );
    }
    told.is_judged_as_planted()
        .expect("the month is judged as planted");
    let engine = Engine::fed(&shuffled(&told.published, 1));
    engine.agrees_with(&told.key).expect("in another order too");
}

#[test]
fn a_line_that_is_missing_or_says_something_else_is_seen() {
    let told = Material::of(short(5));
    let engine = Engine::fed(&told.published);
    engine.agrees_with(&told.key).expect("it agrees as it is");
    for at in [0, told.key.len() / 2, told.key.len() - 1] {
        let mut shorter = told.key.clone();
        let line = shorter.remove(at);
        let why = engine
            .agrees_with(&shorter)
            .expect_err("a breach is not in the key");
        assert!(
            why.contains(&format!("only found: 1 lines\n    {line}")),
            "{why}"
        );
        let mut longer = told.key.clone();
        longer.insert(at, line.replacen("C-", "X-", 1).replacen("I-", "X-", 1));
        let why = engine
            .agrees_with(&longer)
            .expect_err("nothing was planted there");
        assert!(why.contains("only expected: 1 lines\n"), "{why}");
    }
    let other = |from: &str, to: &str| {
        let at = told.key.iter().position(|line| line.contains(from));
        let at = at.expect("some line says so");
        let mut key = told.key.clone();
        key[at] = key[at].replacen(from, to, 1);
        same(&key, &engine.breaches()).expect_err("due, lateness and remedy are compared")
    };
    other("\"remedied\":true", "\"remedied\":false");
    other("\"late_by_seconds\":1,", "\"late_by_seconds\":2,");
    other(":00+0", ":01+0");
}

#[test]
fn a_thing_that_is_missing_is_seen_and_a_record_by_the_count_of_its_feed() {
    let told = Material::of(short(6));
    for line in told.key.iter().step_by(told.key.len() / 8) {
        let is_of_thing = |one: &&Published| {
            let reference = format!("\"reference\":\"{}\"", one.record.head().reference);
            line.contains(&reference)
        };
        let without = told.published.iter().filter(|one| !is_of_thing(one));
        let why = Engine::fed(without).agrees_with(&told.key);
        let why = why.expect_err("a planted breach cannot be found");
        assert!(why.contains(line), "{line}\n{why}");
        let first = told.published.iter().position(|one| is_of_thing(&one));
        let others = told.published.iter().enumerate();
        let without = others.filter(|(at, _)| Some(*at) != first);
        let engine = Engine::fed(without.map(|(_, one)| one));
        assert!(!engine.faults().is_empty(), "the feed counted one more");
    }
}
