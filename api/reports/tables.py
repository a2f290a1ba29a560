"""Tables of the reports and the indexes that reports and lists need.

The tables by day are made from the calls and never a second truth: triggers mark the days that a transaction touches in
`report_stale_days`, and a report counts such days from the calls themselves until they have been made anew.
"""

from sqlalchemy import BigInteger, Column, Date, Identity, Index, Integer, Table, Text, func
from sqlalchemy.dialects.postgresql import ARRAY

from api.schema import calls, metadata

_MADE = "made from calls; days in report_stale_days do not count"
_ASCENDING = "whole seconds, ascending; null: none"


def _day() -> Column[object]:
    return Column("day", Date, nullable=False, comment="Europe/Kyiv")


def _count(name: str, comment: str | None = None) -> Column[int]:
    return Column(name, Integer, nullable=False, comment=comment)


def _sum(name: str, comment: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, comment=f"whole seconds: {comment}")


def _seconds(name: str) -> Column[object]:
    return Column(name, ARRAY(Integer), comment=_ASCENDING)


report_days = Table(
    "report_days",
    metadata,
    _day(),
    *(Column(name, Text) for name in ("office", "queue", "service", "language", "region", "outcome")),
    _count("calls"),
    _count("answered"),
    _count("abandoned"),
    _count("short_abandoned"),
    _count("other_ended"),
    _count("in_progress"),
    _count("demo_calls", "those of the node demo-data"),
    _sum("answered_wait_s", "waited in queues by calls that were answered"),
    _sum("talk_s", "connected with operators"),
    _seconds("answered_waits_s"),
    _seconds("abandoned_waits_s"),
    _seconds("talks_s"),
    Index("ix_report_days_day", "day"),
    comment=_MADE,
)

report_hours = Table(
    "report_hours",
    metadata,
    _day(),
    _count("hour", "Europe/Kyiv, 0-23"),
    *(Column(name, Text) for name in ("office", "queue", "service", "language", "region")),
    _count("calls"),
    _count("answered"),
    _count("abandoned"),
    Index("ix_report_hours_day", "day"),
    comment=_MADE,
)

report_visits = Table(
    "report_visits",
    metadata,
    _day(),
    Column("queue", Text, nullable=False),
    Column("operator", Text, comment="who answered; null: nobody"),
    _count("offered"),
    _count("answered_visits"),
    _count("abandoned_visits"),
    _count("handled"),
    _sum("talk_s", "of answered visits"),
    _sum("ring_s", "of answered visits"),
    _seconds("answered_waits_s"),
    _seconds("abandoned_waits_s"),
    Index("ix_report_visits_day", "day"),
    comment=_MADE,
)

report_menus = Table(
    "report_menus",
    metadata,
    _day(),
    Column("menu", Text, comment="null: before any answer"),
    Column("outcome", Text),
    Column("key", Text),
    _count("answers"),
    _count("first_answers", "the call's first in this menu: as many calls reached it"),
    _count("drop_outs", "the last answers of calls that were left in the menu"),
    Index("ix_report_menus_day", "day"),
    comment=_MADE,
)

report_topics = Table(
    "report_topics",
    metadata,
    _day(),
    *(Column(name, Text) for name in ("office", "queue", "service")),
    Column("topic_region", Text, comment="ISO 3166-2, as the operator said; null: not told"),
    Column("topic", Text, comment="null: not classified"),
    _count("calls", "answered ones"),
    Index("ix_report_topics_day", "day"),
    comment=_MADE,
)

report_stale_days = Table(
    "report_stale_days",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("day", Date, nullable=False, comment="Europe/Kyiv: a day whose figures are not those of its calls"),
    Column("marked_by", BigInteger, nullable=False, comment="transaction that touched its calls"),
    Index("ix_report_stale_days_day_marked_by", "day", "marked_by"),
)

Index("ix_calls_number_pseudonym_started_at", calls.c.number_pseudonym, calls.c.started_at)
Index("ix_calls_wait", func.coalesce(calls.c.wait_s, -1), calls.c.call_id)
Index("ix_calls_talk", func.coalesce(calls.c.talk_s, -1), calls.c.call_id)
Index("ix_calls_callers", calls.c.started_at, postgresql_include=["number_pseudonym"])
