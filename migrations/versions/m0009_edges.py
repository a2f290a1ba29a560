"""Commands to nodes."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

STATEMENTS: tuple[str, ...] = (
    """
    CREATE TABLE node_commands (
        id TEXT NOT NULL,
        node TEXT NOT NULL,
        action TEXT NOT NULL,
        arguments JSONB NOT NULL,
        author TEXT NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
        sent_at TIMESTAMP WITH TIME ZONE,
        finished_at TIMESTAMP WITH TIME ZONE,
        state TEXT DEFAULT 'queued' NOT NULL,
        result TEXT,
        CONSTRAINT pk_node_commands PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_node_commands_node_created_at ON node_commands (node, created_at DESC)",
    "CREATE INDEX ix_node_commands_queued ON node_commands (node, created_at) WHERE state = 'queued'",
    "COMMENT ON COLUMN node_commands.action IS 'pause, unpause, log-out or move'",
    "COMMENT ON COLUMN node_commands.arguments IS 'what the node is told beside the action'",
    "COMMENT ON COLUMN node_commands.expires_at IS 'never sent or executed from then on'",
    "COMMENT ON COLUMN node_commands.sent_at IS 'null: not sent'",
    "COMMENT ON COLUMN node_commands.finished_at IS 'null: the node has told no result'",
    "COMMENT ON COLUMN node_commands.state IS 'queued, sent, done, failed, expired'",
    "COMMENT ON COLUMN node_commands.result IS 'what the node told, in words'",
)


def upgrade() -> None:
    """Makes the table."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Takes it back."""
    op.execute("DROP TABLE node_commands")
