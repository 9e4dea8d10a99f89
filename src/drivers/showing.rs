//! What a force holds, as gauges and on the board of health: the same for every driver that runs for
//! long. Start at [`show_force`].

use std::collections::BTreeMap;

use crate::domain::Instant;
use crate::domain::exception::{State, Tally};
use crate::domain::names::Source;
use crate::telemetry::board::Hold;
use crate::telemetry::{Board, Metrics};
use crate::validation::Force;

/// An instant as a gauge shows it: seconds of Unix time, 0 for before every moment.
pub fn unix_seconds(at: Instant) -> f64 {
    at.millis().max(0) as f64 / 1000.0
}

/// Shows what a force holds at `now`; `as_time` says how an instant of its records is shown.
pub fn show_force(
    metrics: &Metrics,
    board: &Board,
    force: &Force,
    now: Instant,
    as_time: &dyn Fn(Instant) -> f64,
) {
    let code = force.code().as_str();
    metrics.things.set([code], force.things() as f64);
    let off: i64 = force
        .balance()
        .partitions()
        .map(|(_, sums)| sums.off.abs())
        .sum();
    metrics.balance_off.set([code], off as f64);
    for claim in force.claims() {
        let through = as_time(claim.through);
        metrics.claim.set([code, claim.feed.as_str()], through);
    }
    show_exceptions(metrics, force);
    let mut holds: BTreeMap<Source, Hold> = BTreeMap::new();
    let (mut deadlines, mut since) = (BTreeMap::new(), BTreeMap::new());
    for one in force.holding(now) {
        let labels = [code.to_owned(), one.feed.as_str().to_owned()];
        deadlines.insert(labels.clone(), one.judgements as f64);
        since.insert(labels, as_time(one.since));
        let hold = Hold {
            deadlines: one.judgements as u64,
            since: one.since,
            claim: Some(one.through),
        };
        holds.insert(one.feed, hold);
    }
    metrics.holding_deadlines.replace("force", code, &deadlines);
    metrics.holding_since.replace("force", code, &since);
    board.holds(force.code(), holds);
}

fn show_exceptions(metrics: &Metrics, force: &Force) {
    let code = force.code().as_str();
    let mut by_state: BTreeMap<State, f64> = BTreeMap::new();
    let mut by_rule: BTreeMap<(&str, &str), f64> = BTreeMap::new();
    for (rule, severity, state) in force.open_exceptions() {
        *by_state.entry(state).or_default() += 1.0;
        *by_rule.entry((rule, severity)).or_default() += 1.0;
    }
    let by_state = by_state.into_iter().map(|(state, count)| {
        let labels = [code, state.as_str()];
        (labels.map(str::to_owned), count)
    });
    let by_rule = by_rule.into_iter().map(|((rule, severity), count)| {
        let labels = [code, rule, severity];
        (labels.map(str::to_owned), count)
    });
    metrics
        .exceptions_by_state
        .replace("force", code, &by_state.collect());
    metrics
        .exceptions_open
        .replace("force", code, &by_rule.collect());
    let all = force.tallies().values().copied();
    let all = all.fold(Tally::default(), Tally::plus);
    for (verdict, count) in [
        ("met", all.met),
        ("breach", all.breach),
        ("excused", all.excused),
        ("pending", all.pending),
        ("undecidable", all.undecidable),
    ] {
        metrics.obligations.set([code, verdict], count as f64);
    }
}
