//! Judging extracts: reads heads first, so that the owners of the blocks are known, then records,
//! then enters the claims, and writes what follows into a folder. Never judges itself.
//! Start at [`run::check`].

pub mod declare;
pub mod input;
pub mod options;
pub mod outputs;
pub mod quarantine;
pub mod run;
pub mod tally;

use std::path::PathBuf;

/// What stops a run before or while it judges; each variant names its place.
#[derive(Debug, thiserror::Error)]
pub enum CannotCheck {
    /// A file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Something in the arguments or the configuration is wrong; each line says what to do.
    #[error("{}", .0.join("\n"))]
    Setup(Vec<String>),
}

impl CannotCheck {
    /// True if a person has to change arguments, configuration or mappings.
    pub fn is_setup(&self) -> bool {
        matches!(self, CannotCheck::Setup(_))
    }
}
