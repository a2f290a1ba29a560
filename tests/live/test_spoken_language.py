"""Every sound that a call plays is in the caller's language, those that Asterisk plays by itself included."""

import re
from collections.abc import AsyncIterator
from functools import partial

import pytest
import pytest_asyncio

from asterisk_conf.names import UserEvent
from routing.languages import Language
from tests.live.bare_caller import bare_caller
from tests.live.line import Line
from tests.live.sipp import Dtmf, ExpectBye, Invite, Pause, WaitAnswer
from tests.live.sounds import SHORT_MS, write_tone
from tests.live.waiting import until

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

LONG_MS = 20_000
VERBOSE_FILE = "verbose.log"
PLAYED = re.compile(r"Playing '([^']+)\.\w+'")
PLAYED_IN = re.compile(r"Playing '([^']+)\.\w+' .*?\(language '(\w+)'\)")
ANNOUNCING = """\
announce-frequency = 1
min-announce-frequency = 1
announce-position = yes
announce-to-first-user = yes
periodic-announce-frequency = 1
"""
NUMBERS = "num:0&num:7&num:21&num:105&num:242&num:900&num:1234"
SAID = "0 7 20 1 100 5 200 40 2 900 1 2 3 4"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def talking_line(line: Line) -> AsyncIterator[Line]:
    """A line whose queues announce, whose calls hear numbers first, and which writes down what it plays."""
    etc = line.paths.etc
    queues = re.sub(
        r"(?m)^(announce-|periodic-announce|min-announce).*\n", "", (etc / "queues.conf").read_text("utf-8")
    )
    queues = queues.replace("musicclass = default\n", f"musicclass = default\n{ANNOUNCING}")
    dialplan = (etc / "extensions.conf").read_text("utf-8")
    dialplan = dialplan.replace(
        " same => n,Answer()\n", f" same => n,Answer()\n same => n,Playback({NUMBERS},say)\n", 1
    )
    logger = (etc / "logger.conf").read_text("utf-8")
    (etc / "queues.conf").write_text(queues, "utf-8")
    (etc / "extensions.conf").write_text(dialplan, "utf-8")
    (etc / "logger.conf").write_text(f"{logger}\n{VERBOSE_FILE} => verbose(3)\n", "utf-8")
    for module in ("app_queue.so", "pbx_config.so", "logger"):
        await line.asterisk_cli(f"module reload {module}")
    await line.asterisk_cli("core set verbose 3")
    yield line


def played(line: Line) -> list[str]:
    """Gives the sounds that Asterisk has played, in order."""
    path = line.paths.asterisk_log / VERBOSE_FILE
    return PLAYED.findall(path.read_text("utf-8", "replace")) if path.exists() else []


async def test_every_file_that_a_ukrainian_call_plays_is_ukrainian(talking_line: Line) -> None:
    await talking_line.call(Invite(), WaitAnswer(), Pause(12_000), Dtmf("0"), ExpectBye(), count=2)
    expected = {"queue-youarenext", "queue-thereare", "queue-callswaiting", "queue-thankyou", "queue-periodic-announce"}

    async def heard() -> list[str]:
        return played(talking_line)

    sounds = await until("both callers hear the queue", heard, lambda all_: expected <= set(all_), deadline_s=60)
    ukrainian = talking_line.paths.asterisk_sounds(Language.UK)
    assert [sound for sound in sounds if not (ukrainian / f"{sound}.wav").is_file()] == []
    assert any(sound.startswith("hotline/") for sound in sounds)
    assert talking_line.error_lines() == ()
    await talking_line.hang_up_all()


async def test_every_file_that_a_call_plays_after_the_key_for_english_is_english(talking_line: Line) -> None:
    before, keyed = len(played_in(talking_line)), len(talking_line.cel_payloads(UserEvent.MENU))
    wanted = {("queue-youarenext", "en"), ("queue-periodic-announce", "en")}
    greeting = talking_line.sound("greeting")
    write_tone(greeting, LONG_MS)

    async def heard() -> list[tuple[str, str]]:
        return played_in(talking_line)[before:]

    async def keys() -> list[str]:
        return [row["key"] for row in talking_line.cel_payloads(UserEvent.MENU)[keyed:]]

    async with bare_caller("+380000000079", talking_line.site.sip_port) as caller:
        caller.invite()
        await caller.answered()
        await until("the greeting plays", heard, lambda all_: any(each.startswith("hotline/") for each, _ in all_))
        for key in "90":
            await caller.press(key)
            await until(f"key {key} is told", keys, partial(contains, key=key))
        sounds = await until("the queue speaks English", heard, lambda all_: wanted <= set(all_), deadline_s=60)
        caller.hang_up()
        await until("no channel is left", talking_line.channels, lambda names: not names)
    write_tone(greeting, SHORT_MS)
    first = next(place for place, (_, language) in enumerate(sounds) if language == Language.EN)
    assert {language for _, language in sounds[:first]} == {Language.UK}
    assert {language for _, language in sounds[first:]} == {Language.EN}
    english = talking_line.paths.asterisk_sounds(Language.EN)
    assert [sound for sound, _ in sounds[first:] if not (english / f"{sound}.wav").is_file()] == []
    assert any(sound.startswith("hotline/") for sound, _ in sounds[first:])


def contains(told: list[str], *, key: str) -> bool:
    return key in told


def played_in(line: Line) -> list[tuple[str, str]]:
    """Gives the sounds that Asterisk has played with the language in which it looked for them, in order."""
    path = line.paths.asterisk_log / VERBOSE_FILE
    return PLAYED_IN.findall(path.read_text("utf-8", "replace")) if path.exists() else []


async def test_numbers_follow_our_own_rules(talking_line: Line) -> None:
    before = len(played(talking_line))
    await talking_line.call(Invite(), WaitAnswer(), ExpectBye())

    async def heard() -> list[str]:
        return [sound for sound in played(talking_line)[before:] if sound.startswith(("digits/", "hotline/"))]

    sounds = await until(
        "the numbers and the greeting",
        heard,
        lambda all_: any(each.startswith("hotline/") for each in all_),
        deadline_s=30,
    )
    numbers = [sound.removeprefix("digits/") for sound in sounds if sound.startswith("digits/")]
    assert numbers == SAID.split()
    await talking_line.hang_up_all()


async def test_asterisk_reads_numbers_by_our_rules_and_not_by_its_own(talking_line: Line) -> None:
    assert "[new]" in await talking_line.asterisk_cli("say load")
