"""Callers made of SIPp: a list of steps becomes a scenario, SIPp plays it, its own counts are the result."""

import asyncio
import csv
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never
from xml.sax.saxutils import quoteattr

from tests.live import dtmf_pcap
from tests.live.ports import free_ports

TRUNK = "127.0.0.2"
"""The self-test trunk of the site settings."""
STRANGER = "127.0.0.3"
"""An address that belongs to no trunk."""
ANSWER_TIMEOUT_MS = 10_000
BYE_TIMEOUT_MS = 30_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """The caller dials. Always the first step."""

    did: str = "0800213103"
    """User part of the request URI, as the trunk sends it; may be percent-encoded."""
    caller: str = "+380501234567"
    """User part of From; may be percent-encoded. Empty: From has no user part."""
    name: str = ""
    """Display name of From."""
    headers: tuple[str, ...] = ()
    """Further header lines: `Privacy: id`."""


@dataclass(frozen=True, slots=True)
class WaitAnswer:
    """The line answers."""


@dataclass(frozen=True, slots=True)
class ExpectFailure:
    """The line refuses with this SIP code. Always the last step."""

    code: int


@dataclass(frozen=True, slots=True)
class Pause:
    """The caller says nothing for so many milliseconds; a BYE meanwhile fails the scenario."""

    duration_ms: int


@dataclass(frozen=True, slots=True)
class Dtmf:
    """The caller presses a key (RFC 4733). The next step begins at once: put a `Pause` before the next press."""

    key: str


@dataclass(frozen=True, slots=True)
class Hangup:
    """The caller hangs up."""


@dataclass(frozen=True, slots=True)
class ExpectBye:
    """The line hangs up."""

    timeout_ms: int = BYE_TIMEOUT_MS


Step = Invite | WaitAnswer | ExpectFailure | Pause | Dtmf | Hangup | ExpectBye

_RETRANSMIT = ' retrans="500"'
_SDP = """v=0
o=caller 53655765 2353687637 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [auto_media_port] RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-16
a=sendrecv"""


def _send(text: str, attributes: str = "") -> str:
    return f"<send{attributes}><![CDATA[\n\n{text}\n\n]]></send>"


def _optional(code: int) -> str:
    return f'<recv response="{code}" optional="true"/>'


def _response(code: int) -> str:
    return f'<recv response="{code}" timeout="{ANSWER_TIMEOUT_MS}"/>'


class Scenario:
    """Turns steps into SIPp's XML; key presses become pcap files beside it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._presses = itertools.count()
        self._invited = Invite()

    def xml(self, steps: Sequence[Step]) -> str:
        """Gives the scenario of one caller."""
        body = "\n".join(part for step in steps for part in self._parts(step))
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="caller">\n{body}\n</scenario>\n'

    def _parts(self, step: Step) -> list[str]:
        parts: list[str]
        match step:
            case Invite():
                parts = self._invite(step)
            case WaitAnswer():
                provisional = [_optional(100), _optional(180), _optional(183)]
                parts = [*provisional, _response(200), _send(self._request("ACK", 1))]
            case ExpectFailure(code):
                parts = [_optional(100), _response(code), _send(self._request("ACK", 1))]
            case Pause(duration_ms):
                parts = [f'<pause milliseconds="{duration_ms}"/>']
            case Dtmf(key):
                parts = self._dtmf(key)
            case Hangup():
                parts = [_send(self._request("BYE", 2), _RETRANSMIT), _response(200)]
            case ExpectBye(timeout_ms):
                parts = [f'<recv request="BYE" timeout="{timeout_ms}"/>', _send(_BYE_OK)]
            case _:
                assert_never(step)
        return parts

    def _invite(self, step: Invite) -> list[str]:
        self._invited = step
        further = "".join(f"{header}\n" for header in step.headers)
        contact = "Contact: <sip:caller@[local_ip]:[local_port]>\n"
        head = self._head("INVITE", 1, "") + f"\n{contact}{further}"
        return [_send(f"{head}Content-Type: application/sdp\nContent-Length: [len]\n\n{_SDP}", _RETRANSMIT)]

    def _request(self, method: str, cseq: int) -> str:
        return self._head(method, cseq, "[peer_tag_param]") + "\nContent-Length: 0"

    def _head(self, method: str, cseq: int, to_tag: str) -> str:
        invited = self._invited
        quoted = f'"{invited.name}" ' if invited.name else ""
        user = f"{invited.caller}@" if invited.caller else ""
        return f"""{method} sip:{invited.did}@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: {quoted}<sip:{user}[local_ip]:[local_port]>;tag=[pid]caller[call_number]
To: <sip:{invited.did}@[remote_ip]:[remote_port]>{to_tag}
Call-ID: [call_id]
CSeq: {cseq} {method}
Max-Forwards: 70"""

    def _dtmf(self, key: str) -> list[str]:
        path = self._folder / f"press{next(self._presses)}.pcap"
        dtmf_pcap.write_press(path, key, int(path.stem.removeprefix("press")))
        return [f"<nop><action><exec play_pcap_audio={quoteattr(str(path))}/></action></nop>"]


_BYE_OK = """SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What SIPp says about its calls."""

    exit_code: int
    successful: int
    failed: int
    errors: str
    """SIPp's error log: unexpected messages."""

    def assert_all_succeeded(self) -> None:
        """Fails with SIPp's own words unless every call ran through its scenario."""
        told = f"SIPp: exit code {self.exit_code}, {self.successful} successful, {self.failed} failed\n{self.errors}"
        assert (self.exit_code, self.failed) == (0, 0), told
        assert self.successful > 0, told


class Caller:
    """One running SIPp."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path, source: str) -> None:
        self._process = process
        self._folder = folder
        self.source = source

    async def finished(self, deadline_s: float = 60.0) -> Result:
        """Waits until SIPp has played all its calls.

        Raises:
            TimeoutError: It still runs after `deadline_s`; it is killed then.
        """
        try:
            await asyncio.wait_for(self._process.wait(), deadline_s)
        except TimeoutError:
            await self.kill()
            raise
        successful, failed = self._counts()
        exit_code = self._process.returncode
        assert exit_code is not None
        return Result(exit_code=exit_code, successful=successful, failed=failed, errors=self._errors())

    async def succeeded(self, deadline_s: float = 60.0) -> None:
        """Waits for the end and fails unless every call ran through its scenario."""
        (await self.finished(deadline_s)).assert_all_succeeded()

    async def kill(self) -> None:
        """Ends SIPp at once, without a BYE: a phone whose battery is empty."""
        if self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    def _counts(self) -> tuple[int, int]:
        """Source: SIPp's statistics file, columns `SuccessfulCall(C)` and `FailedCall(C)` (cumulative)."""
        path = self._folder / "counts.csv"
        text = path.read_text("utf-8") if path.exists() else ""
        rows = list(csv.DictReader(text.splitlines(), delimiter=";"))
        if not rows:
            return 0, 0
        return int(rows[-1]["SuccessfulCall(C)"]), int(rows[-1]["FailedCall(C)"])

    def _errors(self) -> str:
        """Gives the log of unexpected messages; all of SIPp's output when there is none."""
        paths = (self._folder / "errors.log", self._folder / "output.log")
        texts = (path.read_text("utf-8", "replace")[-4_000:] for path in paths if path.exists())
        return next(filter(None, texts), "")


async def start_calls(  # the wide interface of a wide tool; all by name
    folder: Path,
    steps: Sequence[Step],
    *,
    sip_port: int,
    source: str = TRUNK,
    count: int = 1,
    rate_per_s: float = 10.0,
) -> Caller:
    """Starts `count` callers that all take the same steps.

    Args:
        folder: An empty folder for the scenario, its sounds and SIPp's logs.
        steps: What each caller does.
        sip_port: The line's SIP port on 127.0.0.1.
        source: The address that the callers call from.
        count: How many calls.
        rate_per_s: New calls a second.
    """
    scenario = folder / "scenario.xml"
    scenario.write_text(Scenario(folder).xml(steps), "utf-8")
    sip, _, media, *_ = free_ports(2 + 4 * count, address=source)
    argv = (
        *("sipp", f"127.0.0.1:{sip_port}", "-sf", str(scenario), "-i", source, "-p", str(sip)),
        *("-mi", source, "-mp", str(media), "-m", str(count)),
        *("-r", str(rate_per_s), "-nostdin", "-trace_err", "-error_file", str(folder / "errors.log")),
        *("-trace_stat", "-stf", str(folder / "counts.csv"), "-fd", "1"),
    )
    output = (folder / "output.log").open("wb")
    with output:
        process = await asyncio.create_subprocess_exec(*argv, stdout=output, stderr=output, cwd=folder)
    return Caller(process, folder, source)
