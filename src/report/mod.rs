//! What people read: tables, pages, extracts. It shows judgements and rules as they are and never
//! judges. Start at [`catalogue`] for the generated pages of the documentation.

pub mod catalogue;
