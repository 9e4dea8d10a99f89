//! What a force sends, name by name as the contract has it: incident, crime, heartbeat, decision.
//! A record is a head plus blocks; a block or leaf that is `None` is not carried, an empty one says
//! that there is nothing. Never judges and never decodes. Start at [`Head`], then [`IncidentRecord`]
//! and [`CrimeRecord`].

mod care;
mod crime;
mod decision;
mod head;
mod incident;
mod parts;
mod set;

pub use care::*;
pub use crime::*;
pub use decision::*;
pub use head::*;
pub use incident::*;
pub use parts::*;
pub use set::*;
