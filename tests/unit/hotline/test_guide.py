"""The administrators' guide: its change of hours is made and rehearsed as it is written, in both languages."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from hotline.cli import run
from tests.unit.routing.plans import LEGAL_AID

DOCS = Path(__file__).parents[3] / "docs"
GUIDES = [DOCS / "administrators.md", DOCS / "uk" / "administrators.md"]
NEEDS_RUNNING_LINE = re.compile(
    r"--calls-since|hotline (publish|versions|rollback|override|users|tokens|privacy|retention|keys|audit)"
    r"|hotline (prompts|centres|report|demo-data)"
)


def blocks(guide: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", guide.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def commands(guide: Path) -> list[list[str]]:
    """The commands of the guide that need no running line, without `hotline` and comments."""
    lines = [line for block in blocks(guide, "sh") for line in block.splitlines() if line.startswith("hotline ")]
    return [shlex.split(line, comments=True)[1:] for line in lines if not NEEDS_RUNNING_LINE.search(line)]


def change_as_told(guide: Path, plan: Path) -> None:
    """Makes the two changes of step 2."""
    hours, exceptions = blocks(guide, "yaml")[:2]
    offices, calendar = plan / "offices.yaml", plan / "calendar.yaml"
    text = offices.read_text(encoding="utf-8")
    assert text.count("  hours:\n    mon-fri: 08:00-18:00\n") == 1
    offices.write_text(text.replace("  hours:\n    mon-fri: 08:00-18:00\n", hours), encoding="utf-8")
    text = calendar.read_text(encoding="utf-8")
    assert text.count("\nexceptions: []\n") == 1
    calendar.write_text(text.replace("exceptions: []\n", exceptions), encoding="utf-8")


@pytest.mark.parametrize("guide", GUIDES, ids=["en", "uk"])
def test_the_change_of_hours_can_be_made_and_rehearsed_as_the_guide_tells(
    guide: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if shutil.which("dot") is None:
        pytest.skip("graphviz is not installed")
    plans = tmp_path / "plans"
    shutil.copytree(LEGAL_AID.parent, plans)
    change_as_told(guide, plans / "legal_aid")
    monkeypatch.chdir(tmp_path)
    told = commands(guide)
    assert [words[0] for words in told] == ["check", "diff", "simulate", "hours", "draw"]
    for words in told:
        places = {"~/plans/legal_aid": str(plans / "legal_aid"), "routing/plans/legal_aid": str(LEGAL_AID)}
        assert run([places.get(word, word) for word in words]) == 0
    output = capsys.readouterr().out
    assert "none is a dead end" in output
    assert "18:00-20:00" in output
    assert "→ queue sumy" in output
    assert {path.name for path in tmp_path.iterdir()} == {"plans", "hours.svg", "flow.svg"}


def test_both_languages_tell_the_same_commands_and_changes() -> None:
    english, ukrainian = GUIDES
    assert commands(english) == commands(ukrainian)
    assert blocks(english, "yaml") == blocks(ukrainian, "yaml")


@pytest.mark.parametrize("guide", GUIDES, ids=["en", "uk"])
def test_the_pictures_and_pages_that_the_guide_shows_are_there(guide: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", guide.read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not (guide.parent / link).is_file()] == []
