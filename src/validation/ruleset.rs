//! The rules that are on, with the library they read: what one activation stands for. Decides which
//! window a rule has under the profile. Start at [`RuleSet`].

use crate::domain::records::BlockSet;
use crate::domain::{Judgement, LondonDay, Missing, Moment, Verdict};
use crate::reference::Library;
use crate::rules::{self, Rule, Yields};

/// The rules that are on under a profile, and the library they read.
pub struct RuleSet {
    library: Library,
    rules: Vec<&'static Rule>,
    windows: Vec<Option<LondonDay>>,
    fingerprint: String,
}

impl RuleSet {
    /// The rules of the catalogue that the library's profile switches on.
    pub fn of(library: Library) -> RuleSet {
        let on = rules::all()
            .filter(|rule| library.profile().is_on(rule.id))
            .collect();
        RuleSet::with(library, on)
    }

    /// These rules and no others.
    pub fn with(library: Library, rules: Vec<&'static Rule>) -> RuleSet {
        let windows = rules.iter().map(|rule| window(rule, &library)).collect();
        let fingerprint = format!("{}+{}", env!("CARGO_PKG_VERSION"), library.fingerprint());
        RuleSet {
            library,
            rules,
            windows,
            fingerprint,
        }
    }

    /// The library.
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// The rules, in the order of the catalogue.
    pub fn rules(&self) -> &[&'static Rule] {
        &self.rules
    }

    /// The place of the rule of this id, if it is on.
    pub(super) fn place(&self, id: &str) -> Option<usize> {
        self.rules.iter().position(|rule| rule.id == id)
    }

    /// The card of the rule of this id, on or off.
    pub(super) fn card(&self, id: &str) -> Option<&'static Rule> {
        let on = self.rules.iter().copied().find(|rule| rule.id == id);
        on.or_else(|| rules::named(id))
    }

    /// Fingerprint of the code, the reference data and the profile.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The blocks that any rule concerns.
    pub fn concerned(&self) -> BlockSet {
        self.rules
            .iter()
            .fold(BlockSet::NONE, |all, rule| all.and(rule.concerned()))
    }

    /// The verdict under the law of its date: a breach before the rule's window is worth a look.
    pub(super) fn under_law(&self, rule: usize, judgement: &mut Judgement) {
        let Some(first_day) = self.windows[rule] else {
            return;
        };
        if !matches!(judgement.verdict, Verdict::Breach { .. }) {
            return;
        }
        let within = judgement
            .law_date
            .map_or(Err(Missing::EDITION), |law| law.on_or_after(first_day));
        let verdict = std::mem::replace(&mut judgement.verdict, Verdict::NotApplicable);
        judgement.verdict = match (within, verdict) {
            (
                Ok(false),
                Verdict::Breach {
                    finding,
                    due,
                    stands_after,
                    ..
                },
            ) => Verdict::Advisory {
                finding,
                stands_after: stands_after.into_iter().chain(due).collect(),
            },
            (Err(missing), _) => Verdict::Undecidable { missing },
            (_, verdict) => verdict,
        };
    }

    /// True if a breach under the law of this date opens an exception.
    pub(super) fn opens(&self, rule: usize, law_date: Option<Moment>) -> bool {
        let from = self.library.profile().judge_from;
        self.rules[rule].yields == Yields::Exception
            && from.is_none_or(|from| law_date.is_none_or(|law| law.on_or_after(from) == Ok(true)))
    }
}

fn window(rule: &Rule, library: &Library) -> Option<LondonDay> {
    library
        .profile()
        .window(rule.id)
        .or(rule.effective.first_day())
}
