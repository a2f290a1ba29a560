"""What keeps two lines apart: the lock of an instance and its ports."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from asterisk_conf.instance import InstancePaths
from asterisk_conf.site import SiteSettings
from hotline.lock import AlreadyRunningError, Running, hold_lock, live_file, read_running, write_live
from hotline.ports import NeededPort, PortsInUseError, check_ports, is_free, needed_ports


@pytest.fixture
def paths(tmp_path: Path) -> InstancePaths:
    return InstancePaths(tmp_path)


@pytest.fixture(params=[socket.SOCK_STREAM, socket.SOCK_DGRAM], ids=["tcp", "udp"])
def taken(request: pytest.FixtureRequest) -> Iterator[NeededPort]:
    with socket.socket(socket.AF_INET, request.param) as holder:
        holder.bind(("127.0.0.1", 0))
        is_udp = request.param == socket.SOCK_DGRAM
        if not is_udp:
            holder.listen()
        yield NeededPort(setting="api_port", address="127.0.0.1", port=holder.getsockname()[1], is_udp=is_udp)


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


def test_a_port_in_use_is_named_with_its_owner(taken: NeededPort) -> None:
    with pytest.raises(PortsInUseError) as refused:
        check_ports([taken], Path("/instance/site.yaml"))
    assert taken.label in str(refused.value)
    assert f"(pid {os.getpid()})" in str(refused.value)
    assert "/instance/site.yaml" in str(refused.value)


def test_a_port_is_free_again_when_its_holder_is_gone(taken: NeededPort) -> None:
    assert not is_free(taken)
    other = socket.SOCK_STREAM if taken.is_udp else socket.SOCK_DGRAM
    assert is_free(NeededPort(setting="x", address="127.0.0.1", port=taken.port, is_udp=other == socket.SOCK_DGRAM))


def test_every_port_setting_of_a_site_is_looked_at() -> None:
    settings = {name for name in SiteSettings.model_fields if name.endswith("_port")}
    assert {port.setting for port in needed_ports(SiteSettings())} == settings
