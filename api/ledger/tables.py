"""Table of the ledger's nightly runs."""

from sqlalchemy import Column, Date, DateTime, Integer, Table, func
from sqlalchemy.dialects.postgresql import JSONB

from api.schema import metadata

ledger_days = Table(
    "ledger_days",
    metadata,
    Column("day", Date, primary_key=True, comment="of Europe/Kyiv"),
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("differences", Integer, nullable=False),
    Column("report", JSONB, nullable=False, comment="the ledger as GET /ledger answers it"),
)
