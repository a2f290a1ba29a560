"""Steps that the dialplan tells of by an event each: information, centres, recordings and more. Pure."""

from collections.abc import Callable

from api.projection.events import Event
from api.projection.rows import StepRow
from api.projection.words import InfoState, StepKind
from asterisk_conf.names import UserEvent

GIVEN = "given"
"""State of a registration number."""
NO_OPERATOR = "no_operator"
"""State of a queue without anybody to reach."""


def _info(event: Event) -> StepRow:
    is_whole = event.detail("complete") == "1"
    return StepRow(
        occurred_at=event.occurred_at,
        kind=StepKind.INFO,
        subject=event.detail("info"),
        state=(InfoState.COMPLETE if is_whole else InfoState.BROKEN_OFF).value,
        detail=event.detail("part"),
    )


def _centre(event: Event) -> StepRow:
    return StepRow(
        occurred_at=event.occurred_at,
        kind=StepKind.CENTRE,
        subject=event.detail("centre"),
        state=event.detail("step"),
        detail=event.detail("status"),
    )


def _detention(event: Event) -> StepRow:
    return StepRow(
        occurred_at=event.occurred_at,
        kind=StepKind.DETENTION,
        subject=event.detail("number"),
        state=GIVEN,
        detail=None,
    )


def _recording(event: Event) -> StepRow:
    return StepRow(
        occurred_at=event.occurred_at,
        kind=StepKind.RECORDING,
        subject=event.detail("file"),
        state=event.detail("state"),
        detail=None,
    )


def _moved(event: Event) -> StepRow:
    return StepRow(
        occurred_at=event.occurred_at,
        kind=StepKind.MOVED,
        subject=event.detail("queue"),
        state=event.detail("why"),
        detail=None,
    )


def _unstaffed(event: Event) -> StepRow:
    return StepRow(
        occurred_at=event.occurred_at,
        kind=StepKind.UNSTAFFED,
        subject=event.detail("queue"),
        state=NO_OPERATOR,
        detail=None,
    )


TOLD_STEPS: dict[str, Callable[[Event], StepRow]] = {
    UserEvent.INFO: _info,
    UserEvent.CENTRE: _centre,
    UserEvent.DETENTION: _detention,
    UserEvent.RECORDING: _recording,
    UserEvent.MOVED: _moved,
    UserEvent.UNSTAFFED: _unstaffed,
}
