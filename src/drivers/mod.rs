//! What moves bytes and time: drivers read, call the core, and perform its effects. Never knows
//! what a record means. Start at [`files`].

pub mod alert;
pub mod clock;
pub mod conflict;
pub mod demo;
pub mod files;
pub mod generate;
pub mod kafka;
pub mod registry;
pub mod showing;
pub mod signals;
pub mod tallied;
pub mod topics;
