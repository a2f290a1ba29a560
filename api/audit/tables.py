"""Tables of the audit."""

from sqlalchemy import BigInteger, Column, DateTime, Index, LargeBinary, SmallInteger, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from api.schema import metadata

audit_log = Table(
    "audit_log",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False, comment="place in the chain, from 1, no gaps"),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor_kind", Text, nullable=False, comment="instance, token, user or system"),
    Column("actor_id", Text, nullable=False),
    Column("actor_name", Text, nullable=False),
    Column("actor_role", Text, comment="null: not a person"),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False, comment="id of what was changed or looked at"),
    Column("details", JSONB, nullable=False, comment="never a number, a password or a token"),
    Column("previous_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False, comment="HMAC-SHA-256 over previous_hash and the row"),
    Index("ix_audit_log_actor_id_seq", "actor_id", text("seq DESC")),
    Index("ix_audit_log_action_seq", "action", text("seq DESC")),
    Index("ix_audit_log_subject_seq", "subject", text("seq DESC")),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False, comment="always 1"),
    Column("seq", BigInteger, nullable=False, comment="the last row of the chain"),
    Column("hash", LargeBinary, nullable=False),
)
