"""Which plan a line begins with, and what it publishes."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.plans.schemas import Publication, PublicationKind
from asterisk_conf import state_files
from asterisk_conf.instance import InstancePaths
from hotline.first_plan import FIRST, OURSELVES, beginning_plan, read_wanted, to_publish
from hotline.plans import WantedPlan
from routing import snapshot
from routing.plan import Plan, PlanVersion
from routing.plan_files import read_plan
from tests.plans import PLAN_VERSION, small_plan
from tests.unit.hotline.prepared import prepared_line
from tests.unit.routing.plans import LEGAL_AID

OTHER = PlanVersion("fedcba9876543210")


def in_force(version: PlanVersion, author: str) -> Publication:
    return Publication(
        publication_id=1,
        version=version,
        kind=PublicationKind.PUBLISH,
        author=author,
        reason="так треба",
        published_at=datetime(2026, 11, 24, tzinfo=UTC),
        previous_version=None,
    )


def wanted(version: PlanVersion = OTHER, *, yields: bool = False) -> WantedPlan:
    return WantedPlan(plan=replace(small_plan(), version=version), reason="from a folder", yields=yields)


@pytest.fixture
def paths(tmp_path: Path) -> InstancePaths:
    return InstancePaths(tmp_path / "instance")


@pytest.fixture
def said() -> list[str]:
    return []


def keep(paths: InstancePaths, plan: Plan) -> None:
    state_files.write_snapshot(paths.state, plan)
    state_files.write_current(paths.state, plan.version)


def test_a_folder_that_is_named_is_wanted_whoever_published_before() -> None:
    found = read_wanted(LEGAL_AID, is_demo=True)
    assert found is not None
    assert (found.plan.version, found.yields) == (read_plan(LEGAL_AID).version, False)
    assert "legal_aid" in found.reason


def test_the_demo_wants_the_shipped_plan_but_not_in_place_of_a_persons() -> None:
    found = read_wanted(None, is_demo=True)
    assert found is not None
    assert (found.plan.version, found.yields) == (read_plan(LEGAL_AID).version, True)
    assert read_wanted(None, is_demo=False) is None


def test_a_line_begins_with_the_plan_that_was_in_force_here(paths: InstancePaths, said: list[str]) -> None:
    keep(paths, small_plan())
    assert beginning_plan(paths, wanted(), said.append).version == PLAN_VERSION


def test_a_new_line_begins_with_the_wanted_plan_or_the_shipped_one(paths: InstancePaths, said: list[str]) -> None:
    assert beginning_plan(paths, wanted(), said.append).version == OTHER
    assert beginning_plan(paths, None, said.append).version == read_plan(LEGAL_AID).version
    assert not paths.root.exists()


@pytest.mark.parametrize("damage", ["", "{}", "nonsense"])
def test_a_plan_in_force_that_is_damaged_is_told_and_passed_over(
    damage: str, paths: InstancePaths, said: list[str]
) -> None:
    keep(paths, small_plan())
    state_files.snapshot_file(paths.state, PLAN_VERSION).write_text(damage, "utf-8")
    assert beginning_plan(paths, wanted(), said.append).version == OTHER
    assert said[0].startswith("the plan that was in force cannot be used: ")


def test_with_nothing_published_the_wanted_plan_is_else_the_one_that_callers_have(
    paths: InstancePaths, said: list[str]
) -> None:
    line = prepared_line(paths, small_plan())
    assert to_publish(replace(line, wanted=wanted()), None, said.append) == wanted()
    assert to_publish(line, None, said.append) == WantedPlan(plan=line.plan, reason=FIRST)


def test_what_is_published_goes_on_when_nothing_else_is_wanted(paths: InstancePaths, said: list[str]) -> None:
    line = prepared_line(paths, small_plan())
    assert to_publish(line, in_force(OTHER, "Олена К."), said.append) is None
    assert to_publish(replace(line, wanted=wanted(OTHER)), in_force(OTHER, OURSELVES), said.append) is None


@pytest.mark.parametrize(
    ("author", "yields", "is_published"),
    [("Олена К.", False, True), ("Олена К.", True, False), (OURSELVES, True, True), (OURSELVES, False, True)],
)
def test_a_persons_version_stays_before_a_demo_and_gives_way_to_a_named_folder(
    author: str, yields: bool, is_published: bool, paths: InstancePaths, said: list[str]
) -> None:
    line = replace(prepared_line(paths, small_plan()), wanted=wanted(yields=yields))
    found = to_publish(line, in_force(PLAN_VERSION, author), said.append)
    assert (found is not None) is is_published
    assert bool(said) is not is_published


def test_the_plan_that_a_line_begins_with_survives_its_snapshot(paths: InstancePaths, said: list[str]) -> None:
    plan = read_plan(LEGAL_AID)
    keep(paths, plan)
    assert snapshot.version_of(beginning_plan(paths, None, said.append)) == plan.version
