"""What the audit answers."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from api.audit.actions import Action
from api.kit.auth import PrincipalKind, Role
from api.kit.pagination import CURSOR_LIMIT_CHARS, DEFAULT_PAGE, PAGE_LIMIT

Known = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,200}$")]
HashText = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class AuditRow(BaseModel):
    """Who did what to what."""

    seq: int = Field(examples=[17])
    at: datetime
    actor_kind: PrincipalKind
    actor_id: str = Field(examples=["u1f0c5a7e9b2d"])
    actor_name: str = Field(examples=["olena"])
    actor_role: Role | None
    action: str = Field(examples=["number.show"])
    subject: str = Field(examples=["node1-1795510790.7"])
    details: dict[str, JsonValue] = Field(examples=[{"reason": "зворотний дзвінок"}])
    hash: HashText


class AuditPage(BaseModel):
    """One page of the audit, newest first."""

    rows: list[AuditRow]
    next_cursor: str | None
    """Give it as `cursor` to get the next page; null: there is none."""


class AuditFilters(BaseModel):
    """Query parameters; what is left out does not filter."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    action: Action | None = None
    actor: Known | None = Field(default=None, description="Name of who did it.", examples=["olena"])
    subject: Known | None = Field(default=None, examples=["node1-1795510790.7"])
    limit: int = Field(default=DEFAULT_PAGE, ge=1, le=PAGE_LIMIT)
    cursor: str | None = Field(
        default=None, max_length=CURSOR_LIMIT_CHARS, description="`next_cursor` of a page; empty: the first."
    )


class AuditVerdict(BaseModel):
    """Whether the chain is whole."""

    is_whole: bool
    faults: list[str] = Field(examples=[["row 17 was altered"]])
    """At most 100, in words."""
    rows: int = Field(examples=[4_711])
    first_seq: int | None
    """null: no row."""
    head_seq: int
    head_hash: HashText
    """Keep seq and hash elsewhere: a later chain must still hold them."""


class VerifyQuery(BaseModel):
    """A head that was kept elsewhere."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    expect_seq: int | None = Field(default=None, ge=1, le=2**62, examples=[4_711])
    expect_hash: HashText | None = None
