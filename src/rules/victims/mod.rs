//! The family of rules on victims.

use super::catalogue;

catalogue! {}
