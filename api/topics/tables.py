"""Table of topics. It does not refer to `calls`: these are written anew, what people said of them is not."""

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, LargeBinary, Table, Text, func, text

from api.schema import metadata

call_topics = Table(
    "call_topics",
    metadata,
    Column(
        "id",
        BigInteger,
        Identity(always=True),
        primary_key=True,
        comment="the highest of a call is the one that counts",
    ),
    Column("call_id", Text, nullable=False),
    Column("topic", Text, comment="null: somebody took the topic back"),
    Column("region", Text, comment="ISO 3166-2; null: not told"),
    Column("note_encrypted", LargeBinary, comment="AES-256-GCM: nonce, then sealed UTF-8 text"),
    Column("author", Text, nullable=False),
    Column("plan_version", Text, nullable=False, comment="the plan whose tree has the topic"),
    Column("classified_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("ix_call_topics_call_id_id", "call_id", text("id DESC")),
)
