"""Publishes plans on a running line through its api, and waits until the node has them in force."""

from dataclasses import replace

import httpx

from asterisk_conf import state_files
from routing import snapshot
from routing.plan import Plan
from tests.live.line import Line
from tests.live.waiting import until

IN_FORCE_S = 30.0


def versioned(plan: Plan) -> Plan:
    """Gives the plan under the version that belongs to its contents."""
    return replace(plan, version=snapshot.version_of(plan))


async def published_version(line: Line) -> str | None:
    """Gives the version that the api has published last; None: none yet."""
    answer = await line.ask("GET", "/api/v1/plans/current")
    return str(answer.json()["version"]) if answer.status_code == httpx.codes.OK else None


async def publish(line: Line, plan: Plan) -> None:
    """Publishes a plan and waits until the node has it in force; one that is published already is fine."""
    current = await published_version(line)
    if current != plan.version:
        document = snapshot.to_document(plan)
        body = {"document": document, "author": "тест", "reason": "тест", "expected_current": current}
        answer = await line.ask("POST", "/api/v1/plans", body)
        assert answer.status_code == httpx.codes.CREATED, answer.text[:500]
    await in_force(line, plan)


async def roll_back(line: Line, expected: Plan) -> None:
    """Rolls back and waits until the node has `expected` in force."""
    body = {"author": "тест", "reason": "тест", "expected_current": await published_version(line)}
    answer = await line.ask("POST", "/api/v1/plans/rollback", body)
    assert answer.status_code == httpx.codes.CREATED, answer.text[:500]
    await in_force(line, expected)


async def in_force(line: Line, plan: Plan) -> None:
    """Waits until the node has a plan in force."""

    async def look() -> str:
        return state_files.read_current(line.paths.state)

    await until(f"plan {plan.version} is in force", look, lambda seen: seen == plan.version, deadline_s=IN_FORCE_S)
