"""Secrets of one instance: generated once, kept in one file with mode 0600, never in git, an image or a log."""

import json
import os
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from routing.plan import OperatorId

PASSWORD_BYTES = 24
PIN_DIGITS = 6
KEY_BYTES = 32
"""Of the keys of callers' numbers."""


class SecretsError(ValueError):
    """The file of secrets cannot be used; the text says what to mend, and never quotes a secret."""


class InstanceSecrets(BaseModel):
    """All secrets of an instance."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ami: SecretStr
    """AMI user `ivr`."""
    ami_control: SecretStr
    """AMI user `control`: reload after a publish."""
    override_pin: SecretStr
    """Digits that an operator keys before a switch by telephone."""
    operators: dict[OperatorId, SecretStr]
    """SIP digest passwords."""
    token_node: SecretStr
    """API token of the node: its scopes are `api.kit.auth.NODE_SCOPES`."""
    token_console: SecretStr
    """API token of the commands on this machine: `api.kit.auth.CONSOLE_SCOPES`."""
    number_pseudonym_key: SecretStr
    """Hexadecimal, 32 bytes: HMAC-SHA-256 of callers' numbers."""
    number_encryption_key: SecretStr
    """Hexadecimal, 32 bytes: AES-256-GCM of callers' numbers."""
    number_encryption_keys_before: tuple[SecretStr, ...] = ()
    """Keys that still open what was sealed before a change of the key, until everything is sealed anew."""


def _token() -> SecretStr:
    return SecretStr(secrets.token_urlsafe(PASSWORD_BYTES))


def _pin() -> SecretStr:
    return SecretStr("".join(secrets.choice("0123456789") for _ in range(PIN_DIGITS)))


ADDED_LATER: dict[str, Callable[[], SecretStr]] = {"ami_control": _token, "override_pin": _pin}
"""Secrets that a file of an older version lacks, and how they are made. Never the keys of numbers: new ones would
cut the log off from its past."""


def generate(operators: Iterable[OperatorId]) -> InstanceSecrets:
    """Makes all secrets anew."""
    return InstanceSecrets(
        ami=_token(),
        ami_control=_token(),
        override_pin=_pin(),
        operators={operator: _token() for operator in operators},
        token_node=_token(),
        token_console=_token(),
        number_pseudonym_key=SecretStr(secrets.token_hex(KEY_BYTES)),
        number_encryption_key=SecretStr(secrets.token_hex(KEY_BYTES)),
    )


def read_secrets(path: Path) -> InstanceSecrets:
    """Reads the secrets.

    Raises:
        SecretsError: The file is missing, unreadable or does not fit.
    """
    return _parse(path, _read(path))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SecretsError(f"{path}: {error.strerror}: `hotline up` makes it") from error


def _parse(path: Path, text: bytes) -> InstanceSecrets:
    try:
        return InstanceSecrets.model_validate_json(text)
    except ValidationError as error:
        rows = ", ".join(".".join(map(str, row["loc"])) for row in error.errors(include_input=False))
        raise SecretsError(
            f"{path}: does not fit at {rows}; move it away and run `hotline up` to make new ones"
        ) from None


def ensure_secrets(path: Path, operators: Iterable[OperatorId]) -> InstanceSecrets:
    """Reads the secrets, making the file when it is missing, and what a plan or a version of ours has new.

    Raises:
        SecretsError: The file is there but cannot be used.
    """
    wanted = list(operators)
    if not path.exists():
        made = generate(wanted)
        _write(path, made)
        return made
    text = _read(path)
    completed = _completed(text)
    known = _parse(path, completed)
    new = {operator: _token() for operator in wanted if operator not in known.operators}
    if not new and completed == text:
        return known
    grown = known.model_copy(update={"operators": known.operators | new})
    _write(path, grown)
    return grown


def _completed(text: bytes) -> bytes:
    """Adds the secrets that an older file lacks; text that is no JSON object stays what it is."""
    try:
        document = json.loads(text)
    except ValueError:
        return text
    if not isinstance(document, dict):
        return text
    added = {name: make().get_secret_value() for name, make in ADDED_LATER.items() if name not in document}
    return json.dumps(document | added).encode() if added else text


def change_encryption_key(path: Path) -> InstanceSecrets:
    """Makes a new key of callers' numbers and keeps the old one beside it; one that is being changed stays.

    Raises:
        SecretsError: The file cannot be used.
    """
    known = read_secrets(path)
    if known.number_encryption_keys_before:
        return known
    new = {
        "number_encryption_key": SecretStr(secrets.token_hex(KEY_BYTES)),
        "number_encryption_keys_before": (known.number_encryption_key,),
    }
    changed = known.model_copy(update=new)
    _write(path, changed)
    return changed


def forget_keys_before(path: Path) -> InstanceSecrets:
    """Removes the old keys, when nothing is sealed with them any more.

    Raises:
        SecretsError: The file cannot be used.
    """
    return keep_keys_before(path, ())


def keep_keys_before(path: Path, keys: tuple[SecretStr, ...]) -> InstanceSecrets:
    """Has these old keys, and no others, beside the present one.

    Raises:
        SecretsError: The file cannot be used.
    """
    changed = read_secrets(path).model_copy(update={"number_encryption_keys_before": keys})
    _write(path, changed)
    return changed


def _plain(field: SecretStr | dict[str, SecretStr] | tuple[SecretStr, ...]) -> str | dict[str, str] | list[str]:
    match field:
        case dict():
            return {name: value.get_secret_value() for name, value in field.items()}
        case tuple():
            return [value.get_secret_value() for value in field]
        case _:
            return field.get_secret_value()


def _write(path: Path, content: InstanceSecrets) -> None:
    fields = content.model_dump()
    plain = {key: _plain(field) for key, field in fields.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(plain, file, indent=1)
    temporary.replace(path)
