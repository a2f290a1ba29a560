"""Datagrams that no proper telephone sends, from the trunk itself; after each a call goes through as ever."""

from collections.abc import Awaitable, Callable, Mapping

import pytest

from asterisk_conf.names import UserEvent
from tests.live.bare_caller import OK, BareCaller, bare_caller
from tests.live.line import Line
from tests.live.waiting import until

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

Trick = Callable[[BareCaller], Awaitable[None]]
NUMBER = "+380000000077"
"""A sample: the area code 00 does not exist."""
REFUSED = (400, 404, 415, 416, 420, 481, 484, 486, 488, 500, 503)
PORT_ZERO = "v=0\r\no=a 1 1 IN IP4 127.0.0.2\r\ns=-\r\nc=IN IP4 127.0.0.2\r\nt=0 0\r\nm=audio 0 RTP/AVP 8\r\n"
REGISTERS = 300
REPEATS = 20


def from_user(user: str, name: str = "") -> Trick:
    """Calls with this caller id, and hangs up."""

    async def trick(caller: BareCaller) -> None:
        caller.from_header = f"{name}<sip:{user}@127.0.0.2>"
        await call(caller)

    return trick


async def call(caller: BareCaller, **given: str) -> None:
    """Dials; if it is answered, hangs up."""
    caller.invite(**given)
    if await caller.wait_status(OK, *REFUSED) == OK:
        caller.acknowledge()
        caller.hang_up()


async def offers_nothing(caller: BareCaller) -> None:
    """Leaves the media to the line, and never answers its offer."""
    await call(caller, sdp="")


async def has_port_zero(caller: BareCaller) -> None:
    """Wants no media stream."""
    await call(caller, sdp=PORT_ZERO)


async def has_broken_media(caller: BareCaller) -> None:
    """Describes the media in no language."""
    await call(caller, sdp="v=0\r\nm=audio -1 RTP/AVP 999999\r\nc=IN IP4 999.0.0.1\r\n")


async def repeats_itself(caller: BareCaller) -> None:
    """Sends every message many times: one call, one answer."""
    for _ in range(REPEATS):
        caller.invite()
    await caller.wait_status(OK)
    for _ in range(REPEATS):
        caller.acknowledge()
    bye = caller.request("BYE")
    for _ in range(REPEATS):
        caller.send(bye)


async def ends_what_never_began(caller: BareCaller) -> None:
    """Sends BYE, CANCEL, ACK and INFO of no call."""
    for method in ("BYE", "CANCEL", "ACK", "INFO"):
        caller.send(caller.request(method))


async def floods_registrations(caller: BareCaller) -> None:
    """Asks to be registered as operators and as nobody, without a password."""
    caller.did = "sumy01"
    for _ in range(REGISTERS):
        caller.send(caller.request("REGISTER", is_in_dialog=False))


async def sends_garbage(caller: BareCaller) -> None:
    """Sends pieces of messages, and what is none."""
    invite = caller.request("INVITE", cseq=1, body=caller.sdp(), content_type="application/sdp")
    cuts = [invite[:length] for length in range(0, len(invite), 41)]
    lies = [invite.replace("Content-Length: ", f"Content-Length: {each}") for each in ("-", "9999999999", "x")]
    rest = ("\0" * 100, "SIP/2.0 200 OK\r\n\r\n", "\r\n\r\n", "é" * 5_000, invite.replace(": ", ":\0"))
    for text in (*cuts, *lies, *rest):
        caller.send(text)


async def has_an_empty_user(caller: BareCaller) -> None:
    """Writes a user part that is there and empty: no SIP address, so that nothing answers."""
    caller.from_header = "<sip:@127.0.0.2>"
    caller.invite()


async def dials_controls(caller: BareCaller) -> None:
    """Dials the line's number with control characters in it."""
    for did in ("0800213103%00", "0800213103%0d%0aVia:x", "%00", "0800213103;x=%0a", "0800213103%"):
        caller.did = did
        caller.send(caller.request("INVITE", is_in_dialog=False, body=caller.sdp(), content_type="application/sdp"))
    caller.did = "0800213103"


TRICKS: Mapping[str, Trick] = {
    "5,000 digits": from_user("5" * 5_000),
    "empty": has_an_empty_user,
    "anonymous": from_user("anonymous", '"Anonymous" '),
    "control characters in the user": from_user("%00%01%07%1b%0d%0a%7f380"),
    "control characters in the name": from_user("380", '"\\\x01\x07%0d%0a${SHELL(id)}" '),
    "separators of our files": from_user("380%7c%3b%2c%22%5c", '"a|b;c,d=e" '),
    "no offer": offers_nothing,
    "port zero": has_port_zero,
    "broken media": has_broken_media,
    "everything many times": repeats_itself,
    "the end of no call": ends_what_never_began,
    "a flood of REGISTER": floods_registrations,
    "garbage": sends_garbage,
    "control characters in the number dialled": dials_controls,
}


LOGGED_AS_ERROR = {"broken media", "garbage"}
"""Tricks that pjproject itself logs at ERROR, through no fault of ours."""


@pytest.mark.parametrize("name", TRICKS)
async def test_after_a_trick_a_call_goes_through_and_the_evidence_is_whole(clean_line: Line, name: str) -> None:
    clean_line.errors_are_expected = name in LOGGED_AS_ERROR
    async with bare_caller(NUMBER, clean_line.site.sip_port) as caller:
        await TRICKS[name](caller)
        async with bare_caller(NUMBER, clean_line.site.sip_port) as proper:
            proper.invite()
            await proper.answered()
            await proper.hears()
            proper.hang_up()
        # What a trick began and left unacknowledged would else stay for the 32 s of RFC 3261 (64 × T1).
        await clean_line.hang_up_all()
        await until("no channel is left", clean_line.channels, lambda names: not names)
    entry = clean_line.cel_payloads(UserEvent.ENTRY)[-1]
    assert entry["number"] == NUMBER
    assert all(set(each["number"]) <= set("+0123456789") for each in clean_line.cel_payloads(UserEvent.ENTRY))


async def test_nobody_is_registered_and_every_call_is_in_the_log_once(clean_line: Line) -> None:
    expected = clean_line.calls_that_came()
    assert len(expected) >= len(TRICKS)
    logged = await until("all calls are logged", clean_line.calls, lambda calls: len(calls) >= len(expected))
    assert sorted(call.call_id for call in logged) == expected
    assert "sumy01/" not in await clean_line.asterisk_cli("pjsip show contacts")
