"""`hotline override` against the real api on a real PostgreSQL; a test plays the node."""

from datetime import UTC, datetime, timedelta

import pytest

from asterisk_conf.site import Trunk, write_site
from hotline import taking
from hotline.cli import NOT_DONE, run
from hotline.journeys import KYIV
from tests.contract.hotline.conftest import Output
from tests.contract.hotline.line_of_api import ApiLine, PlayedNode
from tests.unit.routing.plans import LEGAL_AID


def told(line: ApiLine, *arguments: str) -> int:
    return run([*arguments, "--instance", str(line.paths.root)])


def in_hours(hours: int) -> str:
    return f"{datetime.now(KYIV) + timedelta(hours=hours):%Y-%m-%dT%H:%M}"


def switched(line: ApiLine, target: str, action: str, *, until: str = "", by: str = "Олена К.") -> int:
    words = ("--until", until or in_hours(3), "--reason", "немає світла", "--by", by)
    return told(line, "override", "set", target, action, *words)


@pytest.fixture(autouse=True)
def plan(line: ApiLine, node: PlayedNode, output: Output) -> None:
    assert told(line, "publish", str(LEGAL_AID), "--by", "Олена К.", "--reason", "перший план") == 0
    output()


def test_a_switch_is_set_listed_and_cleared_and_who_did_it_is_kept(line: ApiLine, output: Output) -> None:
    assert switched(line, "sumy", "closed") == 0
    shown = output()
    assert "queue sumy closed until " in shown
    assert "in force on node1" in shown
    assert told(line, "override", "list") == 0
    row = output()
    override_id = row.split("state ")[1].split()[0]
    assert f"{override_id} queue sumy closed" in row
    assert "Олена К. немає світла" in row
    assert told(line, "override", "clear", override_id, "--by", "Ігор П.") == 0
    assert "is cleared, in force on node1" in output()
    assert told(line, "override", "list") == 0
    assert "no override is in force" in output()
    assert told(line, "override", "list", "--all") == 0
    assert "cleared by Ігор П." in output()
    assert told(line, "override", "clear", override_id) == NOT_DONE
    assert "Ігор П. cleared it at" in output()


@pytest.mark.parametrize(
    ("target", "action", "shown"),
    [
        ("line", "to-queue:sumy", "the whole line to-queue:sumy until"),
        ("line", "to-number:050 123 45 67", "the whole line to-number:+380501234567 until"),
        ("office:sumy", "closed", "office sumy closed until"),
        ("consultation", "open", "service consultation open until"),
    ],
)
def test_the_line_offices_and_services_are_switched_too(
    line: ApiLine, target: str, action: str, shown: str, output: Output
) -> None:
    assert switched(line, target, action) == 0
    assert shown in output()


def test_without_a_trunk_that_calls_out_a_number_is_warned_of(line: ApiLine, output: Output) -> None:
    switched(line, "line", "to-number:+380501234567")
    assert "no call can go out from here" in output()
    trunk = Trunk.model_validate({"name": "out", "match": ["127.0.0.9/32"], "sip_uri": "sip:127.0.0.9"})
    write_site(line.paths.site_file, line.site.model_copy(update={"trunks": (trunk,)}))
    switched(line, "line", "to-number:+380501234567")
    assert "no call can go out from here" not in output()


@pytest.mark.parametrize(
    ("target", "action", "complaint"),
    [
        ("odesa", "closed", "has no odesa: queues chernivtsi, sumy; offices chernivtsi, sumy; services"),
        ("queue:consultation", "closed", "has no queue:consultation"),
        ("sumy", "to-queue:odesa", "has no queue odesa: it has chernivtsi, sumy"),
    ],
)
def test_what_does_not_fit_the_plan_is_refused_with_the_choices(
    line: ApiLine, target: str, action: str, complaint: str, output: Output
) -> None:
    assert switched(line, target, action) == NOT_DONE
    assert complaint in output()


@pytest.mark.parametrize(("until", "complaint"), [(in_hours(24 * 40), "within 31 days"), ("9999-01-01", "2000-2100")])
def test_what_lasts_for_longer_than_a_month_belongs_into_the_plan(
    line: ApiLine, until: str, complaint: str, output: Output
) -> None:
    assert switched(line, "sumy", "closed", until=until) == NOT_DONE
    assert complaint in output()


def test_an_override_that_nobody_knows_cannot_be_cleared(line: ApiLine, output: Output) -> None:
    assert told(line, "override", "clear", "o000000000000") == NOT_DONE
    assert "there is no override o000000000000" in output()


def test_a_node_that_does_not_take_the_switch_is_named(
    line: ApiLine, node: PlayedNode, output: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.is_deaf = True
    monkeypatch.setattr(taking, "OVERRIDE_TAKEN_S", 0.5)
    assert switched(line, "sumy", "closed") == NOT_DONE
    assert "the override is stored, but 0.5 s later it is not in force on node1" in output()


def test_an_override_ends_by_itself(line: ApiLine, output: Output) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=2)
    assert switched(line, "sumy", "closed", until=soon.isoformat()) == 0
    output()
    ends_at = datetime.now(UTC) + timedelta(seconds=30)
    while datetime.now(UTC) < ends_at:
        assert told(line, "override", "list") == 0
        if "no override is in force" in output():
            break
    else:
        pytest.fail("it did not end")
    told(line, "override", "list", "--all")
    assert " over" in output()
