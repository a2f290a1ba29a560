"""SQL of API tokens."""

from collections.abc import Sequence

from sqlalchemy import RowMapping, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from api.tokens.schemas import NewToken, Token
from api.tokens.tables import api_tokens

_SHOWN = tuple(api_tokens.c[name] for name in Token.model_fields)
_LISTED = 500


async def add_token(connection: AsyncConnection, token_id: str, digest: bytes, new: NewToken, created_by: str) -> Token:
    """Stores a token's digest."""
    statement = insert(api_tokens).values(
        id=token_id,
        name=new.name,
        digest=digest,
        scopes=sorted({scope.value for scope in new.scopes}),
        created_by=created_by,
        expires_at=func.now() + func.make_interval(0, 0, 0, new.life_days),
    )
    return _token((await connection.execute(statement.returning(*_SHOWN))).mappings().one())


async def find_token(connection: AsyncConnection, digest: bytes) -> Token | None:
    """Gives the token that counts now and has this digest."""
    statement = select(*_SHOWN).where(
        api_tokens.c.digest == digest, api_tokens.c.expires_at > func.now(), api_tokens.c.revoked_at.is_(None)
    )
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else _token(row)


async def list_tokens(connection: AsyncConnection) -> Sequence[Token]:
    """Gives the newest tokens."""
    statement = select(*_SHOWN).order_by(api_tokens.c.created_at.desc(), api_tokens.c.id).limit(_LISTED)
    return [_token(row) for row in (await connection.execute(statement)).mappings()]


async def revoke_token(connection: AsyncConnection, token_id: str) -> tuple[Token, bool] | None:
    """Revokes a token; gives it and whether it was not revoked before. None: there is no such token."""
    statement = select(*_SHOWN).where(api_tokens.c.id == token_id).with_for_update()
    before = (await connection.execute(statement)).mappings().first()
    if before is None:
        return None
    if before["revoked_at"] is not None:
        return _token(before), False
    change = update(api_tokens).where(api_tokens.c.id == token_id).values(revoked_at=func.now())
    return _token((await connection.execute(change.returning(*_SHOWN))).mappings().one()), True


def _token(row: RowMapping) -> Token:
    return Token.model_validate({name: row[name] for name in Token.model_fields})
