//! Lanes under seeded schedules of crashes, failures, refusals and partial reads, held against what a
//! receiver has to be able to rely on. Needs no Kafka.

use std::collections::{BTreeMap, BTreeSet};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::json;
use truecount::alerting::{Backoff, Lane, Place, Revision, Route};
use truecount::domain::Instant;

use crate::publishing::exception;

const BACKOFF: Backoff = Backoff {
    first_ms: 1_000,
    most_ms: 60_000,
    seed: 3,
};

fn west() -> Route {
    Route {
        units: ["west".into()].into(),
        ..Route::default()
    }
}

/// What a receiver was sent, in order.
#[derive(Default)]
struct Receiver {
    taken: Vec<(u128, u32, Vec<u8>)>,
    refused: BTreeSet<(u128, u32)>,
}

#[test]
fn whatever_happens_a_receiver_can_rely_on_the_order() {
    let (mut crashes, mut again, mut skipped) = (0, 0, 0);
    for seed in 0..150 {
        let mut chance = StdRng::seed_from_u64(seed);
        let log = log(&mut chance);
        let receiver = run(&mut chance, &log, &mut crashes, &mut skipped);
        let mut highest: BTreeMap<u128, u32> = BTreeMap::new();
        let mut seen: BTreeMap<(u128, u32), &[u8]> = BTreeMap::new();
        for (id, revision, body) in &receiver.taken {
            if let Some(before) = seen.insert((*id, *revision), body) {
                assert_eq!(before, body, "seed {seed}: a duplicate says the same");
                again += 1;
                continue;
            }
            let highest = highest.entry(*id).or_default();
            assert!(
                revision > highest,
                "seed {seed}: {id} {revision} after {highest}"
            );
            *highest = *revision;
        }
        // Each that is the webhook's arrives, is put aside, or is followed by one of which that holds.
        for revision in log.iter().flatten() {
            let (id, number) = (revision.id.as_u128(), revision.revision);
            let is_west = revision.owning_unit == Some("west".into());
            let is_told = highest.get(&id).is_some_and(|highest| *highest >= number);
            let is_aside = receiver.refused.range((id, number)..(id + 1, 0)).next();
            assert!(
                !is_west || is_told || is_aside.is_some(),
                "seed {seed}: revision {number} of {id} is lost"
            );
        }
    }
    assert!(
        crashes > 250 && again > 250 && skipped > 250,
        "{crashes} {again} {skipped}"
    );
}

/// Two partitions of revisions, some of another unit.
fn log(chance: &mut StdRng) -> [Vec<Revision>; 2] {
    let mut revisions: BTreeMap<u128, u32> = BTreeMap::new();
    let mut log = [Vec::new(), Vec::new()];
    for _ in 0..chance.random_range(20..120) {
        let id: u128 = chance.random_range(0..12);
        let revision = revisions.entry(id).or_default();
        *revision += 1;
        let unit = if chance.random_bool(0.8) {
            "west"
        } else {
            "east"
        };
        let state = if chance.random_bool(0.7) {
            "raised"
        } else {
            "met"
        };
        let more = json!({"owning_unit": unit, "state": state});
        let made = exception(id, *revision, more).to_string();
        log[(id % 2) as usize].push(Revision::read(made.as_bytes()).expect("it is one"));
    }
    log
}

/// Runs lanes over the log until everything is read and committed, crashing as chance has it.
fn run(
    chance: &mut StdRng,
    log: &[Vec<Revision>; 2],
    crashes: &mut u32,
    skipped: &mut u64,
) -> Receiver {
    let mut receiver = Receiver::default();
    let mut committed = [0_i64; 2];
    // A crash every few steps at first, none in the end, so that it comes to an end.
    let mut steps = 0;
    let window = chance.random_range(4..30);
    loop {
        let mut lane = Lane::new(west(), BACKOFF, window);
        for (partition, from) in (0..).zip(committed) {
            lane.assigned(partition, from);
        }
        let mut next = committed;
        let mut now = 0;
        loop {
            steps += 1;
            now += chance.random_range(0..3_000);
            read(chance, &mut lane, log, &mut next);
            deliver(
                chance,
                &mut lane,
                Instant::from_millis(now),
                &mut receiver,
                steps,
            );
            *skipped += lane.take_skipped();
            if chance.random_bool(0.3) {
                let positions = lane.positions();
                lane.committed(&positions);
                for (partition, to) in positions {
                    assert!(
                        to > committed[partition as usize],
                        "a position never goes back"
                    );
                    committed[partition as usize] = to;
                }
            }
            let ends = log.each_ref().map(|part| part.len() as i64);
            if committed == ends {
                return receiver;
            }
            if steps < 400 && chance.random_bool(0.05) {
                *crashes += 1;
                break;
            }
        }
    }
}

/// Reads on a little in each partition.
fn read(chance: &mut StdRng, lane: &mut Lane, log: &[Vec<Revision>; 2], next: &mut [i64; 2]) {
    for (partition, part) in (0..).zip(log) {
        for _ in 0..chance.random_range(0..6) {
            let offset = next[partition as usize];
            match part.get(offset as usize) {
                Some(revision) if lane.has_room(partition) => {
                    let body = format!("{}/{}", revision.id, revision.revision);
                    let of = Some((revision, body.as_bytes()));
                    let place = Place { partition, offset };
                    assert!(lane.read(place, of, Instant::from_millis(0)));
                    next[partition as usize] += 1;
                }
                Some(_) => {}
                None => lane.at_end(partition),
            }
        }
    }
}

/// Delivers one, which is taken, refused, or fails, as chance has it.
fn deliver(
    chance: &mut StdRng,
    lane: &mut Lane,
    now: Instant,
    receiver: &mut Receiver,
    steps: u32,
) {
    let Some(next) = lane.next(now) else { return };
    let (id, revision, body) = (next.id, next.revision, next.body.to_vec());
    match chance.random_range(0..10) {
        0 if steps < 400 => lane.failed(id, None, now),
        // It was taken, and the answer was lost.
        1 if steps < 400 => {
            receiver.taken.push((id.as_u128(), revision, body));
            lane.failed(id, None, now);
        }
        2 if id.as_u128() == 7 => {
            receiver.refused.insert((id.as_u128(), revision));
            lane.refused(id);
        }
        _ => {
            receiver.taken.push((id.as_u128(), revision, body));
            lane.taken(id);
        }
    }
}
