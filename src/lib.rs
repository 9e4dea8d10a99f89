//! Truecount judges incident logs and crime records against the recording rules of England and
//! Wales, and says which record falls short of which rule, by when it had to be right, and on what
//! proof. The library is the service without its moving parts: everything below `drivers` is a
//! function of its arguments. Start at [`domain`] for the nouns, at [`rules`] for what is judged,
//! at [`validation`] for how.

pub mod admin;
pub mod alerting;
pub mod cli;
pub mod config;
pub mod demo;
pub mod domain;
pub mod drivers;
pub mod generate;
pub mod intake;
pub mod reference;
pub mod report;
pub mod rules;
pub mod telemetry;
pub mod validation;
pub mod wire;
