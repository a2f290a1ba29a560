"""Two real phones on loopback: unit tests of our driver against the program that it drives."""

import shutil
import socket
from pathlib import Path

import pytest

from hotline.baresip import PORTS, draw_port
from hotline.errors import SoftphoneError
from hotline.softphone import PhoneEventType, PhoneSettings, running_phone, sample_number
from hotline.tones import tone_s

pytestmark = pytest.mark.skipif(shutil.which("baresip") is None, reason="baresip is not installed")

CALLER = PhoneSettings(user="+380000000001", address="127.0.0.2", tone_hz=700)
OPERATOR = PhoneSettings(user="c01", address="127.0.0.1", tone_hz=1100, answers=True)


async def test_two_phones_hear_each_other_and_a_key_arrives(tmp_path: Path) -> None:
    async with running_phone(OPERATOR, tmp_path / "b") as operator, running_phone(CALLER, tmp_path / "a") as caller:
        await caller.dial(f"sip:c01@127.0.0.1:{operator.sip_port}")
        await caller.wait_for(PhoneEventType.ESTABLISHED, deadline_s=10)
        incoming = await operator.wait_for(PhoneEventType.ESTABLISHED, deadline_s=10)
        assert incoming.peer_uri.startswith("sip:+380000000001@127.0.0.2")
        since = operator.mark()
        await caller.send_keys("54")
        first = await operator.wait_for(PhoneEventType.DIGIT, since=since, deadline_s=10)
        assert first.detail == "5"
        for _ in range(8):  # each key takes 0.2 s: they talk meanwhile
            since = operator.mark()
            await caller.send_keys("4")
            await operator.wait_for(PhoneEventType.DIGIT, since=since, deadline_s=10)
        await caller.hang_up()
        await operator.wait_for(PhoneEventType.CLOSED, deadline_s=10)
    assert tone_s(caller.heard()[0], 1100) > 0.1
    assert tone_s(operator.heard()[0], 700) > 0.1
    assert tone_s(caller.heard()[0], 700) == 0


async def test_a_registration_that_nobody_answers_is_an_error_and_leaves_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hotline.softphone.REGISTER_S", 1.5)
    nowhere = PhoneSettings(user="c01", address="127.0.0.1", tone_hz=700, registrar="127.0.0.1:9")
    with pytest.raises(SoftphoneError, match="c01"):
        async with running_phone(nowhere, tmp_path):
            pytest.fail("nobody is there to register at")
    assert processes_that_name(tmp_path) == []


async def test_waiting_for_what_does_not_come_says_what_came(tmp_path: Path) -> None:
    async with running_phone(CALLER, tmp_path) as phone:
        with pytest.raises(SoftphoneError, match=r"no CALL_ESTABLISHED within 0\.1 s; what came:"):
            await phone.wait_for(PhoneEventType.ESTABLISHED, deadline_s=0.1)


def test_sample_numbers_belong_to_nobody() -> None:
    assert sample_number(lambda low, high: high) == "+380009999999"
    assert sample_number(lambda low, high: low) == "+380000000000"


def processes_that_name(folder: Path) -> list[Path]:
    return [path for path in Path("/proc").glob("[0-9]*/cmdline") if str(folder).encode() in read(path)]


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


async def test_a_phone_whose_port_is_taken_is_started_again_with_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        taken = holder.getsockname()[1]
        control_ports = [taken]
        monkeypatch.setattr("hotline.baresip.CONNECT_S", 1.0)
        monkeypatch.setattr(
            "hotline.baresip.draw_port",
            lambda address, kind: (
                control_ports.pop() if kind == socket.SOCK_STREAM and control_ports else draw_port(address, kind)
            ),
        )
        async with running_phone(CALLER, tmp_path) as phone:
            assert phone.sip_port in PORTS
        assert control_ports == []
