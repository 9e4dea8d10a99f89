#![doc = include_str!("vic_040_referred_within_2_working_days.md")]

use super::readings::{
    accuses, by_midnight, care, declined, each_victim, is_answered, is_known_person,
    is_untraceable, reported_before, sent,
};
use crate::domain::known::{all, any};
use crate::domain::records::{Block, Consent, Referral, Victim};
use crate::domain::{
    CrimeCase, Elapsed, Finding, Judgement, Known, LondonDay, Missing, Moment, Verdict,
};
use crate::reference::{Book, ClassListName, Library, LimitName};
use crate::rules::{Check, Citation, Effective, Grade, LawOf, Rule, Severity, Status, Yields};
use crate::told;

/// The day on which the Code that set the limit came into force.
const FIRST_CODE: LondonDay = LondonDay::of(2015, 11, 16);

/// The card.
pub const RULE: Rule = Rule {
    id: "VIC-040",
    doc: include_str!("vic_040_referred_within_2_working_days.md"),
    severity: Severity::High,
    grade: Grade::A,
    status: Status::Provisional {
        since: LondonDay::of(2026, 11, 23),
        because: "the classes that the 2015 Code exempts, and its first day, are readings of ours",
    },
    yields: Yields::Exception,
    concerns: &[Block::Core, Block::Victims, Block::VictimCare],
    law_of: LawOf::ReportedAt,
    effective: Effective::From(FIRST_CODE),
    lead: Elapsed::hours(8),
    findings: &[
        (
            "not_referred",
            "The victim was neither referred to a support service nor is a refusal on record.",
        ),
        ("referred_late", "The victim was referred after the limit."),
        ("declined_late", "The victim declined a late offer."),
    ],
    excuses: &[
        ("untraceable", "The victim cannot be traced."),
        ("declined", "The victim declined in time."),
        ("exempt_2015", "The Code of 2015 exempted this class."),
    ],
    sources: &[
        Citation {
            source: "vcode-2020",
            place: "Right 4",
        },
        Citation {
            source: "vcode-2015",
            place: "referral to support services",
        },
    ],
    cause: None,
    check: Check::Crime(check),
};

fn check(case: &CrimeCase<'_>, library: &Library) -> Vec<Judgement> {
    each_victim(case, |victim| judge(case, victim, library))
}

fn judge(case: &CrimeCase<'_>, victim: &Victim, library: &Library) -> Known<Verdict> {
    // vcode-2015: crimes reported before its first day are under a Code that is not judged here.
    if reported_before(case, FIRST_CODE) == Ok(true) || !is_known_person(victim)? {
        return Ok(Verdict::NotApplicable);
    }
    let untraceable = is_untraceable(victim);
    if untraceable == Ok(true) {
        return Ok(Verdict::Excused { by: "untraceable" });
    }
    let verdict = referred(case, victim, library)?;
    if accuses(&verdict) {
        untraceable?;
    }
    Ok(verdict)
}

fn referred(case: &CrimeCase<'_>, victim: &Victim, library: &Library) -> Known<Verdict> {
    let reported = told!(case.crime.core, reported_at)?;
    let day = reported.day()?;
    // vcode-2020 Right 4, vcode-2015: two working days, and the day of the report is day 0.
    let days = library
        .on(day)
        .working_days(LimitName::ReferralWorkingDays)?;
    let due = library.end_of_working_day(day, days)?;
    let (referrals, told) = care(
        case,
        Some(&victim.victim_ref),
        |care| told!(*care, referrals),
        Missing::leaf("victim_care", "referrals"),
    );
    let sent = done(&referrals, |referral| sent(case, referral).ok().flatten());
    let declined = done(&referrals, |referral| declined(referral).ok().flatten());
    let sent_in_time = any(&sent, |at| by_midnight(at, due));
    let declined_in_time = any(&declined, |at| by_midnight(at, due));
    if sent_in_time == Ok(true) {
        return Ok(Verdict::MET);
    }
    if declined_in_time == Ok(true) {
        return Ok(Verdict::Excused { by: "declined" });
    }
    if is_exempt(case, victim, told.map(|()| &*referrals), &library.on(day))? {
        return Ok(Verdict::Excused { by: "exempt_2015" });
    }
    sent_in_time?;
    declined_in_time?;
    told?;
    for referral in &referrals {
        is_answered(case, referral)?;
    }
    let late = |code| move |at: Moment| (code, at);
    let sent = sent.into_iter().map(late("referred_late"));
    let declined = declined.into_iter().map(late("declined_late"));
    let first = sent.chain(declined).min_by_key(|(_, at)| at.earliest());
    let report = |code| Finding::of(code).at("core.reported_at", *reported);
    Ok(match first {
        Some((code, at)) => report(code).at("victim_care.referrals", at).late(due, at),
        // A consent alone refers nobody; only the message sent does.
        None => report("not_referred").open(due),
    })
}

fn done(referrals: &[&Referral], when: impl Fn(&Referral) -> Option<Moment>) -> Vec<Moment> {
    referrals
        .iter()
        .filter_map(|referral| when(referral))
        .collect()
}

/// vcode-2015, referral: victims of these classes only if vulnerable, targeted, of hate, or asking.
/// The Code of 2020 has no such classes, and the book of its days no list of them.
fn is_exempt(
    case: &CrimeCase<'_>,
    victim: &Victim,
    referrals: Known<&[&Referral]>,
    book: &Book<'_>,
) -> Known<bool> {
    if book.class_list(ClassListName::ReferralExempt).is_none() {
        return Ok(false);
    }
    let asked = |referral: &&Referral| told!(*referral, consent).map(|said| *said == Consent::Yes);
    let class = told!(case.crime.core, offence_class);
    let conditions = [
        told!(case.crime.core, hate).map(|hate| !hate),
        told!(victim, enhanced_declared).map(Vec::is_empty),
        referrals.and_then(|referrals| any(referrals, asked).map(|asked| !asked)),
        class.and_then(|class| match class.as_str() {
            // Only minor damage was exempt, and no field carries the value of the damage.
            class if book.is_listed(ClassListName::ReferralExemptIfMinor, class) => {
                Err(Missing::leaf("core", "damage_value"))
            }
            class => Ok(book.is_listed(ClassListName::ReferralExempt, class)),
        }),
    ];
    all(conditions, |holds| holds)
}
