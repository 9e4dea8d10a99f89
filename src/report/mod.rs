//! What people read: tables, lists and pages made of judgements and rules as they are. Never
//! judges. Start at [`exceptions_csv`], and at [`catalogue`] for the pages of the documentation.

pub mod catalogue;
pub mod exceptions_csv;
