"""What the wheel holds: exactly our packages, with their data files."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
OUR_PACKAGES = {"agi_scripts", "api", "asterisk_conf", "hotline", "ivr", "migrations", "routing"}


@pytest.fixture(scope="module")
def names_in_wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(REPOSITORY)]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
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
