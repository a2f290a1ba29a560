"""Snapshots: round trip, canonical text, version, refusals."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from routing.plan import PlanVersion
from routing.snapshot import SnapshotError, dumps, from_document, loads, to_document, version_of
from tests.plans import CHERNIVTSI, small_plan
from tests.unit.routing.plans import legal_aid_plan
from tests.unit.routing.test_decisions import BENT
from tests.unit.routing.test_menus import plan_with_two_levels


@pytest.mark.parametrize("plan", [small_plan(), plan_with_two_levels(), BENT, legal_aid_plan()])
def test_a_snapshot_gives_back_the_plan(plan: object) -> None:
    assert isinstance(plan, type(BENT))
    assert loads(dumps(plan)) == plan
    assert from_document(json.loads(json.dumps(to_document(plan)))) == plan


def test_the_text_is_the_same_each_time_and_keeps_ukrainian_letters() -> None:
    text = dumps(loads(dumps(small_plan())))
    assert text == dumps(small_plan())
    assert "Чернівці" in text


def test_the_order_of_tables_survives() -> None:
    assert list(loads(dumps(small_plan())).queues) == list(small_plan().queues)


def test_the_version_is_of_the_contents_alone() -> None:
    plan = small_plan()
    renamed = replace(plan, version=PlanVersion("x"))
    queue = replace(plan.queues[CHERNIVTSI], ring_s=99)
    changed = replace(plan, queues={**plan.queues, CHERNIVTSI: queue})
    assert version_of(plan) == version_of(renamed) != version_of(changed)
    assert len(version_of(plan)) == 16


def test_the_shipped_plan_bears_its_own_version() -> None:
    assert legal_aid_plan().version == version_of(legal_aid_plan())


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", "{", '{"format": 2}', '{"format": 1}', "[" * 100_000])
def test_what_is_no_snapshot_is_refused(text: str) -> None:
    with pytest.raises(SnapshotError):
        loads(text)


def _places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:  # JSON data of the test
    if path:
        yield path
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _places(part, (*path, key))
    elif isinstance(value, list) and value:
        yield from _places(value[0], (*path, 0))


PLACES = list(_places(json.loads(dumps(plan_with_two_levels()))))


@pytest.mark.parametrize("place", PLACES, ids=lambda place: ".".join(map(str, place)))
def test_a_part_of_the_wrong_kind_is_refused(place: tuple[str | int, ...]) -> None:
    document = json.loads(dumps(plan_with_two_levels()))
    part: Any = document  # JSON data of the test
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = 1.5
    with pytest.raises(SnapshotError):
        from_document(document)
