"""Table of commands to nodes."""

from sqlalchemy import Column, DateTime, Index, Table, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB

from api.schema import metadata

_STATES = "queued, sent, done, failed, expired"

node_commands = Table(
    "node_commands",
    metadata,
    Column("id", Text, primary_key=True),
    Column("node", Text, nullable=False),
    Column("action", Text, nullable=False, comment="pause, unpause, log-out or move"),
    Column("arguments", JSONB, nullable=False, comment="what the node is told beside the action"),
    Column("author", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("expires_at", DateTime(timezone=True), nullable=False, comment="never sent or executed from then on"),
    Column("sent_at", DateTime(timezone=True), comment="null: not sent"),
    Column("finished_at", DateTime(timezone=True), comment="null: the node has told no result"),
    Column("state", Text, nullable=False, server_default=text("'queued'"), comment=_STATES),
    Column("result", Text, comment="what the node told, in words"),
    Index("ix_node_commands_node_created_at", "node", text("created_at DESC")),
    Index("ix_node_commands_queued", "node", "created_at", postgresql_where=text("state = 'queued'")),
)
