"""The commands that start Asterisk and ask its console."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from asterisk_conf.binary import AsteriskBinary, AsteriskError, AsteriskVersion
from asterisk_conf.instance import InstancePaths
from asterisk_conf.launch import check_socket_path, console_argv, launch_argv, socket_path

PATHS = InstancePaths(Path("/srv/line"))
SYSTEM = AsteriskBinary(
    root=None,
    version=AsteriskVersion(22, 10, 1),
    executable=Path("/usr/sbin/asterisk"),
    modules_dir=Path("/usr/lib/asterisk/modules"),
    data_dir=Path("/usr/share/asterisk"),
    python=Path("/usr/bin/python3"),
)
IN_FOLDER = replace(SYSTEM, root=Path("/var/cache/root"))


def test_the_machines_own_asterisk_needs_no_root_folder() -> None:
    argv = launch_argv(SYSTEM, PATHS)
    assert argv[0] == "/bin/sh"
    assert argv[-5:] == ("/usr/sbin/asterisk", "-f", "-n", "-C", "/srv/line/asterisk/etc/asterisk.conf")


def test_a_root_folders_asterisk_gets_mounts_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    argv = launch_argv(IN_FOLDER, PATHS)
    assert argv[:4] == ("unshare", "--mount", "--propagation", "private")
    assert argv[8:11] == ("/var/cache/root", "/srv/line", "/srv/line/asterisk/run")


def test_a_root_folder_without_root_is_told_before_anything_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(AsteriskError, match="run with sudo"):
        launch_argv(IN_FOLDER, PATHS)


@pytest.mark.parametrize("binary", [SYSTEM, IN_FOLDER])
def test_a_console_command_stays_one_argument(binary: AsteriskBinary) -> None:
    argv = console_argv(binary, PATHS, "queue show sumy; rm -rf x")
    assert argv[-2:] == ("-rx", "queue show sumy; rm -rf x")


def test_the_longest_possible_socket_path_is_taken() -> None:
    rest = len(os.fsencode(socket_path(InstancePaths(Path("/")))))
    check_socket_path(InstancePaths(Path("/" + "a" * (107 - rest - 1))))


def test_one_byte_more_is_refused_with_what_to_do() -> None:
    rest = len(os.fsencode(socket_path(InstancePaths(Path("/")))))
    with pytest.raises(AsteriskError, match="--instance"):
        check_socket_path(InstancePaths(Path("/" + "a" * (107 - rest))))


def test_a_path_is_measured_in_bytes_not_in_letters() -> None:
    with pytest.raises(AsteriskError, match="--instance"):
        check_socket_path(InstancePaths(Path("/" + "ї" * 50)))
