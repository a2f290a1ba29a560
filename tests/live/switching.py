"""Sets and clears overrides on a running line through its api, and waits until the node has them."""

from datetime import UTC, datetime, timedelta

import httpx

from asterisk_conf import state_files
from routing.overrides import Override
from tests.live.line import Line
from tests.live.waiting import until

DUTY_NUMBER = "+380000000042"
"""A sample: the area code 00 does not exist."""


async def overrides_of(line: Line) -> tuple[Override, ...]:
    """Gives the overrides that the node has."""
    return state_files.read_overrides(line.paths.state)


async def switch(line: Line, **fields: object) -> str:
    """Sets an override and waits until the node has it; gives its id."""
    body = {
        "scope": "queue",
        "target": "sumy",
        "action": "closed",
        "destination": None,
        "until": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
        "reason": "навчання",
        "author": "тест",
    } | fields
    answer = await line.ask("POST", "/api/v1/overrides", body)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    name = str(answer.json()["id"])
    await until("the override is in force", lambda: overrides_of(line), lambda rows: name in [row.id for row in rows])
    return name


async def clear(line: Line, name: str) -> None:
    """Clears an override and waits until the node has let go of it."""
    answer = await line.ask("DELETE", f"/api/v1/overrides/{name}?author=test")
    assert answer.is_success, answer.text
    await until("the override is gone", lambda: overrides_of(line), lambda rows: name not in [row.id for row in rows])


async def switch_to_number(line: Line, number: str) -> str:
    """Sends every caller to a telephone number; gives the override's id."""
    return await switch(line, scope="line", target="", action="to-number", destination=number, reason="евакуація")
