//! Failures by owning unit and by offence group. Start at [`body`].

use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::domain::exception::Tally;
use crate::report::html::charts::{Bar, Chart, Scale, Series, figure};
use crate::report::html::facts::{Facts, Owner};
use crate::report::html::tables::Column::{Number, Text};
use crate::report::html::tables::{cell, table};
use crate::report::html::words::{count, share, spoken};

const NOT_MET: [Series; 2] = [
    Series {
        name: "not met and still open",
        class: "breach",
    },
    Series {
        name: "done late",
        class: "late",
    },
];
/// Bars of a chart; the table has every row.
const BARS: usize = 15;

/// The section.
pub(super) fn body(facts: &Facts<'_>) -> Markup {
    let counted: u64 = facts.units.values().map(all).sum();
    let gone = all(&facts.total()).saturating_sub(counted);
    html! {
        p {
            "Incident logs carry neither a unit nor an offence group, and stand in a row of their own. A unit with more records fails more duties: compare the rates."
            @if gone > 0 {
                " " (count(gone)) " duties of records that were lawfully disposed of are counted by rule and missing here."
            }
        }
        (part("units", "Duties not met, by owning unit", "Owning unit", &facts.units))
        (part("groups", "Duties not met, by offence group", "Offence group", &facts.groups))
    }
}

fn part(id: &str, title: &str, head: &'static str, tallies: &BTreeMap<Owner, Tally>) -> Markup {
    let mut lines: Vec<(&Owner, &Tally)> = tallies.iter().collect();
    lines.sort_by(|left, right| right.1.breach.cmp(&left.1.breach).then(left.0.cmp(right.0)));
    let bars = lines
        .iter()
        .filter(|(_, tally)| tally.breach > 0)
        .take(BARS);
    let bars = bars.map(|(owner, tally)| Bar {
        label: name(owner),
        parts: vec![tally.breach - tally.remedied, tally.remedied],
        says: format!("{} not met", count(tally.breach)),
    });
    let chart = Chart {
        id: &format!("{id}-chart"),
        title,
        series: &NOT_MET,
        scale: Scale::Longest,
        bars: bars.collect(),
    };
    let rows = lines.iter().map(|(owner, tally)| row(owner, tally));
    let columns = [
        Text(head),
        Number("Not met"),
        Number("Met"),
        Number("Not met: still open"),
        Number("done late"),
        Number("Cannot be told"),
    ];
    let caption = format!("{head}s, most failures first");
    figure(
        &chart,
        &table(&format!("{id}-table"), &caption, &columns, rows.collect()),
    )
}

fn row(owner: &Owner, tally: &Tally) -> Vec<Markup> {
    vec![
        cell(name(owner)),
        cell(count(tally.breach)),
        cell(share(tally.met, tally.judged())),
        cell(count(tally.breach - tally.remedied)),
        cell(count(tally.remedied)),
        cell(count(tally.undecidable)),
    ]
}

fn name(owner: &Owner) -> String {
    match owner {
        Owner::Named(name) => spoken(name),
        Owner::Untold => "not told by the record".to_owned(),
        Owner::IncidentLog => "incident logs".to_owned(),
    }
}

fn all(tally: &Tally) -> u64 {
    tally.judged() + tally.excused + tally.advisory + tally.undecidable + tally.pending
}
