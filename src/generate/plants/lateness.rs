//! Crimes that are recorded late, and late records that are not explained; and those of which it only
//! looks so.

use super::super::key::Failing;
use super::super::offences;
use super::super::parts::{exact, not_written, word, written};
use super::super::story::{Story, disclose};
use super::{Aim, plant};
use crate::domain::names::Role;
use crate::domain::records::Regime;
use crate::domain::{Elapsed, Instant, Moment, Precision};

const IN_TIME: &str = "REC-030";
const EXPLAINED: &str = "REC-031";

/// A crime is recorded within a day of its disclosure.
const DAY: Elapsed = Elapsed::hours(24);
/// The registrar is given a week to oversee a late record.
const WEEK: Elapsed = Elapsed::hours(168);

pub(super) const REC_030: Aim = Aim {
    rule: IN_TIME,
    defects: &[
        plant("recorded_late", recorded_late),
        plant("never_classified", never_classified),
        plant("classified_late", classified_late),
        plant("own_report_recorded_late", own_report_recorded_late),
    ],
    near_misses: &[
        plant("recorded_at_the_last_second", recorded_at_the_last_second),
        plant("late_and_explained", late_and_explained),
        plant("several_disclosures", several_disclosures),
        plant("under_the_schools_protocol", under_the_schools_protocol),
        plant("only_the_day_told", only_the_day_told),
    ],
};

pub(super) const REC_031: Aim = Aim {
    rule: EXPLAINED,
    defects: &[
        plant("not_explained", not_explained),
        plant("reason_not_accepted", reason_not_accepted),
        plant("not_overseen", not_overseen),
    ],
    near_misses: &[
        plant("overseen_at_the_last_second", overseen_at_the_last_second),
        plant("late_and_explained", late_and_explained),
        plant("author_untold", author_untold),
    ],
};

pub(super) fn recorded_at_the_last_second(story: &mut Story<'_>) {
    let offence = offences::against_a_person(&mut story.chance);
    let early = story.chance.one_of(&[0, 1, 60]);
    story.recorded_after(offence, Elapsed::seconds(DAY.whole_seconds() - early));
    let crime = story.crime();
    crime.held.push(crime.recorded);
}

/// A crime recorded after its time, and when that was over.
fn late(story: &mut Story<'_>) -> Instant {
    let offence = offences::against_a_person(&mut story.chance);
    let over = match story.chance.between(0, 3) {
        0 => 1,
        1 => 60,
        _ => story.chance.between(120, 20 * 3_600),
    };
    story.recorded_after(offence, Elapsed::seconds(DAY.whole_seconds() + over));
    story.crime().start.plus(DAY)
}

fn recording_breaks(story: &mut Story<'_>, due: Instant) {
    let (duty, recorded) = (story.crime().reference.to_string(), story.crime().recorded);
    story.crime_breaks(IN_TIME, duty, Failing::Late(due, recorded));
}

fn paper_breaks(story: &mut Story<'_>) {
    let (duty, recorded) = (story.crime().reference.to_string(), story.crime().recorded);
    story.crime_breaks(EXPLAINED, duty, Failing::Open(recorded.plus(WEEK)));
}

fn recorded_late(story: &mut Story<'_>) {
    let due = late(story);
    recording_breaks(story, due);
}

fn never_classified(story: &mut Story<'_>) {
    story.personal_crime();
    story.crime().classification.clear();
    let (duty, due) = (
        story.crime().reference.to_string(),
        story.crime().start.plus(DAY),
    );
    story.crime_breaks(IN_TIME, duty, Failing::Open(due));
}

fn classified_late(story: &mut Story<'_>) {
    story.personal_crime();
    let due = story.crime().start.plus(DAY);
    let classified = story.chance.past(due, Elapsed::hours(30));
    let crime = story.crime();
    crime.classification.clear();
    crime.classify(classified, crime.offence);
    let duty = crime.reference.to_string();
    story.crime_breaks(IN_TIME, duty, Failing::Late(due, classified));
}

fn own_report_recorded_late(story: &mut Story<'_>) {
    let due = late(story);
    let reported = story.crime().start;
    story.incidents.clear();
    let crime = story.crime();
    crime.origin.clear();
    crime.core.reported_at = exact(reported);
    recording_breaks(story, due);
}

/// Writes down why a crime was recorded late, under this reason.
fn explain(story: &mut Story<'_>, reason: &str) {
    let crime = story.crime();
    let mut note = written(crime.recorded, Role::CrimeRecorder);
    if let Some(note) = &mut note {
        note.reason_code = word(reason);
    }
    crime.explained = note;
}

fn late_and_explained(story: &mut Story<'_>) {
    late(story);
    explain(story, "victim_unavailable");
    let crime = story.crime();
    crime.overseen = Some(crime.recorded);
}

fn several_disclosures(story: &mut Story<'_>) {
    late(story);
    let offence = story.crime().offence;
    let said = story.report.plus(Elapsed::minutes(25));
    disclose(story.incident(), "d2", said, offence);
    story.crime().origin[0].disclosure = None;
}

fn under_the_schools_protocol(story: &mut Story<'_>) {
    late(story);
    story.incident().disclosures[0].what.regime = Some(Regime::School);
}

fn only_the_day_told(story: &mut Story<'_>) {
    let offence = offences::against_a_person(&mut story.chance);
    let day = story.report.london_day();
    let recorded = day.next().start().plus(Elapsed::hours(10));
    story.direct_crime_recorded(offence, recorded);
    story.crime().core.reported_at = Some(Moment::new(story.report, Precision::Day));
}

fn not_explained(story: &mut Story<'_>) {
    let due = late(story);
    story.crime().explained = not_written();
    recording_breaks(story, due);
    paper_breaks(story);
}

fn reason_not_accepted(story: &mut Story<'_>) {
    let due = late(story);
    explain(story, "pending_investigation");
    let crime = story.crime();
    crime.overseen = Some(crime.recorded.plus(Elapsed::hours(20)));
    recording_breaks(story, due);
    paper_breaks(story);
}

fn not_overseen(story: &mut Story<'_>) {
    let due = late(story);
    explain(story, "system_outage");
    recording_breaks(story, due);
    paper_breaks(story);
}

fn overseen_at_the_last_second(story: &mut Story<'_>) {
    late(story);
    explain(story, "system_outage");
    let by_then = story.crime().recorded.plus(WEEK);
    let overseen = story.chance.just_by(by_then);
    let crime = story.crime();
    crime.overseen = Some(overseen);
    crime.held.push(overseen);
}

fn author_untold(story: &mut Story<'_>) {
    let due = late(story);
    explain(story, "system_outage");
    if let Some(note) = &mut story.crime().explained {
        note.by = None;
    }
    recording_breaks(story, due);
}
