//! The family of rules on incidents.

use super::catalogue;

catalogue! {}
