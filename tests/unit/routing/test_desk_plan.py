"""Topics and the form of detention reports as parts of a plan: files, defects, snapshots, changes."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from routing.changes import find_changes
from routing.forms import FieldKind, TopicId
from routing.languages import Text
from routing.plan_files import PlanError, read_plan
from routing.snapshot import SnapshotError, dumps, from_document, loads, to_document, version_of
from tests.plans import small_plan
from tests.unit.routing.plans import LEGAL_AID, legal_aid_plan

PLAN = legal_aid_plan()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(LEGAL_AID, tmp_path / "plan"))


def problem_of(folder: Path, file: str, old: str, new: str) -> tuple[str, str, str]:
    """Exchanges a text of a file; gives place, message and mend of the only problem."""
    path = folder / file
    text = path.read_text()
    assert old in text, f"{file} has no {old!r}: the test is out of date"
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(PlanError) as caught:
        read_plan(folder)
    (problem,) = caught.value.problems
    assert problem.file == file
    assert problem.line > 1
    return problem.path, problem.message, problem.mend


def test_every_field_of_the_shipped_form_waits_for_a_person_to_check_it() -> None:
    assert PLAN.detention is not None
    assert not any(field.is_checked for field in PLAN.detention.fields)
    assert PLAN.detention.name_lawyer_s == 3_600
    assert {field.kind for field in PLAN.detention.fields} == set(FieldKind)


def test_every_topic_and_field_has_its_words_in_both_languages() -> None:
    assert PLAN.detention is not None
    titles = [topic.title for topic in PLAN.topics.values()] + [field.title for field in PLAN.detention.fields]
    for title in titles:
        assert re.search("[а-яіїєґ]", title.uk)
        assert not re.search("[а-яіїєґ]", title.en.lower())


def test_a_topic_under_one_that_is_not_there_is_told(folder: Path) -> None:
    found = problem_of(folder, "topics.yaml", "parent: family", "parent: famly")
    assert found == ("alimony.parent", "there is no topic `famly`", "did you mean `family`?")


def test_topics_in_a_circle_are_told(folder: Path) -> None:
    old = "  title: { uk: Аліменти, en: Child support }\n  parent: family"
    path, message, _ = problem_of(folder, "topics.yaml", old, old.replace("parent: family", "parent: alimony"))
    assert (path, message) == ("alimony.parent", "topics lead round in a circle: alimony → alimony")


@pytest.mark.parametrize(
    ("old", "new", "path", "told"),
    [
        ("person_field: person_name", "person_field: person", "person_field", "no field `person`"),
        ("moment_field: detained_at", "moment_field: birth_date", "moment_field", "of kind day"),
        ("place_field: place", "place_field: is_minor", "place_field", "of kind yes_no"),
        ("    kind: line", "    kind: shout", "fields.person_name.kind", "`shout` cannot stand here"),
        ("name_lawyer_s: 3600", "name_lawyer_s: 5", "name_lawyer_s", "greater than or equal to 60"),
    ],
)
def test_a_form_that_cannot_be_filled_in_is_told(folder: Path, old: str, new: str, path: str, told: str) -> None:
    found = problem_of(folder, "detention.yaml", old, new)
    assert found[0] == path
    assert told in found[1]


def test_a_choice_without_choices_is_told(folder: Path) -> None:
    path, message, mend = problem_of(folder, "detention.yaml", "    kind: line\n", "    kind: choice\n")
    assert (path, message) == ("fields.person_name", "`choices:` and `kind:` do not fit")
    assert "choices" in mend


def test_a_snapshot_of_before_is_read_and_keeps_its_version() -> None:
    old = small_plan()
    document = to_document(replace(old, version=version_of(old)))
    assert not {"topics", "detention"} & set(document)
    read = from_document(document)
    assert (read.topics, read.detention) == ({}, None)
    assert version_of(read) == document["version"]


def test_topics_and_form_survive_a_snapshot_and_are_part_of_the_version() -> None:
    read = loads(dumps(PLAN))
    assert (read.topics, read.detention) == (PLAN.topics, PLAN.detention)
    assert list(read.topics) == list(PLAN.topics)
    assert len({version_of(PLAN), version_of(replace(PLAN, topics={})), version_of(replace(PLAN, detention=None))}) == 3


@pytest.mark.parametrize(
    "place",
    [
        ("topics",),
        ("topics", 0),
        ("topics", 0, "id"),
        ("topics", 0, "title"),
        ("topics", 0, "parent"),
        ("detention",),
        ("detention", "name_lawyer_s"),
        ("detention", "person_field"),
        ("detention", "fields"),
        ("detention", "fields", 0, "kind"),
        ("detention", "fields", 0, "choices", 0, "title"),
        ("detention", "fields", 0, "is_needed"),
    ],
)
def test_a_part_of_the_wrong_kind_is_refused(place: tuple[str | int, ...]) -> None:
    document = json.loads(dumps(PLAN))
    part = document
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = 1.5
    with pytest.raises(SnapshotError):
        from_document(document)


def test_changes_are_told_in_the_words_of_the_files() -> None:
    topic = PLAN.topics[TopicId("alimony")]
    form = PLAN.detention
    assert form is not None
    fields = tuple(replace(each, is_checked=each.id == "place") for each in form.fields)
    changed = replace(
        PLAN,
        topics={**PLAN.topics, topic.id: replace(topic, parent=None, title=Text(uk="Аліменти", en="Alimony"))},
        detention=replace(form, name_lawyer_s=1_800, fields=fields),
    )
    told = {(each.file, each.path): (each.old, each.new) for each in find_changes(PLAN, changed)}
    assert told == {
        ("topics.yaml", "alimony.title.en"): ("Child support", "Alimony"),
        ("topics.yaml", "alimony.parent"): ("family", "at the top"),
        ("detention.yaml", "name_lawyer_s"): ("3600", "1800"),
        ("detention.yaml", "fields.place.is_checked"): ("no", "yes"),
    }


def test_a_form_where_there_was_none_is_one_change() -> None:
    (change,) = find_changes(replace(PLAN, detention=None), PLAN)
    assert (change.file, change.old) == ("detention.yaml", "none")
    assert change.new is not None
