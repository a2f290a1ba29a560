import os

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from api.kit.numbers import NumberVault

OLD, NEW = b"o" * 32, b"n" * 32
PSEUDONYM = b"p" * 32


def vault(key: bytes, *before: bytes) -> NumberVault:
    return NumberVault(pseudonym_key=PSEUDONYM, encryption_key=key, keys_before=before)


def sealed_by_an_older_version(key: bytes, text: str) -> bytes:
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, text.encode(), None)


def test_a_new_key_opens_what_the_old_one_sealed_only_while_it_is_kept() -> None:
    sealed = vault(OLD).seal("0501234567")
    assert vault(NEW, OLD).open(sealed) == "0501234567"
    assert not vault(NEW).opens_with(sealed)


def test_only_the_present_key_seals() -> None:
    sealed = vault(NEW, OLD).seal("0501234567")
    assert sealed.startswith(vault(NEW).header)
    assert vault(NEW).open(sealed) == "0501234567"


@pytest.mark.parametrize("keys", [(OLD,), (OLD, NEW), (NEW, OLD)])
def test_what_an_older_version_sealed_opens(keys: tuple[bytes, ...]) -> None:
    assert vault(*keys).open(sealed_by_an_older_version(OLD, "0501234567")) == "0501234567"


def test_what_no_key_opens_is_told() -> None:
    with pytest.raises(InvalidTag):
        vault(NEW).open(sealed_by_an_older_version(OLD, "0501234567"))
    altered = bytearray(vault(OLD).seal("0501234567"))
    altered[-1] ^= 1
    assert not vault(OLD).opens_with(bytes(altered))
    assert not vault(OLD).opens_with(b"")


def test_changing_the_key_changes_no_pseudonym() -> None:
    assert vault(NEW, OLD).pseudonym("0501234567") == vault(OLD).pseudonym("+380501234567")
