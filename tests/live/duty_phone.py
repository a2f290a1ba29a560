"""The duty officer's telephone behind a provider's trunk, played by SIPp: it answers, or it is busy."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.live.sipp_phone import running_phone

ADDRESS = "127.0.0.4"
"""The provider of the trunk for outbound calls."""
TALK_MS = 1_000

_REPLY = """SIP/2.0 {status}
[last_Via:]
[last_From:]
[last_To:];tag=[pid]duty[call_number]
[last_Call-ID:]
{cseq}
Contact: <sip:[local_ip]:[local_port]>
"""
SDP = """v=0
o=duty 1 1 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [auto_media_port] RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-16"""
_BYE = """BYE [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:duty@[local_ip]:[local_port]>;tag=[pid]duty[call_number]
To: [$caller]
Call-ID: [call_id]
CSeq: 1 BYE
Max-Forwards: 70
Content-Length: 0"""


def bye() -> str:
    """Gives the text with which the telephone hangs up; the variable `caller` holds the From of its call."""
    return _BYE


def send(text: str, attributes: str = "") -> str:
    """Gives the step that sends a message."""
    return f"<send{attributes}><![CDATA[\n\n{text}\n\n]]></send>"


def reply(status: str, *, body: str = "", cseq: str = "") -> str:
    """Gives an answer to what came last, or to the request of `cseq`."""
    content = f"Content-Type: application/sdp\nContent-Length: [len]\n\n{body}" if body else "Content-Length: 0"
    return send(
        _REPLY.format(status=status, cseq=f"CSeq: {cseq}" if cseq else "[last_CSeq:]") + content,
        ' retrans="500"' if body else "",
    )


def _scenario(number: str, steps: list[str]) -> str:
    """Gives a scenario whose call fails unless the line dials exactly `number`."""
    regexp = f"^INVITE sip:{number}@".replace("+", r"\+")
    invite = f"""<recv request="INVITE" rrs="true"><action>
<ereg regexp="{regexp}" search_in="msg" check_it="true" assign_to="dialled"/>
<ereg regexp=".*" search_in="hdr" header="From:" check_it="true" assign_to="caller"/>
</action></recv>"""
    # Why the reference: SIPp refuses a variable that nothing reads.
    body = "\n".join([invite, *steps, '<Reference variables="dialled,caller"/>'])
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="duty">\n{body}\n</scenario>\n'


ANSWERS = [
    reply("180 Ringing"),
    reply("200 OK", body=SDP),
    '<recv request="ACK"/>',
    f'<pause milliseconds="{TALK_MS}"/>',
    send(_BYE, ' retrans="500"'),
    '<recv response="200"/>',
]
"""Answers, talks for `TALK_MS`, and hangs up."""
IS_BUSY = [reply("486 Busy Here"), '<recv request="ACK"/>']


@asynccontextmanager
async def duty_phone(folder: Path, port: int, number: str, steps: list[str]) -> AsyncIterator[None]:
    """Keeps the telephone ready for one call; at the end of the block that call must have gone as described."""
    await asyncio.to_thread(folder.mkdir, parents=True)
    async with running_phone(folder, _scenario(number, steps), address=ADDRESS, port=port, calls=1):
        yield
