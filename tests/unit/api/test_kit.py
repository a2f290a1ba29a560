from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from api.calls.causes import cause_name
from api.kit.auth import CONSOLE_SCOPES, Scope, digest_of, instance_principal, rules_of
from api.kit.numbers import NumberVault, vault_of
from api.kit.pagination import Cursor, decode_cursor, encode_cursor
from api.settings import ApiSettings
from asterisk_conf.instance_secrets import InstanceSecrets, generate

VAULT = NumberVault(pseudonym_key=b"p" * 32, encryption_key=b"e" * 32)


@given(
    st.datetimes(timezones=st.just(UTC), min_value=datetime(2000, 1, 1), max_value=datetime(2099, 1, 1)),  # noqa: DTZ001  hypothesis wants naive bounds
    st.from_regex(r"[A-Za-z0-9._-]{1,150}", fullmatch=True),
)
def test_a_cursor_comes_back_as_it_was(moment: datetime, call_id: str) -> None:
    cursor = Cursor(started_at=moment, call_id=call_id)
    assert decode_cursor(encode_cursor(cursor)) == cursor


@given(st.text())
def test_a_sealed_number_opens_again(number: str) -> None:
    assert VAULT.open(VAULT.seal(number)) == number


def test_a_number_is_sealed_anew_each_time_and_noticed_when_altered() -> None:
    first, second = VAULT.seal("0501234567"), VAULT.seal("0501234567")
    assert first != second
    with pytest.raises(InvalidTag):
        VAULT.open(first[:-1] + bytes([first[-1] ^ 1]))


def test_every_form_of_a_number_has_one_pseudonym() -> None:
    forms = ("+380501234567", "380501234567", "0501234567", "80501234567", "501234567")
    assert len({VAULT.pseudonym(form) for form in forms}) == 1
    assert VAULT.pseudonym("0501234568") != VAULT.pseudonym("0501234567")


def test_another_key_gives_another_pseudonym() -> None:
    other = NumberVault(pseudonym_key=b"q" * 32, encryption_key=b"e" * 32)
    assert other.pseudonym("0501234567") != VAULT.pseudonym("0501234567")


def test_a_key_of_another_length_is_refused() -> None:
    fields = generate([]).model_dump() | {"number_pseudonym_key": "00ff"}
    with pytest.raises(ValueError, match="32 bytes"):
        vault_of(InstanceSecrets.model_validate(fields))


def test_each_token_has_its_own_scopes() -> None:
    secrets = generate([])
    rules = rules_of(secrets)
    node = instance_principal(rules, digest_of(secrets.token_node.get_secret_value()))
    assert node is not None
    assert {Scope.EVIDENCE_WRITE, Scope.LIVE_WRITE, Scope.PLANS_READ, Scope.OVERRIDES_WRITE} <= node.scopes
    assert not {Scope.CALLS_READ, Scope.NUMBERS_READ, Scope.USERS_WRITE} & node.scopes
    console = instance_principal(rules, digest_of(secrets.token_console.get_secret_value()))
    assert console is not None
    assert console.scopes == CONSOLE_SCOPES
    assert not {Scope.EVIDENCE_WRITE, Scope.LIVE_WRITE} & console.scopes
    assert instance_principal(rules, digest_of("")) is None
    assert instance_principal(rules, digest_of(secrets.token_node.get_secret_value()[:-1])) is None


def test_rules_hold_no_token() -> None:
    secrets = generate([])
    token = secrets.token_node.get_secret_value()
    rules = rules_of(secrets)
    assert token not in repr(rules)
    assert digest_of(token) in {rule.digest for rule in rules}


def test_causes_have_names() -> None:
    assert (cause_name(16), cause_name(17), cause_name(126)) == ("normal clearing", "user busy", "cause 126")


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_API_DATABASE_URL", "postgresql+asyncpg://user:hush@/x")
    monkeypatch.setenv("HOTLINE_API_SECRETS_FILE", "/somewhere/secrets.json")
    monkeypatch.setenv("HOTLINE_API_PORT", "8123")
    settings = ApiSettings()
    assert (settings.port, settings.host, settings.secrets_file) == (8123, "127.0.0.1", Path("/somewhere/secrets.json"))
    assert "hush" not in repr(settings)
