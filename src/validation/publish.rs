//! Publishing: what an exception says and when it says it anew. Compares content, not occasions: a
//! revision is made by a change and by nothing else. Start at [`Force::live`].

use super::content;
use super::entry::{Alarm, Effect};
use super::force::{Force, Step};
use super::judge::{Docket, Judged};
use super::life::{Raised, Standing, state_of};
use super::things::ThingKey;
use crate::domain::exception::{
    Because, CitationText, DueAt, Exception, FindingText, ProofKind, Provenance, State,
    exception_id,
};
use crate::domain::names::{RecordKind, Reference, Word};
use crate::domain::{Instant, Verdict};
use crate::rules::Rule;

/// Whom what is said of a record goes to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Routing {
    /// The unit that owns the record.
    pub owning_unit: Option<Word>,
    /// The offence group.
    pub offence_group: Option<String>,
    /// True if it concerns domestic abuse.
    pub domestic_abuse: Option<bool>,
}

impl Force {
    /// Lets the exception on an obligation follow its judgement.
    pub(super) fn live(
        &self,
        key: &ThingKey,
        docket: &mut Docket,
        judged: &Judged,
        step: &mut Step,
    ) {
        let known = self.place_of(docket, judged);
        let standing = Standing::Judged {
            shown: judged.shown,
            verdict: &judged.judgement.verdict,
            waived: judged.waived,
            opens: judged.opens,
        };
        let Some((state, because)) =
            state_of(standing, known.map(|at| docket.raised[at].last_open))
        else {
            return;
        };
        let exception = self.exception(key, judged, docket, state, because);
        self.revise(docket, known, exception, step);
    }

    /// Withdraws the exceptions of a rule on obligations that it no longer names.
    pub(super) fn withdraw_unnamed(
        &self,
        key: &ThingKey,
        docket: &mut Docket,
        rule: usize,
        step: &mut Step,
    ) {
        let id = self.rules.rules()[rule].id;
        for at in 0..docket.raised.len() {
            let raised = &docket.raised[at];
            let names = |judged: &Judged| {
                judged.rule == rule && judged.judgement.obligation == raised.obligation
            };
            if raised.rule != id || docket.judged.iter().any(names) {
                continue;
            }
            if let Some((state, because)) = state_of(Standing::Gone, Some(raised.last_open)) {
                let exception = self.closed(key, raised, state, because);
                self.revise(docket, Some(at), exception, step);
            }
        }
    }

    /// Supersedes the exceptions of some rules: the thing is gone, or the rule judges no longer.
    pub(super) fn supersede(
        &self,
        key: &ThingKey,
        docket: &mut Docket,
        of: impl Fn(&'static str) -> bool,
        step: &mut Step,
    ) {
        for at in 0..docket.raised.len() {
            let raised = &docket.raised[at];
            if !of(raised.rule) {
                continue;
            }
            if let Some((state, because)) = state_of(Standing::RecordGone, Some(raised.last_open)) {
                let exception = self.closed(key, raised, state, because);
                self.revise(docket, Some(at), exception, step);
            }
        }
    }

    /// Publishes a revision if its content differs from the last one.
    fn revise(
        &self,
        docket: &mut Docket,
        known: Option<usize>,
        mut exception: Exception,
        step: &mut Step,
    ) {
        let at = known.unwrap_or_else(|| {
            docket.raised.push(Raised {
                rule: exception.rule,
                obligation: exception.obligation.clone(),
                id: exception.id,
                revision: 0,
                state: exception.state,
                last_open: exception.state,
                reopened: false,
                content: [0; 16],
            });
            docket.raised.len() - 1
        });
        let raised = &mut docket.raised[at];
        raised.reopened |=
            raised.revision > 0 && !raised.state.is_open() && exception.state.is_open();
        exception.reopened = raised.reopened;
        // Revision and provenance, which are no part of the content, are not set yet.
        let content = content::long_hash_of(&exception);
        if raised.revision > 0 && raised.content == content {
            return;
        }
        if exception.because == Some(Because::Undecidable) && raised.state.is_open() {
            let (rule, reference) = (exception.rule, exception.reference.clone());
            step.effects
                .push(Effect::Alarm(Alarm::NoLongerTold { rule, reference }));
        }
        raised.revision += 1;
        raised.state = exception.state;
        raised.content = content;
        if exception.state.is_open() {
            raised.last_open = exception.state;
        }
        exception.revision = raised.revision;
        exception.provenance = Provenance {
            partition: step.position.partition,
            position: step.position.offset,
            frontier: DueAt(self.frontier_of(exception.rule)),
        };
        step.effects.push(Effect::Exception(Box::new(exception)));
    }

    fn exception(
        &self,
        key: &ThingKey,
        judged: &Judged,
        docket: &Docket,
        state: State,
        because: Option<Because>,
    ) -> Exception {
        let rule = self.rules.rules()[judged.rule];
        let verdict = &judged.judgement.verdict;
        let mut exception = self.blank(key, rule, &judged.judgement.obligation, state, because);
        exception.finding = verdict.finding().map(|finding| FindingText {
            finding: finding.clone(),
            text: rule.finding_text(finding.code),
        });
        exception.late_by_seconds = verdict.late_by_seconds();
        exception.proof = ProofKind::Stated;
        match verdict {
            Verdict::Breach { due, remedied, .. } => {
                exception.due = due.map(DueAt);
                exception.remedied_at = *remedied;
                exception.proof = self.proof_of(judged);
            }
            Verdict::Met { due, done } => {
                exception.due = due.map(DueAt);
                exception.remedied_at = *done;
            }
            Verdict::Undecidable { missing } => exception.missing = vec![missing.path()],
            _ => {}
        }
        let routing = self.routing(key);
        exception.owning_unit = routing.owning_unit;
        exception.offence_group = routing.offence_group;
        exception.domestic_abuse = routing.domestic_abuse;
        exception.cause = rule.cause.map(|owner| self.cause(key, owner, docket));
        exception
    }

    /// What is left to say of an exception whose record or obligation is gone.
    fn closed(
        &self,
        key: &ThingKey,
        raised: &Raised,
        state: State,
        because: Option<Because>,
    ) -> Exception {
        let card = self.rules.card(raised.rule);
        let card = card.expect("an exception is only held of a rule whose card is known");
        self.blank(key, card, &raised.obligation, state, because)
    }

    fn blank(
        &self,
        key: &ThingKey,
        card: &'static Rule,
        obligation: &Word,
        state: State,
        because: Option<Because>,
    ) -> Exception {
        Exception {
            id: exception_id(&self.code, key.0, &key.1, card.id, obligation),
            revision: 0,
            force: self.code.clone(),
            record: key.0,
            reference: key.1.clone(),
            rule: card.id,
            obligation: obligation.clone(),
            state,
            severity: card.severity.as_str(),
            title: card.title(),
            finding: None,
            missing: Vec::new(),
            due: None,
            late_by_seconds: None,
            remedied_at: None,
            citation: self.citation(card),
            ruleset: self.rules.fingerprint().to_owned(),
            profile: self.rules.library().profile().name.clone(),
            proof: ProofKind::Stated,
            owning_unit: None,
            offence_group: None,
            domestic_abuse: None,
            because,
            reopened: false,
            cause: None,
            provenance: Provenance {
                partition: 0,
                position: 0,
                frontier: DueAt(Instant::BEGINNING),
            },
        }
    }

    fn citation(&self, card: &Rule) -> CitationText {
        let cited = card.sources.first();
        let source = cited.and_then(|cited| self.rules.library().source(cited.source));
        CitationText {
            source: source.map_or_else(String::new, |source| source.title.clone()),
            edition: source.and_then(|source| source.edition.clone()),
            place: cited.map_or("", |cited| cited.place),
        }
    }

    /// On whose word a judgement stands.
    pub(super) fn proof_of(&self, judged: &Judged) -> ProofKind {
        let by_absence = matches!(
            judged.judgement.verdict,
            Verdict::Breach {
                due: Some(_),
                remedied: None,
                ..
            }
        );
        self.proof(judged.rule, by_absence)
    }

    /// The exception that the rule owning the failure has, or would have, on the same record.
    fn cause(&self, key: &ThingKey, owner: &str, docket: &Docket) -> uuid::Uuid {
        let own = docket.raised.iter().find(|raised| raised.rule == owner);
        match own {
            Some(raised) => raised.id,
            None => exception_id(&self.code, key.0, &key.1, owner, &key.1.as_str().into()),
        }
    }

    fn place_of(&self, docket: &Docket, judged: &Judged) -> Option<usize> {
        let id = self.rules.rules()[judged.rule].id;
        docket.raised.iter().position(|raised| {
            raised.rule == id && raised.obligation == judged.judgement.obligation
        })
    }

    /// Whom what is said of a record goes to; an incident carries no unit and no offence group.
    pub fn routing(&self, key: &(RecordKind, Reference)) -> Routing {
        if key.0 == RecordKind::Incident {
            let log = self
                .incidents
                .get(&key.1)
                .and_then(|thing| thing.view.log.as_ref());
            let domestic_abuse = log.and_then(|log| log.domestic_abuse);
            return Routing {
                domestic_abuse,
                ..Routing::default()
            };
        }
        let Some(core) = self
            .crimes
            .get(&key.1)
            .and_then(|thing| thing.view.core.as_ref())
        else {
            return Routing::default();
        };
        let day = core
            .recorded_at
            .or(core.reported_at)
            .map(|on| on.earliest().london_day());
        let class = core.offence_class.as_ref();
        let group = day.zip(class).and_then(|(day, class)| {
            self.rules
                .library()
                .on(day)
                .offence_group(class.as_str())
                .map(str::to_owned)
        });
        Routing {
            owning_unit: core.owning_unit.clone(),
            offence_group: group,
            domestic_abuse: core.domestic_abuse,
        }
    }
}
