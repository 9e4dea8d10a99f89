//! The consumer is killed again and again while exceptions change and its webhook fails in every way
//! that is known: what the webhook has to be able to rely on holds all the same.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use crate::publishing::{Publisher, exception, id};
use crate::receiver::{Post, Receiver};
use crate::rig::Rig;
use crate::running::{Running, Setup, target};

const KILLS: u32 = 10;
const EXCEPTIONS: u128 = 5_000;
/// Each is published once, and changed once more on the average.
const CHANGES: u32 = 10_000;
const SEED: u64 = 6;

#[test]
fn killed_ten_times_while_five_thousand_change_it_loses_nothing_and_keeps_the_order() {
    let mut chance = StdRng::seed_from_u64(SEED);
    let rig = Rig::shared();
    let publisher = Publisher::new(rig.access(), 3);
    let mut receiver = Receiver::start();
    let lines = target("webhook", "desk", &receiver.url("/desk"));
    let lines = format!("[http]\nretry_first_ms = 50\nretry_most_ms = 400\nwindow = 2000\n{lines}");
    let setup = Setup::new(rig.access(), &publisher, &lines);
    let mut changes = Changes::default();

    for kill in 0..KILLS {
        let before = receiver.posts().len();
        let running = Running::launch(&setup);
        publish(&mut chance, &publisher, &mut changes, CHANGES / KILLS);
        // One is killed before it has done anything, others in the middle of it.
        let more = if kill == 1 {
            0
        } else {
            chance.random_range(5..600)
        };
        match kill {
            3 => fails_for_a_while(&receiver),
            6 => {
                receiver.go_down();
                is_refused(&running, 5.0);
                receiver.come_up();
            }
            _ => {}
        }
        running.wait_until("some are delivered", || {
            receiver.posts().len() >= before + more
        });
        eprintln!(
            "{kill}: {} posts\n{}",
            receiver.posts().len(),
            running.said()
        );
        running.kill9();
    }
    assert_eq!(changes.revisions.values().sum::<u32>(), CHANGES);
    assert!(
        changes.revisions.len() as u128 > EXCEPTIONS * 9 / 10,
        "that many change"
    );

    let last = Running::start(&setup);
    last.wait_until("every final state is told", || {
        let told = highest(&receiver.taken("/desk"));
        told == changes.revisions
    });
    last.wait_until("nothing waits", || {
        last.metric("truecount_alert_waiting{target=\"desk\"}") == Some(0.0)
    });
    let _ = last.stop();
    holds(&receiver, &changes);
}

/// What a receiver relies on.
fn holds(receiver: &Receiver, changes: &Changes) {
    let posts = receiver.posts();
    let mut said: BTreeMap<&str, &Post> = BTreeMap::new();
    let mut highest: BTreeMap<String, u64> = BTreeMap::new();
    let (mut again, mut told) = (0, 0);
    for post in posts.iter() {
        assert!(
            post.is_signed(),
            "{}: the signature is of another body",
            post.key
        );
        if let Some(first) = said.insert(&post.key, post) {
            assert_eq!(
                first.body, post.body,
                "{}: a duplicate says the same",
                post.key
            );
            again += u32::from(post.status < 300);
            continue;
        }
        let body = post.json();
        let (id, revision) = (
            body["id"].as_str().expect("one"),
            body["revision"].as_u64().expect("one"),
        );
        assert_eq!(post.key, format!("{id}/{revision}"));
        assert_eq!(
            body, changes.published[&post.key],
            "it is as it was published"
        );
        let highest = highest.entry(id.to_owned()).or_default();
        assert!(revision > *highest, "{id}: {revision} came after {highest}");
        *highest = revision;
        told += 1;
    }
    // Were nothing repeated or nothing skipped, the test would show nothing.
    eprintln!(
        "{} posts, {told} revisions, {again} taken twice",
        posts.len()
    );
    assert!(again > 0 && told < CHANGES, "{again} {told}");
}

/// The highest revision of each id that was taken.
fn highest(taken: &[Post]) -> BTreeMap<String, u32> {
    let mut highest: BTreeMap<String, u32> = BTreeMap::new();
    for post in taken {
        let (id, revision) = post.key.split_once('/').expect("a key has both");
        let revision: u32 = revision.parse().expect("a number");
        let of = highest.entry(id.to_owned()).or_default();
        *of = revision.max(*of);
    }
    highest
}

/// What was published.
#[derive(Default)]
struct Changes {
    revisions: BTreeMap<String, u32>,
    published: BTreeMap<String, Value>,
}

/// Publishes so many changes, of exceptions that are new or known, in transactions of which some come to nothing.
fn publish(chance: &mut StdRng, publisher: &Publisher, changes: &mut Changes, count: u32) {
    let mut left = count;
    while left > 0 {
        let mut batch = Vec::new();
        for _ in 0..left.min(chance.random_range(1..60)) {
            let known = changes.revisions.len() as u128;
            let number = match chance.random_bool(0.5) {
                true if known < EXCEPTIONS => known,
                _ => chance.random_range(0..known.max(1)),
            };
            let revision = changes.revisions.entry(id(number)).or_default();
            *revision += 1;
            let states = ["due_soon", "raised", "remedied", "met", "withdrawn"];
            let state = states[chance.random_range(0..states.len())];
            let made = exception(number, *revision, json!({"state": state}));
            changes
                .published
                .insert(format!("{}/{revision}", id(number)), made.clone());
            batch.push(made);
        }
        left -= batch.len() as u32;
        if chance.random_bool(0.2) {
            let spoilt: Vec<Value> = batch
                .iter()
                .map(|made| {
                    let mut made = made.clone();
                    made["title"] = "never committed".into();
                    made
                })
                .collect();
            publisher.abandon(&spoilt);
        }
        publisher.publish(&batch);
    }
}

/// Says 503 and 429 for a while, and then 500 now and then.
fn fails_for_a_while(receiver: &Receiver) {
    let asked = Arc::new(AtomicU32::new(0));
    receiver.answer(move |_| match asked.fetch_add(1, Ordering::Relaxed) {
        0..20 => (503, ""),
        20..25 => (429, "Retry-After: 1\r\n"),
        number @ 25..300 if number % 7 == 0 => (500, ""),
        _ => (204, ""),
    });
}

/// Waits until so many attempts have failed.
fn is_refused(running: &Running, times: f64) {
    let series = "truecount_alert_deliveries_total{outcome=\"failed\",target=\"desk\"}";
    running.wait_until("attempts fail", || {
        running.metric(series).is_some_and(|failed| failed >= times)
    });
}
