//! The guard: no accusation before its time is proved. One place for all rules, and the only timer
//! there is. Start at [`guarded`].

use serde::{Deserialize, Serialize};

use crate::domain::{Elapsed, Instant, Verdict};

/// How a verdict is shown while the feeds are proved only so far.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// The duty does not arise.
    NotApplicable,
    /// Done.
    Met,
    /// Permitted.
    Excused,
    /// Not done, or done late.
    Breach,
    /// Worth a look.
    Advisory,
    /// Cannot be told.
    Undecidable,
    /// A breach or an advisory whose time is not proved past.
    Pending {
        /// True if it is a breach inside its rule's lead.
        soon: bool,
    },
}

impl Shown {
    /// The word as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Shown::NotApplicable => "not_applicable",
            Shown::Met => "met",
            Shown::Excused => "excused",
            Shown::Breach => "breach",
            Shown::Advisory => "advisory",
            Shown::Undecidable => "undecidable",
            Shown::Pending { .. } => "pending",
        }
    }
}

/// The instant that the frontier must be later than for an accusation to stand: its due, every
/// instant of a fact it rests on, and the first commit of the thing.
pub(super) fn stands_from(verdict: &Verdict, first_commit: Instant) -> Option<Instant> {
    let (due, facts) = match verdict {
        Verdict::Breach {
            due, stands_after, ..
        } => (*due, stands_after),
        Verdict::Advisory { stands_after, .. } => (None, stands_after),
        _ => return None,
    };
    facts.iter().copied().chain(due).chain([first_commit]).max()
}

/// How a verdict is shown at this frontier, and past which instant of the frontier that can change.
pub(super) fn guarded(
    verdict: &Verdict,
    first_commit: Instant,
    lead: Elapsed,
    frontier: Instant,
) -> (Shown, Option<Instant>) {
    let plain = match verdict {
        Verdict::NotApplicable => Shown::NotApplicable,
        Verdict::Met { .. } => Shown::Met,
        Verdict::Excused { .. } => Shown::Excused,
        Verdict::Undecidable { .. } => Shown::Undecidable,
        Verdict::Breach { .. } => Shown::Breach,
        Verdict::Advisory { .. } => Shown::Advisory,
    };
    let Some(stands_from) = stands_from(verdict, first_commit) else {
        return (plain, None);
    };
    if frontier > stands_from {
        return (plain, None);
    }
    let warns_from = match verdict {
        Verdict::Breach { due: Some(due), .. } if lead > Elapsed::default() => {
            Some(due.minus(lead))
        }
        _ => None,
    };
    match warns_from {
        Some(warns_from) if frontier <= warns_from => {
            (Shown::Pending { soon: false }, Some(warns_from))
        }
        _ => (
            Shown::Pending {
                soon: warns_from.is_some(),
            },
            Some(stands_from),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Finding;

    const DUE: Instant = Instant::from_millis(100_000_000);
    const LEAD: Elapsed = Elapsed::hours(1);

    #[test]
    fn a_breach_falls_when_the_frontier_is_later_than_its_due() {
        assert_eq!(shown(DUE), (Shown::Pending { soon: true }, Some(DUE)));
        assert_eq!(shown(DUE.plus(Elapsed::seconds(1))), (Shown::Breach, None));
    }

    #[test]
    fn it_is_due_soon_once_the_frontier_is_inside_the_lead() {
        let warns = DUE.minus(LEAD);
        assert_eq!(shown(warns), (Shown::Pending { soon: false }, Some(warns)));
        assert_eq!(
            shown(warns.plus(Elapsed::seconds(1))).0,
            Shown::Pending { soon: true }
        );
    }

    #[test]
    fn the_first_commit_and_every_fact_hold_it_too() {
        let open = Finding::of("late").open(DUE).after(DUE.plus(LEAD));
        let beginning = Instant::BEGINNING;
        assert_eq!(stands_from(&open, beginning), Some(DUE.plus(LEAD)));
        assert_eq!(stands_from(&open, Instant::END), Some(Instant::END));
        assert_eq!(stands_from(&Verdict::MET, Instant::END), None);
    }

    #[test]
    fn an_advisory_waits_and_is_never_due_soon() {
        let advisory = Finding::of("look").advisory([DUE]);
        let (before, _) = guarded(&advisory, Instant::BEGINNING, LEAD, DUE);
        assert_eq!(before, Shown::Pending { soon: false });
    }

    #[test]
    fn without_a_lead_it_is_never_due_soon_and_waits_for_every_fact() {
        let falls_from = DUE.plus(LEAD);
        let held = Finding::of("late").open(DUE).after(falls_from);
        for frontier in [DUE, DUE.plus(Elapsed::seconds(1)), falls_from] {
            assert_eq!(
                guarded(&held, Instant::BEGINNING, Elapsed::default(), frontier),
                (Shown::Pending { soon: false }, Some(falls_from))
            );
        }
    }

    fn shown(frontier: Instant) -> (Shown, Option<Instant>) {
        guarded(
            &Finding::of("late").open(DUE),
            Instant::BEGINNING,
            LEAD,
            frontier,
        )
    }
}
