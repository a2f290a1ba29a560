"""`/api/v1/tokens`: make, list, revoke API tokens."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import JsonValue

from api.audit.actions import Action
from api.audit.trail import AuditOf
from api.kit.answers import documented
from api.kit.auth import PrincipalOf, Scope, digest_of, requires
from api.kit.body import json_body, json_body_document
from api.kit.database import DatabaseOf
from api.kit.exceptions import BodyTooLargeError, BodyTooSlowError, InvalidRequestError, NotFoundError
from api.tokens import repository
from api.tokens.schemas import NewToken, Token, TokenList, TokenMade

router = APIRouter(prefix="/api/v1/tokens", tags=["tokens"], dependencies=[Depends(requires(Scope.TOKENS_WRITE))])

TokenIdPath = Annotated[str, Path(pattern=r"^t[0-9a-f]{1,32}$", examples=["t1f0c5a7e9b2d"])]
TOKEN_PREFIX = "hlt_"  # noqa: S105  stands before each token, so that people and scanners know one when they see it
_SECRET_BYTES = 32
_ID_BYTES = 6


@router.post(
    "",
    summary="Make an API token",
    status_code=201,
    responses=documented(BodyTooSlowError, BodyTooLargeError, InvalidRequestError),
    openapi_extra=json_body_document(NewToken),
)
async def post_token(
    new: Annotated[NewToken, Depends(json_body(NewToken))],
    principal: PrincipalOf,
    audit: AuditOf,
    database: DatabaseOf,
) -> TokenMade:
    """Makes a token for a machine; its secret is told this once."""
    secret, token_id = TOKEN_PREFIX + secrets.token_urlsafe(_SECRET_BYTES), f"t{secrets.token_hex(_ID_BYTES)}"
    async with database.transaction() as connection:
        token = await repository.add_token(connection, token_id, digest_of(secret), new, principal.name)
        details: dict[str, JsonValue] = {
            "name": token.name,
            "scopes": [*token.scopes],
            "expires_at": token.expires_at.isoformat(),
        }
        await audit.record(connection, Action.TOKEN_MADE, subject=token.id, details=details)
    return TokenMade(**token.model_dump(), secret=secret)


@router.get("", summary="List API tokens", responses=documented())
async def get_tokens(database: DatabaseOf) -> TokenList:
    """Gives tokens without their secrets."""
    async with database.snapshot() as connection:
        return TokenList(tokens=list(await repository.list_tokens(connection)))


@router.delete("/{token_id}", summary="Revoke an API token", responses=documented(NotFoundError, InvalidRequestError))
async def delete_token(token_id: TokenIdPath, audit: AuditOf, database: DatabaseOf) -> Token:
    """Ends a token at once; it stays in the list. A second time changes nothing."""
    async with database.transaction() as connection:
        found = await repository.revoke_token(connection, token_id)
        if found is None:
            raise NotFoundError(f"there is no token {token_id}")
        token, is_changed = found
        if is_changed:
            await audit.record(connection, Action.TOKEN_REVOKED, subject=token.id, details={"name": token.name})
    return token
