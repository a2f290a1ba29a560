"""Ports that are taken: real sockets of this process."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from asterisk_conf.instance import InstancePaths
from asterisk_conf.site import SiteSettings, write_site
from hotline.cli import NOT_DONE, run
from hotline.ports import NeededPort, PortsInUseError, check_ports, is_free


@pytest.fixture(params=[socket.SOCK_STREAM, socket.SOCK_DGRAM], ids=["tcp", "udp"])
def taken(request: pytest.FixtureRequest) -> Iterator[NeededPort]:
    with socket.socket(socket.AF_INET, request.param) as holder:
        holder.bind(("127.0.0.1", 0))
        is_udp = request.param == socket.SOCK_DGRAM
        if not is_udp:
            holder.listen()
        yield NeededPort(setting="api_port", address="127.0.0.1", port=holder.getsockname()[1], is_udp=is_udp)


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


def test_up_on_a_port_in_use_is_one_message_and_starts_nothing(
    taken: NeededPort, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = InstancePaths(tmp_path)
    setting = "sip_port" if taken.is_udp else "api_port"
    write_site(paths.site_file, SiteSettings.model_validate({setting: taken.port}))
    assert run(["up", "--instance", str(tmp_path)]) == NOT_DONE
    told = capsys.readouterr().err
    assert f"port {taken.label} on 127.0.0.1 ({setting}) is in use by" in told
    assert "Traceback" not in told
    assert not paths.secrets_file.exists()
    assert not paths.database.exists()
