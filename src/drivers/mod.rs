//! What moves bytes and time: drivers read, call the core, and perform its effects. Files today;
//! the domain's meaning never. Start at [`files`].

pub mod alert;
pub mod clock;
pub mod conflict;
pub mod files;
pub mod generate;
pub mod kafka;
pub mod registry;
pub mod signals;
pub mod topics;
