"""SQL of one person's data and of legal holds."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, func, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from api.detention.tables import detention_reports
from api.privacy.schemas import Hold
from api.privacy.tables import legal_holds
from api.schema import caller_numbers, calls, quarantine
from api.topics.tables import call_topics

_LISTED = 500
_BATCH_ROWS = 500
_NO_HURRY = text("SELECT set_config('statement_timeout', '0', true)")
_RENAME_IN_EVIDENCE = text(
    "UPDATE evidence SET payload = replace(payload::text, :old, :new)::jsonb "
    "WHERE payload::text LIKE '%' || CAST(:old AS text) || '%'"
)


async def take_time(connection: AsyncConnection) -> None:
    """Lets statements of this transaction take as long as they need: they read all evidence."""
    await connection.execute(_NO_HURRY)


async def sealed_number(connection: AsyncConnection, call_id: str) -> bytes | None:
    """Gives the sealed number of a call; None: it has none."""
    statement = (
        select(caller_numbers.c.number_encrypted)
        .join(calls, calls.c.number_pseudonym == caller_numbers.c.pseudonym)
        .where(calls.c.call_id == call_id)
    )
    found: bytes | None = (await connection.execute(statement)).scalar_one_or_none()
    return found


async def known_number(connection: AsyncConnection, pseudonym: str) -> tuple[bytes, datetime] | None:
    """Gives the sealed number of a person and when it was first seen."""
    statement = select(caller_numbers.c.number_encrypted, caller_numbers.c.first_seen_at)
    row = (await connection.execute(statement.where(caller_numbers.c.pseudonym == pseudonym))).first()
    return None if row is None else (row[0], row[1])


async def calls_of(connection: AsyncConnection, pseudonym: str, limit: int | None = None) -> list[str]:
    """Gives ids of a person's calls, newest first."""
    statement = select(calls.c.call_id).where(calls.c.number_pseudonym == pseudonym)
    statement = statement.order_by(calls.c.started_at.desc(), calls.c.call_id)
    return list((await connection.execute(statement.limit(limit))).scalars())


async def notes_of(connection: AsyncConnection, call_ids: Sequence[str]) -> Sequence[RowMapping]:
    """Gives the sealed notes on calls."""
    statement = select(call_topics.c.call_id, call_topics.c.classified_at, call_topics.c.note_encrypted).where(
        call_topics.c.call_id.in_(call_ids), call_topics.c.note_encrypted.is_not(None)
    )
    return (await connection.execute(statement.order_by(call_topics.c.id))).mappings().all()


async def detention_reports_of(connection: AsyncConnection, call_ids: Sequence[str]) -> list[int]:
    """Gives ids of the reports of detentions that came by calls."""
    statement = select(detention_reports.c.id).where(detention_reports.c.call_id.in_(call_ids))
    return list((await connection.execute(statement.order_by(detention_reports.c.id))).scalars())


async def rename(connection: AsyncConnection, old: str, new: str) -> tuple[int, int]:
    """Puts another pseudonym in the old one's place; gives how many calls and lines of evidence had it."""
    renamed = update(calls).where(calls.c.number_pseudonym == old).values(number_pseudonym=new)
    of_calls = (await connection.execute(renamed)).rowcount
    of_evidence = (await connection.execute(_RENAME_IN_EVIDENCE, {"old": old, "new": new})).rowcount
    return of_calls, of_evidence


async def destroy_number(connection: AsyncConnection, pseudonym: str) -> None:
    """Destroys the sealed number."""
    await connection.execute(caller_numbers.delete().where(caller_numbers.c.pseudonym == pseudonym))


async def destroy_notes(connection: AsyncConnection, call_ids: Sequence[str]) -> int:
    """Destroys what was written about calls; their topics stay."""
    has_note = call_topics.c.call_id.in_(call_ids) & call_topics.c.note_encrypted.is_not(None)
    return (await connection.execute(update(call_topics).where(has_note).values(note_encrypted=None))).rowcount


async def quarantined_lines(connection: AsyncConnection, after_id: int) -> Sequence[tuple[int, bytes]]:
    """Gives sealed lines that could not be read, by id, some at a time."""
    statement = select(quarantine.c.id, quarantine.c.line_encrypted).where(quarantine.c.id > after_id)
    rows = await connection.execute(statement.order_by(quarantine.c.id).limit(_BATCH_ROWS))
    return [(row[0], row[1]) for row in rows]


async def replace_line(connection: AsyncConnection, line_id: int, sealed: bytes) -> None:
    """Puts another sealed text in a line's place; its position stays, so that it does not come again."""
    await connection.execute(update(quarantine).where(quarantine.c.id == line_id).values(line_encrypted=sealed))


async def holds_on(connection: AsyncConnection, pseudonym: str, call_ids: Sequence[str]) -> list[str]:
    """Gives ids of holds in force on a person or on calls."""
    concerns = or_(legal_holds.c.pseudonym == pseudonym, legal_holds.c.call_id.in_(call_ids))
    statement = select(legal_holds.c.id).where(legal_holds.c.released_at.is_(None), concerns)
    return list((await connection.execute(statement.order_by(legal_holds.c.id))).scalars())


async def add_hold(
    connection: AsyncConnection, hold_id: str, *, call_id: str | None, pseudonym: str | None, reason: str, author: str
) -> Hold:
    """Stores a hold."""
    values = {"id": hold_id, "call_id": call_id, "pseudonym": pseudonym, "reason": reason, "created_by": author}
    statement = insert(legal_holds).values(**values).returning(*legal_holds.c)
    return _hold((await connection.execute(statement)).mappings().one())


async def list_holds(connection: AsyncConnection) -> list[Hold]:
    """Gives holds, newest first."""
    statement = select(legal_holds).order_by(legal_holds.c.created_at.desc(), legal_holds.c.id).limit(_LISTED)
    return [_hold(row) for row in (await connection.execute(statement)).mappings()]


async def find_hold(connection: AsyncConnection, hold_id: str) -> Hold | None:
    """Gives a hold and keeps it from changing until the transaction ends."""
    statement = select(legal_holds).where(legal_holds.c.id == hold_id).with_for_update()
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else _hold(row)


async def release_hold(connection: AsyncConnection, hold_id: str, author: str) -> Hold:
    """Ends a hold."""
    values = {"released_at": func.now(), "released_by": author}
    statement = update(legal_holds).where(legal_holds.c.id == hold_id).values(**values).returning(*legal_holds.c)
    return _hold((await connection.execute(statement)).mappings().one())


def _hold(row: RowMapping) -> Hold:
    return Hold.model_validate({str(name): value for name, value in row.items()})
