"""SQL of topics."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, insert, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from api.projection.words import CallOutcome
from api.schema import call_legs, calls
from api.topics.schemas import ShareQuery
from api.topics.tables import call_topics


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicRow:
    """One word on what a call was about; the note is sealed."""

    topic: str | None
    region: str | None
    note_encrypted: bytes | None
    author: str
    plan_version: str
    classified_at: datetime


async def has_call(connection: AsyncConnection, call_id: str, operator: str | None) -> bool:
    """Tells whether there is such a call, in which `operator` took part (None: anybody)."""
    statement = select(calls.c.call_id).where(calls.c.call_id == call_id)
    if operator is not None:
        legs = select(call_legs.c.call_id).where(call_legs.c.call_id == call_id, call_legs.c.operator == operator)
        statement = statement.where(or_(calls.c.operator == operator, legs.exists()))
    return (await connection.execute(statement)).first() is not None


async def add_topic(
    connection: AsyncConnection,
    call_id: str,
    *,
    topic: str | None,
    region: str | None,
    note_encrypted: bytes | None,
    author: str,
    plan_version: str,
) -> None:
    """Adds the newest word on a call."""
    values = {
        "call_id": call_id,
        "topic": topic,
        "region": region,
        "note_encrypted": note_encrypted,
        "author": author,
        "plan_version": plan_version,
        "classified_at": func.clock_timestamp(),
    }
    await connection.execute(insert(call_topics).values(**values))


async def topics_of_call(connection: AsyncConnection, call_id: str, limit: int) -> Sequence[TopicRow]:
    """Gives the words on a call, newest first."""
    columns = [call_topics.c[name] for name in TopicRow.__slots__]
    statement = select(*columns).where(call_topics.c.call_id == call_id).order_by(call_topics.c.id.desc()).limit(limit)
    return [TopicRow(**row) for row in (await connection.execute(statement)).mappings()]


async def count_by_topic(connection: AsyncConnection, query: ShareQuery) -> dict[str | None, int]:
    """Gives answered calls by the topic that counts; None: they have none."""
    latest = (
        select(call_topics.c.topic, call_topics.c.region)
        .where(call_topics.c.call_id == calls.c.call_id)
        .order_by(call_topics.c.id.desc())
        .limit(1)
        .lateral("latest")
    )
    conditions: list[ColumnElement[bool]] = [
        calls.c.started_at >= query.started_from,
        calls.c.started_at < query.started_before,
        calls.c.outcome.in_((CallOutcome.ANSWERED, CallOutcome.TRANSFERRED)),
    ]
    columns = {calls.c.queue: query.queue, calls.c.office: query.office, calls.c.service: query.service}
    conditions += [column == value for column, value in columns.items() if value is not None]
    if query.region is not None:
        conditions.append(latest.c.region == query.region)
    statement = (
        select(latest.c.topic, func.count())
        .select_from(calls.outerjoin(latest, true()))
        .where(*conditions)
        .group_by(latest.c.topic)
    )
    return {row[0]: row[1] for row in await connection.execute(statement)}
