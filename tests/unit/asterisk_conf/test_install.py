"""Files land where Asterisk reads them: only what changed, never half, readable by nobody else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from asterisk_conf.install import DECIDE, InstallError, install, install_agi, make_folders, modules_to_reload
from asterisk_conf.instance import InstancePaths
from asterisk_conf.modules import RELOADED_BY
from asterisk_conf.render import FILES
from routing.languages import Language


@pytest.fixture
def paths(tmp_path: Path) -> InstancePaths:
    return InstancePaths(tmp_path / "instance")


def test_new_files_are_written_and_told(paths: InstancePaths) -> None:
    assert install({"a.conf": "один\n", "b.conf": "2\n"}, paths) == ("a.conf", "b.conf")
    assert (paths.etc / "a.conf").read_text("utf-8") == "один\n"


def test_only_what_changed_is_written_again(paths: InstancePaths) -> None:
    install({"a.conf": "1\n", "b.conf": "2\n"}, paths)
    before = (paths.etc / "a.conf").stat().st_ino
    assert install({"a.conf": "1\n", "b.conf": "3\n"}, paths) == ("b.conf",)
    assert (paths.etc / "a.conf").stat().st_ino == before
    assert (paths.etc / "b.conf").read_text() == "3\n"


def test_files_are_for_their_owner_and_group_alone(paths: InstancePaths) -> None:
    install({"a.conf": "secret = x\n"}, paths)
    assert (paths.etc / "a.conf").stat().st_mode & 0o777 == 0o640


def test_a_file_that_somebody_opened_to_all_is_closed_again(paths: InstancePaths) -> None:
    install({"a.conf": "1\n"}, paths)
    (paths.etc / "a.conf").chmod(0o644)
    assert install({"a.conf": "1\n"}, paths) == ("a.conf",)
    assert (paths.etc / "a.conf").stat().st_mode & 0o777 == 0o640


def test_a_leftover_of_a_killed_writer_is_no_obstacle(paths: InstancePaths) -> None:
    make_folders(paths)
    (paths.etc / ".a.conf.new").write_text("half")
    assert install({"a.conf": "1\n"}, paths) == ("a.conf",)
    assert [path.name for path in paths.etc.iterdir()] == ["a.conf"]


def test_every_folder_that_asterisk_needs_is_there(paths: InstancePaths) -> None:
    make_folders(paths)
    assert (paths.asterisk_log / "cdr-csv").is_dir()
    assert paths.music.is_dir()
    assert all(paths.sounds(language).is_dir() for language in Language)


def test_modules_are_reloaded_once_each() -> None:
    assert modules_to_reload(["queues.conf", "extensions.conf", "queues.conf"]) == ("app_queue.so", "pbx_config.so")


def test_a_file_that_is_read_at_the_start_only_asks_for_a_restart() -> None:
    with pytest.raises(InstallError, match=r"asterisk\.conf take effect at the next start"):
        modules_to_reload(["queues.conf", "asterisk.conf"])


def test_reloads_are_known_for_rendered_files_only() -> None:
    assert set(RELOADED_BY) <= set(FILES)


def test_the_script_is_copied_with_all_that_it_imports_and_nothing_more(paths: InstancePaths) -> None:
    install_agi(paths)
    tops = {path.name for path in paths.agi.iterdir()}
    assert tops == {"agi_scripts", "asterisk", "asterisk_conf", "routing", "six.py", DECIDE}
    assert not list(paths.agi.rglob("plan_files"))
    assert not list(paths.agi.rglob("*.yaml"))


def test_the_copied_script_starts_without_the_packages_of_this_machine(paths: InstancePaths) -> None:
    install_agi(paths)
    assert os.access(paths.agi / DECIDE, os.X_OK)
    run = subprocess.run(
        [sys.executable, "-IS", str(paths.agi / DECIDE)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert "ModuleNotFoundError" not in run.stderr
    assert "ImportError" not in run.stderr
    assert run.returncode == 1
    assert run.stdout == ""


def test_a_module_of_an_older_version_goes_away(paths: InstancePaths) -> None:
    install_agi(paths)
    old = paths.agi / "routing" / "older.py"
    old.write_text("x = 1\n")
    assert install_agi(paths) == ()
    assert not old.exists()


def test_nothing_is_copied_twice(paths: InstancePaths) -> None:
    assert DECIDE in install_agi(paths)
    assert install_agi(paths) == ()
