"""One line an instance folder: the lock, and what it tells."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from asterisk_conf.instance import InstancePaths
from asterisk_conf.site import SiteSettings
from hotline.lock import AlreadyRunningError, Running, hold_lock, live_file, read_running, write_live
from hotline.ports import needed_ports


@pytest.fixture
def paths(tmp_path: Path) -> InstancePaths:
    return InstancePaths(tmp_path)


def test_a_second_line_is_told_who_runs_the_first(paths: InstancePaths) -> None:
    with hold_lock(paths, {"sip_port": 5060}) as running:
        assert read_running(paths) == running
        told = pytest.raises(AlreadyRunningError, match=rf"pid {os.getpid()}, since .*, sip_port 5060")
        with told, hold_lock(paths, {}):
            pytest.fail("two hold one lock")
    assert read_running(paths) is None


def test_the_lock_of_a_killed_line_is_free(paths: InstancePaths) -> None:
    holder = """
import sys, pathlib, time
from asterisk_conf.instance import InstancePaths
from hotline.lock import hold_lock
with hold_lock(InstancePaths(pathlib.Path(sys.argv[1])), {}):
    print("held", flush=True)
    sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(paths.root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        assert read_running(paths) is not None
        process.kill()
    with hold_lock(paths, {}) as running:
        assert running.pid == os.getpid()


def test_the_list_of_processes_goes_when_the_line_ends(paths: InstancePaths) -> None:
    with hold_lock(paths, {"api_port": 8080}) as running:
        write_live(paths, running, {"api": 17})
        assert '"api": 17' in live_file(paths).read_text()
    assert not live_file(paths).exists()


def test_a_lock_with_garbage_in_it_still_says_that_somebody_runs(paths: InstancePaths) -> None:
    with hold_lock(paths, {}):
        (paths.run / "hotline.lock").write_text("garbage")
        assert read_running(paths) == Running(pid=0, since="", ports={})
        with pytest.raises(AlreadyRunningError, match="is starting the line"), hold_lock(paths, {}):
            pytest.fail("two hold one lock")


def test_every_port_setting_of_a_site_is_looked_at() -> None:
    settings = {name for name in SiteSettings.model_fields if name.endswith("_port")}
    assert {port.setting for port in needed_ports(SiteSettings())} == settings
