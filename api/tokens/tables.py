"""Table of API tokens."""

from sqlalchemy import Column, DateTime, LargeBinary, Table, Text, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import ARRAY

from api.schema import metadata

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, comment="what uses it"),
    Column("digest", LargeBinary, nullable=False, comment="SHA-256 of the token"),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("created_by", Text, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("revoked_at", DateTime(timezone=True), comment="null: nobody revoked it"),
    UniqueConstraint("digest"),
)
