//! The family of rules on outcomes.

use super::catalogue;

catalogue! {}
