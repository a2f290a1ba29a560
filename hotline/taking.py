"""Waits until every node has in force what was published or switched.

A node takes it by itself and tells so in its report, every two seconds; nothing here talks to a node.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from api.nodes.schemas import NodeNow
from hotline.errors import NotTakenError
from hotline.plan_api import PlanApi

PLAN_TAKEN_S = 30.0
OVERRIDE_TAKEN_S = 15.0
ASK_AGAIN_S = 0.25
TELL_AGAIN_S = 5.0
FORGOTTEN_S = 86_400.0
"""A node that has been silent for longer is not spoken of."""

Say = Callable[[str], None]
IsTaken = Callable[[NodeNow], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Who has it."""

    nodes: tuple[str, ...]
    silent: tuple[str, ...]
    """Nodes that do not report now: each takes it when it is back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What nodes reported before the change, by name."""

    problems: Mapping[str, str | None]
    revisions: Mapping[str, str | None]


async def nodes_before(api: PlanApi) -> Before:
    """Notes what nodes report before a change, so that old news is not taken for an answer to it."""
    nodes = await api.nodes()
    return Before(
        problems={each.node: each.report.plan_problem for each in nodes},
        revisions={each.node: each.report.overrides_revision for each in nodes},
    )


async def wait_plan_taken(api: PlanApi, version: str, before: Before, say: Say, *, only: str | None = None) -> Taken:
    """Waits until every node that reports, or the one named `only`, has a plan in force.

    Raises:
        NotTakenError: A node says that it cannot take it, or has not taken it in time.
        LogApiError: The api went away.
    """

    def is_taken(node: NodeNow) -> bool:
        problem = node.report.plan_problem
        if node.report.plan_version == version:
            return True
        if problem is not None and problem != before.problems.get(node.node):
            raise NotTakenError(_refused(version, node))
        return False

    waiting = _Waiting(api=api, is_taken=is_taken, say=say, only=only, what=f"plan {version}")
    return await waiting.run(PLAN_TAKEN_S)


async def wait_overrides_taken(api: PlanApi, before: Before, say: Say) -> Taken:
    """Waits until every node that reports has other overrides than before.

    Raises:
        NotTakenError: A node has not taken them in time.
        LogApiError: The api went away.
    """

    def is_taken(node: NodeNow) -> bool:
        revision = node.report.overrides_revision
        return revision is not None and revision != before.revisions.get(node.node)

    waiting = _Waiting(api=api, is_taken=is_taken, say=say, only=None, what="the override")
    return await waiting.run(OVERRIDE_TAKEN_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    api: PlanApi
    is_taken: IsTaken
    say: Say
    only: str | None
    what: str

    async def run(self, deadline_s: float) -> Taken:
        """Asks until nobody is behind; names those who still are every `TELL_AGAIN_S`."""
        loop = asyncio.get_running_loop()
        ends_at, told_at = loop.time() + deadline_s, loop.time()
        while True:
            nodes = await self._nodes()
            fresh = [each for each in nodes if each.is_fresh]
            behind = [each for each in fresh if not self.is_taken(each)]
            if not behind:
                return Taken(nodes=_names(fresh), silent=_names([each for each in nodes if not each.is_fresh]))
            if loop.time() > ends_at:
                raise NotTakenError(_late(self.what, behind, deadline_s))
            if loop.time() - told_at > TELL_AGAIN_S:
                told_at = loop.time()
                self.say(f"waiting for {', '.join(_names(behind))} to take {self.what}")
            await asyncio.sleep(ASK_AGAIN_S)

    async def _nodes(self) -> list[NodeNow]:
        nodes = [each for each in await self.api.nodes() if each.is_fresh or each.age_s < FORGOTTEN_S]
        return [each for each in nodes if self.only in {None, each.node}]


def _names(nodes: Sequence[NodeNow]) -> tuple[str, ...]:
    return tuple(each.node for each in nodes)


def _refused(version: str, node: NodeNow) -> str:
    return (
        f"plan {version} is published, but {node.node} goes on with {node.report.plan_version or 'none'}: "
        f"{node.report.plan_problem}; mend that, or go back with: hotline rollback"
    )


def _late(what: str, behind: Sequence[NodeNow], deadline_s: float) -> str:
    rows = (
        f"{each.node} (has plan {each.report.plan_version or 'none'}"
        + (f", {each.report.plan_problem})" if each.report.plan_problem else ")")
        for each in behind
    )
    return (
        f"{what} is stored, but {deadline_s:g} s later it is not in force on {', '.join(rows)}; "
        "look there with: hotline doctor"
    )
