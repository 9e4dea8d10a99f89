"""The board for those who run the service: does it work, how fast, and what does it wait for."""

from shape import AMBER, FORCE, GREEN, INSTANCE, JOB, RED
from shape import board, row, series, stat, table

OWN = 'job="$job", instance=~"$instance"'
OF_FORCE = 'job="$job", force=~"$force"'
NO_COMMIT = "nothing was committed within the window"


def made():
    panels = [
        row("Now"),
        *now(),
        row("What is holding deadlines"),
        *holding(),
        row("Both stages: rate, errors, duration"),
        *stages(),
        row("Lag and partitions"),
        *lag(),
        row("Restore"),
        *restore(),
        row("Records, alarms, clocks, versions"),
        *around(),
    ]
    says = "Does the service work, how fast, and what does it wait for? For those who run it."
    return board("service", "service", says, [JOB, INSTANCE, FORCE], panels)


def now():
    return [
        stat(
            "Processes that answer",
            "Targets of the job that Prometheus could scrape. Alert: TruecountDown.",
            'sum(up{job="$job"})',
            "short",
            ((None, RED), (1, GREEN)),
        ),
        stat(
            "Alerts that fire",
            "Of the service and of the data. Runbooks: docs/runbooks.",
            'count(ALERTS{job="$job", alertstate="firing"}) or 0 * count(up{job="$job"})',
            "short",
            ((None, GREEN), (1, AMBER)),
        ),
        stat(
            "Deadlines held back",
            """Deadlines that are past and cannot fall, since a feed is not proved past them. Nobody is
            accused meanwhile. Alert: TruecountFeedHoldsDeadlines.""",
            f"""sum(truecount_feed_holds_deadlines{{{OF_FORCE}}})
            or 0 * sum(truecount_things{{{OF_FORCE}}})""",
            "short",
            ((None, GREEN), (1, AMBER)),
        ),
        stat(
            "The oldest of them is due since",
            "The earliest deadline that waits for a feed.",
            f"min(truecount_feed_holds_since_timestamp_seconds{{{OF_FORCE}}}) * 1000",
            "dateTimeFromNow",
            empty="no feed holds a deadline",
            none="none is held",
        ),
        stat(
            "Balance",
            """Records in less what became of them. Anything but 0 is a fault of Truecount. Alert:
            TruecountBalanceOff.""",
            f"sum(abs(truecount_balance_off{{{OF_FORCE}}}))",
            "short",
            ((None, GREEN), (1, RED)),
        ),
        stat(
            "Incidents and crimes held",
            "All are held in memory: this decides how much of it a process needs.",
            f"sum(truecount_things{{{OF_FORCE}}})",
            "short",
        ),
    ]


def holding():
    by_feed = "by (force, feed)"
    is_holding = f"truecount_feed_holds_deadlines{{{OF_FORCE}}} > 0"
    return [
        table(
            "Which feed holds deadlines: how many, since when",
            """One line a feed. Ask its system for heartbeats; nothing has to be done here. Alert:
            TruecountFeedHoldsDeadlines.""",
            (
                ("Deadlines", f"sum {by_feed} ({is_holding})", "short"),
                (
                    "Earliest is due since",
                    f"min {by_feed} (truecount_feed_holds_since_timestamp_seconds{{{OF_FORCE}}}) * 1000",
                    "dateTimeAsLocal",
                ),
                (
                    "Proved through",
                    f"""max {by_feed} (truecount_feed_claim_timestamp_seconds{{{OF_FORCE}}}) * 1000
                    and on (force, feed) {is_holding}""",
                    "dateTimeAsLocal",
                ),
            ),
            ("force", "feed"),
            size=(12, 8),
            empty="no feed holds a deadline",
        ),
        series(
            "Deadlines held, by feed",
            "How many wait for each feed.",
            [("{{force}} {{feed}}", f"sum by (force, feed) (truecount_feed_holds_deadlines{{{OF_FORCE}}})")],
            "short",
            size=(6, 8),
            empty="no feed holds a deadline",
            least=0,
        ),
        series(
            "For how long",
            """The age of the earliest deadline that each feed holds. Lines: four hours and 36 hours, from
            which TruecountFeedHoldsDeadlines looks at it.""",
            [("{{force}} {{feed}}", f"job_force_feed:truecount_hold_age:seconds{{{OF_FORCE}}}")],
            "s",
            ((None, GREEN), (14400, AMBER), (129600, RED)),
            size=(6, 8),
            empty="no feed holds a deadline",
        ),
    ]


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
            needs_serve=True,
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
            needs_serve=True,
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
            needs_serve=True,
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
            needs_serve=True,
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
            needs_serve=True,
        ),
        series(
            "Rows read back",
            "A restore without a row for 30 seconds begins anew (restore_stalled).",
            [("{{partition}}", f"max by (partition) (truecount_restore_rows{{{OWN}}})")],
            "short",
            size=(6, 8),
            needs_serve=True,
            empty=nothing,
        ),
        series(
            "Bytes read back",
            "What came over the network for them.",
            [("{{partition}}", f"max by (partition) (truecount_restore_bytes{{{OWN}}})")],
            "bytes",
            size=(6, 8),
            needs_serve=True,
            empty=nothing,
        ),
        series(
            "How long it takes, or took",
            "From the first row. Alert: TruecountRestoreSlow from 600 s.",
            [("{{partition}}", f"max by (partition) (truecount_restore_seconds{{{OWN}}})")],
            "s",
            ((None, GREEN), (600, AMBER)),
            size=(6, 8),
            needs_serve=True,
            empty=nothing,
        ),
    ]


def around():
    return [
        series(
            "Records, by what became of them",
            "A second. Each record ends in exactly one of these; the balance above holds them together.",
            [
                (
                    "{{disposition}}",
                    f"sum by (disposition) (rate(truecount_records_total{{{OF_FORCE}}}[$__rate_interval]))",
                )
            ],
            "cps",
            stacked=True,
            least=0,
        ),
        series(
            "Alarms within an hour",
            """What a person has to know. Alerts: TruecountRuleFault, TruecountBrokenPromise,
            TruecountHeartbeatOdd, TruecountNoLongerTold. The log names feed, rule and reference.""",
            [("{{force}} {{kind}}", f"job_force_kind:truecount_alarms:increase1h{{{OF_FORCE}}}")],
            "short",
            empty="there was no alarm since the processes started",
            least=0,
        ),
        series(
            "Clocks ahead of the broker",
            "By instance; below zero it is behind. Alert: TruecountClockSkew from 2 s.",
            [("{{instance}}", f"truecount_clock_skew_seconds{{{OWN}}}")],
            "s",
            ((None, GREEN), (2, AMBER)),
            needs_serve=True,
            empty="nothing was written, or the broker does not stamp what it appends",
        ),
        series(
            "Schema registry",
            "Times a second it was asked, and did not answer: then the records of its topics wait.",
            [
                ("asked", f"sum(rate(truecount_schema_cache_misses_total{{{OWN}}}[$__rate_interval]))"),
                (
                    "no answer",
                    f"sum(rate(truecount_schema_registry_unanswered_total{{{OWN}}}[$__rate_interval]))",
                ),
            ],
            "cps",
            needs_serve=True,
            empty="no source is Avro, so that nobody asks a registry, or it has always answered",
            least=0,
        ),
        table(
            "Versions",
            """Which program, rule set and profile each process runs. Alert: TruecountRuleSetsDiffer when
            they differ.""",
            (
                (
                    "Runs",
                    "count by (instance, version, ruleset, profile) (truecount_build_info{" + OWN + "})",
                    "short",
                ),
            ),
            ("instance", "version", "ruleset", "profile"),
            size=(16, 8),
        ),
    ]
