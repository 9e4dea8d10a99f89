//! A deadline falls with what proves it and with nothing else: heartbeats, the silence that a feed has
//! promised, the release of what was set aside. And the feed that holds it is named.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use truecount::domain::{Elapsed, Instant as Moment};

use crate::readers::Follower;
use crate::rig::Rig;
use crate::serving::Serving;
use crate::small::{Small, crime, incident, wait_until};

const REPORTED: &str = "2026-04-01T09:00:00+01:00";
const DUE: &str = "2026-04-02T09:00:00+01:00";
/// How long a claim is watched that must not move: several looks for a proof.
const WATCHED: Duration = Duration::from_secs(4);

#[test]
fn a_deadline_falls_with_the_heartbeat_that_proves_it_and_the_feed_that_holds_it_is_named() {
    let small = Small::new(Rig::shared().access()).made();
    let mut serving = small.serve();
    small.tell("cad", &incident("NP-1", REPORTED));
    for feed in ["cad", "rms"] {
        // Due is not past due.
        small.beat(feed, DUE);
    }
    assert!(!small.is_raised("REC-010", "NP-1"));

    // One feed goes on, the other's heartbeats have stopped.
    small.beat("cad", "2026-04-05T09:00:00+01:00");
    assert!(!small.is_raised("REC-010", "NP-1"));
    is_held_by_rms(&small, &serving);

    // All intake stops, while what would prove it stands in the source.
    assert_eq!(serving.stop(), Some(0));
    let only_judging = small.clone().with("service", "intake = false");
    let mut judging = only_judging.serve();
    small.beat("rms", "2026-04-02T09:00:01+01:00");
    is_held_by_rms(&small, &judging);
    let published = Follower::follow(&small.plan.access, &small.plan.output("exceptions"));
    thread::sleep(WATCHED);
    let raised = |one: &Value| one["state"] == "raised" && one["rule"] == "REC-010";
    assert!(
        published
            .so_far()
            .iter()
            .all(|(seen, _)| !raised(&seen.json())),
        "nobody has read the heartbeat"
    );
    assert_eq!(judging.stop(), Some(0));

    let serving = small.serve();
    let (fallen, _) = published.wait_for("the breach", |seen| raised(&seen.json()));
    let fallen = fallen.json();
    assert_eq!(fallen["reference"], "NP-1");
    assert_eq!(fallen["proof"], "stated", "{fallen}");
    wait_until("nobody holds it any longer", || {
        holds(&serving, "rms").unwrap_or_default() == 0.0
    });
}

fn is_held_by_rms(small: &Small, serving: &Serving) {
    wait_until("the metric names the feed that holds it", || {
        holds(serving, "rms").is_some_and(|held| held >= 1.0)
    });
    assert_eq!(holds(serving, "cad"), None, "the other holds nothing");
    let explained = small.explained("NP-1");
    let pending = explained
        .lines()
        .skip_while(|line| !line.contains("REC-010"))
        .take(8)
        .collect::<String>();
    assert!(
        pending.contains("pending") && pending.contains("rms"),
        "{explained}"
    );
}

fn holds(serving: &Serving, feed: &str) -> Option<f64> {
    let label = format!("feed=\"{feed}\"");
    serving.metric("truecount_feed_holds_deadlines", &label)
}

#[test]
fn what_was_set_aside_holds_its_feed_until_it_is_released() {
    let small = Small::new(Rig::shared().access())
        .with("validation", "quarantine_hold_minutes = 0")
        .made();
    let serving = small.serve();
    let both = |through: &str| {
        small.beat("cad", through);
        small.beat("rms", through);
    };

    // A readable version, no older than the unread one.
    both("2026-04-01T08:00:00+01:00");
    small.tell("cad", &incident("NP-1", REPORTED));
    small.tell("rms", &unreadable("34/26/000001", 2));
    both("2026-04-03T10:00:00+01:00");
    small.tell(
        "rms",
        &crime("34/26/000001", 1, "2026-04-03T10:30:00+01:00"),
    );
    assert!(!small.is_raised("REC-010", "NP-1"), "an older one is none");
    is_held_by_rms(&small, &serving);
    small.tell(
        "rms",
        &crime("34/26/000001", 2, "2026-04-03T10:31:00+01:00"),
    );
    assert_eq!(proof(&small, "NP-1"), "stated");

    // A person's decision.
    small.tell("cad", &incident("NP-2", "2026-04-03T11:00:00+01:00"));
    small.tell("rms", &unreadable("34/26/000002", 1));
    both("2026-04-05T10:00:00+01:00");
    assert!(!small.is_raised("REC-010", "NP-2"));
    small.tell("desk", &release("34/26/000002"));
    assert_eq!(proof(&small, "NP-2"), "stated");

    // Time: the feed is proved past the arrival of what nobody repaired.
    small.tell("cad", &incident("NP-3", "2026-04-05T11:00:00+01:00"));
    small.tell("rms", &unreadable("34/26/000003", 1));
    both("2026-04-07T10:00:00+01:00");
    assert!(!small.is_raised("REC-010", "NP-3"));
    both(&text(now()));
    assert_eq!(proof(&small, "NP-3"), "impaired");
    wait_until("the balance is even", || {
        serving.metric("truecount_balance_off", "") == Some(0.0)
    });
}

/// On whose word the accusation of an incident stands.
fn proof(small: &Small, reference: &str) -> String {
    let published = small.published("REC-010", reference);
    let last = published.last().unwrap_or(&Value::Null);
    assert_eq!(last["state"], "raised", "{reference}: {published:#?}");
    last["proof"].as_str().expect("it is a word").to_owned()
}

/// A crime whose head can be read and whose block cannot.
fn unreadable(reference: &str, version: i64) -> Value {
    let mut crime = crime(reference, version, "2026-04-01T12:00:00+01:00");
    crime["core"] = json!(17);
    crime
}

fn release(reference: &str) -> Value {
    let at = "2026-04-05T12:00:00+01:00";
    json!({
        "record": "decision", "force": "kent", "source": "desk", "reference": "R-1", "version": 1,
        "committed_at": at, "kind": "release", "about": {"record": "crime", "reference": reference, "rule": "REC-010"},
        "at": at, "by": {"role": "force_crime_registrar"}, "reason_code": "repaired",
    })
}

#[test]
fn a_feed_without_heartbeats_is_proved_by_its_promise_for_as_long_as_it_lasts() {
    let small = Small::new(Rig::shared().access());
    let mut small = small.with("intake", "proof_every_ms = 500");
    for feed in &mut small.plan.forces[0].feeds {
        if feed.name == "rms" {
            feed.lines
                .push_str("\npublication_lag_minutes = 0\nexpected_every_minutes = 1");
        }
    }
    let small = small.made();
    let mut serving = small.serve();
    let recorded = text(now().minus(Elapsed::hours(1)));
    small.tell("rms", &crime("34/26/000001", 1, &recorded));
    // No later than now: the broker has acknowledged it.
    let (spoke, spoke_at) = (Instant::now(), now());
    // One is due already, one in the middle of the silence that is promised, one after its end.
    let due_in = |seconds: i64| {
        let day_before = spoke_at.minus(Elapsed::hours(24));
        text(day_before.plus(Elapsed::seconds(seconds)))
    };
    small.tell("cad", &incident("NP-1", &due_in(-60)));
    small.tell("cad", &incident("NP-2", &due_in(30)));
    small.tell("cad", &incident("NP-3", &due_in(65)));
    small.beat("cad", &text(now()));
    let published = Follower::follow(&small.plan.access, &small.plan.output("exceptions"));
    let accuses = |reference: &str| {
        let (seen, _) = published.wait_for(reference, |seen| {
            let one = seen.json();
            one["rule"] == "REC-010" && one["reference"] == reference && one["state"] == "raised"
        });
        seen.json()
    };
    assert_eq!(accuses("NP-1")["proof"], "declared");

    // Begun again it has to learn how long the feed has been silent.
    assert_eq!(serving.stop(), Some(0));
    let serving = small.serve();
    let is_past = |seconds: u64| spoke.elapsed() > Duration::from_secs(seconds);
    wait_until("the second is due", || is_past(33));
    small.beat("cad", &text(now()));
    assert_eq!(accuses("NP-2")["proof"], "declared");

    wait_until("the silence is longer than was promised", || is_past(75));
    small.beat("cad", &text(now()));
    wait_until("the feed without a word holds the last", || {
        holds(&serving, "rms") >= Some(1.0)
    });
    let claim = || serving.metric("truecount_feed_claim_timestamp_seconds", "feed=\"rms\"");
    let stood = claim().expect("it is shown");
    let last = spoke_at.millis() as f64 / 1000.0 + 60.0;
    assert!((stood - last).abs() < 10.0, "{stood} is about {last}");
    thread::sleep(WATCHED);
    assert_eq!(claim(), Some(stood), "the claim stands still");
    assert!(!small.is_raised("REC-010", "NP-3"));
    // A word of the feed, and it goes on.
    small.tell("rms", &crime("34/26/000002", 1, &text(now())));
    assert_eq!(accuses("NP-3")["proof"], "declared");
}

fn now() -> Moment {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let millis = since.expect("it is after 1970").as_millis();
    // Whole seconds, as systems write them.
    Moment::from_millis(i64::try_from(millis).expect("it is not that late") / 1000 * 1000)
}

fn text(at: Moment) -> String {
    at.to_string()
}
