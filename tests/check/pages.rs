//! What `explain` and `rules` print of the shipped example: why, why not, who holds it, which text.
//! Start at [`an_open_breach_is_explained`].

use crate::command::{Ran, at_home};

#[test]
fn an_open_breach_is_explained() {
    let ran = explain("NP-20260428-0203");
    for told in [
        "Timeline",
        "cad version 2",
        "REC-010 Disclosed crime is recorded",
        "[NP-20260428-0203#d1]: breach",
        "why: No crime answers the disclosure",
        "due: 2026-04-29T17:36:00+01:00",
        "exception: raised",
        "what would change it: ",
        "rms proved through 2026-05-09T23:59:30+01:00 (impaired)",
    ] {
        assert!(ran.printed.contains(told), "{told}:\n{}", ran.printed);
    }
}

#[test]
fn what_was_not_raised_says_why_not() {
    let kept = explain("34/26/004501");
    assert!(
        kept.printed
            .contains("exception: none, since the duty was done")
    );
    assert!(kept.printed.contains("the duty does not arise: "));
    let excused = explain("34/26/004520");
    assert!(
        excused.printed.contains("excused by "),
        "{}",
        excused.printed
    );
    let untold = explain("NP-20260505-0044");
    assert!(
        untold
            .printed
            .contains("cannot be told: disclosures.set_by is missing")
    );
    assert!(untold.printed.contains("nobody is accused on missing data"));
    let waived = explain("34/26/004562");
    assert!(
        waived.printed.contains("exception: waived"),
        "{}",
        waived.printed
    );
}

#[test]
fn what_waits_says_for_whom_and_how_long() {
    let ran = explain("NP-20260509-0102");
    let words: Vec<&str> = ran.printed.split_whitespace().collect();
    let text = words.join(" ");
    for told in [
        "proved later than 2026-05-10T12:06:00+01:00",
        "held by cad (proved through 2026-05-09T23:59:30+01:00), rms (",
        "exception: none, since its time is not proved past",
    ] {
        assert!(text.contains(told), "{told}:\n{}", ran.printed);
    }
}

#[test]
fn a_deleted_record_and_an_unread_one_are_told() {
    let gone = explain("34/26/004591");
    assert!(gone.printed.contains("gone: "), "{}", gone.printed);
    let unread = explain("34/26/004575");
    assert!(
        unread.printed.contains("Set aside unread: "),
        "{}",
        unread.printed
    );
    assert!(
        unread.printed.contains("core.recorded_at"),
        "{}",
        unread.printed
    );
}

#[test]
fn a_reference_that_nobody_has_is_an_error() {
    let ran = explain("34/26/999999");
    assert_eq!(ran.code, 2);
    assert!(
        ran.complained.contains("no record 34/26/999999"),
        "{}",
        ran.complained
    );
}

#[test]
fn the_command_that_check_suggests_can_be_run() {
    let ran = at_home(&[
        "check",
        "examples/northamptonshire",
        "--as-at",
        "2026-05-10",
    ]);
    let suggested = ran
        .printed
        .lines()
        .find_map(|line| line.split_once("truecount explain "));
    let (_, arguments) = suggested.unwrap_or_else(|| panic!("{}", ran.printed));
    let arguments: Vec<&str> = arguments.split(' ').collect();
    let ran = at_home(&[&["explain"], arguments.as_slice()].concat());
    assert_eq!(ran.code, 0, "{}", ran.complained);
}

#[test]
fn a_rule_prints_its_page_and_its_card() {
    let ran = at_home(&["rules", "REC-030"]);
    for told in ["## What it checks", "## Scenarios", "text: ", "finding "] {
        assert!(ran.printed.contains(told), "{told}");
    }
    let list = at_home(&["rules"]).printed;
    assert_eq!(
        list.lines()
            .filter(|line| line.contains("-0") || line.contains("-1"))
            .count(),
        14
    );
    let ran = at_home(&["rules", "REC-999"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.complained.contains("the rules are REC-010"),
        "{}",
        ran.complained
    );
}

fn explain(reference: &str) -> Ran {
    at_home(&[
        "explain",
        reference,
        "examples/northamptonshire",
        "--config",
        "config/feeds-example.toml",
        "--as-at",
        "2026-05-10T00:00:00+01:00",
    ])
}
