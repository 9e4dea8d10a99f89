//! The service and `truecount check` agree: the same records give the same standing set and the same
//! counts, whatever the encoding, the partitions, the order between heartbeats and the number of
//! processes.

use std::sync::OnceLock;

use serde_json::json;

use crate::checker::{Evidence, broken_laws};
use crate::foreign::Registry;
use crate::month::{FROM, Fleet, Month, Outcome, apply_topics, balances};
use crate::plan::Plan;
use crate::rig::{Rig, unique};

const FORCES: [&str; 3] = ["kent", "essex", "northamptonshire"];

/// A month of three forces in the topics of its sources, twice: in JSON and in Avro.
struct Ground {
    json: (Plan, i64),
    avro: (Plan, i64),
    checked: Outcome,
    _registry: Registry,
}

fn ground() -> &'static Ground {
    static GROUND: OnceLock<Ground> = OnceLock::new();
    GROUND.get_or_init(|| {
        let access = Rig::shared().access();
        let registry = Registry::start();
        let schemas = registry.register_records();
        let month = Month::generated(&FORCES, 150);
        let json = Plan::generated(access, &FORCES, FROM, 2, 3, "json");
        let mut avro = Plan::generated(access, &FORCES, FROM, 3, 2, "avro");
        avro.registry = Some(registry.url());
        Ground {
            checked: month.checked(&json),
            json: (json.clone(), month.produce(&json, &json!({}))),
            avro: (avro.clone(), month.produce(&avro, &schemas)),
            _registry: registry,
        }
    })
}

/// A service that has judged the month in JSON and goes on running: one process with both stages.
pub(crate) struct Judged {
    pub(crate) plan: Plan,
    pub(crate) fleet: Fleet,
    sent: i64,
}

/// The one that the tests of this binary share; nothing more is sent to it.
pub(crate) fn judged() -> &'static Judged {
    static JUDGED: OnceLock<Judged> = OnceLock::new();
    JUDGED.get_or_init(|| {
        let (plan, sent) = &ground().json;
        apply_topics(plan);
        let fleet = Fleet::start(plan, 1);
        plan.wait_until_judged();
        Judged {
            plan: plan.clone(),
            fleet,
            sent: *sent,
        }
    })
}

#[test]
fn one_process_agrees_on_json() {
    let Judged { plan, sent, .. } = judged();
    agrees(plan, *sent);
}

#[test]
fn two_processes_agree_on_avro() {
    let (plan, sent) = &ground().avro;
    shared_by(2, plan);
    agrees(plan, *sent);
}

#[test]
fn three_processes_agree_on_json() {
    let (plan, sent) = &ground().json;
    // The same sources under another name: everything is read anew.
    let plan = Plan {
        app: unique("truecount"),
        ..plan.clone()
    };
    shared_by(3, &plan);
    agrees(&plan, *sent);
}

/// Lets so many processes judge, each of which comes to hold a share, and stops them.
fn shared_by(processes: usize, plan: &Plan) {
    apply_topics(plan);
    let fleet = Fleet::start(plan, processes);
    plan.wait_until_judged();
    for process in fleet.each() {
        let position = process.metric("truecount_journal_position", "");
        assert!(position.is_some(), "it holds a share:\n{}", process.said());
    }
    fleet.stop();
}

fn agrees(plan: &Plan, sent: i64) {
    let (published, checked) = (Outcome::published(plan), &ground().checked);
    let ids = |of: &Outcome| of.standing.keys().cloned().collect::<Vec<_>>();
    assert_eq!(ids(&published), ids(checked), "the same stands");
    assert_eq!(published.standing, checked.standing);
    assert_eq!(published.measures, checked.measures);
    assert_eq!(published.became, checked.became);
    let read: i64 = balances(plan)
        .iter()
        .filter_map(|sums| sums["read"].as_i64())
        .sum();
    assert_eq!(read, sent, "every record is in the balance");
    assert!(checked.standing.len() > 20, "there is something to compare");
    assert_eq!(broken_laws(&Evidence::of(plan, None)), [""; 0]);
}
