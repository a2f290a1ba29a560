"""What the api's stream says, as typed data."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from asterisk_conf.state_files import VERSION_PATTERN
from ivr.desired.errors import StreamError
from routing.overrides import Override, OverrideError, override_from_document
from routing.plan import PlanVersion

REVISION_LIMIT_CHARS = 200
"""What the live report takes."""

_log = structlog.stdlib.get_logger("ivr.desired")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """What the api wants of this node."""

    plan_version: PlanVersion | None
    """None: nothing was ever published; the node stays with what it has."""
    overrides: tuple[Override, ...]
    revision: str


def desired_of(text: str) -> Desired:
    """Reads the data of one `desired` event.

    Raises:
        StreamError: It is something else.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise StreamError("the api's wish is no JSON") from error
    if not isinstance(document, dict):
        raise StreamError("the api's wish is no JSON object")
    revision = document.get("revision")
    if not isinstance(revision, str) or len(revision) > REVISION_LIMIT_CHARS:
        raise StreamError("the api's wish has no revision")
    return Desired(plan_version=_version(document), overrides=_overrides(document), revision=revision)


def _version(document: Mapping[str, object]) -> PlanVersion | None:
    """Why so strict: the version becomes part of a path, here and in the api's address."""
    version = document.get("plan_version")
    if version is None:
        return None
    if not isinstance(version, str) or not VERSION_PATTERN.fullmatch(version):
        raise StreamError(f"not a plan version: {str(version)[:40]!r}")
    return PlanVersion(version)


def _overrides(document: Mapping[str, object]) -> tuple[Override, ...]:
    """Gives the overrides; one that cannot be read costs itself, not the others."""
    rows = document.get("overrides")
    if not isinstance(rows, list):
        raise StreamError("the api's wish has no list of overrides")
    found = []
    for row in rows:
        try:
            found.append(override_from_document(row))
        except (OverrideError, TypeError) as error:
            _log.error("override_not_read", problem=str(error)[:200], then="the others are in force")
    return tuple(found)
