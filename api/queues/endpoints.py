"""`/api/v1/queues`: the plan's queues, whether their offices work, what is switched, and who waits now. Only reads."""

from collections.abc import Iterable
from datetime import UTC, datetime

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from api.calls.schemas import ReasonText
from api.kit.answers import documented
from api.kit.auth import Scope, requires
from api.kit.database import DatabaseOf
from api.live.board import queue_totals
from api.live.endpoints import LiveWatchOf
from api.live.schemas import NodeBoard, QueueTotal
from api.nodes.schemas import OperatorState
from api.overrides.repository import overrides_in_force
from api.plans.errors import NoPlanError
from api.plans.in_force import plan_in_force
from routing.calendars import hours_state, next_change
from routing.languages import Language
from routing.overrides import Override, OverrideScope
from routing.plan import Plan, Queue
from routing.reasons import Reason, describe

router = APIRouter(prefix="/api/v1/queues", tags=["queues"], dependencies=[Depends(requires(Scope.LIVE_READ))])


class QueueNow(BaseModel):
    """One queue of the plan, and how it is now."""

    queue: str = Field(examples=["sumy"])
    uk: str
    en: str
    office: str = Field(examples=["sumy"])
    services: list[str] = Field(examples=[["consultation"]])
    """What callers ask for who come here in working hours."""
    overflow: str | None = Field(examples=["chernivtsi"])
    is_open: bool
    """Whether the office works by the calendar; `overrides` may say otherwise."""
    reason: ReasonText
    changes_at: datetime | None
    """When that changes next by the calendar; null: never."""
    overrides: list[str]
    """Ids of the overrides in force on the line, the office, the queue or one of its services."""
    waiting: int | None = Field(examples=[2])
    """null: not known, because no node tells."""
    longest_wait_s: int | None = Field(examples=[14])
    operators: dict[str, int] | None = Field(examples=[{"ready": 3, "talking": 2}])
    """How many of those who are logged in to it are in each state."""
    service_level_s: int = Field(examples=[20])
    """Within so many seconds a caller should be answered."""


class QueueList(BaseModel):
    """The queues of the plan in force, in its order."""

    plan_version: str = Field(examples=["0123456789abcdef"])
    queues: list[QueueNow]


@router.get("", summary="List queues and how they are now", responses=documented(NoPlanError))
async def get_queues(database: DatabaseOf, watch: LiveWatchOf) -> QueueList:
    """Gives the plan's queues with what the nodes tell."""
    async with database.snapshot() as connection:
        plan = await plan_in_force(connection)
        overrides = await overrides_in_force(connection)
    nodes = [node for node in await watch.refresh() if node.is_fresh and node.queues is not None]
    now = datetime.now(UTC)
    return QueueList(
        plan_version=plan.version,
        queues=[queue_now(plan, queue, overrides, nodes, now) for queue in plan.queues.values()],
    )


def queue_now(
    plan: Plan, queue: Queue, overrides: Iterable[Override], nodes: list[NodeBoard], now: datetime
) -> QueueNow:
    """Gives one queue; `nodes` are those that are to be believed."""
    office = plan.offices[queue.office]
    state, change = hours_state(plan, office, now), next_change(plan, office, now)
    services = [each.id for each in plan.services.values() if each.queue == queue.name]
    total = next((each for each in queue_totals(nodes) if each.queue == queue.name), None)
    return QueueNow(
        queue=queue.name,
        uk=queue.title.uk,
        en=queue.title.en,
        office=queue.office,
        services=[*services],
        overflow=queue.overflow,
        is_open=state.is_open,
        reason=_told(state.reason),
        changes_at=None if change is None else change.at,
        overrides=[each.id for each in overrides if _concerns(each, queue, services)],
        waiting=_waiting(nodes, total),
        longest_wait_s=None if total is None else total.longest_wait_s,
        operators=_states(nodes, queue) if nodes else None,
        service_level_s=queue.service_level_s,
    )


def _waiting(nodes: list[NodeBoard], total: QueueTotal | None) -> int | None:
    if total is not None:
        return total.waiting
    return 0 if nodes else None


def _states(nodes: list[NodeBoard], queue: Queue) -> dict[str, int]:
    told = [each.state for node in nodes for each in node.operators or () if queue.name in each.queues]
    return {state.value: told.count(state) for state in OperatorState if state in told}


def _concerns(override: Override, queue: Queue, services: Iterable[str]) -> bool:
    targets: dict[OverrideScope, set[str]] = {
        OverrideScope.LINE: {""},
        OverrideScope.OFFICE: {queue.office},
        OverrideScope.QUEUE: {queue.name},
        OverrideScope.SERVICE: set(services),
    }
    return override.target in targets[override.scope]


def _told(reason: Reason) -> ReasonText:
    texts = {language.value: describe(reason, language) for language in Language}
    return ReasonText(code=reason.code, details=dict(reason.details), uk=texts["uk"], en=texts["en"])
