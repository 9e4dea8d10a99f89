//! A process that is asked to stop: it drains within its bound, leaves nothing open, and obeys at once
//! when it is asked twice.

use std::thread;
use std::time::{Duration, Instant};

use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};

use crate::flow::{FROM, Flow};
use crate::plan::Plan;
use crate::readers::{Follower, wait_until_quiet};
use crate::rig::proxy::{Fault, Request};
use crate::rig::signal::Signal;
use crate::rig::{Access, Rig, unique};
use crate::serving::Serving;

/// What `service.drain_seconds` is unless set.
const DRAINS_WITHIN: Duration = Duration::from_secs(20);
/// Nobody ends an open transaction so soon but whoever opened it.
const AT_ONCE: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(60);

fn one_force(access: &Access) -> Plan {
    Plan::generated(access, &["kent"], FROM, 1, 2, "json")
}

#[test]
fn under_load_it_drains_and_leaves_nothing_open() {
    let rig = Rig::shared();
    let plan = one_force(rig.access());
    let month = Flow::of(&plan, 60);
    let follower = Follower::follow(rig.access(), &plan.output("exceptions"));
    let mut process = Serving::start(&plan, "0");
    let flowing = month.begin(5, Some(60));
    wait_until("it judges", || {
        process
            .metric("truecount_things", "")
            .is_some_and(|things| things > 3.0)
    });
    let asked = Instant::now();
    assert_eq!(process.stop(), Some(0), "{}", process.said());
    assert!(asked.elapsed() < DRAINS_WITHIN, "{:?}", asked.elapsed());
    let ended = Instant::now();
    for topic in ["case-events", "case-state", "exceptions", "measures"] {
        wait_until_quiet(rig.access(), &plan.output(topic));
    }
    assert!(ended.elapsed() < AT_ONCE, "{:?}", ended.elapsed());
    let mut again = Serving::start(&plan, "0");
    flowing.join().expect("every record was sent");
    plan.wait_until_judged();
    assert_eq!(again.stop(), Some(0));
    month.holds(Some(follower));
}

#[test]
fn it_stops_while_it_reads_back_what_was_kept() {
    let rig = Rig::shared();
    let plan = one_force(rig.access());
    let _month = Flow::of(&plan, 1);
    // Somebody's open transaction in the state: reading back waits for its end.
    let open = open_transaction(rig.access(), &plan.output("case-state"));
    let mut process = Serving::launch(&plan, "0");
    wait_until("it reads back", || {
        process.ask("ready").is_some_and(|(status, page)| {
            status != 200 && page.contains("reads back what was kept")
        })
    });
    let asked = Instant::now();
    assert_eq!(process.stop(), Some(0), "{}", process.said());
    assert!(asked.elapsed() < AT_ONCE, "{:?}", asked.elapsed());
    open.abort_transaction(PATIENCE).expect("it is open");
    let mut again = Serving::start(&plan, "0");
    assert_eq!(again.stop(), Some(0));
}

#[test]
fn asked_twice_it_ends_at_once_and_what_was_on_its_way_is_one_commit() {
    let (rig, network) = Rig::behind_a_proxy();
    let plan = one_force(rig.access());
    let month = Flow::of(&plan, 60);
    let follower = Follower::follow(rig.access(), &plan.output("exceptions"));
    let mut process = Serving::start(&plan, "0");
    // Both stages wait for the answer to a commit that comes late.
    let done = network.done();
    network.tell(Request::EndTxn, Fault::Held(Duration::from_secs(12)));
    network.tell(Request::EndTxn, Fault::Held(Duration::from_secs(12)));
    let flowing = month.begin(6, Some(60));
    wait_until("commits are held", || network.done() > done);
    process.send(Signal::Term);
    thread::sleep(Duration::from_millis(500));
    let asked = Instant::now();
    process.send(Signal::Term);
    assert_eq!(process.wait(), Some(130), "{}", process.said());
    assert!(asked.elapsed() < AT_ONCE, "{:?}", asked.elapsed());
    let mut again = Serving::start(&plan, "0");
    flowing.join().expect("every record was sent");
    plan.wait_until_judged();
    assert_eq!(again.stop(), Some(0));
    month.holds(Some(follower));
}

fn open_transaction(access: &Access, topic: &str) -> ThreadedProducer<DefaultProducerContext> {
    let producer: ThreadedProducer<DefaultProducerContext> = access
        .client()
        .set("transactional.id", unique("stranger"))
        .set("transaction.timeout.ms", "60000")
        .create()
        .expect("settings");
    producer.init_transactions(PATIENCE).expect("it may");
    producer.begin_transaction().expect("it may begin");
    for partition in 0..3 {
        producer
            .send(
                BaseRecord::to(topic)
                    .partition(partition)
                    .key("v1/@stranger")
                    .payload("{}"),
            )
            .map_err(|(fault, _)| fault)
            .expect("it is queued");
    }
    producer.flush(PATIENCE).expect("it is written");
    producer
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < PATIENCE, "{what}");
        thread::sleep(Duration::from_millis(50));
    }
}
