"""Registration numbers: given once each, whoever gives them, and kept over any stop."""

import fcntl
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from itertools import repeat
from pathlib import Path

import pytest

from asterisk_conf import registration, state_files
from asterisk_conf.registration import RegistrationError, give_number, spoken_number
from routing.registration import LARGEST_COUNT, is_registration_number
from tests.centres import plan_with_centres
from tests.plans import small_plan

DAY = date(2026, 11, 24)


def test_numbers_of_a_day_follow_each_other_and_have_a_check_digit(tmp_path: Path) -> None:
    numbers = [give_number(tmp_path, 7, DAY) for _ in range(3)]
    assert [number[:14] for number in numbers] == ["07-261124-0001", "07-261124-0002", "07-261124-0003"]
    assert all(map(is_registration_number, numbers))


def test_service_and_script_at_once_give_no_number_twice(tmp_path: Path) -> None:
    with ProcessPoolExecutor(3) as pool:
        numbers = list(pool.map(give_number, repeat(tmp_path, 30), repeat(1), repeat(DAY)))
    assert len(set(numbers)) == len(numbers) == 30


def test_a_clock_that_goes_back_begins_no_day_anew(tmp_path: Path) -> None:
    first = give_number(tmp_path, 1, DAY)
    give_number(tmp_path, 1, DAY + timedelta(days=1))
    assert give_number(tmp_path, 1, DAY) != first


def test_a_lock_that_is_held_costs_the_number_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registration, "LOCK_S", 0.0)
    with (tmp_path / "registration.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(RegistrationError):
            give_number(tmp_path, 1, DAY)
    assert give_number(tmp_path, 1, DAY).startswith("01-261124-0001")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"2026-11-24": "x"}', '{"yesterday": 1}'])
def test_a_broken_counter_gives_no_number(tmp_path: Path, text: str) -> None:
    state_files.counts_file(tmp_path).write_text(text, "utf-8")
    with pytest.raises(RegistrationError):
        give_number(tmp_path, 1, DAY)


def test_after_the_last_number_of_a_day_there_is_none(tmp_path: Path) -> None:
    state_files.write_counts(tmp_path, {DAY: LARGEST_COUNT})
    with pytest.raises(RegistrationError):
        give_number(tmp_path, 1, DAY)
    assert give_number(tmp_path, 1, DAY + timedelta(days=1))


def test_a_number_is_spoken_digit_by_digit() -> None:
    sounds = spoken_number(plan_with_centres(), "07-261124-0001-7").split("&")
    assert [sound.split("/say-")[1][0] for sound in sounds] == list("0726112400017")


def test_without_digits_to_say_nothing_is_said() -> None:
    plan = small_plan()
    prompts = {key: each for key, each in plan.prompts.items() if not key.startswith("say-")}
    assert spoken_number(replace(plan, prompts=prompts), "07-261124-0001-7") == ""
