"""`hotline users`, `tokens`, `audit`, `privacy`, `retention`, `keys` against the real api on a real PostgreSQL."""

import io
import json
from pathlib import Path

import httpx
import pytest
from sqlalchemy import make_url

from asterisk_conf.instance_secrets import read_secrets
from hotline.cli import NOT_DONE, run
from hotline.commands.people import NOT_WHOLE
from tests.contract.api.scenarios import calls
from tests.contract.api.scenarios.tables import batch
from tests.contract.hotline.conftest import Output
from tests.contract.hotline.line_of_api import ApiLine
from tests.postgres import PostgresServer

PASSWORD = "чотири слова мають сенс"
NUMBER = "050 123 45 67"
EMPTY = (
    "TRUNCATE users, sessions, login_attempts, api_tokens, audit_log, audit_head, calls, evidence, caller_numbers "
    "CASCADE"
)


@pytest.fixture(autouse=True)
def nobody(line: ApiLine, postgres_server: PostgresServer, database: str) -> None:
    postgres_server.execute(EMPTY, database)


@pytest.fixture
def database(database_url: str) -> str:
    name = make_url(database_url).database
    assert name is not None
    return name


def told(line: ApiLine, *arguments: str) -> int:
    return run([*arguments, "--instance", str(line.paths.root)])


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def log_in(line: ApiLine, name: str, password: str = PASSWORD) -> int:
    with httpx.Client(base_url=line.url, trust_env=False) as client:
        return client.post("/api/v1/sessions", json={"name": name, "password": password}).status_code


def send_call(line: ApiLine) -> None:
    with line.client(line.secrets.token_node.get_secret_value()) as client:
        assert client.post("/api/v1/evidence", content=batch(calls.ANSWERED)).status_code == 200


def test_the_first_admin_is_made_listed_disabled_and_let_in_again(
    line: ApiLine, output: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told(line, "users", "list") == 0
    assert "hotline users add NAME --role admin" in output()
    for name in ("olena", "ihor"):
        typed(monkeypatch, f"{PASSWORD}\n")
        assert told(line, "users", "add", name, "--role", "admin", "--password-stdin") == 0
    assert "olena is admin and may log in" in output()
    assert log_in(line, "olena") == 201
    assert told(line, "users", "disable", "olena") == 0
    assert log_in(line, "olena") == 401
    assert told(line, "users", "list") == 0
    assert "olena admin" in output()
    assert told(line, "users", "enable", "olena") == 0
    typed(monkeypatch, "інші чотири слова разом\n")
    assert told(line, "users", "password", "olena", "--password-stdin") == 0
    assert log_in(line, "olena") == 401
    assert log_in(line, "olena", "інші чотири слова разом") == 201


@pytest.mark.parametrize(
    ("arguments", "password", "shown"),
    [
        (["add", "olena", "--role", "admin"], "short", "at least 12 characters"),
        (["add", "olena", "--role", "operator"], PASSWORD, "an operator needs `operator`"),
        (["add", "Олена", "--role", "admin"], PASSWORD, "name: "),
        (["password", "nobody"], PASSWORD, "there is no user nobody"),
    ],
)
def test_what_does_not_fit_gives_one_message_without_the_password(
    line: ApiLine,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    arguments: list[str],
    password: str,
    shown: str,
) -> None:
    typed(monkeypatch, f"{password}\n")
    assert told(line, "users", *arguments, "--password-stdin") == NOT_DONE
    text = " ".join(capsys.readouterr().err.split())
    assert shown in text
    assert password not in text


def test_a_token_is_printed_once_works_and_is_revoked(
    line: ApiLine, capsys: pytest.CaptureFixture[str], output: Output
) -> None:
    assert told(line, "tokens", "add", "monthly report", "--scope", "calls:read", "--days", "30") == 0
    secret = capsys.readouterr().out.strip()
    with line.client(secret) as client:
        assert client.get("/api/v1/calls").status_code == 200
        assert told(line, "tokens", "list") == 0
        shown = output()
        assert "monthly report" in shown
        assert secret not in shown
        assert told(line, "tokens", "revoke", shown.split("ends ")[1].split()[0]) == 0
        assert client.get("/api/v1/calls").status_code == 401


def test_an_audit_tells_who_sat_at_the_keyboard_and_with_exit_1_that_it_was_altered(
    line: ApiLine, output: Output, postgres_server: PostgresServer, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUDO_USER", "olena.k")
    for name in ("first", "second"):
        assert told(line, "tokens", "add", name, "--scope", "calls:read") == 0
    output()
    assert told(line, "audit", "verify") == 0
    head = output().split()[-1]
    assert head.startswith("2:")
    assert told(line, "audit", "verify", "--expect", head) == 0
    assert told(line, "audit", "verify", "--expect", "rubbish") == NOT_DONE
    assert told(line, "audit", "list") == 0
    shown = output()
    assert "token.add" in shown
    assert "console (olena.k)" in shown
    postgres_server.execute("ALTER TABLE audit_log DISABLE TRIGGER USER", database)
    postgres_server.execute("UPDATE audit_log SET actor_name = 'nobody' WHERE seq = 1", database)
    assert told(line, "audit", "verify") == NOT_WHOLE
    assert "row 1 was altered" in output()
    postgres_server.execute("DELETE FROM audit_log WHERE seq = 1", database)
    postgres_server.execute("ALTER TABLE audit_log ENABLE TRIGGER USER", database)
    assert told(line, "audit", "verify") == NOT_WHOLE
    assert "row 1 is missing" in output()


def test_a_persons_data_is_exported_into_a_private_file_and_erased(
    line: ApiLine, output: Output, tmp_path: Path
) -> None:
    send_call(line)
    file = tmp_path / "person.json"
    assert told(line, "privacy", "export", NUMBER, "--reason", "запит", "-o", str(file)) == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(json.loads(file.read_text("utf-8"))["calls"]) == 1
    assert told(line, "privacy", "export", NUMBER, "--reason", "запит", "-o", str(file)) == NOT_DONE
    assert told(line, "privacy", "erase", NUMBER, "--reason", "запит", "--yes") == 0
    assert "the number in 1 calls" in output()
    assert told(line, "privacy", "erase", NUMBER, "--reason", "запит", "--yes") == NOT_DONE
    assert "knows nothing of this number" in output()


def test_retention_counts_dry(line: ApiLine, output: Output) -> None:
    send_call(line)
    assert told(line, "retention", "run", "--dry-run") == 0
    shown = output()
    assert "would be removed" in shown
    assert "detail evidence 0" in shown
    assert told(line, "retention", "run") == 0


def test_the_key_is_changed_and_the_old_one_is_gone_from_the_secrets_file(line: ApiLine, output: Output) -> None:
    send_call(line)
    before = read_secrets(line.paths.secrets_file)
    assert told(line, "keys", "rotate") == 0
    assert "1 values were sealed anew" in output()
    after = read_secrets(line.paths.secrets_file)
    assert after.number_encryption_key != before.number_encryption_key
    assert after.number_encryption_keys_before == ()
    assert after.number_pseudonym_key == before.number_pseudonym_key
    with line.client(line.secrets.token_console.get_secret_value()) as client:
        shown = client.post("/api/v1/calls/node1-1.1/number", json={"reason": "дзвінок"})
    assert shown.json() == {"number": "+380501234567"}
