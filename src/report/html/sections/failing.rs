//! Which rules fail most: duties not met by rule, and how every duty stands. Start at [`body`].

use maud::{Markup, html};

use crate::domain::exception::Tally;
use crate::report::html::charts::{Bar, Chart, Scale, Series, figure};
use crate::report::html::facts::{Facts, RuleLine};
use crate::report::html::tables::Column::{Number, Text};
use crate::report::html::tables::{cell, table};
use crate::report::html::words::{count, plural, share, tenths};

const NOT_MET: [Series; 2] = [
    Series {
        name: "not met and still open",
        class: "breach",
    },
    Series {
        name: "done late or left by decision",
        class: "late",
    },
];
const STANDS: [Series; 3] = [
    Series {
        name: "not met",
        class: "breach",
    },
    Series {
        name: "excused",
        class: "excused",
    },
    Series {
        name: "met",
        class: "met",
    },
];

/// The section.
pub(super) fn body(facts: &Facts<'_>) -> Markup {
    let lines = facts.most_failing_first();
    html! {
        p { (verdict(facts)) }
        p {
            "A rate is the duties met out of those met and not met. What is excused, waiting or cannot be told is outside it. "
            "Rates are rounded down; they have no margin of error, because every record is judged and none is sampled."
        }
        (figure(&failures(&lines), &breaches(&lines)))
        (figure(&standing(&lines), &every_duty(&lines)))
    }
}

fn verdict(facts: &Facts<'_>) -> Markup {
    let most = facts.failing_most();
    let failing = facts.rules.iter().filter(|line| line.tally.breach > 0);
    let lowest = failing.min_by_key(|line| tenths(line.tally.met, line.tally.judged()));
    let others: Vec<&str> = most.iter().skip(1).map(|line| line.rule.id).collect();
    html! {
        @match most.first() {
            None => "No rule has a duty that was not met.",
            Some(first) => {
                strong { (label(first)) } " fails most often: "
                (plural(first.tally.breach, "duty")) " not met, " (rate(&first.tally)) " met."
                @if !others.is_empty() { " As many failures: " (others.join(", ")) "." }
                @if let Some(lowest) = lowest.filter(|lowest| lowest.rule.id != first.rule.id) {
                    " The lowest rate is that of " strong { (label(lowest)) } ": " (rate(&lowest.tally)) " met."
                }
            }
        }
    }
}

fn rate(tally: &Tally) -> String {
    share(tally.met, tally.judged())
}

fn label(line: &RuleLine) -> String {
    format!("{} {}", line.rule.id, line.rule.title())
}

fn failures(lines: &[&RuleLine]) -> Chart<'static> {
    let bars = lines
        .iter()
        .filter(|line| line.tally.breach > 0)
        .map(|line| {
            let closed = line.tally.remedied + line.tally.waived;
            let open = line.tally.breach.saturating_sub(closed);
            Bar {
                label: label(line),
                parts: vec![open, line.tally.breach - open],
                says: format!("{} not met", count(line.tally.breach)),
            }
        });
    Chart {
        id: "failing-chart",
        title: "Duties not met, by rule",
        series: &NOT_MET,
        scale: Scale::Longest,
        bars: bars.collect(),
    }
}

fn breaches(lines: &[&RuleLine]) -> Markup {
    let rows = lines.iter().map(|line| {
        let tally = &line.tally;
        let closed = tally.remedied + tally.waived;
        vec![
            cell(label(line)),
            cell(count(tally.breach)),
            cell(rate(tally)),
            cell(count(tally.breach.saturating_sub(closed))),
            cell(count(tally.remedied)),
            cell(count(tally.waived)),
            cell(line.rule.severity.as_str()),
        ]
    });
    let columns = [
        Text("Rule"),
        Number("Not met"),
        Number("Met"),
        Number("Not met: still open"),
        Number("done late"),
        Number("left by decision"),
        Text("Severity"),
    ];
    table(
        "failing-table",
        "Rules, most failures first",
        &columns,
        rows.collect(),
    )
}

fn standing(lines: &[&RuleLine]) -> Chart<'static> {
    let decided = lines
        .iter()
        .filter(|line| line.tally.judged() + line.tally.excused > 0);
    let bars = decided.map(|line| Bar {
        label: label(line),
        parts: vec![line.tally.breach, line.tally.excused, line.tally.met],
        says: format!(
            "{} of {} met",
            count(line.tally.met),
            count(line.tally.judged())
        ),
    });
    Chart {
        id: "standing-chart",
        title: "Of the duties that could be decided: not met, excused, met",
        series: &STANDS,
        scale: Scale::Whole,
        bars: bars.collect(),
    }
}

fn every_duty(lines: &[&RuleLine]) -> Markup {
    let rows = lines.iter().map(|line| {
        let tally = &line.tally;
        let all =
            tally.judged() + tally.excused + tally.advisory + tally.undecidable + tally.pending;
        let counts = [
            all,
            tally.met,
            tally.breach,
            tally.excused,
            tally.advisory,
            tally.undecidable,
            tally.pending,
        ];
        let mut row = vec![cell(label(line))];
        row.extend(counts.map(|number| cell(count(number))));
        row
    });
    let columns = [
        Text("Rule"),
        Number("Duties"),
        Number("Met"),
        Number("Not met"),
        Number("Excused"),
        Number("Worth a look"),
        Number("Cannot be told"),
        Number("Waiting"),
    ];
    table(
        "standing-table",
        "How every duty stands, by rule",
        &columns,
        rows.collect(),
    )
}
