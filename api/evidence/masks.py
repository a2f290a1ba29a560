"""Masks numbers that were sealed by a version that knew no masks; only the api has the key."""

from collections.abc import Mapping, Sequence

import structlog
from cryptography.exceptions import InvalidTag
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.kit.masking import HIDDEN, masked_number
from api.kit.numbers import NumberVault
from api.schema import caller_numbers

log = structlog.get_logger()

BATCH_NUMBERS = 1_000
_SET_MASKS = text(
    "UPDATE caller_numbers SET number_masked = masks.masked "
    "FROM unnest(CAST(:pseudonyms AS text[]), CAST(:masked AS text[])) AS masks (pseudonym, masked) "
    "WHERE caller_numbers.pseudonym = masks.pseudonym"
)


async def mask_some(connection: AsyncConnection, vault: NumberVault) -> int:
    """Masks some of the numbers that have no mask yet; gives how many, 0 when none is left."""
    columns = (caller_numbers.c.pseudonym, caller_numbers.c.number_encrypted)
    unmasked = select(*columns).where(caller_numbers.c.number_masked.is_(None)).limit(BATCH_NUMBERS)
    rows = [(row[0], row[1]) for row in await connection.execute(unmasked)]
    masks = _masks_of(rows, vault)
    if masks:
        await connection.execute(_SET_MASKS, {"pseudonyms": list(masks), "masked": list(masks.values())})
    return len(masks)


def _masks_of(rows: Sequence[tuple[str, bytes]], vault: NumberVault) -> Mapping[str, str]:
    """Gives masks by pseudonym; a number that no key opens any more is hidden whole."""
    masks, unreadable = dict[str, str](), 0
    for pseudonym, sealed in rows:
        try:
            masks[pseudonym] = masked_number(vault.open(sealed))
        except (InvalidTag, ValueError):
            masks[pseudonym] = HIDDEN
            unreadable += 1
    if unreadable:
        log.warning("numbers_not_masked", numbers=unreadable, why="no key of the secrets file opens them")
    return masks
