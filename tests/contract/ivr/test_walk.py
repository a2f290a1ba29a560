"""Callers in the menus of the shipped plan, over a real socket, with a fake Asterisk: keys ahead, parts, regions."""

import pytest
from structlog.testing import capture_logs

from asterisk_conf.handoff import sound_of
from asterisk_conf.instance import InstancePaths
from asterisk_conf.state_files import write_current, write_snapshot
from routing.plan import PromptId
from tests.contract.ivr.fake_asterisk import FakeCall, facts_payload
from tests.unit.routing.plans import legal_aid_plan


def sound(prompt: str) -> str:
    return sound_of(legal_aid_plan(), PromptId(prompt))


@pytest.fixture(autouse=True)
def shipped_plan(paths: InstancePaths) -> None:
    write_snapshot(paths.state, legal_aid_plan())
    write_current(paths.state, legal_aid_plan().version)


async def call(port: int, made: FakeCall, *, did: str = "+380800213103", number: str = "+380501234567") -> FakeCall:
    made.number = number
    return await made.run(port, "entry", facts_payload("entry", did=did, language="uk"))


def steps(made: FakeCall, event: str = "HOTLINE_MENU") -> list[dict[str, str]]:
    return [fields for name, fields in made.events if name == event]


async def test_digits_typed_ahead_are_used_and_the_texts_between_are_not_played(port: int) -> None:
    made = await call(port, FakeCall(interrupts={sound("greeting"): ["5541"]}))
    assert made.played == [sound("greeting")]
    assert [step["key"] for step in steps(made)] == ["5", "54", "1"]
    assert (made.variables["HOTLINE_SERVICE"], made.variables["HOTLINE_CENTRE"]) == ("centres", "sumy")
    assert made.outcome is not None


async def test_a_key_that_came_while_no_command_listened_is_used(port: int) -> None:
    made = await call(port, FakeCall(keys=["5"], between={'SET VARIABLE "HOTLINE_MENU" "centres"': "4"}))
    assert [step["key"] for step in steps(made)] == ["5", "4"]
    assert made.variables["HOTLINE_SERVICE"] == "detention"


async def test_a_key_that_asterisk_gives_back_late_counts_once(port: int) -> None:
    question = sound("aid-next")
    made = await call(port, FakeCall(keys=["0"], interrupts={sound("menu-main"): ["2"]}, echoes={question: "2"}))
    assert [step["key"] for step in steps(made)] == ["2", "0"]
    assert made.commands.count(f'STREAM FILE "{question}" "0123456789*#"') == 2, "played again: nobody ended it"


async def test_without_the_key_store_commands_alone_tell_the_keys(port: int) -> None:
    with capture_logs() as logs:
        made = await call(port, FakeCall(keys=["5", "5", "4", "0"], has_key_store=False))
    assert [step["key"] for step in steps(made)] == ["5", "54", "0"]
    assert "keys_not_stored" in [row["event"] for row in logs]


async def test_keys_are_no_longer_stored_once_the_menus_are_over(port: int) -> None:
    made = await call(port, FakeCall(keys=["1"]))
    assert made.commands.index('EXEC "StoreDTMF" "remove"') < made.commands.index(
        'SET VARIABLE "HOTLINE_OUTCOME" "queue"'
    )
    assert not made.is_storing


async def test_letters_of_rare_telephones_are_wrong_keys(port: int) -> None:
    made = await call(port, FakeCall(keys=["A", "D", "B"]))
    assert [step["outcome"] for step in steps(made)] == ["no_match"] * 3
    assert made.variables["HOTLINE_SERVICE"] == "operator"


async def test_a_part_is_told_as_heard_before_its_question_is_played(port: int) -> None:
    made = await call(port, FakeCall(keys=["2", "0"]))
    assert steps(made, "HOTLINE_INFO") == [{"info": "aid-info", "part": "who", "complete": "1"}]
    told = next(index for index, line in enumerate(made.commands) if "HOTLINE_INFO" in line)
    assert told < next(index for index, line in enumerate(made.commands) if sound("aid-next") in line)


async def test_a_part_that_a_key_ends_or_that_has_no_file_is_not_told_as_heard(port: int) -> None:
    ended = await call(port, FakeCall(keys=["2"], interrupts={sound("aid-who"): ["0"]}))
    missing = await call(port, FakeCall(keys=["2", "0"], missing=frozenset({sound("aid-who")})))
    assert [part["complete"] for made in (ended, missing) for part in steps(made, "HOTLINE_INFO")] == ["0", "0"]


async def test_a_lone_4_is_a_detention_and_44_is_a_region(port: int) -> None:
    lone = await call(port, FakeCall(keys=["5", "4", "t"]))
    region = await call(port, FakeCall(keys=["5", "4", "4", "1"]))
    assert lone.variables["HOTLINE_SERVICE"] == "detention"
    assert region.variables["HOTLINE_CENTRE"] == "kyiv"


@pytest.mark.parametrize(
    ("did", "number", "first"),
    [
        ("+380800213103", "+380501234567", "hotline-emergency"),
        ("+380800213103", "unknown", "hotline-emergency"),
        ("+380800213103", "+48221234567", "hotline-la-strada-abroad"),
        ("+380443631041", "+48221234567", "hotline-la-strada-abroad"),
        ("+380443631041", "unknown", "hotline-la-strada-abroad"),
    ],
)
async def test_the_first_hotline_depends_on_where_the_caller_calls_from(
    port: int, did: str, number: str, first: str
) -> None:
    made = await call(port, FakeCall(keys=["3", "0"]), did=did, number=number)
    assert made.played[2] == sound(first)
