"""The dashboard for those who run the service: does it work, how fast, and what does it wait for."""

from panels.stages import OWN, lag, restore, stages
from shape import AMBER, FORCE, GREEN, INSTANCE, JOB, RED
from shape import dashboard, row, series, stat, table

OF_FORCE = 'job="$job", force=~"$force"'
# prometheus.yml gives `truecount alert` a job of its own.
OF_ALERTING = 'job=~"$job|$job-alert"'


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
        row("Telling people"),
        *telling(),
        row("Records, alarms, clocks, versions"),
        *around(),
    ]
    says = "Does the service work, how fast, and what does it wait for? For those who run it."
    return dashboard("service", "service", says, [JOB, INSTANCE, FORCE], panels)


def now():
    return [
        stat(
            "Processes that answer",
            """Of `truecount serve` and of `truecount alert`, that Prometheus could scrape. Alerts: TruecountDown,
            TruecountAlertingDown.""",
            f"sum(up{{{OF_ALERTING}}})",
            "short",
            ((None, RED), (1, GREEN)),
        ),
        stat(
            "Alerts that fire",
            "Of the service and of the data. Runbooks: docs/runbooks.",
            f'''count(ALERTS{{{OF_ALERTING}, alertstate="firing"}})
            or 0 * count(up{{{OF_ALERTING}}})''',
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


def telling():
    return [
        series(
            "How long it waits, by target",
            """The age of the oldest revision, alert or digest that a target has not taken. Alert from 15
            minutes: TruecountTargetWaiting.""",
            [("{{target}}", f"max by (target) (truecount_alert_oldest_waiting_seconds{{{OF_ALERTING}}})")],
            "s",
            ((None, GREEN), (900, AMBER)),
            size=(6, 8),
            needs="alert",
            empty="nobody is configured to be told",
            least=0,
        ),
        series(
            "How much waits, by target",
            "Revisions, alerts or digests. A webhook reads no further at http.window offsets of a partition.",
            [("{{target}}", f"max by (target) (truecount_alert_waiting{{{OF_ALERTING}}})")],
            "short",
            size=(6, 8),
            needs="alert",
            empty="nobody is configured to be told",
            least=0,
        ),
        series(
            "Requests, by target and answer",
            """A second: taken, failed (tried again), refused (put aside for good). Alert:
            TruecountTargetPutAside.""",
            [
                (
                    "{{target}} {{outcome}}",
                    "sum by (target, outcome) (rate(truecount_alert_deliveries_total"
                    f"{{{OF_ALERTING}}}[$__rate_interval]))",
                )
            ],
            "cps",
            size=(6, 8),
            needs="alert",
            empty="nothing had to be told since the process started",
            least=0,
        ),
        series(
            "Open exceptions that are told from, by force",
            "As `truecount alert` holds them. Beside what validation holds, it shows whether it has read all.",
            [
                ("{{force}} told from", f'max by (force) (truecount_alert_exceptions_open{{{OF_ALERTING}, force=~"$force"}})'),
            ],
            "short",
            size=(6, 8),
            needs="alert",
            empty="no exception is open",
            least=0,
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
            needs="serve",
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
            needs="serve",
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
