//! `truecount alert` and `truecount worklist` against a real Apache Kafka, a real Alertmanager and a
//! receiver that fails as receivers do. Needs what the README lists.
//! Start at [`killed`].

#![allow(dead_code, reason = "the rig has more than each test needs")]

#[path = "alerting/denied.rs"]
mod denied;
#[path = "kafka/foreign.rs"]
mod foreign;
#[path = "alerting/killed.rs"]
mod killed;
#[path = "alerting/order.rs"]
mod order;
#[path = "alerting/paging.rs"]
mod paging;
#[path = "alerting/publishing.rs"]
mod publishing;
#[path = "alerting/receiver.rs"]
mod receiver;
#[path = "kafka/rig/mod.rs"]
mod rig;
#[path = "deploy/rights.rs"]
mod rights;
#[path = "alerting/running.rs"]
mod running;
#[path = "alerting/standing.rs"]
mod standing;
#[path = "alerting/telling.rs"]
mod telling;
#[path = "deploy/tools.rs"]
mod tools;
#[allow(dead_code, unreachable_pub, reason = "shared with the other tests")]
#[path = "support/tree.rs"]
mod tree;
#[path = "alerting/worklist.rs"]
mod worklist;
