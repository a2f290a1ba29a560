"""SQL of users."""

from collections.abc import Sequence

from sqlalchemy import RowMapping, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from api.kit.auth import Role
from api.users.schemas import NewUser, User
from api.users.tables import users

_SHOWN = tuple(users.c[name] for name in User.model_fields)
_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('users'))")


async def lock_users(connection: AsyncConnection) -> None:
    """Lets one change of roles happen at a time."""
    await connection.execute(_LOCK)


async def add_user(connection: AsyncConnection, user_id: str, new: NewUser, password_hash: str) -> User | None:
    """Stores a person; None: the name is taken."""
    values = {"name": new.name, "role": new.role.value, "operator": new.operator}
    statement = insert(users).values(id=user_id, password_hash=password_hash, **values)
    row = (await connection.execute(statement.on_conflict_do_nothing().returning(*_SHOWN))).mappings().first()
    return None if row is None else _user(row)


async def list_users(connection: AsyncConnection) -> Sequence[User]:
    """Gives everybody, by name."""
    rows = await connection.execute(select(*_SHOWN).order_by(users.c.name))
    return [_user(row) for row in rows.mappings()]


async def find_user(connection: AsyncConnection, user_id: str) -> User | None:
    """Gives one person and keeps the row from changing until the transaction ends."""
    statement = select(*_SHOWN).where(users.c.id == user_id).with_for_update()
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else _user(row)


async def password_of(connection: AsyncConnection, name: str) -> tuple[User, str] | None:
    """Gives a person who may log in, and the hash of the password."""
    statement = select(*_SHOWN, users.c.password_hash).where(users.c.name == name, users.c.disabled_at.is_(None))
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else (_user(row), row["password_hash"])


async def other_admins(connection: AsyncConnection, user_id: str) -> int:
    """Gives how many people beside one may administer."""
    statement = select(func.count()).where(
        users.c.role == Role.ADMIN.value, users.c.disabled_at.is_(None), users.c.id != user_id
    )
    return int((await connection.execute(statement)).scalar_one())


async def set_disabled(connection: AsyncConnection, user_id: str, *, is_disabled: bool) -> None:
    """Keeps a person from logging in, or lets them again."""
    moment = func.now() if is_disabled else None
    await connection.execute(update(users).where(users.c.id == user_id).values(disabled_at=moment))


async def set_password(connection: AsyncConnection, user_id: str, password_hash: str) -> None:
    """Keeps another password."""
    changed = {"password_hash": password_hash, "password_changed_at": func.now()}
    await connection.execute(update(users).where(users.c.id == user_id).values(**changed))


def _user(row: RowMapping) -> User:
    return User.model_validate({name: row[name] for name in User.model_fields})
