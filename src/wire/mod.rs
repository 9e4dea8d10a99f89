//! From bytes to records, from what is said to bytes, and from shapes to schemas. A record that cannot
//! be read is refused with its problems; what it means is judged elsewhere. Start at [`envelope`] for
//! topics, at [`lines`] and [`csv`] for files, at [`json`] for how a record is read; [`journal`] and
//! [`published`] are what we write ourselves.

pub mod avro;
pub mod csv;
pub mod envelope;
pub mod journal;
pub mod json;
pub mod lines;
pub mod peek;
pub mod published;
pub mod schema;
