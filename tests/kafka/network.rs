//! A network that holds or loses single requests of a transaction: the laws hold whether a commit came
//! late, twice or not at all.

use std::thread;
use std::time::{Duration, Instant};

use crate::flow::{FROM, Flow};
use crate::plan::Plan;
use crate::readers::Follower;
use crate::rig::Rig;
use crate::rig::proxy::{Fault, Request};
use crate::serving::Serving;

const PATIENCE: Duration = Duration::from_secs(90);

#[test]
fn commits_that_come_late_twice_or_never_break_no_law() {
    let (rig, network) = Rig::behind_a_proxy();
    let plan = Plan::generated(rig.access(), &["kent", "essex"], FROM, 1, 2, "json");
    let month = Flow::of(&plan, 60);
    let follower = Follower::follow(rig.access(), &plan.output("exceptions"));
    let mut process = Serving::start(&plan, "0");
    let flowing = month.begin(8, Some(25));
    for (request, fault) in [
        // Longer than a commit may take before its producer is made anew.
        (Request::EndTxn, Fault::Held(Duration::from_secs(6))),
        (Request::TxnOffsetCommit, Fault::Lost),
        (Request::EndTxn, Fault::AnswerLost),
        (
            Request::TxnOffsetCommit,
            Fault::Held(Duration::from_secs(6)),
        ),
        (Request::EndTxn, Fault::Lost),
        (Request::TxnOffsetCommit, Fault::AnswerLost),
    ] {
        let before = network.done();
        network.tell(request, fault);
        wait_until("it is disturbed", || network.done() > before);
    }
    flowing.join().expect("every record was sent");
    process.wait_until_ready();
    plan.wait_until_judged();
    let restarts = process.metric("truecount_stage_restarts_total", "");
    assert!(
        restarts.is_some_and(|restarts| (1.0..8.0).contains(&restarts)),
        "{restarts:?}"
    );
    assert_eq!(process.stop(), Some(0));
    month.holds(Some(follower));
}

#[test]
fn what_a_predecessor_commits_at_the_last_moment_is_waited_for() {
    let (rig, network) = Rig::behind_a_proxy();
    let mut plan = Plan::generated(rig.access(), &["kent"], FROM, 1, 2, "json");
    for line in [
        "session_timeout_ms = 6000",
        // Longer than its commit is held, so that it is the commit that ends it.
        "transaction_timeout_ms = 40000",
    ] {
        plan.more.push(("kafka".to_owned(), line.to_owned()));
    }
    let month = Flow::of(&plan, 60);
    let follower = Follower::follow(rig.access(), &plan.output("exceptions"));
    let mut first = Serving::start(&plan, "0");
    let flowing = month.begin(9, Some(25));
    wait_until("it judges", || {
        first
            .metric("truecount_things", "")
            .is_some_and(|things| things > 3.0)
    });
    // The commits of both stages are on their way when it dies, and come when another reads back.
    let before = network.done();
    let held = Instant::now();
    network.tell(Request::EndTxn, Fault::Held(Duration::from_secs(18)));
    network.tell(Request::EndTxn, Fault::Held(Duration::from_secs(18)));
    wait_until("commits are held", || network.done() == before + 2);
    first.kill9();
    let mut second = Serving::start(&plan, "another");
    assert!(
        held.elapsed() > Duration::from_secs(18),
        "it was ready before what it rests on: {:?}",
        held.elapsed()
    );
    flowing.join().expect("every record was sent");
    plan.wait_until_judged();
    assert_eq!(second.stop(), Some(0));
    month.holds(Some(follower));
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < PATIENCE, "{what}");
        thread::sleep(Duration::from_millis(20));
    }
}
