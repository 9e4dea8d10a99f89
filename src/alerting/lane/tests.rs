//! A lane step by step. Seeded schedules of crashes and failures stand in `tests/alerting/order.rs`.
//! Start at [`lane`].

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
