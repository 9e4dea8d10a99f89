//! Laws of tombstones: one takes a thing away behind everything that its source has sent, nothing that is
//! known already brings it back, a later version does, and a reason that was told is not forgotten.

use serde_json::{Value, json};
use truecount::validation::{Alarm, Disposition, Effect, Inspection};

use super::bounds::{at, crime, declared, event};
use super::engine::Engine;
use super::life::exceptions;
use super::stream::{Event, FEEDS, FORCE, What, admitted, beat};

const ARRIVAL: &str = "2026-05-04T12:00:00Z";

#[test]
fn a_tombstone_takes_a_thing_away_and_only_a_later_version_brings_it_back() {
    let mut engine = engine();
    became(&mut engine, &crime("C", 1), Disposition::Applied);
    became(&mut engine, &crime("C", 3), Disposition::Applied);
    became(&mut engine, &tombstone("C"), Disposition::Control);
    assert_eq!(gone(&engine), Some("unknown"));
    became(&mut engine, &crime("C", 3), Disposition::Duplicate);
    became(&mut engine, &crime("C", 2), Disposition::LedgerOnly);
    assert_eq!(gone(&engine), Some("unknown"), "what is known is older");
    became(&mut engine, &crime("C", 4), Disposition::Applied);
    assert_eq!(gone(&engine), None);
    became(&mut engine, &tombstone("C"), Disposition::Control);
    assert_eq!(gone(&engine), Some("unknown"), "and it may go again");
}

#[test]
fn the_exceptions_of_what_a_tombstone_took_away_are_superseded() {
    let mut engine = engine();
    let mut late = crime("C", 1);
    late["core"]["recorded_at"] = json!("2026-05-03T13:00:00Z");
    engine.take(&event(&late));
    let through = at("2026-05-04T11:00:00Z");
    let raised: Vec<Effect> = FEEDS
        .iter()
        .flat_map(|feed| engine.take(&beat(feed, 1, through)))
        .collect();
    assert!(exceptions(&raised).count() > 0, "it was recorded late");
    let taken = engine.take(&at_arrival(&tombstone("C")));
    let states: Vec<_> = exceptions(&taken)
        .map(|one| one.state.to_string())
        .collect();
    assert!(
        !states.is_empty() && states.iter().all(|state| state == "superseded"),
        "{states:?}"
    );
}

#[test]
fn a_tombstone_after_a_deletion_leaves_the_reason() {
    let mut engine = engine();
    became(&mut engine, &crime("C", 1), Disposition::Applied);
    let mut disposed = tombstone("C");
    disposed["version"] = json!(2);
    disposed["deleted"]["reason"] = json!("lawful_disposal");
    became(&mut engine, &disposed, Disposition::Applied);
    became(&mut engine, &tombstone("C"), Disposition::Control);
    assert_eq!(gone(&engine), Some("lawful_disposal"));
}

#[test]
fn a_thing_whose_tombstone_comes_first_is_there_with_its_first_version() {
    let mut engine = engine();
    became(&mut engine, &tombstone("C"), Disposition::Control);
    assert_eq!(gone(&engine), Some("unknown"));
    became(&mut engine, &crime("C", 1), Disposition::Applied);
    assert_eq!(gone(&engine), None);
}

#[test]
fn versions_without_numbers_are_buried_too() {
    let mut engine = engine();
    let mut dated = crime("C", 1);
    dated["version"] = Value::Null;
    became(&mut engine, &dated, Disposition::Applied);
    became(&mut engine, &tombstone("C"), Disposition::Control);
    became(&mut engine, &dated, Disposition::Duplicate);
    assert_eq!(gone(&engine), Some("unknown"));
    dated["committed_at"] = json!("2026-05-01T14:00:00Z");
    became(&mut engine, &dated, Disposition::Applied);
    assert_eq!(gone(&engine), None, "it is newer than the newest seen");
}

#[test]
fn a_tombstone_breaks_no_promise_for_it_tells_no_commit() {
    let mut engine = engine();
    engine.take(&event(&crime("C", 1)));
    // Its feed's clock is a little ahead of the broker's.
    engine.take(&beat("rms", 1, at("2026-05-04T12:00:04Z")));
    let taken = engine.take(&at_arrival(&tombstone("C")));
    let is_broken = |effect: &Effect| matches!(effect, Effect::Alarm(Alarm::BrokenPromise { .. }));
    assert!(!taken.iter().any(is_broken), "{taken:?}");
    assert_eq!(gone(&engine), Some("unknown"));
}

/// What a tombstone reads as; nothing dates it but its arrival.
pub(crate) fn tombstone(reference: &str) -> Value {
    json!({
        "record": "crime", "force": FORCE, "source": "rms", "reference": reference,
        "committed_at": ARRIVAL, "deleted": {"reason": "unknown", "at": ARRIVAL},
    })
}

/// The tombstone of the thing that a record speaks of, right behind it.
pub(crate) fn tombstone_of(told: &Event) -> Option<Event> {
    let (kind, reference) = told.thing()?;
    let mut gone = tombstone(reference.as_str());
    gone["record"] = json!(kind);
    gone["source"] = json!(told.source());
    gone["committed_at"] = json!(told.at.to_string());
    gone["deleted"]["at"] = json!(told.at.to_string());
    let what = What::Record(admitted(&gone, told.at, &declared())?);
    Some(Event { at: told.at, what })
}

fn at_arrival(record: &Value) -> Event {
    Event {
        at: at(ARRIVAL),
        ..event(record)
    }
}

fn engine() -> Engine {
    Engine::new(&declared())
}

fn became(engine: &mut Engine, record: &Value, disposition: Disposition) {
    let effects = engine.take(&at_arrival(record));
    assert!(
        effects.contains(&Effect::Counted(disposition)),
        "{disposition:?}: {effects:?}"
    );
}

fn gone(engine: &Engine) -> Option<&'static str> {
    let things: Vec<Inspection> = engine.force().inspect(&"C".into());
    things.first().expect("it is held").gone
}
