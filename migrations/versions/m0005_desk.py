"""What operators write: topics of calls, and reports of detentions with their history and numbers."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE call_topics (
        id BIGINT GENERATED ALWAYS AS IDENTITY,
        call_id TEXT NOT NULL,
        topic TEXT,
        region TEXT,
        note_encrypted BYTEA,
        author TEXT NOT NULL,
        plan_version TEXT NOT NULL,
        classified_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        CONSTRAINT pk_call_topics PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_call_topics_call_id_id ON call_topics (call_id, id DESC)",
    "COMMENT ON COLUMN call_topics.id IS 'the highest of a call is the one that counts'",
    "COMMENT ON COLUMN call_topics.topic IS 'null: somebody took the topic back'",
    "COMMENT ON COLUMN call_topics.region IS 'ISO 3166-2; null: not told'",
    "COMMENT ON COLUMN call_topics.note_encrypted IS 'AES-256-GCM: nonce, then sealed UTF-8 text'",
    "COMMENT ON COLUMN call_topics.plan_version IS 'the plan whose tree has the topic'",
    """
    CREATE TABLE detention_reports (
        id BIGINT GENERATED ALWAYS AS IDENTITY,
        number TEXT,
        origin TEXT NOT NULL,
        call_id TEXT,
        received_at TIMESTAMP WITH TIME ZONE NOT NULL,
        taken_by TEXT,
        plan_version TEXT,
        values_encrypted BYTEA,
        person_key TEXT,
        place_key TEXT,
        detained_at TIMESTAMP WITH TIME ZONE,
        name_lawyer_s INTEGER NOT NULL,
        lawyer_encrypted BYTEA,
        lawyer_named_at TIMESTAMP WITH TIME ZONE,
        lawyer_arrived_at TIMESTAMP WITH TIME ZONE,
        joined_to BIGINT,
        revision INTEGER DEFAULT 1 NOT NULL,
        CONSTRAINT pk_detention_reports PRIMARY KEY (id),
        CONSTRAINT uq_detention_reports_number UNIQUE (number),
        CONSTRAINT fk_detention_reports_joined_to_detention_reports
            FOREIGN KEY(joined_to) REFERENCES detention_reports (id)
    )
    """,
    "CREATE UNIQUE INDEX ix_detention_reports_call_id ON detention_reports (call_id) WHERE origin = 'call'",
    "CREATE INDEX ix_detention_reports_joined_to ON detention_reports (joined_to)",
    "CREATE INDEX ix_detention_reports_person_key_place_key ON detention_reports (person_key, place_key)",
    "CREATE INDEX ix_detention_reports_received_at_id ON detention_reports (received_at DESC, id DESC)",
    "COMMENT ON COLUMN detention_reports.number IS 'registration number with check digit; null: nobody gave one yet'",
    "COMMENT ON COLUMN detention_reports.origin IS 'call or hand'",
    "COMMENT ON COLUMN detention_reports.call_id IS 'null: it did not come by this line'",
    "COMMENT ON COLUMN detention_reports.received_at IS 'the hour runs from here'",
    "COMMENT ON COLUMN detention_reports.taken_by IS 'who first wrote into it; null: nobody yet'",
    "COMMENT ON COLUMN detention_reports.plan_version IS 'the plan whose form it was last filled in by'",
    "COMMENT ON COLUMN detention_reports.values_encrypted IS 'AES-256-GCM: nonce, then sealed JSON'",
    "COMMENT ON COLUMN detention_reports.person_key IS 'HMAC-SHA-256 of the person''s name; null: not known'",
    "COMMENT ON COLUMN detention_reports.place_key IS 'HMAC-SHA-256 of the place; null: not known'",
    "COMMENT ON COLUMN detention_reports.name_lawyer_s IS 'seconds from received_at until a lawyer must be named'",
    "COMMENT ON COLUMN detention_reports.lawyer_encrypted IS 'AES-256-GCM: nonce, then sealed JSON'",
    "COMMENT ON COLUMN detention_reports.joined_to IS 'the report on the same detention'",
    "COMMENT ON COLUMN detention_reports.revision IS 'grows with each change'",
    """
    CREATE TABLE detention_changes (
        id BIGINT GENERATED ALWAYS AS IDENTITY,
        report_id BIGINT NOT NULL,
        changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        author TEXT NOT NULL,
        kind TEXT NOT NULL,
        changes_encrypted BYTEA,
        CONSTRAINT pk_detention_changes PRIMARY KEY (id),
        CONSTRAINT fk_detention_changes_report_id_detention_reports
            FOREIGN KEY(report_id) REFERENCES detention_reports (id)
    )
    """,
    "CREATE INDEX ix_detention_changes_report_id_id ON detention_changes (report_id, id)",
    "COMMENT ON COLUMN detention_changes.kind IS 'created, filled, lawyer, joined or parted'",
    """
    COMMENT ON COLUMN detention_changes.changes_encrypted
        IS 'AES-256-GCM: nonce, then sealed JSON: field, old and new value'
    """,
    """
    CREATE TABLE detention_counters (
        source SMALLINT NOT NULL,
        day DATE NOT NULL,
        last_count INTEGER NOT NULL,
        CONSTRAINT pk_detention_counters PRIMARY KEY (source, day)
    )
    """,
    "COMMENT ON COLUMN detention_counters.source IS '0: the api'",
    "COMMENT ON COLUMN detention_counters.day IS 'local date'",
)


def upgrade() -> None:
    """Makes the tables."""
    for statement in STATEMENTS:
        op.execute(statement)
