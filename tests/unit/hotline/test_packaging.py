"""What make, CI and the containers are made of."""

import re
import stat
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from asterisk_conf.debian_tools import PACKAGES
from hotline.line import API, ASTERISK, IVR, POSTGRES

REPOSITORY = Path(__file__).parents[3]
REQUIREMENTS = REPOSITORY / "requirements"
PIN = re.compile(r"^([a-z0-9_.-]+)==(\S+)", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    return dict(PIN.findall((REQUIREMENTS / name).read_text("utf-8")))


def test_make_installs_every_package_that_the_commands_ask_for() -> None:
    rows = (REQUIREMENTS / "debian-packages.txt").read_text("utf-8").splitlines()
    listed = {row.split("#")[0].strip() for row in rows} - {""}
    assert set(PACKAGES.values()) <= listed
    assert {"python3", "python3-venv", "debootstrap"} <= listed


def test_what_runs_is_what_was_tested() -> None:
    assert pins("run.lock").items() <= pins("dev.lock").items()
    assert {"pyst2", "panoramisk", "fastapi", "typer"} <= set(pins("run.lock"))


@pytest.mark.parametrize("name", ["run.lock", "dev.lock"])
def test_locks_have_hashes_and_name_no_index(name: str) -> None:
    text = (REQUIREMENTS / name).read_text("utf-8")
    assert "://" not in text
    assert "index" not in text
    assert text.count("==") == len(pins(name))
    assert all("--hash=sha256:" in block for block in re.split(r"\n(?=\S)", text) if "==" in block)


def test_compose_names_exactly_what_up_starts() -> None:
    document = YAML(typ="safe").load(REPOSITORY / "docker" / "compose.yaml")
    assert list(document["services"]) == [POSTGRES, API, IVR, ASTERISK]
    for service in document["services"].values():
        assert (REPOSITORY / service["build"]["dockerfile"]).is_file()


@pytest.mark.parametrize("name", ["hotline.Dockerfile", "asterisk.Dockerfile"])
def test_images_are_made_from_debian_and_do_not_run_as_root(name: str) -> None:
    text = (REPOSITORY / "docker" / name).read_text("utf-8")
    assert all(base.startswith("debian:") for base in re.findall(r"^FROM (\S+)", text, re.MULTILINE))
    assert re.search(r"^USER (?!root)\S+$", text, re.MULTILINE)


def test_ci_ends_with_the_tests_so_that_their_summary_is_the_last_line() -> None:
    script = REPOSITORY / ".ci" / "run"
    assert script.read_text("utf-8").strip().endswith("make test")
    assert script.stat().st_mode & stat.S_IXUSR
