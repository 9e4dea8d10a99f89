//! Turns that a random stream rarely takes, each small enough to be written out: the law is that of
//! order or of proof, the case is told record by record.

use serde_json::{Value, json};
use truecount::domain::Feeds;
use truecount::domain::exception::State;

use super::bounds::{at, crime, declared, event, incident};
use super::engine::{Engine, same};
use super::life::exceptions;
use super::stream::{Event, FEEDS, What, beat, feed};

#[test]
fn the_missing_fact_that_sets_its_feed_free_is_heard_before_the_frontier_moves() {
    // Due at noon on the second; recorded an hour before, and unread until the afternoon.
    let mut late = crime("C1", 1);
    late["committed_at"] = json!("2026-05-02T11:00:00Z");
    late["core"]["recorded_at"] = json!("2026-05-02T11:00:00Z");
    late["origin"] = json!([{"incident": "I1", "kind": "source", "disclosure": "d1"}]);
    let mut reported = incident("I1", 1);
    reported["committed_at"] = json!("2026-05-01T12:05:00Z");
    let unread = Event {
        at: at("2026-05-02T11:20:00Z"),
        what: What::SetAside {
            feed: "rms",
            reference: Some("C1".into()),
            version: Some(1),
        },
    };
    let events = [
        event(&reported),
        beat("rms", 1, at("2026-05-02T10:30:00Z")),
        unread,
        beat("cad", 1, at("2026-05-02T15:00:00Z")),
        beat("rms", 2, at("2026-05-02T15:00:00Z")),
        event(&late),
    ];
    let mut engine = Engine::new(&declared());
    let mut states = Vec::new();
    for event in &events {
        states.extend(exceptions(&engine.take(event)).map(|exception| exception.state));
    }
    assert_eq!(states, [State::DueSoon, State::Met]);
}

#[test]
fn an_older_commit_from_another_feed_lets_what_was_due_fall() {
    let mut late = crime("C1", 1);
    late["committed_at"] = json!("2026-05-10T12:00:00Z");
    late["core"]["recorded_at"] = json!("2026-05-04T12:00:00Z");
    let mut care = json!({"victim_care": [], "source": "victim-hub"});
    for word in ["record", "force", "reference", "version"] {
        care[word] = late[word].clone();
    }
    care["committed_at"] = json!("2026-05-02T12:00:00Z");
    let proved = proved("2026-05-08T12:00:00Z");
    any_order(&declared(), &[late, care], &proved);
}

#[test]
fn since_when_a_name_is_given_does_not_depend_on_the_order_of_versions() {
    let version = |version: i64, day: &str, kind: Option<&str>| {
        let mut closed = incident("I1", version);
        closed["committed_at"] = json!(format!("2026-05-{day}T12:00:00Z"));
        closed["closure"] = json!({
            "closed_at": "2026-05-02T11:00:00Z", "scheme": "nicl", "category": "crime",
        });
        closed["links"] = match kind {
            Some(kind) => json!([{"to": "C9", "kind": kind}]),
            None => json!([]),
        };
        closed
    };
    let records = [
        version(1, "02", Some("source")),
        version(2, "03", None),
        version(3, "20", Some("duplicate")),
    ];
    any_order(&declared(), &records, &proved("2026-05-10T12:00:00Z"));
}

#[test]
fn nothing_is_soon_due_while_nobody_sends_a_block_that_decides() {
    let mut shell = crime("C1", 1);
    shell["core"]["offence_class"] = json!("");
    shell["core"]["offence_code"] = json!("");
    shell["core"]["recorded_at"] = Value::Null;
    let states = |feeds: &Feeds| {
        let mut engine = Engine::new(feeds);
        let mut states = Vec::new();
        let events = [event(&shell)]
            .into_iter()
            .chain(proved("2026-05-02T10:00:00Z"));
        for event in events {
            let effects = engine.take(&event);
            let own = exceptions(&effects).filter(|exception| exception.rule == "REC-030");
            states.extend(own.map(|exception| exception.state));
        }
        states
    };
    assert_eq!(states(&declared()), [State::DueSoon]);
    let covers_from = Some(at("2026-03-01T00:00:00Z"));
    assert_eq!(states(&Feeds::declared(vec![feed("rms", covers_from)])), []);
}

#[test]
fn the_feed_that_is_furthest_behind_holds_what_waits() {
    let mut engine = Engine::new(&declared());
    engine.take(&event(&incident("I1", 1)));
    let held = |engine: &Engine| {
        let holding = engine
            .force()
            .holding(truecount::domain::Instant::END)
            .into_iter();
        holding
            .filter(|held| held.through > at("2026-01-01T00:00:00Z"))
            .map(|held| (held.feed.to_string(), held.through, held.things))
            .collect::<Vec<_>>()
    };
    let (early, late) = (at("2026-05-01T13:00:00Z"), at("2026-05-02T11:00:00Z"));
    engine.take(&beat("victim-hub", 1, late));
    engine.take(&beat("cad", 1, early));
    engine.take(&beat("rms", 1, late));
    assert_eq!(held(&engine), [("cad".to_owned(), early, 1)]);
    engine.take(&beat("cad", 2, at("2026-05-02T11:30:00Z")));
    assert_eq!(held(&engine), [("rms".to_owned(), late, 1)]);
    assert_eq!(engine.force().next_due(), Some(at("2026-05-02T12:00:00Z")));
    for feed in ["cad", "rms"] {
        engine.take(&beat(feed, 3, at("2026-05-03T12:00:00Z")));
    }
    assert_eq!(held(&engine), []);
}

#[test]
fn rules_that_come_to_the_same_feeds_and_frontier_are_one_group_again() {
    use truecount::domain::exception::ProofKind;
    use truecount::domain::feed::Feed;
    use truecount::domain::records::{Block, BlockSet};
    use truecount::validation::Entry;

    let mut engine = Engine::new(&declared());
    for (feed, through) in [("cad", 5), ("rms", 10), ("victim-hub", 10)] {
        engine.take(&beat(
            feed,
            1,
            at(&format!("2026-05-{through:02}T12:00:00Z")),
        ));
    }
    let all = Feed {
        owns: BlockSet::of(Block::EVERY),
        ..feed("all", None)
    };
    let force = super::stream::FORCE;
    engine.step(Entry::Declared {
        force: force.into(),
        feeds: Feeds::declared(vec![all]),
    });
    let groups = |engine: &Engine| engine.force().frontiers_by_feeds().count();
    assert_eq!(groups(&engine), 2, "a rule keeps the frontier it had");
    engine.step(Entry::Proof {
        force: force.into(),
        feed: "all".into(),
        partition: super::stream::partition(),
        through: at("2026-05-20T12:00:00Z"),
        kind: ProofKind::Stated,
    });
    assert_eq!(groups(&engine), 1);
}

fn proved(through: &str) -> Vec<Event> {
    FEEDS
        .iter()
        .map(|feed| beat(feed, 1, at(through)))
        .collect()
}

/// Every order of two or three records, with the heartbeats before or behind them, comes to the same.
fn any_order(feeds: &Feeds, records: &[Value], beats: &[Event]) {
    let events: Vec<Event> = records.iter().map(event).collect();
    let in_order = fed(feeds, events.iter().chain(beats));
    for turn in 0..events.len() {
        let mut turned = events.clone();
        turned.rotate_left(turn);
        for reversed in [false, true] {
            if reversed {
                turned.reverse();
            }
            let behind = fed(feeds, turned.iter().chain(beats));
            let ahead = fed(feeds, beats.iter().chain(&turned));
            for other in [behind, ahead] {
                assert_eq!(same(&in_order.judged(), &other.judged()), Ok(()));
                assert_eq!(same(&in_order.standing(), &other.standing()), Ok(()));
            }
        }
    }
    let judged = in_order.judged();
    assert!(
        judged.iter().any(|line| line.contains("\"breach\"")),
        "{judged:#?}"
    );
}

fn fed<'a>(feeds: &Feeds, events: impl Iterator<Item = &'a Event>) -> Engine {
    let mut engine = Engine::new(feeds);
    for event in events {
        engine.take(event);
    }
    engine
}
