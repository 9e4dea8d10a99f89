//! What the tests of the catalogue, of the settled cases and of the house share: scenario blocks as
//! records, expectations, the seam to validation, and the tree of sources. Judges nothing itself.
//! Start at [`scenario::Scenario`] and [`judging::judge`].
#![allow(
    dead_code,
    unreachable_pub,
    reason = "every test file takes its part of these"
)]

pub mod contract;
pub mod expectation;
pub mod judging;
pub mod scenario;
pub mod tree;
