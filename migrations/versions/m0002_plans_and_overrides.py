"""The plan's versions, what was published when and by whom, and manual overrides."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE plan_versions (
        version TEXT NOT NULL,
        document JSONB NOT NULL,
        first_author TEXT NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        CONSTRAINT pk_plan_versions PRIMARY KEY (version)
    )
    """,
    "COMMENT ON COLUMN plan_versions.version IS 'hash of the document'",
    "COMMENT ON COLUMN plan_versions.document IS 'snapshot of the plan (routing.snapshot)'",
    """
    CREATE TABLE plan_publications (
        id BIGINT GENERATED ALWAYS AS IDENTITY,
        version TEXT NOT NULL,
        kind TEXT NOT NULL,
        author TEXT NOT NULL,
        reason TEXT NOT NULL,
        published_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        previous_version TEXT,
        CONSTRAINT pk_plan_publications PRIMARY KEY (id),
        CONSTRAINT fk_plan_publications_version_plan_versions FOREIGN KEY(version) REFERENCES plan_versions (version),
        CONSTRAINT fk_plan_publications_previous_version_plan_versions
            FOREIGN KEY(previous_version) REFERENCES plan_versions (version)
    )
    """,
    "COMMENT ON COLUMN plan_publications.id IS 'the highest is the one in force'",
    "COMMENT ON COLUMN plan_publications.kind IS 'publish or rollback'",
    "COMMENT ON COLUMN plan_publications.previous_version IS 'null: nothing was published before'",
    """
    CREATE TABLE overrides (
        id TEXT NOT NULL,
        scope TEXT NOT NULL,
        target TEXT NOT NULL,
        action TEXT NOT NULL,
        destination TEXT,
        until TIMESTAMP WITH TIME ZONE NOT NULL,
        reason TEXT NOT NULL,
        author TEXT NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        cleared_at TIMESTAMP WITH TIME ZONE,
        cleared_by TEXT,
        CONSTRAINT pk_overrides PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_overrides_created_at_id ON overrides (created_at DESC, id DESC)",
    "CREATE INDEX ix_overrides_open ON overrides (until) WHERE cleared_at IS NULL",
    "COMMENT ON COLUMN overrides.target IS 'id of the service, queue or office; empty: the line'",
    "COMMENT ON COLUMN overrides.destination IS 'queue or E.164 number; null: the action has none'",
    "COMMENT ON COLUMN overrides.until IS 'when it ends by itself'",
    "COMMENT ON COLUMN overrides.cleared_at IS 'null: nobody ended it before its time'",
)


def upgrade() -> None:
    """Makes the tables."""
    for statement in STATEMENTS:
        op.execute(statement)
