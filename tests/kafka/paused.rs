//! Processes that stand still for too long, and two that bear one name.

use std::thread;
use std::time::{Duration, Instant};

use crate::flow::{FROM, Flow};
use crate::plan::Plan;
use crate::readers::Follower;
use crate::rig::signal::Signal;
use crate::rig::{Access, Rig};
use crate::serving::Serving;

const FORCES: [&str; 2] = ["kent", "essex"];
/// Past the session and the transaction that the plan allows.
const STANDS_STILL: Duration = Duration::from_secs(9);
const PATIENCE: Duration = Duration::from_secs(90);

/// Two forces, and short patience of the broker.
fn impatient(access: &Access) -> Plan {
    let mut plan = Plan::generated(access, &FORCES, FROM, 1, 2, "json");
    // One each: the first of two members takes two of three.
    plan.journal_partitions = 2;
    for line in ["session_timeout_ms = 6000", "transaction_timeout_ms = 6000"] {
        plan.more.push(("kafka".to_owned(), line.to_owned()));
    }
    plan
}

#[test]
fn a_process_that_stood_still_changes_nothing_and_goes_on() {
    let rig = Rig::shared();
    let plan = impatient(rig.access());
    let month = Flow::of(&plan, 60);
    let follower = Follower::follow(rig.access(), &plan.output("exceptions"));
    let mut pausing = Serving::start(&plan, "0");
    let mut other = Serving::start(&plan, "1");
    let flowing = month.begin(3, Some(25));
    wait_until("both judge", || {
        !held(&pausing).is_empty() && !held(&other).is_empty()
    });
    pausing.send(Signal::Stop);
    let paused = Instant::now();
    wait_until("the other takes over", || held(&other) == FORCES);
    thread::sleep(STANDS_STILL.saturating_sub(paused.elapsed()));
    pausing.send(Signal::Continue);
    // It goes on by itself: it knows that it was taken for dead, and joins again.
    wait_until("it is given its share again", || {
        held(&pausing).len() == 1 && held(&other).len() == 1
    });
    flowing.join().expect("every record was sent");
    plan.wait_until_judged();
    assert_eq!(pausing.stop(), Some(0));
    assert_eq!(other.stop(), Some(0));
    month.holds(Some(follower));
}

#[test]
fn of_two_processes_with_one_name_the_newer_lives() {
    let rig = Rig::shared();
    let plan = impatient(rig.access());
    let month = Flow::of(&plan, 60);
    let follower = Follower::follow(rig.access(), &plan.output("exceptions"));
    let mut older = Serving::start(&plan, "0");
    let flowing = month.begin(4, Some(40));
    wait_until("the older judges", || held(&older) == FORCES);
    let mut newer = Serving::launch(&plan, "0");
    assert_eq!(older.wait(), Some(11), "{}", older.said());
    let said = older.said();
    assert!(
        said.contains("another process runs under this instance name"),
        "{said}"
    );
    newer.wait_until_ready();
    flowing.join().expect("every record was sent");
    plan.wait_until_judged();
    let restarts = newer.metric("truecount_stage_restarts_total", "");
    assert!(restarts.unwrap_or(0.0) <= 2.0, "{restarts:?}");
    assert_eq!(newer.stop(), Some(0));
    month.holds(Some(follower));
}

/// The forces that a process holds.
fn held(process: &Serving) -> Vec<&'static str> {
    let page = process
        .ask("metrics")
        .map_or(String::new(), |(_, page)| page);
    let holds = |force: &str| page.contains(&format!("truecount_things{{force={force:?}}}"));
    FORCES.into_iter().filter(|force| holds(force)).collect()
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < PATIENCE, "{what}");
        thread::sleep(Duration::from_millis(100));
    }
}
