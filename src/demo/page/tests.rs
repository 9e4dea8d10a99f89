//! The page over a world that passes: what it says while all speak, while one is silent, and after.

use std::sync::Arc;

use super::super::{Asked, Picture, Speaks, Turn, World};
use super::page;
use crate::domain::names::Source;
use crate::domain::{Elapsed, LondonDay};
use crate::generate;
use crate::reference::Library;
use crate::validation::RuleSet;

#[test]
fn while_all_speak_every_exception_stands_on_complete_data() {
    let text = shown(&world());
    assert!(text.contains("All three systems speak."), "{text}");
    assert!(text.contains("Invented traffic."));
    assert_eq!(text.matches("aria-pressed=\"true\">").count(), 3);
    assert!(!text.contains("Nobody is accused"));
}

#[test]
fn a_silent_system_is_named_with_how_many_deadlines_wait_for_it() {
    let mut world = world();
    turn(&mut world, Speaks::Silent);
    let later = world.now().plus(Elapsed::hours(30));
    let _ = world.pass(later);
    let picture = Picture::of(&world, 600.0);
    let crimes = picture.feeds.iter().find(|feed| feed.name == rms());
    let waiting = crimes.expect("it is a feed").waiting;
    assert!(waiting > 5, "{waiting}");
    let text = page(&picture);
    for says in [
        "Nobody is accused on missing data.",
        "for the crime system.",
        &format!("{waiting} deadlines passed and wait for it, the first since"),
        "Nobody is accused of them.",
        ">Revive<",
    ] {
        assert!(text.contains(says), "{says}\n{text}");
    }
    turn(&mut world, Speaks::AtOnce);
    let text = shown(&world);
    assert!(text.contains("All three systems speak."), "{text}");
    assert!(
        text.contains("the crime system delivered what was held back"),
        "{text}"
    );
}

#[test]
fn every_part_that_changes_can_be_told_by_its_name() {
    let text = shown(&world());
    let mut names: Vec<&str> = text
        .split(" id=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all, "each id stands once");
    assert_eq!(
        text.matches("data-live").count(),
        12 + 1,
        "and in the script"
    );
}

fn shown(world: &World) -> String {
    page(&Picture::of(world, 600.0))
}

fn turn(world: &mut World, to: Speaks) {
    let turn = Turn { feed: rms(), to };
    world.turn(&turn).expect("it is a feed");
}

fn rms() -> Source {
    Source::from("rms")
}

fn world() -> World {
    let library = Library::shipped("national").expect("the profile is shipped");
    let asked = Asked {
        traffic: generate::Asked {
            force: "northamptonshire".into(),
            from: LondonDay::of(2026, 5, 1),
            days: None,
            seed: 1,
            things_a_day: 120,
            defects: 300_000,
            near_misses: 130_000,
            nightly: None,
        },
        ahead: 4,
        days: 60,
    };
    let mut world = World::new(asked, Arc::new(RuleSet::of(library)));
    let _ = world.pass(world.shown_from());
    world
}
