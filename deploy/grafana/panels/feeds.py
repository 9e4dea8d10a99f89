"""The dashboard for those who bring the records: how far each feed is proved, and what was set aside."""

from shape import AMBER, FORCE, GREEN, JOB, RED
from shape import dashboard, row, series, stat, table

OF_FORCE = 'job="$job", force=~"$force"'
AGE = f"job_force_feed:truecount_claim_age:seconds{{{OF_FORCE}}}"


def made():
    panels = [
        row("Now"),
        *now(),
        row("How far each feed is proved"),
        *claims(),
        row("Heartbeats and promises"),
        *heartbeats(),
        row("Set aside"),
        *quarantine(),
        row("Topics of the sources"),
        *sources(),
    ]
    says = "Does each feed send, how far is it proved, and what was set aside? For those who bring records."
    return dashboard("feeds", "feeds", says, [JOB, FORCE], panels)


def now():
    claim = f"truecount_feed_claim_timestamp_seconds{{{OF_FORCE}}}"
    alarms = "job_force_kind:truecount_alarms:increase1h"
    return [
        stat(
            "Feeds declared",
            "That a process holds: each proves through when it has sent everything.",
            f"count(max by (force, feed) ({claim}))",
            "short",
        ),
        stat(
            "Never heard from",
            "Every rule that rests on such a feed waits. Alert: TruecountFeedNeverHeard.",
            f"""count(max by (force, feed) ({claim}) == 0)
            or 0 * count({claim})""",
            "short",
            ((None, GREEN), (1, AMBER)),
        ),
        stat(
            "The oldest claim",
            "Of the feeds that were heard from. Alert: TruecountFeedSilent.",
            f"max({AGE})",
            "s",
            ((None, GREEN), (14400, AMBER), (129600, RED)),
            empty="no feed was heard from",
        ),
        stat(
            "Feeds that hold deadlines",
            "Nobody is accused on what such a feed may still send. Alert: TruecountFeedHoldsDeadlines.",
            f"""count(job_force_feed:truecount_held_deadlines:sum{{{OF_FORCE}}} > 0)
            or 0 * count({claim})""",
            "short",
            ((None, GREEN), (1, AMBER)),
        ),
        stat(
            "Set aside within an hour",
            "Of all that was read. Alert from one in a hundred: TruecountQuarantineRising.",
            f"""sum(job_force:truecount_records_set_aside:increase1h{{job="$job", force=~"$force|unknown"}})
            / (sum(job_force:truecount_records:increase1h{{job="$job", force=~"$force|unknown"}}) > 0)
            or 0 * sum(job_force:truecount_records:increase1h{{{OF_FORCE}}})""",
            "percentunit",
            ((None, GREEN), (0.01, AMBER)),
            empty="nothing was read since the processes started",
        ),
        stat(
            "Broken promises within an hour",
            """Records that came after their feed had promised that all were sent. Alert:
            TruecountBrokenPromise.""",
            f"""sum({alarms}{{{OF_FORCE}, kind="broken_promise"}}) or 0 * count({claim})""",
            "short",
            ((None, GREEN), (1, AMBER)),
        ),
    ]


def claims():
    by_feed = "by (force, feed)"
    return [
        table(
            "Each feed",
            """Through when it is proved, how long ago that is, what is usual for it (nine tenths of its last
            week but for the last day), and the deadlines that wait for it.""",
            (
                (
                    "Proved through",
                    f"max {by_feed} (truecount_feed_claim_timestamp_seconds{{{OF_FORCE}}} > 0) * 1000",
                    "dateTimeAsLocal",
                ),
                ("Ago", f"max {by_feed} ({AGE})", "s"),
                ("Usual", f"max {by_feed} (job_force_feed:truecount_claim_age:p90_1w{{{OF_FORCE}}})", "s"),
                (
                    "Deadlines held",
                    f"sum {by_feed} (job_force_feed:truecount_held_deadlines:sum{{{OF_FORCE}}})",
                    "short",
                ),
            ),
            ("force", "feed"),
            empty="""no feed was heard from; the usual age while it was first heard from within a day, the
            last column while it holds no deadline""",
        ),
        series(
            "Age of the claim",
            """It falls with each heartbeat, and rises while a feed is silent or something set aside holds it.
            Lines: four hours and 36 hours, from which TruecountFeedSilent looks at it.""",
            [("{{force}} {{feed}}", AGE)],
            "s",
            ((None, GREEN), (14400, AMBER), (129600, RED)),
            size=(12, 9),
            empty="no feed was heard from",
            least=0,
        ),
        series(
            "Age of the claim, to what is usual for the feed",
            """1 is as usual. Above 1.5, and above four hours, TruecountFeedSilent fires: a feed that comes
            every night waits every day, and that is no fault.""",
            [
                (
                    "{{force}} {{feed}}",
                    f"{AGE} / (job_force_feed:truecount_claim_age:p90_1w{{{OF_FORCE}}} > 0)",
                )
            ],
            "short",
            ((None, GREEN), (1.5, AMBER)),
            size=(12, 9),
            empty="the feed was first heard from within a day",
            least=0,
        ),
    ]


def heartbeats():
    alarms = "job_force_kind:truecount_alarms:increase1h"
    return [
        series(
            "Proofs written",
            "A second: stated by a heartbeat, or declared for a feed without heartbeats.",
            [
                (
                    "{{kind}}",
                    'sum by (kind) (rate(truecount_proofs_total{job="$job"}[$__rate_interval]))',
                )
            ],
            "cps",
            needs="serve",
            empty="no proof was written since the processes started",
            least=0,
        ),
        series(
            "Heartbeats, decisions, tombstones read",
            "A second, of each force. A feed that is silent sends none of the first.",
            [
                (
                    "{{force}}",
                    "sum by (force) (rate(truecount_records_total"
                    f'{{{OF_FORCE}, disposition="control"}}[$__rate_interval]))',
                )
            ],
            "cps",
            empty="none was read since the processes started",
            least=0,
        ),
        series(
            "Promises broken, heartbeats that do not fit",
            """Within an hour. heartbeat_count: records may be missing; heartbeat_behind: the sender's sequence
            or clock went back. Alerts: TruecountBrokenPromise, TruecountHeartbeatOdd.""",
            [
                (
                    "{{force}} {{kind}}",
                    "sum by (force, kind) ("
                    f'{alarms}{{{OF_FORCE}, kind=~"broken_promise|heartbeat_behind|heartbeat_count"}})',
                )
            ],
            "short",
            empty="every promise was kept since the processes started",
            least=0,
        ),
    ]


def quarantine():
    return [
        series(
            "Set aside within an hour, by reason",
            """The headers in the topic quarantine say field, what was expected and what to do. Each record
            holds its feed's claim for validation.quarantine_hold_minutes.""",
            [("{{reason}}", 'job_reason:truecount_quarantined:increase1h{job="$job"}')],
            "short",
            empty="nothing was set aside since the processes started",
            least=0,
        ),
        series(
            "Share set aside within an hour, by force",
            "Unknown: records of which not even the force can be read. Alert: TruecountQuarantineRising.",
            [
                (
                    "{{force}}",
                    'job_force:truecount_records_set_aside:share1h{job="$job", force=~"$force|unknown"}',
                )
            ],
            "percentunit",
            ((None, GREEN), (0.01, AMBER)),
            empty="nothing was set aside since the processes started",
            least=0,
        ),
        series(
            "Records read, by force",
            "A second, over five minutes, whatever became of them.",
            [("{{force}}", f"job_force:truecount_records:rate5m{{{OF_FORCE}}}")],
            "cps",
            empty="nothing was read since the processes started",
            least=0,
        ),
    ]


def sources():
    return [
        series(
            "What comes in, by topic",
            "New offsets a second at the brokers: whether a source sends at all.",
            [
                (
                    "{{topic}}",
                    'sum by (topic) (deriv(truecount_source_high_watermark{job="$job"}[$__rate_interval]))',
                )
            ],
            "cps",
            least=0,
        ),
        series(
            "What is taken in, by topic",
            "Offsets a second by which the committed positions move.",
            [
                (
                    "{{topic}}",
                    'sum by (topic) (deriv(truecount_source_position{job="$job"}[$__rate_interval]))',
                )
            ],
            "cps",
            least=0,
        ),
        series(
            "Records before intake, by topic",
            "The end of a transaction counts as one in each partition.",
            [("{{topic}}", 'sum by (topic) (truecount_source_lag{job="$job"})')],
            "short",
            least=0,
        ),
    ]
