"""Making and changing users; the endpoints own the transactions."""

import secrets

from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncConnection

from api.audit.actions import Action
from api.audit.trail import AuditTrail
from api.kit.auth import Role
from api.kit.exceptions import NotFoundError
from api.sessions.repository import end_sessions_of
from api.users import repository
from api.users.errors import LastAdminError, NameTakenError
from api.users.schemas import NewUser, User

_ID_BYTES = 6


async def add_user(connection: AsyncConnection, audit: AuditTrail, new: NewUser, password_hash: str) -> User:
    """Makes a person.

    Raises:
        NameTakenError: Somebody has the name.
    """
    user = await repository.add_user(connection, f"u{secrets.token_hex(_ID_BYTES)}", new, password_hash)
    if user is None:
        raise NameTakenError(f"there is a user {new.name} already")
    details: dict[str, JsonValue] = {"name": user.name, "role": user.role.value, "operator": user.operator}
    await audit.record(connection, Action.USER_ADDED, subject=user.id, details=details)
    return user


async def change_user(
    connection: AsyncConnection,
    audit: AuditTrail,
    user_id: str,
    *,
    is_disabled: bool | None,
    password_hash: str | None,
) -> User:
    """Disables, enables, gives another password; what is None stays. Ends the person's sessions.

    Raises:
        NotFoundError: There is nobody with this id.
        LastAdminError: Nobody could administer any more.
    """
    await repository.lock_users(connection)
    user = await _known(connection, user_id)
    if is_disabled is not None and is_disabled != (user.disabled_at is not None):
        await _refuse_last_admin(connection, user, is_disabled=is_disabled)
        await repository.set_disabled(connection, user_id, is_disabled=is_disabled)
        details: dict[str, JsonValue] = {"name": user.name, "is_disabled": is_disabled}
        await audit.record(connection, Action.USER_CHANGED, subject=user_id, details=details)
    if password_hash is not None:
        await change_password(connection, audit, user, password_hash)
    if is_disabled:
        await end_sessions_of(connection, user_id)
    return await _known(connection, user_id)


async def change_password(connection: AsyncConnection, audit: AuditTrail, user: User, password_hash: str) -> None:
    """Gives a person another password and ends all their sessions."""
    await repository.set_password(connection, user.id, password_hash)
    await end_sessions_of(connection, user.id)
    await audit.record(connection, Action.PASSWORD_CHANGED, subject=user.id, details={"name": user.name})


async def _known(connection: AsyncConnection, user_id: str) -> User:
    user = await repository.find_user(connection, user_id)
    if user is None:
        raise NotFoundError(f"there is no user {user_id}")
    return user


async def _refuse_last_admin(connection: AsyncConnection, user: User, *, is_disabled: bool) -> None:
    if is_disabled and user.role is Role.ADMIN and not await repository.other_admins(connection, user.id):
        raise LastAdminError(f"{user.name} is the last admin: make another one first")
