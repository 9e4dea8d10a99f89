//! The traffic generator and the core held against each other: what was planted is found as the key
//! says and nothing else is, in any order that the heartbeats allow, from nightly extracts, and while
//! a feed is silent. Each comparison is also shown a fault that it must see. Start at [`seeds`], then
//! at [`nightly`], [`silence`], [`traffic`] and [`command`].

#[path = "generate/command.rs"]
mod command;
#[path = "generate/engine.rs"]
mod engine;
#[path = "generate/material.rs"]
mod material;
#[path = "generate/nightly.rs"]
mod nightly;
#[path = "generate/order.rs"]
mod order;
#[path = "generate/seeds.rs"]
mod seeds;
#[path = "generate/silence.rs"]
mod silence;
#[path = "generate/traffic.rs"]
mod traffic;
