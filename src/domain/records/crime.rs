//! A crime record, block by block: what was recorded and when, where it came from, how it was
//! classified, who is concerned, how it ended. Start at [`Core`].

use super::parts::{Actor, Note};
use crate::domain::Moment;
use crate::domain::names::{Basis, EntryId, LinkKind, Reference, SuspectRef, VictimRef, Word};
use crate::domain::shape::{groups, struct_blocks, symbols};

symbols! {
    /// What a record on the crime system is.
    CrimeKind {
        /// A recorded crime.
        Crime = "crime",
        /// A notifiable reported incident.
        NRecord = "n_record",
    }
    /// How a crime record stands.
    CrimeStatus {
        /// Recorded.
        Recorded = "recorded",
        /// Cancelled.
        Cancelled = "cancelled",
        /// Transferred to another force.
        Transferred = "transferred",
        /// Cancelled once, recorded again.
        Reinstated = "reinstated",
        /// A notifiable report that became a crime.
        Converted = "converted",
    }
    /// How an offence is tried.
    Mode {
        /// On indictment only.
        Indictable = "indictable",
        /// Either way.
        EitherWay = "either_way",
        /// Summarily.
        Summary = "summary",
    }
    /// Why a crime was classified anew.
    ReclassificationReason {
        /// Further enquiry brought new information.
        FurtherEnquiry = "further_enquiry",
        /// Additional verifiable information.
        VerifiableInformation = "verifiable_information",
        /// The first classification was a mistake.
        Error = "error",
        /// Anything else, the charge included.
        Other = "other",
    }
    /// What kind of victim.
    VictimKind {
        /// A natural person.
        Person = "person",
        /// A business or other body.
        Business = "business",
        /// The state.
        State = "state",
    }
    /// Grounds of enhanced rights.
    EnhancedGround {
        /// A victim of the most serious crime.
        MostSerious = "most_serious",
        /// Persistently targeted.
        Persistent = "persistent",
        /// Vulnerable.
        Vulnerable = "vulnerable",
        /// Intimidated.
        Intimidated = "intimidated",
    }
    /// Whether the victim confirmed the crime.
    Confirmed {
        /// Confirmed.
        Yes = "yes",
        /// Did not confirm.
        No = "no",
        /// Was not traced.
        NotTraced = "not_traced",
        /// No confirmation was needed.
        NotRequired = "not_required",
    }
    /// What somebody is to a crime.
    SuspectStatus {
        /// Suspected.
        Suspect = "suspect",
        /// Shown to have done it.
        Offender = "offender",
        /// A witness.
        Witness = "witness",
        /// No longer suspected.
        Eliminated = "eliminated",
    }
    /// Who authorised a disposal.
    Authority {
        /// The police.
        Police = "police",
        /// The Crown Prosecution Service.
        Cps = "cps",
    }
    /// Why a crime was cancelled or transferred.
    CancellationCode {
        /// Transferred to another force.
        C1 = "C1",
        /// Additional verifiable information shows that there was no notifiable crime.
        C2 = "C2",
        /// Duplicate, or part of a crime already recorded.
        C3 = "C3",
        /// Recorded in error.
        C4 = "C4",
        /// Self-defence.
        C5 = "C5",
    }
    /// What kind of record another force has.
    ReceivingRefKind {
        /// A crime.
        Crime = "crime",
        /// A crime-related incident.
        Cri = "cri",
    }
    /// Which team has the investigation.
    Team {
        /// Response.
        Response = "response",
        /// Investigation.
        Investigation = "investigation",
        /// A specialist team.
        Specialist = "specialist",
        /// Neighbourhood.
        Neighbourhood = "neighbourhood",
        /// Any other.
        Other = "other",
    }
    /// When in an investigation a review was made.
    ReviewKind {
        /// At its start.
        Initial = "initial",
        /// In its course.
        Periodic = "periodic",
        /// At its outcome.
        Outcome = "outcome",
    }
    /// What a screening decided.
    ScreeningResult {
        /// Investigate.
        Investigate = "investigate",
        /// File.
        File = "file",
    }
    /// How high a risk was assessed.
    RiskGrade {
        /// Standard.
        Standard = "standard",
        /// Medium.
        Medium = "medium",
        /// High.
        High = "high",
    }
}

groups! {
    /// A flag on a crime.
    Flag at "core.flags" {
        /// Which flag.
        flag: Word,
        /// Its value, where it has one.
        value: Word,
        /// When it was set.
        set_at: Moment,
    }
    /// An edit of a field of the crime record.
    Edit at "core.edits" {
        /// Which field.
        field: Word,
        /// When.
        at: Moment,
        /// By whom.
        by: Actor,
    }
    /// The crime as it is recorded.
    Core at "core" {
        /// A crime, or a notifiable reported incident.
        kind: CrimeKind,
        /// The code of the notifiable reported incident.
        n_code: Word,
        /// How the record stands.
        status: CrimeStatus,
        /// When the force first received the report.
        reported_at: Moment,
        /// When a crime reference with a class existed.
        recorded_at: Moment,
        /// When the system made the row.
        system_created_at: Moment,
        /// The report that came straight to the crime system.
        report_ref: Reference,
        /// The notifiable incident that was converted into this crime.
        n_record: Reference,
        /// When the points to prove were made out.
        points_to_prove_met_at: Moment,
        /// The class of the offence; empty for a shell without one.
        offence_class: Word,
        /// The code of the offence.
        offence_code: Word,
        /// Whom the offence is against.
        basis: Basis,
        /// How the offence is tried.
        mode: Mode,
        /// The earliest it can have been committed.
        committed_from: Moment,
        /// The latest it can have been committed.
        committed_to: Moment,
        /// The force in whose area it was committed.
        location_force: Word,
        /// Who recorded it.
        recorded_by: Actor,
        /// That the delay in recording was explained.
        delay_rationale: Note,
        /// When the registrar oversaw the late record.
        registrar_oversight_at: Moment,
        /// The unit that owns the crime.
        owning_unit: Word,
        /// Flags on the crime.
        flags: Vec<Flag>,
        /// True if it is domestic abuse.
        domestic_abuse: bool,
        /// True if it is a hate crime.
        hate: bool,
        /// When it was finalised.
        finalised_at: Moment,
        /// Edits of the record.
        edits: Vec<Edit>,
    }
    /// One name that this crime gives of an incident.
    Origin at "origin" {
        /// The incident it names.
        incident: Reference,
        /// What that incident is to this crime.
        kind: LinkKind,
        /// The disclosure in it that this crime answers.
        disclosure: EntryId,
    }
    /// One classification of the crime.
    Classification at "classification" {
        /// The class.
        class: Word,
        /// The code.
        code: Word,
        /// When.
        at: Moment,
        /// By whom.
        by: Actor,
        /// That it was justified in writing.
        rationale: Note,
        /// The kind of reason.
        reason: ReclassificationReason,
    }
    /// One victim of the crime.
    Victim at "victims" [
        /// Pseudonym of the victim.
        victim_ref: VictimRef
    ] {
        /// A person, a business or the state.
        kind: VictimKind,
        /// True if it is known who the victim is.
        identified: bool,
        /// True if the victim can be found.
        traceable: bool,
        /// Age at the offence, in years.
        age_at_offence: i64,
        /// Sex, as recorded.
        sex: Word,
        /// What the victim is to the suspect.
        relation_to_suspect: Word,
        /// Grounds of enhanced rights that were declared.
        enhanced_declared: Vec<EnhancedGround>,
        /// Whether the victim confirmed the crime.
        confirmed: Confirmed,
        /// When.
        confirmed_at: Moment,
    }
    /// One suspect of the crime.
    Suspect at "suspects" [
        /// Pseudonym of the suspect.
        suspect_ref: SuspectRef
    ] {
        /// True if a name is known.
        named: bool,
        /// True if the name is known to be the true one.
        true_identity: bool,
        /// When the suspect was linked to the crime.
        linked_at: Moment,
        /// What the person is to the crime.
        status: SuspectStatus,
        /// When the person was eliminated.
        eliminated_at: Moment,
        /// Age at the offence, in years.
        age_at_offence: i64,
        /// When the suspect died.
        deceased_at: Moment,
        /// When the suspect was arrested.
        arrested_at: Moment,
        /// When the suspect was interviewed.
        interviewed_at: Moment,
        /// When the suspect was told of the outcome.
        informed_of_outcome_at: Moment,
    }
    /// What was done with the offender.
    Disposal at "outcomes.disposal" {
        /// Which disposal.
        kind: Word,
        /// When.
        at: Moment,
        /// The offender admitted the offence.
        admission: bool,
        /// The offender accepted the disposal.
        accepted: bool,
        /// The offender signed.
        signed: bool,
        /// When the charge was made.
        charge_at: Moment,
        /// Who authorised it.
        authority: Authority,
    }
    /// What an outcome rests on.
    OutcomeEvidence at "outcomes.evidence" {
        /// The summary of the evidence is sufficient.
        summary_sufficient: bool,
        /// When the time for a prosecution ends.
        time_limit_expiry: Moment,
        /// When the first statement was taken.
        first_statement_at: Moment,
        /// When the person died.
        death_at: Moment,
    }
    /// One outcome of the crime.
    Outcome at "outcomes" [
        /// Its id in the crime.
        id: EntryId
    ] {
        /// The outcome code; a text, so that an unknown one reaches the rule that judges it.
        code: Word,
        /// When it was applied.
        applied_at: Moment,
        /// When it was decided.
        decided_at: Moment,
        /// Who decided it.
        decided_by: Actor,
        /// Who approved it.
        approved_by: Actor,
        /// When it was approved.
        approved_at: Moment,
        /// That the reasons were written.
        rationale: Note,
        /// The outcome it replaces.
        supersedes: EntryId,
        /// The suspect it speaks of.
        suspect_ref: SuspectRef,
        /// What was done with the offender.
        disposal: Disposal,
        /// What it rests on.
        evidence: OutcomeEvidence,
        /// That going on without the victim was considered.
        considered_without_victim: Note,
    }
    /// The additional verifiable information behind a cancellation.
    VerifiableInformation at "cancellation.verifiable_information" {
        /// When it was obtained.
        obtained_at: Moment,
        /// Its source is stated.
        source: bool,
        /// How it was verified is stated.
        how_verified: bool,
        /// What it changes is stated.
        effect: bool,
    }
    /// The removal of the crime; the empty group is a crime that was not cancelled.
    Cancellation at "cancellation" {
        /// Its id.
        id: EntryId,
        /// Why.
        reason: CancellationCode,
        /// When.
        at: Moment,
        /// By whom.
        by: Actor,
        /// That the reasons were written.
        rationale: Note,
        /// The additional verifiable information behind it.
        verifiable_information: VerifiableInformation,
        /// The force it was transferred to.
        receiving_force: Word,
        /// That force's reference.
        receiving_ref: Word,
        /// What kind of record that is.
        receiving_ref_kind: ReceivingRefKind,
        /// The crime that this one repeats.
        duplicate_of: Reference,
        /// That pressure on the victim was considered.
        pressure_considered: Note,
        /// That the registrar's advice was taken.
        registrar_advice: Note,
        /// A chief officer decided, for want of an accredited registrar.
        chief_officer_fallback: bool,
    }
    /// One allocation of the investigation.
    Allocation at "investigation.allocated" {
        /// Which team.
        team: Team,
        /// When.
        at: Moment,
    }
    /// One review of the investigation.
    Review at "investigation.reviews" {
        /// When in the investigation.
        kind: ReviewKind,
        /// When.
        at: Moment,
        /// By whom.
        by: Actor,
    }
    /// The decision whether to investigate.
    Screening at "investigation.screening" {
        /// When.
        at: Moment,
        /// What was decided.
        result: ScreeningResult,
        /// That the reason was written.
        reason: Note,
    }
    /// The investigation.
    Investigation at "investigation" {
        /// The officer in the case.
        oic: Actor,
        /// To which teams it was given.
        allocated: Vec<Allocation>,
        /// Its reviews.
        reviews: Vec<Review>,
        /// When the plan was made.
        plan_at: Moment,
        /// The decision whether to investigate.
        screening: Screening,
    }
    /// Something that calls for a risk to be assessed anew.
    RiskTrigger at "risk.triggers_since" {
        /// When.
        at: Moment,
        /// What happened.
        kind: Word,
    }
    /// One risk assessment.
    Risk at "risk" [
        /// Its id in the crime.
        id: EntryId
    ] {
        /// Which tool.
        tool: Word,
        /// When.
        at: Moment,
        /// How high.
        grade: RiskGrade,
        /// By whom.
        by: Actor,
        /// When a supervisor saw it.
        supervisor_at: Moment,
        /// What has happened since.
        triggers_since: Vec<RiskTrigger>,
    }
}

struct_blocks! { Core Cancellation Investigation }
