"""The plan in force, read into its shapes; kept by version, because a version never changes."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncConnection

from api.plans.errors import NoPlanError
from api.plans.repository import current_version, find_plan
from routing import snapshot
from routing.plan import Plan

_KEPT = 8


async def plan_in_force(connection: AsyncConnection) -> Plan:
    """Gives the plan that the newest publication put in force.

    Raises:
        NoPlanError: Nothing has been published yet.
    """
    version = await current_version(connection)
    if version is None:
        raise NoPlanError("nothing has been published yet")
    return await _plan_of(connection, version)


_plans: dict[str, Plan] = {}


async def _plan_of(connection: AsyncConnection, version: str) -> Plan:
    known = _plans.get(version)
    if known is not None:
        return known
    stored = await find_plan(connection, version)
    if stored is None:
        raise NoPlanError(f"plan {version} is in force and its contents are gone")
    plan = await asyncio.to_thread(snapshot.from_document, stored.document)
    while len(_plans) >= _KEPT:
        del _plans[next(iter(_plans))]
    _plans[version] = plan
    return plan
