//! What people read: tables, pages, extracts. It shows judgements and rules as they are and never
//! judges. Start at [`table`] for a run and at [`explain`] for one case.

pub mod case;
pub mod catalogue;
pub mod exceptions_csv;
pub mod explain;
pub mod html;
pub mod layout;
pub mod open;
pub mod rule;
pub mod set_aside;
pub mod table;
pub mod undecided;
pub mod worklist;
