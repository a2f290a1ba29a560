"""SQL of sessions and of logins that were tried."""

from datetime import datetime

from sqlalchemy import RowMapping, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from api.sessions.tables import login_attempts, sessions
from api.users.tables import users

_LOCK_LOGINS = text("SELECT pg_advisory_xact_lock(hashtext('logins'))")


async def lock_logins(connection: AsyncConnection) -> None:
    """Lets one login be counted at a time, so that many at once cannot pass the limit together."""
    await connection.execute(_LOCK_LOGINS)


async def attempts(connection: AsyncConnection, *, name: str, address: str, window_s: float) -> tuple[int, int]:
    """Gives how many logins failed or go on within the last `window_s`: of this name, and from this address."""
    recent = login_attempts.c.tried_at > func.now() - func.make_interval(0, 0, 0, 0, 0, 0, window_s)
    statement = select(
        func.count().filter(login_attempts.c.name == name), func.count().filter(login_attempts.c.address == address)
    ).where(recent)
    of_name, of_address = (await connection.execute(statement)).one()
    return of_name, of_address


async def add_attempt(connection: AsyncConnection, *, name: str, address: str, window_s: float) -> int:
    """Counts a login as failed until it succeeds; gives its id. Forgets those outside the window."""
    old = login_attempts.c.tried_at < func.now() - func.make_interval(0, 0, 0, 0, 0, 0, window_s)
    await connection.execute(delete(login_attempts).where(old))
    statement = insert(login_attempts).values(name=name, address=address).returning(login_attempts.c.id)
    return int((await connection.execute(statement)).scalar_one())


async def forget_attempts(connection: AsyncConnection, name: str) -> None:
    """Forgets what failed before a login of this name succeeded."""
    await connection.execute(delete(login_attempts).where(login_attempts.c.name == name))


async def add_session(connection: AsyncConnection, digest: bytes, user_id: str, life_s: float) -> datetime:
    """Stores a session, forgets those that are over; gives when it ends."""
    await connection.execute(delete(sessions).where(sessions.c.expires_at < func.now()))
    ends_at = func.now() + func.make_interval(0, 0, 0, 0, 0, 0, life_s)
    statement = insert(sessions).values(digest=digest, user_id=user_id, expires_at=ends_at)
    moment: datetime = (await connection.execute(statement.returning(sessions.c.expires_at))).scalar_one()
    return moment


async def find_user(connection: AsyncConnection, digest: bytes) -> RowMapping | None:
    """Gives the user whose session it is, if both still count."""
    statement = (
        select(users.c.id, users.c.name, users.c.role, users.c.operator)
        .join_from(sessions, users, users.c.id == sessions.c.user_id)
        .where(sessions.c.digest == digest, sessions.c.expires_at > func.now(), users.c.disabled_at.is_(None))
    )
    return (await connection.execute(statement)).mappings().first()


async def end_session(connection: AsyncConnection, digest: bytes) -> None:
    """Ends one session."""
    await connection.execute(delete(sessions).where(sessions.c.digest == digest))


async def end_sessions_of(connection: AsyncConnection, user_id: str) -> None:
    """Ends all sessions of a person."""
    await connection.execute(delete(sessions).where(sessions.c.user_id == user_id))
