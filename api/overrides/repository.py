"""SQL of overrides. What is in force is decided by the database's clock."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, and_, func, insert, not_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from api.kit.pagination import Cursor
from api.overrides.schemas import OverrideRequest, StoredOverride
from api.schema import overrides
from routing.overrides import Override, OverrideAction, OverrideScope

_IN_FORCE = and_(overrides.c.cleared_at.is_(None), overrides.c.until > func.now())


async def now(connection: AsyncConnection) -> datetime:
    """Gives the moment by the database's clock."""
    moment: datetime = (await connection.execute(select(func.now()))).scalar_one()
    return moment


async def overrides_in_force(connection: AsyncConnection) -> tuple[Override, ...]:
    """Gives the overrides in force, the oldest first."""
    statement = select(overrides).where(_IN_FORCE).order_by(overrides.c.created_at, overrides.c.id)
    return tuple(_override(row) for row in (await connection.execute(statement)).mappings())


async def list_overrides(
    connection: AsyncConnection, *, active: bool | None, limit: int, after: Cursor | None
) -> Sequence[StoredOverride]:
    """Gives overrides, newest first: all, those in force, or those that are over."""
    conditions: list[ColumnElement[bool]] = []
    if active is not None:
        conditions.append(_IN_FORCE if active else not_(_IN_FORCE))
    if after is not None:
        conditions.append(tuple_(overrides.c.created_at, overrides.c.id) < (after.started_at, after.call_id))
    statement = (
        select(*overrides.c, _IN_FORCE.label("active"))
        .where(*conditions)
        .order_by(overrides.c.created_at.desc(), overrides.c.id.desc())
        .limit(limit)
    )
    return [_stored(row) for row in (await connection.execute(statement)).mappings()]


async def find_override(connection: AsyncConnection, override_id: str) -> StoredOverride | None:
    """Gives one override and keeps it from changing until the transaction ends; None when there is none."""
    statement = select(*overrides.c, _IN_FORCE.label("active")).where(overrides.c.id == override_id)
    row = (await connection.execute(statement.with_for_update())).mappings().first()
    return None if row is None else _stored(row)


async def add_override(connection: AsyncConnection, override_id: str, request: OverrideRequest) -> StoredOverride:
    """Stores an override; it is in force from now on."""
    statement = (
        insert(overrides)
        .values(
            id=override_id,
            scope=request.scope.value,
            target=request.target,
            action=request.action.value,
            destination=request.destination,
            until=request.until,
            reason=request.reason,
            author=request.author,
        )
        .returning(*overrides.c, _IN_FORCE.label("active"))
    )
    return _stored((await connection.execute(statement)).mappings().one())


async def clear_override(connection: AsyncConnection, override_id: str, author: str) -> StoredOverride:
    """Ends an override before its time."""
    statement = (
        update(overrides)
        .where(overrides.c.id == override_id)
        .values(cleared_at=func.now(), cleared_by=author)
        .returning(*overrides.c, _IN_FORCE.label("active"))
    )
    return _stored((await connection.execute(statement)).mappings().one())


def _stored(row: RowMapping) -> StoredOverride:
    return StoredOverride.model_validate({str(name): value for name, value in row.items()})


def _override(row: RowMapping) -> Override:
    return Override(
        id=row["id"],
        scope=OverrideScope(row["scope"]),
        target=row["target"],
        action=OverrideAction(row["action"]),
        destination=row["destination"],
        until=row["until"],
        reason=row["reason"],
        author=row["author"],
        created_at=row["created_at"],
    )
