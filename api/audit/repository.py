"""SQL of the audit: rows are added under one lock, in the transaction of what they tell of."""

from collections.abc import AsyncIterator, Sequence

from sqlalchemy import RowMapping, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from api.audit.chain import EMPTY, TRIMMED, ChainRow, Link
from api.audit.schemas import AuditFilters
from api.audit.tables import audit_head, audit_log

_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('audit_log'))")
_ALLOW_TRIMMING = text("SET LOCAL hotline.audit_retention = 'on'")
_HEAD_ID = 1
_BATCH_ROWS = 5_000


async def lock_chain(connection: AsyncConnection) -> None:
    """Lets one transaction at a time add rows; held until it ends."""
    await connection.execute(_LOCK)


async def read_head(connection: AsyncConnection) -> Link:
    """Gives the end of the chain."""
    row = (await connection.execute(select(audit_head.c.seq, audit_head.c.hash))).mappings().first()
    return EMPTY if row is None else Link(seq=row["seq"], hash=row["hash"])


async def add_row(connection: AsyncConnection, row: ChainRow) -> None:
    """Stores a row and moves the head on to it."""
    values = {name: getattr(row, name) for name in row.__slots__}
    await connection.execute(insert(audit_log).values(values))
    moved = {"seq": row.seq, "hash": row.hash}
    statement = insert(audit_head).values(id=_HEAD_ID, **moved)
    await connection.execute(statement.on_conflict_do_update(index_elements=[audit_head.c.id], set_=moved))


async def every_row(connection: AsyncConnection) -> AsyncIterator[ChainRow]:
    """Gives the whole chain in order, a batch in memory at a time."""
    last_seq = 0
    while True:
        statement = select(audit_log).where(audit_log.c.seq > last_seq).order_by(audit_log.c.seq).limit(_BATCH_ROWS)
        rows = [chain_row(row) for row in (await connection.execute(statement)).mappings()]
        for row in rows:
            yield row
        if len(rows) < _BATCH_ROWS:
            return
        last_seq = rows[-1].seq


async def last_trimming(connection: AsyncConnection) -> ChainRow | None:
    """Gives the newest row in which retention says what it took from the beginning."""
    statement = select(audit_log).where(audit_log.c.action == TRIMMED).order_by(audit_log.c.seq.desc()).limit(1)
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else chain_row(row)


async def last_row_before(connection: AsyncConnection, age_days: int) -> ChainRow | None:
    """Gives the newest row that is older than so many days."""
    moment = func.now() - func.make_interval(0, 0, 0, age_days)
    statement = select(audit_log).where(audit_log.c.at < moment).order_by(audit_log.c.seq.desc()).limit(1)
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else chain_row(row)


async def count_through(connection: AsyncConnection, seq: int) -> int:
    """Gives how many rows there are up to one."""
    statement = select(func.count()).select_from(audit_log).where(audit_log.c.seq <= seq)
    return int((await connection.execute(statement)).scalar_one())


async def trim_through(connection: AsyncConnection, seq: int) -> None:
    """Removes the beginning of the chain; the only rows of it that are ever removed."""
    await connection.execute(_ALLOW_TRIMMING)
    await connection.execute(delete(audit_log).where(audit_log.c.seq <= seq))


async def list_rows(connection: AsyncConnection, filters: AuditFilters, before_seq: int | None) -> Sequence[ChainRow]:
    """Gives rows, newest first, one more than a page holds when there are more."""
    columns = {audit_log.c.action: filters.action, audit_log.c.actor_name: filters.actor}
    conditions = [column == value for column, value in columns.items() if value is not None]
    if filters.subject is not None:
        conditions.append(audit_log.c.subject == filters.subject)
    if before_seq is not None:
        conditions.append(audit_log.c.seq < before_seq)
    statement = select(audit_log).where(*conditions).order_by(audit_log.c.seq.desc()).limit(filters.limit + 1)
    return [chain_row(row) for row in (await connection.execute(statement)).mappings()]


def chain_row(row: RowMapping) -> ChainRow:
    """Gives a row as the chain knows it."""
    return ChainRow(**{str(name): value for name, value in row.items()})
