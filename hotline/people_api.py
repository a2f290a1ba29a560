"""Asks the api for people, tokens, the audit, one person's data, retention and keys, with the console's token."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import JsonValue

from api.audit.schemas import AuditPage, AuditVerdict
from api.privacy.schemas import Erased, RetentionRun, Rotation
from api.tokens.schemas import Token, TokenList, TokenMade
from api.users.schemas import User, UserList
from asterisk_conf.instance import InstancePaths
from asterisk_conf.instance_secrets import read_secrets
from asterisk_conf.site import read_site
from hotline.errors import HotlineError
from hotline.http_api import HttpApi, open_api, parse
from hotline.ports import LOOPBACK

LONG_S = 3_600.0
"""Erasing, retention and keys read everything that there is."""
Body = dict[str, JsonValue]


class PeopleApi:
    """Everything about who may do what. Every method raises `RefusedError` or `LogApiError`."""

    def __init__(self, http: HttpApi) -> None:
        self._http = http

    async def add_user(self, body: Body) -> User:
        """Makes a person."""
        return parse(User, await self._http.post("/api/v1/users", body))

    async def users(self) -> list[User]:
        """Gives everybody."""
        return parse(UserList, await self._http.get("/api/v1/users")).users

    async def change_user(self, name: str, body: Body) -> User:
        """Changes the person of this name.

        Raises:
            HotlineError: There is nobody of this name.
        """
        found = [user for user in await self.users() if user.name == name]
        if not found:
            raise HotlineError(f"there is no user {name}; `hotline users list` shows all")
        return parse(User, await self._http.patch(f"/api/v1/users/{found[0].id}", body))

    async def add_token(self, body: Body) -> TokenMade:
        """Makes a token."""
        return parse(TokenMade, await self._http.post("/api/v1/tokens", body))

    async def tokens(self) -> list[Token]:
        """Gives the newest tokens."""
        return parse(TokenList, await self._http.get("/api/v1/tokens")).tokens

    async def revoke_token(self, token_id: str) -> Token:
        """Ends a token."""
        return parse(Token, await self._http.delete(f"/api/v1/tokens/{token_id}", {}))

    async def verify_audit(self, expected: dict[str, str]) -> AuditVerdict:
        """Has the whole chain checked."""
        return parse(AuditVerdict, await self._http.get("/api/v1/audit/verdict", expected))

    async def audit(self, limit: int) -> AuditPage:
        """Gives the newest rows."""
        return parse(AuditPage, await self._http.get("/api/v1/audit", {"limit": str(limit)}))

    async def export_person(self, number: str, reason: str) -> bytes:
        """Gives everything about a number, as JSON."""
        return await self._http.post("/api/v1/persons/export", {"number": number, "reason": reason})

    async def erase_person(self, number: str, reason: str) -> Erased:
        """Erases a number."""
        body: Body = {"number": number, "reason": reason}
        return parse(Erased, await self._http.post("/api/v1/persons/erase", body))

    async def run_retention(self, *, is_dry: bool) -> RetentionRun:
        """Runs retention once."""
        return parse(RetentionRun, await self._http.post("/api/v1/retention/runs", {"is_dry": is_dry}))

    async def rotate_keys(self) -> Rotation:
        """Has the api take the keys of the secrets file and seal everything anew."""
        return parse(Rotation, await self._http.post("/api/v1/keys/rotation", {}))


@asynccontextmanager
async def open_people(paths: InstancePaths) -> AsyncIterator[PeopleApi]:
    """Opens the api of the line in an instance folder.

    Raises:
        SiteError, SecretsError: There is no line in this folder.
    """
    site = read_site(paths.site_file)
    url, secrets = f"http://{LOOPBACK}:{site.api_port}", read_secrets(paths.secrets_file)
    async with open_api(url, secrets, deadline_s=LONG_S) as http:
        yield PeopleApi(http)
