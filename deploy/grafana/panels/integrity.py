"""The dashboard for the force crime registrar: what stands, at what rate, and what cannot be judged."""

from shape import AMBER, FORCE, GREEN, JOB, RED
from shape import bars, dashboard, row, series, stat, table, text

OF_FORCE = 'job="$job", force=~"$force"'
FIRST_DAY = "the force has been held for less than a day"


def made():
    panels = [
        row("Now"),
        *now(),
        row("Open exceptions"),
        *exceptions(),
        row("By rule, against its own past"),
        *by_rule(),
        row("What cannot be judged, and why"),
        *undecidable(),
        row("What no metric says"),
        *elsewhere(),
    ]
    says = "What stands against the standards, at what rate, and what cannot be judged? For registrars."
    return dashboard("integrity", "integrity of the records", says, [JOB, FORCE], panels)


def open_in(state):
    """How many exceptions stand in a state; 0 where the force is held and none does."""
    return f"""sum(job_force_state:truecount_exceptions_open:sum{{{OF_FORCE}, state="{state}"}})
    or 0 * sum(job_force:truecount_things:sum{{{OF_FORCE}}})"""


def now():
    return [
        stat(
            "Due soon",
            "Not a breach yet: the duty can still be done in time.",
            open_in("due_soon"),
            "short",
            ((None, GREEN), (1, AMBER)),
        ),
        stat(
            "Overdue",
            "Breaches that are open (raised): the duty is not done.",
            open_in("raised"),
            "short",
            ((None, GREEN), (1, RED)),
        ),
        stat(
            "Done late",
            "Breaches that were made good after their time (remedied). They stay, for they count in the rate.",
            open_in("remedied"),
            "short",
        ),
        stat(
            "Waived",
            "Breaches that a person decided to live with for a time.",
            open_in("waived"),
            "short",
        ),
        stat(
            "Duties not done, or late",
            "Of all duties that were decided, over all rules and months held: breach / (met + breach).",
            f"""sum(job_force_verdict:truecount_obligations:sum{{{OF_FORCE}, verdict="breach"}})
            / (sum(job_force_verdict:truecount_obligations:sum{{{OF_FORCE}, verdict=~"met|breach"}}) > 0)""",
            "percentunit",
            empty="no duty was decided",
        ),
        stat(
            "Figures wait for a feed",
            """Deadlines that are held back. While there are any, these figures are not complete, and
            Alertmanager holds alerts about the force's data back.""",
            f"""sum(job_force_feed:truecount_held_deadlines:sum{{{OF_FORCE}}})
            or 0 * sum(job_force:truecount_things:sum{{{OF_FORCE}}})""",
            "short",
            ((None, GREEN), (1, AMBER)),
        ),
    ]


def exceptions():
    return [
        series(
            "By state",
            "Due soon, raised, remedied, waived. Closed ones are in the topic exceptions.",
            [("{{state}}", f"sum by (state) (job_force_state:truecount_exceptions_open:sum{{{OF_FORCE}}})")],
            "short",
            stacked=True,
            empty="no exception is open",
            least=0,
        ),
        bars(
            "By severity",
            "Critical: a person's safety, or the record itself. High: a right or a duty was missed.",
            f"sum by (severity) (truecount_exceptions_open{{{OF_FORCE}}})",
            "{{severity}}",
            "short",
            size=(4, 8),
            empty="no exception is open",
            least=0,
        ),
        bars(
            "By rule",
            "`truecount rules ID` says what each one checks.",
            f"sort_desc(sum by (rule) (job_force_rule:truecount_exceptions_open:sum{{{OF_FORCE}}}))",
            "{{rule}}",
            "short",
            size=(6, 8),
            empty="no exception is open",
            least=0,
        ),
        series(
            "Revisions published",
            "A second, by the state they say: raised and due soon come, met, excused and withdrawn go.",
            [
                (
                    "{{state}}",
                    "sum by (state) (rate(truecount_exceptions_published_total"
                    f"{{{OF_FORCE}}}[$__rate_interval]))",
                )
            ],
            "cps",
            size=(6, 8),
            empty="no exception was published since the processes started",
            least=0,
        ),
    ]


def by_rule():
    of_rule = "by (force, rule)"
    name = "job_force_rule:truecount_exceptions_open"
    return [
        table(
            "Each rule in each force",
            """Open exceptions; open ones for each incident or crime held; what the last day added; and what
            the rule's own rate of a day ago lets expect of as many things. A force is held against its own
            past and never against another. Alert: TruecountExceptionsAboveBase.""",
            (
                ("Open", f"sum {of_rule} ({name}:sum{{{OF_FORCE}}})", "short"),
                ("For each thing", f"max {of_rule} ({name}:per_thing{{{OF_FORCE}}})", "percentunit"),
                ("Added in a day", f"sum {of_rule} ({name}:added1d{{{OF_FORCE}}})", "short"),
                ("Expected", f"sum {of_rule} ({name}:expected1d{{{OF_FORCE}}})", "short"),
            ),
            ("force", "rule"),
            empty="no exception is open; the last two columns while " + FIRST_DAY,
        ),
        series(
            "Open exceptions for each thing held",
            """The denominator is what /metrics has: incidents and crimes. How many duties of one rule were
            decided is no metric; its rate of breaches, by month and part, is in the topic measures and in
            the report of `truecount check`.""",
            [("{{force}} {{rule}}", f"{name}:per_thing{{{OF_FORCE}}}")],
            "percentunit",
            size=(12, 8),
            empty="no exception is open",
            least=0,
        ),
        series(
            "Added in a day, beyond what was expected",
            "Above 10 beyond half as many again as expected TruecountExceptionsAboveBase looks at it.",
            [("{{force}} {{rule}}", f"{name}:added1d{{{OF_FORCE}}} - 1.5 * {name}:expected1d{{{OF_FORCE}}}")],
            "short",
            ((None, GREEN), (10, AMBER)),
            size=(12, 8),
            empty=FIRST_DAY,
        ),
    ]


def undecidable():
    name = "job_force:truecount_undecidable"
    return [
        series(
            "Duties by verdict",
            "All obligations held that are met, breached, excused, pending or undecidable.",
            [
                (
                    "{{verdict}}",
                    f"sum by (verdict) (job_force_verdict:truecount_obligations:sum{{{OF_FORCE}}})",
                )
            ],
            "short",
            stacked=True,
            least=0,
        ),
        series(
            "Duties not done or late, by force",
            "breach / (met + breach), over all rules and months held.",
            [("{{force}}", f"job_force:truecount_breach:ratio{{{OF_FORCE}}}")],
            "percentunit",
            empty="no duty was decided",
            least=0,
        ),
        series(
            "Share that cannot be judged, by force",
            """undecidable / (met + breach + undecidable). Nobody is accused on missing data; but what cannot
            be judged is not known to be right.""",
            [("{{force}}", f"{name}:ratio{{{OF_FORCE}}}")],
            "percentunit",
            empty="no duty was decided",
            least=0,
        ),
        series(
            "Undecidable: added in a day, and expected",
            """Expected is the force's own share of a day ago, of as many obligations as the day added.
            Alert: TruecountUndecidableRising, above 50 beyond a fifth more than expected.""",
            [
                ("{{force}} added", f"{name}:added1d{{{OF_FORCE}}}"),
                ("{{force}} expected", f"{name}:expected1d{{{OF_FORCE}}}"),
            ],
            "short",
            empty=FIRST_DAY,
        ),
        series(
            "Withdrawn since a fact is no longer told",
            "Exceptions within an hour. Alert: TruecountNoLongerTold.",
            [
                (
                    "{{force}}",
                    "sum by (force) (job_force_kind:truecount_alarms:increase1h"
                    f'{{{OF_FORCE}, kind="no_longer_told"}})',
                )
            ],
            "short",
            empty="no exception was withdrawn for want of a fact since the processes started",
            least=0,
        ),
        text(
            "Why it cannot be judged",
            """Which field is missing is a matter of each case and no label of a metric.

- **Of a case**: `/explain/FORCE/REFERENCE` on the console, or `truecount explain`: the field that would
  decide, and why it is not told.
- **By rule and month**: the topic `measures` (`counts.undecidable`), and the report of `truecount check`,
  which lists the missing fields.
""",
            (8, 8),
        ),
    ]


def elsewhere():
    return [
        text(
            "By unit, by offence group, by age",
            """There is no metric by owning unit, offence group or domestic abuse, nor by how old an exception
is, and none is planned: 44 forces by rules by units would be far more series than a process may have, and a
small count of one unit and one offence can point to people who read dashboards need not know of.

- `truecount worklist --unit U` lists the open exceptions of a unit: overdue, due in the next hours, with
  rule, reference, due time and age.
- `truecount check` writes a report by unit and offence group over files.
- Each record of the topic `exceptions-current` has `owning_unit`, `offence_group`, `domestic_abuse` and `due`.
""",
            (24, 7),
        ),
    ]
