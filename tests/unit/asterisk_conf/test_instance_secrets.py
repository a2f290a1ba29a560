"""Secrets are made once, grow with the plan and with our versions, and never change."""

import json
from pathlib import Path

import pytest

from asterisk_conf.instance_secrets import SecretsError, ensure_secrets, read_secrets
from routing.plan import OperatorId

ANNA, BORYS = OperatorId("anna"), OperatorId("borys")


def test_secrets_are_made_once_and_for_nobody_else_to_read(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    made = ensure_secrets(path, [ANNA])
    assert ensure_secrets(path, [ANNA]) == made == read_secrets(path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_new_operator_gets_a_password_and_everything_else_stays(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    made = ensure_secrets(path, [ANNA])
    grown = ensure_secrets(path, [ANNA, BORYS])
    assert grown.operators.keys() == {ANNA, BORYS}
    assert grown.model_copy(update={"operators": made.operators}) == made


def test_the_pin_is_six_digits(tmp_path: Path) -> None:
    pin = ensure_secrets(tmp_path / "secrets.json", []).override_pin.get_secret_value()
    assert (len(pin), pin.isdigit()) == (6, True)


def test_a_file_of_an_older_version_is_completed_and_keeps_what_it_has(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    made = ensure_secrets(path, [ANNA])
    older = json.loads(path.read_text())
    del older["ami_control"], older["override_pin"]
    path.write_text(json.dumps(older))
    completed = ensure_secrets(path, [ANNA])
    assert completed == read_secrets(path)
    assert completed.ami_control.get_secret_value()
    kept = {"ami_control": made.ami_control, "override_pin": made.override_pin}
    assert completed.model_copy(update=kept) == made
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["number_pseudonym_key", "number_encryption_key", "ami"])
def test_a_lost_key_is_told_and_never_made_anew(tmp_path: Path, name: str) -> None:
    path = tmp_path / "secrets.json"
    ensure_secrets(path, [])
    lost = json.loads(path.read_text())
    del lost[name]
    text = json.dumps(lost)
    path.write_text(text)
    with pytest.raises(SecretsError, match=name):
        ensure_secrets(path, [])
    assert path.read_text() == text


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"ami": 7}'])
def test_a_file_that_is_none_is_told_without_its_contents(tmp_path: Path, text: str) -> None:
    path = tmp_path / "secrets.json"
    path.write_text(text)
    with pytest.raises(SecretsError, match=r"secrets\.json: does not fit"):
        ensure_secrets(path, [])
    assert path.read_text() == text
