//! How the report says numbers, shares, lengths of time and moments. A share is k of n with a
//! percentage that is rounded down and has no interval, since every record is judged; a moment is
//! in London time. Start at [`share`] and [`when`].

use maud::{Markup, html};

use crate::domain::{Elapsed, Instant, LondonDay, Moment};

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A number with its thousands apart.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number with its noun: `1 record`, `2 records`, `3 duties`.
pub(crate) fn plural(number: u64, noun: &str) -> String {
    match (number, noun.strip_suffix("ty")) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{} {stem}ties", count(number)),
        (_, None) => format!("{} {noun}s", count(number)),
    }
}

/// The verb that a number asks for.
pub(crate) fn verb(number: u64, one: &'static str, many: &'static str) -> &'static str {
    if number == 1 { one } else { many }
}

/// `k of n (p %)`, rounded down, so that all but one never reads as all; a dash where n is 0.
pub(crate) fn share(part: u64, whole: u64) -> String {
    match percent(part, whole) {
        None => "–".to_owned(),
        Some(percent) => format!("{} of {} ({percent})", count(part), count(whole)),
    }
}

/// `k of n duties (p %)`, rounded down.
pub(crate) fn share_of(part: u64, whole: u64, noun: &str) -> String {
    let percent = percent(part, whole).unwrap_or_else(|| "–".to_owned());
    format!("{} of {} ({percent})", count(part), plural(whole, noun))
}

fn percent(part: u64, whole: u64) -> Option<String> {
    let tenths = tenths(part, whole)?;
    // The space does not break: a line never begins with the sign.
    Some(format!("{}.{}\u{a0}%", tenths / 10, tenths % 10))
}

/// The share in tenths of a percent, rounded down.
pub(crate) fn tenths(part: u64, whole: u64) -> Option<u64> {
    let tenths = (u128::from(part) * 1_000).checked_div(u128::from(whole))?;
    u64::try_from(tenths).ok()
}

/// A length of time in its two greatest units, rounded down; past a month in days.
pub(crate) fn long(span: Elapsed) -> String {
    let minutes = span.whole_seconds().max(0) / 60;
    let (days, hours) = (minutes / 1_440, minutes / 60 % 24);
    match (days, hours) {
        (0, 0) => format!("{minutes} min"),
        (30.., _) => plural(u64::try_from(days).unwrap_or(0), "day"),
        (0, hours) if minutes % 60 == 0 => format!("{hours} h"),
        (0, hours) => format!("{hours} h {} min", minutes % 60),
        (days, 0) => format!("{days} d"),
        (days, hours) => format!("{days} d {hours} h"),
    }
}

/// A day as people write it.
pub(crate) fn day(day: LondonDay) -> String {
    let date = day.date();
    let month = usize::try_from(date.month() - 1)
        .ok()
        .and_then(|at| MONTHS.get(at));
    format!(
        "{} {} {}",
        date.day(),
        month.unwrap_or(&MONTHS[0]),
        date.year()
    )
}

/// An instant as people write it, in London time.
pub(crate) fn stamp(at: Instant) -> String {
    if at == Instant::BEGINNING || at == Instant::END {
        return at.to_string();
    }
    let text = at.to_string();
    let clock = text.split_once('T').map_or("", |(_, clock)| clock);
    format!(
        "{} {}",
        day(at.london_day()),
        clock.get(..5).unwrap_or(clock)
    )
}

/// An instant, for people and for machines.
pub(crate) fn when(at: Instant) -> Markup {
    html! { time datetime=(at) { (stamp(at)) } }
}

/// A moment as precise as it is told.
pub(crate) fn moment(at: &Moment) -> String {
    use crate::domain::Precision;
    match at.precision() {
        Precision::Day => day(at.earliest().london_day()),
        Precision::Month => at.to_string(),
        Precision::Second | Precision::Minute => stamp(at.earliest()),
    }
}

/// What names a duty within its record; none where the duty is the record's own.
pub(crate) fn duty<'t>(reference: &str, obligation: &'t str) -> Option<&'t str> {
    let within = obligation.strip_prefix(reference);
    match within.map(|rest| rest.strip_prefix('#')) {
        Some(Some(rest)) => Some(rest),
        Some(None) if obligation == reference => None,
        _ => Some(obligation),
    }
}

/// A code of several words as a person reads it.
pub(crate) fn spoken(code: &str) -> String {
    code.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_told_with_its_numbers_and_never_rounded_up() {
        assert_eq!(share(1_999, 2_000), "1,999 of 2,000 (99.9\u{a0}%)");
        assert_eq!(share(2_000, 2_000), "2,000 of 2,000 (100.0\u{a0}%)");
        assert_eq!(share(29, 100), "29 of 100 (29.0\u{a0}%)");
        assert_eq!(share(0, 0), "–");
    }

    #[test]
    fn thousands_stand_apart() {
        let numbers = [0, 999, 1_000, 12_345, 1_234_567].map(count);
        assert_eq!(numbers, ["0", "999", "1,000", "12,345", "1,234,567"]);
        assert_eq!(plural(1, "record"), "1 record");
        assert_eq!(plural(0, "record"), "0 records");
        assert_eq!(plural(2, "failed duty"), "2 failed duties");
        assert_eq!(plural(2, "day"), "2 days");
    }

    #[test]
    fn an_instant_is_told_in_london_time() {
        assert_eq!(stamp(instant("2026-07-01T08:05:00Z")), "1 Jul 2026 09:05");
        assert_eq!(stamp(instant("2026-01-01T08:05:00Z")), "1 Jan 2026 08:05");
        assert_eq!(
            when(instant("2026-07-01T08:05:00Z")).into_string(),
            "<time datetime=\"2026-07-01T09:05:00+01:00\">1 Jul 2026 09:05</time>"
        );
    }

    #[test]
    fn a_duty_is_named_within_its_record() {
        assert_eq!(duty("NP-1", "NP-1"), None);
        assert_eq!(duty("NP-1", "NP-1#d1"), Some("d1"));
        assert_eq!(duty("NP-1", "NP-12"), Some("NP-12"));
        assert_eq!(duty("NP-1", "v:k1:9f2c"), Some("v:k1:9f2c"));
    }

    #[test]
    fn a_length_of_time_is_rounded_down() {
        let told =
            [59, 60, 3_600, 90_000, 86_400, 200_000].map(|seconds| long(Elapsed::seconds(seconds)));
        assert_eq!(told, ["0 min", "1 min", "1 h", "1 d 1 h", "1 d", "2 d 7 h"]);
        assert_eq!(long(Elapsed::hours(24 * 1_869 + 9)), "1,869 days");
    }

    fn instant(text: &str) -> Instant {
        Moment::parse(text).expect("well formed").earliest()
    }
}
