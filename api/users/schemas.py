"""What making, changing and listing users takes and answers."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator

from api.kit.auth import Role

SHORTEST_PASSWORD_CHARS = 12
LONGEST_PASSWORD_CHARS = 200
UserName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9._-]{1,63}$")]
OperatorName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
NewPassword = Annotated[SecretStr, Field(min_length=SHORTEST_PASSWORD_CHARS, max_length=LONGEST_PASSWORD_CHARS)]
"""Long rather than of many kinds. Source: NIST SP 800-63B, 5.1.1.2."""


class NewUser(BaseModel):
    """A person who shall log in."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {"name": "olena", "role": "operator", "operator": "s01", "password": "чотири слова мають сенс"}
            ]
        },
    )

    name: UserName
    role: Role
    operator: OperatorName | None = None
    """Id in the plan; null: takes no calls. Operators see this one's calls only."""
    password: NewPassword

    @model_validator(mode="after")
    def _operators_have_an_id(self) -> "NewUser":
        if self.role is Role.OPERATOR and self.operator is None:
            raise ValueError("an operator needs `operator`, the id in the plan")
        return self


class UserChange(BaseModel):
    """What shall be otherwise; what is left out stays."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"is_disabled": True}, {"password": "чотири слова мають сенс"}]},
    )

    is_disabled: bool | None = None
    """Disabling ends the person's sessions."""
    password: NewPassword | None = None
    """Ends the person's sessions."""

    @model_validator(mode="after")
    def _changes_something(self) -> "UserChange":
        if self.is_disabled is None and self.password is None:
            raise ValueError("give `is_disabled` or `password`")
        return self


class OwnPassword(BaseModel):
    """A person's own new password."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"present": "чотири слова мають сенс", "password": "інші чотири слова разом"}]},
    )

    present: Annotated[SecretStr, Field(max_length=LONGEST_PASSWORD_CHARS)]
    password: NewPassword


class User(BaseModel):
    """A person who may log in."""

    id: str = Field(examples=["u1f0c5a7e9b2d"])
    name: str = Field(examples=["olena"])
    role: Role
    operator: str | None = Field(examples=["s01"])
    created_at: datetime
    password_changed_at: datetime
    disabled_at: datetime | None
    """null: may log in."""


class UserList(BaseModel):
    """Everybody, by name."""

    users: list[User]
