"""Table of users."""

from sqlalchemy import Column, DateTime, Table, Text, UniqueConstraint, func

from api.schema import metadata

users = Table(
    "users",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, comment="with which the person logs in"),
    Column("role", Text, nullable=False),
    Column("operator", Text, comment="id in the plan; null: takes no calls"),
    Column("password_hash", Text, nullable=False, comment="Argon2id, PHC string"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("password_changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("disabled_at", DateTime(timezone=True), comment="null: may log in"),
    UniqueConstraint("name"),
)
