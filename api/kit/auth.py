"""Who may do what: bearer tokens with scopes, known by their SHA-256 digests only."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.kit.exceptions import ForbiddenError, UnauthorisedError
from asterisk_conf.instance_secrets import InstanceSecrets


class Scope(StrEnum):
    """What a token allows."""

    EVIDENCE_WRITE = "evidence:write"
    LIVE_WRITE = "live:write"
    CALLS_READ = "calls:read"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRule:
    """One token's digest and its scopes."""

    digest: bytes
    scopes: frozenset[Scope]


def digest_of(token: str) -> bytes:
    """Gives what is kept of a token."""
    return hashlib.sha256(token.encode()).digest()


def rules_of(secrets: InstanceSecrets) -> tuple[TokenRule, ...]:
    """Gives the instance's tokens."""
    node, console = secrets.token_node.get_secret_value(), secrets.token_console.get_secret_value()
    return (
        TokenRule(digest=digest_of(node), scopes=frozenset({Scope.EVIDENCE_WRITE, Scope.LIVE_WRITE})),
        TokenRule(digest=digest_of(console), scopes=frozenset({Scope.CALLS_READ})),
    )


def scopes_for(rules: tuple[TokenRule, ...], token: str) -> frozenset[Scope] | None:
    """Gives the scopes of `token`, None when nobody has it; compares with every rule, in constant time each."""
    digest = digest_of(token)
    found = None
    for rule in rules:
        if hmac.compare_digest(rule.digest, digest):
            found = rule.scopes
    return found


_bearer = HTTPBearer(auto_error=False, description="Token of the instance's secrets file")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


def requires(scope: Scope) -> Callable[..., None]:
    """Gives the dependency that lets only tokens with `scope` in."""

    def check(request: Request, credentials: Credentials) -> None:
        if credentials is None:
            raise UnauthorisedError("send `Authorization: Bearer <token>`")
        scopes = scopes_for(request.app.state.token_rules, credentials.credentials)
        if scopes is None:
            raise UnauthorisedError("this token is not known")
        if scope not in scopes:
            raise ForbiddenError(f"this token lacks the scope {scope}")

    return check
