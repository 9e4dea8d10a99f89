//! Bytes in, contract records out: the one room that knows how a record is written down. Never
//! judges. Start at [`csv`] for files of rows.

pub mod csv;
