"""`/api/v1/operators`: the plan's operators with their state now. Only reads: who may answer is the plan's business."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from api.kit.answers import documented
from api.kit.auth import Scope, requires
from api.kit.database import DatabaseOf
from api.kit.exceptions import InvalidRequestError
from api.kit.words import Word
from api.live.endpoints import LiveWatchOf
from api.live.schemas import NodeBoard
from api.nodes.schemas import OperatorReport
from api.operators.repository import Stretch, stretches_now
from api.plans.errors import NoPlanError
from api.plans.in_force import plan_in_force
from api.projection.operator_steps import OperatorState
from routing.plan import Operator

router = APIRouter(prefix="/api/v1/operators", tags=["operators"], dependencies=[Depends(requires(Scope.LIVE_READ))])

LOGGED_OUT = "logged_out"
UNKNOWN = "unknown"


class QueuePlace(BaseModel):
    """An operator's place in one queue, by the plan."""

    queue: str = Field(examples=["sumy"])
    penalty: int
    """A lower one is called first."""


class OperatorNow(BaseModel):
    """One operator of the plan, and what the operator does now."""

    operator: str = Field(examples=["s01"])
    name: str = Field(examples=["Оператор 01, Суми"])
    office: str = Field(examples=["sumy"])
    places: list[QueuePlace]
    state: str = Field(examples=["ready"])
    """ready, ringing, talking, paused, unreachable, logged_out; unknown: a node does not tell."""
    pause_reason: str | None
    queues: list[str]
    """Where the operator is logged in now."""
    since: datetime | None = Field(examples=["2026-11-24T06:00:12Z"])
    """Since when the operator is available to the queues, paused, or logged out, as queue_log tells; a conversation
    changes nothing here. null: not known."""


class OperatorList(BaseModel):
    """The operators of the plan in force, in its order."""

    plan_version: str = Field(examples=["0123456789abcdef"])
    operators: list[OperatorNow]


class OperatorFilters(BaseModel):
    """Query parameters; what is left out does not filter."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    office: Word | None = None
    queue: Word | None = Field(default=None, description="Those who have a place in this queue.")


@router.get(
    "",
    summary="List operators and what they do now",
    responses=documented(InvalidRequestError, NoPlanError),
)
async def get_operators(
    filters: Annotated[OperatorFilters, Query()], database: DatabaseOf, watch: LiveWatchOf
) -> OperatorList:
    """Gives the plan's operators with the state that the nodes tell."""
    async with database.snapshot() as connection:
        plan = await plan_in_force(connection)
        chosen = [each for each in plan.operators.values() if _is_chosen(each, filters)]
        stretches = await stretches_now(connection, [each.id for each in chosen])
    nodes = await watch.refresh()
    found = [operator_now(each, nodes, stretches.get(each.id)) for each in chosen]
    return OperatorList(plan_version=plan.version, operators=found)


def _is_chosen(operator: Operator, filters: OperatorFilters) -> bool:
    is_in_queue = filters.queue is None or any(place.queue == filters.queue for place in operator.memberships)
    return is_in_queue and filters.office in (None, operator.office)


def operator_now(operator: Operator, nodes: list[NodeBoard], stretch: Stretch | None) -> OperatorNow:
    """Gives one operator; logged in on several nodes, the first that does not find the phone missing counts."""
    told = _reports_of(operator, nodes)
    report = told[0] if told else None
    state = _absent_state(nodes) if report is None else report.state.value
    return OperatorNow(
        operator=operator.id,
        name=operator.name,
        office=operator.office,
        places=[QueuePlace(queue=place.queue, penalty=place.penalty) for place in operator.memberships],
        state=state,
        pause_reason=None if report is None else report.pause_reason,
        queues=sorted({queue for each in told for queue in each.queues}),
        since=stretch.started_at if stretch is not None and _fits(state, stretch) else None,
    )


def _fits(state: str, stretch: Stretch) -> bool:
    """Tells whether queue_log has come as far as the board: the two are told apart, a moment one after the other."""
    return (state == LOGGED_OUT) == (stretch.state is OperatorState.LOGGED_OUT)


def _reports_of(operator: Operator, nodes: list[NodeBoard]) -> list[OperatorReport]:
    found = [
        report for node in nodes if node.is_fresh for report in node.operators or () if report.operator == operator.id
    ]
    return sorted(found, key=lambda report: report.state.value == "unreachable")


def _absent_state(nodes: list[NodeBoard]) -> str:
    """Tells logged out from not known: as long as one node does not tell, the operator may be there."""
    is_told = bool(nodes) and all(node.is_fresh and node.operators is not None for node in nodes)
    return LOGGED_OUT if is_told else UNKNOWN
