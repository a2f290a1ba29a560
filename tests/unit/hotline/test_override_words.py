"""What `hotline override` and `hotline publish` make of the words they are given, without a line."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hotline.cli import NOT_DONE, run
from hotline.commands.options import login_name
from hotline.commands.overrides import find_target, read_action, read_until
from hotline.errors import HotlineError
from routing.overrides import OverrideAction, OverrideScope
from routing.plan import QueueName
from tests.plans import SUMY, small_plan
from tests.unit.routing.plans import LEGAL_AID

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
SWITCH = ["override", "set", "sumy", "closed", "--reason", "немає світла", "--until"]


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("line", (OverrideScope.LINE, "")),
        ("sumy", (OverrideScope.QUEUE, "sumy")),
        ("queue:sumy", (OverrideScope.QUEUE, "sumy")),
        ("office:sumy", (OverrideScope.OFFICE, "sumy")),
        ("consultation", (OverrideScope.SERVICE, "consultation")),
        ("service:consultation", (OverrideScope.SERVICE, "consultation")),
    ],
)
def test_a_target_is_the_line_or_a_name_of_the_plan(text: str, target: tuple[OverrideScope, str]) -> None:
    assert find_target(small_plan(), text) == target


def test_a_name_that_means_several_things_is_refused_with_the_choices() -> None:
    plan = small_plan()
    evening = replace(plan.queues[SUMY], name=QueueName("sumy-evening"))
    two_queues = replace(plan, queues={**plan.queues, evening.name: evening})
    with pytest.raises(HotlineError, match=r"sumy means several things in plan .*: say queue:sumy or office:sumy"):
        find_target(two_queues, "sumy")


@pytest.mark.parametrize("text", ["odesa", "queue:consultation", "office:", "nonsense:sumy", "", "LINE"])
def test_a_name_that_the_plan_has_not_is_refused_with_all_that_it_has(text: str) -> None:
    with pytest.raises(HotlineError, match=r"queues chernivtsi, sumy; offices chernivtsi, sumy; services .*; or line"):
        find_target(small_plan(), text)


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("closed", (OverrideAction.CLOSED, None)),
        ("open", (OverrideAction.OPEN, None)),
        ("to-queue:chernivtsi", (OverrideAction.TO_QUEUE, "chernivtsi")),
        ("to-number:+380501234567", (OverrideAction.TO_NUMBER, "+380501234567")),
        ("to-number:050 123-45-67", (OverrideAction.TO_NUMBER, "+380501234567")),
    ],
)
def test_an_action_is_one_of_four(text: str, action: tuple[OverrideAction, str | None]) -> None:
    assert read_action(text) == action


@pytest.mark.parametrize("text", ["shut", "", "closed:sumy", "to-queue", "to-queue:", "to-number", "to-number:"])
def test_another_action_is_refused_with_the_four(text: str) -> None:
    with pytest.raises(HotlineError, match="not an action; it is one of closed, open, to-queue:NAME or to-number:"):
        read_action(text)


@pytest.mark.parametrize("number", ["102", "anonymous", "+38050123456", "+380501234567;DROP"])
def test_what_is_no_telephone_number_is_refused(number: str) -> None:
    with pytest.raises(HotlineError, match="not a telephone number"):
        read_action(f"to-number:{number}")


def test_the_end_is_kyiv_time_or_has_an_offset() -> None:
    assert read_until("2026-11-24T09:00", NOW) == datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
    assert read_until("2026-11-24T09:00+00:00", NOW) == datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("2026-11-23T12:00", "that is over already; in Kyiv it is 2026-11-23 12:00:00 now"),
        ("2026-11-23T11:59", "that is over already"),
        ("0001-01-01T00:00", "not a time; write it as 2026-11-23T10:00"),
        ("2027-03-28T03:30", "the clocks skip this time"),
        ("tomorrow", "--until tomorrow: not a time"),
        ("", "--until: every override ends"),
    ],
)
def test_an_end_in_the_past_or_of_no_sense_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(HotlineError, match=complaint):
        read_until(text, NOW)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([*SWITCH, "yesterday"], "--until yesterday: not a time"),
        ([*SWITCH, "2020-01-01T00:00"], "that is over already"),
        ([*SWITCH, "9999-01-01T00:00"], "`hotline up`"),
        ([*SWITCH, "2099-01-01T00:00", "--by", " "], "--by: one line of plain text is needed, 1 to 120 characters"),
        (["override", "set", "sumy", "shut", "--until", "2099-01-01", "--reason", "x"], "shut: not an action"),
        (["override", "list"], "`hotline up`"),
        (["override", "clear", "o1"], "`hotline up`"),
        (["versions"], "`hotline up`"),
        (["rollback"], "`hotline up`"),
        (["rollback", "--reason", "two\nlines"], "--reason: one line of plain text is needed"),
        (["publish", "/nowhere", "--by", "me", "--reason", "x"], "there is no such folder"),
        (["publish", str(LEGAL_AID), "--by", "me", "--reason", "x" * 501], "1 to 500 characters"),
        (["publish", str(LEGAL_AID), "--by", "me", "--reason", "x", "--expect", "v1"], "--expect v1: not a version"),
        (["publish", str(LEGAL_AID), "--by", "me", "--reason", "x"], "`hotline up`"),
    ],
)
def test_bad_input_is_one_clear_message_and_exit_2(
    arguments: list[str], complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*arguments, "--instance", str(tmp_path)]) == NOT_DONE
    said = capsys.readouterr()
    assert complaint in " ".join(said.err.split())
    assert "Traceback" not in said.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [["publish", "x", "--by", "me"], ["publish", "x", "--reason", "y"], SWITCH[:-1]])
def test_what_must_be_said_is_asked_for(arguments: list[str]) -> None:
    assert run(arguments) == NOT_DONE


def test_who_works_behind_sudo_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "olena")
    assert login_name() == "olena"


def test_a_machine_that_does_not_know_who_asks_wants_to_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown() -> str:
        raise KeyError("uid not found")

    monkeypatch.delenv("SUDO_USER", raising=False)
    monkeypatch.setattr("getpass.getuser", unknown)
    with pytest.raises(HotlineError, match="--by NAME"):
        login_name()
