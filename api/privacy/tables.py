"""Tables of legal holds, and of retention's runs."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Identity, Index, Table, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB

from api.schema import metadata

legal_holds = Table(
    "legal_holds",
    metadata,
    Column("id", Text, primary_key=True),
    Column("call_id", Text, comment="the call that is kept; null: all calls of the pseudonym"),
    Column("pseudonym", Text, comment="the person whose data is kept; null: one call"),
    Column("reason", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("created_by", Text, nullable=False),
    Column("released_at", DateTime(timezone=True), comment="null: in force"),
    Column("released_by", Text),
    Index("ix_legal_holds_open", "pseudonym", "call_id", postgresql_where=text("released_at IS NULL")),
)

retention_runs = Table(
    "retention_runs",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("started_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("is_dry", Boolean, nullable=False),
    Column("counts", JSONB, nullable=False, comment="rows (would be) removed, by class"),
)
