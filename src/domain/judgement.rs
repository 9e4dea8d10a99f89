//! What a rule says of a duty: judgement, verdict, finding. A verdict knows what was due when and
//! what was done when; it knows no time of day, so whether its time has come is asked elsewhere.
//! Start at [`Verdict`].

use serde::Serialize;

use super::instant::Instant;
use super::known::{Known, Missing};
use super::moment::Moment;
use super::names::Word;
use super::refusal::class_of;
use super::shape::symbols;

symbols! {
    /// The part of a measure in which an obligation is counted.
    Stratum {
        /// In towns.
        Urban = "urban",
        /// In the country.
        Rural = "rural",
    }
}

/// What a rule says of one obligation.
#[derive(Clone, PartialEq, Debug)]
pub struct Judgement {
    /// The one duty it speaks of: a victim, an outcome, a cancellation, the record itself.
    pub obligation: Word,
    /// What it says.
    pub verdict: Verdict,
    /// The moment whose law applies, where it is told.
    pub law_date: Option<Moment>,
    /// The moment in whose month it is counted; the law date unless the rule says otherwise.
    pub counted_on: Option<Moment>,
    /// The part of the measure it is counted in, where the rule has parts.
    pub stratum: Option<Stratum>,
}

/// What a rule says of an obligation. Cannot tell is an answer.
#[derive(Clone, PartialEq, Debug)]
pub enum Verdict {
    /// The duty does not arise.
    NotApplicable,
    /// The duty was done.
    Met {
        /// When, where an event did it.
        done: Option<Moment>,
        /// By when it was due, where it has a time.
        due: Option<Instant>,
    },
    /// The duty was not done, and a cited exemption permits that.
    Excused {
        /// The exemption, by the code on the rule's card.
        by: &'static str,
    },
    /// The duty was not done, or done late.
    Breach {
        /// Why.
        finding: Finding,
        /// By when it was due, where it has a time.
        due: Option<Instant>,
        /// When it was made good, where it was.
        remedied: Option<Moment>,
        /// True if how late it was made good is counted: a duty without an hour of its own has a
        /// due instant and no lateness.
        timed: bool,
        /// Instants of the facts it rests on, besides its due.
        stands_after: Vec<Instant>,
    },
    /// Worth a person's look, and no breach.
    Advisory {
        /// Why.
        finding: Finding,
        /// Instants of the facts it rests on, its due instant included.
        stands_after: Vec<Instant>,
    },
    /// A fact that would decide is not told.
    Undecidable {
        /// Which.
        missing: Missing,
    },
}

/// Why a verdict is a breach or an advisory, with the facts it rests on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Finding {
    /// The code; its text stands on the rule's card.
    pub code: &'static str,
    /// The facts it rests on.
    pub facts: Vec<Fact>,
}

/// One fact a finding rests on: which field, and its class of value or its moment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Fact {
    /// The path of the field, without index.
    pub field: &'static str,
    /// A class of value or a reference; never personal data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Word>,
    /// The moment it carries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Moment>,
}

impl Finding {
    /// A finding of this code, without facts yet.
    pub const fn of(code: &'static str) -> Finding {
        Finding {
            code,
            facts: Vec::new(),
        }
    }

    /// The finding with a moment it rests on.
    #[must_use]
    pub fn at(mut self, field: &'static str, at: Moment) -> Finding {
        self.facts.push(Fact {
            field,
            value: None,
            at: Some(at),
        });
        self
    }

    /// The finding with a class of value or a reference it rests on. What does not look like a code
    /// may say anything, so only its length is told.
    #[must_use]
    pub fn value(mut self, field: &'static str, value: impl AsRef<str>) -> Finding {
        const LONGEST_CODE: usize = 64;
        let text = value.as_ref();
        let is_code =
            text.len() <= LONGEST_CODE && text.bytes().all(|byte| byte.is_ascii_graphic());
        let value = if is_code {
            text.to_owned()
        } else {
            class_of(text)
        };
        self.facts.push(Fact {
            field,
            value: Some(value.into()),
            at: None,
        });
        self
    }

    /// The breach of a duty that was due then and has not been done.
    pub fn open(self, due: Instant) -> Verdict {
        self.breach(Some(due), None, true)
    }

    /// The breach of a duty that was due then and was done late.
    pub fn late(self, due: Instant, done: Moment) -> Verdict {
        self.breach(Some(due), Some(done), true)
    }

    /// The breach of a duty without an hour of its own that was made good after `due` had passed.
    pub fn made_good(self, due: Instant, done: Moment) -> Verdict {
        self.breach(Some(due), Some(done), false)
    }

    /// The breach of a duty that has no hour of its own, made good or not.
    pub fn plain(self, remedied: Option<Moment>) -> Verdict {
        self.breach(None, remedied, false)
    }

    fn breach(self, due: Option<Instant>, remedied: Option<Moment>, timed: bool) -> Verdict {
        let stands_after = remedied.iter().map(Moment::latest).collect();
        Verdict::Breach {
            finding: self,
            due,
            remedied,
            timed,
            stands_after,
        }
    }

    /// Worth a person's look once the clocks of the feeds are past `after`.
    pub fn advisory(self, after: impl IntoIterator<Item = Instant>) -> Verdict {
        Verdict::Advisory {
            finding: self,
            stands_after: after.into_iter().collect(),
        }
    }
}

impl Verdict {
    /// The duty was done at no stated time.
    pub const MET: Verdict = Verdict::Met {
        done: None,
        due: None,
    };

    /// The duty was done then.
    pub fn met_at(done: Moment, due: Option<Instant>) -> Verdict {
        Verdict::Met {
            done: Some(done),
            due,
        }
    }

    /// The same verdict, standing only once the feeds are proved past `instant` too.
    #[must_use]
    pub fn after(mut self, instant: Instant) -> Verdict {
        if let Verdict::Breach { stands_after, .. } | Verdict::Advisory { stands_after, .. } =
            &mut self
        {
            stands_after.push(instant);
        }
        self
    }

    /// Seconds between due and done, for a duty done late: the one place where lateness is computed.
    pub fn late_by_seconds(&self) -> Option<i64> {
        match self {
            Verdict::Breach {
                due: Some(due),
                remedied: Some(done),
                timed: true,
                ..
            } => Some(done.earliest().since(*due).whole_seconds().max(0)),
            _ => None,
        }
    }

    /// The finding of a breach or an advisory.
    pub fn finding(&self) -> Option<&Finding> {
        match self {
            Verdict::Breach { finding, .. } | Verdict::Advisory { finding, .. } => Some(finding),
            _ => None,
        }
    }
}

impl From<Known<Verdict>> for Verdict {
    fn from(known: Known<Verdict>) -> Self {
        known.unwrap_or_else(|missing| Verdict::Undecidable { missing })
    }
}

impl Judgement {
    /// What is said of `obligation` under the law of `law_date`.
    pub fn of(
        obligation: impl Into<Word>,
        law_date: Option<Moment>,
        verdict: Known<Verdict>,
    ) -> Judgement {
        Judgement {
            obligation: obligation.into(),
            verdict: verdict.into(),
            law_date,
            counted_on: law_date,
            stratum: None,
        }
    }

    /// The same judgement, counted in this part of the measure.
    #[must_use]
    pub fn in_stratum(mut self, stratum: Option<Stratum>) -> Judgement {
        self.stratum = stratum;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lateness_counts_from_the_start_of_a_day_and_is_never_negative() {
        let due = Moment::parse("2026-04-02T00:00:00+01:00")
            .expect("well formed")
            .earliest();
        let done = Moment::parse("2026-04-03").expect("well formed");
        let late = Finding::of("late").late(due, done);
        assert_eq!(late.late_by_seconds(), Some(86_400));
        assert_eq!(Finding::of("open").open(due).late_by_seconds(), None);
    }

    #[test]
    fn a_text_that_is_no_code_is_told_by_its_length() {
        let finding = Finding::of("odd")
            .value("outcomes.code", "C9")
            .value("outcomes.code", "a b");
        let values: Vec<_> = finding
            .facts
            .iter()
            .filter_map(|fact| fact.value.clone())
            .collect();
        assert_eq!(values, ["C9".into(), "a text of 3 characters".into()]);
    }

    #[test]
    fn a_breach_made_good_waits_for_the_moment_that_made_it_good() {
        let done = Moment::parse("2026-04-03").expect("well formed");
        let Verdict::Breach { stands_after, .. } =
            Finding::of("late").late(Instant::BEGINNING, done)
        else {
            panic!("a late duty is a breach");
        };
        assert_eq!(stands_after, vec![done.latest()]);
    }
}
