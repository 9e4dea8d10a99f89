//! The groups that stand in many places: who did it, and that something was written. They have no
//! path of their own. Start at [`Actor`].

use crate::domain::Moment;
use crate::domain::names::{Role, StaffRef, Word};
use crate::domain::shape::groups;

groups! {
    /// Who did something, as far as a duty asks.
    Actor at "" {
        /// Pseudonym of the member of staff; used for equality only.
        staff_ref: StaffRef,
        /// What they are.
        role: Role,
        /// Their unit.
        unit: Word,
        /// On the register of accredited registrars.
        accredited: bool,
        /// Independent of the investigation.
        independent: bool,
        /// Trained for this decision.
        trained: bool,
    }
    /// That something was written, when, by whom, how long, under which reason; never the text.
    Note at "" {
        /// True if it was written.
        present: bool,
        /// When it was written.
        at: Moment,
        /// Who wrote it.
        by: Actor,
        /// How many words it has.
        words: i64,
        /// The reason it was filed under.
        reason_code: Word,
    }
}

impl Actor {
    /// True if it says who: a person's reference or a role.
    pub fn is_named(&self) -> bool {
        self.staff_ref.is_some() || self.role.is_some()
    }
}
