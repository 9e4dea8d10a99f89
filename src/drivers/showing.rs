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
    metrics.holding_deadlines.forget("force", code);
    metrics.holding_since.forget("force", code);
    let mut holds: BTreeMap<Source, Hold> = BTreeMap::new();
    for one in force.holding(now) {
        let labels = [code, one.feed.as_str()];
        metrics.holding_deadlines.set(labels, one.judgements as f64);
        metrics.holding_since.set(labels, as_time(one.since));
        let hold = Hold {
            deadlines: one.judgements as u64,
            since: one.since,
            claim: Some(one.through),
        };
        holds.insert(one.feed, hold);
    }
    board.holds(force.code(), holds);
}

fn show_exceptions(metrics: &Metrics, force: &Force) {
    let code = force.code().as_str();
    metrics.exceptions_open.forget("force", code);
    metrics.exceptions_by_state.forget("force", code);
    let mut by_state: BTreeMap<State, u64> = BTreeMap::new();
    let mut by_rule: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for (rule, severity, state) in force.open_exceptions() {
        *by_state.entry(state).or_default() += 1;
        *by_rule.entry((rule, severity)).or_default() += 1;
    }
    for (state, count) in by_state {
        metrics
            .exceptions_by_state
            .set([code, state.as_str()], count as f64);
    }
    for ((rule, severity), count) in by_rule {
        metrics
            .exceptions_open
            .set([code, rule, severity], count as f64);
    }
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
