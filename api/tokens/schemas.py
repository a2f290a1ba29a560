"""What making and listing API tokens takes and answers."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from api.kit.auth import Scope
from api.kit.roles import PEOPLE_ONLY_SCOPES
from api.kit.words import Author

LONGEST_LIFE_DAYS = 366


def _for_machines(scope: Scope) -> Scope:
    if scope in PEOPLE_ONLY_SCOPES:
        raise ValueError(f"{scope} is for people and the console only")
    return scope


class NewToken(BaseModel):
    """A token for a machine."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"name": "monthly report", "scopes": ["calls:read"], "life_days": 90}]},
    )

    name: Author
    """What uses it."""
    scopes: Annotated[list[Annotated[Scope, AfterValidator(_for_machines)]], Field(min_length=1, max_length=20)]
    life_days: Annotated[int, Field(ge=1, le=LONGEST_LIFE_DAYS)]
    """Every token ends."""


class Token(BaseModel):
    """A token, without its secret."""

    id: str = Field(examples=["t1f0c5a7e9b2d"])
    name: str = Field(examples=["monthly report"])
    scopes: list[str] = Field(examples=[["calls:read"]])
    created_at: datetime
    created_by: str = Field(examples=["olena"])
    expires_at: datetime
    revoked_at: datetime | None
    """null: nobody revoked it."""


class TokenMade(Token):
    """A token with its secret, shown this once."""

    secret: str = Field(examples=["hlt_…"])
    """Goes into `Authorization: Bearer`; only its digest is kept."""


class TokenList(BaseModel):
    """Tokens, newest first, also those that are over or revoked."""

    tokens: list[Token]
