"""`recordings.yaml`: written by the import, read with the plan."""

import shutil
from pathlib import Path

import pytest

from routing.languages import Language
from routing.plan import PromptId, Recording
from routing.plan_files import PlanError, read_plan
from routing.plan_files.recordings import FILE, merge_recordings, write_recordings
from routing.prompts import text_hash
from tests.unit.routing.plans import LEGAL_AID

GREETING = PromptId("greeting")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(LEGAL_AID, tmp_path / "plan")
    return tmp_path / "plan"


def recording(language: Language, digit: str) -> Recording:
    return Recording(language=language, sha256=digit * 64, text_hash=text_hash("текст"))


def test_what_is_written_is_read_with_the_plan(folder: Path) -> None:
    recordings = {
        GREETING: (recording(Language.EN, "1"), recording(Language.UK, "2")),
        PromptId("say-1"): (recording(Language.UK, "3"),),
    }
    write_recordings(folder, recordings)
    plan = read_plan(folder)
    assert {prompt.id: prompt.recordings for prompt in plan.prompts.values() if prompt.recordings} == recordings
    assert plan.version != read_plan(LEGAL_AID).version


def test_a_plan_from_before_there_were_recordings_is_the_same_plan(folder: Path) -> None:
    (folder / FILE).unlink()
    assert read_plan(folder) == read_plan(LEGAL_AID)


def test_no_recordings_are_an_empty_table(folder: Path) -> None:
    write_recordings(folder, {})
    assert (folder / FILE).read_bytes() == (LEGAL_AID / FILE).read_bytes()


def test_a_new_recording_takes_the_place_of_the_old_one_of_its_language_only(folder: Path) -> None:
    write_recordings(folder, {GREETING: (recording(Language.EN, "1"), recording(Language.UK, "2"))})
    merged = merge_recordings(read_plan(folder).prompts.values(), {GREETING: (recording(Language.UK, "3"),)})
    assert merged == {GREETING: (recording(Language.EN, "1"), recording(Language.UK, "3"))}


def test_a_hash_that_is_a_path_is_refused(folder: Path) -> None:
    (folder / FILE).write_text("greeting: {uk: {sha256: ../../etc/passwd, text_hash: '0000000000000000'}}\n", "utf-8")
    with pytest.raises(PlanError, match="let `hotline prompts import` write this file"):
        read_plan(folder)


def test_a_prompt_of_the_plan_may_not_take_a_name_of_the_lines_own(folder: Path) -> None:
    with (folder / "prompts.yaml").open("a", encoding="utf-8") as file:
        file.write("\nsay-hello: {uk: Так, en: 'Yes'}\n")
    with pytest.raises(PlanError, match="does not begin with say- or asterisk-"):
        read_plan(folder)
