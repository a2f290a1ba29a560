"""Operators behind TLS and SRTP: a real phone registers and talks encrypted; one that talks in the clear cannot."""

import asyncio
import socket
import ssl
import tempfile
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from hotline.line import IVR
from hotline.softphone import PhoneEventType, PhoneSettings, Softphone, running_phone
from hotline.tones import tone_s
from routing.plan import OperatorId, Plan
from tests.live.arrivals import TUESDAY_11
from tests.live.conftest import SPARE_DESCRIPTORS
from tests.live.line import Line, running_line
from tests.live.waiting import until

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

OPERATOR = OperatorId("chernivtsi01")
CALLER_HZ = 900
OPERATOR_HZ = 600


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def line(plan: Plan) -> AsyncIterator[Line]:
    async with running_line(plan, has_tls=True) as running:
        assert running.error_lines() == ()
        running.descriptor_limit = running.descriptors(IVR) + SPARE_DESCRIPTORS
        yield running


@asynccontextmanager
async def a_phone(line: Line, settings: PhoneSettings) -> AsyncIterator[Softphone]:
    async with running_phone(settings, Path(tempfile.mkdtemp(prefix="phone-", dir=line.paths.run))) as phone:
        yield phone


def operator_settings(line: Line) -> PhoneSettings:
    return PhoneSettings(
        user=OPERATOR,
        address="127.0.0.1",
        tone_hz=OPERATOR_HZ,
        registrar=f"127.0.0.1:{line.site.operators_port}",
        password=line.prepared.secrets.operators[OPERATOR],
        answers=True,
        is_secure=True,
    )


async def test_a_phone_registers_by_tls_and_both_sides_hear_each_other_through_srtp(clean_line: Line) -> None:
    clean_line.set_clock(TUESDAY_11)
    caller = PhoneSettings(user="+380000000077", address="127.0.0.2", tone_hz=CALLER_HZ)
    async with a_phone(clean_line, operator_settings(clean_line)) as operator, a_phone(clean_line, caller) as citizen:
        await clean_line.dial_code(operator, "*81")
        assert "transport=tls" in (await clean_line.asterisk_cli("database show registrar")).lower()
        since = operator.mark()
        await citizen.dial(f"sip:0800213103@127.0.0.1:{clean_line.site.sip_port}")
        await citizen.wait_for(PhoneEventType.ESTABLISHED, deadline_s=15)
        await citizen.send_keys("0")
        await operator.wait_for(PhoneEventType.ESTABLISHED, since=since, deadline_s=30)
        await asyncio.sleep(2)  # they talk: what each hears of the other is measured below
        await citizen.hang_up()
        await operator.wait_for(PhoneEventType.CLOSED, since=since, deadline_s=15)
    assert tone_s(operator.heard()[-1], CALLER_HZ) > 0.5
    assert tone_s(citizen.heard()[-1], OPERATOR_HZ) > 0.5


async def test_a_phone_that_would_talk_in_the_clear_is_refused_and_counts_as_away(clean_line: Line) -> None:
    clean_line.errors_are_expected = True  # Asterisk logs each offer without SRTP as one
    known = len(clean_line.cel_rows("ANSWER"))
    by_udp = f"127.0.0.1:{clean_line.site.sip_port}"
    clear = replace(operator_settings(clean_line), registrar=by_udp, is_secure=False)
    async with a_phone(clean_line, clear) as phone:
        since = phone.mark()
        await phone.dial(phone.settings.uri("*81", by_udp))
        event = await phone.wait_for(PhoneEventType.ESTABLISHED, PhoneEventType.CLOSED, since=since, deadline_s=15)
        assert (event.type, "488" in event.detail) == (PhoneEventType.CLOSED, True)
        shown = await until(
            "Asterisk has looked for the phone",
            lambda: clean_line.asterisk_cli("pjsip show contacts"),
            lambda text: "Unavail" in text or "Avail" in text,
        )
        assert f"{OPERATOR}/" in shown
        assert "Unavail" in shown
    assert len(clean_line.cel_rows("ANSWER")) == known


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
async def test_versions_of_tls_that_are_broken_are_refused(clean_line: Line, version: ssl.TLSVersion) -> None:
    with pytest.raises(OSError, match=r"(?i)alert|eof|reset|protocol|version"):
        await asyncio.to_thread(tls_version_of, clean_line, version)


async def test_tls_1_2_is_spoken_with_the_certificate_that_phones_are_given_to_trust(clean_line: Line) -> None:
    assert await asyncio.to_thread(tls_version_of, clean_line, ssl.TLSVersion.TLSv1_2) == "TLSv1.2"


def tls_version_of(line: Line, version: ssl.TLSVersion) -> str | None:
    """Speaks this version and no other with the line; gives what was agreed on."""
    assert line.site.tls is not None
    context = ssl.create_default_context(cafile=line.paths.tls_certificate)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")  # so that this side would speak the old ones
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # ssl's own, about the versions that must be refused
        context.minimum_version = context.maximum_version = version
    with (
        socket.create_connection(("127.0.0.1", line.site.tls.port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as secured,
    ):
        return secured.version()
