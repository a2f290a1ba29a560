"""Finds whose session or API token it is, in the database."""

from dataclasses import dataclass

from api.kit.auth import Principal, PrincipalKind
from api.kit.database import Database
from api.kit.roles import ROLE_SCOPES, Role, Scope
from api.sessions.repository import find_user
from api.tokens.repository import find_token
from api.users.schemas import User

_KNOWN_SCOPES = frozenset(Scope)


@dataclass(frozen=True, slots=True)
class StoredPrincipals:
    """Asks the database each time: what is revoked or disabled ends at once."""

    database: Database

    async def of_session(self, digest: bytes) -> Principal | None:
        """Gives whom a session belongs to; None: it is unknown or over."""
        async with self.database.snapshot() as connection:
            row = await find_user(connection, digest)
        if row is None:
            return None
        return _person(row["id"], row["name"], Role(row["role"]), row["operator"])

    async def of_token(self, digest: bytes) -> Principal | None:
        """Gives whom an API token belongs to; None: it is unknown, over or revoked."""
        async with self.database.snapshot() as connection:
            token = await find_token(connection, digest)
        if token is None:
            return None
        scopes = frozenset(scope for scope in _KNOWN_SCOPES if scope.value in token.scopes)
        return Principal(kind=PrincipalKind.TOKEN, id=token.id, name=token.name, scopes=scopes)


def principal_of(user: User) -> Principal:
    """Gives a person as who asks."""
    return _person(user.id, user.name, user.role, user.operator)


def _person(user_id: str, name: str, role: Role, operator: str | None) -> Principal:
    return Principal(
        kind=PrincipalKind.USER, id=user_id, name=name, role=role, operator=operator, scopes=ROLE_SCOPES[role]
    )
