"""Reports: figures by Kyiv hour, days whose figures are stale, and indexes for lists, searches and reports.

A trigger on `calls` marks the days that a transaction touches, once a day and transaction. Why there: whoever writes
calls, the projection, a rebuild or retention, cannot forget it.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_MARK = """
    CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO report_stale_days (day, marked_by)
        SELECT touched.day, pg_current_xact_id()::text::bigint
        FROM (SELECT DISTINCT (started_at AT TIME ZONE 'Europe/Kyiv')::date AS day FROM touched_calls) AS touched
        WHERE NOT EXISTS (
            SELECT 1 FROM report_stale_days AS known
            WHERE known.day = touched.day AND known.marked_by = pg_current_xact_id()::text::bigint
        );
        RETURN NULL;
    END $$
"""
_MARK_BOTH = """
    CREATE FUNCTION mark_report_days_of_updated_calls() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO report_stale_days (day, marked_by)
        SELECT touched.day, pg_current_xact_id()::text::bigint
        FROM (
            SELECT (started_at AT TIME ZONE 'Europe/Kyiv')::date AS day FROM calls_before
            UNION SELECT (started_at AT TIME ZONE 'Europe/Kyiv')::date FROM calls_after
        ) AS touched
        WHERE NOT EXISTS (
            SELECT 1 FROM report_stale_days AS known
            WHERE known.day = touched.day AND known.marked_by = pg_current_xact_id()::text::bigint
        );
        RETURN NULL;
    END $$
"""
_FORGET = """
    CREATE FUNCTION forget_report_hours() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        DELETE FROM report_hours;
        DELETE FROM report_stale_days;
        RETURN NULL;
    END $$
"""

STATEMENTS: tuple[str, ...] = (
    """
    CREATE TABLE report_hours (
        day DATE NOT NULL,
        hour INTEGER NOT NULL,
        office TEXT,
        queue TEXT,
        service TEXT,
        language TEXT,
        calls INTEGER NOT NULL,
        demo_calls INTEGER NOT NULL,
        answered INTEGER NOT NULL,
        abandoned INTEGER NOT NULL,
        short_abandoned INTEGER NOT NULL,
        other_ended INTEGER NOT NULL,
        in_progress INTEGER NOT NULL,
        answered_wait_s BIGINT NOT NULL,
        talk_s BIGINT NOT NULL
    )
    """,
    "CREATE INDEX ix_report_hours_day ON report_hours (day)",
    "COMMENT ON TABLE report_hours IS 'made from calls; days in report_stale_days do not count'",
    "COMMENT ON COLUMN report_hours.day IS 'Europe/Kyiv'",
    "COMMENT ON COLUMN report_hours.hour IS 'Europe/Kyiv, 0-23'",
    "COMMENT ON COLUMN report_hours.demo_calls IS 'those of the node demo-data'",
    "COMMENT ON COLUMN report_hours.answered_wait_s IS 'whole seconds: waited in queues by calls that were answered'",
    "COMMENT ON COLUMN report_hours.talk_s IS 'whole seconds: connected with operators'",
    """
    CREATE TABLE report_stale_days (
        id BIGINT GENERATED ALWAYS AS IDENTITY,
        day DATE NOT NULL,
        marked_by BIGINT NOT NULL,
        CONSTRAINT pk_report_stale_days PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_report_stale_days_day_marked_by ON report_stale_days (day, marked_by)",
    "COMMENT ON COLUMN report_stale_days.day IS 'Europe/Kyiv: a day whose figures are not those of its calls'",
    "COMMENT ON COLUMN report_stale_days.marked_by IS 'transaction that touched its calls'",
    _MARK.format(name="mark_report_days"),
    _MARK_BOTH,
    _FORGET,
    (
        "CREATE TRIGGER mark_report_days_on_insert AFTER INSERT ON calls REFERENCING NEW TABLE AS touched_calls "
        "FOR EACH STATEMENT EXECUTE FUNCTION mark_report_days()"
    ),
    (
        "CREATE TRIGGER mark_report_days_on_delete AFTER DELETE ON calls REFERENCING OLD TABLE AS touched_calls "
        "FOR EACH STATEMENT EXECUTE FUNCTION mark_report_days()"
    ),
    (
        "CREATE TRIGGER mark_report_days_on_update AFTER UPDATE ON calls "
        "REFERENCING OLD TABLE AS calls_before NEW TABLE AS calls_after "
        "FOR EACH STATEMENT EXECUTE FUNCTION mark_report_days_of_updated_calls()"
    ),
    (
        "CREATE TRIGGER forget_report_hours_on_truncate AFTER TRUNCATE ON calls "
        "FOR EACH STATEMENT EXECUTE FUNCTION forget_report_hours()"
    ),
    (
        "INSERT INTO report_stale_days (day, marked_by) "
        "SELECT DISTINCT (started_at AT TIME ZONE 'Europe/Kyiv')::date, 0 FROM calls"
    ),
    "CREATE INDEX ix_calls_wait ON calls (COALESCE(wait_s, -1), call_id)",
    "CREATE INDEX ix_calls_talk ON calls (COALESCE(talk_s, -1), call_id)",
    (
        "CREATE INDEX ix_calls_figures ON calls (started_at) "
        "INCLUDE (office, queue, service, language, operator, outcome, answered_at, wait_s, talk_s, number_pseudonym)"
    ),
    "CREATE INDEX ix_calls_number_pseudonym_started_at ON calls (number_pseudonym, started_at)",
    (
        "CREATE INDEX ix_queue_visits_figures ON queue_visits (entered_at) "
        "INCLUDE (queue, operator, answered_at, wait_s, talk_s, ending)"
    ),
    "CREATE INDEX ix_menu_steps_figures ON menu_steps (occurred_at) INCLUDE (call_id, step_no, menu, outcome, key)",
)


def upgrade() -> None:
    """Makes the tables, the triggers and the indexes; every day there is counts as stale until it is counted."""
    for statement in STATEMENTS:
        op.execute(statement)
