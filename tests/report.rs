//! The report of a run, as a parser of HTML reads it: sound and reachable for everybody, closed to
//! whatever the data says, and with the numbers of the other files. Start at [`shape`].

#[allow(dead_code, unreachable_pub, reason = "shared with the other tests")]
#[path = "check/command.rs"]
mod command;
#[path = "report/contrast.rs"]
mod contrast;
#[path = "report/numbers.rs"]
mod numbers;
#[path = "report/read.rs"]
mod read;
#[path = "report/shape.rs"]
mod shape;
mod support {
    pub(crate) use crate::tree;
}
#[allow(dead_code, unreachable_pub, reason = "shared with the other tests")]
#[path = "support/tree.rs"]
mod tree;
