from collections.abc import Iterable

import pytest

from api.ledger.gaps import gaps_of
from api.projection.events import Event
from api.projection.families import Family, families_of
from asterisk_conf.names import Source
from tests.contract.api.scenarios.recorded_day import CALL_IDS, recorded

LINES = [line.event() for line in recorded(Source.CEL, Source.QUEUE_LOG)]
CALLS = {family.call_id: family for family in families_of(LINES) if family.call_id in CALL_IDS}
CEL_LINES = [
    pytest.param(event, id=f"{event.type}-{event.uniqueid}-{event.position_bytes}")
    for family in CALLS.values()
    for event in family.events
    if event.source is Source.CEL
]


def without(family: Family, *missing: Event) -> Family:
    kept = tuple(event for event in family.events if event not in missing)
    return Family(call_id=family.call_id, aliases=family.aliases, events=kept)


def call_of(event: Event) -> Family:
    return next(family for family in CALLS.values() if event in family.events)


@pytest.mark.parametrize("call_id", CALL_IDS)
def test_a_call_as_asterisk_wrote_it_lacks_nothing(call_id: str) -> None:
    assert gaps_of(CALLS[call_id], answered=True) == ()


@pytest.mark.parametrize("line", CEL_LINES)
def test_any_one_line_of_cel_that_did_not_come_is_named(line: Event) -> None:
    missing = gaps_of(without(call_of(line), line), answered=True)
    assert line.type in {gap.split()[0] for gap in missing}


@pytest.mark.parametrize(
    ("event", "told"),
    [("ENTERQUEUE", "ENTERQUEUE"), ("CONNECT", "CONNECT"), ("COMPLETECALLER", "end"), ("ABANDON", "end")],
)
def test_a_line_of_queue_log_that_did_not_come_is_named(event: str, told: str) -> None:
    found: list[str] = []
    for family in CALLS.values():
        lost = [one for one in family.events if one.type == event]
        found += [gap for one in lost[:1] for gap in gaps_of(without(family, one), answered=True)]
    assert told in {gap.split()[0] for gap in found}


def of_channel(family: Family, uniqueid: str) -> Iterable[Event]:
    return (event for event in family.events if event.uniqueid == uniqueid)


def test_an_operators_channel_of_which_nothing_came_is_named_by_queue_log() -> None:
    family = CALLS["node1-1795531937.1"]
    missing = gaps_of(without(family, *of_channel(family, "node1-1795531937.2")), answered=True)
    assert "CHAN_START node1-1795531937.2" in missing
