"""Callers' numbers at rest: a keyed pseudonym to search by, and a sealed value that only a key opens. Pure."""

import hashlib
import hmac
import os
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from asterisk_conf.instance_secrets import InstanceSecrets
from routing.numbers import normalise_caller

NONCE_BYTES = 12
"""Source: NIST SP 800-38D, 8.2: 96 bits."""
KEY_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberVault:
    """Turns numbers into pseudonyms and sealed values, and opens these."""

    pseudonym_key: bytes
    encryption_key: bytes

    def pseudonym(self, number: str) -> str:
        """Gives the same 64 hexadecimal digits for every form of the same number."""
        known = normalise_caller(number) or number
        return hmac.new(self.pseudonym_key, known.encode(), hashlib.sha256).hexdigest()

    def seal(self, text: str) -> bytes:
        """Gives nonce and AES-256-GCM ciphertext of `text`; each time another one."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + AESGCM(self.encryption_key).encrypt(nonce, text.encode(errors="surrogatepass"), None)

    def open(self, sealed: bytes) -> str:
        """Gives back what `seal` was given.

        Raises:
            cryptography.exceptions.InvalidTag: Another key sealed it, or it was altered.
        """
        nonce, ciphertext = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        return AESGCM(self.encryption_key).decrypt(nonce, ciphertext, None).decode(errors="surrogatepass")


def vault_of(secrets: InstanceSecrets) -> NumberVault:
    """Gives the vault with the instance's keys.

    Raises:
        ValueError: A key is not 32 bytes in hexadecimal.
    """
    keys = [
        bytes.fromhex(key.get_secret_value()) for key in (secrets.number_pseudonym_key, secrets.number_encryption_key)
    ]
    if any(len(key) != KEY_BYTES for key in keys):
        raise ValueError("number_pseudonym_key and number_encryption_key must have 32 bytes each, in hexadecimal")
    return NumberVault(pseudonym_key=keys[0], encryption_key=keys[1])
