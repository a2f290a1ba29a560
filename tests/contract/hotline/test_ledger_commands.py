"""`hotline ledger` and `hotline rebuild` against the real api on a real PostgreSQL."""

import json

import pytest
from sqlalchemy import make_url

from hotline.cli import NOT_DONE, run
from tests.contract.api.scenarios.recorded_day import recorded
from tests.contract.api.scenarios.tables import Line, batch
from tests.contract.hotline.conftest import Output
from tests.contract.hotline.line_of_api import ApiLine
from tests.postgres import PostgresServer

DAY = "2026-11-24"
CALL_ID = "node1-1795531937.1"
FOUND_WANTING = 1


def told(line: ApiLine, *arguments: str) -> int:
    return run([*arguments, "--instance", str(line.paths.root)])


def ship(line: ApiLine, lines: list[Line]) -> None:
    with line.client(line.secrets.token_node.get_secret_value()) as client:
        client.post("/api/v1/evidence", content=batch(lines)).raise_for_status()


@pytest.fixture(autouse=True)
def emptied(line: ApiLine, postgres_server: PostgresServer, database_url: str) -> str:
    database = make_url(database_url).database
    assert database is not None
    postgres_server.execute("TRUNCATE evidence, calls, operator_states CASCADE", database)
    return database


def test_the_ledger_of_a_whole_day_finds_nothing(line: ApiLine, output: Output) -> None:
    ship(line, recorded())
    assert told(line, "ledger", "--day", DAY) == 0
    shown = output()
    assert "0 differences" in shown
    assert "node1 │ 16:00 │ 5 │ 5 │ 7 │ 2" in shown


def test_a_row_that_is_gone_is_named_and_rebuilt(
    line: ApiLine, output: Output, postgres_server: PostgresServer, emptied: str
) -> None:
    ship(line, recorded())
    postgres_server.execute(f"DELETE FROM calls WHERE call_id = '{CALL_ID}'", emptied)
    assert told(line, "ledger", "--day", DAY) == FOUND_WANTING
    shown = output()
    assert f"{CALL_ID} its evidence is here, its row is not: mend it with hotline rebuild" in shown
    assert told(line, "rebuild", "--since", DAY) == 0
    assert "5 calls folded anew" in output()
    assert told(line, "ledger", "--day", DAY) == 0


def test_the_ledger_as_json_is_what_the_api_answers(line: ApiLine, capsys: pytest.CaptureFixture[str]) -> None:
    ship(line, recorded())
    assert told(line, "ledger", "--day", DAY, "--json") == 0
    assert json.loads(capsys.readouterr().out)["differences"] == []


@pytest.mark.parametrize("arguments", [("ledger", "--day", "yesterday"), ("rebuild", "--since", "yesterday")])
def test_a_day_that_cannot_be_read_is_one_sentence(line: ApiLine, output: Output, arguments: tuple[str, ...]) -> None:
    assert told(line, *arguments) == NOT_DONE
    assert "yesterday: write " in output()
