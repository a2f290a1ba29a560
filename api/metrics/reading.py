"""Reads everything that the metrics tell at one moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from api.ledger.upkeep import LedgerSoFar
from api.metrics import repository
from api.metrics.repository import LedgerNight
from api.nodes.repository import NodeState, node_states
from api.plans.errors import NoPlanError
from api.plans.in_force import plan_in_force
from api.reports.days import KYIV, begin_of
from api.reports.parameters import ServiceLevelQuestion
from api.reports.service import service_level
from api.settings import ApiSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Everything now. "Today" is the day of Kyiv."""

    nodes: Sequence[NodeState]
    stale_s: float
    calls_today: Mapping[str, int]
    open_calls: int
    service_levels: Mapping[str, float]
    """Of today, by queue, 0 to 1; queues without visits are left out."""
    ledger: LedgerNight | None
    ledger_so_far: LedgerSoFar | None
    detention_waiting: int
    detention_overdue: int
    quarantined_lines: int


async def read_metrics(
    connection: AsyncConnection, settings: ApiSettings, ledger_so_far: LedgerSoFar | None, now: datetime
) -> Reading:
    """Gives the reading at `now` (aware); `connection` sees one state throughout."""
    today = now.astimezone(KYIV).date()
    waiting, overdue = await repository.detention_reports_without_lawyer(connection)
    return Reading(
        nodes=await node_states(connection, younger_than_s=settings.node_forgotten_s),
        stale_s=settings.live_stale_s,
        calls_today=await repository.calls_by_outcome(connection, begin_of(today)),
        open_calls=await repository.open_calls(connection),
        service_levels=await _service_levels(connection, now),
        ledger_so_far=ledger_so_far,
        ledger=await repository.newest_ledger(connection),
        detention_waiting=waiting,
        detention_overdue=overdue,
        quarantined_lines=await repository.quarantined_lines(connection),
    )


async def _service_levels(connection: AsyncConnection, now: datetime) -> dict[str, float]:
    """Gives today's service level of each queue, with the queue's own threshold and the reports' default formula."""
    try:
        plan = await plan_in_force(connection)
    except NoPlanError:
        return {}
    today = now.astimezone(KYIV).date()
    asked = {"from": today, "to": today + timedelta(days=1)}
    found = {}
    for queue in plan.queues.values():
        question = {**asked, "queue": str(queue.name), "threshold_s": queue.service_level_s}
        for row in (await service_level(connection, ServiceLevelQuestion.model_validate(question))).rows:
            if row.service_level is not None:
                found[str(queue.name)] = row.service_level
    return found
