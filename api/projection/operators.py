"""Brings operators' states up to date, inside the transaction that stored their evidence."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from api.evidence.repository import StoredRow
from api.projection import operator_repository as repository
from api.projection.operator_steps import OPERATOR_STEPS, fold_states

Operator = tuple[str, str]
"""Node and operator."""


async def project_operators(connection: AsyncConnection, stored: Sequence[StoredRow]) -> None:
    """Folds the states of every operator whom rows just stored are about, from the first of them on."""
    firsts: dict[Operator, datetime] = {}
    for row in stored:
        if row.type in OPERATOR_STEPS and row.agent is not None:
            known = firsts.get((row.node, row.agent), row.occurred_at)
            firsts[row.node, row.agent] = min(known, row.occurred_at)
    await _project(connection, firsts)


async def rebuild_operators(connection: AsyncConnection, since: datetime) -> None:
    """Folds the states of all operators anew from `since` on."""
    found = await repository.operators_since(connection, since)
    await _project(connection, dict.fromkeys(found, since))


async def _project(connection: AsyncConnection, firsts: Mapping[Operator, datetime]) -> None:
    for node in sorted({node for node, _ in firsts}):
        await repository.lock_states(connection, node)
    for (node, operator), first in sorted(firsts.items()):
        since = first.replace(microsecond=0)
        before = await repository.state_before(connection, node, operator, since)
        events = await repository.events_of(connection, node, operator, since)
        rows = fold_states(node, operator, before, events)
        await repository.rewrite_states(connection, node, operator, since, rows)
