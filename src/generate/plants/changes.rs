//! Crimes that are reclassified or removed as they may not be; and those of which it only looks so.

use super::super::key::Failing;
use super::super::offences;
use super::super::parts::{Dated, by, not_written};
use super::super::story::{Story, add_victim};
use super::{Aim, plant};
use crate::domain::names::Role;
use crate::domain::records::{CancellationCode, ReclassificationReason};
use crate::domain::{Elapsed, Instant};

const RECLASSIFIED: &str = "REC-057";
const TOLD: &str = "REC-107";

pub(super) const REC_057: Aim = Aim {
    rule: RECLASSIFIED,
    defects: &[
        plant("silently_changed", silently_changed),
        plant("by_an_investigator", by_an_investigator),
        plant("not_justified", not_justified),
        plant("because_of_the_charge", because_of_the_charge),
    ],
    near_misses: &[
        plant("only_the_code_changed", only_the_code_changed),
        plant("justification_untold", justification_untold),
        plant("by_way_of_another_class", by_way_of_another_class),
    ],
};

pub(super) const REC_107: Aim = Aim {
    rule: TOLD,
    defects: &[
        plant("not_told", not_told),
        plant("told_afterwards", told_afterwards),
        plant("one_of_two_not_told", one_of_two_not_told),
    ],
    near_misses: &[
        plant("told_at_the_last_second", told_at_the_last_second),
        plant("removed_as_a_duplicate", removed_as_a_duplicate),
        plant("victim_cannot_be_traced", victim_cannot_be_traced),
        plant("notices_untold", notices_untold),
    ],
};

/// A crime whose class is changed, when, and from what to what.
fn changed(story: &mut Story<'_>) -> (Instant, (&'static str, &'static str)) {
    story.personal_crime();
    let (crime, chance) = story.drawing();
    let to = offences::other_than(crime.offence, chance);
    let at = chance.after(crime.recorded, Elapsed::hours(3), Elapsed::hours(90));
    (at, (to.class, to.code))
}

fn change_breaks(story: &mut Story<'_>, to: (&str, &str)) {
    let crime = story.crime();
    let from = crime.offence;
    let duty = format!(
        "{}#{}:{}>{}:{}",
        crime.reference, from.class, from.code, to.0, to.1
    );
    story.crime_breaks(RECLASSIFIED, duty, Failing::Wrong { remedied: false });
}

fn silently_changed(story: &mut Story<'_>) {
    let (at, to) = changed(story);
    story.crime().silent = Some(Dated::new(at, to));
    change_breaks(story, to);
}

fn by_an_investigator(story: &mut Story<'_>) {
    let (at, to) = changed(story);
    story.crime().classify_as(at, to).by = by(Role::Investigator);
    change_breaks(story, to);
}

fn not_justified(story: &mut Story<'_>) {
    let (at, to) = changed(story);
    story.crime().classify_as(at, to).rationale = not_written();
    change_breaks(story, to);
}

fn because_of_the_charge(story: &mut Story<'_>) {
    let (at, to) = changed(story);
    story.crime().classify_as(at, to).reason = Some(ReclassificationReason::Other);
    change_breaks(story, to);
}

fn only_the_code_changed(story: &mut Story<'_>) {
    let offence = offences::with_sibling(&mut story.chance);
    story.recorded_after(offence, Elapsed::hours(2));
    let crime = story.crime();
    let at = crime.recorded.plus(Elapsed::hours(30));
    let to = (offence.class, offence.sibling);
    crime.silent = Some(Dated::new(at, to));
}

fn justification_untold(story: &mut Story<'_>) {
    let (at, to) = changed(story);
    story.crime().classify_as(at, to).rationale = None;
}

fn by_way_of_another_class(story: &mut Story<'_>) {
    let (at, to) = changed(story);
    let (crime, chance) = story.drawing();
    let between = offences::other_than(crime.offence, chance);
    crime.classify_as(at, (between.class, between.code));
    crime.classify_as(at, to);
}

/// A crime that is removed, and when; nobody was told yet.
fn removed(story: &mut Story<'_>, reason: CancellationCode) -> Instant {
    story.personal_crime();
    let closed = story.incident().closed().expect("it was closed as a crime");
    let removed = story
        .chance
        .after(closed, Elapsed::hours(3), Elapsed::hours(24 * 6));
    let crime = story.crime();
    crime.victims.truncate(1);
    crime.care.truncate(1);
    crime.cancel(removed, reason);
    removed
}

fn removed_for_cause(story: &mut Story<'_>) -> Instant {
    use CancellationCode::{C1, C2, C5};
    let reason = story.chance.one_of(&[C1, C2, C5]);
    removed(story, reason)
}

fn removal_breaks(story: &mut Story<'_>, failing: Failing) {
    let duty = format!("x1#{}", story.care().victim);
    story.crime_breaks(TOLD, duty, failing);
}

fn not_told(story: &mut Story<'_>) {
    let removed = removed_for_cause(story);
    removal_breaks(story, Failing::Open(removed));
}

fn told_afterwards(story: &mut Story<'_>) {
    let removed = removed_for_cause(story);
    let told = story.chance.past(removed, Elapsed::hours(80));
    story.care().tell_removal(told);
    removal_breaks(story, Failing::Late(removed, told));
}

fn one_of_two_not_told(story: &mut Story<'_>) {
    let removed = removed_for_cause(story);
    let (crime, chance) = story.drawing();
    add_victim(crime, false, chance);
    crime.care[1].tell_removal(removed.minus(Elapsed::hours(1)));
    removal_breaks(story, Failing::Open(removed));
}

fn told_at_the_last_second(story: &mut Story<'_>) {
    let removed = removed_for_cause(story);
    let told = story.chance.just_by(removed);
    story.care().tell_removal(told);
    story.crime().held.push(told);
}

fn removed_as_a_duplicate(story: &mut Story<'_>) {
    use CancellationCode::{C3, C4};
    let reason = story.chance.one_of(&[C3, C4]);
    removed(story, reason);
}

fn victim_cannot_be_traced(story: &mut Story<'_>) {
    removed_for_cause(story);
    story.crime().victims[0].traceable = Some(false);
}

fn notices_untold(story: &mut Story<'_>) {
    removed_for_cause(story);
    story.care().informed_untold = true;
}
