//! A feed silenced by the page's own button: its claim stands, the deadlines that rest on it wait, and
//! nobody is accused on its word; revived, they fall. Waits for times of the made-up force and never for
//! ours. Start at the first test.

use std::collections::BTreeSet;

use serde_json::Value;
use truecount::domain::{Elapsed, Instant};

use super::process::{Running, feed, instant};

const BUSY: [&str; 6] = ["--things", "3000", "--speed", "10800", "--defects", "0.3"];

#[test]
fn a_silenced_feed_holds_its_deadlines_and_revived_it_lets_them_fall() {
    let running = Running::with(&BUSY);
    let mut revisions = Revisions::default();
    running.press("turn-rms-silent");
    let start = running.state();
    revisions.take(&start);
    let silent = &feed(&start, "rms");
    let (claim, waiting) = (
        instant(&silent["proved_through"]),
        silent["waiting"].as_u64(),
    );

    let later = instant(&start["now"]).plus(Elapsed::hours(30));
    let end = running.until("30 hours passed in the force", |running| {
        let state = running.state();
        let silent = feed(&state, "rms");
        assert_eq!(
            instant(&silent["proved_through"]),
            claim,
            "its claim stands"
        );
        for accusation in revisions.take(&state) {
            let exception = &accusation["exception"];
            let frontier = instant(&exception["provenance"]["frontier"]);
            let is_past = exception["due"].is_string() && instant(&exception["due"]) >= claim;
            assert!(
                !rests_on(&accusation, "rms") || (frontier <= claim && !is_past),
                "nobody is accused past {claim}: {accusation}"
            );
        }
        (instant(&state["now"]) > later).then_some(state)
    });
    let silent = feed(&end, "rms");
    assert!(silent["waiting"].as_u64() > waiting, "{silent}");
    assert!(silent["waiting"].as_u64() >= Some(5), "{silent}");
    assert!(silent["held_back"].as_u64() > Some(100), "{silent}");
    assert!(instant(&silent["waiting_since"]) >= claim, "{silent}");
    assert!(
        instant(&feed(&end, "cad")["proved_through"]) > claim.plus(Elapsed::hours(28)),
        "the others go on"
    );
    let page = running.get("/").body;
    assert!(
        page.contains("Nobody is accused on missing data."),
        "{page}"
    );

    running.press("turn-rms-at_once");
    let revived = running.state();
    let fallen: Vec<Value> = revisions
        .take(&revived)
        .into_iter()
        .filter(|one| rests_on(one, "rms") && is_due_in(one, claim, &revived["now"]))
        .collect();
    assert!(fallen.len() >= 3, "those that were missed fall: {fallen:?}");
    let released = &revived["released"];
    assert_eq!(released["feed"], "rms");
    assert!(released["raised"].as_u64() >= Some(3), "{released}");
    assert!(released["decided"].as_u64() >= released["raised"].as_u64());
    let spoken = feed(&revived, "rms");
    assert_eq!(spoken["held_back"], 0);
    assert!(spoken["waiting"].as_u64() < silent["waiting"].as_u64());

    let ids: BTreeSet<String> = fallen.iter().map(id).collect();
    let later = instant(&revived["now"]).plus(Elapsed::hours(12));
    running.until("12 more hours passed", |running| {
        let state = running.state();
        revisions.take(&state);
        (instant(&state["now"]) > later).then_some(())
    });
    let taken_back = revisions
        .all
        .iter()
        .filter(|one| ids.contains(&id(one)) && one["exception"]["because"] == "met_in_time");
    assert_eq!(taken_back.collect::<Vec<_>>(), [] as [&Value; 0]);
}

#[test]
fn a_feed_that_publishes_at_night_is_proved_once_a_night() {
    let running = Running::with(&BUSY);
    running.press("turn-rms-at_night");
    let start = running.state();
    let mut claims = BTreeSet::new();
    let later = instant(&start["now"]).plus(Elapsed::hours(50));
    let end = running.until("two nights passed", |running| {
        let state = running.state();
        claims.insert(instant(&feed(&state, "rms")["proved_through"]));
        (instant(&state["now"]) > later).then_some(state)
    });
    assert_eq!(claims.len(), 3, "before, and after each of two nights");
    assert!(end["released"].is_object(), "{end}");
}

/// Every revision that was published while the test looked on.
#[derive(Default)]
struct Revisions {
    all: Vec<Value>,
    last: u64,
}

impl Revisions {
    /// Takes what is new, and gives those that accuse somebody.
    fn take(&mut self, state: &Value) -> Vec<Value> {
        let newest = state["newest"].as_array().expect("revisions are told");
        let first = newest.last().and_then(|one| one["number"].as_u64());
        assert!(
            self.last == 0 || first <= Some(self.last + 1),
            "none is missed between two looks"
        );
        let mut new: Vec<Value> = newest
            .iter()
            .filter(|one| one["number"].as_u64() > Some(self.last))
            .cloned()
            .collect();
        new.reverse();
        self.last = state["published"].as_u64().expect("a number");
        self.all.extend(new.iter().cloned());
        new.retain(|one| {
            ["raised", "remedied"].contains(&one["exception"]["state"].as_str().unwrap_or_default())
        });
        new
    }
}

fn rests_on(revision: &Value, feed: &str) -> bool {
    let mut feeds = revision["rests_on"].as_array().into_iter().flatten();
    feeds.any(|name| name == feed)
}

fn is_due_in(revision: &Value, from: Instant, until: &Value) -> bool {
    let due = &revision["exception"]["due"];
    due.is_string() && (from..instant(until)).contains(&instant(due))
}

fn id(revision: &Value) -> String {
    revision["exception"]["id"].to_string()
}
