"""What the wheel holds: exactly our packages, with their data files."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
OUR_PACKAGES = {"agi_scripts", "api", "asterisk_conf", "hotline", "ivr", "migrations", "routing"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(REPOSITORY)]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def names_in_wheel(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_the_top_level_of_the_wheel_holds_exactly_our_packages(names_in_wheel: list[str]) -> None:
    top = {name.split("/")[0] for name in names_in_wheel}
    assert {name for name in top if not name.endswith(".dist-info")} == OUR_PACKAGES


@pytest.mark.parametrize(
    "name",
    [
        "routing/plans/legal_aid/line.yaml",
        "routing/plans/schema/line.schema.json",
        "asterisk_conf/templates/extensions.conf.j2",
        "migrations/versions/__init__.py",
        "migrations/env.py",
    ],
)
def test_the_wheel_holds_the_data_files_that_the_code_reads(names_in_wheel: list[str], name: str) -> None:
    assert name in names_in_wheel


def test_the_commands_run_from_the_wheel_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    """Our code comes from the wheel, what it needs from this environment."""
    installed = tmp_path / "installed"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(installed)]
    subprocess.run([*pip, str(wheel)], check=True, capture_output=True)
    environment = {**os.environ, "PYTHONPATH": str(installed)}

    def told(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode in {0, 1}, done.stderr  # 1: something of this machine is amiss, and doctor says what
        return done.stdout

    assert told("-c", "import hotline; print(hotline.__file__)").startswith(str(installed))
    shown = told("-m", "hotline.cli", "doctor", "--instance", str(tmp_path / "line"))
    assert "the shipped plan is valid" in shown
    assert "Traceback" not in shown


def test_the_sdist_holds_what_the_wheel_is_made_of(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", str(tmp_path), str(REPOSITORY)]
    subprocess.run(command, check=True, capture_output=True)
    (sdist,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        parts = {name.split("/")[1] for name in archive.getnames() if "/" in name}
    assert {*OUR_PACKAGES, "pyproject.toml", "LICENSE", "README.md"} <= parts
    assert not parts & {".venv", ".ci", "out", ".git"}
