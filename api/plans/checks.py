"""Whether a document is a plan that may be put in force. Pure; takes a third of a second for the shipped plan."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from pydantic import JsonValue

from api.plans.errors import PlanInvalidError, PlanNotProvenError
from routing import snapshot
from routing.plan import Plan
from routing.proof import DeadEnd, prove

LARGEST_NUMBER = 100_000
"""No number of a plan is larger (the day has 86,400 s); the proof would count up to it."""
MOST_TRIES = 20
MOST_ROWS = 2_000
SHOWN_DEAD_ENDS = 20
_WALKING_ERRORS = (LookupError, TypeError, ValueError, ArithmeticError, RecursionError)
"""What a document with the right fields and senseless values makes the proof raise."""


def checked_plan(document: Mapping[str, JsonValue], since: datetime) -> Plan:
    """Gives the plan of a document whose every path ends well from `since` (aware) on.

    Raises:
        PlanInvalidError: It is no snapshot, or its version is not that of its contents.
        PlanNotProvenError: A path ends nowhere.
    """
    _check_sizes(document)
    try:
        plan = snapshot.from_document(document)
        version = snapshot.version_of(plan)
    except (snapshot.SnapshotError, *_WALKING_ERRORS) as error:
        raise PlanInvalidError(f"the document is no plan: {error}"[:500]) from error
    if plan.version != version:
        raise PlanInvalidError(f"the document's version is {plan.version[:40]!r}, its contents have {version}")
    _check_proof(plan, since)
    return replace(plan, version=version)


def _check_sizes(document: Mapping[str, JsonValue]) -> None:
    """Refuses what would keep the proof busy for ever, and what the database cannot hold."""
    for key, value in _leaves(document):
        limit = MOST_TRIES if key in {"no_input_tries", "no_match_tries"} else LARGEST_NUMBER
        match value:
            case str() if "\0" in value or "\0" in key:
                raise PlanInvalidError(f"{key[:40]!r} holds a NUL character")
            case bool() | str() | None:
                continue
            case int() | float() if not -LARGEST_NUMBER <= value <= limit:
                raise PlanInvalidError(f"{key[:40]!r} is larger than {limit}")
            case list() if len(value) > MOST_ROWS:
                raise PlanInvalidError(f"{key[:40]!r} has more than {MOST_ROWS} rows")


def _leaves(document: Mapping[str, JsonValue]) -> Iterator[tuple[str, JsonValue]]:
    """Gives every value with the key nearest to it; lists are given themselves too. Depth costs no stack."""
    waiting: list[tuple[str, JsonValue]] = list(document.items())
    while waiting:
        key, value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.items()
            continue
        yield key, value
        if isinstance(value, list):
            waiting += ((key, each) for each in value)


def _check_proof(plan: Plan, since: datetime) -> None:
    try:
        proof = prove(plan, since)
    except _WALKING_ERRORS as error:
        raise PlanInvalidError(f"the plan cannot be walked: {type(error).__name__}: {error}"[:500]) from error
    if not proof.is_proven:
        first = proof.dead_ends[0]
        raise PlanNotProvenError(
            f"{len(proof.dead_ends)} paths end nowhere; the first: {' → '.join(first.path)}: {first.why}"[:500],
            {"dead_ends": [_dead_end(each) for each in proof.dead_ends[:SHOWN_DEAD_ENDS]]},
        )


def _dead_end(dead_end: DeadEnd) -> JsonValue:
    return {"path": list(dead_end.path), "why": dead_end.why}
