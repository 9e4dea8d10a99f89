//! Looking in: what is held and judged, as lines a driver writes and a person reads. Changes
//! nothing. Start at [`Force::judgements`] and [`Force::inspect`].

use serde::Serialize;

use super::force::Force;
use super::guard::{Shown, stands_from};
use super::judge::Judged;
use super::things::{Held, Thing, ThingKey};
use crate::domain::case::{Far, Linked};
use crate::domain::exception::{DueAt, ProofKind, State};
use crate::domain::names::{ForceCode, RecordKind, Reference, Word};
use crate::domain::{Instant, Moment, Stratum, Verdict};

/// One judgement, as it is written out.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct JudgementLine {
    /// The force.
    pub force: ForceCode,
    /// The kind of record.
    pub record: RecordKind,
    /// The record.
    pub reference: Reference,
    /// The rule.
    pub rule: &'static str,
    /// The duty.
    pub obligation: Word,
    /// The verdict, guarded.
    pub verdict: &'static str,
    /// By when it was due.
    pub due: Option<DueAt>,
    /// How late it was done, in whole seconds.
    pub late_by_seconds: Option<i64>,
    /// True if a breach was made good.
    pub remedied: bool,
    /// The leaf that would decide.
    pub missing: Vec<String>,
    /// What the record carried there and could not be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<String>,
    /// On whose word a verdict by absence stands.
    pub proof: ProofKind,
    /// Why it is a breach or an advisory.
    pub finding: Option<&'static str>,
    /// The exemption that excuses it.
    pub by: Option<&'static str>,
    /// The moment whose law applies.
    pub law_date: Option<Moment>,
    /// The part of the measure.
    pub stratum: Option<Stratum>,
    /// True if it opens an exception or would.
    #[serde(skip)]
    pub opens: bool,
    /// What the frontier must be later than for it to stand.
    #[serde(skip)]
    pub stands_from: Option<Instant>,
    /// True if the rule says breach, shown as one or still pending.
    #[serde(skip)]
    pub accuses: bool,
    /// By when the duty was due, where the rule says it had a time.
    #[serde(skip)]
    pub due_by: Option<Instant>,
    /// When the duty was done, where an event did it.
    #[serde(skip)]
    pub done_at: Option<Moment>,
    /// The rule, by its place in the rule set.
    #[serde(skip)]
    pub place: usize,
}

/// What is held of one thing, for a person to read.
#[derive(Clone, PartialEq, Debug)]
pub struct Inspection {
    /// The kind of record.
    pub record: RecordKind,
    /// The record.
    pub reference: Reference,
    /// Why it is gone, if it is.
    pub gone: Option<&'static str>,
    /// Every version seen, by feed and then by version.
    pub versions: Vec<VersionLine>,
    /// The things it is linked with.
    pub names: Vec<NameLine>,
    /// What was judged of it.
    pub judgements: Vec<JudgementLine>,
    /// Its exceptions: rule, obligation, state, revision.
    pub exceptions: Vec<(&'static str, Word, State, u32)>,
}

/// One version of a thing.
#[derive(Clone, PartialEq, Debug)]
pub struct VersionLine {
    /// The feed.
    pub source: String,
    /// The version.
    pub version: Option<i64>,
    /// When the source committed it.
    pub committed_at: Moment,
    /// How the record stood, its class and its code.
    pub says: String,
}

/// One link of a thing.
#[derive(Clone, PartialEq, Debug)]
pub struct NameLine {
    /// The thing at the other end.
    pub reference: Reference,
    /// What it is.
    pub kind: String,
    /// What is known of it.
    pub far: &'static str,
}

impl Force {
    /// Every judgement, in the order of kind, reference, rule and obligation.
    pub fn judgements(&self) -> impl Iterator<Item = JudgementLine> {
        let incidents = self.incidents.iter().flat_map(move |(own, thing)| {
            thing
                .docket
                .judged
                .iter()
                .map(move |judged| self.line((RecordKind::Incident, own), judged, thing))
        });
        let crimes = self.crimes.iter().flat_map(move |(own, thing)| {
            thing
                .docket
                .judged
                .iter()
                .map(move |judged| self.line((RecordKind::Crime, own), judged, thing))
        });
        incidents.chain(crimes)
    }

    fn line<B: Held>(
        &self,
        key: (RecordKind, &Reference),
        judged: &Judged,
        thing: &Thing<B>,
    ) -> JudgementLine {
        let verdict = &judged.judgement.verdict;
        let first_commit = thing.first_commit();
        let stands_from = stands_from(verdict, first_commit);
        let pending = matches!(judged.shown, Shown::Pending { .. });
        let due = match verdict {
            Verdict::Breach { due, .. } | Verdict::Met { due, .. } => *due,
            Verdict::Advisory { stands_after, .. } if pending => stands_after.iter().max().copied(),
            _ => None,
        };
        let (due_by, done_at) = match verdict {
            Verdict::Breach { due, remedied, .. } => (*due, *remedied),
            Verdict::Met { due, done } => (*due, *done),
            _ => (None, None),
        };
        let missing = match verdict {
            Verdict::Undecidable { missing } => Some(*missing),
            _ => None,
        };
        let unread = thing.sent.iter().flat_map(|sent| &sent.unread);
        let unread =
            unread.filter(|unread| missing.is_some_and(|leaf| leaf.touches(unread.path.as_str())));
        let shown = judged.shown;
        JudgementLine {
            force: self.code.clone(),
            record: key.0,
            reference: key.1.clone(),
            rule: self.rules.rules()[judged.rule].id,
            obligation: judged.judgement.obligation.clone(),
            verdict: shown.as_str(),
            due: due.or(stands_from.filter(|_| pending)).map(DueAt),
            late_by_seconds: verdict.late_by_seconds().filter(|_| shown == Shown::Breach),
            remedied: shown == Shown::Breach && super::life::is_remedied(verdict),
            missing: missing.map(|leaf| leaf.path()).into_iter().collect(),
            unread: unread
                .map(|unread| format!("{}={}", unread.path, unread.value))
                .collect(),
            proof: self.proof_of(judged),
            finding: verdict
                .finding()
                .filter(|_| !pending)
                .map(|finding| finding.code),
            by: match verdict {
                Verdict::Excused { by } => Some(by),
                _ => None,
            },
            law_date: judged.judgement.law_date,
            stratum: judged.judgement.stratum,
            opens: judged.opens,
            stands_from,
            accuses: matches!(verdict, Verdict::Breach { .. }),
            due_by,
            done_at,
            place: judged.rule,
        }
    }

    /// What is held of every thing of this reference: a crime and an incident may share one.
    pub fn inspect(&self, reference: &Reference) -> Vec<Inspection> {
        let mut found = Vec::new();
        if let Some((own, thing)) = self.incidents.named(reference) {
            let names = self.incident_case(own, thing).crimes;
            found.push(self.inspection(own, thing, names.iter().map(name_line).collect()));
        }
        if let Some((own, thing)) = self.crimes.named(reference) {
            let names = self.crime_case(own, thing).incidents;
            found.push(self.inspection(own, thing, names.iter().map(name_line).collect()));
        }
        found
    }

    fn inspection<B: Held>(
        &self,
        own: &Reference,
        thing: &Thing<B>,
        names: Vec<NameLine>,
    ) -> Inspection {
        let key = (B::KIND, own);
        let judged = thing.docket.judged.iter();
        Inspection {
            record: B::KIND,
            reference: own.clone(),
            gone: thing.stub.map(|reason| reason.as_str()),
            versions: versions_of(thing),
            names,
            judgements: judged.map(|judged| self.line(key, judged, thing)).collect(),
            exceptions: thing
                .docket
                .raised
                .iter()
                .map(|raised| {
                    (
                        raised.rule,
                        raised.obligation.clone(),
                        raised.state,
                        raised.revision,
                    )
                })
                .collect(),
        }
    }

    /// The exceptions in an open state, in this order: rule, severity, state.
    pub fn open_exceptions(&self) -> impl Iterator<Item = (&'static str, &'static str, State)> {
        let dockets = self.incidents.unordered().map(|thing| &thing.docket);
        let dockets = dockets.chain(self.crimes.unordered().map(|thing| &thing.docket));
        let open = dockets.flat_map(|docket| &docket.raised);
        let open = open.filter(|raised| raised.state.is_open());
        let mut open: Vec<_> = open
            .filter_map(|raised| {
                let rule = self.rules.rules()[self.rules.place(raised.rule)?];
                Some((rule.id, rule.severity.as_str(), raised.state))
            })
            .collect();
        open.sort_unstable();
        open.into_iter()
    }

    /// Every thing, by kind and reference.
    pub fn references(&self) -> Vec<ThingKey> {
        self.keys()
    }
}

fn versions_of<B: Held>(thing: &Thing<B>) -> Vec<VersionLine> {
    let mut lines = Vec::new();
    for sent in &thing.sent {
        for row in sent.ledger.rows() {
            let watched = row.watched.as_deref();
            let says = watched.map_or_else(String::new, |watched| {
                let words = [
                    watched.status.map(|status| status.as_str().to_owned()),
                    watched.class.as_ref().map(|class| format!("class {class}")),
                    watched.code.as_ref().map(|code| format!("code {code}")),
                ];
                words.into_iter().flatten().collect::<Vec<_>>().join(", ")
            });
            lines.push(VersionLine {
                source: sent.source.to_string(),
                version: row.version,
                committed_at: row.committed_at,
                says,
            });
        }
        if sent.ledger.folded() > 0 {
            let last = lines.last_mut().expect("a folded ledger keeps rows");
            last.says.push_str(&format!(
                " ({} older versions folded)",
                sent.ledger.folded()
            ));
        }
    }
    lines
}

fn name_line<B: Held>(link: &Linked<'_, B>) -> NameLine {
    NameLine {
        reference: link.reference.clone(),
        kind: link
            .kind
            .map_or_else(|_| "kind not told".to_owned(), |kind| kind.to_string()),
        far: match link.far {
            Far::Held(_) => "held",
            Far::Disposed => "disposed",
            Far::Gone => "gone",
            Far::Dangling { .. } => "dangling",
            Far::Unknown => "unknown",
        },
    }
}
