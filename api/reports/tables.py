"""Tables of the reports and the indexes that reports and lists need.

`report_hours` is made from `calls` and never a second truth: a trigger marks the days that a transaction touches in
`report_stale_days`, and a report counts such days from `calls` itself until they have been made anew.
"""

from sqlalchemy import BigInteger, Column, Date, Identity, Index, Integer, Table, Text, func

from api.schema import calls, menu_steps, metadata, queue_visits


def _count(name: str, comment: str | None = None) -> Column[int]:
    return Column(name, Integer, nullable=False, comment=comment)


report_hours = Table(
    "report_hours",
    metadata,
    Column("day", Date, nullable=False, comment="Europe/Kyiv"),
    _count("hour", "Europe/Kyiv, 0-23"),
    Column("office", Text),
    Column("queue", Text),
    Column("service", Text),
    Column("language", Text),
    _count("calls"),
    _count("demo_calls", "those of the node demo-data"),
    _count("answered"),
    _count("abandoned"),
    _count("short_abandoned"),
    _count("other_ended"),
    _count("in_progress"),
    Column(
        "answered_wait_s",
        BigInteger,
        nullable=False,
        comment="whole seconds: waited in queues by calls that were answered",
    ),
    Column("talk_s", BigInteger, nullable=False, comment="whole seconds: connected with operators"),
    Index("ix_report_hours_day", "day"),
    comment="made from calls; days in report_stale_days do not count",
)

report_stale_days = Table(
    "report_stale_days",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("day", Date, nullable=False, comment="Europe/Kyiv: a day whose figures are not those of its calls"),
    Column("marked_by", BigInteger, nullable=False, comment="transaction that touched its calls"),
    Index("ix_report_stale_days_day_marked_by", "day", "marked_by"),
)

Index(
    "ix_calls_figures",
    calls.c.started_at,
    postgresql_include=[
        "office", "queue", "service", "language", "operator", "outcome", "answered_at", "wait_s", "talk_s",
        "number_pseudonym",
    ],
)  # fmt: skip
Index("ix_calls_number_pseudonym_started_at", calls.c.number_pseudonym, calls.c.started_at)
Index("ix_calls_wait", func.coalesce(calls.c.wait_s, -1), calls.c.call_id)
Index("ix_calls_talk", func.coalesce(calls.c.talk_s, -1), calls.c.call_id)
Index(
    "ix_queue_visits_figures",
    queue_visits.c.entered_at,
    postgresql_include=["queue", "operator", "answered_at", "wait_s", "talk_s", "ending"],
)
Index(
    "ix_menu_steps_figures",
    menu_steps.c.occurred_at,
    postgresql_include=["call_id", "step_no", "menu", "outcome", "key"],
)
