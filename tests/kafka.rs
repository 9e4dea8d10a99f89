//! The service against a real Apache Kafka, and the rig that these tests stand on. It starts one
//! small broker for all tests here; `tests/rig/fetch.sh` brings what it needs. Start at
//! [`rig::Rig::shared`].

#![allow(dead_code, reason = "the rig has more than each test needs")]

#[path = "kafka/agreeing.rs"]
mod agreeing;
#[path = "kafka/canary.rs"]
mod canary;
#[path = "kafka/changed.rs"]
mod changed;
#[path = "kafka/checker.rs"]
mod checker;
#[path = "kafka/checker_fails.rs"]
mod checker_fails;
#[path = "kafka/consuming.rs"]
mod consuming;
#[path = "kafka/denied.rs"]
mod denied;
#[path = "kafka/faults.rs"]
mod faults;
#[path = "kafka/flow.rs"]
mod flow;
#[path = "kafka/foreign.rs"]
mod foreign;
#[path = "kafka/malformed.rs"]
mod malformed;
#[path = "kafka/misconfigured.rs"]
mod misconfigured;
#[path = "kafka/month.rs"]
mod month;
#[path = "kafka/network.rs"]
mod network;
#[path = "kafka/nightly.rs"]
mod nightly;
#[path = "kafka/paused.rs"]
mod paused;
#[path = "kafka/plan.rs"]
mod plan;
#[path = "kafka/producing.rs"]
mod producing;
#[path = "support/promtool.rs"]
mod promtool;
#[path = "kafka/proofs.rs"]
mod proofs;
#[path = "kafka/quarantine.rs"]
mod quarantine;
#[path = "kafka/readers.rs"]
mod readers;
#[path = "kafka/reading.rs"]
mod reading;
#[path = "kafka/rebuilt.rs"]
mod rebuilt;
#[path = "kafka/rig/mod.rs"]
mod rig;
#[path = "kafka/rig_works.rs"]
mod rig_works;
#[path = "deploy/rights.rs"]
mod rights;
#[path = "kafka/serving.rs"]
mod serving;
#[path = "kafka/small.rs"]
mod small;
#[path = "kafka/stopping.rs"]
mod stopping;
#[path = "kafka/topology.rs"]
mod topology;
