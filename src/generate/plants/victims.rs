//! Victims whose needs were not assessed, who were not referred, heard or asked in time; and those
//! of whom it only looks so.

use super::super::calendar::end_of_working_day;
use super::super::key::Failing;
use super::super::offences;
use super::super::story::Story;
use super::{Aim, plant};
use crate::domain::names::Role;
use crate::domain::records::{Consent, SupportKind, View};
use crate::domain::{Elapsed, Instant};

const ASSESSED: &str = "VIC-010";
const REFERRED: &str = "VIC-040";
const HEARD: &str = "VIC-070";
const ASKED: &str = "VIC-074";

pub(super) const VIC_010: Aim = Aim {
    rule: ASSESSED,
    defects: &[
        plant("never_assessed", never_assessed),
        plant("assessed_afterwards", assessed_afterwards),
        plant("assessed_by_a_system", assessed_by_a_system),
    ],
    near_misses: &[
        plant("assessed_at_the_last_second", assessed_at_the_last_second),
        plant("assessment_refused", assessment_refused),
        plant("victim_cannot_be_traced", victim_cannot_be_traced),
        plant("what_was_considered_untold", what_was_considered_untold),
    ],
};

pub(super) const VIC_040: Aim = Aim {
    rule: REFERRED,
    defects: &[
        plant("referred_late", referred_late),
        plant("consented_and_never_sent", consented_and_never_sent),
        plant("never_offered", never_offered),
        plant("declined_late", declined_late),
    ],
    near_misses: &[
        plant("referred_at_the_last_second", referred_at_the_last_second),
        plant("declined_at_the_last_second", declined_at_the_last_second),
        plant("victim_cannot_be_traced", victim_cannot_be_traced),
        plant("consent_untold", consent_untold),
    ],
};

pub(super) const VIC_070: Aim = Aim {
    rule: HEARD,
    defects: &[
        plant("nothing_on_record", nothing_on_record),
        plant("recorded_afterwards", recorded_afterwards),
        plant("record_of_another_outcome", record_of_another_outcome),
    ],
    near_misses: &[
        plant("recorded_at_the_last_second", recorded_at_the_last_second),
        plant("endorsement_untold", endorsement_untold),
        plant("offence_against_the_state", offence_against_the_state),
    ],
};

pub(super) const VIC_074: Aim = Aim {
    rule: ASKED,
    defects: &[
        plant("not_asked", not_asked),
        plant("asked_afterwards", asked_afterwards),
        plant("never_tried", never_tried),
    ],
    near_misses: &[
        plant("asked_at_the_last_second", asked_at_the_last_second),
        plant("tried_and_not_reached", tried_and_not_reached),
        plant("nobody_to_ask", nobody_to_ask),
        plant("answer_untold", answer_untold),
    ],
};

/// A crime against a person, ended with one of these codes some days later.
fn ended(story: &mut Story<'_>, codes: &[&'static str]) -> Instant {
    story.personal_crime();
    only_one_victim(story);
    let (crime, chance) = story.drawing();
    let applied = chance.after(crime.recorded, Elapsed::hours(30), Elapsed::hours(24 * 10));
    let code = chance.one_of(codes);
    crime.end(code, applied, chance);
    applied
}

fn only_one_victim(story: &mut Story<'_>) {
    let crime = story.crime();
    crime.victims.truncate(1);
    crime.care.truncate(1);
}

fn victim_breaks(story: &mut Story<'_>, rule: &'static str, failing: Failing) {
    let victim = story.care().victim.as_str().to_owned();
    story.crime_breaks(rule, victim, failing);
}

fn unassessed(story: &mut Story<'_>) -> Instant {
    let applied = ended(story, &["18", "15", "1"]);
    story.care().assessments.clear();
    applied
}

fn never_assessed(story: &mut Story<'_>) {
    let applied = unassessed(story);
    victim_breaks(story, ASSESSED, Failing::Open(applied));
}

fn assessed_afterwards(story: &mut Story<'_>) {
    let applied = unassessed(story);
    let assessed = story.chance.past(applied, Elapsed::hours(90));
    story.care().assess(assessed);
    victim_breaks(story, ASSESSED, Failing::MadeGood(applied));
}

fn assessed_by_a_system(story: &mut Story<'_>) {
    let applied = unassessed(story);
    let assessed = applied.minus(Elapsed::hours(20));
    let care = story.care();
    care.assess(assessed);
    care.assessments[0].what.by = super::super::parts::by(Role::System);
    victim_breaks(story, ASSESSED, Failing::Open(applied));
}

fn assessed_at_the_last_second(story: &mut Story<'_>) {
    let applied = unassessed(story);
    let assessed = story.chance.just_by(applied);
    story.care().assess(assessed);
    story.crime().held.push(assessed);
}

fn assessment_refused(story: &mut Story<'_>) {
    let applied = unassessed(story);
    let care = story.care();
    care.assess(applied.minus(Elapsed::hours(5)));
    care.assessments[0].what.refused = Some(true);
}

fn victim_cannot_be_traced(story: &mut Story<'_>) {
    unassessed(story);
    story.care().referrals.clear();
    story.crime().victims[0].traceable = Some(false);
}

fn what_was_considered_untold(story: &mut Story<'_>) {
    let applied = unassessed(story);
    let care = story.care();
    care.assess(applied.minus(Elapsed::hours(5)));
    let assessment = &mut care.assessments[0].what;
    (assessment.needs, assessment.enhanced_decision) = (None, None);
}

/// A crime against a person whom nobody has referred, and by when that was due.
fn unreferred(story: &mut Story<'_>) -> Instant {
    story.personal_crime();
    only_one_victim(story);
    story.care().referrals.clear();
    end_of_working_day(story.report.london_day(), 2)
}

fn referred_late(story: &mut Story<'_>) {
    let due = unreferred(story);
    let sent = story.chance.past(due, Elapsed::hours(70));
    let offered = due.minus(Elapsed::hours(12));
    story.care().refer(offered, sent, Consent::Yes);
    victim_breaks(story, REFERRED, Failing::Late(due, sent));
}

fn consented_and_never_sent(story: &mut Story<'_>) {
    let due = unreferred(story);
    let offered = due.minus(Elapsed::hours(12));
    let care = story.care();
    care.refer(offered, offered, Consent::Yes);
    care.referrals[0].what.sent_at = None;
    victim_breaks(story, REFERRED, Failing::Open(due));
}

fn never_offered(story: &mut Story<'_>) {
    let due = unreferred(story);
    victim_breaks(story, REFERRED, Failing::Open(due));
}

fn declined_late(story: &mut Story<'_>) {
    let due = unreferred(story);
    let declined = story.chance.past(due, Elapsed::hours(70));
    story.care().declined(declined);
    victim_breaks(story, REFERRED, Failing::Late(due, declined));
}

fn referred_at_the_last_second(story: &mut Story<'_>) {
    let due = unreferred(story);
    let sent = story.chance.just_by(due);
    story
        .care()
        .refer(due.minus(Elapsed::hours(6)), sent, Consent::Yes);
    story.crime().held.push(sent);
}

fn declined_at_the_last_second(story: &mut Story<'_>) {
    let due = unreferred(story);
    let declined = story.chance.just_by(due);
    story.care().declined(declined);
    story.crime().held.push(declined);
}

fn consent_untold(story: &mut Story<'_>) {
    let due = unreferred(story);
    let care = story.care();
    care.declined(due.minus(Elapsed::hours(9)));
    care.referrals[0].what.consent = None;
}

/// A crime ended for want of the victim's support, and nothing of that on record.
fn unheard(story: &mut Story<'_>) -> Instant {
    let applied = ended(story, &["14", "16"]);
    story.care().support.clear();
    applied
}

fn nothing_on_record(story: &mut Story<'_>) {
    let applied = unheard(story);
    story.crime_breaks(HEARD, "o1", Failing::Open(applied));
}

fn recorded_afterwards(story: &mut Story<'_>) {
    let applied = unheard(story);
    let recorded = story.chance.past(applied, Elapsed::hours(90));
    story.care().record_position(recorded, "o1");
    story.crime_breaks(HEARD, "o1", Failing::Late(applied, recorded));
}

fn record_of_another_outcome(story: &mut Story<'_>) {
    let applied = unheard(story);
    let recorded = applied.minus(Elapsed::hours(3));
    story.care().record_position(recorded, "o9");
    story.crime_breaks(HEARD, "o1", Failing::Open(applied));
}

fn recorded_at_the_last_second(story: &mut Story<'_>) {
    let applied = unheard(story);
    let recorded = story.chance.just_by(applied);
    story.care().record_position(recorded, "o1").kind = Some(SupportKind::BodyWornVideo);
    story.crime().held.push(recorded);
}

fn endorsement_untold(story: &mut Story<'_>) {
    let applied = unheard(story);
    let recorded = applied.minus(Elapsed::hours(3));
    story.care().record_position(recorded, "o1").endorsed = None;
}

fn offence_against_the_state(story: &mut Story<'_>) {
    let offence = offences::against_the_state(&mut story.chance);
    story.direct_crime(offence);
    let (crime, chance) = story.drawing();
    let applied = chance.after(crime.recorded, Elapsed::hours(30), Elapsed::hours(90));
    crime.end("16", applied, chance);
}

/// A crime ended by a disposal of which the victim was not asked, and when that was.
fn unasked(story: &mut Story<'_>) -> Instant {
    ended(story, &["2", "3", "8"]);
    story.care().consultations.clear();
    let disposal = story.crime().outcome().disposal.as_ref();
    let disposed = disposal.and_then(|disposal| disposal.at);
    disposed.expect("a disposal has a time").earliest()
}

fn not_asked(story: &mut Story<'_>) {
    let disposed = unasked(story);
    story.crime_breaks(ASKED, "o1", Failing::Open(disposed));
}

fn asked_afterwards(story: &mut Story<'_>) {
    let disposed = unasked(story);
    let asked = story.chance.past(disposed, Elapsed::hours(60));
    story.care().consult(asked, View::Agrees, 1);
    story.crime_breaks(ASKED, "o1", Failing::Late(disposed, asked));
}

fn never_tried(story: &mut Story<'_>) {
    let disposed = unasked(story);
    story
        .care()
        .consult(disposed.minus(Elapsed::hours(2)), View::NotReached, 0);
    story.crime_breaks(ASKED, "o1", Failing::Open(disposed));
}

fn asked_at_the_last_second(story: &mut Story<'_>) {
    let disposed = unasked(story);
    let asked = story.chance.just_by(disposed);
    story.care().consult(asked, View::Disagrees, 1);
    story.crime().held.push(asked);
}

fn tried_and_not_reached(story: &mut Story<'_>) {
    let disposed = unasked(story);
    story
        .care()
        .consult(disposed.minus(Elapsed::hours(2)), View::NotReached, 3);
}

fn nobody_to_ask(story: &mut Story<'_>) {
    unasked(story);
    story.crime().victims[0].identified = Some(false);
}

fn answer_untold(story: &mut Story<'_>) {
    let disposed = unasked(story);
    story
        .care()
        .consult(disposed.minus(Elapsed::hours(2)), View::Agrees, 1)
        .view = None;
}
