//! What people read: tables, lists and pages made of judgements. Never judges. Start at [`table`].

pub mod exceptions_csv;
