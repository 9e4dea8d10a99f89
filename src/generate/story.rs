//! One story: a report, the incident and crimes that follow from it, and what a force does about
//! them in the weeks after. As told here everything is right under every rule; what goes wrong is
//! planted from outside. Start at [`Story::unfold`].

use super::calendar;
use super::care::CareDesign;
use super::chance::Chance;
use super::crime::CrimeDesign;
use super::incident::IncidentDesign;
use super::key::{Failing, Planted};
use super::offences::{self, Offence};
use super::outcome::any_code;
use super::parts::{Dated, by, exact, word};
use crate::domain::exception::DueAt;
use crate::domain::names::{
    Basis, ForceCode, LinkKind, RecordKind, Reference, ReporterRole, Role, Word,
};
use crate::domain::records::{
    Allocation, CancellationCode, Channel, Deleted, DeletedReason, Disclosure, DisclosureStatus,
    Grade, GradeKind, Regime, Team, Triage, TriageHead, Victim, VictimKind,
};
use crate::domain::{Elapsed, Instant, LondonDay};

/// How reports come in, in proportion.
const CHANNELS: &[(Channel, u32)] = &[
    (Channel::Phone999, 34),
    (Channel::Phone101, 33),
    (Channel::Online, 16),
    (Channel::FrontCounter, 4),
    (Channel::Officer, 6),
    (Channel::Partner, 5),
    (Channel::SocialMedia, 1),
    (Channel::Other, 1),
];

/// Who reports a crime, in proportion.
const REPORTERS: &[(ReporterRole, u32)] = &[
    (ReporterRole::Victim, 66),
    (ReporterRole::ActingForVictim, 7),
    (ReporterRole::ParentCarer, 6),
    (ReporterRole::ProfessionalThirdParty, 7),
    (ReporterRole::Witness, 8),
    (ReporterRole::OtherThirdParty, 3),
    (ReporterRole::Police, 2),
    (ReporterRole::Anonymous, 1),
];

/// What incidents are that are no crime: categories of the national list, in proportion.
const CATEGORIES: &[(&str, u32)] = &[
    ("concern_for_safety", 24),
    ("suspicious_circumstances", 12),
    ("asb_nuisance", 12),
    ("asb_personal", 7),
    ("domestic_incident", 8),
    ("highway_disruption", 7),
    ("rtc_damage_only", 6),
    ("civil_dispute", 5),
    ("missing_person", 5),
    ("contact_record", 5),
    ("alarm", 4),
    ("messages", 3),
    ("lost_or_found", 2),
];

/// What numbers references, so that each is used once.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers {
    pub(super) incidents: u32,
    pub(super) crimes: u32,
}

/// A report, and everything that follows from it.
pub(super) struct Story<'n> {
    pub(super) force: &'n ForceCode,
    pub(super) day: LondonDay,
    pub(super) chance: Chance,
    /// When the report comes in; of an older crime, when it is first sent.
    pub(super) report: Instant,
    numbers: &'n mut Numbers,
    pub(super) incidents: Vec<IncidentDesign>,
    pub(super) crimes: Vec<CrimeDesign>,
    pub(super) planted: Vec<Planted>,
}

impl<'n> Story<'n> {
    /// A story of which nothing is told yet.
    pub(super) fn begin(
        force: &'n ForceCode,
        day: LondonDay,
        mut chance: Chance,
        numbers: &'n mut Numbers,
    ) -> Story<'n> {
        let report = calendar::report(day, &mut chance);
        Story {
            force,
            day,
            chance,
            report,
            numbers,
            incidents: Vec::new(),
            crimes: Vec::new(),
            planted: Vec::new(),
        }
    }

    /// Tells a story in which nothing is wrong.
    pub(super) fn unfold(&mut self) {
        match self.chance.between(1, 100) {
            1..=52 => self.no_crime(),
            53..=86 => {
                let offence = offences::any(&mut self.chance);
                self.reported_crime(offence);
                self.run_its_course();
            }
            87..=88 => self.two_crimes(),
            89 => self.notifiable_report(),
            90 => {
                let offence = offences::against_a_person(&mut self.chance);
                let reported = self
                    .report
                    .minus(Elapsed::hours(24 * self.chance.between(20, 60)));
                self.older_crime(offence, reported);
                self.run_its_course();
            }
            _ => {
                let offence = offences::any(&mut self.chance);
                self.direct_crime(offence);
                self.run_its_course();
            }
        }
    }

    /// The incident of the story.
    pub(super) fn incident(&mut self) -> &mut IncidentDesign {
        self.incidents
            .first_mut()
            .expect("the story has an incident")
    }

    /// The crime of the story.
    pub(super) fn crime(&mut self) -> &mut CrimeDesign {
        self.crimes.first_mut().expect("the story has a crime")
    }

    /// What is done for the first victim of the crime.
    pub(super) fn care(&mut self) -> &mut CareDesign {
        let care = self.crime().care.first_mut();
        care.expect("the crime has a victim")
    }

    /// The crime and the chance, to draw while designing.
    pub(super) fn drawing(&mut self) -> (&mut CrimeDesign, &mut Chance) {
        let crime = self.crimes.first_mut();
        (crime.expect("the story has a crime"), &mut self.chance)
    }

    /// Enters a planted breach on the crime into the key.
    pub(super) fn crime_breaks(
        &mut self,
        rule: &'static str,
        duty: impl Into<Word>,
        failing: Failing,
    ) {
        let reference = self.crime().reference.clone();
        self.breaks(RecordKind::Crime, reference, (rule, duty.into()), failing);
    }

    /// Enters a planted breach on the incident into the key.
    pub(super) fn incident_breaks(
        &mut self,
        rule: &'static str,
        duty: impl Into<Word>,
        failing: Failing,
    ) {
        let reference = self.incident().reference.clone();
        self.breaks(
            RecordKind::Incident,
            reference,
            (rule, duty.into()),
            failing,
        );
    }

    fn breaks(
        &mut self,
        record: RecordKind,
        reference: Reference,
        (rule, obligation): (&'static str, Word),
        failing: Failing,
    ) {
        self.planted.push(Planted {
            force: self.force.clone(),
            record,
            reference,
            rule,
            obligation,
            verdict: "breach",
            due: failing.due().map(DueAt),
            late_by_seconds: failing.late(),
            remedied: failing.remedied(),
        });
    }

    /// A log of a report, graded and answered; nothing is disclosed in it.
    pub(super) fn open_log(&mut self) -> &mut IncidentDesign {
        self.numbers.incidents += 1;
        let day = self.day.date();
        let number = self.numbers.incidents;
        let (month, date) = (day.month(), day.day());
        let reference = format!("I-{}{month:02}{date:02}-{number:05}", day.year());
        let mut incident = IncidentDesign::opened(reference.into(), self.report);
        let chance = &mut self.chance;
        incident.log.channel = Some(chance.weighted(CHANNELS));
        incident.log.reporter_role = Some(ReporterRole::Victim);
        incident.log.opening_category = word("report");
        incident.log.opened_as_crime = Some(false);
        incident.log.duplicate_of = Some("".into());
        incident.log.domestic_abuse = Some(chance.in_thousand(120));
        incident.log.urban = Some(chance.in_thousand(720));
        grade(&mut incident, chance);
        self.incidents.push(incident);
        self.incidents.last_mut().expect("one was pushed")
    }

    /// A log in which the victim discloses a crime.
    pub(super) fn disclosed(&mut self, offence: &'static Offence) -> Instant {
        let said = self
            .chance
            .after(self.report, Elapsed::minutes(2), Elapsed::minutes(20));
        let incident = self.open_log();
        incident.log.opened_as_crime = Some(true);
        disclose(incident, "d1", said, offence);
        said
    }

    /// A crime with a victim that was disclosed in a log, recorded this long after the disclosure.
    pub(super) fn recorded_after(&mut self, offence: &'static Offence, delay: Elapsed) {
        let said = self.disclosed(offence);
        self.record(offence, (self.report, said, said.plus(delay)));
        let incident = self.incident().reference.clone();
        self.crime().came_from(&incident, Some("d1"));
        self.close_as_crime();
    }

    /// A crime that was disclosed in a log and recorded in good time.
    pub(super) fn reported_crime(&mut self, offence: &'static Offence) {
        let delay = self.delay();
        self.recorded_after(offence, delay);
        let reporter = self.chance.weighted(REPORTERS);
        self.incident().log.reporter_role = Some(reporter);
    }

    /// A crime against a person, disclosed by that person and recorded in good time.
    pub(super) fn personal_crime(&mut self) {
        let offence = offences::against_a_person(&mut self.chance);
        let delay = self.delay();
        self.recorded_after(offence, delay);
    }

    /// A crime that was reported straight to the crime system.
    pub(super) fn direct_crime(&mut self, offence: &'static Offence) {
        let recorded = self.report.plus(self.delay());
        self.direct_crime_recorded(offence, recorded);
    }

    /// The same, recorded then.
    pub(super) fn direct_crime_recorded(&mut self, offence: &'static Offence, recorded: Instant) {
        self.record(offence, (self.report, self.report, recorded));
        self.crime().core.report_ref = Some("web".into());
    }

    /// A crime reported long before it is first sent, well kept all the while.
    pub(super) fn older_crime(&mut self, offence: &'static Offence, reported: Instant) {
        let recorded = reported.plus(self.delay());
        self.record(offence, (reported, reported, recorded));
        let first = self.report;
        self.crime().first = first;
    }

    /// A crime with its victims and what is done for them.
    fn record(&mut self, offence: &'static Offence, times: (Instant, Instant, Instant)) {
        self.numbers.crimes += 1;
        let year = self.day.date().year();
        let reference = format!("C-{year}-{:07}", self.numbers.crimes);
        let mut crime = CrimeDesign::recorded(reference.into(), offence, times);
        let chance = &mut self.chance;
        crime.core.owning_unit = word(chance.one_of(&["north", "south", "east", "west", "centre"]));
        crime.core.domestic_abuse = Some(chance.in_thousand(offence.domestic));
        crime.core.hate = Some(chance.in_thousand(25));
        if offence.basis == Basis::Victim {
            let business = chance.in_thousand(offence.business);
            add_victim(&mut crime, business, chance);
            if !business && chance.in_thousand(70) {
                add_victim(&mut crime, false, chance);
            }
        }
        allocate(&mut crime, chance);
        self.crimes.push(crime);
    }

    /// Closes the log as a crime once the crime is known to it.
    fn close_as_crime(&mut self) {
        let (crime, recorded) = (self.crime().reference.clone(), self.crime().recorded);
        let closed = self
            .chance
            .after(recorded, Elapsed::minutes(5), Elapsed::hours(20));
        let incident = self.incident();
        incident.close(closed, "crime");
        incident.name(closed, &crime, LinkKind::Source);
    }

    /// How long recording takes when it is in time: hours mostly, never the last of the day.
    fn delay(&mut self) -> Elapsed {
        match self.chance.between(1, 10) {
            1..=5 => self.chance.span(Elapsed::minutes(4), Elapsed::hours(3)),
            6..=8 => self.chance.span(Elapsed::hours(3), Elapsed::hours(12)),
            _ => self
                .chance
                .span(Elapsed::hours(12), Elapsed::minutes(23 * 60 + 50)),
        }
    }

    /// An incident that is no crime of this force, and a reason to see that it is none.
    fn no_crime(&mut self) {
        let closed = self
            .chance
            .after(self.report, Elapsed::hours(1), Elapsed::hours(30));
        let category = self.chance.weighted(CATEGORIES);
        let more = self.chance.between(1, 100);
        let offence = offences::any(&mut self.chance);
        let said = self.report.plus(Elapsed::minutes(3));
        let incident = self.open_log();
        if more <= 12 {
            let said = disclose(incident, "d1", said, offence);
            match more {
                1..=6 => said.status = Some(DisclosureStatus::Possible),
                7..=8 => said.status = Some(DisclosureStatus::Retracted),
                9..=10 => said.made_by = Some(ReporterRole::Witness),
                _ => said.regime = Some(Regime::ReportFraud),
            }
        }
        if more % 20 == 0 {
            // Typed a minute late and put right soon: nothing falls due in between.
            let wrong = incident.received.plus(Elapsed::minutes(1));
            let put_right = incident.received.plus(Elapsed::minutes(12));
            incident.put_right = Some(Dated::new(put_right, wrong));
        }
        if more < 97 {
            incident.close(closed, category);
        }
        if more == 50 {
            let into = Reference::from("I-archive");
            let reason = DeletedReason::MergedInto;
            incident.gone = Some(gone(closed.plus(Elapsed::hours(20)), reason, Some(into)));
        }
    }

    fn two_crimes(&mut self) {
        self.personal_crime();
        let offence = offences::against_a_person(&mut self.chance);
        let said = self.report.plus(Elapsed::minutes(25));
        disclose(self.incident(), "d2", said, offence);
        let recorded = said.plus(self.delay());
        self.record(offence, (self.report, said, recorded));
        let incident = self.incident().reference.clone();
        let second = self.crimes.last_mut().expect("two were recorded");
        second.came_from(&incident, Some("d2"));
    }

    /// A rape that the victim has not confirmed: a notifiable report answers it for the time.
    fn notifiable_report(&mut self) {
        let said = self.notifiable_disclosure();
        let recorded = said.plus(self.delay());
        self.record_notifiable(said, recorded);
        let closed = recorded.plus(Elapsed::hours(3));
        self.incident().close(closed, "concern_for_safety");
    }

    fn notifiable_disclosure(&mut self) -> Instant {
        let said = self.disclosed(offences::RAPE);
        self.incident().log.reporter_role = Some(ReporterRole::ProfessionalThirdParty);
        said
    }

    /// A notifiable report that names the incident as its source.
    pub(super) fn record_notifiable(&mut self, start: Instant, recorded: Instant) {
        self.record(offences::RAPE, (self.report, start, recorded));
        let incident = self.incident().reference.clone();
        let crime = self.crime();
        crime.core.kind = Some(crate::domain::records::CrimeKind::NRecord);
        crime.core.n_code = word("N100/01");
        crime.core.offence_class = word("N100");
        crime.core.offence_code = word("N100/01");
        crime.classification.clear();
        crime.came_from(&incident, None);
    }

    /// What happens to crimes in the days after: reclassified, ended, removed, or nothing yet.
    fn run_its_course(&mut self) {
        let direct = self.incidents.is_empty();
        let (crime, chance) = self.drawing();
        let basis = crime.offence.basis;
        let since = crime.recorded.max(crime.first);
        if basis == Basis::Victim && chance.in_thousand(50) {
            let to = offences::other_than(crime.offence, chance);
            let at = chance.after(since, Elapsed::hours(2), Elapsed::hours(25));
            crime.classify(at, to);
        }
        if chance.in_thousand(40) {
            let at = chance.after(since, Elapsed::hours(1), Elapsed::hours(48));
            crime.put_right = Some(Dated::new(at, "headquarters"));
        }
        match chance.between(1, 100) {
            1..=52 => {
                let code = any_code(basis, chance);
                let applied = chance.after(since, Elapsed::hours(26), Elapsed::hours(24 * 13));
                crime.end(code, applied, chance);
            }
            53..=54 => self.remove(),
            55 if direct => {
                let at = since.plus(Elapsed::hours(30));
                crime.gone = Some(gone(at, DeletedReason::CreatedInError, None));
            }
            _ => {}
        }
    }

    /// Removes the crime for a reason, after its victims were told where they must be.
    fn remove(&mut self) {
        let closed = self.incidents.first().and_then(IncidentDesign::closed);
        let (crime, chance) = self.drawing();
        let since = crime
            .recorded
            .max(crime.first)
            .max(closed.unwrap_or(crime.recorded));
        let at = chance.after(since, Elapsed::hours(24), Elapsed::hours(24 * 6));
        use CancellationCode::{C1, C2, C3, C4, C5};
        crime.cancel(at, chance.one_of(&[C1, C2, C2, C3, C4, C5]));
        let told = at.minus(Elapsed::hours(2));
        for care in &mut crime.care {
            care.tell_removal(told);
        }
    }
}

fn gone(at: Instant, reason: DeletedReason, into: Option<Reference>) -> Dated<Deleted> {
    let at_moment = crate::domain::Moment::exact(at);
    Dated::new(
        at,
        Deleted {
            reason,
            into,
            at: at_moment,
        },
    )
}

/// Enters a disclosure of an offence into a log.
pub(super) fn disclose<'i>(
    incident: &'i mut IncidentDesign,
    id: &str,
    at: Instant,
    offence: &Offence,
) -> &'i mut Disclosure {
    let disclosure = Disclosure {
        at: exact(at),
        status: Some(DisclosureStatus::Disclosed),
        set_by: by(Role::CallHandler),
        offence_class: word(offence.class),
        basis: Some(offence.basis),
        regime: Some(Regime::None),
        ..Disclosure::untold(id.into())
    };
    incident.disclosures.push(Dated::new(at, disclosure));
    &mut incident
        .disclosures
        .last_mut()
        .expect("one was pushed")
        .what
}

/// Grades a log and answers it in time.
fn grade(incident: &mut IncidentDesign, chance: &mut Chance) {
    const GRADES: &[(GradeKind, u32)] = &[
        (GradeKind::Emergency, 20),
        (GradeKind::Priority, 32),
        (GradeKind::Scheduled, 18),
        (GradeKind::Resolution, 26),
        (GradeKind::None, 4),
    ];
    let kind = chance.weighted(GRADES);
    let seconds = match (kind, incident.log.urban) {
        (GradeKind::Emergency, Some(true)) => Some(chance.between(180, 840)),
        (GradeKind::Emergency, _) => Some(chance.between(240, 1_140)),
        (GradeKind::Priority, _) => Some(chance.between(900, 7_000)),
        (GradeKind::Scheduled, _) => Some(chance.between(7_000, 80_000)),
        _ => None,
    };
    let received = incident.received;
    incident.arrived = seconds.map(|seconds| received.plus(Elapsed::seconds(seconds)));
    graded(incident, received.plus(Elapsed::seconds(90)), kind);
    let triage = Triage {
        at: exact(received.plus(Elapsed::minutes(4))),
        by: by(Role::CallHandler),
        heads: Some(vec![TriageHead::Threat, TriageHead::Harm, TriageHead::Risk]),
        ..Triage::untold()
    };
    incident
        .triage
        .push(Dated::new(received.plus(Elapsed::minutes(4)), triage));
}

/// Enters a grade into a log.
pub(super) fn graded(incident: &mut IncidentDesign, at: Instant, kind: GradeKind) {
    let grade = Grade {
        grade: Some(kind),
        at: exact(at),
        by: by(Role::CallHandler),
        ..Grade::untold()
    };
    incident.grades.push(Dated::new(at, grade));
}

/// Adds a victim to a crime, and what is done for a person.
pub(super) fn add_victim(crime: &mut CrimeDesign, business: bool, chance: &mut Chance) {
    let reference = format!("v:k1:{:016x}", chance.any());
    let kind = if business {
        VictimKind::Business
    } else {
        VictimKind::Person
    };
    let mut care = CareDesign::of(reference.as_str().into());
    if !business {
        care.look_after(crime.recorded, chance);
    }
    crime.victims.push(Victim {
        kind: Some(kind),
        identified: Some(true),
        traceable: Some(true),
        age_at_offence: (!business).then(|| chance.between(16, 88)),
        enhanced_declared: Some(Vec::new()),
        ..Victim::untold(reference.as_str().into())
    });
    crime.care.push(care);
}

fn allocate(crime: &mut CrimeDesign, chance: &mut Chance) {
    let first = chance.after(crime.recorded, Elapsed::minutes(5), Elapsed::hours(5));
    let mut at = first;
    for team in [Team::Response, Team::Investigation] {
        let allocation = Allocation {
            team: Some(team),
            at: exact(at),
        };
        crime.allocated.push(Dated::new(at, allocation));
        if !chance.in_thousand(400) {
            break;
        }
        at = chance.after(at, Elapsed::hours(6), Elapsed::hours(60));
    }
}
