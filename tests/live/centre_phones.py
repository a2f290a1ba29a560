"""Telephones of centres behind a provider's trunk, played by one SIPp: the number dialled tells which one rings."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from enum import StrEnum
from pathlib import Path

from tests.live import dtmf_pcap
from tests.live.duty_phone import SDP, bye, reply, send
from tests.live.sipp_phone import running_phone

ADDRESS = "127.0.0.4"
"""The provider of the trunk for outbound calls."""
TALK_MS = 1_500
KEY_AFTER_MS = 700
"""Later than the beginning of the announcement, which a key interrupts."""


class Behaviour(StrEnum):
    """What happens at one telephone."""

    ACCEPTS = "accepts"
    """A person answers, presses the key, talks for `TALK_MS` and hangs up."""
    REFUSES = "refuses"
    """A person answers and presses another key."""
    SILENT = "silent"
    """Somebody, or an answering machine, answers and presses nothing."""
    FAX = "fax"
    """A machine answers with a loud tone."""
    PUTS_DOWN = "puts-down"
    """Somebody answers and hangs up again."""
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    UNKNOWN = "unknown"
    """The network knows no such number."""


def _steps(behaviour: Behaviour, folder: Path) -> list[str]:
    answered = [reply("180 Ringing"), reply("200 OK", body=SDP), '<recv request="ACK"/>']
    told_bye = ['<recv request="BYE" timeout="30000"/>', reply("200 OK")]
    hangs_up = [send(bye(), ' retrans="500"'), '<recv response="200"/>']
    steps = {
        Behaviour.ACCEPTS: [*answered, _press(folder, "1"), _pause(TALK_MS), *hangs_up],
        Behaviour.REFUSES: [*answered, _press(folder, "2"), *told_bye],
        Behaviour.SILENT: [*answered, *told_bye],
        Behaviour.FAX: [*answered, _play(folder / "fax.pcap"), *told_bye],
        Behaviour.PUTS_DOWN: [*answered, _pause(KEY_AFTER_MS), *hangs_up],
        Behaviour.BUSY: [reply("486 Busy Here"), '<recv request="ACK"/>'],
        Behaviour.UNKNOWN: [reply("404 Not Found"), '<recv request="ACK"/>'],
        Behaviour.NO_ANSWER: [
            reply("180 Ringing"),
            '<recv request="CANCEL" timeout="30000"/>',
            reply("200 OK"),
            reply("487 Request Terminated", cseq="[$cseq]"),
            '<recv request="ACK"/>',
        ],
    }
    return steps[behaviour]


def _pause(duration_ms: int) -> str:
    return f'<pause milliseconds="{duration_ms}"/>'


def _play(path: Path) -> str:
    return f'<nop><action><exec play_pcap_audio="{path}"/></action></nop>'


def _press(folder: Path, key: str) -> str:
    return _pause(KEY_AFTER_MS) + _play(folder / f"key{key}.pcap")


def _scenario(folder: Path, phones: Mapping[str, Behaviour]) -> str:
    """Gives a scenario that goes on where the number dialled says; another number fails the call."""
    first = """<recv request="INVITE" rrs="true"><action>
<ereg regexp="sip:.[0-9]+@" search_in="msg" check_it="true" assign_to="any"/>
<ereg regexp=".*" search_in="hdr" header="From:" check_it="true" assign_to="caller"/>
<ereg regexp=".*" search_in="hdr" header="CSeq:" check_it="true" assign_to="cseq"/>
{0}</action></recv>"""
    found = "".join(
        f'<ereg regexp="^INVITE sip:.{number[1:]}@" search_in="msg" assign_to="is{place}"/>\n'
        for place, number in enumerate(phones)
    )
    jumps = [f'<nop test="is{place}" next="{place + 1}"/>' for place in range(len(phones))]
    body = [first.format(found), *jumps, '<nop><action><exec int_cmd="stop_call"/></action></nop>']
    for place, behaviour in enumerate(phones.values()):
        body += [f'<label id="{place + 1}"/>', *_steps(behaviour, folder), '<nop next="99"/>']
    variables = ",".join(["any", "caller", "cseq", *(f"is{place}" for place in range(len(phones)))])
    text = "\n".join([*body, '<label id="99"/>', f'<Reference variables="{variables}"/>'])
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="centres">\n{text}\n</scenario>\n'


@asynccontextmanager
async def centre_phones(folder: Path, port: int, phones: Mapping[str, Behaviour], *, calls: int) -> AsyncIterator[None]:
    """Keeps the telephones ready; at the end of the block exactly `calls` calls must have gone as described."""
    await asyncio.to_thread(folder.mkdir, parents=True)
    for order, key in enumerate("12"):
        dtmf_pcap.write_press(folder / f"key{key}.pcap", key, order)
    dtmf_pcap.write_tone(folder / "fax.pcap", duration_ms=12_000)
    async with running_phone(folder, _scenario(folder, phones), address=ADDRESS, port=port, calls=calls):
        yield
