import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hotline.cli import NOT_DONE, run
from hotline.commands.plan import read_moment
from hotline.commands.up import read_database_url
from hotline.errors import HotlineError
from hotline.keys import KeysError, parse_keys
from hotline.line import SHIPPED_PLAN
from routing.menus import SILENCE_MARK
from routing.plan_files import read_plan

KYIV = "Europe/Kyiv"
Captured = pytest.CaptureFixture[str]


def test_the_help_names_every_command(capsys: Captured) -> None:
    assert run(["--help"]) == 0
    told = capsys.readouterr().out
    assert all(
        name in told
        for name in ("up", "check", "publish", "versions", "rollback", "override", "calls", "prompts", "doctor")
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["simulate", "--at", "tomorrow"], "--at tomorrow: not a time; write it as 2026-11-23T10:00"),
        (["simulate", "--at", "2026-03-29T03:30"], "the clocks skip this time that day"),
        (["simulate", "--keys", "1,x"], "'x' is no answer"),
        (["simulate", "--did", "112"], "112"),
        (["simulate", "--plan", "/nowhere"], "nowhere: there is no such folder"),
        (["check", "/nowhere"], "nowhere: there is no such folder"),
        (["up", "--plan", "/nowhere"], "nowhere: there is no such folder"),
        (["call", "--from", "abc"], "--from abc: not a number"),
        (["call", "--keys", "123"], "'123' is no answer"),
    ],
)
def test_bad_input_is_one_clear_message_and_exit_2(arguments: list[str], told: str, capsys: Captured) -> None:
    assert run(arguments) == NOT_DONE
    said = capsys.readouterr()
    assert told in said.err
    assert "Traceback" not in said.err
    assert said.out == ""


@pytest.mark.parametrize("arguments", [["nonsense"], ["up", "--exit"], ["calls", "-n", "0"], ["up", "--nonsense"], []])
def test_a_wrong_command_line_ends_with_exit_2(arguments: list[str]) -> None:
    assert run(arguments) == NOT_DONE


def test_a_plan_that_is_refused_leaves_no_instance_behind(tmp_path: Path) -> None:
    assert run(["up", "--plan", str(tmp_path), "--instance", str(tmp_path / "instance")]) == NOT_DONE
    assert not (tmp_path / "instance").exists()


def test_calls_without_a_line_say_how_to_start_one(tmp_path: Path, capsys: Captured) -> None:
    assert run(["calls", "--instance", str(tmp_path)]) == NOT_DONE
    assert "hotline up" in capsys.readouterr().err


def test_the_shipped_plan_is_proven(capsys: Captured) -> None:
    assert run(["check"]) == 0
    assert "none is a dead end" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("at", "keys", "queue", "is_open"),
    [
        ("2026-11-24T11:00", "1", "sumy", True),
        ("2026-11-24T18:00", "1", "chernivtsi", False),
        ("2026-11-28T11:00", "1", "chernivtsi", False),
        ("2026-11-24T11:00", "4", "chernivtsi", True),
        ("2026-11-24T11:00", "t", "chernivtsi", True),
    ],
)
def test_simulate_prints_the_promised_keys_as_json(
    at: str, keys: str, queue: str, is_open: bool, capsys: Captured
) -> None:
    assert run(["simulate", "--at", at, "--keys", keys, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    promised = {"destination", "queue", "office", "priority", "open", "reasons", "path", "plan_version"}
    assert promised <= set(told)
    assert (told["queue"], told["open"]) == (queue, is_open)
    assert told["plan_version"] == read_plan(SHIPPED_PLAN).version


def test_simulate_tells_people_the_reasons_and_the_texts(capsys: Captured) -> None:
    assert run(["simulate", "--at", "2026-11-24T18:00", "--keys", "1"]) == 0
    told = capsys.readouterr().out
    assert "main: 1 → consultation → queue chernivtsi" in told
    assert "Зараз не робочий час" in told


def test_local_times_are_those_of_the_plan_and_offsets_are_kept() -> None:
    assert read_moment("2026-11-23T10:00", KYIV) == datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    assert read_moment("2026-07-23T10:00", KYIV) == datetime(2026, 7, 23, 7, 0, tzinfo=UTC)
    assert read_moment("2026-11-23T10:00+00:00", KYIV) == datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def test_keys_are_answers_with_silences() -> None:
    assert parse_keys("1, t,54,#") == ("1", SILENCE_MARK, "54", "#")
    assert parse_keys("") == ()


@pytest.mark.parametrize("text", ["abc", "1;2", "123", "tt", "1," * 41])
def test_what_is_no_list_of_keys_is_refused(text: str) -> None:
    with pytest.raises(KeysError):
        parse_keys(text)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+asyncpg"])
def test_every_usual_form_of_database_url_is_taken(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"{scheme}://u:secret@db/hotline")
    url = read_database_url()
    assert url is not None
    assert url.get_secret_value() == "postgresql+asyncpg://u:secret@db/hotline"
    assert "secret" not in repr(url)


@pytest.mark.parametrize("wrong", ["mysql://u:secret@db/x", "nonsense", "sqlite:///x"])
def test_another_kind_of_database_is_refused_without_its_password(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", wrong)
    with pytest.raises(HotlineError, match="DATABASE_URL is no PostgreSQL URL") as refused:
        read_database_url()
    assert "secret" not in str(refused.value)
