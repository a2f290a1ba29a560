"""Completeness: evidence by month, aliases of merged calls, states of operators, the nightly ledger."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE evidence_by_month (
        node TEXT NOT NULL,
        source TEXT NOT NULL,
        generation TEXT NOT NULL,
        position_bytes BIGINT NOT NULL,
        occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
        linkedid TEXT,
        uniqueid TEXT,
        type TEXT NOT NULL,
        payload JSONB NOT NULL,
        received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL
    ) PARTITION BY RANGE (occurred_at)
    """,
    # Rows that are here already wait in the default partition: the api moves them to their months when it starts.
    "CREATE TABLE evidence_default PARTITION OF evidence_by_month DEFAULT",
    """
    INSERT INTO evidence_by_month
    SELECT node, source, generation, position_bytes, occurred_at, linkedid, uniqueid, type, payload, received_at
    FROM evidence
    """,
    "DROP TABLE evidence",
    "ALTER TABLE evidence_by_month RENAME TO evidence",
    """
    ALTER TABLE evidence ADD CONSTRAINT pk_evidence
    PRIMARY KEY (node, source, generation, position_bytes, occurred_at)
    """,
    "CREATE INDEX ix_evidence_linkedid ON evidence (linkedid)",
    "CREATE INDEX ix_evidence_uniqueid ON evidence (uniqueid)",
    "CREATE INDEX ix_evidence_restarts ON evidence (node, occurred_at) WHERE type = 'QUEUESTART'",
    "CREATE INDEX ix_evidence_occurred_at ON evidence USING brin (occurred_at)",
    "COMMENT ON COLUMN evidence.source IS 'cel, queue_log, cdr or witness'",
    "COMMENT ON COLUMN evidence.generation IS 'id of the file that the journal gave it'",
    "COMMENT ON COLUMN evidence.position_bytes IS 'bytes before the line in its file'",
    "COMMENT ON COLUMN evidence.payload IS 'fields of the line; callers'' numbers replaced by pseudonyms'",
    """
    CREATE TABLE call_aliases (
        alias TEXT NOT NULL,
        call_id TEXT NOT NULL,
        CONSTRAINT pk_call_aliases PRIMARY KEY (alias),
        CONSTRAINT fk_call_aliases_call_id_calls FOREIGN KEY(call_id) REFERENCES calls (call_id) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX ix_call_aliases_call_id ON call_aliases (call_id)",
    "COMMENT ON COLUMN call_aliases.alias IS 'linkedid that a transfer or pick-up merged into the call''s'",
    """
    CREATE TABLE operator_states (
        node TEXT NOT NULL,
        operator TEXT NOT NULL,
        started_at TIMESTAMP WITH TIME ZONE NOT NULL,
        ended_at TIMESTAMP WITH TIME ZONE,
        state TEXT NOT NULL,
        reason TEXT,
        queues JSONB NOT NULL,
        CONSTRAINT pk_operator_states PRIMARY KEY (node, operator, started_at)
    )
    """,
    "CREATE INDEX ix_operator_states_started_at ON operator_states (started_at)",
    "COMMENT ON COLUMN operator_states.state IS 'available, paused or logged_out'",
    "COMMENT ON COLUMN operator_states.reason IS 'of a pause; null: none was told'",
    "COMMENT ON COLUMN operator_states.queues IS 'queues that the operator is logged in to'",
    """
    CREATE TABLE ledger_days (
        day DATE NOT NULL,
        made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        differences INTEGER NOT NULL,
        report JSONB NOT NULL,
        CONSTRAINT pk_ledger_days PRIMARY KEY (day)
    )
    """,
    "COMMENT ON COLUMN ledger_days.day IS 'of Europe/Kyiv'",
    "COMMENT ON COLUMN ledger_days.report IS 'the ledger as GET /ledger answers it'",
)


def upgrade() -> None:
    """Makes the tables."""
    for statement in STATEMENTS:
        op.execute(statement)
