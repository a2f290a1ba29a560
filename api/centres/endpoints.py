"""`/api/v1/centres`: regional centres with their contacts. Only reads: contacts are the plan's business."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.kit.answers import documented
from api.kit.auth import Scope, requires
from api.kit.database import DatabaseOf
from api.kit.exceptions import InvalidRequestError
from api.nodes.repository import NodeState, node_states
from api.nodes.schemas import NumberReport
from api.plans.errors import NoPlanError
from api.plans.in_force import plan_in_force
from routing.calendars import local_date
from routing.centres import numbers_of
from routing.languages import Text
from routing.plan import Centre

router = APIRouter(prefix="/api/v1/centres", tags=["centres"], dependencies=[Depends(requires(Scope.PLANS_READ))])


class NumberState(StrEnum):
    """What the last check of a telephone told."""

    UNCHECKED = "unchecked"
    WORKS = "works"
    DEAD = "dead"
    """Calls pass it over until a check finds that it works."""


class TextNow(BaseModel):
    """A text in both languages."""

    uk: str
    en: str


class PhoneNow(BaseModel):
    """One telephone of a centre."""

    number: str = Field(examples=["+380000000054"])
    is_deputy: bool
    """true: called when nobody answers at the centre's own, out of hours too."""
    state: NumberState
    checked_at: datetime | None
    """null: never."""


class CentreNow(BaseModel):
    """One centre."""

    centre: str = Field(examples=["sumy"])
    region_uk: str
    region_en: str
    key: str = Field(examples=["54"])
    """What callers key: the area code after the 0."""
    iso: str = Field(examples=["UA-59"])
    uk: str
    en: str
    phones: list[str] = Field(examples=[["+380000000054"]])
    is_sample: bool
    """true: the contacts are placeholders; nobody can be reached on them."""
    valid_from: date | None
    valid_until: date | None
    """The first day on which it is no longer the one."""
    is_valid: bool
    """Whether it is the region's centre today, by local date."""
    address: TextNow | None
    hours_text: TextNow | None
    email: str | None
    other: TextNow | None
    neighbour: str | None = Field(examples=["poltava"])
    """The centre that is called when this one does not answer."""
    numbers: list[PhoneNow]
    """All telephones in the order in which they are called, with their last check."""


class CentreList(BaseModel):
    """The centres of the plan in force, in its order."""

    plan_version: str = Field(examples=["0123456789abcdef"])
    centres: list[CentreNow]


class CentreFilters(BaseModel):
    """Query parameters; what is left out does not filter."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    iso: Annotated[str, StringConstraints(pattern=r"^UA-[0-9]{2}$")] | None = None
    key: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]$")] | None = None
    valid: bool | None = Field(default=None, description="true: only those of today; false: only those of other times.")


@router.get("", summary="List centres", responses=documented(InvalidRequestError, NoPlanError))
async def get_centres(filters: Annotated[CentreFilters, Query()], database: DatabaseOf) -> CentreList:
    """Gives the plan's centres with their contacts."""
    async with database.snapshot() as connection:
        plan = await plan_in_force(connection)
        checks = _newest(await node_states(connection))
    today = local_date(plan, datetime.now(UTC))
    found = [centre_now(centre, today, checks) for centre in plan.centres.values()]
    return CentreList(plan_version=plan.version, centres=[each for each in found if _is_chosen(each, filters)])


def _newest(nodes: Sequence[NodeState]) -> dict[str, NumberReport]:
    """Gives the newest check of each number, whichever node made it."""
    checks = [check for node in nodes for check in node.report.numbers]
    return {check.number: check for check in sorted(checks, key=lambda each: each.checked_at)}


def centre_now(centre: Centre, today: date, checks: Mapping[str, NumberReport]) -> CentreNow:
    """Gives one centre as it is on a local date."""
    return CentreNow(
        centre=centre.id,
        region_uk=centre.region.uk,
        region_en=centre.region.en,
        key=centre.key,
        iso=centre.iso,
        uk=centre.name.uk,
        en=centre.name.en,
        phones=list(centre.phones),
        is_sample=centre.is_sample,
        valid_from=centre.valid_from,
        valid_until=centre.valid_until,
        is_valid=_is_valid(centre, today),
        address=_text(centre.address),
        hours_text=_text(centre.hours_text),
        email=centre.email,
        other=_text(centre.other),
        neighbour=centre.neighbour,
        numbers=[_phone(each, checks.get(each), is_deputy=each in centre.deputy_phones) for each in numbers_of(centre)],
    )


def _text(text: Text | None) -> TextNow | None:
    return None if text is None else TextNow(uk=text.uk, en=text.en)


def _phone(number: str, check: NumberReport | None, *, is_deputy: bool) -> PhoneNow:
    if check is None:
        return PhoneNow(number=number, is_deputy=is_deputy, state=NumberState.UNCHECKED, checked_at=None)
    state = NumberState.DEAD if check.is_dead else NumberState.WORKS
    return PhoneNow(number=number, is_deputy=is_deputy, state=state, checked_at=check.checked_at)


def _is_valid(centre: Centre, today: date) -> bool:
    has_begun = centre.valid_from is None or centre.valid_from <= today
    return has_begun and (centre.valid_until is None or today < centre.valid_until)


def _is_chosen(centre: CentreNow, filters: CentreFilters) -> bool:
    wanted = ((filters.iso, centre.iso), (filters.key, centre.key), (filters.valid, centre.is_valid))
    return all(value is None or value == has for value, has in wanted)
