//! Laws of bounds: nothing that one record, one rule or one broken adapter does can stop the rest or
//! grow without end. And what a deletion leaves behind.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use truecount::domain::exception::Tally;
use truecount::domain::records::Block;
use truecount::domain::{
    CrimeCase, Elapsed, Feeds, Instant, Judgement, LondonDay, Missing, Moment,
};
use truecount::reference::Library;
use truecount::rules::{self, Check, Effective, Grade, LawOf, Rule, Severity, Status, Yields};
use truecount::validation::{Alarm, ClaimView, Effect};

use super::engine::{Engine, same};
use super::life::exceptions;
use super::shrink::{SEEDS, hold};
use super::stream::{Event, FEEDS, FORCE, PLAN, Stream, What, admitted, beat, feed};

/// A rule that fails on every crime.
static FAULTY: Rule = Rule {
    id: "REC-999",
    doc: "# Never fails",
    severity: Severity::Low,
    grade: Grade::A,
    status: Status::Stable {
        since: LondonDay::of(2026, 4, 1),
    },
    yields: Yields::Exception,
    concerns: &[Block::Core],
    law_of: LawOf::RecordedAt,
    effective: Effective::Always,
    lead: Elapsed::hours(0),
    findings: &[],
    excuses: &[],
    sources: &[],
    cause: None,
    check: Check::Crime(fails),
};

fn fails(_: &CrimeCase<'_>, _: &Library) -> Vec<Judgement> {
    panic!("as it is meant to");
}

#[test]
fn a_rule_that_fails_stops_nothing_else() {
    let quiet = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let outcome = std::panic::catch_unwind(|| {
        (0..5).try_for_each(|seed| stops_nothing(&Stream::of(seed, PLAN)))
    });
    std::panic::set_hook(quiet);
    assert_eq!(outcome.expect("the fault is contained"), Ok(()));
}

fn stops_nothing(stream: &Stream) -> Result<(), String> {
    let all: Vec<&'static Rule> = rules::all().collect();
    let mut sound = Engine::under(&stream.feeds, all.clone());
    let mut faulty = Engine::under(&stream.feeds, [all, vec![&FAULTY]].concat());
    let mut alarms = 0;
    for event in &stream.events {
        sound.take(event);
        let effects = faulty.take(event);
        let is_fault = |effect: &&Effect| {
            matches!(
                effect,
                Effect::Alarm(Alarm::RuleFault {
                    rule: "REC-999",
                    ..
                })
            )
        };
        alarms += effects.iter().filter(is_fault).count();
    }
    let mut own = 0;
    for line in faulty
        .force()
        .judgements()
        .filter(|line| line.rule == FAULTY.id)
    {
        own += 1;
        if line.missing != [Missing::RULE_FAULT.path()] {
            return Err(format!("{line:?}"));
        }
    }
    if own == 0 || alarms < own {
        return Err(format!("{alarms} alarms for {own} faults"));
    }
    let others = faulty
        .judged()
        .into_iter()
        .filter(|line| !line.contains("REC-999"));
    same(&sound.judged(), &others.collect::<Vec<_>>())?;
    same(&sound.standing(), &faulty.standing())
}

#[test]
fn a_record_with_two_thousand_links_is_too_many_and_no_more() {
    let mut engine = Engine::new(&declared());
    let links: Vec<Value> = (0..2_000)
        .map(|number| json!({"to": format!("C{number}"), "kind": "source"}))
        .collect();
    let mut incident = incident("I1", 1);
    incident["links"] = json!(links);
    engine.take(&event(&incident));
    let of_rule = |engine: &Engine, rule: &str| {
        let line = engine.force().judgements().find(|line| line.rule == rule);
        line.expect("the rule judges incidents").missing
    };
    assert_eq!(
        of_rule(&engine, "REC-010"),
        [Missing::TOO_MANY_LINKS.path()]
    );
    incident["links"] = json!(links[..500]);
    incident["version"] = json!(2);
    engine.take(&event(&incident));
    assert_ne!(
        of_rule(&engine, "REC-010"),
        [Missing::TOO_MANY_LINKS.path()]
    );
}

#[test]
fn two_thousand_crimes_may_name_one_incident() {
    let mut engine = Engine::new(&declared());
    engine.take(&event(&incident("I1", 1)));
    for number in 0..2_000 {
        let mut crime = crime(&format!("C{number}"), 1);
        crime["origin"] = json!([{"incident": "I1", "kind": "related"}]);
        engine.take(&event(&crime));
    }
    let line = engine
        .force()
        .judgements()
        .find(|line| line.rule == "REC-010");
    let missing = line.expect("the rule judges incidents").missing;
    assert_eq!(missing, [Missing::TOO_MANY_LINKS.path()]);
}

#[test]
fn a_thousand_versions_leave_a_bounded_ledger() {
    let mut engine = Engine::new(&declared());
    for version in 0..1_000 {
        engine.take(&event(&crime("C1", version)));
    }
    let found = engine.force().inspect(&"C1".into());
    assert!(
        found[0].versions.len() <= 256,
        "{} rows",
        found[0].versions.len()
    );
}

#[test]
fn ten_thousand_unread_records_leave_bounded_claims_that_still_hold() {
    let mut engine = Engine::new(&declared());
    let start = at("2026-05-01T12:00:00Z");
    engine.take(&beat("rms", 1, start));
    let unread = |number: usize, minutes| Event {
        at: start.plus(Elapsed::minutes(minutes)),
        what: What::SetAside {
            feed: "rms",
            reference: Some(format!("C{number}").into()),
            version: Some(1),
        },
    };
    for number in 0..10_000 {
        engine.take(&unread(number, 40));
    }
    for number in 0..10_000 {
        engine.take(&event(&crime(&format!("C{number}"), 1)));
    }
    engine.take(&beat("rms", 2, start.plus(Elapsed::hours(3))));
    assert_eq!(
        claim(&engine).through,
        start,
        "the last of them is still unread"
    );
    engine.take(&beat("rms", 3, start.plus(Elapsed::hours(30))));
    assert_eq!(claim(&engine).through, start.plus(Elapsed::hours(30)));
    assert!(claim(&engine).held_by + claim(&engine).expired <= 2_000);
}

fn claim(engine: &Engine) -> ClaimView {
    let mut claims = engine.force().claims();
    claims
        .find(|claim| claim.feed.as_str() == "rms")
        .expect("it is declared")
}

#[test]
fn a_stub_learns_names_from_an_old_version_and_its_disposal_accuses_nobody() {
    let names_crime = json!([{"to": "C1", "kind": "source"}]);
    let mut crime = crime("C1", 1);
    crime["origin"] = json!([{"incident": "I1", "kind": "source"}]);
    let gone = deleted("C1", 2, "lawful_disposal");
    let mut closed = incident("I1", 1);
    closed["closure"] =
        json!({"closed_at": "2026-05-02T12:00:00Z", "scheme": "nicl", "category": "crime"});
    let mut linked = closed.clone();
    linked["links"] = names_crime;
    let proved: Vec<Event> = FEEDS
        .iter()
        .map(|feed| beat(feed, 1, at("2026-09-01T12:00:00Z")))
        .collect();
    for (records, what) in [
        (vec![&closed, &crime, &gone], "in order"),
        (vec![&closed, &gone, &crime], "the deletion first"),
        (vec![&gone, &crime, &closed], "the incident last"),
        (vec![&linked, &gone], "named by the incident alone"),
    ] {
        let mut engine = Engine::new(&declared());
        for event in records
            .iter()
            .map(|record| event(record))
            .chain(proved.iter().cloned())
        {
            let effects = engine.take(&event);
            assert_eq!(exceptions(&effects).count(), 0, "{what}: {effects:#?}");
        }
        let lines = engine.force().judgements();
        let accused = lines.filter(|line| line.verdict == "breach").count();
        assert_eq!(accused, 0, "{what}");
    }
    let mut engine = Engine::new(&declared());
    for event in [event(&closed), event(&deleted("C1", 2, "created_in_error"))]
        .into_iter()
        .chain(proved)
    {
        engine.take(&event);
    }
    assert!(
        !engine.standing().is_empty(),
        "without a crime the incident is accused"
    );
}

#[test]
fn a_disposal_leaves_its_counts_and_another_deletion_takes_them_out() {
    for (reason, left) in [
        ("lawful_disposal", true),
        ("created_in_error", false),
        ("unknown", false),
    ] {
        let mut engine = Engine::new(&declared());
        engine.take(&event(&crime("C1", 1)));
        let before = counted(&engine);
        engine.take(&event(&deleted("C1", 2, reason)));
        let expected = if left {
            before.clone()
        } else {
            BTreeMap::new()
        };
        assert_eq!(counted(&engine), expected, "{reason}");
        engine.take(&event(&crime("C1", 3)));
        assert_eq!(counted(&engine), before, "{reason} and back");
    }
}

fn counted(engine: &Engine) -> BTreeMap<usize, Tally> {
    let tallies = engine.force().tallies().iter();
    let tallies = tallies.filter(|(_, tally)| **tally != Tally::default());
    tallies.map(|(key, tally)| (key.rule, *tally)).collect()
}

#[test]
fn a_decision_that_turns_to_another_record_leaves_the_first() {
    let turned = |first: &str, then: &str| {
        let decide = |version: i64, reference: &str| {
            let record = json!({
                "record": "decision", "force": FORCE, "source": "desk", "reference": "W1",
                "version": version, "committed_at": "2026-05-03T12:00:00Z", "kind": "waive",
                "about": {"record": "crime", "reference": reference, "rule": "REC-030"},
                "at": "2026-05-03T12:00:00Z", "by": {"role": "force_crime_registrar"},
                "reason_code": "agreed", "expires_at": "2027-05-03T12:00:00Z",
            });
            event(&record)
        };
        [decide(1, first), decide(2, then)]
    };
    let late = |reference: &str| {
        let mut crime = crime(reference, 1);
        crime["core"]["recorded_at"] = json!("2026-05-05T12:00:00Z");
        event(&crime)
    };
    let [one, two] = turned("C1", "C2");
    let proved: Vec<Event> = FEEDS
        .iter()
        .map(|feed| beat(feed, 1, at("2026-09-01T12:00:00Z")))
        .collect();
    let stands = |decisions: &[&Event]| {
        let mut engine = Engine::new(&declared());
        let events = [late("C1"), late("C2")].into_iter().chain(proved.clone());
        for event in events.chain(decisions.iter().map(|event| (*event).clone())) {
            engine.take(&event);
        }
        engine.standing()
    };
    let turned = stands(&[&one, &two]);
    assert_eq!(turned, stands(&[&two]));
    assert_eq!(turned, stands(&[&two, &one]));
    assert_eq!(
        turned.iter().filter(|line| line.contains("waived")).count(),
        1,
        "{turned:#?}"
    );
}

#[test]
fn one_record_makes_a_bounded_number_of_effects() {
    hold(
        SEEDS,
        |seed| Stream::of(seed, PLAN),
        |stream| {
            let mut engine = Engine::new(&stream.feeds);
            for event in stream.events.iter().filter(|event| event.thing().is_some()) {
                let effects = engine.take(event);
                let counted = effects
                    .iter()
                    .filter(|one| matches!(one, Effect::Counted(_)))
                    .count();
                if counted != 1 {
                    return Err(format!("{counted} dispositions of {event}"));
                }
            }
            Ok(())
        },
    );
}

pub(crate) fn declared() -> Feeds {
    let from = at("2026-03-01T00:00:00Z");
    let mut feeds = vec![feed("desk", None)];
    feeds.extend(FEEDS.iter().map(|name| feed(name, Some(from))));
    Feeds::declared(feeds)
}

pub(crate) fn at(text: &str) -> Instant {
    Moment::parse(text).expect("well formed").earliest()
}

pub(crate) fn event(record: &Value) -> Event {
    let at = at("2026-05-20T12:00:00Z");
    let record = admitted(record, at, &declared()).expect("the records of these tests come in");
    Event {
        at,
        what: What::Record(record),
    }
}

pub(crate) fn incident(reference: &str, version: i64) -> Value {
    json!({
        "record": "incident", "force": FORCE, "source": "cad", "reference": reference,
        "version": version, "committed_at": "2026-05-02T12:00:00Z",
        "log": {"received_at": "2026-05-01T12:00:00Z", "reporter_role": "victim"},
        "disclosures": [{
            "id": "d1", "at": "2026-05-01T12:00:00Z", "status": "disclosed", "basis": "victim",
            "set_by": {"role": "call_handler"}, "offence_class": "8N", "regime": "none",
        }],
        "closure": {}, "links": [],
    })
}

pub(crate) fn crime(reference: &str, version: i64) -> Value {
    json!({
        "record": "crime", "force": FORCE, "source": "rms", "reference": reference,
        "version": version, "committed_at": "2026-05-01T13:00:00Z",
        "core": {
            "kind": "crime", "status": "recorded", "basis": "victim", "offence_class": "8N",
            "offence_code": "008/06", "reported_at": "2026-05-01T12:00:00Z",
            "recorded_at": "2026-05-01T13:00:00Z",
        },
        "origin": [],
    })
}

fn deleted(reference: &str, version: i64, reason: &str) -> Value {
    json!({
        "record": "crime", "force": FORCE, "source": "rms", "reference": reference,
        "version": version, "committed_at": "2026-05-03T12:00:00Z",
        "deleted": {"reason": reason, "at": "2026-05-03T12:00:00Z"},
    })
}
