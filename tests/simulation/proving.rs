//! Laws of proof: nobody is accused on missing data. What a feed has not vouched for, sent late in
//! a lump, or sent unread accuses nobody until its time is proved.

use std::collections::{BTreeMap, BTreeSet};

use truecount::domain::exception::{Because, Exception, State};
use truecount::domain::names::RecordKind;
use truecount::domain::records::Record;
use truecount::domain::{Elapsed, Instant, Moment};
use truecount::intake;
use truecount::rules;
use truecount::validation::Effect;
use uuid::Uuid;

use super::engine::{Engine, same};
use super::life::{exceptions, watch};
use super::shrink::{SEEDS, hold};
use super::stream::{Event, FEEDS, PLAN, Stream, What, beat, feed};
use super::waiving::decision;

const DAY: Elapsed = Elapsed::hours(24);

#[test]
fn without_its_heartbeats_a_feed_accuses_nobody_and_with_them_all_is_as_it_was() {
    let accused = std::cell::Cell::new(0);
    hold(
        SEEDS,
        |seed| Stream::of(seed, PLAN),
        |stream| {
            for silent in ["cad", "rms"] {
                let cut = stream
                    .events
                    .iter()
                    .map(|event| event.at)
                    .nth(stream.events.len() / 3);
                let is_withheld = |event: &Event| {
                    event.beat().is_some_and(|(feed, _)| feed == silent) && Some(event.at) > cut
                };
                let (withheld, others): (Vec<_>, Vec<_>) =
                    stream.events.iter().cloned().partition(is_withheld);
                let frozen = others
                    .iter()
                    .filter_map(Event::beat)
                    .filter(|(feed, _)| *feed == silent);
                let frozen = frozen.map(|(_, through)| through).max();
                let mut engine = Engine::new(&stream.feeds);
                for event in &others {
                    for exception in exceptions(&engine.take(event)) {
                        accuses_only_what_is_proved(stream, exception, silent, frozen)?;
                    }
                }
                for event in &withheld {
                    let raised = engine.take(event);
                    accused.set(accused.get() + raised.len());
                }
                let undisturbed = Engine::fed(stream);
                same(&engine.standing(), &undisturbed.standing())?;
                same(&engine.judged(), &undisturbed.judged())?;
            }
            Ok(())
        },
    );
    assert!(
        accused.get() > 100,
        "{} effects of what was withheld",
        accused.get()
    );
}

/// No breach falls, of a rule that rests on a silent feed, that was not proved due before.
fn accuses_only_what_is_proved(
    stream: &Stream,
    exception: &Exception,
    silent: &str,
    frozen: Option<Instant>,
) -> Result<(), String> {
    let rule = rules::named(exception.rule).expect("the rule is in the catalogue");
    let mut owners = rule
        .concerns
        .iter()
        .filter_map(|block| stream.feeds.owner(*block));
    let rests = owners.any(|feed| feed.name.as_str() == silent);
    let falls = matches!(
        exception.state,
        State::Raised | State::Remedied | State::Waived
    );
    let due = exception.due.map(|due| due.0);
    match frozen {
        _ if !rests || !falls => Ok(()),
        Some(frozen) if due.is_none_or(|due| due < frozen) => Ok(()),
        _ => Err(format!(
            "{silent} is proved through {frozen:?}: {exception:?}"
        )),
    }
}

#[test]
fn a_nightly_lump_accuses_nobody_of_what_it_carries() {
    let lumped = std::cell::Cell::new(0);
    hold(
        SEEDS,
        |seed| in_nightly_lumps(&Stream::of(seed, PLAN)),
        |stream| {
            watch(stream, |_, _, effects| effects)?;
            lumped.set(lumped.get() + never_taken_back(stream)?);
            Ok(())
        },
    );
    assert!(lumped.get() > 50, "{} accusations in lumps", lumped.get());
}

#[test]
fn an_honest_stream_takes_nothing_back_for_what_was_done_before() {
    hold(
        SEEDS,
        |seed| Stream::of(seed, PLAN),
        |stream| never_taken_back(stream).map(|_| ()),
    );
}

#[test]
fn a_broken_promise_is_seen_to_take_back_what_it_accused() {
    let broken = (0..SEEDS).any(|seed| {
        let stream = Stream::of(seed, PLAN);
        let mut events = stream.events.clone();
        events.sort_by_key(|event| event.beat().is_none());
        let late = stream.with(events);
        let (mut engine, mut last) = (Engine::new(&late.feeds), BTreeMap::new());
        late.events
            .iter()
            .any(|event| taken_back(&mut last, event, &engine.take(event)).is_err())
    });
    assert!(
        broken,
        "heartbeats that run ahead of every record are missed"
    );
}

/// Each record is delivered at the end of its day, each feed at an hour of its own, and the feed
/// vouches for the day behind them.
fn in_nightly_lumps(stream: &Stream) -> Stream {
    let mut events = Vec::new();
    for (hours, feed) in [(1, "cad"), (4, "rms"), (7, "victim-hub")] {
        let own = stream.records().filter(|event| event.source() == feed);
        let mut nights = BTreeSet::new();
        for event in own {
            let night = night_after(event);
            let at = night.plus(Elapsed::hours(hours));
            events.push(Event {
                at,
                what: event.what.clone(),
            });
            nights.insert(night);
        }
        for beat in stream
            .events
            .iter()
            .filter_map(Event::beat)
            .filter(|(own, _)| *own == feed)
        {
            nights.insert(night(beat.1));
        }
        for (sequence, night) in (1..).zip(nights) {
            let at = night.plus(Elapsed::hours(hours));
            events.push(Event {
                at,
                ..beat(feed, sequence, night)
            });
        }
    }
    // In one lump, by chance, a record may come before another; the heartbeat comes behind all.
    events.sort_by_key(|event| (event.at, event.beat().is_some(), event.place(1)));
    stream.with(events)
}

fn night_after(event: &Event) -> Instant {
    night(committed(event)).plus(DAY)
}

fn night(at: Instant) -> Instant {
    let day = DAY.whole_seconds() * 1_000;
    Instant::from_millis(at.millis() / day * day)
}

fn committed(event: &Event) -> Instant {
    match &event.what {
        What::Record(record) => record.head().committed_at.latest(),
        What::SetAside { .. } => event.at,
    }
}

/// Counts the accusations; none is withdrawn for a record committed before it fell.
fn never_taken_back(stream: &Stream) -> Result<usize, String> {
    let mut engine = Engine::new(&stream.feeds);
    let mut last = BTreeMap::new();
    for event in &stream.events {
        taken_back(&mut last, event, &engine.take(event))?;
    }
    Ok(last.len())
}

fn taken_back(
    last: &mut BTreeMap<Uuid, Exception>,
    event: &Event,
    effects: &[Effect],
) -> Result<(), String> {
    for exception in exceptions(effects) {
        let before = last.insert(exception.id, exception.clone());
        let Some(before) = before.filter(|before| before.state == State::Raised) else {
            continue;
        };
        let in_time = exception.because == Some(Because::MetInTime);
        if in_time && committed(event) < before.provenance.frontier.0 {
            return Err(format!("{before:?}\n  is taken back by {event}"));
        }
    }
    Ok(())
}

#[test]
fn an_unread_record_holds_its_feed_until_it_is_read_released_or_too_old() {
    let impaired = std::cell::Cell::new(0);
    hold(3 * SEEDS, with_unread, |stream| {
        let witness = watch(stream, |_, _, effects| effects)?;
        impaired.set(impaired.get() + usize::from(witness.says_impaired()));
        Ok(())
    });
    assert!(
        impaired.get() > 5,
        "{} streams end impaired",
        impaired.get()
    );
}

/// Sets records aside where others are read, and lets a third of them be released by hand.
pub(crate) fn with_unread(seed: u64) -> Stream {
    let stream = Stream::of(seed, PLAN);
    let mut events = stream.events.clone();
    for event in stream.records().filter(|event| event.place(seed) % 6 == 0) {
        let What::Record(record) = &event.what else {
            continue;
        };
        let feed = FEEDS.into_iter().find(|feed| *feed == event.source());
        let head = record.head();
        let reference = Some(head.reference.clone()).filter(|_| event.place(9) % 5 > 0);
        let what = What::SetAside {
            feed: feed.expect("the feeds are these"),
            reference,
            version: head.version.map(|version| version + 1),
        };
        events.push(Event {
            at: event.at.plus(Elapsed::minutes(1)),
            what,
        });
        if event.place(3) % 3 == 0 {
            let at = event.at.plus(Elapsed::hours(2));
            let about = (head.record, head.reference.as_str());
            events.push(release(&format!("R{}", event.place(seed)), about, at));
        }
    }
    events.sort_by_key(|event| event.at);
    stream.with(events)
}

fn release(id: &str, about: (RecordKind, &str), at: Instant) -> Event {
    decision(id, "release", (about.0, about.1, "REC-030"), at, None)
}

#[test]
fn a_fact_that_came_unread_accuses_nobody_while_it_waits_to_be_read() {
    hold(
        SEEDS,
        |seed| first_unread(&Stream::of(seed, PLAN)),
        |stream| {
            never_taken_back(stream)?;
            let read = stream.with(stream.events.iter().filter(is_read).cloned().collect());
            same(
                &Engine::fed(stream).standing(),
                &Engine::fed(&read).standing(),
            )
        },
    );
}

fn is_read(event: &&Event) -> bool {
    matches!(event.what, What::Record(_))
}

#[test]
fn without_the_hold_the_same_facts_are_seen_to_accuse() {
    let taken_back = (0..4 * SEEDS).any(|seed| {
        let stream = first_unread(&Stream::of(seed, PLAN));
        let read = stream.with(stream.events.iter().filter(is_read).cloned().collect());
        never_taken_back(&read).is_err()
    });
    assert!(taken_back, "a fact that was not waited for is missed");
}

/// Every record behind which heartbeats follow within the hold is first set aside, and read only
/// once they were heard.
fn first_unread(stream: &Stream) -> Stream {
    let mut events = Vec::new();
    let mut waiting: Option<Event> = None;
    for event in &stream.events {
        let too_late = waiting.as_ref().is_some_and(|first| {
            event.at > first.at.plus(Elapsed::hours(4)) || event.beat().is_none()
        });
        if too_late {
            events.extend(waiting.take());
        }
        match &event.what {
            What::Record(record) if event.thing().is_some() => {
                let head = record.head();
                let feed = FEEDS.into_iter().find(|feed| *feed == event.source());
                let what = What::SetAside {
                    feed: feed.expect("the feeds are these"),
                    reference: Some(head.reference.clone()),
                    version: head.version,
                };
                events.push(Event { at: event.at, what });
                waiting = Some(event.clone());
            }
            _ => events.push(event.clone()),
        }
    }
    events.extend(waiting);
    stream.with(events)
}

#[test]
fn a_heartbeat_from_the_future_is_not_let_in() {
    let from = Moment::parse("2026-03-01").expect("well formed").earliest();
    let feeds = truecount::domain::Feeds::declared(vec![feed("rms", Some(from))]);
    let at = Moment::parse("2026-05-01T12:00:00Z")
        .expect("well formed")
        .earliest();
    for (ahead, comes_in) in [(5, true), (6, false)] {
        let What::Record(record) = beat("rms", 1, at.plus(Elapsed::seconds(ahead))).what else {
            panic!("a heartbeat is a record");
        };
        assert!(matches!(record, Record::Heartbeat(_)));
        assert_eq!(
            intake::admit(&record, at, &feeds, true).is_ok(),
            comes_in,
            "{ahead} s ahead"
        );
    }
}
