"""`hotline prompts` as people use it: from the sheet for the studio to a plan with its recordings."""

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from hotline.cli import run
from hotline.prompt_sheets import COLUMNS, write_sheets
from hotline.tones import write_tone
from routing.languages import Language, Text
from routing.plan import PromptId
from routing.plan_files import read_plan
from routing.prompts import recording_of
from tests.plans import small_plan
from tests.unit.routing.plans import LEGAL_AID

GREETING = PromptId("greeting")
needs_engine = pytest.mark.skipif(
    shutil.which("espeak-ng") is None or shutil.which("sox") is None, reason="espeak-ng or sox is not installed"
)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def plan_folder(tmp_path: Path) -> Path:
    shutil.copytree(LEGAL_AID, tmp_path / "plan")
    return tmp_path / "plan"


def test_the_table_holds_every_text_and_no_formula(tmp_path: Path) -> None:
    plan = small_plan()
    evil = replace(plan.prompts[GREETING], text=Text(uk="=cmd|calc", en="@SUM(A1)"))
    table, _ = write_sheets(replace(plan, prompts=plan.prompts | {GREETING: evil}), tmp_path)
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert set(rows[0]) == set(COLUMNS)
    assert len(rows) == len(plan.prompts) * len(plan.line.languages)
    texts = {row["file"]: row["text"] for row in rows}
    assert (texts["uk/greeting.wav"], texts["en/greeting.wav"]) == ("'=cmd|calc", "'@SUM(A1)")


def test_the_printed_sheet_tells_how_to_read_and_takes_no_text_for_html(tmp_path: Path) -> None:
    plan = small_plan()
    evil = replace(plan.prompts[GREETING], text=Text(uk="<script>так</script>", en="Yes."))
    _, page = write_sheets(replace(plan, prompts=plan.prompts | {GREETING: evil}), tmp_path)
    told = page.read_text("utf-8")
    assert "&lt;script&gt;так" in told
    assert "<script>" not in told
    assert "uk/say-2-f.wav" in told
    assert "далі прозвучить число" in told
    assert "a number follows" in told


@needs_engine
def test_a_studios_recording_goes_into_the_plan(
    plan_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "studio/uk").mkdir(parents=True)
    write_tone(tmp_path / "studio/uk/greeting.wav", 440, 1)
    before = read_plan(plan_folder)
    options = ["--plan", str(plan_folder), "--instance", str(tmp_path / "instance")]
    assert run(["prompts", "import", str(tmp_path / "studio"), *options]) == 0
    assert "1 recordings are in" in capsys.readouterr().out
    after = read_plan(plan_folder)
    recording = recording_of(after.prompts[GREETING], Language.UK)
    assert recording is not None
    assert (tmp_path / "instance/prompts/recordings" / f"{recording.sha256}.wav").is_file()
    assert after.version != before.version
    assert run(["prompts", "list", "--json", *options]) == 0
    rows = {(row["prompt"], row["language"]): row for row in json.loads(capsys.readouterr().out)}
    assert rows["greeting", "uk"]["engine"] == "studio"
    assert rows["greeting", "uk"]["length_s"] == pytest.approx(1.3, abs=0.1)
    assert rows["greeting", "en"]["engine"] == "espeak-ng"


@needs_engine
def test_a_refused_import_leaves_the_plan_as_it_was(
    plan_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "studio/uk").mkdir(parents=True)
    write_tone(tmp_path / "studio/uk/greeting.wav", 440, 1)
    (tmp_path / "studio/uk/wrong-key.wav").write_bytes(b"not audio")
    before = (plan_folder / "recordings.yaml").read_bytes()
    options = ["--plan", str(plan_folder), "--instance", str(tmp_path / "instance")]
    assert run(["prompts", "import", str(tmp_path / "studio"), *options]) == 2
    assert "nothing was imported" in " ".join(capsys.readouterr().err.split())
    assert (plan_folder / "recordings.yaml").read_bytes() == before
    assert list((tmp_path / "instance/prompts/recordings").iterdir()) == []


@needs_engine
def test_check_ends_with_2_when_something_is_missing_and_tells_programs_what(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["prompts", "check", "--json", "--instance", str(tmp_path / "instance")]) == 2
    found = json.loads(capsys.readouterr().out)
    assert {each["code"] for each in found} == {"missing"}
    assert {"prompt", "language", "code", "text"} == set(found[0])


def test_an_import_needs_a_plan_of_ones_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["prompts", "import", str(tmp_path)]) == 2
    assert "--plan" in capsys.readouterr().err
