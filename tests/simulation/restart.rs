//! Laws of restarting: broken off anywhere and begun again from the bytes that were kept, everything
//! that is published is byte for byte what it would have been, and so is everything that is held.

use truecount::domain::exception::State;
use truecount::validation::{CannotRestore, Effect, Entry};

use super::engine::{Engine, same};
use super::journal::{Disturbed, Journal, Run, Topic, UNDISTURBED, rule_sets};
use super::shrink::SEEDS;

const OFTEN: Disturbed = Disturbed {
    commits: 150,
    crashes: 40,
    things: 3,
};

#[test]
fn broken_off_anywhere_and_begun_again_everything_is_as_if_undisturbed() {
    let (mut crashes, mut while_judging, mut published) = (0, 0, 0);
    for seed in 0..seeds() {
        let journal = Journal::of(seed);
        let mut undisturbed = run(&journal, UNDISTURBED, seed);
        let mut disturbed = run(&journal, OFTEN, seed);
        agree(&mut undisturbed, &mut disturbed).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
        crashes += disturbed.crashes.0;
        while_judging += disturbed.crashes.1;
        published += undisturbed.published.len();
    }
    let each = seeds() as usize;
    assert!(crashes > 5 * each, "{crashes} crashes");
    assert!(
        while_judging > each / 2,
        "{while_judging} while judging again"
    );
    assert!(published > 100 * each, "{published} effects");
}

#[test]
fn the_same_journal_into_fresh_state_publishes_the_same_bytes() {
    for seed in 0..10 {
        let journal = Journal::of(seed);
        let (first, second) = (run(&journal, UNDISTURBED, 1), run(&journal, UNDISTURBED, 2));
        assert_eq!(first.published, second.published, "seed {seed}");
    }
}

#[test]
fn the_journals_have_what_a_restart_could_lose() {
    let mut seen: Vec<String> = Vec::new();
    for seed in 0..10 {
        let mut run = run(&Journal::of(seed), UNDISTURBED, seed);
        seen.append(&mut run.published);
        seen.append(&mut run.all());
    }
    for word in [
        "\"stub\":\"lawful_disposal\"",
        "\"frozen\":[",
        "\"state\":\"waived\"",
        "\"state\":\"superseded\"",
        "\"reopened\":true",
        "Conflict {",
        "BrokenPromise {",
        "\"broken\":true",
        "\"held\":[",
        "\"expired\":[",
        "\"folded\":",
        "\"filled\":[",
        "\"merged\":[",
        "\"buried\":true",
        "\"unread\":[",
        "\"same\":true",
        "older versions folded",
        "Holding {",
        "/decision/",
        "/measure/",
    ] {
        let found = seen.iter().any(|line| line.contains(word));
        assert!(found, "no journal has {word}");
    }
}

#[test]
fn a_row_that_is_lost_is_noticed() {
    for lost in ["/thing/crime/", "/thing/incident/", "/decision/"] {
        let noticed = (0..20).any(|seed| {
            let journal = Journal::of(seed);
            let turn = std::cell::Cell::new(0_usize);
            let is_lost = |key: &str| {
                turn.set(turn.get() + usize::from(key.contains(lost)));
                key.contains(lost) && turn.get().is_multiple_of(4)
            };
            let mut undisturbed = run(&journal, UNDISTURBED, seed);
            let disturbed = Run::of(&journal, OFTEN, seed, &is_lost);
            disturbed.map_or(true, |mut run| agree(&mut undisturbed, &mut run).is_err())
        });
        assert!(noticed, "{lost}");
    }
    let lost = Run::of(&Journal::of(1), OFTEN, 1, &|key| key.ends_with("/progress"));
    assert!(matches!(lost.err(), Some(CannotRestore::NoProgress { .. })));
}

#[test]
fn a_restart_publishes_nothing_and_marks_nothing() {
    for seed in 0..10 {
        let mut before = run(&Journal::of(seed), UNDISTURBED, seed);
        let mut topic = Topic::default();
        before.end.keep_everything();
        topic.fold(&mut before.end, &|_| false);
        let mut restored = topic.restored(&rule_sets()[2]).expect("it was kept so");
        assert_eq!(restored.take_kept().len(), 0, "seed {seed}");
        let told = restored.take_measures();
        assert_eq!(told, [], "seed {seed}: what was told is told again");
    }
}

#[test]
fn every_record_of_the_source_is_counted_once() {
    for seed in 0..10 {
        let journal = Journal::of(seed);
        let run = run(&journal, OFTEN, seed);
        let force = run.end.forces().next().expect("one force is activated");
        let (mut read, mut became) = (0, [0; 5]);
        for (partition, sums) in force.balance().partitions() {
            assert_eq!(sums.off, 0, "seed {seed}: {partition:?} {sums:?}");
            read += sums.read;
            let own = [
                sums.applied,
                sums.ledger_only,
                sums.duplicate,
                sums.quarantined,
                sums.control,
            ];
            (0..5).for_each(|at| became[at] += own[at]);
        }
        assert_eq!(read, journal.records() as u64, "seed {seed}");
        assert_eq!(became.iter().sum::<u64>(), read, "seed {seed}");
        assert!(
            became[0] > 0 && became[3] > 0 && became[4] > 0,
            "{became:?}"
        );
    }
}

#[test]
fn a_rule_that_is_off_leaves_superseded_exceptions_and_no_measure() {
    let is_off = |id: &str| !rule_sets()[1].rules().iter().any(|rule| rule.id == id);
    let (mut superseded, mut retired) = (0, 0);
    for seed in 0..20 {
        let before = run(&Journal::of(seed).before(2), UNDISTURBED, seed);
        let after = run(&Journal::of(seed).before(3), UNDISTURBED, seed);
        let of_off = |run: &Run| {
            let rules = run.measures.keys().filter(|of| {
                let rule = of.split('"').nth(1).expect("a measure names its rule");
                is_off(rule)
            });
            rules.count()
        };
        retired += of_off(&before);
        assert_eq!(of_off(&after), 0, "seed {seed}");
        let force = after.end.forces().next().expect("one force is activated");
        for (_, reference) in force.references() {
            let things = force.inspect(&reference).into_iter();
            for (rule, _, state, _) in things.flat_map(|thing| thing.exceptions) {
                superseded += usize::from(is_off(rule));
                assert!(
                    !is_off(rule) || state == State::Superseded,
                    "{rule} {state}"
                );
            }
        }
    }
    assert!(superseded > 5 && retired > 20, "{superseded} and {retired}");
}

#[test]
fn an_activation_that_is_read_again_says_nothing_new() {
    let journal = Journal::of(3);
    let mut run = run(&journal, UNDISTURBED, 3);
    let force = super::stream::FORCE.into();
    let before = run.end.activations(&force).to_vec();
    let again = journal.activation(1);
    assert!(matches!(again, Entry::Activated { .. }));
    let effects = run.end.step(Default::default(), again);
    assert_eq!(effects, Vec::<Effect>::new());
    assert!(!run.end.is_judging_again(&force));
    assert_eq!(run.end.activations(&force), before);
}

#[test]
fn judged_again_in_small_steps_or_declared_at_once_comes_to_the_same() {
    for seed in 0..10 {
        let journal = Journal::of(seed);
        let steps = Disturbed {
            things: 1,
            ..UNDISTURBED
        };
        let mut at_once = run(&journal, UNDISTURBED, seed);
        let mut step_by_step = run(&journal, steps, seed);
        agree(&mut at_once, &mut step_by_step).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
    }
}

#[test]
fn a_folded_version_that_comes_again_breaks_no_promise() {
    use super::bounds::{at, crime, declared, event};
    let mut engine = Engine::new(&declared());
    for version in 0..270 {
        engine.take(&event(&crime("C1", version)));
    }
    engine.take(&super::stream::beat("rms", 1, at("2026-05-19T12:00:00Z")));
    for version in [1, 5, 13] {
        let effects = engine.take(&event(&crime("C1", version)));
        let alarmed = effects
            .iter()
            .any(|effect| matches!(effect, Effect::Alarm(_)));
        assert!(!alarmed, "version {version}: {effects:?}");
    }
}

fn agree(left: &mut Run, right: &mut Run) -> Result<(), String> {
    same(&left.published, &right.published)?;
    same(&left.all(), &right.all())
}

fn run(journal: &Journal, disturbed: Disturbed, seed: u64) -> Run {
    Run::of(journal, disturbed, seed, &|_| false).expect("nothing that was kept is lost")
}

fn seeds() -> u64 {
    let asked = std::env::var("TRUECOUNT_SEEDS").ok();
    asked.and_then(|seeds| seeds.parse().ok()).unwrap_or(SEEDS)
}
