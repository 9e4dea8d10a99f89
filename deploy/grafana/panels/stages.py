"""Panels of the two stages: what they read and commit, how fast, what is before them, what they restore."""

from shape import AMBER, GREEN, RED
from shape import series, stat

OWN = 'job="$job", instance=~"$instance"'
NO_COMMIT = "nothing was committed within the window"


def transactions(outcome):
    return f'rate(truecount_transactions_total{{{OWN}, outcome="{outcome}"}}[$__rate_interval])'


def stages():
    commit = f"sum by (stage, le) (rate(truecount_commit_seconds_bucket{{{OWN}}}[$__rate_interval]))"
    to_exception = (
        "sum by (le) (rate(truecount_record_to_exception_seconds_bucket"
        f"{{{OWN}}}[$__rate_interval]))"
    )
    read = f"sum by (stage) (rate(truecount_transaction_records_sum{{{OWN}}}[$__rate_interval]))"
    count = f"sum by (stage) (rate(truecount_transaction_records_count{{{OWN}}}[$__rate_interval]))"
    return [
        series(
            "Rate: records read and committed",
            "Records a second that each stage read in transactions that were committed.",
            [("{{stage}}", read)],
            "cps",
            least=0,
        ),
        series(
            "Errors: transactions abandoned",
            "Transactions a second that were given up, by cause. What they did is not visible to anybody.",
            [("{{stage}} {{cause}}", f"sum by (stage, cause) ({transactions('abandoned')})")],
            "cps",
            needs="serve",
            empty="no transaction was abandoned since the process started",
            least=0,
        ),
        series(
            "Duration: from the end of a batch to its commit",
            "Half, nine tenths and 99 in a hundred commits were this fast. Alert from 2 s: TruecountCommitSlow.",
            [
                ("{{stage}} half", f"histogram_quantile(0.5, {commit})"),
                ("{{stage}} 90 %", f"histogram_quantile(0.9, {commit})"),
                ("{{stage}} 99 %", f"histogram_quantile(0.99, {commit})"),
            ],
            "s",
            ((None, GREEN), (2, AMBER), (5, RED)),
            needs="serve",
            empty=NO_COMMIT,
        ),
        series(
            "Transactions committed",
            "Transactions a second. A stage that is idle commits once an hour.",
            [("{{stage}}", f"sum by (stage) ({transactions('committed')})")],
            "cps",
            least=0,
        ),
        series(
            "Records in one transaction",
            "On average. At the most transaction.records_max, 5 000 unless set.",
            [("{{stage}}", f"{read} / ({count} > 0)")],
            "short",
            empty=NO_COMMIT,
            least=0,
        ),
        series(
            "From a record's arrival to the exceptions it changed",
            "Until the exceptions could be read. Deadlines that fall later are not in it.",
            [
                ("half", f"histogram_quantile(0.5, {to_exception})"),
                ("99 %", f"histogram_quantile(0.99, {to_exception})"),
            ],
            "s",
            empty="no record changed an exception within the window",
        ),
        series(
            "A stage that began anew, within an hour",
            """How often, by reason. Alerts: TruecountRestarts from 4, TruecountFenced. The runbook of the
            first says what each reason usually is.""",
            [("{{stage}} {{reason}}", 'job_stage_reason:truecount_stage_restarts:increase1h{job="$job"}')],
            "short",
            needs="serve",
            empty="no stage began anew since the processes started",
            least=0,
        ),
        series(
            "Since the last commit",
            "Alerts: TruecountStuck after 5 minutes with records before it, TruecountNoCommit after 75.",
            [
                (
                    "{{instance}} {{stage}}",
                    f"time() - max by (instance, stage) (truecount_last_commit_timestamp_seconds{{{OWN}}})",
                )
            ],
            "s",
            ((None, GREEN), (4500, AMBER)),
        ),
        series(
            "Changes of partitions",
            "Assigned, revoked or lost, within the window.",
            [
                (
                    "{{stage}} {{kind}}",
                    f"sum by (stage, kind) (increase(truecount_rebalances_total{{{OWN}}}[$__rate_interval]))",
                )
            ],
            "short",
            needs="serve",
            least=0,
        ),
    ]


def lag():
    return [
        series(
            "Records before each stage",
            """Counted from the last commit; the end of a transaction counts as one in each partition.
            Alert: TruecountLagGrowing above 5 000.""",
            [("{{stage}}", 'job_stage:truecount_lag:sum{job="$job"}')],
            "short",
            ((None, GREEN), (5000, AMBER)),
            least=0,
        ),
        series(
            "Before intake, by topic",
            "Records of each source that are not taken in yet.",
            [("{{topic}}", f"sum by (topic) (truecount_source_lag{{{OWN}}})")],
            "short",
            least=0,
        ),
        series(
            "Before validation, by partition of the journal",
            "A partition is judged by one thread: one line far above the others is a force that is large.",
            [("{{partition}}", f"sum by (partition) (truecount_journal_lag{{{OWN}}})")],
            "short",
            least=0,
        ),
    ]


def restore():
    nothing = "nothing had to be read back since the process started"
    return [
        stat(
            "Partitions that are being read back",
            "Their forces are not judged meanwhile. Alert: TruecountRestoreSlow after 10 minutes.",
            f"""count(truecount_restore_done{{{OWN}}} == 0)
            or 0 * count(truecount_restore_done{{{OWN}}})""",
            "short",
            ((None, GREEN), (1, AMBER)),
            size=(6, 8),
            needs="serve",
        ),
        series(
            "Rows read back",
            "A restore without a row for 30 seconds begins anew (restore_stalled).",
            [("{{partition}}", f"max by (partition) (truecount_restore_rows{{{OWN}}})")],
            "short",
            size=(6, 8),
            needs="serve",
            empty=nothing,
        ),
        series(
            "Bytes read back",
            "What came over the network for them.",
            [("{{partition}}", f"max by (partition) (truecount_restore_bytes{{{OWN}}})")],
            "bytes",
            size=(6, 8),
            needs="serve",
            empty=nothing,
        ),
        series(
            "How long it takes, or took",
            "From the first row. Alert: TruecountRestoreSlow from 600 s.",
            [("{{partition}}", f"max by (partition) (truecount_restore_seconds{{{OWN}}})")],
            "s",
            ((None, GREEN), (600, AMBER)),
            size=(6, 8),
            needs="serve",
            empty=nothing,
        ),
    ]
