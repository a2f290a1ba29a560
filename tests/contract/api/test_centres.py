"""The directory of centres over the api, with what nodes found when they checked the telephones."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from routing import snapshot
from routing.languages import Text
from tests.centres import EAST_PHONE, NORTH, NORTH_DEPUTY, NORTH_PHONE, plan_with_centres
from tests.contract.api.conftest import Tokens
from tests.contract.api.plan_documents import document_of
from tests.contract.api.test_health import REPORT
from tests.contract.api.test_plans import Console


@pytest.fixture
async def console(anonymous: httpx.AsyncClient, tokens: Tokens) -> Console:
    plan = plan_with_centres()
    north = replace(plan.centres[NORTH], address=Text(uk="вул. Зразкова, 1", en="1 Sample St"), email="a@example.org")
    plan = replace(plan, centres={**plan.centres, NORTH: north})
    console = Console(anonymous, tokens.console)
    answer = await console.publish(document_of(replace(plan, version=snapshot.version_of(plan))), None)
    assert answer.status_code == 201, answer.text
    return console


async def phones(console: Console) -> dict[str, Any]:
    answer = await console.get("centres")
    assert answer.status_code == 200, answer.text
    return {phone["number"]: phone for centre in answer.json()["centres"] for phone in centre["numbers"]}


async def test_a_centre_is_told_with_contacts_neighbour_and_all_telephones(console: Console) -> None:
    north = (await console.get("centres")).json()["centres"][0]
    assert north["address"] == {"uk": "вул. Зразкова, 1", "en": "1 Sample St"}
    assert (north["email"], north["other"], north["neighbour"]) == ("a@example.org", None, "south")
    assert [(each["number"], each["is_deputy"]) for each in north["numbers"]] == [
        (NORTH_PHONE, False),
        (NORTH_DEPUTY, True),
    ]


async def test_the_newest_check_of_any_node_tells_whether_a_telephone_works(
    console: Console, anonymous: httpx.AsyncClient, tokens: Tokens
) -> None:
    def checks(at: str, *, is_dead: bool) -> dict[str, Any]:
        row = {"number": NORTH_PHONE, "is_dead": is_dead, "status": "x", "checked_at": at}
        return REPORT | {"numbers": [row]}

    newer = checks("2026-11-24T10:00:00Z", is_dead=True)
    for node, report in (("node1", newer), ("node2", checks("2026-11-23T10:00:00Z", is_dead=False))):
        answer = await anonymous.put(f"/api/v1/nodes/{node}/live", json=report, headers=tokens.node)
        assert answer.status_code == 204, answer.text
    found = await phones(console)
    assert (found[NORTH_PHONE]["state"], found[NORTH_PHONE]["checked_at"]) == ("dead", "2026-11-24T10:00:00Z")
    assert (found[EAST_PHONE]["state"], found[EAST_PHONE]["checked_at"]) == ("unchecked", None)
