//! What was done for a victim, as the victims' system comes to hold it. Start at [`CareDesign`].

use super::chance::Chance;
use super::parts::{Dated, by, commits, exact, known, word};
use crate::domain::names::{Role, VictimRef};
use crate::domain::records::{
    AssessmentEvidence, Consent, Consultation, ConsultedAbout, Informed, InformedOf,
    NeedsAssessment, Referral, SupportKind, SupportRecord, VictimCare, View,
};
use crate::domain::{Elapsed, Instant};

/// What was done for one victim, and its history.
#[derive(Clone, Debug)]
pub(super) struct CareDesign {
    pub(super) victim: VictimRef,
    pub(super) assessments: Vec<Dated<NeedsAssessment>>,
    pub(super) referrals: Vec<Dated<Referral>>,
    pub(super) informed: Vec<Dated<Informed>>,
    /// True if the system does not send its notices.
    pub(super) informed_untold: bool,
    pub(super) support: Vec<Dated<SupportRecord>>,
    pub(super) consultations: Vec<Dated<Consultation>>,
}

impl CareDesign {
    /// A victim for whom nothing was done yet.
    pub(super) fn of(victim: VictimRef) -> CareDesign {
        CareDesign {
            victim,
            assessments: Vec::new(),
            referrals: Vec::new(),
            informed: Vec::new(),
            informed_untold: false,
            support: Vec::new(),
            consultations: Vec::new(),
        }
    }

    /// Does for a person what is due after a crime was recorded, in good time.
    pub(super) fn look_after(&mut self, recorded: Instant, chance: &mut Chance) {
        let assessed = chance.after(recorded, Elapsed::hours(1), Elapsed::hours(20));
        self.assess(assessed);
        let offered = chance.after(recorded, Elapsed::minutes(10), Elapsed::minutes(60));
        match chance.between(1, 10) {
            1..=4 => self.declined(offered),
            5 => self.refer(offered, offered, Consent::Automatic),
            _ => {
                let sent = chance.after(offered, Elapsed::minutes(5), Elapsed::minutes(60));
                self.refer(offered, sent, Consent::Yes);
            }
        }
    }

    /// Assesses the victim's needs on a form.
    pub(super) fn assess(&mut self, at: Instant) {
        let assessment = NeedsAssessment {
            at: exact(at),
            by: by(Role::Officer),
            method: word("telephone"),
            evidence: Some(AssessmentEvidence::Form),
            needs: Some(6),
            enhanced_decision: Some(false),
            refused: Some(false),
            ..NeedsAssessment::untold("n1".into())
        };
        self.assessments.push(Dated::new(at, assessment));
    }

    /// Refers the victim to a support service.
    pub(super) fn refer(&mut self, offered: Instant, sent: Instant, consent: Consent) {
        let referral = Referral {
            service: word("victim_support"),
            offered_at: exact(offered),
            consent: Some(consent),
            consent_at: exact(offered),
            sent_at: exact(sent),
            safe_contact_checked: Some(true),
        };
        self.referrals.push(Dated::new(offered, referral));
    }

    /// The victim wants no referral.
    pub(super) fn declined(&mut self, at: Instant) {
        self.refer(at, at, Consent::No);
        let referral = self.referrals.last_mut().expect("one was pushed");
        referral.what.sent_at = None;
    }

    /// Tells the victim that the crime is removed.
    pub(super) fn tell_removal(&mut self, at: Instant) {
        let notice = Informed {
            of: Some(InformedOf::Cancellation),
            event_ref: Some("x1".into()),
            at: exact(at),
            channel: word("telephone"),
            reasons_given: Some(true),
        };
        self.informed.push(Dated::new(at, notice));
    }

    /// Puts the victim's position on record for an outcome.
    pub(super) fn record_position(&mut self, at: Instant, outcome: &str) -> &mut SupportRecord {
        let record = SupportRecord {
            at: exact(at),
            kind: Some(SupportKind::SignedStatement),
            endorsed: Some(true),
            reason_code: word("no_wish_to_proceed"),
            outcome_id: Some(outcome.into()),
            ..SupportRecord::untold("s1".into())
        };
        self.support.push(Dated::new(at, record));
        &mut self.support.last_mut().expect("one was pushed").what
    }

    /// Asks the victim about a disposal.
    pub(super) fn consult(&mut self, at: Instant, view: View, attempts: i64) -> &mut Consultation {
        let asked = Consultation {
            at: exact(at),
            about: Some(ConsultedAbout::Other),
            outcome_id: Some("o1".into()),
            view: Some(view),
            attempts: Some(attempts),
            endorsed: Some(true),
        };
        self.consultations.push(Dated::new(at, asked));
        let last = self.consultations.last_mut();
        &mut last.expect("one was pushed").what
    }

    /// Every commit of it.
    pub(super) fn commits(&self) -> impl Iterator<Item = Instant> {
        commits(&self.assessments)
            .chain(commits(&self.referrals))
            .chain(self.referrals.iter().filter_map(|entry| sent(&entry.what)))
            .chain(commits(&self.informed))
            .chain(commits(&self.support))
            .chain(commits(&self.consultations))
    }

    /// What the system holds of it at this commit.
    pub(super) fn held_at(&self, at: Instant) -> VictimCare {
        let mut referrals = known(&self.referrals, at);
        for referral in &mut referrals {
            if sent(referral).is_some_and(|sent| sent > at) {
                referral.sent_at = None;
            }
        }
        VictimCare {
            needs_assessments: Some(known(&self.assessments, at)),
            referrals: Some(referrals),
            informed: (!self.informed_untold).then(|| known(&self.informed, at)),
            support_records: Some(known(&self.support, at)),
            consultations: Some(known(&self.consultations, at)),
            ..VictimCare::nothing_happened(self.victim.clone())
        }
    }
}

fn sent(referral: &Referral) -> Option<Instant> {
    referral.sent_at.map(|at| at.earliest())
}
