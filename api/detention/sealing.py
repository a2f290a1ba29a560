"""What of a report is sealed at rest, and the keyed texts by which two reports are known to be one."""

import json
from collections.abc import Mapping

from api.detention.forms import FieldValue, match_text
from api.kit.numbers import NumberVault

Told = str | bool | int | None
Changes = Mapping[str, tuple[Told, Told]]


def seal_values(vault: NumberVault, values: Mapping[str, FieldValue]) -> bytes:
    """Gives the sealed values; what is not known is left out."""
    return vault.seal(json.dumps({name: each for name, each in values.items() if each is not None}))


def open_values(vault: NumberVault, sealed: bytes | None) -> dict[str, FieldValue]:
    """Gives the values of a report."""
    if sealed is None:
        return {}
    opened: dict[str, FieldValue] = json.loads(vault.open(sealed))
    return opened


def seal_changes(vault: NumberVault, changes: Changes) -> bytes | None:
    """Gives sealed old and new values by field; None: there are none."""
    return vault.seal(json.dumps(changes)) if changes else None


def open_changes(vault: NumberVault, sealed: bytes | None) -> dict[str, tuple[Told, Told]]:
    """Gives old and new value by field."""
    if sealed is None:
        return {}
    opened: dict[str, list[Told]] = json.loads(vault.open(sealed))
    return {name: (pair[0], pair[1]) for name, pair in opened.items()}


def match_key(vault: NumberVault, role: str, value: FieldValue) -> str | None:
    """Gives the same text for every way of writing the same name or place; None: it is not known."""
    plain = match_text(value)
    return None if plain is None else vault.pseudonym(f"{role}:{plain}")
