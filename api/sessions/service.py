"""Logging in: attempts are counted before the password is looked at, so that many at once do not pass together."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncConnection

from api.audit.actions import Action
from api.audit.trail import AuditTrail
from api.kit.auth import Principal, digest_of
from api.kit.database import Database
from api.sessions import repository
from api.sessions.errors import LoginRefusedError, TooManyLoginsError
from api.sessions.principals import principal_of
from api.sessions.schemas import Login
from api.settings import ApiSettings
from api.users.passwords import Passwords
from api.users.repository import password_of

_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A session that has begun; `secret` goes into the cookie."""

    principal: Principal
    secret: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginDesk:
    """Takes logins; the database is the same for all processes, and so are the limits."""

    database: Database
    settings: ApiSettings
    passwords: Passwords
    audit: AuditTrail

    async def begin(self, login: Login, address: str) -> Begun:
        """Begins a session.

        Raises:
            TooManyLoginsError: Too many failed, of this name or from this address.
            LoginRefusedError: Name or password is wrong, or the person is disabled.
        """
        if not await self._admit(login.name, address):
            raise TooManyLoginsError(self.settings.login_window_s)
        async with self.database.snapshot() as connection:
            found = await password_of(connection, login.name)
        kept = None if found is None else found[1]
        is_right = await self.passwords.is_right(kept, login.password.get_secret_value())
        if found is None or not is_right:
            await self._refuse(login.name, address)
            raise LoginRefusedError("name or password is wrong")
        async with self.database.transaction() as connection:
            return await self._enter(connection, principal_of(found[0]), address)

    async def _admit(self, name: str, address: str) -> bool:
        """Counts the login; False: there were too many before, which is told in the audit once."""
        window_s = self.settings.login_window_s
        async with self.database.transaction() as connection:
            await repository.lock_logins(connection)
            of_name, of_address = await repository.attempts(connection, name=name, address=address, window_s=window_s)
            limits = (self.settings.logins_per_name, self.settings.logins_per_address)
            if of_name > limits[0] or of_address > limits[1]:
                return False
            await repository.add_attempt(connection, name=name, address=address, window_s=window_s)
            if of_name < limits[0] and of_address < limits[1]:
                return True
            details: dict[str, JsonValue] = {"name": name, "address": address, "window_s": round(window_s)}
            await self.audit.record(connection, Action.LOGIN_LOCKED, subject=name, details=details)
        return False

    async def _refuse(self, name: str, address: str) -> None:
        async with self.database.transaction() as connection:
            await self.audit.record(connection, Action.LOGIN_FAILED, subject=name, details={"address": address})

    async def _enter(self, connection: AsyncConnection, principal: Principal, address: str) -> Begun:
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        await repository.forget_attempts(connection, principal.name)
        life_s = self.settings.session_life_s
        expires_at = await repository.add_session(connection, digest_of(secret), principal.id, life_s)
        trail = self.audit.of(principal)
        await trail.record(connection, Action.SESSION_BEGUN, subject=principal.id, details={"address": address})
        return Begun(principal=principal, secret=secret, expires_at=expires_at)
