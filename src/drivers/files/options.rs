//! What a person asks of a run over files: the time of judging, what feeds cover, who owns a block.
//! Start at [`Options`].

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::feeds::FeedsConfig;
use crate::domain::Instant;
use crate::domain::names::Source;
use crate::domain::records::Block;
use crate::wire::csv::Mappings;

/// What a person asks of a run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The time of judging.
    pub as_at: Option<Instant>,
    /// What each feed covers and is proved through.
    pub covers: BTreeMap<Source, Covers>,
    /// The owners of blocks.
    pub owners: BTreeMap<Block, Source>,
    /// The configuration file.
    pub config: Option<FeedsConfig>,
    /// The mappings to read CSV through; those that come with the program if none are given.
    pub mappings: Option<Arc<Mappings>>,
}

/// What a feed covers, as stated in an argument.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Covers {
    /// Its coverage begins here.
    pub from: Option<Instant>,
    /// It is proved through here.
    pub to: Option<Instant>,
}
