//! An incident log, block by block: what was reported, what was disclosed, how it was answered, how
//! it was closed, and which things it names. Start at [`Log`] and [`Disclosure`].

use super::parts::{Actor, Note};
use crate::domain::Moment;
use crate::domain::names::{Basis, EntryId, LinkKind, Reference, ReporterRole, VictimRef, Word};
use crate::domain::shape::{groups, struct_blocks, symbols};

symbols! {
    /// How the report came in.
    Channel {
        /// An emergency call.
        Phone999 = "phone_999",
        /// A call that is no emergency.
        Phone101 = "phone_101",
        /// A form on a web page.
        Online = "online",
        /// A counter in a station.
        FrontCounter = "front_counter",
        /// An officer was told.
        Officer = "officer",
        /// A partner agency referred it.
        Partner = "partner",
        /// Social media.
        SocialMedia = "social_media",
        /// Any other way.
        Other = "other",
    }
    /// How far a disclosure goes.
    DisclosureStatus {
        /// A crime may have been disclosed.
        Possible = "possible",
        /// A crime was disclosed.
        Disclosed = "disclosed",
        /// The disclosure was taken back.
        Retracted = "retracted",
    }
    /// A regime with recording rules of its own.
    Regime {
        /// None.
        None = "none",
        /// Conduct of police officers or staff on duty.
        PoliceConduct = "police_conduct",
        /// The National Crime Agency.
        Nca = "nca",
        /// Road death, serious injury and dangerous driving.
        Road = "road",
        /// A sexual assault referral centre.
        Sarc = "sarc",
        /// The schools protocol.
        School = "school",
        /// Fraud and computer misuse, reported nationally.
        ReportFraud = "report_fraud",
    }
    /// What a triage considered.
    TriageHead {
        /// Threat.
        Threat = "threat",
        /// Harm.
        Harm = "harm",
        /// Risk.
        Risk = "risk",
        /// Investigation.
        Investigation = "investigation",
        /// Vulnerability.
        Vulnerability = "vulnerability",
        /// Engagement.
        Engagement = "engagement",
        /// Prevention.
        Prevention = "prevention",
    }
    /// How urgently an incident is answered.
    GradeKind {
        /// At once.
        Emergency = "emergency",
        /// Soon.
        Priority = "priority",
        /// By appointment.
        Scheduled = "scheduled",
        /// Without attendance.
        Resolution = "resolution",
        /// Not graded for attendance.
        None = "none",
    }
    /// Whose list a closing category is from.
    ClosingScheme {
        /// The national incident category list.
        Nicl = "nicl",
        /// The force's own list.
        Local = "local",
    }
    /// Why a crime-related incident is not recorded as a crime.
    CriReason {
        /// Reported by another; the victim was traced and does not confirm.
        OneA = "1a",
        /// Reported by another; the victim was not traced.
        OneB = "1b",
        /// Another force deals with it and records it.
        Two = "2",
        /// The recording rules direct not to record.
        Three = "3",
    }
}

groups! {
    /// The log itself: when and how the report came in, and from whom.
    Log at "log" {
        /// When the force first received the report.
        received_at: Moment,
        /// When the log was opened.
        created_at: Moment,
        /// How the report came in.
        channel: Channel,
        /// Who reported.
        reporter_role: ReporterRole,
        /// The category the log was opened under.
        opening_category: Word,
        /// True if it was opened as a crime.
        opened_as_crime: bool,
        /// When the call was presented.
        call_presented_at: Moment,
        /// When the call was answered.
        call_answered_at: Moment,
        /// When the caller gave up.
        abandoned_at: Moment,
        /// That it was checked whether the caller has called before.
        repeat_caller_checked: Note,
        /// That advice was given.
        advice: Note,
        /// Warning flags passed to the attending officers.
        flags_sent: Vec<Word>,
        /// The log that this one repeats; empty if it repeats none.
        duplicate_of: Reference,
        /// True if it concerns domestic abuse.
        domestic_abuse: bool,
        /// True in a town, false in the country.
        urban: bool,
        /// The force in whose area it happened.
        location_force: Word,
    }
    /// One statement that discloses, or may disclose, a crime.
    Disclosure at "disclosures" [
        /// Its id in the incident.
        id: EntryId
    ] {
        /// When the statement was made.
        at: Moment,
        /// Who made it; not told means the log's reporter.
        made_by: ReporterRole,
        /// How far it goes.
        status: DisclosureStatus,
        /// When it was taken back.
        retracted_at: Moment,
        /// That the retraction was written down.
        retraction: Note,
        /// Who judged that it discloses a crime.
        set_by: Actor,
        /// The class of the offence it discloses.
        offence_class: Word,
        /// Whom the offence is against.
        basis: Basis,
        /// The victim it speaks of.
        victim_ref: VictimRef,
        /// The regime it falls under.
        regime: Regime,
    }
    /// One triage of the incident.
    Triage at "triage" {
        /// When.
        at: Moment,
        /// By whom.
        by: Actor,
        /// What was considered.
        heads: Vec<TriageHead>,
        /// That the reasons were written.
        rationale: Note,
    }
    /// One grading of the response.
    Grade at "response.grades" {
        /// The grade.
        grade: GradeKind,
        /// When it was set.
        at: Moment,
        /// By whom.
        by: Actor,
        /// That the reason was written.
        reason: Note,
    }
    /// An appointment with the caller.
    Appointment at "response.appointment" {
        /// The caller agreed to it.
        agreed: bool,
        /// Its start.
        from: Moment,
        /// Its end.
        to: Moment,
        /// When the victim was told that it would be missed.
        victim_told_missed_at: Moment,
    }
    /// How the incident was answered.
    Response at "response" {
        /// Every grading, oldest first.
        grades: Vec<Grade>,
        /// An appointment with the caller.
        appointment: Appointment,
        /// When the first unit was sent.
        dispatched_at: Moment,
        /// When the first suitable unit was at the scene.
        arrived_at: Moment,
        /// When that arrival was entered.
        arrival_entered_at: Moment,
        /// When the response was stood down.
        stood_down_at: Moment,
        /// When the caller cancelled.
        cancelled_by_caller_at: Moment,
        /// Calls back to the caller.
        call_backs: Vec<Moment>,
    }
    /// The answers of the decision not to record a crime.
    NoCrimeAnswers at "closure.no_crime_decision.answers" {
        /// The report concerns a crime.
        concerns_crime: bool,
        /// On balance it is a notifiable crime.
        notifiable: bool,
        /// Credible evidence to the contrary is at hand.
        contrary_evidence: bool,
        /// The victim or a representative can be traced.
        victim_traceable: bool,
        /// The victim confirmed.
        confirmed: bool,
        /// Another force records it.
        other_force: bool,
        /// The recording rules direct not to record.
        direction_not_to_record: bool,
    }
    /// The decision that no crime is recorded.
    NoCrimeDecision at "closure.no_crime_decision" {
        /// When.
        at: Moment,
        /// By whom.
        by: Actor,
        /// The questions and how they were answered.
        answers: NoCrimeAnswers,
        /// The reason it was filed under.
        reason_code: Word,
        /// That the reasons were written.
        rationale: Note,
    }
    /// How the incident was closed; the empty group is an open incident.
    Closure at "closure" {
        /// When it was closed.
        closed_at: Moment,
        /// By whom.
        by: Actor,
        /// Whose list the category is from.
        scheme: ClosingScheme,
        /// The closing category.
        category: Word,
        /// That the reasons were written.
        rationale: Note,
        /// The decision that no crime is recorded.
        no_crime_decision: NoCrimeDecision,
        /// Why a crime-related incident is not recorded as a crime.
        cri_reason: CriReason,
        /// That reasonable enquiries were made.
        reasonable_enquiries: Note,
        /// The force that deals with it.
        other_force: Word,
        /// That force's reference.
        other_force_ref: Word,
        /// When the victim was told that no crime is recorded.
        victim_told_no_crime_at: Moment,
    }
    /// One name that this incident gives of another thing.
    Link at "links" {
        /// The crime or incident it names.
        to: Reference,
        /// What it is to this incident.
        kind: LinkKind,
    }
}

struct_blocks! { Log Response Closure }
