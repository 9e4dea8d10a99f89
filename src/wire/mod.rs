//! From bytes to records and from shapes to schemas. A record that cannot be read is refused with
//! its problems; what it means is judged elsewhere. Start at [`lines`], then [`json`].

pub mod json;
pub mod lines;
pub mod schema;
