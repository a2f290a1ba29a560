"""Seals streams with a key made of a passphrase, so that nobody reads or changes a backup without it.

A sealed stream is a random prefix and then chunks, each sealed by AES-256-GCM. A chunk's nonce is the prefix, its
number and whether it is the last one, and the stream's name is authenticated with each: chunks and streams cannot be
left out, exchanged or cut off unnoticed.

Source: Hoang, Reyhanitabar, Rogaway, Vizar, "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance"
(CRYPTO 2015), STREAM; NIST SP 800-38D; RFC 7914 (scrypt).
"""

import os
import secrets
from collections.abc import Iterator
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from pydantic import BaseModel, ConfigDict, Field

from hotline.keeping.errors import SealError

CHUNK_BYTES = 1 << 20
TAG_BYTES = 16
PREFIX_BYTES = 7
"""With four bytes of number and one of end they make the 12 bytes of a nonce."""
KEY_BYTES = 32
SALT_BYTES = 16


class Readable(Protocol):
    """What bytes can be read from; fewer than asked for come at its end only."""

    def read(self, size: int, /) -> bytes:
        """Gives the next bytes."""
        ...


class KeyRecipe(BaseModel):
    """How the key is made of the passphrase; stands in the open."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    salt_hex: str = Field(default_factory=lambda: secrets.token_hex(SALT_BYTES), pattern=r"^[0-9a-f]{32}$")
    cost: int = Field(default=1 << 16, ge=1 << 14, le=1 << 20)
    """scrypt's N, a power of two; the upper bound keeps a forged recipe from taking all memory."""
    block: int = Field(default=8, ge=8, le=8)
    parallel: int = Field(default=1, ge=1, le=4)


def derive_key(passphrase: str, recipe: KeyRecipe) -> bytes:
    """Makes the key; takes about a quarter of a second and 64 MiB on purpose.

    Raises:
        SealError: The recipe is none of ours.
    """
    try:
        kdf = Scrypt(
            salt=bytes.fromhex(recipe.salt_hex), length=KEY_BYTES, n=recipe.cost, r=recipe.block, p=recipe.parallel
        )
        return kdf.derive(passphrase.encode())
    except (ValueError, MemoryError) as error:
        raise SealError("the backup's head is damaged: its key cannot be made") from error


def sealed_bytes(plain_bytes: int) -> int:
    """Gives how many bytes a stream of so many bytes has when it is sealed."""
    chunks = max(1, -(-plain_bytes // CHUNK_BYTES))
    return PREFIX_BYTES + plain_bytes + chunks * TAG_BYTES


def seal(key: bytes, name: str, source: Readable, plain_bytes: int) -> Iterator[bytes]:
    """Gives the pieces of the sealed stream of exactly `plain_bytes` bytes of `source`.

    Raises:
        SealError: `source` ends before.
    """
    cipher, prefix = AESGCM(key), os.urandom(PREFIX_BYTES)
    yield prefix
    left_bytes, number = plain_bytes, 0
    while True:
        chunk = source.read(min(left_bytes, CHUNK_BYTES))
        if len(chunk) < min(left_bytes, CHUNK_BYTES):
            raise SealError(f"{name} became shorter while it was read: try again")
        left_bytes -= len(chunk)
        yield cipher.encrypt(_nonce(prefix, number, is_last=left_bytes == 0), chunk, name.encode())
        if left_bytes == 0:
            return
        number += 1


def unseal(key: bytes, name: str, sealed: Readable) -> Iterator[bytes]:
    """Gives the pieces of what was sealed; a piece that is given is genuine, the whole is when all were given.

    Raises:
        SealError: Another key, or the stream was damaged.
    """
    cipher, prefix = AESGCM(key), sealed.read(PREFIX_BYTES)
    chunk, number = sealed.read(CHUNK_BYTES + TAG_BYTES), 0
    while True:
        following = sealed.read(CHUNK_BYTES + TAG_BYTES)
        try:
            yield cipher.decrypt(_nonce(prefix, number, is_last=not following), chunk, name.encode())
        except (InvalidTag, ValueError) as error:
            raise SealError(f"{name} does not open: the passphrase is another one, or the file is damaged") from error
        if not following:
            return
        chunk, number = following, number + 1


def _nonce(prefix: bytes, number: int, *, is_last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([is_last])
