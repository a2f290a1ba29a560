"""The keepers' guide: what it tells to type exists, in both languages alike, and each alarm that it explains is one."""

import re
import shlex
from pathlib import Path

import pytest
import typer.main

from hotline.cli import app
from hotline.keeping.units import all_names

REPOSITORY = Path(__file__).parents[3]
GUIDES = [REPOSITORY / "docs" / "keepers.md", REPOSITORY / "docs" / "uk" / "keepers.md"]
ALARM = re.compile(r"`([a-z]+(?:_[a-z]+)+)`")
SETTINGS = {"sip_port", "rtp_port_start", "rtp_port_end", "sip_uri", "registration_source", "archive_mode"}


def commands(guide: Path) -> list[list[str]]:
    """Every `hotline …` of the guide, without its comment."""
    text = guide.read_text("utf-8")
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))
    typed = re.findall(r"^(?:[A-Z_]+=\S+ )?hotline ([a-z].*)$", blocks, re.MULTILINE)
    named = re.findall(r"`hotline ([a-z][^`]*)`", text)
    return [shlex.split(line.replace("…", "X"), comments=True) for line in [*typed, *named]]


def is_known(words: list[str]) -> bool:
    """Whether the command line has this command, and every option that is named."""
    root = typer.main.get_command(app)
    known = getattr(root, "commands", {}).get(words[0])
    if known is not None and len(words) > 1 and hasattr(known, "commands"):
        known = known.commands.get(words[1])
    if known is None:
        return False
    options = {name for parameter in known.params for name in (*parameter.opts, *parameter.secondary_opts)}
    return {word for word in words if word.startswith("-")} <= options


@pytest.mark.parametrize("guide", GUIDES, ids=["en", "uk"])
def test_every_command_of_the_guide_exists_with_its_options(guide: Path) -> None:
    told = commands(guide)
    assert {"init", "install", "backup", "restore", "upgrade"} <= {words[0] for words in told}
    assert [words for words in told if not is_known(words)] == []


def test_both_languages_tell_the_same_commands_and_alarms() -> None:
    english, ukrainian = GUIDES
    assert commands(english) == commands(ukrainian)
    assert ALARM.findall(english.read_text("utf-8")) == ALARM.findall(ukrainian.read_text("utf-8"))


def test_each_alarm_that_is_explained_is_one_that_the_service_raises() -> None:
    explained = set(ALARM.findall(GUIDES[0].read_text("utf-8").split("## Incidents")[1])) - SETTINGS
    source = "\n".join(path.read_text("utf-8") for path in (REPOSITORY / "ivr").rglob("*.py"))
    assert len(explained) >= 7
    assert {alarm for alarm in explained if f'"{alarm}"' not in source} == set()


@pytest.mark.parametrize("guide", GUIDES, ids=["en", "uk"])
def test_the_units_that_are_named_are_installed(guide: Path) -> None:
    units = {path.stem for path in all_names() if path.suffix in {".service", ".target"}}
    named = set(re.findall(r"legalaid-hotline-[a-z]+", guide.read_text("utf-8")))
    assert named
    assert named <= units
