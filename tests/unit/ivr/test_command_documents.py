import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.commands.documents import CommandError, MoveOrder, OperatorAction, OperatorOrder, command_of

PAUSE: dict[str, Any] = {
    "id": "k1f0c",
    "action": "pause",
    "arguments": {"operator": "s01", "queues": ["sumy", "chernivtsi"], "reason": "3"},
    "expires_at": "2026-11-24T09:00:10+00:00",
}
MOVE: dict[str, Any] = PAUSE | {
    "action": "move",
    "arguments": {"call_id": "node1-1.1", "queue": "sumy", "channel": "PJSIP/trunk-main-0000002a"},
}


def changed(document: dict[str, Any], **arguments: object) -> str:
    return json.dumps(document | {"arguments": document["arguments"] | arguments})


def test_an_operators_command_is_read() -> None:
    command = command_of(json.dumps(PAUSE))
    assert command.id == "k1f0c"
    assert command.expires_at.isoformat() == PAUSE["expires_at"]
    assert command.order == OperatorOrder(
        action=OperatorAction.PAUSE, operator="s01", queues=("sumy", "chernivtsi"), reason="3"
    )


def test_a_move_is_read() -> None:
    assert command_of(json.dumps(MOVE)).order == MoveOrder(queue="sumy", channel="PJSIP/trunk-main-0000002a")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "[" * 10_000,
        json.dumps(PAUSE | {"id": "1"}),
        json.dumps(PAUSE | {"action": "originate"}),
        json.dumps(PAUSE | {"expires_at": "2026-11-24T09:00:10"}),
        json.dumps(PAUSE | {"expires_at": "soon"}),
        json.dumps(PAUSE | {"arguments": None}),
        changed(PAUSE, operator="s01\r\nAction: Originate"),
        changed(PAUSE, operator="s01\n"),
        changed(PAUSE, reason="3\r\nQueue: sumy"),
        changed(PAUSE, queues="sumy"),
        changed(PAUSE, queues=["sumy", 1]),
        changed(PAUSE, queues=["s"] * 101),
        changed(MOVE, channel="Local/1@any\r\nX: y"),
        changed(MOVE, channel=""),
        changed(MOVE, queue="../x"),
    ],
)
def test_what_does_not_fit_is_no_command(text: str) -> None:
    with pytest.raises(CommandError):
        command_of(text)


@given(st.text(max_size=40) | st.recursive(st.none() | st.text(max_size=3), st.lists).map(json.dumps))
def test_whatever_comes_is_a_command_or_refused(text: str) -> None:
    with pytest.raises(CommandError):
        command_of(text)
