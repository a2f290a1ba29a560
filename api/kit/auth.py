"""Who may do what: a principal (a person, a machine's token, the instance itself) with scopes; routes name theirs.

What each role may is in `api.kit.roles`. Tokens are known by their SHA-256 digests only.
"""

import hashlib
import hmac
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, NoReturn, Protocol

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from api.kit.csrf import check_same_site
from api.kit.exceptions import ForbiddenError, UnauthorisedError
from api.kit.roles import CONSOLE_SCOPES, NODE_SCOPES, Role, Scope
from asterisk_conf.instance_secrets import InstanceSecrets

__all__ = ["CONSOLE_SCOPES", "NODE_SCOPES", "PrincipalOf", "Role", "Scope", "requires"]

SESSION_COOKIE = "hotline_session"
BY_HEADER = "X-Hotline-By"
"""Login name of who uses the commands on this machine; for the audit."""
_LOGIN = re.compile(r"[A-Za-z0-9._-]{1,64}")


class PrincipalKind(StrEnum):
    """What somebody who asks is."""

    INSTANCE = "instance"
    """A token of the secrets file: the node, or the commands on this machine."""
    TOKEN = "token"  # noqa: S105  a word, no secret
    USER = "user"
    SYSTEM = "system"
    """The api itself, at night."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who asks. `operator` is the plan's operator that a person is; None: none."""

    kind: PrincipalKind
    id: str
    name: str
    scopes: frozenset[Scope]
    role: Role | None = None
    operator: str | None = None

    @property
    def sees_own_calls_only(self) -> bool:
        """Operators see the calls that they took part in."""
        return self.role is Role.OPERATOR

    @property
    def taken_part(self) -> str | None:
        """The operator whose calls alone are shown; None: all calls are. Empty: nobody's."""
        return (self.operator or "") if self.sees_own_calls_only else None


def author_of(principal: Principal, told: str) -> str:
    """Gives who answers for a change: the user who is logged in, whatever the body says; else whom a machine tells."""
    return principal.name if principal.kind is PrincipalKind.USER else told


class Admission(Protocol):
    """Counts requests; each method raises `TooManyRequestsError` when there were too many."""

    def admit(self, key: str, *, is_instance: bool) -> None:
        """Lets one request of a principal in."""

    def admit_stranger(self, address: str | None, route: str = "") -> None:
        """Lets one request of nobody known in; `route`: one that is open to everybody."""

    def check_stranger(self, address: str | None, digest: bytes) -> None:
        """Keeps guesses from the database."""

    def remember(self, digest: bytes) -> None:
        """Notes that a token or session was right."""


class Refusals(Protocol):
    """Keeps who was refused."""

    async def note(self, principal: Principal, method: str, route: str) -> None:
        """Tells the audit; never raises."""


class Principals(Protocol):
    """Knows tokens and sessions that the database keeps."""

    async def of_token(self, digest: bytes) -> Principal | None:
        """Gives whom an API token belongs to; None: it is unknown, over or revoked."""

    async def of_session(self, digest: bytes) -> Principal | None:
        """Gives whom a session belongs to; None: it is unknown or over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRule:
    """One of the instance's tokens: its digest, and who uses it."""

    digest: bytes
    principal: Principal


def digest_of(token: str) -> bytes:
    """Gives what is kept of a token."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()


def rules_of(secrets: InstanceSecrets) -> tuple[TokenRule, ...]:
    """Gives the instance's tokens."""
    node, console = secrets.token_node.get_secret_value(), secrets.token_console.get_secret_value()
    return (_rule(node, "node", NODE_SCOPES), _rule(console, "console", CONSOLE_SCOPES))


def _rule(token: str, name: str, scopes: frozenset[Scope]) -> TokenRule:
    principal = Principal(kind=PrincipalKind.INSTANCE, id=name, name=name, scopes=scopes)
    return TokenRule(digest=digest_of(token), principal=principal)


def instance_principal(rules: tuple[TokenRule, ...], digest: bytes) -> Principal | None:
    """Gives whose token it is, None when not the instance's; compares with every rule, in constant time each."""
    found = None
    for rule in rules:
        if hmac.compare_digest(rule.digest, digest):
            found = rule.principal
    return found


_bearer = HTTPBearer(auto_error=False, description="Token of the instance's secrets file, or an API token")
_cookie = APIKeyCookie(name=SESSION_COOKIE, auto_error=False, description="Session of `POST /api/v1/sessions`")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
SessionCookie = Annotated[str | None, Depends(_cookie)]


async def authenticate(request: Request, credentials: Credentials, session: SessionCookie) -> Principal:
    """Tells who asks; a token counts before a session.

    Raises:
        UnauthorisedError: Nobody known.
        TooManyRequestsError: Too many requests of this principal, or from this address.
        CsrfRefusedError: A browser would change something with a session, at the bidding of another site's page.
    """
    if credentials is None and session is None:
        _refuse_stranger(request, "send `Authorization: Bearer <token>`, or begin a session")
    if credentials is not None:
        principal = await _of_token(request, credentials.credentials)
    else:
        principal = await _of_session(request, session or "")
        check_same_site(request)
    _door(request).admit(f"{principal.kind}:{principal.id}", is_instance=principal.kind is PrincipalKind.INSTANCE)
    return principal


def _door(request: Request) -> Admission:
    door: Admission = request.app.state.door
    return door


def _address(request: Request) -> str | None:
    return None if request.client is None else request.client.host


def _refuse_stranger(request: Request, why: str) -> NoReturn:
    _door(request).admit_stranger(_address(request))
    raise UnauthorisedError(why)


def limit_strangers(request: Request) -> None:
    """Counts a request of a route that is open to everybody; a dependency of such routes.

    Raises:
        TooManyRequestsError: Too many came from this address.
    """
    _door(request).admit_stranger(_address(request), _route_of(request))


async def _of_session(request: Request, session: str) -> Principal:
    digest = digest_of(session)
    _door(request).check_stranger(_address(request), digest)
    principals: Principals = request.app.state.principals
    principal = await principals.of_session(digest)
    if principal is None:
        _refuse_stranger(request, "this session is over")
    _door(request).remember(digest)
    return principal


async def _of_token(request: Request, token: str) -> Principal:
    digest = digest_of(token)
    principal = instance_principal(request.app.state.token_rules, digest)
    if principal is not None:
        return _with_login(principal, request.headers.get(BY_HEADER, ""))
    _door(request).check_stranger(_address(request), digest)
    principals: Principals = request.app.state.principals
    principal = await principals.of_token(digest)
    if principal is None:
        _refuse_stranger(request, "this token is not known, or no longer valid")
    _door(request).remember(digest)
    return principal


StillAllowed = Callable[[], Awaitable[bool]]
"""Asks anew whether who began something may go on with it."""


def still_allowed(scope: Scope) -> Callable[..., StillAllowed]:
    """Gives the dependency of a stream: what it gives tells whether token or session still count and have `scope`."""

    def dependency(request: Request, credentials: Credentials, session: SessionCookie) -> StillAllowed:
        principals: Principals = request.app.state.principals

        async def ask() -> bool:
            if credentials is None:
                found = await principals.of_session(digest_of(session or ""))
            else:
                digest = digest_of(credentials.credentials)
                known = instance_principal(request.app.state.token_rules, digest)
                found = known or await principals.of_token(digest)
            return found is not None and scope in found.scopes

        return ask

    return dependency


def _with_login(principal: Principal, login: str) -> Principal:
    """Adds who sits at the keyboard, as the commands tell it: whoever has the instance's token may be believed."""
    return replace(principal, name=f"{principal.name} ({login})") if _LOGIN.fullmatch(login) else principal


def requires(scope: Scope) -> Callable[..., Awaitable[Principal]]:
    """Gives the dependency that lets only principals with `scope` in; `PrincipalOf` gives them to the endpoint."""

    async def check(request: Request, credentials: Credentials, session: SessionCookie) -> Principal:
        principal = await authenticate(request, credentials, session)
        if scope not in principal.scopes:
            refusals: Refusals = request.app.state.refusals
            await refusals.note(principal, request.method, _route_of(request))
            raise ForbiddenError(f"{principal.name} lacks the scope {scope}")
        request.state.principal = principal
        return principal

    return check


def _route_of(request: Request) -> str:
    """Gives the route's pattern: what was put into it may be anything."""
    return str(getattr(request.scope.get("route"), "path", ""))


def _principal(request: Request) -> Principal:
    principal = request.state.principal
    assert isinstance(principal, Principal)  # noqa: S101  the route's `requires` has put it there
    return principal


PrincipalOf = Annotated[Principal, Depends(_principal)]
"""Who asks, on routes that have `requires(…)` among their dependencies."""
