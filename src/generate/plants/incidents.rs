//! Emergencies that are attended late or not at all, and those that only look so.

use super::super::incident::IncidentDesign;
use super::super::key::Failing;
use super::super::story::{Story, graded};
use super::{Aim, plant};
use crate::domain::records::GradeKind;
use crate::domain::{Elapsed, Instant};

const RULE: &str = "INC-020";

pub(super) const INC_020: Aim = Aim {
    rule: RULE,
    defects: &[
        plant("attended_late", attended_late),
        plant("never_attended", never_attended),
        plant("stood_down_too_late", stood_down_too_late),
        plant("upgraded_and_late", upgraded_and_late),
    ],
    near_misses: &[
        plant("attended_at_the_last_second", attended_at_the_last_second),
        plant("called_off_in_time", called_off_in_time),
        plant("repeats_another_log", repeats_another_log),
        plant("downgraded_in_time", downgraded_in_time),
        plant("town_or_country_untold", town_or_country_untold),
    ],
};

/// An emergency that nobody has come to yet, and when its time is over.
fn emergency(story: &mut Story<'_>) -> Instant {
    let incident = story.open_log();
    let received = incident.received;
    incident.grades.clear();
    incident.arrived = None;
    graded(
        incident,
        received.plus(Elapsed::seconds(70)),
        GradeKind::Emergency,
    );
    received.plus(target(incident))
}

/// 15 minutes in a town, 20 in the country.
fn target(incident: &IncidentDesign) -> Elapsed {
    match incident.log.urban {
        Some(true) => Elapsed::minutes(15),
        _ => Elapsed::minutes(20),
    }
}

fn breaks(story: &mut Story<'_>, failing: Failing) {
    let reference = story.incident().reference.as_str().to_owned();
    story.incident_breaks(RULE, reference, failing);
}

fn close_later(story: &mut Story<'_>) {
    let closed = story
        .chance
        .after(story.report, Elapsed::hours(3), Elapsed::hours(20));
    story.incident().close(closed, "concern_for_safety");
}

fn attended_late(story: &mut Story<'_>) {
    let due = emergency(story);
    let arrived = story.chance.past(due, Elapsed::minutes(50));
    story.incident().arrived = Some(arrived);
    close_later(story);
    breaks(story, Failing::Late(due, arrived));
}

fn never_attended(story: &mut Story<'_>) {
    let due = emergency(story);
    breaks(story, Failing::Open(due));
}

fn stood_down_too_late(story: &mut Story<'_>) {
    let due = emergency(story);
    let stood_down = story.chance.past(due, Elapsed::hours(2));
    story.incident().stood_down = Some(stood_down);
    close_later(story);
    breaks(story, Failing::Open(due));
}

fn upgraded_and_late(story: &mut Story<'_>) {
    let upgraded = story
        .chance
        .after(story.report, Elapsed::minutes(20), Elapsed::minutes(90));
    let incident = story.open_log();
    incident.grades.clear();
    graded(
        incident,
        incident.received.plus(Elapsed::seconds(70)),
        GradeKind::Scheduled,
    );
    graded(incident, upgraded, GradeKind::Emergency);
    let due = upgraded.plus(target(incident));
    let arrived = story.chance.past(due, Elapsed::minutes(50));
    story.incident().arrived = Some(arrived);
    close_later(story);
    breaks(story, Failing::Late(due, arrived));
}

fn attended_at_the_last_second(story: &mut Story<'_>) {
    let due = emergency(story);
    let arrived = story.chance.just_by(due);
    let incident = story.incident();
    incident.arrived = Some(arrived);
    incident.held.push(arrived);
    close_later(story);
}

fn called_off_in_time(story: &mut Story<'_>) {
    let due = emergency(story);
    let called_off = story.chance.just_by(due);
    let incident = story.incident();
    incident.called_off = Some(called_off);
    incident.held.push(called_off);
    close_later(story);
}

fn repeats_another_log(story: &mut Story<'_>) {
    emergency(story);
    story.incident().log.duplicate_of = Some("I-archive".into());
    close_later(story);
}

fn downgraded_in_time(story: &mut Story<'_>) {
    let due = emergency(story);
    let downgraded = story.chance.just_by(due);
    let incident = story.incident();
    graded(incident, downgraded, GradeKind::Priority);
    incident.held.push(downgraded);
    incident.arrived = Some(due.plus(Elapsed::hours(1)));
    close_later(story);
}

fn town_or_country_untold(story: &mut Story<'_>) {
    let due = emergency(story);
    let incident = story.incident();
    incident.log.urban = None;
    incident.arrived = Some(due.plus(Elapsed::minutes(9)));
    close_later(story);
}
