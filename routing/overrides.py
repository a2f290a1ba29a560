"""Manual switches over the plan: who switched what, why, and until when. Each ends by itself.

Pure: reading and writing `state/overrides.json` is the business of others; the documents here are plain data.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum


class OverrideScope(StrEnum):
    """What an override is laid over."""

    LINE = "line"
    """The whole line: an emergency, before everything else."""
    SERVICE = "service"
    QUEUE = "queue"
    OFFICE = "office"


class OverrideAction(StrEnum):
    """What an override does."""

    OPEN = "open"
    CLOSED = "closed"
    TO_QUEUE = "to-queue"
    TO_NUMBER = "to-number"


class OverrideError(ValueError):
    """A document is not an override."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """One manual switch, in force in `[created_at, until)`; both are aware UTC times."""

    id: str
    scope: OverrideScope
    target: str
    """Id of the service, queue or office; empty for the line."""
    action: OverrideAction
    destination: str | None
    """Queue name with `to-queue`, E.164 number with `to-number`, else None."""
    until: datetime
    reason: str
    author: str
    created_at: datetime


def active(overrides: Iterable[Override], moment: datetime) -> tuple[Override, ...]:
    """Gives the overrides in force at `moment`, the newest first."""
    in_force = (each for each in overrides if each.created_at <= moment < each.until)
    return tuple(sorted(in_force, key=lambda each: (each.created_at, each.id), reverse=True))


def override_to_document(override: Override) -> dict[str, str | None]:
    """Gives the override as JSON data; `override_from_document` reads it."""
    return {
        "id": override.id,
        "scope": override.scope.value,
        "target": override.target,
        "action": override.action.value,
        "destination": override.destination,
        "until": override.until.isoformat(),
        "reason": override.reason,
        "author": override.author,
        "created_at": override.created_at.isoformat(),
    }


def override_from_document(document: Mapping[str, object]) -> Override:
    """Gives back what `override_to_document` was given.

    Raises:
        OverrideError: A field is missing or wrong, a time has no zone, or the action lacks its destination.
    """
    try:
        override = Override(
            id=_text(document, "id"),
            scope=OverrideScope(_text(document, "scope")),
            target=_text(document, "target"),
            action=OverrideAction(_text(document, "action")),
            destination=None if document["destination"] is None else _text(document, "destination"),
            until=_moment(document, "until"),
            reason=_text(document, "reason"),
            author=_text(document, "author"),
            created_at=_moment(document, "created_at"),
        )
    except (KeyError, ValueError) as error:
        raise OverrideError(f"not an override: {error}") from error
    _check_destination(override)
    return override


def _check_destination(override: Override) -> None:
    has_destination = override.destination is not None
    if has_destination != (override.action in (OverrideAction.TO_QUEUE, OverrideAction.TO_NUMBER)):
        raise OverrideError(f"override {override.id}: action {override.action} and destination do not fit")


def _text(document: Mapping[str, object], key: str) -> str:
    value = document[key]
    if not isinstance(value, str):
        raise ValueError(f"{key} is no text")  # noqa: TRY004  # callers handle one exception for all defects
    return value


def _moment(document: Mapping[str, object], key: str) -> datetime:
    moment = datetime.fromisoformat(_text(document, key))
    if moment.tzinfo is None:
        raise ValueError(f"{key} has no time zone")
    return moment.astimezone(UTC)
