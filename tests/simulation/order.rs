//! Laws of order: what is judged and what stands depends on what was said, never on when it came.

use serde_json::json;
use truecount::validation::{Disposition, Effect};

use super::engine::{Engine, same};
use super::shrink::{SEEDS, hold, smallest};
use super::stream::{Event, PLAN, Plan, Stream, What};
use super::waiving::with_decisions;

/// Small enough to begin anew after every step.
const SMALL: Plan = Plan {
    copies: 3,
    changes: 6,
    deletions: 3,
    beats: 5,
};

#[test]
fn any_order_with_repetitions_comes_to_the_same() {
    hold(
        SEEDS,
        |seed| with_decisions(Stream::of(seed, PLAN), seed),
        |stream| {
            let undisturbed = Engine::fed(stream);
            for seed in [1, 2] {
                agree(&undisturbed, &Engine::fed(&stream.shuffled(seed)))
                    .map_err(|why| format!("in the order of {seed}: {why}"))?;
            }
            Ok(())
        },
    );
}

#[test]
fn records_and_heartbeats_in_any_order_come_to_the_same() {
    hold(
        SEEDS,
        |seed| Stream::of(seed, PLAN),
        |stream| {
            let mut events = stream.events.clone();
            events.sort_by_key(|event| event.place(7));
            agree(&Engine::fed(stream), &Engine::fed(&stream.with(events)))
        },
    );
}

#[test]
fn heartbeats_between_the_records_or_behind_them_come_to_the_same() {
    hold(
        SEEDS,
        |seed| with_decisions(Stream::of(seed, PLAN), seed),
        |stream| {
            let (beats, mut events): (Vec<Event>, Vec<Event>) = stream
                .events
                .iter()
                .cloned()
                .partition(|event| event.beat().is_some());
            events.extend(beats);
            agree(&Engine::fed(stream), &Engine::fed(&stream.with(events)))
        },
    );
}

#[test]
fn after_every_record_all_stands_as_if_it_had_come_at_once() {
    hold(
        SEEDS,
        |seed| Stream::of(seed, SMALL),
        |stream| {
            let mut engine = Engine::new(&stream.feeds);
            for (at, event) in stream.events.iter().enumerate() {
                engine.take(event);
                if event.thing().is_some() {
                    let told = &stream.events[..=at];
                    let records = told.iter().rev().filter(|event| event.beat().is_none());
                    let beats = told.iter().filter(|event| event.beat().is_some());
                    let anew = stream.with(records.chain(beats).cloned().collect());
                    agree(&engine, &Engine::fed(&anew))
                        .map_err(|why| format!("after event {}: {why}", at + 1))?;
                }
            }
            Ok(())
        },
    );
}

#[test]
fn of_two_contents_of_one_version_the_first_to_arrive_stands() {
    let mut conflicts = 0;
    for seed in 0..SEEDS {
        let stream = Stream::of(seed, SMALL);
        let mut engine = Engine::new(&stream.feeds);
        for event in stream.records() {
            engine.take(event);
            let before = engine.judged();
            let Some(other) = with_another_content(event) else {
                continue;
            };
            let effects = engine.take(&other);
            conflicts += 1;
            assert!(
                effects.contains(&Effect::Counted(Disposition::Quarantined)),
                "seed {seed}"
            );
            assert!(
                effects
                    .iter()
                    .any(|effect| matches!(effect, Effect::Conflict { .. }))
            );
            assert_eq!(engine.judged(), before, "seed {seed}");
        }
    }
    assert!(conflicts > 100, "{conflicts} conflicts");
}

#[test]
fn the_same_journal_gives_the_same_bytes() {
    hold(
        SEEDS,
        |seed| with_decisions(Stream::of(seed, PLAN), seed),
        |stream| {
            if bytes(stream) == bytes(stream) {
                Ok(())
            } else {
                Err("two runs differ".to_owned())
            }
        },
    );
}

#[test]
fn a_comparison_sees_one_judgement_that_differs_and_shrinks_to_what_makes_it() {
    let stream = Stream::of(3, SMALL);
    let last = stream.records().last().expect("there are records").clone();
    let without = |stream: &Stream| {
        let events = stream
            .events
            .iter()
            .filter(|event| **event != last)
            .cloned();
        stream.with(events.collect())
    };
    let differ = |stream: &Stream| {
        same(
            &Engine::fed(stream).judged(),
            &Engine::fed(&without(stream)).judged(),
        )
        .is_err()
    };
    assert!(differ(&stream), "a record that is left out is missed");
    let smallest = smallest(stream, differ);
    assert!(smallest.events.contains(&last));
    assert!(
        smallest.events.len() <= 2,
        "{} events",
        smallest.events.len()
    );
}

fn agree(left: &Engine, right: &Engine) -> Result<(), String> {
    same(&left.judged(), &right.judged())?;
    same(&left.standing(), &right.standing())
}

fn bytes(stream: &Stream) -> Vec<String> {
    let mut engine = Engine::new(&stream.feeds);
    let effects = stream.events.iter().flat_map(|event| engine.take(event));
    let written: Vec<String> = effects
        .map(|effect| match effect {
            Effect::Exception(exception) => json!(exception).to_string(),
            other => format!("{other:?}"),
        })
        .collect();
    let measures = engine
        .force()
        .measures()
        .map(|measure| json!(measure).to_string());
    written.into_iter().chain(measures).collect()
}

/// The same version, committed a second later: another content.
pub(crate) fn with_another_content(event: &Event) -> Option<Event> {
    let What::Record(record) = &event.what else {
        return None;
    };
    record.head().version?;
    let mut other = serde_json::to_value(record).expect("a record is JSON");
    other["committed_at"] = json!("2026-05-05T05:05:05+01:00");
    other["deleted"] = json!(null);
    let record = truecount::wire::json::decode_tree(other).ok()?.record;
    Some(Event {
        at: event.at,
        what: What::Record(record),
    })
}
