//! The laws of validation, held over seeded streams: records of the settled cases renamed, linked
//! across, changed, deleted and brought back, with heartbeats, decisions, repetitions and records
//! that could not be read. A broken law prints its seed and the smallest stream that breaks it.
//! Start at [`stream::Stream`], then at any file of laws: `order`, `life`, `proving`, `bounds`,
//! `turns`, `restart`.

#[path = "simulation/bounds.rs"]
mod bounds;
#[path = "simulation/engine.rs"]
mod engine;
#[path = "simulation/journal.rs"]
mod journal;
#[path = "simulation/kept.rs"]
mod kept;
#[path = "simulation/life.rs"]
mod life;
#[path = "simulation/material.rs"]
mod material;
#[path = "simulation/oracle.rs"]
mod oracle;
#[path = "simulation/order.rs"]
mod order;
#[path = "simulation/proofs.rs"]
mod proofs;
#[path = "simulation/proving.rs"]
mod proving;
#[path = "simulation/restart.rs"]
mod restart;
#[path = "simulation/shrink.rs"]
mod shrink;
#[path = "simulation/stream.rs"]
mod stream;
mod support;
#[path = "simulation/tombstones.rs"]
mod tombstones;
#[path = "simulation/turns.rs"]
mod turns;
#[path = "simulation/waiving.rs"]
mod waiving;
