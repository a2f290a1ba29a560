"""Every route of the OpenAPI × everybody who could ask: who gets past the door is told by one table.

`ACCESS` is written by hand, from what each kind of person is there for: it is compared with the code, not made of it.
"""

import re
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.kit.roles import ROLE_SCOPES, Role, Scope
from tests.contract.api.conftest import Tokens
from tests.contract.api.people import People, people

__all__ = ["people"]

OPEN = {"GET /healthz", "GET /readyz", "POST /api/v1/sessions", "GET /metrics"}
"""Without anybody known."""
ACCESS = """
route                                      | operator supervisor admin auditor node console
GET /audit                                 | no       no         yes   yes     no   yes
GET /audit/verdict                         | no       no         yes   yes     no   yes
GET /calls                                 | yes      yes        yes   yes     no   yes
GET /calls/export                          | no       yes        yes   no      no   yes
POST /calls/search-number                  | no       yes        yes   no      no   yes
GET /calls/{call_id}                       | yes      yes        yes   yes     no   yes
POST /calls/{call_id}/number               | no       yes        yes   no      no   yes
GET /calls/{call_id}/topics                | yes      yes        yes   yes     no   yes
PUT /calls/{call_id}/topics                | yes      yes        yes   no      no   yes
GET /centres                               | yes      yes        yes   yes     yes  yes
GET /detention-reports                     | yes      yes        yes   no      no   yes
POST /detention-reports                    | yes      yes        yes   no      no   yes
GET /detention-reports/export              | yes      yes        yes   no      no   yes
GET /detention-reports/form                | yes      yes        yes   no      no   yes
GET /detention-reports/statistics          | yes      yes        yes   no      no   yes
GET /detention-reports/{report_id}         | yes      yes        yes   no      no   yes
PATCH /detention-reports/{report_id}       | yes      yes        yes   no      no   yes
GET /detention-reports/{report_id}/history | yes      yes        yes   no      no   yes
DELETE /detention-reports/{report_id}/join | yes      yes        yes   no      no   yes
PUT /detention-reports/{report_id}/join    | yes      yes        yes   no      no   yes
PUT /detention-reports/{report_id}/lawyer  | yes      yes        yes   no      no   yes
POST /evidence                             | no       no         no    no      yes  no
POST /keys/rotation                        | no       no         yes   no      no   yes
GET /ledger                                | no       no         yes   yes     no   yes
GET /legal-holds                           | no       no         yes   no      no   yes
POST /legal-holds                          | no       no         yes   no      no   yes
DELETE /legal-holds/{hold_id}              | no       no         yes   no      no   yes
GET /live                                  | yes      yes        yes   yes     no   yes
GET /live/stream                           | yes      yes        yes   yes     no   yes
GET /nodes                                 | yes      yes        yes   yes     yes  yes
PUT /nodes/{node}/live                     | no       no         no    no      yes  no
GET /nodes/{node}/commands                 | yes      yes        yes   yes     no   yes
POST /nodes/{node}/commands                | no       yes        yes   no      no   yes
GET /nodes/{node}/commands/{command_id}    | yes      yes        yes   yes     no   yes
PUT /nodes/{node}/commands/{command_id}/result | no   no         no    no      yes  no
GET /nodes/{node}/stream                   | yes      yes        yes   yes     yes  yes
GET /operators                             | yes      yes        yes   yes     no   yes
GET /overrides                             | yes      yes        yes   yes     yes  yes
POST /overrides                            | no       yes        yes   no      yes  yes
DELETE /overrides/{override_id}            | no       yes        yes   no      yes  yes
POST /persons/erase                        | no       no         yes   no      no   yes
POST /persons/export                       | no       no         yes   no      no   yes
GET /plans                                 | yes      yes        yes   yes     yes  yes
POST /plans                                | no       no         yes   no      no   yes
GET /plans/current                         | yes      yes        yes   yes     yes  yes
POST /plans/rollback                       | no       no         yes   no      no   yes
POST /plans/simulate                       | yes      yes        yes   yes     yes  yes
GET /plans/{version}                       | yes      yes        yes   yes     yes  yes
GET /queues                                | yes      yes        yes   yes     no   yes
POST /rebuild                              | no       no         yes   no      no   yes
GET /recordings                            | no       yes        yes   no      no   yes
GET /recordings/{name}                     | no       yes        yes   no      no   yes
GET /reports/abandoned                     | no       yes        yes   yes     no   yes
GET /reports/distributions                 | no       yes        yes   yes     no   yes
GET /reports/heat-map                      | no       yes        yes   yes     no   yes
GET /reports/menus                         | no       yes        yes   yes     no   yes
GET /reports/operators                     | no       yes        yes   yes     no   yes
GET /reports/repeat-callers                | no       yes        yes   yes     no   yes
GET /reports/service-level                 | no       yes        yes   yes     no   yes
GET /reports/summary                       | no       yes        yes   yes     no   yes
GET /reports/topics                        | no       yes        yes   yes     no   yes
GET /retention/runs                        | no       no         yes   no      no   yes
POST /retention/runs                       | no       no         yes   no      no   yes
DELETE /sessions/current                   | yes      yes        yes   yes     no   yes
GET /sessions/current                      | yes      yes        yes   yes     no   yes
PUT /sessions/password                     | yes      yes        yes   yes     no   yes
GET /tokens                                | no       no         yes   no      no   yes
POST /tokens                               | no       no         yes   no      no   yes
DELETE /tokens/{token_id}                  | no       no         yes   no      no   yes
GET /topics                                | yes      yes        yes   yes     yes  yes
GET /users                                 | no       no         yes   no      no   yes
POST /users                                | no       no         yes   no      no   yes
PATCH /users/{user_id}                     | no       no         yes   no      no   yes
"""
SAMPLES = {
    "call_id": "node1-1.1",
    "version": "0123456789abcdef",
    "override_id": "o1",
    "node": "node1",
    "command_id": "k00",
    "user_id": "u00",
    "token_id": "t00",
    "hold_id": "h00",
    "report_id": "1",
    "name": "node1-1.1.wav",
}
PEOPLE = ("operator", "supervisor", "admin", "auditor")


def table() -> dict[str, dict[str, bool]]:
    head, *rows = [line.split("|") for line in ACCESS.strip().splitlines()]
    names = head[1].split()
    return {
        route.strip().replace(" /", " /api/v1/", 1): {
            name: answer == "yes" for name, answer in zip(names, answers.split(), strict=True)
        }
        for route, answers in rows
    }


def routes(app: FastAPI) -> list[str]:
    return [f"{method.upper()} {path}" for path, methods in app.openapi()["paths"].items() for method in methods]


def address(app: FastAPI, path: str) -> str:
    return re.sub(r"{(\w+)}", lambda found: SAMPLES.get(found[1], "1"), path)


async def passes(client: httpx.AsyncClient, app: FastAPI, route: str, headers: dict[str, str]) -> bool:
    """Tells whether the door lets a request in; it has no body, so that what stands behind changes nothing."""
    method, path = route.split()
    answer = await client.request(method, address(app, path), headers=headers)
    assert answer.status_code < 500, f"{route}: {answer.text}"
    return answer.status_code not in {401, 403}


def test_every_route_stands_in_the_table_and_no_other(app: FastAPI) -> None:
    known = set(table()) | OPEN
    assert set(routes(app)) - known == set()
    assert set(table()) - set(routes(app)) == set()


async def test_nobody_gets_in_without_a_token(anonymous: httpx.AsyncClient, app: FastAPI) -> None:
    for route in sorted(set(routes(app)) - OPEN):
        method, path = route.split()
        answer = await anonymous.request(method, address(app, path))
        assert (answer.status_code, answer.json()["error_id"]) == (401, "unauthorised"), route


async def test_every_route_lets_in_whom_the_table_names_and_nobody_else(
    people: People, anonymous: httpx.AsyncClient, app: FastAPI, tokens: Tokens, settings: Any
) -> None:
    wrong = []
    streams = {route for route in table() if route.endswith("/stream")}
    last = {"DELETE /api/v1/sessions/current"}
    for route in sorted(set(table()) - streams - last) + sorted(last):
        for who, expected in table()[route].items():
            headers = {"node": tokens.node, "console": tokens.console}.get(who, {})
            client = await people.of_role(who) if who in PEOPLE else anonymous
            if await passes(client, app, route, headers) != expected:
                wrong.append(f"{route}: {who} {'is kept out' if expected else 'gets in'}")
    assert wrong == []


@pytest.mark.parametrize("role", list(Role))
def test_every_role_may_log_out(role: Role) -> None:
    assert Scope.SESSION in ROLE_SCOPES[role]


def test_no_person_writes_evidence() -> None:
    assert all(not {Scope.EVIDENCE_WRITE, Scope.LIVE_WRITE} & scopes for scopes in ROLE_SCOPES.values())


def test_an_auditor_changes_nothing() -> None:
    assert [scope for scope in ROLE_SCOPES[Role.AUDITOR] if scope.endswith(":write")] == []
