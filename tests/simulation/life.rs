//! Laws of life: every published state follows from its judgement, every revision from a change,
//! every count from the judgements. And the witness that says so is shown to see what is wrong.

use std::collections::BTreeMap;

use truecount::domain::exception::{Because, Exception, State};
use truecount::validation::Effect;

use super::engine::Engine;
use super::oracle::{Witness, differ};
use super::shrink::{SEEDS, hold};
use super::stream::{Event, PLAN, Stream};
use super::waiving::with_decisions;

#[test]
fn every_revision_state_and_count_follows_from_the_judgements() {
    hold(SEEDS, made, |stream| {
        watch(stream, |_, _, effects| effects).map(|_| ())
    });
}

#[test]
fn every_state_and_reason_is_reached_by_some_stream() {
    let mut reached: BTreeMap<(State, Option<Because>, bool), usize> = BTreeMap::new();
    for seed in 0..SEEDS {
        let stream = made(seed);
        let mut engine = Engine::new(&stream.feeds);
        for event in &stream.events {
            for exception in exceptions(&engine.take(event)) {
                let key = (exception.state, exception.because, exception.reopened);
                *reached.entry(key).or_default() += 1;
            }
        }
    }
    let state = |state: State| {
        reached
            .iter()
            .any(|((own, ..), count)| *own == state && *count > 1)
    };
    let because = |because| reached.keys().any(|(_, own, _)| *own == Some(because));
    for wanted in [
        State::DueSoon,
        State::Raised,
        State::Remedied,
        State::Waived,
        State::Met,
        State::Withdrawn,
        State::Superseded,
    ] {
        assert!(state(wanted), "{wanted}: {reached:#?}");
    }
    for wanted in [
        Because::MetInTime,
        Because::NotApplicable,
        Because::Undecidable,
        Because::Gone,
    ] {
        assert!(because(wanted), "{wanted}: {reached:#?}");
    }
    assert!(
        reached.keys().any(|(.., reopened)| *reopened),
        "{reached:#?}"
    );
}

#[test]
fn a_waiver_is_seen_to_begin_to_hold_and_to_expire() {
    let (mut held, mut early, mut expired) = (0, 0, 0);
    for seed in 0..SEEDS {
        let stream = made(seed);
        let mut engine = Engine::new(&stream.feeds);
        let mut before = BTreeMap::new();
        for event in &stream.events {
            for exception in exceptions(&engine.take(event)) {
                let last = before.insert(exception.id, exception.state);
                held += usize::from(exception.state == State::Waived);
                early += usize::from(exception.state == State::Waived && last.is_none());
                expired += usize::from(
                    last == Some(State::Waived)
                        && event.beat().is_some()
                        && matches!(exception.state, State::Raised | State::Remedied),
                );
            }
        }
    }
    assert!(
        held > 20 && early > 2 && expired > 5,
        "{held} held, {early} early, {expired} expired"
    );
}

#[test]
fn the_witness_misses_a_revision_that_was_left_out() {
    caught("after revision", |_, _, mut effects| {
        let at = effects.iter().position(|effect| is_revision(effect, 2));
        at.map(|at| effects.remove(at));
        effects
    });
}

#[test]
fn the_witness_sees_a_revision_that_was_doubled() {
    caught("says nothing new", |_, _, mut effects| {
        let at = effects.iter().position(|effect| is_revision(effect, 1));
        if let Some(Effect::Exception(mut again)) = at.map(|at| effects[at].clone()) {
            again.revision += 1;
            effects.push(Effect::Exception(again));
        }
        effects
    });
}

#[test]
fn the_witness_sees_a_state_that_does_not_follow() {
    caught("should be", |_, _, mut effects| {
        for effect in &mut effects {
            if let Effect::Exception(exception) = effect
                && exception.state == State::Raised
            {
                exception.state = State::Waived;
            }
        }
        effects
    });
}

#[test]
fn the_witness_sees_an_exception_that_was_never_opened() {
    caught("is None and should be Some", |_, _, effects| {
        let other = |effect: &Effect| !matches!(effect, Effect::Exception(_));
        effects.into_iter().filter(other).collect()
    });
}

#[test]
fn the_witness_sees_a_count_that_is_one_off() {
    let engine = Engine::fed(&made(1));
    let held: BTreeMap<_, _> = engine
        .force()
        .tallies()
        .iter()
        .map(|(key, tally)| ((key.rule, key.month, key.stratum), *tally))
        .collect();
    assert_eq!(differ(&held, &held), Ok(()));
    let mut off = held.clone();
    if let Some(tally) = off.values_mut().next() {
        tally.met += 1;
    }
    assert!(differ(&held, &off).is_err());
}

fn made(seed: u64) -> Stream {
    with_decisions(Stream::of(seed, PLAN), seed)
}

/// Feeds a stream and lets the witness see the effects, tampered with.
pub(crate) fn watch(
    stream: &Stream,
    tamper: impl Fn(&Engine, &Event, Vec<Effect>) -> Vec<Effect>,
) -> Result<Witness, String> {
    let mut engine = Engine::new(&stream.feeds);
    let mut witness = Witness::new(&stream.feeds);
    for (at, event) in stream.events.iter().enumerate() {
        let effects = engine.take(event);
        let effects = tamper(&engine, event, effects);
        witness
            .check(&engine, event, &effects)
            .map_err(|why| format!("event {}: {why}", at + 1))?;
    }
    Ok(witness)
}

fn caught(complaint: &str, tamper: impl Fn(&Engine, &Event, Vec<Effect>) -> Vec<Effect>) {
    let whys = (0..20).filter_map(|seed| watch(&made(seed), &tamper).err());
    let whys: Vec<String> = whys.collect();
    assert!(whys.iter().any(|why| why.contains(complaint)), "{whys:#?}");
}

fn is_revision(effect: &Effect, number: u32) -> bool {
    matches!(effect, Effect::Exception(exception) if exception.revision == number)
}

/// The exceptions among the effects.
pub(crate) fn exceptions(effects: &[Effect]) -> impl Iterator<Item = &Exception> {
    effects.iter().filter_map(|effect| match effect {
        Effect::Exception(exception) => Some(&**exception),
        _ => None,
    })
}
