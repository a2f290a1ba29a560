"""Setting, listing and clearing overrides; the endpoints own the transactions."""

import secrets

from sqlalchemy.ext.asyncio import AsyncConnection

from api.kit.exceptions import NotFoundError
from api.kit.pagination import Cursor, decode_cursor, encode_cursor
from api.overrides import repository
from api.overrides.checks import check_override
from api.overrides.errors import OverrideOverError
from api.overrides.schemas import OverrideFilters, OverridePage, OverrideRequest, StoredOverride
from api.plans.service import plan_of
from routing import snapshot

_ID_BYTES = 6


async def set_override(connection: AsyncConnection, request: OverrideRequest) -> StoredOverride:
    """Lays a switch over the plan.

    Raises:
        NoPlanError: No plan is in force.
        ApiError: It does not fit the plan or the clock (`check_override`).
    """
    stored = await plan_of(connection, None)
    check_override(snapshot.from_document(stored.document), request, await repository.now(connection))
    return await repository.add_override(connection, f"o{secrets.token_hex(_ID_BYTES)}", request)


async def clear_override(connection: AsyncConnection, override_id: str, author: str) -> StoredOverride:
    """Ends an override before its time.

    Raises:
        NotFoundError: There is no such override.
        OverrideOverError: It has ended already.
    """
    found = await repository.find_override(connection, override_id)
    if found is None:
        raise NotFoundError(f"there is no override {override_id}")
    if found.cleared_at is not None:
        raise OverrideOverError(f"{found.cleared_by} cleared it at {found.cleared_at:%Y-%m-%d %H:%M:%S} UTC")
    if not found.active:
        raise OverrideOverError(f"it ended by itself at {found.until:%Y-%m-%d %H:%M:%S} UTC")
    return await repository.clear_override(connection, override_id, author)


async def page_of_overrides(connection: AsyncConnection, filters: OverrideFilters) -> OverridePage:
    """Gives one page.

    Raises:
        InvalidCursorError: The cursor is not one that this api gave.
    """
    after = decode_cursor(filters.cursor) if filters.cursor else None
    rows = await repository.list_overrides(connection, active=filters.active, limit=filters.limit + 1, after=after)
    page = list(rows[: filters.limit])
    cursor = None
    if len(rows) > filters.limit:
        cursor = encode_cursor(Cursor(started_at=page[-1].created_at, call_id=page[-1].id))
    return OverridePage(overrides=page, next_cursor=cursor)
