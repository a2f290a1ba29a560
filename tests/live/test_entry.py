"""Who gets in: every form of the line's numbers, no other number, no stranger; and callers with strange names."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from api.kit.numbers import vault_of
from asterisk_conf.names import UserEvent
from hotline.errors import SoftphoneError
from hotline.softphone import PhoneEventType, PhoneSettings, running_phone
from routing.numbers import did_forms
from routing.plan import OperatorId
from tests.live.arrivals import TUESDAY_11, entered_queues, follow
from tests.live.line import Line
from tests.live.sipp import STRANGER, Dtmf, ExpectBye, ExpectFailure, Invite, Pause, WaitAnswer
from tests.live.waiting import until
from tests.live.written import places_of
from tests.plans import small_plan

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

FORMS = [(did, form) for did in small_plan().line.dids for form in did_forms(did)]
TO_OPERATOR = (WaitAnswer(), Pause(300), Dtmf("0"), ExpectBye())


async def test_every_form_of_both_numbers_reaches_the_line(clean_line: Line) -> None:
    clean_line.set_clock(TUESDAY_11)
    since, known = len(clean_line.queue_log_rows("ENTERQUEUE")), len(clean_line.cel_payloads(UserEvent.ENTRY))
    callers = [await clean_line.call(Invite(did=form.replace("+", "%2B")), *TO_OPERATOR) for _, form in FORMS]
    await entered_queues(clean_line, since, count=len(FORMS))
    await clean_line.hang_up_all()
    for caller in callers:
        await caller.succeeded()
    assert sorted(entry["did"] for entry in clean_line.cel_payloads(UserEvent.ENTRY)[known:]) == sorted(
        did for did, _ in FORMS
    )


@pytest.mark.parametrize(
    ("source", "did", "code"),
    [
        ("127.0.0.2", "0800213104", 404),
        ("127.0.0.2", "s", 404),
        ("127.0.0.2", "begin", 404),
        ("127.0.0.2", "08002131030", 404),
        ("127.0.0.2", "*81", 404),
        ("127.0.0.2", "0800213103%0a", 404),
        ("127.0.0.2", "%24%7bSHELL(id)%7d", 404),
        (STRANGER, "0800213103", 401),
        (STRANGER, "*81", 401),
    ],
)
async def test_whoever_has_no_business_here_gets_no_dialplan(
    clean_line: Line, source: str, did: str, code: int
) -> None:
    known = len(clean_line.cel_rows())
    caller = await clean_line.call(Invite(did=did), ExpectFailure(code), source=source)
    await caller.succeeded()
    assert await clean_line.channels() == ()
    assert len(clean_line.cel_rows()) == known


@pytest.mark.parametrize("user", ["sumy01", "trunk-selftest", "selftest", "anonymous"])
async def test_a_stranger_who_takes_a_name_of_ours_stays_a_stranger(clean_line: Line, user: str) -> None:
    known = len(clean_line.cel_rows())
    caller = await clean_line.call(Invite(caller=user), ExpectFailure(401), source=STRANGER)
    await caller.succeeded()
    assert len(clean_line.cel_rows()) == known


STRANGE_CALLERS = {
    "newline": (Invite(caller="%2B38050%0a1234567"), "+380501234567"),
    "quote and semicolon": (Invite(caller="%22%3b0501234567"), None),
    "variable": (Invite(caller="%24%7bEPOCH%7d0501234567"), "0501234567"),
    "no user": (Invite(caller=""), ""),
    "letters": (Invite(caller="anonymous"), ""),
    "privacy": (Invite(headers=("Privacy: id",)), ""),
    "very long": (Invite(caller="5" * 2_000), None),
    "cyrillic name": (Invite(name="Їжакевич; \\\\ Ґ"), "+380501234567"),
    "control in name": (Invite(name="a\x07b"), "+380501234567"),
}


@pytest.mark.parametrize("case", STRANGE_CALLERS)
async def test_a_strange_caller_id_is_filtered_and_the_call_goes_on(clean_line: Line, case: str) -> None:
    invite, number = STRANGE_CALLERS[case]
    arrival = await follow(clean_line, Pause(300), Dtmf("0"), invite=invite)
    entry = clean_line.cel_payloads(UserEvent.ENTRY)[-1]
    assert arrival.queue == "chernivtsi"
    assert set(entry["number"]) <= set("+0123456789")
    assert len(entry["number"]) <= len("+") + 32
    if number is not None:
        assert entry["number"] == number
        expected = vault_of(clean_line.prepared.secrets).pseudonym(number) if number else None
        assert arrival.journey.caller.pseudonym == expected


@pytest.mark.parametrize(
    "number", ["0800213103", "+19001234567", "00380501234567", "112", "*99", "begin", "login-sumy01"]
)
async def test_an_operators_phone_reaches_nothing_but_its_codes(clean_line: Line, number: str) -> None:
    known = len(clean_line.cel_rows())
    async with clean_line.operator_phone(OperatorId("sumy01")) as phone:
        since = phone.mark()
        await phone.dial(f"sip:{number}@127.0.0.1:{clean_line.site.sip_port}")
        event = await phone.wait_for(PhoneEventType.ESTABLISHED, PhoneEventType.CLOSED, since=since, deadline_s=15)
    assert event.type == PhoneEventType.CLOSED
    assert "404" in event.detail
    assert len(clean_line.cel_rows()) == known


async def test_a_wrong_password_registers_no_phone(clean_line: Line, tmp_path: Path) -> None:
    settings = PhoneSettings(
        user="sumy01",
        address="127.0.0.1",
        tone_hz=600,
        registrar=f"127.0.0.1:{clean_line.site.sip_port}",
        password=SecretStr("not-the-password"),
    )
    with pytest.raises(SoftphoneError, match="registration refused"):
        async with running_phone(settings, tmp_path / "phone"):
            pass
    assert "sumy01/" not in await clean_line.asterisk_cli("pjsip show contacts")


async def test_who_hides_the_number_hides_the_trusted_one_too(clean_line: Line) -> None:
    headers = ("Privacy: id", "P-Asserted-Identity: <sip:+380671112233@127.0.0.2>")
    arrival = await follow(clean_line, Pause(300), Dtmf("0"), invite=Invite(caller="anonymous", headers=headers))
    assert arrival.journey.caller.pseudonym is None
    assert not await places_of(clean_line, ["671112233"])


async def test_no_number_is_seen_anywhere_but_in_the_evidence(clean_line: Line) -> None:
    number = "+380501230099"
    arrival = await follow(clean_line, Pause(300), Dtmf("0"), invite=Invite(caller=number.replace("+", "%2B")))
    assert arrival.journey.caller.pseudonym == vault_of(clean_line.prepared.secrets).pseudonym(number)
    assert not await places_of(clean_line, [number.removeprefix("+380")])
    assert number not in arrival.journey.model_dump_json()


async def test_every_call_of_this_module_is_in_the_log_once(clean_line: Line) -> None:
    expected = clean_line.calls_that_came()
    logged = await until("all calls are logged", clean_line.calls, lambda calls: len(calls) >= len(expected))
    assert sorted(call.call_id for call in logged) == expected
    assert all(call.ended_at for call in logged)
