"""`/api/v1/centres`: regional centres with their contacts. Only reads: contacts are the plan's business."""

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.kit.answers import documented
from api.kit.auth import Scope, requires
from api.kit.database import DatabaseOf
from api.kit.exceptions import InvalidRequestError
from api.plans.errors import NoPlanError
from api.plans.in_force import plan_in_force
from routing.calendars import local_date
from routing.plan import Centre

router = APIRouter(prefix="/api/v1/centres", tags=["centres"], dependencies=[Depends(requires(Scope.PLANS_READ))])


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
    today = local_date(plan, datetime.now(UTC))
    found = [centre_now(centre, today) for centre in plan.centres.values()]
    return CentreList(plan_version=plan.version, centres=[each for each in found if _is_chosen(each, filters)])


def centre_now(centre: Centre, today: date) -> CentreNow:
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
    )


def _is_valid(centre: Centre, today: date) -> bool:
    has_begun = centre.valid_from is None or centre.valid_from <= today
    return has_begun and (centre.valid_until is None or today < centre.valid_until)


def _is_chosen(centre: CentreNow, filters: CentreFilters) -> bool:
    wanted = ((filters.iso, centre.iso), (filters.key, centre.key), (filters.valid, centre.is_valid))
    return all(value is None or value == has for value, has in wanted)
