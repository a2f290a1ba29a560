"""SQL of topics."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.reports.counted import TOPICS
from api.reports.rollups import freshness_of_moments
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
    fresh = await freshness_of_moments(connection, query.started_from, query.started_before)
    asked = {"queue": query.queue, "office": query.office, "service": query.service, "topic_region": query.region}
    given = {name: value for name, value in asked.items() if value is not None}
    where = "".join(f" AND {name} = :{name}" for name in given)
    statement = f"{TOPICS.rows(fresh)} SELECT topic, sum(calls)::bigint FROM kept WHERE true{where} GROUP BY 1"  # noqa: S608  names of columns are ours
    return {row[0]: row[1] for row in await connection.execute(text(statement), fresh.parameters() | given)}
