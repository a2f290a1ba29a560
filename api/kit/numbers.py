"""Callers' numbers at rest: a keyed pseudonym to search by, and a sealed value that only a key opens. Pure."""

import hashlib
import hmac
import os
from contextlib import suppress
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from asterisk_conf.instance_secrets import InstanceSecrets
from routing.numbers import normalise_caller

NONCE_BYTES = 12
"""Source: NIST SP 800-38D, 8.2: 96 bits."""
KEY_BYTES = 32
MARK = b"\x00LH"
"""Begins what was sealed since keys can be changed; the id of the key follows."""
KEY_ID_BYTES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberVault:
    """Turns numbers into pseudonyms and sealed values, and opens these."""

    pseudonym_key: bytes
    encryption_key: bytes
    keys_before: tuple[bytes, ...] = ()
    """Keys that open what was sealed before the last change of the key; they seal nothing."""

    @property
    def header(self) -> bytes:
        """Begins everything that the present key has sealed."""
        return _header(self.encryption_key)

    @property
    def key_id(self) -> str:
        """Tells the present key from others without telling anything of it."""
        return self.header[len(MARK) :].hex()

    def pseudonym(self, number: str) -> str:
        """Gives the same 64 hexadecimal digits for every form of the same number."""
        known = normalise_caller(number) or number
        return hmac.new(self.pseudonym_key, known.encode(), hashlib.sha256).hexdigest()

    def seal(self, text: str) -> bytes:
        """Gives the key's id, a nonce and the AES-256-GCM ciphertext of `text`; each time another one."""
        nonce = os.urandom(NONCE_BYTES)
        ciphertext = AESGCM(self.encryption_key).encrypt(nonce, text.encode(errors="surrogatepass"), None)
        return self.header + nonce + ciphertext

    def open(self, sealed: bytes) -> str:
        """Gives back what `seal` was given.

        Raises:
            cryptography.exceptions.InvalidTag: Another key sealed it, or it was altered.
        """
        keys = (self.encryption_key, *self.keys_before)
        for key in keys:
            if sealed.startswith(_header(key)):
                return _opened(key, sealed[len(MARK) + KEY_ID_BYTES :])
        for key in keys[:-1]:
            with suppress(InvalidTag):
                return _opened(key, sealed)
        return _opened(keys[-1], sealed)

    def opens_with(self, sealed: bytes) -> bool:
        """Tells whether one of the keys opens it."""
        try:
            self.open(sealed)
        except (InvalidTag, ValueError):
            return False
        return True


def _header(key: bytes) -> bytes:
    return MARK + hashlib.sha256(b"key id" + key).digest()[:KEY_ID_BYTES]


def _opened(key: bytes, sealed: bytes) -> str:
    """Opens nonce and ciphertext; what an older version of ours sealed is no more than these."""
    nonce, ciphertext = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    return AESGCM(key).decrypt(nonce, ciphertext, None).decode(errors="surrogatepass")


def vault_of(secrets: InstanceSecrets) -> NumberVault:
    """Gives the vault with the instance's keys.

    Raises:
        ValueError: A key is not 32 bytes in hexadecimal.
    """
    kept = (secrets.number_pseudonym_key, secrets.number_encryption_key, *secrets.number_encryption_keys_before)
    keys = [bytes.fromhex(key.get_secret_value()) for key in kept]
    if any(len(key) != KEY_BYTES for key in keys):
        raise ValueError("number_pseudonym_key and number_encryption_key must have 32 bytes each, in hexadecimal")
    return NumberVault(pseudonym_key=keys[0], encryption_key=keys[1], keys_before=tuple(keys[2:]))
