//! The world without a process: whatever is held back and let in again, what stands in the end is what
//! would have stood without. Start at the first test.

use std::sync::{Arc, OnceLock};

use truecount::demo::{Asked, Speaks, Taken, Turn, World};
use truecount::domain::{Elapsed, LondonDay, Reason};
use truecount::generate;
use truecount::reference::Library;
use truecount::validation::{Alarm, Effect, RuleSet};

#[test]
fn switches_change_when_a_verdict_is_told_and_never_what_it_is() {
    let undisturbed = judged(&mut world(3), &[]);
    assert!(undisturbed.iter().any(|line| line.contains("\"breach\"")));
    for turns in [
        vec![(20, "rms", Speaks::Silent), (70, "rms", Speaks::AtOnce)],
        vec![(5, "cad", Speaks::AtNight), (90, "cad", Speaks::AtOnce)],
        vec![
            (10, "victim-hub", Speaks::Silent),
            (30, "rms", Speaks::AtNight),
            (60, "victim-hub", Speaks::AtNight),
            (80, "victim-hub", Speaks::AtOnce),
            (81, "rms", Speaks::Silent),
            (100, "rms", Speaks::AtOnce),
        ],
    ] {
        assert_eq!(judged(&mut world(3), &turns), undisturbed, "{turns:?}");
    }
}

#[test]
fn a_feed_that_is_never_revived_is_seen() {
    let undisturbed = judged(&mut world(3), &[]);
    let silenced = judged(&mut world(3), &[(20, "rms", Speaks::Silent)]);
    assert_ne!(silenced, undisturbed);
}

#[test]
fn what_comes_late_breaks_no_promise() {
    let mut world = world(4);
    let mut alarms = Vec::new();
    let mut hear = |taken: Vec<Taken>| {
        for one in taken {
            let effects = match one {
                Taken::Followed(effects) => effects,
                Taken::SetAside(reason) => {
                    assert_eq!(reason, Reason::UnreadableJson);
                    continue;
                }
            };
            alarms.extend(effects.into_iter().filter_map(|effect| match effect {
                Effect::Alarm(Alarm::NoLongerTold { .. }) => None,
                Effect::Alarm(alarm) => Some(alarm),
                _ => None,
            }));
        }
    };
    for (hours, to) in [
        (10, Speaks::Silent),
        (60, Speaks::AtNight),
        (110, Speaks::AtOnce),
    ] {
        hear(world.pass(FIRST.start().plus(Elapsed::hours(hours))));
        let feed = "cad".into();
        hear(world.turn(&Turn { feed, to }).expect("it is a feed"));
    }
    hear(world.pass(FIRST.start().plus(Elapsed::hours(130))));
    assert_eq!(alarms, []);
}

#[test]
fn a_record_that_comes_cut_off_is_set_aside_and_holds_nothing_once_it_comes_whole() {
    let mut world = world(6);
    let _ = world.pass(FIRST.start().plus(Elapsed::hours(HOURS)));
    assert!(world.set_aside() >= 2, "{}", world.set_aside());
    let force = world.force().expect("it is declared");
    for claim in force.claims() {
        assert_eq!((claim.held_by, claim.expired), (0, 0), "{claim:?}");
    }
    let sums = force.balance().partitions().map(|(_, sums)| sums);
    let (set_aside, off) = sums.fold((0, 0), |(set_aside, off), sums| {
        (set_aside + sums.quarantined, off + sums.off.abs())
    });
    assert_eq!((set_aside, off), (world.set_aside(), 0));
}

#[test]
fn a_run_that_is_over_begins_anew_with_other_records() {
    let mut first = world(5);
    let _ = first.pass(FIRST.start().plus(Elapsed::hours(30)));
    let things = first.force().map_or(0, |force| force.things());
    let mut second = first.begin_anew(rules());
    assert_eq!(second.round(), 2);
    assert_eq!(second.force().map_or(0, |force| force.things()), 0);
    let _ = second.pass(FIRST.start().plus(Elapsed::hours(30)));
    assert!(things > 20 && second.force().map_or(0, |force| force.things()) > 20);
    let mut same = world(5);
    assert_ne!(judged(&mut second, &[]), judged(&mut same, &[]));
}

const FIRST: LondonDay = LondonDay::of(2026, 5, 1);
/// Hours that are run through in all.
const HOURS: i64 = 120;

/// What is judged in the end, when these switches are turned after so many hours.
fn judged(world: &mut World, turns: &[(i64, &str, Speaks)]) -> Vec<String> {
    for (hours, feed, to) in turns {
        let _ = world.pass(FIRST.start().plus(Elapsed::hours(*hours)));
        let (feed, to) = ((*feed).into(), *to);
        world.turn(&Turn { feed, to }).expect("it is a feed");
    }
    let _ = world.pass(FIRST.start().plus(Elapsed::hours(HOURS)));
    let force = world.force().expect("it is declared");
    let lines = force.judgements();
    lines
        .map(|line| serde_json::to_string(&line).expect("a line is JSON"))
        .collect()
}

fn world(seed: u64) -> World {
    let asked = Asked {
        traffic: generate::Asked {
            force: "northamptonshire".into(),
            from: FIRST,
            days: None,
            seed,
            things_a_day: 40,
            defects: 300_000,
            near_misses: 130_000,
            nightly: None,
        },
        ahead: 1,
        days: 60,
    };
    World::new(asked, rules())
}

fn rules() -> Arc<RuleSet> {
    static RULES: OnceLock<Arc<RuleSet>> = OnceLock::new();
    let library = || Library::shipped("national").expect("the profile is shipped");
    Arc::clone(RULES.get_or_init(|| Arc::new(RuleSet::of(library()))))
}
