"""What a login takes and answers."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from api.kit.auth import PrincipalKind, Role
from api.users.schemas import LONGEST_PASSWORD_CHARS

GivenName = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]{1,64}$")]


class Login(BaseModel):
    """A name and its password."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"name": "olena", "password": "чотири слова мають сенс"}]},
    )

    name: GivenName
    password: Annotated[SecretStr, Field(min_length=1, max_length=LONGEST_PASSWORD_CHARS)]


class Me(BaseModel):
    """Who asks, and what they may."""

    kind: PrincipalKind
    name: str = Field(examples=["olena"])
    role: Role | None
    operator: str | None = Field(examples=["s01"])
    scopes: list[str] = Field(examples=[["calls:read", "plans:read", "session"]])


class SessionBegun(Me):
    """A session; its secret is in the cookie only."""

    expires_at: datetime
