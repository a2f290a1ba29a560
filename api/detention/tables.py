"""Tables of detention reports. Names, addresses and the rest of the form are sealed; keys of the match are HMACs."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)

from api.schema import metadata

_SEALED = "AES-256-GCM: nonce, then sealed JSON"

detention_reports = Table(
    "detention_reports",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("number", Text, comment="registration number with check digit; null: nobody gave one yet"),
    Column("origin", Text, nullable=False, comment="call or hand"),
    Column("call_id", Text, comment="null: it did not come by this line"),
    Column("received_at", DateTime(timezone=True), nullable=False, comment="the hour runs from here"),
    Column("taken_by", Text, comment="who first wrote into it; null: nobody yet"),
    Column("plan_version", Text, comment="the plan whose form it was last filled in by"),
    Column("values_encrypted", LargeBinary, comment=_SEALED),
    Column("person_key", Text, comment="HMAC-SHA-256 of the person's name; null: not known"),
    Column("place_key", Text, comment="HMAC-SHA-256 of the place; null: not known"),
    Column("detained_at", DateTime(timezone=True)),
    Column("name_lawyer_s", Integer, nullable=False, comment="seconds from received_at until a lawyer must be named"),
    Column("lawyer_encrypted", LargeBinary, comment=_SEALED),
    Column("lawyer_named_at", DateTime(timezone=True)),
    Column("lawyer_arrived_at", DateTime(timezone=True)),
    Column("joined_to", BigInteger, ForeignKey("detention_reports.id"), comment="the report on the same detention"),
    Column("revision", Integer, nullable=False, server_default=text("1"), comment="grows with each change"),
    UniqueConstraint("number"),
    Index("ix_detention_reports_received_at_id", text("received_at DESC"), text("id DESC")),
    Index("ix_detention_reports_call_id", "call_id", unique=True, postgresql_where=text("origin = 'call'")),
    Index("ix_detention_reports_person_key_place_key", "person_key", "place_key"),
    Index(None, "joined_to"),
)

detention_changes = Table(
    "detention_changes",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("report_id", BigInteger, ForeignKey("detention_reports.id"), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("author", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="created, filled, lawyer, joined or parted"),
    Column("changes_encrypted", LargeBinary, comment=f"{_SEALED}: field, old and new value"),
    Index("ix_detention_changes_report_id_id", "report_id", "id"),
)

detention_counters = Table(
    "detention_counters",
    metadata,
    Column("source", SmallInteger, primary_key=True, autoincrement=False, comment="0: the api"),
    Column("day", Date, primary_key=True, comment="local date"),
    Column("last_count", Integer, nullable=False),
)
