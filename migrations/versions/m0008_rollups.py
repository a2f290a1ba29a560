"""Figures by Kyiv day for every report, with the region of a call; wide indexes that reports read before go.

The tables are made from calls, so they are made anew: every day counts as stale until it has been counted.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_SECONDS = "whole seconds, ascending; null: none"
_MADE = "made from calls; days in report_stale_days do not count"
_MARK_TOPICS = """
    CREATE FUNCTION mark_report_days_of_topics() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO report_stale_days (day, marked_by)
        SELECT touched.day, pg_current_xact_id()::text::bigint
        FROM (
            SELECT DISTINCT (calls.started_at AT TIME ZONE 'Europe/Kyiv')::date AS day
            FROM touched_topics JOIN calls ON calls.call_id = touched_topics.call_id
        ) AS touched
        WHERE NOT EXISTS (
            SELECT 1 FROM report_stale_days AS known
            WHERE known.day = touched.day AND known.marked_by = pg_current_xact_id()::text::bigint
        );
        RETURN NULL;
    END $$
"""
_FORGET = """
    CREATE OR REPLACE FUNCTION forget_report_hours() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        DELETE FROM report_days;
        DELETE FROM report_hours;
        DELETE FROM report_visits;
        DELETE FROM report_menus;
        DELETE FROM report_topics;
        DELETE FROM report_stale_days;
        RETURN NULL;
    END $$
"""
_COMMENTS = (
    *((f"TABLE report_{name}", _MADE) for name in ("days", "hours", "visits", "menus", "topics")),
    *((f"COLUMN report_{name}.day", "Europe/Kyiv") for name in ("days", "hours", "visits", "menus", "topics")),
    ("COLUMN report_days.demo_calls", "those of the node demo-data"),
    ("COLUMN report_days.answered_wait_s", "whole seconds: waited in queues by calls that were answered"),
    ("COLUMN report_days.talk_s", "whole seconds: connected with operators"),
    ("COLUMN report_days.answered_waits_s", _SECONDS),
    ("COLUMN report_days.abandoned_waits_s", _SECONDS),
    ("COLUMN report_days.talks_s", _SECONDS),
    ("COLUMN report_hours.hour", "Europe/Kyiv, 0-23"),
    ("COLUMN report_visits.operator", "who answered; null: nobody"),
    ("COLUMN report_visits.talk_s", "whole seconds: of answered visits"),
    ("COLUMN report_visits.ring_s", "whole seconds: of answered visits"),
    ("COLUMN report_visits.answered_waits_s", _SECONDS),
    ("COLUMN report_visits.abandoned_waits_s", _SECONDS),
    ("COLUMN report_menus.menu", "null: before any answer"),
    ("COLUMN report_menus.first_answers", "the call''s first in this menu: as many calls reached it"),
    ("COLUMN report_menus.drop_outs", "the last answers of calls that were left in the menu"),
    ("COLUMN report_topics.topic_region", "ISO 3166-2, as the operator said; null: not told"),
    ("COLUMN report_topics.topic", "null: not classified"),
    ("COLUMN report_topics.calls", "answered ones"),
)

STATEMENTS: tuple[str, ...] = (
    "ALTER TABLE calls ADD COLUMN IF NOT EXISTS region TEXT",
    "DROP TABLE report_hours",
    "DROP INDEX ix_calls_figures",
    "DROP INDEX ix_queue_visits_figures",
    "DROP INDEX ix_menu_steps_figures",
    """
    CREATE TABLE report_days (
        day DATE NOT NULL,
        office TEXT,
        queue TEXT,
        service TEXT,
        language TEXT,
        region TEXT,
        outcome TEXT,
        calls INTEGER NOT NULL,
        answered INTEGER NOT NULL,
        abandoned INTEGER NOT NULL,
        short_abandoned INTEGER NOT NULL,
        other_ended INTEGER NOT NULL,
        in_progress INTEGER NOT NULL,
        demo_calls INTEGER NOT NULL,
        answered_wait_s BIGINT NOT NULL,
        talk_s BIGINT NOT NULL,
        answered_waits_s INTEGER[],
        abandoned_waits_s INTEGER[],
        talks_s INTEGER[]
    )
    """,
    """
    CREATE TABLE report_hours (
        day DATE NOT NULL,
        hour INTEGER NOT NULL,
        office TEXT,
        queue TEXT,
        service TEXT,
        language TEXT,
        region TEXT,
        calls INTEGER NOT NULL,
        answered INTEGER NOT NULL,
        abandoned INTEGER NOT NULL
    )
    """,
    """
    CREATE TABLE report_visits (
        day DATE NOT NULL,
        queue TEXT NOT NULL,
        operator TEXT,
        offered INTEGER NOT NULL,
        answered_visits INTEGER NOT NULL,
        abandoned_visits INTEGER NOT NULL,
        handled INTEGER NOT NULL,
        talk_s BIGINT NOT NULL,
        ring_s BIGINT NOT NULL,
        answered_waits_s INTEGER[],
        abandoned_waits_s INTEGER[]
    )
    """,
    """
    CREATE TABLE report_menus (
        day DATE NOT NULL,
        menu TEXT,
        outcome TEXT,
        key TEXT,
        answers INTEGER NOT NULL,
        first_answers INTEGER NOT NULL,
        drop_outs INTEGER NOT NULL
    )
    """,
    """
    CREATE TABLE report_topics (
        day DATE NOT NULL,
        office TEXT,
        queue TEXT,
        service TEXT,
        topic_region TEXT,
        topic TEXT,
        calls INTEGER NOT NULL
    )
    """,
    *(f"CREATE INDEX ix_report_{name}_day ON report_{name} (day)" for name in ("days", "hours", "visits")),
    *(f"CREATE INDEX ix_report_{name}_day ON report_{name} (day)" for name in ("menus", "topics")),
    *(f"COMMENT ON {what} IS '{text}'" for what, text in _COMMENTS),
    "CREATE INDEX ix_calls_callers ON calls (started_at) INCLUDE (number_pseudonym)",
    _MARK_TOPICS,
    (
        "CREATE TRIGGER mark_report_days_on_topics AFTER INSERT ON call_topics REFERENCING NEW TABLE AS touched_topics "
        "FOR EACH STATEMENT EXECUTE FUNCTION mark_report_days_of_topics()"
    ),
    _FORGET,
    "DELETE FROM report_stale_days",
    (
        "INSERT INTO report_stale_days (day, marked_by) "
        "SELECT DISTINCT (started_at AT TIME ZONE 'Europe/Kyiv')::date, 0 FROM calls"
    ),
)

_FORGET_BEFORE = """
    CREATE OR REPLACE FUNCTION forget_report_hours() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        DELETE FROM report_hours;
        DELETE FROM report_stale_days;
        RETURN NULL;
    END $$
"""
_COMMENTS_BEFORE = (
    ("TABLE report_hours", _MADE),
    ("COLUMN report_hours.day", "Europe/Kyiv"),
    ("COLUMN report_hours.hour", "Europe/Kyiv, 0-23"),
    ("COLUMN report_hours.demo_calls", "those of the node demo-data"),
    ("COLUMN report_hours.answered_wait_s", "whole seconds: waited in queues by calls that were answered"),
    ("COLUMN report_hours.talk_s", "whole seconds: connected with operators"),
)
BACK: tuple[str, ...] = (
    "DROP TRIGGER mark_report_days_on_topics ON call_topics",
    "DROP FUNCTION mark_report_days_of_topics()",
    "DROP INDEX ix_calls_callers",
    *(f"DROP TABLE report_{name}" for name in ("days", "hours", "visits", "menus", "topics")),
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
    *(f"COMMENT ON {what} IS '{text}'" for what, text in _COMMENTS_BEFORE),
    (
        "CREATE INDEX ix_calls_figures ON calls (started_at) "
        "INCLUDE (office, queue, service, language, operator, outcome, answered_at, wait_s, talk_s, number_pseudonym)"
    ),
    (
        "CREATE INDEX ix_queue_visits_figures ON queue_visits (entered_at) "
        "INCLUDE (queue, operator, answered_at, wait_s, talk_s, ending)"
    ),
    "CREATE INDEX ix_menu_steps_figures ON menu_steps (occurred_at) INCLUDE (call_id, step_no, menu, outcome, key)",
    _FORGET_BEFORE,
    "DELETE FROM report_stale_days",
    (
        "INSERT INTO report_stale_days (day, marked_by) "
        "SELECT DISTINCT (started_at AT TIME ZONE 'Europe/Kyiv')::date, 0 FROM calls"
    ),
)


def upgrade() -> None:
    """Makes the tables anew; reports are slower until the days have been counted, and never wrong."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Makes the tables of before anew, from no more than the calls."""
    for statement in BACK:
        op.execute(statement)
