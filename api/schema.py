"""The database's tables as the code of today knows them; `migrations` makes them, a test compares the two.

Evidence is append-only; `calls` and the tables below it are a projection that is deleted and written anew per call.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

NAMING_CONVENTION = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

metadata = MetaData(naming_convention=NAMING_CONVENTION)

POSITION = ("node", "source", "generation", "position_bytes")
"""What makes a piece of evidence one piece."""


def _time(name: str, *, nullable: bool = True) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _made_at(name: str) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=False, server_default=func.now())


def _received_at() -> Column[object]:
    return _made_at("received_at")


def _call_id() -> Column[object]:
    return Column("call_id", Text, ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True)


def _number(name: str) -> Column[object]:
    return Column(name, Integer, primary_key=True, autoincrement=False, comment="place in the call, from 1")


def _seconds(name: str, what: str) -> Column[object]:
    return Column(name, Integer, comment=f"whole seconds: {what}")


evidence = Table(
    "evidence",
    metadata,
    Column("node", Text, primary_key=True),
    Column("source", Text, primary_key=True, comment="cel, queue_log, cdr or witness"),
    Column("generation", Text, primary_key=True, comment="id of the file that the journal gave it"),
    Column(
        "position_bytes",
        BigInteger,
        primary_key=True,
        autoincrement=False,
        comment="bytes before the line in its file",
    ),
    Column("occurred_at", DateTime(timezone=True), primary_key=True),
    Column("linkedid", Text),
    Column("uniqueid", Text),
    Column("type", Text, nullable=False),
    Column("payload", JSONB, nullable=False, comment="fields of the line; callers' numbers replaced by pseudonyms"),
    _received_at(),
    Index(None, "linkedid"),
    Index(None, "uniqueid"),
    Index("ix_evidence_restarts", "node", "occurred_at", postgresql_where=text("type = 'QUEUESTART'")),
    Index("ix_evidence_occurred_at", "occurred_at", postgresql_using="brin"),
    postgresql_partition_by="RANGE (occurred_at)",
)
"""One partition a month (`api.evidence.months`), and `evidence_default` for rows whose month has none yet."""

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("node", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("generation", Text, nullable=False),
    Column("position_bytes", BigInteger, nullable=False, comment="bytes before the line in its file"),
    Column("reason", Text, nullable=False),
    Column("line_encrypted", LargeBinary, nullable=False, comment="AES-256-GCM: nonce, then sealed UTF-8 text"),
    _received_at(),
    UniqueConstraint(*POSITION),
)

caller_numbers = Table(
    "caller_numbers",
    metadata,
    Column("pseudonym", Text, primary_key=True, comment="HMAC-SHA-256 of the number, hexadecimal"),
    Column("number_encrypted", LargeBinary, nullable=False, comment="AES-256-GCM: nonce, then sealed UTF-8 text"),
    Column("first_seen_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("number_masked", Text, comment="country code and last two digits; null: not made yet"),
    Index("ix_caller_numbers_unmasked", "pseudonym", postgresql_where=text("number_masked IS NULL")),
)

calls = Table(
    "calls",
    metadata,
    Column("call_id", Text, primary_key=True, comment="linkedid"),
    Column("node", Text, nullable=False),
    Column("did", Text),
    Column("trunk", Text),
    Column("number_pseudonym", Text, comment="null: withheld or unknown"),
    Column("presentation", Text),
    _time("started_at", nullable=False),
    _time("answered_at"),
    _time("ended_at"),
    Column("language", Text),
    Column("keys", Text),
    Column("service", Text),
    Column("queue", Text),
    Column("office", Text),
    Column("operator", Text),
    Column("centre", Text, comment="regional centre that the call was put through to"),
    Column("centre_asked", Text, comment="regional centre that was called first"),
    Column("region", Text, comment="ISO 3166-2: said with the topic, else that of the centre"),
    Column("plan_version", Text),
    _seconds("wait_s", "in queues until answer, abandon or exit"),
    _seconds("talk_s", "connected with operators"),
    _seconds("duration_s", "from beginning to end; null: goes on"),
    Column(
        "overflows",
        Integer,
        nullable=False,
        server_default=text("0"),
        comment="queues that let go of the call without an answer",
    ),
    Column("outcome", Text, nullable=False),
    Column("hung_up_by", Text, nullable=False),
    Column("hangup_cause", Integer, comment="Q.850 number"),
    Index("ix_calls_started_at_call_id", text("started_at DESC"), text("call_id DESC")),
    Index("ix_calls_queue_started_at", "queue", text("started_at DESC")),
    Index("ix_calls_region_started_at", "region", text("started_at DESC"), postgresql_where=text("region IS NOT NULL")),
    Index("ix_calls_duration", text("COALESCE(duration_s, -1)"), "call_id"),
    Index("ix_calls_open", "node", "started_at", postgresql_where=text("ended_at IS NULL")),
)

call_aliases = Table(
    "call_aliases",
    metadata,
    Column("alias", Text, primary_key=True, comment="linkedid that a transfer or pick-up merged into the call's"),
    Column("call_id", Text, ForeignKey("calls.call_id", ondelete="CASCADE"), nullable=False),
    Index(None, "call_id"),
)

operator_states = Table(
    "operator_states",
    metadata,
    Column("node", Text, primary_key=True),
    Column("operator", Text, primary_key=True),
    Column("started_at", DateTime(timezone=True), primary_key=True),
    _time("ended_at"),
    Column("state", Text, nullable=False, comment="available, paused or logged_out"),
    Column("reason", Text, comment="of a pause; null: none was told"),
    Column("queues", JSONB, nullable=False, comment="queues that the operator is logged in to"),
    Index(None, "started_at"),
)

call_legs = Table(
    "call_legs",
    metadata,
    _call_id(),
    _number("leg_no"),
    Column("uniqueid", Text, nullable=False),
    Column("channel", Text),
    Column("role", Text, nullable=False, comment="caller, operator or other"),
    Column("operator", Text),
    _time("started_at", nullable=False),
    _time("answered_at"),
    _time("ended_at"),
    Column("hangup_cause", Integer, comment="Q.850 number"),
)

menu_steps = Table(
    "menu_steps",
    metadata,
    _call_id(),
    _number("step_no"),
    _time("occurred_at", nullable=False),
    Column("menu", Text),
    Column("outcome", Text),
    Column("key", Text),
    Column("language", Text),
    Column("attempt", Integer),
)

call_decisions = Table(
    "call_decisions",
    metadata,
    _call_id(),
    _number("decision_no"),
    _time("occurred_at", nullable=False),
    Column("rung", Text),
    Column("service", Text),
    Column("queue", Text),
    Column("office", Text),
    Column("priority", Integer),
    Column("is_open", Boolean),
    Column("language", Text),
    Column("keys", Text),
    Column("plan_version", Text),
    Column("reasons", JSONB, nullable=False, comment="list of [code, details]"),
)

queue_visits = Table(
    "queue_visits",
    metadata,
    _call_id(),
    _number("visit_no"),
    Column("queue", Text, nullable=False),
    _time("entered_at", nullable=False),
    _time("answered_at"),
    _time("ended_at"),
    Column("operator", Text),
    Column("position", Integer, comment="place in the queue at entry, from 1"),
    _seconds("wait_s", "until answer, abandon or exit"),
    _seconds("ring_s", "the answering operator's phone rang"),
    _seconds("talk_s", "connected with the operator"),
    Column("missed_rings", Integer, nullable=False, comment="phones that rang and were not picked up"),
    Column("ending", Text, nullable=False),
)

call_steps = Table(
    "call_steps",
    metadata,
    _call_id(),
    _number("step_no"),
    _time("occurred_at", nullable=False),
    Column("kind", Text, nullable=False, comment="info, centre, detention, recording, moved or unstaffed"),
    Column("subject", Text, comment="the information, centre, registration number, recording or queue"),
    Column("state", Text),
    Column("detail", Text, comment="part of the information, or status of the call to a centre"),
)

nodes = Table(
    "nodes",
    metadata,
    Column("node", Text, primary_key=True),
    Column("report", JSONB, nullable=False),
    _received_at(),
)

plan_versions = Table(
    "plan_versions",
    metadata,
    Column("version", Text, primary_key=True, comment="hash of the document"),
    Column("document", JSONB, nullable=False, comment="snapshot of the plan (routing.snapshot)"),
    Column("first_author", Text, nullable=False),
    _made_at("created_at"),
)

plan_publications = Table(
    "plan_publications",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True, comment="the highest is the one in force"),
    Column("version", Text, ForeignKey("plan_versions.version"), nullable=False),
    Column("kind", Text, nullable=False, comment="publish or rollback"),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    _made_at("published_at"),
    Column("previous_version", Text, ForeignKey("plan_versions.version"), comment="null: nothing was published before"),
)

overrides = Table(
    "overrides",
    metadata,
    Column("id", Text, primary_key=True),
    Column("scope", Text, nullable=False),
    Column("target", Text, nullable=False, comment="id of the service, queue or office; empty: the line"),
    Column("action", Text, nullable=False),
    Column("destination", Text, comment="queue or E.164 number; null: the action has none"),
    Column("until", DateTime(timezone=True), nullable=False, comment="when it ends by itself"),
    Column("reason", Text, nullable=False),
    Column("author", Text, nullable=False),
    _made_at("created_at"),
    Column("cleared_at", DateTime(timezone=True), comment="null: nobody ended it before its time"),
    Column("cleared_by", Text),
    Index("ix_overrides_created_at_id", text("created_at DESC"), text("id DESC")),
    Index("ix_overrides_open", "until", postgresql_where=text("cleared_at IS NULL")),
)
