"""Shapes rows of the database into answers. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from api.calls.causes import cause_name
from api.calls.schemas import (
    Caller,
    CallSummary,
    Decision,
    HangupCause,
    Leg,
    ReasonText,
    TimelineEvent,
)
from api.projection.events import Event, in_order
from routing.languages import Language
from routing.reasons import Reason, describe

RowValues = Mapping[str, Any]
"""A row as the driver gives it; pydantic checks its values here."""

_NUMBER_KEYS = frozenset({"number", "ani"})


def summary_fields(row: RowValues) -> dict[str, Any]:
    """Gives the fields of `CallSummary` of a row of `calls`."""
    caller = Caller(pseudonym=row["number_pseudonym"], masked=row["number_masked"], presentation=row["presentation"])
    return {**row, "caller": caller, "hangup_cause": hangup_cause(row["hangup_cause"])}


def summary(row: RowValues) -> CallSummary:
    """Gives one call of the list."""
    return CallSummary.model_validate(summary_fields(row))


def hangup_cause(code: int | None) -> HangupCause | None:
    """Gives a cause with its name."""
    return None if code is None else HangupCause(code=code, name=cause_name(code))


def leg(row: RowValues) -> Leg:
    """Gives one channel."""
    return Leg.model_validate({**row, "hangup_cause": hangup_cause(row["hangup_cause"])})


def decision(row: RowValues) -> Decision:
    """Gives one decision with its reasons in words."""
    return Decision.model_validate({**row, "reasons": [_reason(code, details) for code, details in row["reasons"]]})


def _reason(code: str, details: Mapping[str, str]) -> ReasonText:
    reason = Reason(code=code, details=tuple(details.items()))
    texts = {language.value: describe(reason, language) for language in Language}
    return ReasonText(code=code, details=dict(details), uk=texts["uk"], en=texts["en"])


def timeline(events: Iterable[Event]) -> list[TimelineEvent]:
    """Gives what happened, by time; queue_log's whole seconds come before CEL's fractions of the same second."""
    return [
        TimelineEvent(
            at=event.occurred_at,
            source=event.source.value,
            event=event.type,
            uniqueid=event.uniqueid,
            details=_details(event),
        )
        for event in in_order(events)
    ]


def _details(event: Event) -> dict[str, str]:
    extra = event.payload.get("extra")
    fields = {**event.payload, **extra} if isinstance(extra, Mapping) else dict(event.payload)
    fields.pop("extra", None)
    return {key: str(value) for key, value in fields.items() if value is not None and key not in _NUMBER_KEYS}
