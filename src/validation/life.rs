//! The life of an exception: its state is a function of the judgement of its obligation.
//!
//! ```text
//!            due_soon ──▶ raised ──▶ remedied        open: due_soon, raised, remedied, waived
//!               │           │ ▲
//!               ▼           ▼ │ (reopened)
//!   met · excused · withdrawn · superseded           closed
//! ```
//!
//! Never decides a verdict. Start at [`state_of`].

use uuid::Uuid;

use super::guard::Shown;
use crate::domain::exception::{Because, State};
use crate::domain::names::Word;
use crate::domain::{Moment, Verdict};

/// An exception that exists, open or closed.
#[derive(Clone, Debug)]
pub(super) struct Raised {
    /// The rule, by its id: it may be switched off.
    pub(super) rule: &'static str,
    /// The duty.
    pub(super) obligation: Word,
    /// Its id.
    pub(super) id: Uuid,
    /// Its newest revision.
    pub(super) revision: u32,
    /// How it stands.
    pub(super) state: State,
    /// The open state it was last in.
    pub(super) last_open: State,
    /// True once it was closed and opened again.
    pub(super) reopened: bool,
    /// Hash of what was published last.
    pub(super) content: [u8; 16],
}

/// What is known of an obligation, as far as the life of its exception asks.
#[derive(Clone, Copy, Debug)]
pub(super) enum Standing<'a> {
    /// The record is gone, or the rule no longer judges.
    RecordGone,
    /// The rule no longer names the obligation.
    Gone,
    /// It is judged.
    Judged {
        /// How it is shown.
        shown: Shown,
        /// What the rule says.
        verdict: &'a Verdict,
        /// True under a live waiver.
        waived: bool,
        /// True if the profile lets it open an exception.
        opens: bool,
    },
}

/// The state of the exception on an obligation that stands so; `None` if there is none and none is
/// opened. `last_open` is the open state it was last in, if it exists.
pub(super) fn state_of(
    standing: Standing<'_>,
    last_open: Option<State>,
) -> Option<(State, Option<Because>)> {
    let withdrawn = |because| last_open.map(|_| (State::Withdrawn, Some(because)));
    let closed = |state| last_open.map(|_| (state, None));
    match standing {
        Standing::RecordGone => closed(State::Superseded),
        Standing::Gone => withdrawn(Because::Gone),
        Standing::Judged {
            shown,
            verdict,
            waived,
            opens,
        } => match shown {
            Shown::Breach if !opens => withdrawn(Because::NotApplicable),
            Shown::Breach if waived => Some((State::Waived, None)),
            Shown::Breach if is_remedied(verdict) => Some((State::Remedied, None)),
            Shown::Breach => Some((State::Raised, None)),
            Shown::Pending { soon: true } if opens => Some((State::DueSoon, None)),
            Shown::Pending { .. } => withdrawn(Because::Pending),
            Shown::Met if was_late(verdict) || last_open == Some(State::DueSoon) => {
                closed(State::Met)
            }
            Shown::Met => withdrawn(Because::MetInTime),
            Shown::Excused => closed(State::Excused),
            Shown::NotApplicable => withdrawn(Because::NotApplicable),
            Shown::Advisory => withdrawn(Because::Advisory),
            Shown::Undecidable => withdrawn(Because::Undecidable),
        },
    }
}

/// True if a breach was made good.
pub(super) fn is_remedied(verdict: &Verdict) -> bool {
    matches!(
        verdict,
        Verdict::Breach {
            remedied: Some(_),
            ..
        }
    )
}

fn was_late(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Met { done: Some(done), due: Some(due) } if Moment::earliest(done) > *due)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Finding, Instant};

    const DUE: Instant = Instant::from_millis(1_000);

    #[test]
    fn a_breach_is_raised_remedied_or_waived() {
        let open = Finding::of("late").open(DUE);
        let late = Finding::of("late").late(DUE, Moment::exact(Instant::from_millis(2_000)));
        assert_eq!(
            of(Shown::Breach, &open, false, None),
            Some((State::Raised, None))
        );
        assert_eq!(
            of(Shown::Breach, &late, false, None),
            Some((State::Remedied, None))
        );
        assert_eq!(
            of(Shown::Breach, &late, true, None),
            Some((State::Waived, None))
        );
    }

    #[test]
    fn what_was_never_opened_does_not_close() {
        assert_eq!(of(Shown::Met, &Verdict::MET, false, None), None);
        assert_eq!(state_of(Standing::RecordGone, None), None);
        assert_eq!(state_of(Standing::Gone, None), None);
    }

    #[test]
    fn done_late_or_from_due_soon_is_met_and_done_in_time_is_withdrawn() {
        let late = Verdict::met_at(Moment::exact(Instant::from_millis(2_000)), Some(DUE));
        let timely = Verdict::met_at(Moment::exact(DUE), Some(DUE));
        assert_eq!(
            of(Shown::Met, &late, false, Some(State::Raised)),
            Some((State::Met, None))
        );
        assert_eq!(
            of(Shown::Met, &timely, false, Some(State::DueSoon)),
            Some((State::Met, None))
        );
        let withdrawn = Some((State::Withdrawn, Some(Because::MetInTime)));
        assert_eq!(
            of(Shown::Met, &timely, false, Some(State::Raised)),
            withdrawn
        );
    }

    #[test]
    fn a_pending_duty_is_due_soon_only_inside_its_lead() {
        let open = Finding::of("late").open(DUE);
        assert_eq!(
            of(Shown::Pending { soon: true }, &open, false, None),
            Some((State::DueSoon, None))
        );
        assert_eq!(of(Shown::Pending { soon: false }, &open, false, None), None);
    }

    #[test]
    fn what_the_profile_does_not_open_is_withdrawn_if_it_exists() {
        let open = Finding::of("late").open(DUE);
        let unopened = |shown, last| {
            let (waived, opens) = (false, false);
            let verdict = &open;
            state_of(
                Standing::Judged {
                    shown,
                    verdict,
                    waived,
                    opens,
                },
                last,
            )
        };
        let withdrawn = |because| Some((State::Withdrawn, Some(because)));
        assert_eq!(unopened(Shown::Breach, None), None);
        assert_eq!(
            unopened(Shown::Breach, Some(State::Raised)),
            withdrawn(Because::NotApplicable)
        );
        let soon = Shown::Pending { soon: true };
        assert_eq!(unopened(soon, None), None);
        assert_eq!(
            unopened(soon, Some(State::Raised)),
            withdrawn(Because::Pending)
        );
    }

    #[test]
    fn every_other_verdict_closes_what_exists_under_its_own_name() {
        let closed = |shown| of(shown, &Verdict::NotApplicable, false, Some(State::Raised));
        let withdrawn = |because| Some((State::Withdrawn, Some(because)));
        assert_eq!(closed(Shown::Excused), Some((State::Excused, None)));
        assert_eq!(
            closed(Shown::NotApplicable),
            withdrawn(Because::NotApplicable)
        );
        assert_eq!(closed(Shown::Advisory), withdrawn(Because::Advisory));
        assert_eq!(closed(Shown::Undecidable), withdrawn(Because::Undecidable));
        assert_eq!(
            closed(Shown::Pending { soon: false }),
            withdrawn(Because::Pending)
        );
        let raised = Some(State::Raised);
        assert_eq!(state_of(Standing::Gone, raised), withdrawn(Because::Gone));
        assert_eq!(
            state_of(Standing::RecordGone, raised),
            Some((State::Superseded, None))
        );
    }

    fn of(
        shown: Shown,
        verdict: &Verdict,
        waived: bool,
        last: Option<State>,
    ) -> Option<(State, Option<Because>)> {
        state_of(
            Standing::Judged {
                shown,
                verdict,
                waived,
                opens: true,
            },
            last,
        )
    }
}
