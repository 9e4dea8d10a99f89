//! What was done for a victim: assessments, referrals, contacts, notices, records of their position.
//! Start at [`VictimCare`].

use super::parts::Actor;
use crate::domain::Moment;
use crate::domain::names::{EntryId, VictimRef, Word};
use crate::domain::shape::{groups, symbols};

symbols! {
    /// What an assessment was written as.
    AssessmentEvidence {
        /// A form.
        Form = "form",
        /// A narrative.
        Narrative = "narrative",
    }
    /// Whether a victim wants to be referred.
    Consent {
        /// Yes.
        Yes = "yes",
        /// No.
        No = "no",
        /// Referred without being asked.
        Automatic = "automatic",
    }
    /// What a contact was.
    ContactKind {
        /// An update.
        Update = "update",
        /// An attempt.
        Attempt = "attempt",
        /// A notice.
        Notice = "notice",
    }
    /// What a victim was informed of.
    InformedOf {
        /// The outcome.
        Outcome = "outcome",
        /// The removal of the crime.
        Cancellation = "cancellation",
        /// That there is no investigation.
        NoInvestigation = "no_investigation",
        /// An arrest.
        Arrest = "arrest",
        /// An interview.
        Interview = "interview",
        /// A release.
        Release = "release",
        /// A change of bail.
        BailChange = "bail_change",
        /// A charge.
        Charge = "charge",
        /// A disposal.
        Disposal = "disposal",
    }
    /// What a victim said to the offer of a personal statement.
    StatementAnswer {
        /// Taken.
        Taken = "taken",
        /// Refused.
        Refused = "refused",
        /// Deferred.
        Deferred = "deferred",
    }
    /// In what form a victim's position is on record.
    SupportKind {
        /// A signed statement.
        SignedStatement = "signed_statement",
        /// A notebook entry.
        Notebook = "notebook",
        /// An entry on a device.
        DeviceEntry = "device_entry",
        /// A message from the victim.
        Message = "message",
        /// Body-worn video.
        BodyWornVideo = "body_worn_video",
        /// An officer's own note.
        OfficerNote = "officer_note",
    }
    /// What a victim was consulted on.
    ConsultedAbout {
        /// A caution.
        Caution = "caution",
        /// A conditional caution.
        ConditionalCaution = "conditional_caution",
        /// A community resolution.
        CommunityResolution = "community_resolution",
        /// Anything else.
        Other = "other",
    }
    /// What a victim said when consulted.
    View {
        /// Agrees.
        Agrees = "agrees",
        /// Disagrees.
        Disagrees = "disagrees",
        /// Has no view.
        NoView = "no_view",
        /// Was not reached.
        NotReached = "not_reached",
    }
}

groups! {
    /// One assessment of a victim's needs.
    NeedsAssessment at "victim_care.needs_assessments" [
        /// Its id.
        id: EntryId
    ] {
        /// When.
        at: Moment,
        /// By whom.
        by: Actor,
        /// How.
        method: Word,
        /// A form or a narrative.
        evidence: AssessmentEvidence,
        /// How many needs were considered.
        needs: i64,
        /// Enhanced rights were decided upon.
        enhanced_decision: bool,
        /// The victim refused it.
        refused: bool,
    }
    /// One referral to a support service.
    Referral at "victim_care.referrals" {
        /// Which service.
        service: Word,
        /// When it was offered.
        offered_at: Moment,
        /// Whether the victim wants it.
        consent: Consent,
        /// When the victim said so.
        consent_at: Moment,
        /// When the referral was sent.
        sent_at: Moment,
        /// It was checked how the victim can safely be contacted.
        safe_contact_checked: bool,
    }
    /// The written confirmation of the report.
    Confirmation at "victim_care.confirmation" {
        /// When it was sent.
        sent_at: Moment,
        /// How.
        channel: Word,
    }
    /// What was agreed about keeping in contact.
    ContactAgreement at "victim_care.contact_agreements" {
        /// From when.
        from: Moment,
        /// Every how many days.
        every_days: i64,
        /// How.
        method: Word,
        /// Who agreed it for the force.
        by: Actor,
    }
    /// One contact with the victim.
    Contact at "victim_care.contacts" {
        /// When.
        at: Moment,
        /// What it was.
        kind: ContactKind,
        /// What about.
        about: Word,
        /// How.
        channel: Word,
        /// It told the victim something of substance.
        substance: bool,
    }
    /// One notice to the victim.
    Informed at "victim_care.informed" {
        /// Of what.
        of: InformedOf,
        /// Which outcome, cancellation or other event.
        event_ref: EntryId,
        /// When.
        at: Moment,
        /// How.
        channel: Word,
        /// Reasons were given.
        reasons_given: bool,
    }
    /// The victim's personal statement.
    PersonalStatement at "victim_care.personal_statement" {
        /// When it was offered.
        offered_at: Moment,
        /// What the victim said.
        answer: StatementAnswer,
        /// When.
        answered_at: Moment,
        /// Who offered it.
        by: Actor,
    }
    /// One record of the victim's position.
    SupportRecord at "victim_care.support_records" [
        /// Its id.
        id: EntryId
    ] {
        /// When it was made.
        at: Moment,
        /// In what form.
        kind: SupportKind,
        /// The victim endorsed it.
        endorsed: bool,
        /// The victim's reason; empty if none was given.
        reason_code: Word,
        /// The outcome it speaks of.
        outcome_id: EntryId,
    }
    /// One consultation of the victim on a disposal.
    Consultation at "victim_care.consultations" {
        /// When.
        at: Moment,
        /// On what.
        about: ConsultedAbout,
        /// The outcome it speaks of.
        outcome_id: EntryId,
        /// What the victim said.
        view: View,
        /// How often it was tried.
        attempts: i64,
        /// The victim endorsed the record of it.
        endorsed: bool,
    }
    /// What was done for one victim.
    VictimCare at "victim_care" [
        /// Pseudonym of the victim.
        victim_ref: VictimRef
    ] {
        /// Assessments of the victim's needs.
        needs_assessments: Vec<NeedsAssessment>,
        /// Referrals to support services.
        referrals: Vec<Referral>,
        /// The written confirmation of the report.
        confirmation: Confirmation,
        /// What was agreed about keeping in contact.
        contact_agreements: Vec<ContactAgreement>,
        /// Contacts with the victim.
        contacts: Vec<Contact>,
        /// Notices to the victim.
        informed: Vec<Informed>,
        /// The victim's personal statement.
        personal_statement: PersonalStatement,
        /// Records of the victim's position.
        support_records: Vec<SupportRecord>,
        /// Consultations on a disposal.
        consultations: Vec<Consultation>,
    }
}
