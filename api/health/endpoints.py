"""`GET /healthz`, `GET /readyz`: for supervisors; without a token, and without anything about calls."""

import asyncio

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError

from api.health.readiness import plan_warnings, staff_warnings, trunk_warnings, unready_reasons
from api.kit.answers import documented
from api.kit.auth import limit_strangers
from api.kit.database import Database, DatabaseOf
from api.nodes.repository import node_states
from api.plans.repository import current_version
from api.settings import ApiSettings

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """The api is alive."""

    status: str = Field(default="alive", examples=["alive"])


class Readiness(BaseModel):
    """Whether the line works."""

    ready: bool
    reasons: list[str] = Field(examples=[["node node1 has not reported for 31 s"]])
    """Why it does not, in words; empty when it does."""
    warnings: list[str] = Field(
        default=[], examples=[["node node1 does not take the published plan: no sound file for greeting"]]
    )
    """What needs somebody's eye though the line works, in words."""


@router.get("/healthz", summary="Is the api alive?")
async def get_healthz() -> Health:
    """Answers while the process can answer; touches nothing else."""
    return Health()


@router.get(
    "/readyz",
    summary="Does the line work?",
    dependencies=[Depends(limit_strangers)],
    responses={503: {"model": Readiness}, 429: documented()[429]},
)
async def get_readyz(request: Request, response: Response, database: DatabaseOf) -> Readiness:
    """Answers 503 with reasons when the database, a node's AMI link or its journal does not work.

    A node that goes on with an older plan than the published one takes calls, and so does one whose operators do not
    answer, or a queue of last resort that no operator is logged in to: those are warnings.
    """
    readiness = await _readiness(database, request.app.state.settings)
    response.status_code = 200 if readiness.ready else 503
    return readiness


async def _readiness(database: Database, settings: ApiSettings) -> Readiness:
    try:
        async with asyncio.timeout(settings.ready_deadline_s), database.snapshot() as connection:
            states = await node_states(connection, younger_than_s=settings.node_forgotten_s)
            published = await current_version(connection)
    except (OSError, TimeoutError, SQLAlchemyError) as error:
        return Readiness(ready=False, reasons=[f"the database does not answer ({type(error).__name__})"])
    reasons = unready_reasons(states, stale_s=settings.live_stale_s)
    staff = staff_warnings(states, stale_s=settings.live_stale_s)
    warnings = [*plan_warnings(states, published), *staff, *trunk_warnings(states)]
    return Readiness(ready=not reasons, reasons=reasons, warnings=warnings)
