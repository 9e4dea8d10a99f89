//! What moves bytes and time: drivers read, call the core, and perform its effects. Files today;
//! the domain's meaning never. Start at [`files`].

pub mod clock;
pub mod files;
pub mod generate;
pub mod registry;
pub mod topics;
