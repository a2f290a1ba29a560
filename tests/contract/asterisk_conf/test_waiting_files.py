"""What the plan says of waiting, as Asterisk reads it."""

import re
from dataclasses import replace

import pytest

from asterisk_conf.conf_text import ConfTextError
from routing.plan import Plan
from routing.waiting import LineWaiting, PenaltyStep
from tests.contract.asterisk_conf.rendering import rendered
from tests.plans import SUMY
from tests.unit.routing.test_waiting import WAITING, waiting_plan


def section(file: str, name: str, plan: Plan | None = None) -> str:
    text = rendered(plan or waiting_plan())[file]
    return text.split(f"[{name}]\n", 1)[1].split("\n[", 1)[0]


def with_music(music: str) -> Plan:
    plan = waiting_plan()
    waiting = replace(WAITING, music=music)
    return replace(plan, queues={**plan.queues, SUMY: replace(plan.queues[SUMY], waiting=waiting)})


def test_the_keys_of_the_plan_and_no_others_do_something_in_queues() -> None:
    keys = re.findall(r"^exten => (.),1,", section("extensions.conf", "queue-keys"), re.MULTILINE)
    assert keys == ["4", "*"]
    assert "context = queue-keys\n" in section("queues.conf", SUMY)


def test_penalties_relax_by_a_rule_and_begin_with_the_first_step() -> None:
    assert "defaultrule = sumy\n" in section("queues.conf", SUMY)
    assert re.findall(r"^penaltychange.*", section("queuerules.conf", SUMY), re.MULTILINE) == ["penaltychange => 30,5"]
    assert section("queuerules.conf", "everybody").strip() == ""
    handover = section("extensions.conf", "handover")
    first = '${IF($["${HOTLINE_QUEUE}" = "sumy" & "${HOTLINE_SERVICE}" != "detention"]?0:${QUEUE_MAX_PENALTY})}'
    assert f"Set(QUEUE_MAX_PENALTY={first})" in handover


def test_a_queue_without_steps_has_no_rule() -> None:
    plan = waiting_plan()
    late = replace(WAITING, penalties=(PenaltyStep(after_s=9, max_penalty=3),))
    plan = replace(plan, queues={**plan.queues, SUMY: replace(plan.queues[SUMY], waiting=late)})
    assert "QUEUE_MAX_PENALTY" not in rendered(plan)["extensions.conf"]
    assert "defaultrule" not in section("queues.conf", "chernivtsi", plan)


def test_the_place_is_told_by_sounds_of_the_plan_and_never_by_those_of_asterisk() -> None:
    told = section("queues.conf", SUMY)
    assert re.search(r"^queue-thereare = hotline/greeting-[0-9a-f]+$", told, re.MULTILINE)
    assert re.search(r"^periodic-announce = hotline/greeting-[0-9a-f]+$", told, re.MULTILINE)
    assert "queue-callswaiting =\n" in told
    assert "announce-holdtime = no\n" in told


def test_other_music_is_a_folder_of_its_own() -> None:
    plan = with_music("calm")
    assert "musicclass = calm\n" in section("queues.conf", SUMY, plan)
    assert "/moh/calm\n" in section("musiconhold.conf", "calm", plan)


@pytest.mark.parametrize("music", ["a;b", "a]b", "a\nb"])
def test_a_name_of_music_that_would_change_a_file_is_refused(music: str) -> None:
    with pytest.raises(ConfTextError):
        rendered(with_music(music))


def test_without_a_key_to_the_menu_only_the_detention_key_is_left() -> None:
    plan = waiting_plan()
    plan = replace(plan, line=replace(plan.line, waiting=LineWaiting(menu_key=None, return_s=0)))
    assert re.findall(r"^exten => (.),1,", section("extensions.conf", "queue-keys", plan), re.MULTILINE) == ["4"]
