"""The demo: softphone operators log in, callers call at fixed moments, and each call must arrive where it is expected.

The expected queues and offices are literal: the demo does not ask the code that it shows.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from api.calls.schemas import CallJourney
from asterisk_conf import state_files
from asterisk_conf.names import OperatorCode
from asterisk_conf.site import SiteSettings
from hotline.caller import CALLER_TONE_HZ, CallRequest, answer_menus, first_event, placed_call, wait_ended
from hotline.errors import HotlineError, SoftphoneError
from hotline.journeys import KYIV, journey_panel
from hotline.line import PreparedLine
from hotline.log_api import LogApi, open_log
from hotline.screen import OUT, say
from hotline.softphone import PhoneEventType, PhoneSettings, Softphone, running_phone, sample_number
from hotline.tones import tone_s
from routing.decisions import Facts, decide
from routing.plan import OperatorId

SUMY = "sumy"
CHERNIVTSI = "chernivtsi"
OPERATORS = (
    (OperatorId("s01"), 1_100),
    (OperatorId("s02"), 1_300),
    (OperatorId("c01"), 1_500),
    (OperatorId("c02"), 1_700),
    (OperatorId("c03"), 1_900),
)
"""Who logs in, and the tone that their phone plays."""
TUESDAY_MORNING = datetime(2026, 11, 24, 11, 0, tzinfo=KYIV)
TUESDAY_EVENING = datetime(2026, 11, 24, 18, 0, tzinfo=KYIV)
SATURDAY_MORNING = datetime(2026, 11, 28, 11, 0, tzinfo=KYIV)
LOGIN_S = 20.0
PICK_UP_S = 90.0
"""Announcement, queue and ringing."""
TALK_S = 3.0
HEARD_S = 1.0
"""Of each conversation's tone at least so much must be in the other side's recording."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoCall:
    """One call and where it must arrive."""

    title: str
    moment: datetime | None
    """None: the real moment."""
    keys: tuple[str, ...]
    queue: str
    office: str


FIXED_CALLS = (
    DemoCall(
        title="Tuesday 11:00, legal consultation", moment=TUESDAY_MORNING, keys=("1",), queue=SUMY, office=SUMY
    ),
    DemoCall(
        title="Tuesday 11:00, report of a detention",
        moment=TUESDAY_MORNING, keys=("4",), queue=CHERNIVTSI, office=CHERNIVTSI,
    ),
    DemoCall(
        title="Tuesday 18:00, legal consultation",
        moment=TUESDAY_EVENING, keys=("1",), queue=CHERNIVTSI, office=CHERNIVTSI,
    ),
    DemoCall(
        title="Saturday 11:00, legal consultation",
        moment=SATURDAY_MORNING, keys=("1",), queue=CHERNIVTSI, office=CHERNIVTSI,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoResult:
    """What became of one call; no `faults` means that all went right."""

    journey: CallJourney
    faults: tuple[str, ...]


async def run_demo(line: PreparedLine, afterwards: Callable[[], Awaitable[object]] | None = None) -> int:
    """Places the demo's calls and prints each one's journey; gives 0 if every call arrived where it must, else 1.

    Args:
        line: The running line.
        afterwards: What is done after the calls while the operators are still there.

    Raises:
        HotlineError: The demo could not go on: a phone or the log does not work.
    """
    folder = line.paths.run / "phones"
    shutil.rmtree(folder, ignore_errors=True)
    async with logged_in_operators(line, folder) as operators:
        faults = await _place_calls(line, operators, folder)
        say("every call arrived where it must" if not faults else f"{faults} faults")
        if afterwards is not None:
            await afterwards()
    return 1 if faults else 0


async def _place_calls(line: PreparedLine, operators: Sequence[Softphone], folder: Path) -> int:
    """Places all calls and gives the number of faults."""
    faults = 0
    async with open_log(line.api_url, line.secrets) as log:
        for number, call in enumerate((*FIXED_CALLS, call_at_real_moment(line)), start=1):
            _set_clock(line, call)
            result = await _run_call(call, line, log, operators, folder / f"caller{number}")
            OUT.print(journey_panel(result.journey, f"{number}. {call.title}: {_verdict(result)}"))
            faults += len(result.faults)
    return faults


def _verdict(result: DemoResult) -> str:
    return "WENT WRONG: " + "; ".join(result.faults) if result.faults else "arrived, both sides heard each other"


@asynccontextmanager
async def logged_in_operators(line: PreparedLine, folder: Path) -> AsyncIterator[tuple[Softphone, ...]]:
    """Registers the demo's operators and logs them in; logs them out at the block's end.

    Raises:
        SoftphoneError: A phone was refused, or did not get through.
    """
    async with AsyncExitStack() as stack:
        phones = [
            await stack.enter_async_context(
                running_phone(_operator_settings(line, operator, tone_hz), folder / operator)
            )
            for operator, tone_hz in OPERATORS
        ]
        await asyncio.gather(*(_dial_code(phone, line, OperatorCode.LOGIN) for phone in phones))
        say("operators logged in: " + ", ".join(phone.settings.user for phone in phones))
        yield tuple(phones)
        await asyncio.gather(*(_dial_code(phone, line, OperatorCode.LOGOUT) for phone in phones))


def call_at_real_moment(line: PreparedLine) -> DemoCall:
    """Gives the closing call: consultation now; it goes where the plan says for this minute."""
    service = next(each.id for each in line.plan.services.values() if each.id == "consultation")
    decision = decide(line.plan, Facts(service=service, language=line.plan.line.languages[0]), datetime.now(UTC))
    title = f"now ({datetime.now(KYIV):%a %H:%M}), legal consultation"
    return DemoCall(title=title, moment=None, keys=("1",), queue=decision.queue, office=decision.office)


async def _run_call(
    call: DemoCall, line: PreparedLine, log: LogApi, operators: Sequence[Softphone], folder: Path
) -> DemoResult:
    say(f"calling: {call.title}, key {', '.join(call.keys)}")
    request = CallRequest(did=line.plan.line.dids[0], number=sample_number(), keys=call.keys)
    marks = [phone.mark() for phone in operators]
    async with placed_call(request, line.site, line.secrets, log, folder) as placed:
        await answer_menus(placed, call.keys, log)
        operator, _ = await first_event(operators, marks, PICK_UP_S)
        await asyncio.sleep(TALK_S)  # a conversation lasts a while; nothing is waited for
        since = operator.mark()
        await placed.phone.hang_up()
        await operator.wait_for(PhoneEventType.CLOSED, since=since, deadline_s=LOGIN_S)
        journey = await wait_ended(placed.call_id, log)
    return DemoResult(
        journey=journey, faults=(*_misroutes(call, journey, line, operator), *_unheard(placed.phone, operator))
    )


def _misroutes(call: DemoCall, journey: CallJourney, line: PreparedLine, operator: Softphone) -> list[str]:
    """Gives what in the log differs from what is expected."""
    answered_by = operator.settings.user
    office = line.plan.operators[OperatorId(answered_by)].office
    expected = {
        "queue": (call.queue, journey.queue),
        "office": (call.office, journey.office),
        "operator's office": (call.office, office),
        "operator in the log": (answered_by, journey.operator),
    }
    return [f"{what}: expected {wanted}, got {got}" for what, (wanted, got) in expected.items() if wanted != got]


def _unheard(caller: Softphone, operator: Softphone) -> list[str]:
    """Gives which side did not hear the other."""
    faults = []
    for listener, tone_hz, whose in (
        (caller, operator.settings.tone_hz, "operator"),
        (operator, CALLER_TONE_HZ, "caller"),
    ):
        heard_s = tone_s(listener.heard()[-1], tone_hz) if listener.heard() else 0.0
        if heard_s < HEARD_S:
            faults.append(f"the {whose}'s tone was heard for {heard_s:g} s only")
    return faults


def _operator_settings(line: PreparedLine, operator: OperatorId, tone_hz: int) -> PhoneSettings:
    if operator not in line.plan.operators:
        raise HotlineError(
            f"the demo needs the operator {operator}, whom this plan does not have; run it with the shipped plan"
        )
    return PhoneSettings(
        user=operator,
        address=line.site.sip_address,
        tone_hz=tone_hz,
        registrar=operators_server(line.site),
        password=line.secrets.operators[operator],
        answers=True,
        is_secure=line.site.tls is not None,
    )


def operators_server(site: SiteSettings) -> str:
    """Gives `host:port` at which operators' phones register."""
    return f"{site.sip_address}:{site.operators_port}"


async def _dial_code(phone: Softphone, line: PreparedLine, code: OperatorCode) -> None:
    """Dials a code of the operators' and waits until the line has confirmed and hung up."""
    since = phone.mark()
    await phone.dial(phone.settings.uri(code, operators_server(line.site)))
    event = await phone.wait_for(PhoneEventType.ESTABLISHED, PhoneEventType.CLOSED, since=since, deadline_s=LOGIN_S)
    if event.type == PhoneEventType.CLOSED:
        raise SoftphoneError(f"operator {phone.settings.user}: {code} was refused: {event.detail}")
    await phone.wait_for(PhoneEventType.CLOSED, since=since, deadline_s=LOGIN_S)


def _set_clock(line: PreparedLine, call: DemoCall) -> None:
    offset_s = (call.moment - datetime.now(UTC)).total_seconds() if call.moment else 0.0
    state_files.write_clock(line.paths.state, offset_s)
