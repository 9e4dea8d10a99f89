//! Asking the rules: builds the case a rule sees, calls its check, contains a fault of it, and puts
//! the answers on the thing's docket. Never knows what a rule means. Start at [`Judged`].

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::counts::{CountKey, Counted, Frozen};
use super::force::Force;
use super::guard::Shown;
use super::life::{Raised, is_remedied};
use super::things::{Held, Thing, ThingKey};
use crate::domain::case::{CrimeCase, Far, IncidentCase, LINK_KIND, Linked, ORIGIN_KIND};
use crate::domain::names::{EntryId, LinkKind, RecordKind, Reference};
use crate::domain::records::{BlockSet, CrimeBlocks, DeletedReason, IncidentBlocks};
use crate::domain::{Instant, Judgement, Known, LondonDay, Missing, Verdict};
use crate::rules::Check;

/// Links judged together at one thing; past it nobody can follow them, and neither do we.
const LINKS_MAX: usize = 500;

/// What was judged of a thing, and what came of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Docket {
    /// The judgements, in the order of rule and obligation.
    pub(super) judged: Vec<Judged>,
    /// Its exceptions, open and closed.
    pub(super) raised: Vec<Raised>,
    /// The instants past which its judgements are looked at again, by group of feeds.
    pub(super) timers: Vec<(usize, Instant)>,
    /// What a lawful disposal left in the counts.
    pub(super) frozen: Vec<Frozen>,
}

/// One judgement, and how it is shown now.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The rule, by its place in the rule set.
    pub rule: usize,
    /// What it says, under the law of its date.
    pub judgement: Judgement,
    /// How it is shown at the rule's frontier.
    pub shown: Shown,
    /// True under a live waiver.
    pub waived: bool,
    /// True if a breach of it opens an exception.
    pub(super) opens: bool,
    /// The month it is counted in.
    month: Option<LondonDay>,
    /// How it is in the counts, once it is: as what, and if under a waiver.
    pub(super) counted: Option<(Shown, bool)>,
}

impl Judged {
    /// A judgement of a rule that is not shown yet.
    pub(super) fn fresh(rule: usize, judgement: Judgement, opens: bool) -> Judged {
        let shown = Shown::NotApplicable;
        let counted_on = judgement.counted_on;
        Judged {
            rule,
            judgement,
            shown,
            waived: false,
            opens,
            month: counted_on.map(|on| on.earliest().london_day().month_start()),
            counted: None,
        }
    }

    /// Notes that it is counted as it is shown, and says how that counts.
    pub(super) fn count(&mut self) -> Counted {
        self.counted = Some((self.shown, self.waived));
        self.counts_as(self.shown, self.waived)
    }

    /// How it is in the counts, if it is.
    pub(super) fn counted(&self) -> Option<Counted> {
        self.counted
            .map(|(shown, waived)| self.counts_as(shown, waived))
    }

    fn counts_as(&self, shown: Shown, waived: bool) -> Counted {
        Counted {
            key: CountKey {
                rule: self.rule,
                month: self.month,
                stratum: self.judgement.stratum,
            },
            shown,
            remedied: is_remedied(&self.judgement.verdict),
            waived,
        }
    }

    /// The month it is counted in.
    pub fn month(&self) -> Option<LondonDay> {
        self.month
    }
}

/// The case a rule of either kind sees.
enum Case<'a> {
    Incident(IncidentCase<'a>),
    Crime(CrimeCase<'a>),
}

impl Force {
    /// The answers of every rule that concerns what changed on a thing, by rule, and the rules that
    /// failed. A thing that is gone is not judged.
    pub(super) fn ask(
        &self,
        key: &ThingKey,
        changed: BlockSet,
    ) -> (Vec<(usize, Vec<Judgement>)>, Vec<usize>) {
        let (mut answers, mut faults) = (Vec::new(), Vec::new());
        let Some((case, links)) = self.case(key) else {
            return (answers, faults);
        };
        for (at, rule) in self.rules.rules().iter().enumerate() {
            if rule.judges() != key.0 || !rule.concerned().meets(changed) {
                continue;
            }
            let library = self.rules.library();
            let judged =
                if links > LINKS_MAX && rule.concerns.iter().any(|block| block.kind() != key.0) {
                    vec![cannot_tell(&key.1, Missing::TOO_MANY_LINKS)]
                } else {
                    let asked = catch_unwind(AssertUnwindSafe(|| match (&rule.check, &case) {
                        (Check::Crime(check), Case::Crime(case)) => check(case, library),
                        (Check::Incident(check), Case::Incident(case)) => check(case, library),
                        _ => Vec::new(),
                    }));
                    asked.unwrap_or_else(|_| {
                        faults.push(at);
                        vec![cannot_tell(&key.1, Missing::RULE_FAULT)]
                    })
                };
            answers.push((at, self.each_once(at, judged)));
        }
        (answers, faults)
    }

    /// The judgements of a rule under the law of their dates, each obligation once: where a rule
    /// names one twice, the worse verdict stands.
    fn each_once(&self, rule: usize, judgements: Vec<Judgement>) -> Vec<Judgement> {
        let mut once: BTreeMap<_, Judgement> = BTreeMap::new();
        for mut judgement in judgements {
            self.rules.under_law(rule, &mut judgement);
            let known = once.get(&judgement.obligation);
            if known.is_none_or(|known| gravity(&judgement.verdict) > gravity(&known.verdict)) {
                once.insert(judgement.obligation.clone(), judgement);
            }
        }
        once.into_values().collect()
    }

    fn case(&self, key: &ThingKey) -> Option<(Case<'_>, usize)> {
        Some(match key.0 {
            RecordKind::Incident => {
                let (reference, thing) = self.incidents.named(&key.1)?;
                let case = thing
                    .stub
                    .is_none()
                    .then(|| self.incident_case(reference, thing))?;
                let links = case.crimes.len();
                (Case::Incident(case), links)
            }
            _ => {
                let (reference, thing) = self.crimes.named(&key.1)?;
                let case = thing
                    .stub
                    .is_none()
                    .then(|| self.crime_case(reference, thing))?;
                let links = case.incidents.len();
                (Case::Crime(case), links)
            }
        })
    }

    /// The case of a crime that is held.
    pub(super) fn crime_case<'a>(
        &'a self,
        reference: &'a Reference,
        thing: &'a Thing<CrimeBlocks>,
    ) -> CrimeCase<'a> {
        let mut links = Links::of(self, thing);
        for entry in thing.view.origin.iter().flatten() {
            let Some(to) = &entry.incident else { continue };
            let far = links.far(to, self.incidents.get(to));
            links.add(
                to,
                entry.kind.ok_or(ORIGIN_KIND),
                entry.disclosure.as_ref(),
                far,
            );
        }
        for other in self.naming(reference, RecordKind::Incident) {
            let Some((to, incident)) = self.incidents.named(other) else {
                continue;
            };
            let live = incident.stub.is_none();
            for link in incident.view.links.iter().flatten().filter(|_| live) {
                if link.to.as_ref() == Some(reference) {
                    links.add(
                        to,
                        link.kind.ok_or(LINK_KIND),
                        None,
                        Far::Held(&incident.view),
                    );
                }
            }
            links.add_of_stub(reference, to, incident);
        }
        let heart = thing.heart(&self.feeds);
        CrimeCase {
            reference,
            crime: &thing.view,
            ledger: heart.map_or(&[], |sent| sent.ledger.rows()),
            versioned: heart.is_none_or(|sent| sent.ledger.is_numbered()),
            incidents: links.linked,
            feeds: &self.feeds,
        }
    }

    /// The case of an incident that is held.
    pub(super) fn incident_case<'a>(
        &'a self,
        reference: &'a Reference,
        thing: &'a Thing<IncidentBlocks>,
    ) -> IncidentCase<'a> {
        let mut links = Links::of(self, thing);
        for link in thing.view.links.iter().flatten() {
            let Some(to) = &link.to else { continue };
            let crime = self.crimes.get(to);
            if crime.is_none() && self.incidents.contains_key(to) {
                continue;
            }
            let far = links.far(to, crime);
            links.add(to, link.kind.ok_or(LINK_KIND), None, far);
        }
        for other in self.naming(reference, RecordKind::Crime) {
            let Some((to, crime)) = self.crimes.named(other) else {
                continue;
            };
            let live = crime.stub.is_none();
            for entry in crime.view.origin.iter().flatten().filter(|_| live) {
                if entry.incident.as_ref() == Some(reference) {
                    let kind = entry.kind.ok_or(ORIGIN_KIND);
                    links.add(to, kind, entry.disclosure.as_ref(), Far::Held(&crime.view));
                }
            }
            links.add_of_stub(reference, to, crime);
        }
        IncidentCase {
            reference,
            incident: &thing.view,
            crimes: links.linked,
            feeds: &self.feeds,
        }
    }

    fn naming(&self, reference: &Reference, kind: RecordKind) -> impl Iterator<Item = &Reference> {
        let naming = self.named_by.get(reference).into_iter().flatten();
        naming.filter(move |key| key.0 == kind).map(|key| &key.1)
    }
}

/// The links of a case while they are put together.
struct Links<'a, N: Held, B: Held> {
    force: &'a Force,
    naming: &'a Thing<N>,
    linked: Vec<Linked<'a, B>>,
}

impl<'a, N: Held, B: Held> Links<'a, N, B> {
    fn of(force: &'a Force, naming: &'a Thing<N>) -> Self {
        Links {
            force,
            naming,
            linked: Vec::new(),
        }
    }

    /// What is known of a name: held, a stub, nothing though it is covered, or nothing at all.
    fn far(&self, to: &Reference, thing: Option<&'a Thing<B>>) -> Far<'a, B> {
        match thing {
            Some(thing) => match thing.stub {
                None => Far::Held(&thing.view),
                Some(reason) => of_stub(reason),
            },
            None => {
                let began = self.naming.view.began();
                let covered = self.force.feeds.cover(B::HEART, began.as_ref());
                match self.naming.names_since(to) {
                    Some(named_at) if covered => Far::Dangling { named_at },
                    _ => Far::Unknown,
                }
            }
        }
    }

    /// Adds what one side says of a link to what is known of it.
    fn add(
        &mut self,
        to: &'a Reference,
        kind: Known<LinkKind>,
        disclosure: Option<&'a EntryId>,
        far: Far<'a, B>,
    ) {
        let same = |known: &&mut Linked<'a, B>| known.reference == to && known.kind == kind;
        let known = match self.linked.iter_mut().find(same) {
            Some(known) => known,
            None => {
                self.linked.push(Linked {
                    reference: to,
                    kind,
                    disclosures: Vec::new(),
                    far,
                });
                self.linked.last_mut().expect("one was pushed")
            }
        };
        if let Some(disclosure) = disclosure
            && let Err(at) = known.disclosures.binary_search(&disclosure)
        {
            known.disclosures.insert(at, disclosure);
        }
    }

    /// Adds the names that a stub kept.
    fn add_of_stub(&mut self, own: &Reference, to: &'a Reference, thing: &'a Thing<B>) {
        let Some(reason) = thing.stub else { return };
        for name in thing.names().filter(|name| name.to == *own) {
            if let Some(kind) = name.link {
                self.add(to, kind, name.disclosure.as_ref(), of_stub(reason));
            }
        }
    }
}

fn of_stub<'a, B: Held>(reason: DeletedReason) -> Far<'a, B> {
    match reason {
        DeletedReason::LawfulDisposal | DeletedReason::MergedInto => Far::Disposed,
        DeletedReason::CreatedInError | DeletedReason::Unknown => Far::Gone,
    }
}

fn cannot_tell(reference: &Reference, missing: Missing) -> Judgement {
    Judgement::of(reference.as_str(), None, Err(missing))
}

/// Which of two verdicts on one obligation stands.
fn gravity(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::NotApplicable => 0,
        Verdict::Met { .. } => 1,
        Verdict::Excused { .. } => 2,
        Verdict::Advisory { .. } => 3,
        Verdict::Undecidable { .. } => 4,
        Verdict::Breach { .. } => 5,
    }
}
