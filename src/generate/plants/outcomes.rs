//! Outcomes that are none, were none on their day, or contradict the file; and those that only look
//! so.

use super::super::key::Failing;
use super::super::offences;
use super::super::parts::exact;
use super::super::story::Story;
use super::{Aim, plant};
use crate::domain::records::SuspectStatus;
use crate::domain::{Elapsed, Instant, LondonDay, Moment, Precision};

const KNOWN: &str = "OUT-001";
const IN_FORCE: &str = "OUT-002";
const NOBODY_NAMED: &str = "OUT-022";

pub(super) const OUT_001: Aim = Aim {
    rule: KNOWN,
    defects: &[
        plant("unknown_code", unknown_code),
        plant("empty_code", empty_code),
        plant("unknown_code_replaced", unknown_code_replaced),
    ],
    near_misses: &[
        plant("not_yet_assigned", not_yet_assigned),
        plant("rare_code", rare_code),
        plant("code_untold", code_untold),
    ],
};

pub(super) const OUT_002: Aim = Aim {
    rule: IN_FORCE,
    defects: &[
        plant(
            "a_second_before_its_first_day",
            a_second_before_its_first_day,
        ),
        plant("weeks_before_its_first_day", weeks_before_its_first_day),
        plant("before_it_was_announced", before_it_was_announced),
        plant("too_early_and_replaced", too_early_and_replaced),
    ],
    near_misses: &[
        plant("on_its_first_day", on_its_first_day),
        plant("announced_and_not_in_force", announced_and_not_in_force),
        plant("only_the_month_told", only_the_month_told),
    ],
};

pub(super) const OUT_022: Aim = Aim {
    rule: NOBODY_NAMED,
    defects: &[
        plant("suspect_named", suspect_named),
        plant("ruled_out_afterwards", ruled_out_afterwards),
        plant("named_and_replaced", named_and_replaced),
    ],
    near_misses: &[
        plant("only_described", only_described),
        plant("only_a_witness", only_a_witness),
        plant("ruled_out_at_the_last_second", ruled_out_at_the_last_second),
        plant("linked_a_second_later", linked_a_second_later),
        plant("name_untold", name_untold),
    ],
};

/// A crime against a person, ended with this code some days later.
fn ended(story: &mut Story<'_>, code: &str) -> Instant {
    story.personal_crime();
    let (crime, chance) = story.drawing();
    let applied = chance.after(crime.recorded, Elapsed::hours(30), Elapsed::hours(24 * 10));
    crime.end(code, applied, chance);
    applied
}

fn breaks(story: &mut Story<'_>, rule: &'static str, remedied: bool) {
    story.crime_breaks(rule, "o1", Failing::Wrong { remedied });
}

fn unknown_code(story: &mut Story<'_>) {
    let code = story.chance.one_of(&["25", "1B", "99", "C2", "018"]);
    ended(story, code);
    breaks(story, KNOWN, false);
}

fn empty_code(story: &mut Story<'_>) {
    ended(story, "");
    breaks(story, KNOWN, false);
}

fn unknown_code_replaced(story: &mut Story<'_>) {
    let applied = ended(story, "8A");
    let (crime, chance) = story.drawing();
    crime.supersede(
        "15",
        chance.after(applied, Elapsed::hours(5), Elapsed::hours(60)),
    );
    breaks(story, KNOWN, true);
}

fn not_yet_assigned(story: &mut Story<'_>) {
    ended(story, "0");
}

fn rare_code(story: &mut Story<'_>) {
    let code = story.chance.one_of(&["1A", "11", "13", "23", "24"]);
    ended(story, code);
}

fn code_untold(story: &mut Story<'_>) {
    ended(story, "15");
    story.crime().outcome().code = None;
}

/// A crime of an earlier month, ended then with this code.
fn ended_long_ago(story: &mut Story<'_>, code: &str, applied: Instant) {
    let offence = offences::against_a_person(&mut story.chance);
    let reported = story
        .chance
        .after(applied, Elapsed::hours(-24 * 20), Elapsed::hours(-24 * 4));
    story.older_crime(offence, reported);
    let (crime, chance) = story.drawing();
    crime.end(code, applied, chance);
}

/// The first instant of the day on which deferred prosecutions could first be recorded.
fn deferral_began() -> Instant {
    LondonDay::of(2026, 4, 1).start()
}

fn a_second_before_its_first_day(story: &mut Story<'_>) {
    ended_long_ago(story, "24", deferral_began().minus(Elapsed::seconds(1)));
    breaks(story, IN_FORCE, false);
}

fn weeks_before(story: &mut Story<'_>) {
    let applied = story.chance.after(
        deferral_began(),
        Elapsed::hours(-24 * 60),
        Elapsed::hours(-48),
    );
    ended_long_ago(story, "24", applied);
}

fn weeks_before_its_first_day(story: &mut Story<'_>) {
    weeks_before(story);
    breaks(story, IN_FORCE, false);
}

fn before_it_was_announced(story: &mut Story<'_>) {
    let announced = LondonDay::of(2026, 2, 12).start();
    let applied = story
        .chance
        .after(announced, Elapsed::hours(-24 * 30), Elapsed::seconds(-1));
    ended_long_ago(story, "23", applied);
    breaks(story, IN_FORCE, false);
}

fn too_early_and_replaced(story: &mut Story<'_>) {
    weeks_before(story);
    let (crime, chance) = story.drawing();
    crime.supersede(
        "15",
        chance.after(crime.first, Elapsed::hours(2), Elapsed::hours(48)),
    );
    breaks(story, IN_FORCE, true);
}

fn on_its_first_day(story: &mut Story<'_>) {
    let code = story.chance.one_of(&["23", "24"]);
    let began = deferral_began();
    ended_long_ago(story, code, began);
}

fn announced_and_not_in_force(story: &mut Story<'_>) {
    let applied = story.chance.after(
        deferral_began(),
        Elapsed::hours(-24 * 40),
        Elapsed::hours(-24),
    );
    ended_long_ago(story, "23", applied);
}

fn only_the_month_told(story: &mut Story<'_>) {
    let february = LondonDay::of(2026, 2, 1).start();
    let late = LondonDay::of(2026, 2, 28).start();
    ended_long_ago(story, "23", late);
    let month = Moment::new(february, Precision::Month);
    let outcome = story.crime().outcome();
    outcome.applied_at = Some(month);
}

/// A crime ended as one without a suspect, and somebody linked to it some time before.
fn ended_as_unsolved(story: &mut Story<'_>) -> Instant {
    let applied = ended(story, "18");
    let (crime, chance) = story.drawing();
    crime.suspects.clear();
    let linked = chance.after(crime.recorded, Elapsed::hours(1), Elapsed::hours(25));
    crime.suspect(linked, chance);
    applied
}

fn suspect_named(story: &mut Story<'_>) {
    ended_as_unsolved(story);
    breaks(story, NOBODY_NAMED, false);
}

fn rule_out(story: &mut Story<'_>, at: Instant) {
    let suspect = &mut story.crime().suspects[0].what;
    suspect.status = Some(SuspectStatus::Eliminated);
    suspect.eliminated_at = exact(at);
}

fn ruled_out_afterwards(story: &mut Story<'_>) {
    let applied = ended_as_unsolved(story);
    let ruled_out = story.chance.past(applied, Elapsed::hours(72));
    rule_out(story, ruled_out);
    breaks(story, NOBODY_NAMED, true);
}

fn named_and_replaced(story: &mut Story<'_>) {
    let applied = ended_as_unsolved(story);
    let later = story.chance.past(applied, Elapsed::hours(72));
    story.crime().supersede("15", later);
    breaks(story, NOBODY_NAMED, true);
}

fn only_described(story: &mut Story<'_>) {
    ended_as_unsolved(story);
    story.crime().suspects[0].what.named = Some(false);
}

fn only_a_witness(story: &mut Story<'_>) {
    ended_as_unsolved(story);
    story.crime().suspects[0].what.status = Some(SuspectStatus::Witness);
}

fn ruled_out_at_the_last_second(story: &mut Story<'_>) {
    let applied = ended_as_unsolved(story);
    let ruled_out = story.chance.just_by(applied);
    rule_out(story, ruled_out);
    story.crime().held.push(ruled_out);
}

fn linked_a_second_later(story: &mut Story<'_>) {
    let applied = ended(story, "18");
    let (crime, chance) = story.drawing();
    crime.suspects.clear();
    crime.suspect(applied.plus(Elapsed::seconds(1)), chance);
}

fn name_untold(story: &mut Story<'_>) {
    ended_as_unsolved(story);
    story.crime().suspects[0].what.named = None;
}
