"""Outcomes of calls: centres, regions, durations, overflows, and steps that are neither menu nor queue."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

STATEMENTS: tuple[str, ...] = (
    "SET LOCAL lock_timeout = '10s'",
    """
    ALTER TABLE calls
        ADD COLUMN centre TEXT,
        ADD COLUMN centre_asked TEXT,
        ADD COLUMN region TEXT,
        ADD COLUMN duration_s INTEGER,
        ADD COLUMN overflows INTEGER NOT NULL DEFAULT 0
    """,
    "COMMENT ON COLUMN calls.centre IS 'regional centre that the call was put through to'",
    "COMMENT ON COLUMN calls.centre_asked IS 'regional centre that was called first'",
    "COMMENT ON COLUMN calls.region IS 'ISO 3166-2: said with the topic, else that of the centre'",
    "COMMENT ON COLUMN calls.duration_s IS 'whole seconds: from beginning to end; null: goes on'",
    "COMMENT ON COLUMN calls.overflows IS 'queues that let go of the call without an answer'",
    "ALTER TABLE calls DISABLE TRIGGER mark_report_days_on_update",
    (
        "UPDATE calls SET duration_s = greatest(0, floor(extract(epoch FROM ended_at - started_at)))::integer "
        "WHERE ended_at IS NOT NULL"
    ),
    (
        "UPDATE calls SET overflows = found.overflows FROM (SELECT call_id, count(*) AS overflows FROM queue_visits "
        "WHERE ending IN ('exit_empty', 'exit_timeout', 'withdrawn', 'refused_empty', 'refused_full', "
        "'refused_unknown') GROUP BY call_id) AS found WHERE found.call_id = calls.call_id"
    ),
    (
        "UPDATE calls SET region = said.region FROM (SELECT DISTINCT ON (call_id) call_id, region FROM call_topics "
        "ORDER BY call_id, id DESC) AS said WHERE said.call_id = calls.call_id AND said.region IS NOT NULL"
    ),
    "ALTER TABLE calls ENABLE TRIGGER mark_report_days_on_update",
    "CREATE INDEX ix_calls_region_started_at ON calls (region, started_at DESC) WHERE region IS NOT NULL",
    "CREATE INDEX ix_calls_duration ON calls (COALESCE(duration_s, -1), call_id)",
    """
    CREATE TABLE call_steps (
        call_id TEXT NOT NULL,
        step_no INTEGER NOT NULL,
        occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
        kind TEXT NOT NULL,
        subject TEXT,
        state TEXT,
        detail TEXT,
        CONSTRAINT pk_call_steps PRIMARY KEY (call_id, step_no),
        CONSTRAINT fk_call_steps_call_id_calls FOREIGN KEY (call_id) REFERENCES calls (call_id) ON DELETE CASCADE
    )
    """,
    "COMMENT ON COLUMN call_steps.step_no IS 'place in the call, from 1'",
    "COMMENT ON COLUMN call_steps.kind IS 'info, centre, detention, recording or moved'",
    "COMMENT ON COLUMN call_steps.subject IS 'the information, centre, registration number, recording or queue'",
    "COMMENT ON COLUMN call_steps.detail IS 'part of the information, or status of the call to a centre'",
)

BACK: tuple[str, ...] = (
    "SET LOCAL lock_timeout = '10s'",
    "DROP TABLE call_steps",
    """
    ALTER TABLE calls
        DROP COLUMN centre,
        DROP COLUMN centre_asked,
        DROP COLUMN region,
        DROP COLUMN duration_s,
        DROP COLUMN overflows
    """,
)


def upgrade() -> None:
    """Makes the columns, fills them for calls that are there, and makes the table; outcomes change by a rebuild."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Takes them back; calls have their outcomes of before after a rebuild by the version of before."""
    for statement in BACK:
        op.execute(statement)
