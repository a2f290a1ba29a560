import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from api.evidence.months import LOCK
from api.ledger import repository, service
from api.ledger.schemas import Ledger, LedgerDifference
from api.ledger.upkeep import Upkeep
from api.ledger.words import DifferenceKind
from asterisk_conf.names import Source
from tests.contract.api.conftest import Get, Post, Tokens
from tests.contract.api.scenarios import many
from tests.contract.api.scenarios.many import many_calls
from tests.contract.api.scenarios.recorded_day import CALL_IDS, recorded
from tests.contract.api.scenarios.tables import Line, batch, cel, moment

DAY = date(2026, 11, 24)
LATER = datetime(2026, 11, 25, 12, tzinfo=UTC)
ANSWERED = "node1-1795531937.1"


async def ledger(app: FastAPI, day: date = DAY, compared_until: datetime = LATER) -> Ledger:
    async with app.state.database.snapshot() as connection:
        return await service.ledger_of(connection, day, compared_until)


async def differences(app: FastAPI) -> list[LedgerDifference]:
    return (await ledger(app)).differences


async def execute(app: FastAPI, statement: str) -> None:
    async with app.state.database.transaction() as connection:
        await connection.execute(LOCK)  # a month made beside a TRUNCATE can end in a deadlock
        await connection.execute(text(statement))


def lines_of(call_id: str) -> list[Line]:
    return [line for line in recorded(Source.CEL) if line.event().linkedid == call_id]


async def test_a_day_as_it_was_recorded_has_no_difference(post_evidence: Post, app: FastAPI) -> None:
    answer = await post_evidence(batch(recorded()))
    assert answer.json() == {"stored": len(recorded()), "repeated": 0, "quarantined": 0}
    found = await ledger(app)
    (hour,) = found.hours
    assert (hour.calls, hour.call_records, hour.operator_codes, hour.processed) == (5, 5, 2, 7)
    assert found.differences == []


async def test_calls_around_midnight_are_counted_on_the_day_on_which_they_begin(
    post_evidence: Post, app: FastAPI
) -> None:
    midnight_s = int(datetime(2026, 11, 24, 22, tzinfo=UTC).timestamp())
    begin_s = midnight_s - 10 * 7 - 3
    told = chain.from_iterable(many_calls(20, begin_s=begin_s, sources=(Source.CEL, Source.QUEUE_LOG, Source.CDR)))
    asked = many.samples([begin_s + order * 7 for order in range(20)], midnight_s - 300, midnight_s + 301)
    witness = [Line(Source.WITNESS, place, text, "w") for place, text in enumerate(asked)]
    await post_evidence(batch([*told, *witness]))
    for day, calls in ((DAY, 11), (DAY + timedelta(days=1), 9)):
        found = await ledger(app, day)
        assert [(hour.calls, hour.call_records, hour.processed) for hour in found.hours] == [(calls,) * 3]
        assert found.differences == []


CHECK = cel(
    """
12:31:00.100 | CHAN_START | Local/north-0@centre-check-00000000;1 | node1-9.0 | north-0@centre-check |
12:31:00.110 | CHAN_START | Local/north-0@centre-check-00000000;2 | node1-9.1 | north-0@centre-check |
12:31:00.120 | CHAN_START | PJSIP/trunk-provider-00000000 | node1-9.2 | s@from-trunk |
12:31:02.000 | HOTLINE_CENTRE | Local/north-0@centre-check-00000000;2 | node1-9.1 | north-0@centre-check | \
centre=north;place=0;step=check;status=BUSY.17;persons=
12:31:02.200 | LINKEDID_END | Local/north-0@centre-check-00000000;1 | node1-9.0 | north-0@centre-check |
"""
)
"""A test call to a centre's telephone, as it was recorded."""


def samples(*counts: tuple[str, int]) -> list[Line]:
    rows = [
        {
            "at": f"{moment(at).timestamp():.6f}",
            "asked_at": f"{moment(at).timestamp():.6f}",
            "boot": "9",
            "processed": processed,
            "current": 0,
            "why": "minute",
        }
        for at, processed in counts
    ]
    return [Line(Source.WITNESS, place, json.dumps(row), "w9") for place, row in enumerate(rows)]


async def test_a_test_call_to_a_centre_is_counted_apart_and_is_no_call(
    post_evidence: Post, app: FastAPI, get: Get
) -> None:
    await post_evidence(batch([*CHECK, *samples(("12:30:00", 0), ("12:32:00", 1))]))
    found = await ledger(app)
    assert found.differences == []
    assert [(hour.calls, hour.test_calls, hour.processed) for hour in found.hours] == [(0, 1, 1)]
    assert (await get("calls")).json()["calls"] == []


async def test_what_asterisk_counted_beside_a_test_call_is_still_a_difference(
    post_evidence: Post, app: FastAPI
) -> None:
    await post_evidence(batch([*CHECK, *samples(("12:30:00", 0), ("12:32:00", 2))]))
    assert [(one.kind, one.count) for one in await differences(app)] == [(DifferenceKind.COUNT, 1)]


async def test_one_line_of_cel_that_did_not_come_is_named(post_evidence: Post, app: FastAPI) -> None:
    lost = next(line for line in lines_of(ANSWERED) if line.event().type == "BRIDGE_EXIT")
    await post_evidence(batch([line for line in recorded() if line != lost]))
    (difference,) = await differences(app)
    assert (difference.kind, difference.call_id) == (DifferenceKind.GAP, ANSWERED)
    assert difference.missing == [f"BRIDGE_EXIT {lost.event().uniqueid}"]
    await post_evidence(batch([lost]))
    assert await differences(app) == []


async def test_a_call_of_which_no_cel_came_is_named_by_its_call_record(post_evidence: Post, app: FastAPI) -> None:
    lost = lines_of(ANSWERED)
    await post_evidence(batch([line for line in recorded() if line not in lost]))
    found = await differences(app)
    assert {(one.kind, one.call_id, one.count) for one in found} == {
        (DifferenceKind.NOT_IN_LOG, ANSWERED, 1),
        (DifferenceKind.COUNT, None, 1),
    }


async def test_a_row_that_is_gone_from_the_log_is_named_and_a_rebuild_mends_it(
    post_evidence: Post, app: FastAPI, anonymous: httpx.AsyncClient, tokens: Tokens, get: Get
) -> None:
    await post_evidence(batch(recorded()))
    before = (await get(f"calls/{ANSWERED}")).json()
    await execute(app, f"DELETE FROM calls WHERE call_id = '{ANSWERED}'")
    found = await differences(app)
    assert {(one.kind, one.call_id) for one in found} == {
        (DifferenceKind.NOT_FOLDED, ANSWERED),
        (DifferenceKind.COUNT, None),
    }
    assert await rebuild(anonymous, tokens, "2026-11-24T00:00:00Z") == len(CALL_IDS)
    assert await differences(app) == []
    assert (await get(f"calls/{ANSWERED}")).json() == before


async def rebuild(client: httpx.AsyncClient, tokens: Tokens, since: str) -> int:
    """Rebuilds step by step; gives how many calls were written."""
    body: dict[str, object] = {"since": since}
    rebuilt = 0
    while True:
        answer = await client.post("/api/v1/rebuild", json=body, headers=tokens.console)
        assert answer.status_code == 200, answer.text
        rebuilt += answer.json()["rebuilt"]
        if answer.json()["next_since"] is None:
            return int(rebuilt)
        body = {"since": answer.json()["next_since"], "goes_on": True}


async def test_a_rebuild_writes_the_whole_log_anew(
    post_evidence: Post, app: FastAPI, anonymous: httpx.AsyncClient, tokens: Tokens, get: Get
) -> None:
    await post_evidence(batch(recorded()))
    before = [(await get(f"calls/{call_id}")).json() for call_id in CALL_IDS]
    await execute(app, "TRUNCATE calls, operator_states CASCADE")
    assert await rebuild(anonymous, tokens, "2020-01-01T00:00:00Z") == len(CALL_IDS)
    assert [(await get(f"calls/{call_id}")).json() for call_id in CALL_IDS] == before
    async with app.state.database.snapshot() as connection:
        states = await connection.execute(text("SELECT operator, state FROM operator_states ORDER BY started_at"))
        assert list(states) == [("chernivtsi01", "available"), ("chernivtsi01", "logged_out")]


async def test_a_call_without_a_call_record_is_named(post_evidence: Post, app: FastAPI) -> None:
    without = [line for line in recorded() if not (line.source is Source.CDR and ANSWERED in line.text)]
    await post_evidence(batch(without))
    (difference,) = await differences(app)
    assert (difference.kind, difference.call_id) == (DifferenceKind.NO_CALL_RECORD, ANSWERED)


async def test_what_has_just_happened_is_not_compared_yet(post_evidence: Post, app: FastAPI) -> None:
    lost = lines_of(ANSWERED)
    await post_evidence(batch([line for line in recorded() if line not in lost]))
    early = await ledger(app, compared_until=lost[0].event().occurred_at)
    assert early.differences == []


async def test_a_day_without_calls_has_no_hours(app: FastAPI) -> None:
    assert (await ledger(app, date(2026, 1, 1))).hours == []


async def test_the_night_keeps_yesterdays_ledger_once(post_evidence: Post, app: FastAPI, get: Get) -> None:
    await post_evidence(batch([line for line in recorded() if line not in lines_of(ANSWERED)]))
    await execute(app, "TRUNCATE ledger_days")
    upkeep = Upkeep(app.state.database, app.state.settings, lambda: app.state.vault)
    await upkeep.run_once(datetime(2026, 11, 25, 0, 0, tzinfo=UTC))
    assert (await ledger(app)).nightly is None
    await upkeep.run_once(datetime(2026, 11, 25, 2, 0, tzinfo=UTC))
    kept = (await ledger(app)).nightly
    assert kept is not None
    assert kept.differences == 2
    await upkeep.run_once(datetime(2026, 11, 25, 3, 0, tzinfo=UTC))
    assert (await ledger(app)).nightly == kept


async def test_the_ledger_is_answered_for_a_day_of_kyiv(get: Get, post_evidence: Post) -> None:
    await post_evidence(batch(recorded()))
    answer = await get("ledger", day="2026-11-24")
    assert answer.status_code == 200
    assert answer.json()["day"] == "2026-11-24"
    assert [hour["calls"] for hour in answer.json()["hours"]] == [5]


@pytest.mark.parametrize("day", ["yesterday", "1999-12-31", "2100-01-01", "2026-02-30"])
async def test_a_day_that_is_none_is_refused(get: Get, day: str) -> None:
    answer = await get("ledger", day=day)
    assert (answer.status_code, answer.json()["error_id"]) == (422, "invalid_request")


async def test_a_node_may_neither_read_the_ledger_nor_rebuild(anonymous: httpx.AsyncClient, tokens: Tokens) -> None:
    assert (await anonymous.get("/api/v1/ledger", headers=tokens.node)).status_code == 403
    body = {"since": "2026-11-24T00:00:00Z"}
    assert (await anonymous.post("/api/v1/rebuild", json=body, headers=tokens.node)).status_code == 403


async def test_no_number_of_a_call_record_is_kept(post_evidence: Post, app: FastAPI) -> None:
    await post_evidence(batch(recorded(Source.CDR)))
    async with app.state.database.snapshot() as connection:
        rows = await connection.execute(text("SELECT to_jsonb(e)::text FROM evidence e WHERE source = 'cdr'"))
        assert not [row for (row,) in rows if "501234567" in row]
        numbers = await connection.execute(text("SELECT count(*) FROM caller_numbers"))
        assert numbers.scalar_one() == 0


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (Source.CDR, '"","1"'),
        (Source.CDR, ""),
        (Source.CDR, recorded(Source.CDR)[0].text.replace("2026-11-24 14:52:16", "yesterday")),
        (Source.CDR, recorded(Source.CDR)[0].text + ',"more"'),
        (Source.CDR, '"unclosed'),
        (Source.WITNESS, "{}"),
        (Source.WITNESS, "["),
        (Source.WITNESS, recorded(Source.WITNESS)[0].text.replace('"processed":0', '"processed":-1')),
        (Source.WITNESS, recorded(Source.WITNESS)[0].text.replace('"processed":0', '"processed":true')),
        (Source.WITNESS, recorded(Source.WITNESS)[0].text.replace('"why":"start"', '"why":"hunch"')),
    ],
)
async def test_a_witness_that_cannot_be_read_goes_to_quarantine(post_evidence: Post, source: Source, line: str) -> None:
    answer = await post_evidence(batch([replace(recorded(source)[0], text=line)]))
    assert answer.json() == {"stored": 0, "repeated": 0, "quarantined": 1}


async def test_a_call_that_asterisk_took_down_with_it_needs_no_call_record(post_evidence: Post, app: FastAPI) -> None:
    cut = [line for line in lines_of(ANSWERED) if line.event().type not in {"HANGUP", "CHAN_END", "LINKEDID_END"}]
    last = max(line.event().occurred_at for line in cut)
    restart = int((last + timedelta(seconds=60)).timestamp())
    boot = Line(Source.QUEUE_LOG, 0, f"{restart}|NONE|NONE|NONE|QUEUESTART|", "after")
    await post_evidence(batch([*cut, boot]))
    async with app.state.database.snapshot() as connection:
        (logged,) = await repository.logged_calls(connection, *service.borders_of(DAY))
    assert (logged.outcome, logged.ended_at) == ("lost_node", last)
    assert await differences(app) == []
