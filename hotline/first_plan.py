"""Which plan a line begins with, and which one it goes on with once the api answers.

The api's database says what is published. Before it answers, a node has only its own state and this machine's files.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from api.plans.schemas import Publication
from asterisk_conf.instance import InstancePaths
from asterisk_conf.state_files import StateError, current_file, read_current, read_plan_snapshot
from hotline.errors import LogApiError, NotTakenError, RefusedError
from hotline.line import SHIPPED_PLAN, PreparedLine
from hotline.plan_api import PLAN_CONFLICT, PLAN_UNCHANGED, PlanApi, open_plans
from hotline.plans import WantedPlan, read_proven_plan
from hotline.taking import Before, nodes_before, wait_plan_taken
from routing.plan import Plan

OURSELVES = "hotline up"
"""Author of what is published here."""
FIRST = "the first plan of this line"

Say = Callable[[str], None]


def read_wanted(folder: Path | None, *, is_demo: bool) -> WantedPlan | None:
    """Gives what `hotline up` is to publish; None: whatever is published goes on.

    The demo's expectations are those of the shipped plan, so that it asks for that one.

    Raises:
        PlanError: The plan does not validate.
        DeadEndError: A path of it ends nowhere.
    """
    if folder is not None:
        return WantedPlan(plan=read_proven_plan(folder)[0], reason=f"from the folder {folder.resolve().name}")
    if is_demo:
        return WantedPlan(plan=read_proven_plan(SHIPPED_PLAN)[0], reason="the shipped plan, for the demo", yields=True)
    return None


def beginning_plan(paths: InstancePaths, wanted: WantedPlan | None, say: Say) -> Plan:
    """Gives the plan that the node starts with: the one in force here, else the wanted one, else the shipped one.

    Raises:
        PlanError, DeadEndError: The shipped plan is needed and damaged.
    """
    if current_file(paths.state).exists():
        try:
            plan = read_plan_snapshot(paths.state, read_current(paths.state))
        except StateError as error:
            say(f"the plan that was in force cannot be used: {error}")
        else:
            say(f"plan {plan.version}, in force here")
            return plan
    if wanted is not None:
        say(f"plan {wanted.plan.version}: {wanted.reason}")
        return wanted.plan
    plan, _ = read_proven_plan(SHIPPED_PLAN)
    say(f"plan {plan.version}, the shipped one")
    return plan


async def settle_plan(line: PreparedLine, say: Say) -> PreparedLine:
    """Publishes what is to be in force and waits until this node has it; gives the line with the plan in force.

    A node that cannot take it goes on with its own: that is told, and no reason to stop the line.

    Raises:
        LogApiError: A plan that was asked for was not published.
    """
    try:
        async with open_plans(line.api_url, line.secrets) as api:
            await _settle(api, line, say)
    except NotTakenError as error:
        say(str(error))
    except LogApiError as error:
        if line.wanted is not None:
            raise
        say(f"which plan is published is not known: {error}")
    return replace(line, plan=read_plan_snapshot(line.paths.state, read_current(line.paths.state)))


async def _settle(api: PlanApi, line: PreparedLine, say: Say) -> None:
    current, before = await api.current(), Before(problems={}, revisions={})
    wanted = to_publish(line, current, say)
    if wanted is not None:
        before = await nodes_before(api)
        current = await _publish(api, wanted, current)
    if current is not None:
        await wait_plan_taken(api, current.version, before, say, only=line.site.node)
        say(f"plan {current.version} is in force, published by {current.author}: {current.reason}")


def to_publish(line: PreparedLine, current: Publication | None, say: Say) -> WantedPlan | None:
    """Gives what is to be published over `current`; None: nothing.

    Why the node's own plan where nothing is published: with a new database, callers keep what they had.
    """
    if current is None:
        return line.wanted or WantedPlan(plan=line.plan, reason=FIRST)
    if line.wanted is None or line.wanted.plan.version == current.version:
        return None
    if line.wanted.yields and current.author != OURSELVES:
        say(f"plan {current.version}, published by {current.author}, stays in force: {current.reason}")
        return None
    return line.wanted


async def _publish(api: PlanApi, wanted: WantedPlan, current: Publication | None) -> Publication | None:
    """Publishes; somebody who was quicker wins."""
    expected = None if current is None else current.version
    try:
        return await api.publish(wanted.plan, author=OURSELVES, reason=wanted.reason, expected=expected)
    except RefusedError as error:
        if error.error_id not in {PLAN_CONFLICT, PLAN_UNCHANGED}:
            raise
        return await api.current()
