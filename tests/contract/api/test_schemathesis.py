"""Schemathesis over the whole OpenAPI: real requests over a real socket to the api on a real PostgreSQL.

Whatever an admin sends, no answer is a 5xx, undocumented, of another content type, or of another shape than the
document says. The examples are the same in every run; `make test-full` looks at many more of them.
"""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, CheckFunction, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import create_app
from api.settings import ApiSettings
from tests.contract.api.conftest import Tokens
from tests.contract.api.desk_calls import DETENTION_ASKED, DETENTION_CALL
from tests.contract.api.people import CSRF, PASSWORD, new_user, quick_passwords
from tests.contract.api.plan_documents import document_of
from tests.contract.api.running_api import running_api
from tests.contract.api.scenarios.tables import batch
from tests.unit.routing.plans import legal_aid_plan

IS_FULL = os.environ.get("HOTLINE_TEST_FULL") == "1"
EXAMPLES = 400 if IS_FULL else 12
ANSWER_DEADLINE_S = 30.0
NODE_ROUTES = {"POST /api/v1/evidence", "PUT /api/v1/nodes/{node}/live"}
"""No person may use them."""
Operation = APIOperation[Any, Any, Any, Any]
Sent = Case[Any]
ENDING = {"DELETE /api/v1/sessions/current", "PUT /api/v1/sessions/password"}
"""They end the session with which they are asked."""
READINESS = "GET /readyz"
"""Its 503 is an answer, not a failure: nodes of this test tell that they do not work."""
PLENTY = {
    "logins_per_address": 10_000,
    "logins_per_name": 1_000,
    "requests_burst": 100_000,
    "instance_requests_burst": 100_000,
    "stranger_requests_burst": 100_000,
}
"""What the limits let through is the matter of tests/contract/api/test_limits.py."""
CHECKS: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
quick = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@schemathesis.serializer("application/x-ndjson")
def as_lines(_context: schemathesis.SerializationContext, value: Any) -> bytes:
    """Gives a value as JSON lines; what is no list is a body of one line."""
    rows = value if isinstance(value, list) else [value]
    return b"".join(json.dumps(row).encode(errors="surrogatepass") + b"\n" for row in rows)


@dataclass(frozen=True, slots=True)
class Line:
    """The running api with a plan and a call; `known` are values of path parameters that lead somewhere."""

    address: str
    document: dict[str, Any]
    tokens: Tokens
    known: dict[str, str]
    numbers: Iterator[int] = field(default_factory=count)

    def headers(self, label: str) -> dict[str, str]:
        """Gives who asks: a new admin each time, because some operations end a session or change its password."""
        if label in NODE_ROUTES:
            return self.tokens.node
        name = f"admin{next(self.numbers)}"
        self._post("users", self.tokens.console, json=new_user(name, "admin"))
        login = {"name": name, "password": PASSWORD}
        answer = requests.post(f"{self.address}/api/v1/sessions", json=login, headers=CSRF, timeout=ANSWER_DEADLINE_S)
        assert answer.status_code == 201, answer.text
        return {**CSRF, "Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in answer.cookies)}

    def prepare(self) -> None:
        """Publishes a plan and tells of a call."""
        console = self.tokens.console
        plan = {"document": document_of(legal_aid_plan()), "author": "a", "reason": "b", "expected_current": None}
        self._post("plans", console, json=plan)
        self._post("evidence", self.tokens.node, data=batch(DETENTION_ASKED))

    def _post(self, path: str, headers: dict[str, str], **body: Any) -> None:
        url = f"{self.address}/api/v1/{path}"
        answer = requests.post(url, headers=headers, timeout=ANSWER_DEADLINE_S, **body)
        assert answer.ok, answer.text


@pytest.fixture(scope="module")
def line(database_url: str, secrets_file: Any, secrets: Any) -> Iterator[Line]:
    given_settings = {"database_url": database_url, "secrets_file": secrets_file, **PLENTY}
    app = create_app(ApiSettings.model_validate(given_settings))
    quick_passwords(app)
    tokens = Tokens(
        node={"Authorization": f"Bearer {secrets.token_node.get_secret_value()}"},
        console={"Authorization": f"Bearer {secrets.token_console.get_secret_value()}"},
    )
    known = {"call_id": DETENTION_CALL, "report_id": "1", "node": "node1"}
    with running_api(app) as address:
        line = Line(address, app.openapi(), tokens, known)
        line.prepare()
        yield line


def operations(document: dict[str, Any]) -> Iterator[Operation]:
    for result in schemathesis.openapi.from_dict(document).get_all_operations():
        assert isinstance(result, Ok), result
        yield result.ok()


def is_stream(operation: Operation) -> bool:
    return operation.path.endswith("/stream")


def cases(operation: Operation, mode: GenerationMode, known: dict[str, str]) -> st.SearchStrategy[Sent]:
    """Gives cases of one operation; half of them lead to something that is there, where that can be known."""
    names = {parameter.name for parameter in operation.path_parameters}
    anywhere = operation.as_strategy(generation_mode=mode)
    if not names or not names <= set(known):
        return anywhere
    there = operation.as_strategy(generation_mode=mode, path_parameters={name: known[name] for name in names})
    return there | anywhere


def try_answer(line: Line, headers: dict[str, str], case: Sent) -> None:
    response = case.call(base_url=line.address, headers=headers, timeout=ANSWER_DEADLINE_S)
    excluded: list[CheckFunction] = [not_a_server_error] if case.operation.label == READINESS else []
    case.validate_response(response, checks=CHECKS, excluded_checks=excluded, headers=headers)


def try_stream(line: Line, headers: dict[str, str], case: Sent) -> None:
    """Looks at the head of an answer that does not end by itself."""
    kwargs = case.as_transport_kwargs(base_url=line.address, headers=headers)
    documented = line.document["paths"][case.operation.path]["get"]["responses"]
    with requests.request(**kwargs, stream=True, timeout=ANSWER_DEADLINE_S) as answer:
        assert str(answer.status_code) in documented
        assert answer.headers["content-type"].split(";")[0] in documented[str(answer.status_code)]["content"]


def problem_of(line: Line, operation: Operation, mode: GenerationMode) -> str | None:
    """Tries one operation; gives what is wrong with it."""
    attempt: Callable[[Line, dict[str, str], Sent], None] = try_stream if is_stream(operation) else try_answer

    headers = line.headers(operation.label)

    @quick
    @given(case=cases(operation, mode, line.known))
    def try_one(case: Sent) -> None:
        attempt(line, line.headers(operation.label) if operation.label in ENDING else headers, case)

    try:
        try_one()
    except Unsatisfiable:
        return None if mode is GenerationMode.NEGATIVE else f"{operation.label}: nothing can be sent"
    except (Exception, BaseExceptionGroup) as error:
        return f"{operation.label}: {error}\n{getattr(error, 'exceptions', '')}"
    return None


@pytest.mark.timeout(3_600 if IS_FULL else 180)
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_whatever_is_sent_the_answer_is_one_that_is_documented(line: Line, mode: GenerationMode) -> None:
    problems = [problem_of(line, operation, mode) for operation in operations(line.document)]
    assert len(problems) > 60
    assert "\n\n".join(filter(None, problems)) == ""
