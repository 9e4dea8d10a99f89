//! Configuration: files to one immutable value, all problems at once, each with file and line and
//! what to do. Defaults stand in the types they belong to. Start at [`feeds`].

pub mod feeds;
