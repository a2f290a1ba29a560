"""Passwords: Argon2id in threads, few at once.

Source: RFC 9106; argon2-cffi's defaults are its second recommended choice (64 MiB, 3 passes).
"""

import asyncio
from dataclasses import dataclass, field

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE = 2
"""Each takes 64 MiB: many logins at once must not take the machine."""


@dataclass(slots=True)
class Passwords:
    """Makes and checks hashes of passwords."""

    hasher: PasswordHasher = field(default_factory=PasswordHasher)
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    nobodys: str | None = None
    """Hash of a password that nobody has: checking it takes as long as checking one of somebody's."""

    async def make_hash(self, password: str) -> str:
        """Gives what is kept of a password."""
        async with self.gate:
            return await asyncio.to_thread(self.hasher.hash, password)

    async def is_right(self, kept: str | None, password: str) -> bool:
        """Tells whether `password` is the one that `kept` was made of; None: the person does not exist."""
        if self.nobodys is None:
            self.nobodys = await self.make_hash("nobody")
        async with self.gate:
            is_same = await asyncio.to_thread(self._is_same, kept or self.nobodys, password)
        return is_same and kept is not None

    def _is_same(self, kept: str, password: str) -> bool:
        try:
            return self.hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False
