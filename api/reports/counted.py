# ruff: noqa: S608  statements are put together from constants of this module
"""How each table of figures is counted from the calls: the only place where the two meet. SQL, no more.

A call belongs to the Kyiv day in which it started, and with it everything that happened in it.
"""

from api.reports.formulas import SHORT_ABANDON_S
from api.reports.rollups import Rollup

DEMO_NODE = "demo-data"
"""The node of `hotline demo-data`; no machine of a line may have this name."""

COUNTS = ("calls", "answered", "abandoned", "short_abandoned", "other_ended", "in_progress")
SUMS = ("answered_wait_s", "talk_s")
VALUES = ("answered_waits_s", "abandoned_waits_s", "talks_s")
"""Every single value, in ascending order: percentiles are exact."""
_DAY = "(calls.started_at AT TIME ZONE 'Europe/Kyiv')::date"
_GROUP = "calls.office, calls.queue, calls.service, calls.language, calls.region"
_IN_SPANS = (
    "FROM unnest(CAST(:begins AS timestamptz[]), CAST(:ends AS timestamptz[])) AS span (begins, ends) "
    "JOIN calls ON calls.started_at >= span.begins AND calls.started_at < span.ends"
)
_IS_ANSWERED = "calls.answered_at IS NOT NULL"
_IS_ABANDONED = "(calls.answered_at IS NULL AND (calls.outcome LIKE 'abandoned%' OR calls.outcome = 'overflowed'))"
_IS_SHORT = f"(coalesce(calls.wait_s, extract(epoch FROM calls.ended_at - calls.started_at)) < {SHORT_ABANDON_S})"
_IS_OPEN = "(calls.answered_at IS NULL AND (calls.ended_at IS NULL OR calls.outcome = 'pending'))"


def _sorted(column: str, condition: str) -> str:
    return f"array_agg({column} ORDER BY {column}) FILTER (WHERE {condition} AND {column} IS NOT NULL)"


def _below(table: str, name: str, join: str) -> str:
    """Gives the join with a table below `calls`, looked up call by call.

    Why OFFSET 0: PostgreSQL cannot know how short the spans are, and read the whole table for one day.
    """
    return f"{join} LATERAL (SELECT * FROM {table} WHERE {table}.call_id = calls.call_id OFFSET 0) AS {name} ON true"


DAYS = Rollup(
    table="report_days",
    columns=(
        "office", "queue", "service", "language", "region", "outcome", *COUNTS, "demo_calls", *SUMS, *VALUES,
    ),
    counted=(
        f"SELECT {_DAY}, {_GROUP}, calls.outcome, count(*), count(calls.answered_at), "
        f"count(*) FILTER (WHERE {_IS_ABANDONED}), "
        f"count(*) FILTER (WHERE {_IS_ABANDONED} AND {_IS_SHORT}), "
        f"count(*) FILTER (WHERE NOT {_IS_ANSWERED} AND NOT {_IS_ABANDONED} AND NOT {_IS_OPEN}), "
        f"count(*) FILTER (WHERE {_IS_OPEN} AND NOT {_IS_ABANDONED}), "
        f"count(*) FILTER (WHERE calls.node = '{DEMO_NODE}'), "
        f"coalesce(sum(calls.wait_s) FILTER (WHERE {_IS_ANSWERED}), 0), coalesce(sum(calls.talk_s), 0), "
        f"{_sorted('calls.wait_s', _IS_ANSWERED)}, {_sorted('calls.wait_s', _IS_ABANDONED)}, "
        f"{_sorted('calls.talk_s', _IS_ANSWERED)} {_IN_SPANS} GROUP BY 1, 2, 3, 4, 5, 6, 7"
    ),
)  # fmt: skip
HOURS = Rollup(
    table="report_hours",
    columns=("hour", "office", "queue", "service", "language", "region", "calls", "answered", "abandoned"),
    counted=(
        f"SELECT {_DAY}, extract(hour FROM calls.started_at AT TIME ZONE 'Europe/Kyiv')::integer, {_GROUP}, "
        f"count(*), count(calls.answered_at), count(*) FILTER (WHERE {_IS_ABANDONED}) "
        f"{_IN_SPANS} GROUP BY 1, 2, 3, 4, 5, 6, 7"
    ),
)
_ABANDONED_VISIT = "visit.answered_at IS NULL AND visit.ending IN ('abandoned', 'abandoned_ringing', 'lost')"
_OFFERED = "visit.ending NOT IN ('waiting', 'refused_empty', 'refused_full', 'refused_unknown')"
VISITS = Rollup(
    table="report_visits",
    columns=(
        "queue", "operator", "offered", "answered_visits", "abandoned_visits", "handled", "talk_s", "ring_s",
        "answered_waits_s", "abandoned_waits_s",
    ),
    counted=(
        f"SELECT {_DAY}, visit.queue, visit.operator, count(*) FILTER (WHERE {_OFFERED}), "
        f"count(visit.answered_at) FILTER (WHERE {_OFFERED}), "
        f"count(*) FILTER (WHERE {_ABANDONED_VISIT}), count(visit.answered_at), "
        "coalesce(sum(visit.talk_s) FILTER (WHERE visit.answered_at IS NOT NULL), 0), "
        "coalesce(sum(visit.ring_s) FILTER (WHERE visit.answered_at IS NOT NULL), 0), "
        f"{_sorted('visit.wait_s', f'visit.answered_at IS NOT NULL AND {_OFFERED}')}, "
        f"{_sorted('visit.wait_s', _ABANDONED_VISIT)} "
        f"{_IN_SPANS} {_below('queue_visits', 'visit', 'JOIN')} GROUP BY 1, 2, 3"
    ),
)  # fmt: skip
MENUS = Rollup(
    table="report_menus",
    columns=("menu", "outcome", "key", "answers", "first_answers", "drop_outs"),
    counted=(
        "SELECT day, menu, outcome, key, count(step_no), count(*) FILTER (WHERE place = 1 AND step_no IS NOT NULL), "
        "count(*) FILTER (WHERE is_left AND step_no IS NOT DISTINCT FROM last_no) FROM ("
        f"SELECT {_DAY} AS day, step.menu, step.outcome, step.key, step.step_no, "
        "row_number() OVER (PARTITION BY calls.call_id, step.menu ORDER BY step.step_no) AS place, "
        "max(step.step_no) OVER (PARTITION BY calls.call_id) AS last_no, "
        "calls.outcome = 'abandoned_in_menu' AS is_left "
        f"{_IN_SPANS} {_below('menu_steps', 'step', 'LEFT JOIN')}"
        ") AS answer WHERE step_no IS NOT NULL OR is_left GROUP BY 1, 2, 3, 4"
    ),
)
TOPICS = Rollup(
    table="report_topics",
    columns=("office", "queue", "service", "topic_region", "topic", "calls"),
    counted=(
        f"SELECT {_DAY}, calls.office, calls.queue, calls.service, latest.region, latest.topic, count(*) {_IN_SPANS} "
        "LEFT JOIN LATERAL (SELECT said.region, said.topic FROM call_topics AS said "
        "WHERE said.call_id = calls.call_id ORDER BY said.id DESC LIMIT 1) AS latest ON true "
        f"WHERE {_IS_ANSWERED} GROUP BY 1, 2, 3, 4, 5, 6"
    ),
)
ROLLUPS = (DAYS, HOURS, VISITS, MENUS, TOPICS)
