//! Disclosures that no crime answers and logs closed as crimes without one; and those of which it
//! only looks so.

use super::super::incident::IncidentDesign;
use super::super::key::Failing;
use super::super::offences;
use super::super::parts::{by, exact, not_written, word, written};
use super::super::story::Story;
use super::lateness::recorded_at_the_last_second;
use super::{Aim, plant};
use crate::domain::names::{LinkKind, Role};
use crate::domain::records::{CancellationCode, CriReason, NoCrimeAnswers, NoCrimeDecision};
use crate::domain::{Elapsed, Instant};

const RECORDED: &str = "REC-010";
const CLOSED: &str = "REC-021";

/// A crime is recorded within a day of its disclosure.
const DAY: Elapsed = Elapsed::hours(24);

pub(super) const REC_010: Aim = Aim {
    rule: RECORDED,
    defects: &[
        plant("never_recorded", never_recorded),
        plant("left_open", left_open),
        plant("grounds_not_written", grounds_not_written),
        plant("own_report_filed", own_report_filed),
        plant("decided_too_late", decided_too_late),
    ],
    near_misses: &[
        plant("recorded_at_the_last_second", recorded_at_the_last_second),
        plant("filed_for_a_permitted_reason", filed_for_a_permitted_reason),
        plant("decided_at_the_last_second", decided_at_the_last_second),
        plant("reporter_untold", reporter_untold),
    ],
};

pub(super) const REC_021: Aim = Aim {
    rule: CLOSED,
    defects: &[
        plant("closed_without_crime", closed_without_crime),
        plant("only_a_notifiable_report", only_a_notifiable_report),
        plant("removed_before_the_closing", removed_before_the_closing),
    ],
    near_misses: &[
        plant("named_at_the_last_second", named_at_the_last_second),
        plant("only_related", only_related),
        plant("removed_after_the_closing", removed_after_the_closing),
        plant("category_untold", category_untold),
        plant("links_untold", links_untold),
    ],
};

/// A disclosure that no crime answers, and by when one was due.
fn unrecorded(story: &mut Story<'_>) -> Instant {
    let offence = offences::against_a_person(&mut story.chance);
    story.disclosed(offence).plus(DAY)
}

fn disclosure_breaks(story: &mut Story<'_>, due: Instant) {
    let duty = format!("{}#d1", story.incident().reference);
    story.incident_breaks(RECORDED, duty, Failing::Open(due));
}

fn soon(story: &mut Story<'_>) -> Instant {
    story
        .chance
        .after(story.report, Elapsed::hours(1), Elapsed::hours(20))
}

fn never_recorded(story: &mut Story<'_>) {
    let due = unrecorded(story);
    let closed = soon(story);
    story.incident().close(closed, "asb_personal");
    disclosure_breaks(story, due);
}

fn left_open(story: &mut Story<'_>) {
    let due = unrecorded(story);
    disclosure_breaks(story, due);
}

fn grounds_not_written(story: &mut Story<'_>) {
    let due = unrecorded(story);
    let closed = soon(story);
    let closure = story.incident().close(closed, "contact_record");
    closure.cri_reason = Some(CriReason::Two);
    closure.rationale = not_written();
    disclosure_breaks(story, due);
}

fn own_report_filed(story: &mut Story<'_>) {
    let due = unrecorded(story);
    let closed = soon(story);
    let reason = story.chance.one_of(&[CriReason::OneA, CriReason::OneB]);
    story.incident().close(closed, "contact_record").cri_reason = Some(reason);
    disclosure_breaks(story, due);
}

fn decided_too_late(story: &mut Story<'_>) {
    let due = unrecorded(story);
    let decided = story.chance.past(due, Elapsed::hours(40));
    decide(story.incident(), decided);
    disclosure_breaks(story, due);
}

/// Closes a log with the decision, on grounds written down, that there was no crime.
fn decide(incident: &mut IncidentDesign, at: Instant) {
    let closure = incident.close(at, "civil_dispute");
    closure.no_crime_decision = Some(NoCrimeDecision {
        at: exact(at),
        by: by(Role::DesignatedDecisionMaker),
        answers: Some(NoCrimeAnswers {
            contrary_evidence: Some(true),
            ..NoCrimeAnswers::untold()
        }),
        reason_code: word("contrary_evidence"),
        rationale: written(at, Role::DesignatedDecisionMaker),
    });
}

fn filed_for_a_permitted_reason(story: &mut Story<'_>) {
    unrecorded(story);
    let closed = soon(story);
    let reason = story.chance.one_of(&[CriReason::Two, CriReason::Three]);
    story.incident().close(closed, "contact_record").cri_reason = Some(reason);
}

fn decided_at_the_last_second(story: &mut Story<'_>) {
    let due = unrecorded(story);
    let decided = story.chance.just_by(due);
    let incident = story.incident();
    decide(incident, decided);
    incident.held.push(decided);
}

fn reporter_untold(story: &mut Story<'_>) {
    unrecorded(story);
    let closed = soon(story);
    let incident = story.incident();
    incident.log.reporter_role = None;
    incident.close(closed, "asb_personal");
}

/// A log that was closed as a crime although nothing was disclosed in it, and by when a crime had to
/// be there.
fn closed_as_crime(story: &mut Story<'_>) -> Instant {
    story.open_log();
    let closed = soon(story);
    story.incident().close(closed, "crime");
    closed.plus(DAY)
}

fn closing_breaks(story: &mut Story<'_>, due: Instant) {
    let reference = story.incident().reference.as_str().to_owned();
    story.incident_breaks(CLOSED, reference, Failing::Open(due));
}

fn closed_without_crime(story: &mut Story<'_>) {
    let due = closed_as_crime(story);
    closing_breaks(story, due);
}

fn only_a_notifiable_report(story: &mut Story<'_>) {
    let due = closed_as_crime(story);
    let recorded = story.report.plus(Elapsed::hours(2));
    story.record_notifiable(story.report, recorded);
    closing_breaks(story, due);
}

fn removed_before_the_closing(story: &mut Story<'_>) {
    story.personal_crime();
    let crime = story.crime();
    let removed = crime.recorded.plus(Elapsed::hours(4));
    crime.cancel(removed, CancellationCode::C4);
    let closed = story.chance.past(removed, Elapsed::hours(8));
    story.incident().close(closed, "crime");
    closing_breaks(story, closed.plus(DAY));
}

/// A log closed as a crime, and a crime that came in another way.
fn closed_beside_a_crime(story: &mut Story<'_>) -> Instant {
    let due = closed_as_crime(story);
    let offence = offences::against_a_person(&mut story.chance);
    story.direct_crime(offence);
    due
}

fn named_at_the_last_second(story: &mut Story<'_>) {
    let due = closed_beside_a_crime(story);
    let named = story.chance.just_by(due);
    let crime = story.crime().reference.clone();
    let incident = story.incident();
    incident.name(named, &crime, LinkKind::Duplicate);
    incident.held.push(named);
}

fn only_related(story: &mut Story<'_>) {
    closed_beside_a_crime(story);
    let crime = story.crime().reference.clone();
    let incident = story.incident();
    let closed = incident.closed().unwrap_or(incident.received);
    incident.name(closed, &crime, LinkKind::Related);
}

fn removed_after_the_closing(story: &mut Story<'_>) {
    story.personal_crime();
    let closed = story.incident().closed();
    let closed = closed.expect("it was closed as a crime");
    let later = story.chance.one_of(&[0, 1, 3_600]);
    story
        .crime()
        .cancel(closed.plus(Elapsed::seconds(later)), CancellationCode::C4);
}

fn category_untold(story: &mut Story<'_>) {
    closed_as_crime(story);
    let closing = story.incident().closing.as_mut();
    closing.expect("it was closed").what.category = None;
}

fn links_untold(story: &mut Story<'_>) {
    closed_as_crime(story);
    story.incident().links_untold = true;
}
