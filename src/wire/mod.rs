//! From bytes to records and from shapes to schemas. A record that cannot be read is refused with
//! its problems; what it means is judged elsewhere. Start at [`lines`], then [`json`];
//! [`csv`] is for files of rows.

pub mod csv;
pub mod journal;
pub mod json;
pub mod lines;
pub mod peek;
pub mod published;
pub mod schema;
