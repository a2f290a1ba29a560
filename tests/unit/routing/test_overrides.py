"""Overrides: when they are in force, and their documents."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from routing.overrides import (
    OverrideAction,
    OverrideError,
    active,
    override_from_document,
    override_to_document,
)
from tests.unit.routing.test_decisions import EMERGENCY, OVERRIDE


def test_an_override_is_in_force_from_its_beginning_up_to_its_end() -> None:
    second = timedelta(seconds=1)
    moments = (OVERRIDE.created_at - second, OVERRIDE.created_at, OVERRIDE.until - second, OVERRIDE.until)
    assert [bool(active([OVERRIDE], moment)) for moment in moments] == [False, True, True, False]


def test_the_newest_comes_first() -> None:
    older = replace(OVERRIDE, id="older", created_at=OVERRIDE.created_at - timedelta(hours=1))
    assert active([older, OVERRIDE], OVERRIDE.created_at) == (OVERRIDE, older)


@pytest.mark.parametrize("override", [OVERRIDE, EMERGENCY])
def test_a_document_gives_back_the_override(override: object) -> None:
    assert isinstance(override, type(OVERRIDE))
    text = json.dumps(override_to_document(override))
    assert override_from_document(json.loads(text)) == override


@pytest.mark.parametrize(("field", "value"), [
    ("id", None), ("scope", "world"), ("action", "explode"), ("action", "to-queue"), ("destination", "sumy"),
    ("destination", 7), ("until", "tomorrow"), ("until", "2026-11-24T09:00"), ("until", "9999-99-99T00:00+00:00"),
    ("target", ["sumy"]), ("created_at", ""),
])  # fmt: skip
def test_a_defective_document_is_refused(field: str, value: object) -> None:
    document: dict[str, object] = {**override_to_document(OVERRIDE), field: value}
    with pytest.raises(OverrideError):
        override_from_document(document)


@pytest.mark.parametrize("field", list(override_to_document(OVERRIDE)))
def test_a_document_without_a_field_is_refused(field: str) -> None:
    document: dict[str, object] = {**override_to_document(OVERRIDE)}
    del document[field]
    with pytest.raises(OverrideError):
        override_from_document(document)


def test_each_action_knows_whether_it_needs_a_destination() -> None:
    assert {each.value for each in OverrideAction} == {"open", "closed", "to-queue", "to-number"}
    with pytest.raises(OverrideError, match="do not fit"):
        override_from_document({**override_to_document(EMERGENCY), "destination": None})
