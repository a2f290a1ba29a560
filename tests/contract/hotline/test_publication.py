"""publish, versions and rollback against the real api on a real PostgreSQL; a test plays the node."""

from pathlib import Path

import pytest

from hotline import taking
from hotline.cli import NOT_DONE, run
from routing.plan_files import read_plan
from tests.contract.hotline.conftest import Output, SumyUntil
from tests.contract.hotline.line_of_api import ApiLine, PlayedNode
from tests.unit.routing.plans import LEGAL_AID

SHIPPED = read_plan(LEGAL_AID).version


def told(line: ApiLine, *arguments: str) -> int:
    return run([*arguments, "--instance", str(line.paths.root)])


def published(line: ApiLine, folder: Path, *more: str, by: str = "Олена К.", reason: str = "перший план") -> int:
    return told(line, "publish", str(folder), "--by", by, "--reason", reason, *more)


def test_a_publish_ends_when_the_node_has_the_plan_and_tells_what_changed(
    line: ApiLine, node: PlayedNode, sumy_until: SumyUntil, output: Output
) -> None:
    assert published(line, LEGAL_AID) == 0
    assert f"plan {SHIPPED} is in force on node1 after" in output()
    later = sumy_until("20:00")
    assert published(line, later, by="Ігор [П.]", reason="Суми до 20:00") == 0
    assert node.version == read_plan(later).version
    shown = output()
    assert "offices.yaml sumy.hours changed mon-fri: 08:00-18:00 mon-fri: 08:00-20:00" in shown
    assert f"before: {SHIPPED}" in shown


def test_versions_shows_who_published_what_and_why_the_newest_first(
    line: ApiLine, node: PlayedNode, sumy_until: SumyUntil, output: Output
) -> None:
    assert told(line, "versions") == 0
    assert "nothing has been published yet" in output()
    published(line, LEGAL_AID)
    node.refuses = "no room for its prompts"
    published(line, sumy_until("20:00"), by="Ігор [П.]", reason="Суми до 20:00")
    output()
    assert told(line, "versions") == 0
    shown = output()
    assert shown.index("Ігор [П.] Суми до 20:00") < shown.index("Олена К. перший план")
    assert f"note node1 has plan {SHIPPED} in force: no room for its prompts" in shown


def test_rollback_goes_one_step_back_and_a_second_time_forward(
    line: ApiLine, node: PlayedNode, sumy_until: SumyUntil, output: Output
) -> None:
    later = sumy_until("20:00")
    published(line, LEGAL_AID)
    published(line, later)
    output()
    for expected in (SHIPPED, read_plan(later).version):
        assert told(line, "rollback") == 0
        assert f"plan {expected} is in force on node1" in output()
        assert node.version == expected


def test_of_two_people_the_second_is_told_who_was_quicker_and_how_to_look(
    line: ApiLine, node: PlayedNode, sumy_until: SumyUntil, output: Output
) -> None:
    theirs, mine = sumy_until("20:00"), sumy_until("19:00")
    published(line, LEGAL_AID)
    published(line, theirs, by="Ігор П.", reason="до восьмої")
    output()
    assert published(line, mine, "--expect", SHIPPED) == NOT_DONE
    version = read_plan(theirs).version
    shown = output()
    assert "nothing is changed: meanwhile Ігор П., 2" in shown
    assert f"put plan {version} in force: до восьмої; look at the difference with: hotline diff {version} " in shown
    assert node.version == version


def test_a_plan_that_is_in_force_already_is_not_published_again(
    line: ApiLine, node: PlayedNode, output: Output
) -> None:
    published(line, LEGAL_AID)
    output()
    assert published(line, LEGAL_AID, by="Ігор П.") == NOT_DONE
    assert f"plan {SHIPPED} is in force already: Олена К., 2" in output()


def test_there_is_nothing_to_roll_back_at_first(line: ApiLine, node: PlayedNode, output: Output) -> None:
    assert told(line, "rollback") == NOT_DONE
    assert "there is no plan before the one in force" in output()
    published(line, LEGAL_AID)
    assert told(line, "rollback") == NOT_DONE


def test_a_node_that_cannot_take_the_plan_says_why_and_a_rollback_mends_it(
    line: ApiLine, node: PlayedNode, sumy_until: SumyUntil, output: Output
) -> None:
    published(line, LEGAL_AID)
    later = sumy_until("20:00")
    node.refuses = "Asterisk did not reload app_queue"
    output()
    assert published(line, later) == NOT_DONE
    shown = output()
    assert f"is published, but node1 goes on with {SHIPPED}: Asterisk did not reload app_queue" in shown
    assert "hotline rollback" in shown
    assert told(line, "rollback") == 0
    assert f"plan {SHIPPED} is in force on node1" in output()


def test_a_node_that_says_nothing_of_the_plan_is_named_in_the_end(
    line: ApiLine, node: PlayedNode, sumy_until: SumyUntil, output: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(line, LEGAL_AID)
    node.refuses = "the disk is full"
    published(line, sumy_until("20:00"))
    monkeypatch.setattr(taking, "PLAN_TAKEN_S", 0.5)
    output()
    assert published(line, sumy_until("19:00")) == NOT_DONE
    shown = output()
    assert "0.5 s later it is not in force on node1" in shown
    assert "the disk is full" in shown


def test_without_any_node_the_plan_is_published_for_later(line: ApiLine, output: Output) -> None:
    assert published(line, LEGAL_AID) == 0
    assert f"plan {SHIPPED} is published, but no node reports now" in output()
