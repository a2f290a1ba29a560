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


def _step(event: Event, kind: StepKind, subject: str, state: str | None, detail: str | None = None) -> StepRow:
    """Gives the row; `subject` is the field of the event that says what the step is about."""
    return StepRow(occurred_at=event.occurred_at, kind=kind, subject=event.detail(subject), state=state, detail=detail)


def _info(event: Event) -> StepRow:
    state = InfoState.COMPLETE if event.detail("complete") == "1" else InfoState.BROKEN_OFF
    return _step(event, StepKind.INFO, "info", state.value, event.detail("part"))


def _centre(event: Event) -> StepRow:
    return _step(event, StepKind.CENTRE, "centre", event.detail("step"), event.detail("status"))


def _detention(event: Event) -> StepRow:
    return _step(event, StepKind.DETENTION, "number", GIVEN)


def _recording(event: Event) -> StepRow:
    return _step(event, StepKind.RECORDING, "file", event.detail("state"))


def _moved(event: Event) -> StepRow:
    return _step(event, StepKind.MOVED, "queue", event.detail("why"))


def _unstaffed(event: Event) -> StepRow:
    return _step(event, StepKind.UNSTAFFED, "queue", NO_OPERATOR)


TOLD_STEPS: dict[str, Callable[[Event], StepRow]] = {
    UserEvent.INFO: _info,
    UserEvent.CENTRE: _centre,
    UserEvent.DETENTION: _detention,
    UserEvent.RECORDING: _recording,
    UserEvent.MOVED: _moved,
    UserEvent.UNSTAFFED: _unstaffed,
}
