//! Every metric, once: its name, type, unit, labels and what it says. The handles that drivers use and
//! the page that operators read are made from this table. Start at [`TABLE`].

use prometheus::{Registry, TextEncoder};

use super::handle::{Counted, Counter, Gauge, Histogram, Pending};

/// One metric as the table describes it.
#[derive(Clone, Copy, Debug)]
pub struct Described {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: &'static str,
    /// The unit of its values.
    pub unit: &'static str,
    /// Its labels.
    pub labels: &'static [&'static str],
    /// What it says.
    pub help: &'static str,
}

macro_rules! metrics {
    ($($field:ident: $kind:ident<$count:literal> = $name:literal [$($label:literal),*] $unit:literal, $help:literal;)*) => {
        /// Every metric, in the order of the page.
        pub const TABLE: &[Described] = &[$(Described {
            name: $name,
            kind: $kind::<$count>::WORD,
            unit: $unit,
            labels: &[$($label),*],
            help: $help,
        }),*];

        #[cfg(test)]
        const FIELDS: &[&str] = &[$(stringify!($field)),*];

        /// A handle to every metric.
        pub struct Metrics {
            registry: Registry,
            $(#[doc = $help] pub $field: $kind<$count>,)*
        }

        impl Metrics {
            /// Every metric, with no series yet.
            pub fn new() -> Metrics {
                let registry = Registry::new();
                $(let $field = $kind::<$count>::new(&registry, $name, $help, [$($label),*]);)*
                Metrics { registry, $($field,)* }
            }

            /// Takes away every gauge of a force that this process no longer owns.
            pub fn forget(&self, force: &str) {
                $(self.$field.forget("force", force);)*
            }

            /// Takes away every gauge of a topic's partition that this process no longer reads.
            pub fn forget_partition(&self, topic: &str, partition: i32) {
                let partition = partition.to_string();
                $(self.$field.forget_both(("topic", topic), ("partition", &partition));)*
            }

            /// Moves the counters by what a transaction did. Called after its commit, never before.
            pub fn committed(&self, pending: Pending) {
                $(self.$field.take(&pending);)*
            }
        }
    };
}

metrics! {
    build: Gauge<3> = "truecount_build_info" ["version", "ruleset", "profile"] "1", "Always 1; the labels say which program, rule set and profile run.";

    source_position: Gauge<2> = "truecount_source_position" ["topic", "partition"] "offset", "The next offset to read of a source, as of the last commit.";
    source_high: Gauge<2> = "truecount_source_high_watermark" ["topic", "partition"] "offset", "The offset after the last record of a source, as last seen.";
    source_lag: Gauge<2> = "truecount_source_lag" ["topic", "partition"] "records", "Records of a source that are not taken in yet, counted from the last commit.";
    journal_position: Gauge<1> = "truecount_journal_position" ["partition"] "offset", "The next offset to judge of the journal, as of the last commit.";
    journal_high: Gauge<1> = "truecount_journal_high_watermark" ["partition"] "offset", "The offset after the last entry of the journal, as last seen.";
    journal_lag: Gauge<1> = "truecount_journal_lag" ["partition"] "records", "Entries of the journal that are not judged yet, counted from the last commit.";

    things: Gauge<1> = "truecount_things" ["force"] "things", "Incidents and crimes that are held in memory.";
    claim: Gauge<2> = "truecount_feed_claim_timestamp_seconds" ["force", "feed"] "seconds", "Through when a feed is proved to have sent everything, as Unix time; 0 if it was never heard from.";
    holding_deadlines: Gauge<2> = "truecount_feed_holds_deadlines" ["force", "feed"] "deadlines", "Deadlines that are past and cannot fall because this feed is not proved past them.";
    holding_since: Gauge<2> = "truecount_feed_holds_since_timestamp_seconds" ["force", "feed"] "seconds", "The earliest deadline that this feed holds, as Unix time; absent if it holds none.";
    balance_off: Gauge<1> = "truecount_balance_off" ["force"] "records", "Records in less those applied, kept in the ledger only, repeated, set aside and of control. Anything but 0 is a fault of ours.";
    exceptions_open: Gauge<3> = "truecount_exceptions_open" ["force", "rule", "severity"] "exceptions", "Exceptions in an open state, by rule.";
    exceptions_by_state: Gauge<2> = "truecount_exceptions_open_by_state" ["force", "state"] "exceptions", "Exceptions in an open state, by state.";
    obligations: Gauge<2> = "truecount_obligations" ["force", "verdict"] "obligations", "Obligations as they are judged: met, breach, excused, pending, or undecidable because something that decides is not told.";

    records: Counted<2> = "truecount_records_total" ["force", "disposition"] "records", "Records by what became of them. The force is unknown where it cannot be read.";
    quarantined: Counted<1> = "truecount_quarantined_total" ["reason"] "records", "Records set aside, by reason.";
    published: Counted<2> = "truecount_exceptions_published_total" ["force", "state"] "revisions", "Revisions of exceptions published, by the state they say.";
    alarms: Counted<2> = "truecount_alarms_total" ["force", "kind"] "alarms", "What the people who run the service have to know: a broken promise, a heartbeat that is behind, a fault in a rule.";
    proofs: Counted<1> = "truecount_proofs_total" ["kind"] "proofs", "Proofs written to the journal: stated by a heartbeat, or declared.";

    transactions: Counter<3> = "truecount_transactions_total" ["stage", "outcome", "cause"] "transactions", "Transactions that were committed or abandoned, and why.";
    commit: Histogram<1> = "truecount_commit_seconds" ["stage"] "seconds", "From the end of a batch to the broker's answer that it is committed.";
    records_per_transaction: Histogram<1> = "truecount_transaction_records" ["stage"] "records", "Records that one committed transaction read.";
    record_to_exception: Histogram<0> = "truecount_record_to_exception_seconds" [] "seconds", "From the arrival of a record to the commit of the exceptions that it changed.";
    restarts: Counter<2> = "truecount_stage_restarts_total" ["stage", "reason"] "restarts", "Times a stage dropped its clients and state and began anew, by reason.";
    rebalances: Counter<2> = "truecount_rebalances_total" ["stage", "kind"] "rebalances", "Changes of a stage's partitions: assigned, revoked or lost.";
    last_commit: Gauge<1> = "truecount_last_commit_timestamp_seconds" ["stage"] "seconds", "The last commit of a stage, as Unix time.";
    clock_skew: Gauge<0> = "truecount_clock_skew_seconds" [] "seconds", "How far this machine's clock is ahead of the broker's.";
    schema_misses: Counter<0> = "truecount_schema_cache_misses_total" [] "requests", "Times the schema registry was asked.";
    registry_unanswered: Counter<0> = "truecount_schema_registry_unanswered_total" [] "requests", "Times the schema registry was asked and did not answer: the records of its topics wait.";

    restore_rows: Gauge<1> = "truecount_restore_rows" ["partition"] "rows", "Rows of kept state read back so far.";
    restore_bytes: Gauge<1> = "truecount_restore_bytes" ["partition"] "bytes", "Bytes of kept state read back so far.";
    restore_seconds: Gauge<1> = "truecount_restore_seconds" ["partition"] "seconds", "How long reading back has taken so far, or took.";
    restore_done: Gauge<1> = "truecount_restore_done" ["partition"] "1", "1 if everything that was kept is read back, else 0.";

    alert_deliveries: Counter<2> = "truecount_alert_deliveries_total" ["target", "outcome"] "requests", "Requests of `truecount alert` to a target: taken, refused (for good), or failed (and tried again).";
    alert_put_aside: Counter<1> = "truecount_alert_put_aside_total" ["target"] "revisions", "Revisions and digests that a target refused for good, and records that are none. The log has the place of each.";
    alert_skipped: Counter<1> = "truecount_alert_skipped_total" ["target"] "revisions", "Revisions that were not told because a later one of the same exception was there already.";
    alert_waiting: Gauge<1> = "truecount_alert_waiting" ["target"] "revisions", "Revisions, alerts or digests that wait to be taken by a target.";
    alert_oldest: Gauge<1> = "truecount_alert_oldest_waiting_seconds" ["target"] "seconds", "How long ago the oldest of those was published; 0 if none waits.";
    alert_open: Gauge<1> = "truecount_alert_exceptions_open" ["force"] "exceptions", "Open exceptions that alerts and digests are made from.";
}

impl Default for Metrics {
    fn default() -> Metrics {
        Metrics::new()
    }
}

impl Metrics {
    /// Takes away every gauge of a partition of the journal that this process no longer owns.
    pub fn forget_journal(&self, partition: i32) {
        let partition = partition.to_string();
        for gauge in [
            &self.journal_position,
            &self.journal_high,
            &self.journal_lag,
            &self.restore_rows,
            &self.restore_bytes,
            &self.restore_seconds,
            &self.restore_done,
        ] {
            gauge.forget("partition", &partition);
        }
    }

    /// All of them, in the text form of Prometheus.
    pub fn render(&self) -> String {
        let families = self.registry.gather();
        // Only a family without series cannot be written, and none is gathered.
        TextEncoder::new()
            .encode_to_string(&families)
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
