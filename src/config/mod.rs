//! Configuration: files to one immutable value, all problems at once, each with file and line and
//! what to do. Defaults stand in the types they belong to. Start at [`feeds`] for
//! files and at [`serve`] for the service.

pub mod feeds;
pub mod serve;
