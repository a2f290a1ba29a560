import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from routing.registration import is_registration_number, registration_number
from tests.contract.api.conftest import Get, Post, Tokens
from tests.contract.api.desk_calls import ASKED_AT, DETENTION_ANSWERED, DETENTION_ASKED, DETENTION_CALL
from tests.contract.api.plan_documents import document_of
from tests.contract.api.scenarios import calls
from tests.contract.api.scenarios.tables import Line, batch, cel
from tests.contract.api.test_plans import Console
from tests.unit.routing.plans import legal_aid_plan

PERSON = {
    "person_name": "Зразок Зразкович",
    "place": "м. Суми, вул. Зразкова, 1",
    "detained_at": "2026-11-24T12:00+02:00",
}
PERIOD = {"from": "2026-01-01T00:00:00Z", "to": "2099-01-01T00:00:00Z"}


class ReportDesk(Console):
    """The desk as an operator uses it."""

    async def ask(self, method: str, path: str, body: object = None) -> httpx.Response:
        url = f"/api/v1/detention-reports{path}"
        return await self.client.request(method, url, json=body, headers=self.headers)

    async def made(self, **values: Any) -> dict[str, Any]:
        answer = await self.ask("POST", "", {"values": values})
        assert answer.status_code == 201, answer.text
        report: dict[str, Any] = answer.json()
        return report

    async def filled(self, report_id: int, revision: int, **values: Any) -> dict[str, Any]:
        answer = await self.ask("PATCH", f"/{report_id}", {"values": values, "expected_revision": revision})
        assert answer.status_code == 200, answer.text
        report: dict[str, Any] = answer.json()
        return report

    async def read(self, report_id: int) -> dict[str, Any]:
        report: dict[str, Any] = (await self.ask("GET", f"/{report_id}")).json()
        return report


@pytest.fixture
async def desk(anonymous: httpx.AsyncClient, tokens: Tokens) -> ReportDesk:
    desk = ReportDesk(anonymous, tokens.console)
    assert (await desk.publish(document_of(legal_aid_plan()), None)).status_code == 201
    return desk


async def reports(desk: ReportDesk, **filters: str | int) -> list[dict[str, Any]]:
    answer = await desk.get("detention-reports", **filters)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["reports"]
    return found


async def test_a_report_is_there_as_soon_as_the_caller_asks_before_anybody_answers(
    desk: ReportDesk, post_evidence: Post
) -> None:
    await post_evidence(batch(DETENTION_ASKED))
    (report,) = await reports(desk)
    assert (report["call_id"], report["origin"], report["state"]) == (DETENTION_CALL, "call", "waiting")
    assert datetime.fromisoformat(report["received_at"]) == datetime.fromisoformat(ASKED_AT)
    assert (report["operator"], report["number"], report["values"], report["taken_by"]) == (None, None, {}, None)
    due_at = datetime.fromisoformat(report["countdown"]["due_at"])
    assert due_at == datetime.fromisoformat(ASKED_AT) + timedelta(hours=1)


async def test_the_report_has_the_number_that_the_caller_was_told(desk: ReportDesk, post_evidence: Post) -> None:
    number = registration_number(7, date(2026, 11, 24), 1)
    await post_evidence(batch(DETENTION_ASKED))
    await post_evidence(batch(numbered(number)))
    (report,) = await reports(desk)
    filled = await desk.filled(report["report_id"], report["revision"], **PERSON)
    assert (report["number"], filled["number"]) == (number, number)


async def test_a_caller_who_is_cut_off_after_the_number_is_on_record(desk: ReportDesk, post_evidence: Post) -> None:
    number = registration_number(7, date(2026, 11, 24), 2)
    await post_evidence(batch(DETENTION_ASKED[:-1]))
    await post_evidence(batch(numbered(number)))
    (report,) = await reports(desk)
    assert (report["call_id"], report["number"]) == (DETENTION_CALL, number)


@pytest.mark.parametrize("number", ["07-261124-0001-0", "", "00-261124-0001-9", "x" * 200])
async def test_what_is_no_number_of_a_node_is_not_taken_for_one(
    desk: ReportDesk, post_evidence: Post, number: str
) -> None:
    await post_evidence(batch(numbered(number)))
    assert [report["number"] for report in await reports(desk)] == [None]


async def test_a_number_that_another_report_has_leaves_the_report_without(
    desk: ReportDesk, post_evidence: Post
) -> None:
    number = registration_number(7, date(2026, 11, 24), 3)
    await post_evidence(batch(numbered(number)))
    await post_evidence(batch(numbered(number, call="node1-1.30")))
    assert sorted(str(report["number"]) for report in await reports(desk)) == [number, "None"]


async def test_a_caller_who_waits_too_long_is_an_alarm_until_somebody_answers(
    desk: ReportDesk, post_evidence: Post
) -> None:
    await post_evidence(batch(DETENTION_ASKED))
    (waiting,) = await reports(desk)
    assert waiting["answer"]["is_waiting"]
    await post_evidence(batch(DETENTION_ANSWERED))
    (answered,) = await reports(desk)
    assert answered["answer"] == {"is_waiting": False, "waited_s": 4, "is_over_15s": False, "is_over_20s": False}


def numbered(number: str, call: str = DETENTION_CALL) -> list[Line]:
    """The whole beginning of a call, with the event of its number."""
    rows = [
        f"11:00:00.100 | CHAN_START | PJSIP/trunk-selftest-00000020 | {call} | 0800213103@from-trunk |",
        f"11:00:04.090 | HOTLINE_DETENTION | PJSIP/trunk-selftest-00000020 | {call} | s@handover | number={number}",
    ]
    return [replace(line, generation=f"numbered-{call}") for line in cel("\n".join(rows))]


async def test_evidence_sent_twice_makes_one_report_and_the_operator_is_told_when_there_is_one(
    desk: ReportDesk, post_evidence: Post
) -> None:
    for _ in range(2):
        await post_evidence(batch(DETENTION_ASKED))
    await post_evidence(batch(DETENTION_ANSWERED))
    (report,) = await reports(desk, call_id=DETENTION_CALL)
    assert report["operator"] == "c01"


async def test_a_call_about_something_else_makes_no_report(desk: ReportDesk, post_evidence: Post) -> None:
    assert (await post_evidence(batch(calls.ANSWERED))).status_code == 200
    assert await reports(desk) == []


async def test_without_a_plan_the_call_still_makes_its_report(
    anonymous: httpx.AsyncClient, tokens: Tokens, post_evidence: Post
) -> None:
    await post_evidence(batch(DETENTION_ASKED))
    bare = ReportDesk(anonymous, tokens.console)
    (report,) = await reports(bare)
    assert (await bare.read(report["report_id"]))["missing"] == []
    assert (await bare.ask("POST", "", {"values": {}})).json()["error_id"] == "no_plan"


async def test_the_report_of_a_call_is_filled_in_and_gets_a_number(desk: ReportDesk, post_evidence: Post) -> None:
    await post_evidence(batch(DETENTION_ASKED))
    (early,) = await reports(desk)
    report = await desk.filled(early["report_id"], early["revision"], **PERSON)
    assert is_registration_number(report["number"])
    assert report["values"]["detained_at"] == "2026-11-24T10:00:00+00:00"
    assert (report["taken_by"], report["revision"]) == ("console", early["revision"] + 1)
    assert report["missing"] == ["kind", "grounds", "reported_by", "body"]


async def test_a_report_of_which_nothing_is_known_is_accepted(desk: ReportDesk) -> None:
    first, second = await desk.made(), await desk.made()
    assert first["number"] != second["number"]
    assert second["joined_to"] is None
    assert "person_name" in first["missing"]


async def test_every_wrong_field_is_told_at_once_and_no_value_is_quoted(desk: ReportDesk) -> None:
    values = {"person_name": True, "birth_date": "secret", "kind": "secret", "shoe_size": "secret"}
    answer = await desk.ask("POST", "", {"values": values})
    assert (answer.status_code, answer.json()["error_id"]) == (422, "fields_invalid")
    assert set(answer.json()["details"]["fields"]) == set(values)
    assert "secret" not in answer.text


async def test_of_two_who_write_at_once_one_is_refused(desk: ReportDesk) -> None:
    report = await desk.made()
    await desk.filled(report["report_id"], report["revision"], is_minor=True)
    late = {"values": {"is_minor": False}, "expected_revision": report["revision"]}
    answer = await desk.ask("PATCH", f"/{report['report_id']}", late)
    assert (answer.status_code, answer.json()["error_id"]) == (409, "revision_conflict")
    assert answer.json()["details"] == {"revision": report["revision"] + 1}


async def test_history_tells_every_change_with_old_and_new_value(desk: ReportDesk) -> None:
    report = await desk.made(place="Суми")
    report = await desk.filled(report["report_id"], report["revision"], place="Ромни", is_minor=False)
    await desk.filled(report["report_id"], report["revision"], place=None)
    changes = (await desk.ask("GET", f"/{report['report_id']}/history")).json()["changes"]
    assert [change["kind"] for change in changes] == ["created", "filled", "filled"]
    assert changes[1]["fields"] == [
        {"field": "place", "old": "Суми", "new": "Ромни"},
        {"field": "is_minor", "old": None, "new": False},
    ]
    assert changes[2]["fields"] == [{"field": "place", "old": "Ромни", "new": None}]
    assert {change["author"] for change in changes} == {"console"}


async def test_what_is_written_is_sealed_in_the_database(desk: ReportDesk, app: FastAPI) -> None:
    await desk.made(**PERSON)
    async with app.state.database.transaction() as connection:
        rows = (
            await connection.execute(text("SELECT r::text, c::text FROM detention_reports r, detention_changes c"))
        ).all()
    assert rows
    assert "Зразок" not in str(rows)


async def test_the_countdown_ends_when_a_lawyer_is_named_and_the_arrival_follows(desk: ReportDesk) -> None:
    received_at = datetime.now(UTC) - timedelta(minutes=90)
    answer = await desk.ask("POST", "", {"values": {}, "received_at": received_at.isoformat()})
    report = answer.json()
    assert report["countdown"]["is_overdue"]
    assert -1_900 < report["countdown"]["remaining_s"] <= -1_800
    news = {
        "name": "Адвокат Зразковий",
        "named_at": (received_at + timedelta(minutes=70)).isoformat(),
        "arrived_at": (received_at + timedelta(minutes=85)).isoformat(),
        "expected_revision": report["revision"],
    }
    named = (await desk.ask("PUT", f"/{report['report_id']}/lawyer", news)).json()
    assert (named["state"], named["countdown"]) == ("arrived", None)
    assert (named["lawyer"]["named_after_s"], named["lawyer"]["arrived_after_s"]) == (4_200, 900)
    statistics = (await desk.get("detention-reports/statistics", **PERIOD)).json()
    assert statistics["lawyer_named"] == {"within_1h": 0, "1h_to_2h": 1, "2h_to_4h": 0, "over_4h": 0, "unknown": 0}
    assert statistics["reported"]["unknown"] == 1


@pytest.mark.parametrize(("named_min", "arrived_min"), [(-60, None), (60, None), (-5, -10), (-5, 60)])
async def test_moments_that_cannot_be_are_refused(desk: ReportDesk, named_min: int, arrived_min: int | None) -> None:
    now = datetime.now(UTC)
    received_at = (now - timedelta(minutes=30)).isoformat()
    report = (await desk.ask("POST", "", {"received_at": received_at})).json()
    news = {
        "name": "Адвокат",
        "named_at": (now + timedelta(minutes=named_min)).isoformat(),
        "arrived_at": None if arrived_min is None else (now + timedelta(minutes=arrived_min)).isoformat(),
        "expected_revision": report["revision"],
    }
    answer = await desk.ask("PUT", f"/{report['report_id']}/lawyer", news)
    assert (answer.status_code, answer.json()["error_id"]) == (422, "moment_invalid")


async def test_the_same_person_place_and_time_are_joined_and_not_refused(desk: ReportDesk) -> None:
    first = await desk.made(**PERSON)
    again = PERSON | {
        "person_name": "ЗРАЗКОВИЧ  зразок",
        "place": "вул. Зразкова 1, м. Суми",
        "detained_at": "2026-11-24T13:30+02:00",
    }
    second = await desk.made(**again, grounds="підозра")
    assert (second["state"], second["joined_to"]) == ("joined", first["report_id"])
    whole = await desk.read(first["report_id"])
    assert [each["report_id"] for each in whole["joined"]] == [second["report_id"]]
    assert whole["combined"]["grounds"] == "підозра"
    assert "grounds" not in whole["values"]
    assert "grounds" not in whole["missing"]


@pytest.mark.parametrize(
    "other",
    [
        {"person_name": "Інша Людина"},
        {"place": "м. Суми, вул. Зразкова, 2"},
        {"detained_at": "2026-11-25T12:00+02:00"},
        {"person_name": None},
    ],
)
async def test_reports_that_differ_stay_apart(desk: ReportDesk, other: dict[str, Any]) -> None:
    await desk.made(**PERSON)
    assert (await desk.made(**PERSON | other))["joined_to"] is None


async def test_a_later_filling_joins_the_newer_report_to_the_older(desk: ReportDesk, post_evidence: Post) -> None:
    await post_evidence(batch(DETENTION_ASKED))
    (early,) = await reports(desk)
    by_hand = await desk.made(**PERSON)
    older, newer = sorted((early, by_hand), key=lambda each: datetime.fromisoformat(each["received_at"]))
    await desk.filled(early["report_id"], early["revision"], **PERSON)
    assert (await desk.read(newer["report_id"]))["joined_to"] == older["report_id"]
    assert (await desk.read(older["report_id"]))["joined_to"] is None


async def test_joined_reports_can_be_parted_and_joined_by_hand(desk: ReportDesk) -> None:
    first, second = await desk.made(**PERSON), await desk.made(**PERSON)
    parted = await desk.ask("DELETE", f"/{second['report_id']}/join")
    assert (parted.status_code, parted.json()["joined_to"]) == (200, None)
    assert (await desk.ask("DELETE", f"/{second['report_id']}/join")).json()["error_id"] == "not_joined"
    joined = await desk.ask("PUT", f"/{second['report_id']}/join", {"into": first["report_id"]})
    assert joined.json()["report_id"] == first["report_id"]
    itself = await desk.ask("PUT", f"/{first['report_id']}/join", {"into": first["report_id"]})
    assert itself.json()["error_id"] == "cannot_join"
    history = (await desk.ask("GET", f"/{second['report_id']}/history")).json()["changes"]
    assert [each["kind"] for each in history] == ["created", "joined", "parted", "joined"]


async def test_a_joined_report_is_not_written_into(desk: ReportDesk) -> None:
    first, second = await desk.made(**PERSON), await desk.made(**PERSON)
    body = {"values": {"is_minor": True}, "expected_revision": second["revision"]}
    answer = await desk.ask("PATCH", f"/{second['report_id']}", body)
    assert (answer.status_code, answer.json()["error_id"]) == (409, "report_joined")
    assert answer.json()["details"] == {"joined_to": first["report_id"]}


async def test_what_was_joined_to_a_report_follows_it(desk: ReportDesk) -> None:
    first, second = await desk.made(**PERSON), await desk.made(**PERSON)
    third = await desk.made()
    await desk.ask("PUT", f"/{first['report_id']}/join", {"into": third["report_id"]})
    whole = await desk.read(third["report_id"])
    assert {each["report_id"] for each in whole["joined"]} == {first["report_id"], second["report_id"]}


async def test_pages_hold_every_report_once_and_states_filter(desk: ReportDesk) -> None:
    made = [(await desk.made())["report_id"] for _ in range(3)]
    found: list[int] = []
    params: dict[str, str | int] = {"limit": 2}
    while True:
        page = (await desk.get("detention-reports", **params)).json()
        found += [report["report_id"] for report in page["reports"]]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    assert found == made[::-1]
    assert len(await reports(desk, state="waiting")) == 3
    assert await reports(desk, state="named") == []


async def test_the_csv_has_every_field_and_no_formula(desk: ReportDesk) -> None:
    await desk.made(**PERSON | {"place": "=HYPERLINK(1)", "is_minor": True})
    answer = await desk.get("detention-reports/export", **PERIOD)
    assert answer.headers["content-type"].startswith("text/csv")
    (row,) = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert (row["person_name"], row["place"], row["is_minor"]) == ("Зразок Зразкович", "'=HYPERLINK(1)", "yes")


async def test_an_export_and_a_change_leave_rows_in_the_audit_without_what_was_written(
    desk: ReportDesk, app: FastAPI
) -> None:
    await desk.made(**PERSON)
    await desk.get("detention-reports/export", **PERIOD)
    async with app.state.database.transaction() as connection:
        rows = (await connection.execute(text("SELECT action, details::text FROM audit_log ORDER BY seq"))).all()
    actions = [row.action for row in rows]
    assert actions[-2:] == ["record.change", "detention.export"]
    assert "Зразок" not in str(rows)


async def test_the_form_says_which_fields_a_person_has_yet_to_check(desk: ReportDesk) -> None:
    form = (await desk.get("detention-reports/form")).json()
    assert form["name_lawyer_s"] == 3_600
    assert {field["is_checked"] for field in form["fields"]} == {False}
    assert [each["id"] for each in form["fields"][0]["choices"]] == ["criminal", "administrative", "arrest", "custody"]


@pytest.mark.parametrize("path", ["", "/1", "/1/history", "/form", "/statistics", "/export"])
async def test_reports_need_a_token_that_may(anonymous: httpx.AsyncClient, tokens: Tokens, path: str) -> None:
    url = f"/api/v1/detention-reports{path}"
    assert (await anonymous.get(url)).status_code == 401
    assert (await anonymous.get(url, headers=tokens.node)).status_code == 403


async def test_a_report_that_is_not_there_is_told_so(desk: ReportDesk, get: Get) -> None:
    for path in ("/7", "/7/history"):
        assert (await desk.ask("GET", path)).status_code == 404
    assert (await get("detention-reports/0")).status_code == 422
