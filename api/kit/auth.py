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
    PLANS_READ = "plans:read"
    """Plans, overrides, nodes and what they should have in force."""
    PLANS_WRITE = "plans:write"
    OVERRIDES_WRITE = "overrides:write"


NODE_SCOPES = frozenset({Scope.EVIDENCE_WRITE, Scope.LIVE_WRITE, Scope.PLANS_READ, Scope.OVERRIDES_WRITE})
"""A node sets overrides for the operators who dial the code."""
CONSOLE_SCOPES = frozenset({Scope.CALLS_READ, Scope.PLANS_READ, Scope.PLANS_WRITE, Scope.OVERRIDES_WRITE})


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
        TokenRule(digest=digest_of(node), scopes=NODE_SCOPES),
        TokenRule(digest=digest_of(console), scopes=CONSOLE_SCOPES),
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
