//! The page of the metrics, from their table. Start at [`page`].

use super::table::TABLE;

const HEAD: &str = "\
# Telemetry

Every metric of `truecount serve`, as `/metrics` shows it on the listener of `[admin]`, and those of `truecount alert`, which begin
with `truecount_alert_` (it has `truecount_stage_restarts_total` too, with its targets as stages). Written by
`UPDATE_DOCS=1 cargo test --test docs` from the table in `src/telemetry/table.rs`; not edited by hand.

- Counters of work (records, exceptions, alarms, proofs) and all histograms move when the transaction that did the work is
  committed, and never before; restore, replay and judging again move none of them.
- Gauges of a force, a partition or a feed exist in the process that owns it, and nowhere else: add them up over processes
  without fear of counting twice. A gauge that is absent is not 0.
- No label carries a reference to a case or a person. Labels are codes of forces, names of feeds, topics and stages, and words
  of closed lists. With 44 forces of four feeds each, every label in use, there are fewer than 5 000 series in a process.
- `truecount demo` shows them too, but for what only a broker gives rise to; its claims are as old there as they are in the time
  of its made-up force.
- The age of a claim is `time() - truecount_feed_claim_timestamp_seconds`.

| metric | type | unit | labels | says |
|---|---|---|---|---|
";

/// The page.
pub fn page() -> String {
    let mut page = HEAD.to_owned();
    for metric in TABLE {
        let labels: Vec<String> = metric
            .labels
            .iter()
            .map(|label| format!("`{label}`"))
            .collect();
        let labels = if labels.is_empty() {
            "–".to_owned()
        } else {
            labels.join(", ")
        };
        let (name, kind, unit, help) = (metric.name, metric.kind, metric.unit, metric.help);
        page.push_str(&format!(
            "| `{name}` | {kind} | {unit} | {labels} | {help} |\n"
        ));
    }
    page
}
