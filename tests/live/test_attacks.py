"""Who wants to call out at the line's cost, to control it, or to listen, gets nowhere; a provider's trunk stands ready.

The provider counts what arrives there: the proof that nothing went out is what it did not hear.
"""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import closing
from ipaddress import IPv4Network

import pytest
import pytest_asyncio

from asterisk_conf.names import REFUSALS_FILE
from asterisk_conf.site import Trunk
from hotline.line import IVR
from hotline.softphone import PhoneEventType
from routing.plan import OperatorId, Plan
from tests.fail2ban import banned_address
from tests.live.bare_caller import BareCaller, bare_caller
from tests.live.conftest import SPARE_DESCRIPTORS
from tests.live.line import Line, running_line
from tests.live.ports import free_ports
from tests.live.sipp import STRANGER
from tests.live.waiting import until
from tests.live.written import places_of

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

PROVIDER = "127.0.0.4"
CALLER = "+380000000066"
"""A sample: the area code 00 does not exist."""
WANTED = (
    "00380000000011", "0019001234567", "+19001234567", "19001234567", "0900123456", "900", "112", "*", "%23", "**",
    "*%23", "*%2306%23", "*21*0900123456%23", "*8", "*85", "*8199", "*831234", "centre-check", "sumy-0", "s", "h", "T",
)  # fmt: skip
"""Premium numbers, numbers abroad, the network's codes, almost our codes, and names of our own dialplan."""
METHODS = ("INVITE", "REGISTER", "OPTIONS", "SUBSCRIBE", "MESSAGE", "NOTIFY", "PUBLISH", "REFER", "UPDATE", "INFO")
AMI_S = 10.0
GUESSES = 100


class Provider(asyncio.DatagramProtocol):
    """The trunk for outbound calls: writes down what arrives."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.heard.append(data)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def provider() -> AsyncIterator[tuple[Provider, int]]:
    (port,) = free_ports(1, address=PROVIDER)
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(Provider, local_addr=(PROVIDER, port))
    yield protocol, port
    transport.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def line(plan: Plan, provider: tuple[Provider, int]) -> AsyncIterator[Line]:
    _, port = provider
    duty = Trunk(name="duty", match=(IPv4Network(f"{PROVIDER}/32"),), sip_uri=f"sip:{PROVIDER}:{port}")
    async with running_line(plan, (duty,)) as running:
        running.descriptor_limit = running.descriptors(IVR) + SPARE_DESCRIPTORS
        yield running


@pytest.fixture
def heard(provider: tuple[Provider, int]) -> list[bytes]:
    return provider[0].heard


async def answer_to(caller: BareCaller, method: str) -> int:
    """Gives the final answer to the request that the caller sent last."""

    async def look() -> list[int]:
        return [each.status for each in caller.messages if each.method == method and each.status >= 200]

    return (await until(f"an answer to {method}", look))[-1]


@pytest.mark.parametrize("number", WANTED)
async def test_the_trunk_reaches_no_number_but_the_lines_own(clean_line: Line, heard: list[bytes], number: str) -> None:
    known = len(clean_line.cel_rows())
    async with bare_caller(CALLER, clean_line.site.sip_port) as caller:
        caller.did = number
        caller.invite()
        assert await answer_to(caller, "INVITE") == 404
    assert await clean_line.channels() == ()
    assert len(clean_line.cel_rows()) == known
    assert heard == []


async def test_an_operators_phone_reaches_none_of_them_either(clean_line: Line, heard: list[bytes]) -> None:
    known = len(clean_line.cel_rows())
    refusals: dict[str, str] = {}
    async with clean_line.operator_phone(OperatorId("sumy01")) as phone:
        for number in WANTED:
            since = phone.mark()
            await phone.dial(f"sip:{number}@127.0.0.1:{clean_line.site.sip_port}")
            event = await phone.wait_for(PhoneEventType.ESTABLISHED, PhoneEventType.CLOSED, since=since, deadline_s=15)
            refusals[number] = f"{event.type} {event.detail}"
    assert {text.startswith("CALL_CLOSED 404") for text in refusals.values()} == {True}, refusals
    assert len(clean_line.cel_rows()) == known
    assert heard == []


@pytest.mark.parametrize("method", METHODS)
async def test_a_stranger_is_refused_whatever_the_request(clean_line: Line, method: str) -> None:
    known = len(clean_line.cel_rows())
    async with bare_caller(CALLER, clean_line.site.sip_port, STRANGER) as caller:
        body = caller.sdp() if method == "INVITE" else ""
        caller.send(caller.request(method, is_in_dialog=False, body=body, content_type="application/sdp"))
        assert await answer_to(caller, method) in {401, 403, 405, 481, 489}
    assert await clean_line.channels() == ()
    assert len(clean_line.cel_rows()) == known


async def test_a_stranger_who_tries_passwords_is_refused_and_the_next_call_goes_through(clean_line: Line) -> None:
    async with bare_caller(CALLER, clean_line.site.sip_port, STRANGER) as caller:
        caller.from_header = "<sip:sumy01@127.0.0.1>"
        caller.did = "sumy01"
        for cseq in range(100, 100 + GUESSES):
            guess = f'Digest username="sumy01",realm="asterisk",nonce="n",uri="sip:x",response="{cseq:032x}"'
            headers = (f"Authorization: {guess}", "Expires: 300")
            caller.send(caller.request("REGISTER", cseq=cseq, is_in_dialog=False, headers=headers))

        async def look() -> list[int]:
            return [each.status for each in caller.messages if each.status >= 200]

        answers = await until("every guess is answered", look, lambda seen: len(seen) >= GUESSES)
    assert set(answers) == {401}
    assert "sumy01/" not in await clean_line.asterisk_cli("pjsip show contacts")
    async with bare_caller(CALLER, clean_line.site.sip_port) as proper:
        proper.invite()
        await proper.answered()
        await proper.hears()
        proper.hang_up()


async def test_every_refusal_of_a_stranger_stands_where_fail2ban_counts_it(clean_line: Line) -> None:
    async with bare_caller(CALLER, clean_line.site.sip_port, STRANGER) as caller:
        caller.invite()
        assert await answer_to(caller, "INVITE") == 401
    lines = (clean_line.paths.asterisk_log / REFUSALS_FILE).read_text("utf-8").splitlines()
    counted = [banned_address(text) for text in lines if "pjsip_distributor.c" in text]
    assert counted
    assert set(counted) == {STRANGER}


async def test_a_caller_cannot_transfer_the_call_to_a_number(clean_line: Line, heard: list[bytes]) -> None:
    async with bare_caller(CALLER, clean_line.site.sip_port) as caller:
        caller.invite()
        await caller.answered()
        target = f"Refer-To: <sip:+19001234567@127.0.0.1:{clean_line.site.sip_port}>"
        caller.send(caller.request("REFER", headers=(target,)))
        caller.send_info("9")
        assert await answer_to(caller, "INFO") == 200  # so the REFER, which came before it, has been read
        assert len(await clean_line.channels()) == 1
        caller.hang_up()
    assert heard == []


def log_in(line: Line, source: str, user: str, secret: str) -> str:
    """Logs in to AMI from a local address; gives all that came back."""
    with closing(socket.create_connection(("127.0.0.1", line.site.ami_port), AMI_S, (source, 0))) as link:
        rows = (f"Action: Login\r\nUsername: {user}\r\nSecret: {secret}", "Action: Logoff")
        link.sendall("".join(f"{row}\r\n\r\n" for row in rows).encode())
        said = b""
        while chunk := link.recv(65_536):
            said += chunk
        return said.decode()


@pytest.mark.parametrize("user", ["ivr", "control"])
async def test_the_right_secret_from_a_wrong_address_opens_no_ami(clean_line: Line, user: str) -> None:
    clean_line.errors_are_expected = True
    secrets = clean_line.prepared.secrets
    secret = {"ivr": secrets.ami, "control": secrets.ami_control}[user].get_secret_value()
    assert "Authentication accepted" in await asyncio.to_thread(log_in, clean_line, "127.0.0.1", user, secret)
    said = await asyncio.to_thread(log_in, clean_line, STRANGER, user, secret)
    assert "Authentication failed" in said
    assert "accepted" not in said


async def test_the_provider_would_have_heard_a_call_that_goes_out(clean_line: Line, heard: list[bytes]) -> None:
    assert heard == []
    await clean_line.asterisk_cli("channel originate PJSIP/+380000000099@trunk-duty application Hangup")

    async def look() -> list[bytes]:
        return [each for each in heard if each.startswith(b"INVITE sip:+380000000099@")]

    await until("the provider hears of it", look)
    await clean_line.hang_up_all()


async def test_no_number_that_was_dialled_or_called_from_stands_in_any_log(clean_line: Line) -> None:
    numbers = [CALLER, *(number for number in WANTED if re.fullmatch(r"\+?\d{10,}", number))]
    assert len(numbers) > 4
    assert await places_of(clean_line, [number.removeprefix("+") for number in numbers]) == []
