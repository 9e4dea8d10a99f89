//! The names things have: forces, feeds, references, ids, and the closed word lists that more than
//! one record uses. A bare text stops at the edge; past it every identifier has a type.
//! Start at [`Reference`].

use super::shape::{names, symbols};

names! {
    /// A force, by the code of the forces table.
    ForceCode
    /// A feed: one system of a force that sends records.
    Source
    /// A thing's reference in its force; stays clear, so that people find the record.
    Reference
    /// An id of an entry inside a list.
    EntryId
    /// A victim, already pseudonymous.
    VictimRef = Victim
    /// A suspect, already pseudonymous.
    SuspectRef = Suspect
    /// A member of staff, already pseudonymous; used for equality only and never published.
    StaffRef = Staff
    /// A code, category or other word that has no closed list.
    Word
}

symbols! {
    /// Which schema a record follows.
    RecordKind {
        /// An incident log.
        Incident = "incident",
        /// A recorded crime or a notifiable reported incident.
        Crime = "crime",
        /// What a feed promises to have sent.
        Heartbeat = "heartbeat",
        /// What a person says of an exception or a record.
        Decision = "decision",
    }
    /// What somebody is, where a duty asks who did it.
    Role {
        /// Takes the call.
        CallHandler = "call_handler",
        /// An officer.
        Officer = "officer",
        /// Investigates the crime.
        Investigator = "investigator",
        /// Supervises.
        Supervisor = "supervisor",
        /// Records crimes.
        CrimeRecorder = "crime_recorder",
        /// May reclassify and cancel.
        DesignatedDecisionMaker = "designated_decision_maker",
        /// The force crime registrar.
        ForceCrimeRegistrar = "force_crime_registrar",
        /// A chief officer.
        ChiefOfficer = "chief_officer",
        /// Witness care.
        WitnessCare = "witness_care",
        /// A victim service.
        VictimService = "victim_service",
        /// A partner agency.
        Partner = "partner",
        /// A system, without a person.
        System = "system",
        /// Anybody else.
        Other = "other",
    }
    /// Who reported.
    ReporterRole {
        /// The victim.
        Victim = "victim",
        /// Somebody acting for the victim.
        ActingForVictim = "acting_for_victim",
        /// A parent or carer.
        ParentCarer = "parent_carer",
        /// A professional third party.
        ProfessionalThirdParty = "professional_third_party",
        /// A witness.
        Witness = "witness",
        /// Any other third party.
        OtherThirdParty = "other_third_party",
        /// The police.
        Police = "police",
        /// Not known who.
        Anonymous = "anonymous",
    }
    /// Whom an offence is against.
    Basis {
        /// A victim.
        Victim = "victim",
        /// The state.
        State = "state",
    }
    /// What one thing is to another that it names.
    LinkKind {
        /// The incident a crime came from.
        Source = "source",
        /// Related, without more.
        Related = "related",
        /// The same matter again.
        Duplicate = "duplicate",
        /// An allegation against the one who reported.
        CounterAllegation = "counter_allegation",
    }
}
