//! A lane under seeded schedules of crashes, failures, refusals and partial reads, held against what a
//! receiver has to be able to rely on. Start at [`whatever_happens_a_receiver_can_rely_on_the_order`].

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::json;

use super::super::revision::tests::told;
use super::*;

const BACKOFF: Backoff = Backoff {
    first_ms: 1_000,
    most_ms: 60_000,
    seed: 3,
};

fn at(millis: i64) -> Instant {
    Instant::from_millis(millis)
}

fn west() -> Route {
    Route {
        units: ["west".into()].into(),
        ..Route::default()
    }
}

/// A lane that has read these, one offset after another, and is at the end.
fn lane(route: Route, of: &[Revision]) -> Lane {
    let mut lane = Lane::new(route, BACKOFF, 100);
    lane.assigned(0, 0);
    for (offset, revision) in of.iter().enumerate() {
        let body = format!("{}/{}", revision.id.as_u128(), revision.revision);
        let of = Some((revision, body.as_bytes()));
        assert!(lane.read(place(0, offset as i64), of, at(0)));
    }
    lane.at_end(0);
    lane
}

const fn place(partition: i32, offset: i64) -> Place {
    Place { partition, offset }
}

fn next(lane: &Lane, now: i64) -> Option<(u128, u32)> {
    let next = lane.next(at(now))?;
    Some((next.id.as_u128(), next.revision))
}

#[test]
fn an_older_revision_is_skipped_for_a_later_one_and_the_position_waits_for_it() {
    let of = [
        told(1, 1, json!({})),
        told(2, 1, json!({})),
        told(1, 2, json!({})),
    ];
    let mut lane = lane(Route::default(), &of);
    assert_eq!((next(&lane, 0), lane.take_skipped()), (Some((1, 2)), 1));
    assert_eq!(lane.next(at(0)).expect("it waits").body, b"1/2");
    assert_eq!(lane.positions(), []);
    lane.taken(Uuid::from_u128(1));
    assert_eq!(
        (next(&lane, 0), lane.positions()),
        (Some((2, 1)), vec![(0, 1)])
    );
    lane.refused(Uuid::from_u128(2));
    assert_eq!((next(&lane, 0), lane.positions()), (None, vec![(0, 3)]));
    lane.committed(&[(0, 3)]);
    assert_eq!((lane.positions(), lane.waiting()), (vec![], 0));
}

#[test]
fn nothing_is_delivered_before_the_end_or_the_window_is_reached() {
    let mut lane = Lane::new(Route::default(), BACKOFF, 2);
    lane.assigned(0, 5);
    lane.assigned(1, 0);
    let one = told(1, 1, json!({}));
    assert!(lane.read(place(0, 5), Some((&one, b"x")), at(0)));
    assert!(
        !lane.read(place(0, 5), Some((&one, b"x")), at(0)),
        "it was read"
    );
    assert!(
        !lane.read(place(7, 5), Some((&one, b"x")), at(0)),
        "it is another's"
    );
    lane.at_end(1);
    assert_eq!(next(&lane, 0), None);
    // The end of a transaction takes an offset too.
    assert!(lane.read(place(0, 7), None, at(0)));
    assert_eq!((next(&lane, 0), lane.has_room(0)), (Some((1, 1)), false));
    lane.let_go();
    assert_eq!((next(&lane, 0), lane.partitions().count()), (None, 0));
}

#[test]
fn a_failure_makes_all_wait_a_little_and_its_own_longer() {
    let of = [told(1, 1, json!({})), told(2, 1, json!({}))];
    let mut lane = lane(Route::default(), &of);
    lane.failed(Uuid::from_u128(1), None, at(0));
    assert_eq!(next(&lane, 0), None);
    assert_eq!(
        next(&lane, 1_000),
        Some((2, 1)),
        "the one that failed goes behind"
    );
    lane.taken(Uuid::from_u128(2));
    assert_eq!(next(&lane, 1_000), Some((1, 1)));
    lane.failed(Uuid::from_u128(1), Some(at(90_000)), at(1_000));
    assert_eq!(
        (next(&lane, 89_999), next(&lane, 90_000)),
        (None, Some((1, 1)))
    );
    assert_eq!((lane.oldest(), lane.positions()), (Some(at(0)), vec![]));
}

#[test]
fn who_was_told_is_told_when_it_goes_elsewhere_and_nobody_else_is() {
    let east = |number, revision| told(number, revision, json!({"owning_unit": "east"}));
    let mut moved = lane(west(), &[told(1, 1, json!({})), east(2, 1)]);
    assert_eq!(moved.waiting(), 1);
    moved.taken(Uuid::from_u128(1));
    for (offset, revision) in [(2, east(1, 2)), (3, east(2, 2))] {
        assert!(moved.read(place(0, offset), Some((&revision, b"x")), at(0)));
    }
    assert_eq!(next(&moved, 0), Some((1, 2)));
    moved.taken(Uuid::from_u128(1));
    assert!(moved.read(place(0, 4), Some((&east(1, 3), b"x")), at(0)));
    assert_eq!((next(&moved, 0), moved.positions()), (None, vec![(0, 5)]));
    // Of a start: what it knows stands in the book; what it may have been told waits again.
    let mut again = Lane::new(west(), BACKOFF, 100);
    again.knows([Uuid::from_u128(1)].into_iter());
    again.assigned(0, 0);
    assert!(again.read(place(0, 0), Some((&east(1, 2), b"x")), at(0)));
    assert_eq!(again.waiting(), 1);
    let both = lane(west(), &[told(3, 1, json!({})), east(3, 2)]);
    assert_eq!(next(&both, 0), Some((3, 2)));
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
        log[(id % 2) as usize].push(told(id, *revision, more));
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
        let mut now = 0;
        loop {
            steps += 1;
            now += chance.random_range(0..3_000);
            step(chance, &mut lane, log, at(now), &mut receiver, steps);
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

fn step(
    chance: &mut StdRng,
    lane: &mut Lane,
    log: &[Vec<Revision>; 2],
    now: Instant,
    receiver: &mut Receiver,
    steps: u32,
) {
    for (partition, part) in (0..).zip(log) {
        for _ in 0..chance.random_range(0..6) {
            let from = lane.parts[&partition].next;
            match part.get(from as usize) {
                Some(revision) if lane.has_room(partition) => {
                    let body = format!("{}/{}", revision.id, revision.revision);
                    let of = Some((revision, body.as_bytes()));
                    lane.read(place(partition, from), of, at(0));
                }
                Some(_) => {}
                None => lane.at_end(partition),
            }
        }
    }
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
