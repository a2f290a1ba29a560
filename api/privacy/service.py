"""Showing a number, exporting and erasing one person's data, legal holds; the endpoints own the transactions."""

import re
import secrets

from cryptography.exceptions import InvalidTag
from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncConnection

from api.audit.actions import Action
from api.audit.trail import AuditTrail
from api.calls.service import journey_of_call
from api.kit.exceptions import NotFoundError
from api.kit.numbers import NumberVault
from api.privacy import repository
from api.privacy.errors import HoldOverError, LegalHoldError, NumberErasedError
from api.privacy.schemas import CallNote, Erased, Hold, NewHold, PersonExport, PersonRequest, ShownNumber
from routing.numbers import normalise_caller

EXPORTED_CALLS = 1_000
ERASED_LINE = "erased"
"""Stands in the place of a line that could not be read and held the number."""
_PSEUDONYM_BYTES = 32
_ID_BYTES = 6
_TOLD_DIGITS = 9
"""Digits by which a number is found in a line: its national significant part."""
_NO_DIGITS = re.compile(r"[^0-9]+")


async def show_number(
    connection: AsyncConnection, audit: AuditTrail, vault: NumberVault, call_id: str, reason: str
) -> ShownNumber:
    """Opens the number of a call.

    Raises:
        NumberErasedError: There is no such call, or it has no number (any more).
    """
    sealed = await repository.sealed_number(connection, call_id)
    if sealed is None:
        raise NumberErasedError(f"call {call_id} has no number")
    opened = vault.open(sealed)
    await audit.record(connection, Action.NUMBER_SHOWN, subject=call_id, details={"reason": reason})
    return ShownNumber(number=normalise_caller(opened) or opened)


async def export_person(
    connection: AsyncConnection, audit: AuditTrail, vault: NumberVault, request: PersonRequest
) -> PersonExport:
    """Gives everything about one number.

    Raises:
        NotFoundError: The log knows nothing of it.
    """
    pseudonym = vault.pseudonym(request.number)
    known = await repository.known_number(connection, pseudonym)
    call_ids = await repository.calls_of(connection, pseudonym, EXPORTED_CALLS + 1)
    if known is None and not call_ids:
        raise NotFoundError("the log knows nothing of this number")
    shown = call_ids[:EXPORTED_CALLS]
    answer = PersonExport(
        pseudonym=pseudonym,
        number=None if known is None else vault.open(known[0]),
        first_seen_at=None if known is None else known[1],
        calls=[await journey_of_call(connection, call_id) for call_id in shown],
        is_whole=len(call_ids) <= EXPORTED_CALLS,
        notes=await _notes(connection, vault, shown),
        detention_reports=await repository.detention_reports_of(connection, shown),
    )
    details: dict[str, JsonValue] = {"reason": request.reason, "calls": len(shown)}
    await audit.record(connection, Action.PERSON_EXPORTED, subject=pseudonym, details=details)
    return answer


async def _notes(connection: AsyncConnection, vault: NumberVault, call_ids: list[str]) -> list[CallNote]:
    return [
        CallNote(call_id=row["call_id"], classified_at=row["classified_at"], note=vault.open(row["note_encrypted"]))
        for row in await repository.notes_of(connection, call_ids)
    ]


async def erase_person(
    connection: AsyncConnection, audit: AuditTrail, vault: NumberVault, request: PersonRequest
) -> Erased:
    """Destroys a number wherever it is sealed; its calls stay, under a pseudonym that no number leads to.

    Raises:
        NotFoundError: The log knows nothing of it.
        LegalHoldError: The data must be kept.
    """
    await repository.take_time(connection)
    old, new = vault.pseudonym(request.number), secrets.token_hex(_PSEUDONYM_BYTES)
    call_ids = await repository.calls_of(connection, old)
    await _refuse_held(connection, old, call_ids)
    is_known = await repository.known_number(connection, old) is not None
    lines = await _erase_lines(connection, vault, request.number)
    if not is_known and not call_ids and not lines:
        raise NotFoundError("the log knows nothing of this number")
    of_calls, of_evidence = await repository.rename(connection, old, new)
    await repository.destroy_number(connection, old)
    erased = Erased(
        pseudonym=new,
        calls=of_calls,
        evidence=of_evidence,
        quarantine=lines,
        notes=await repository.destroy_notes(connection, call_ids),
        detention_reports_kept=len(await repository.detention_reports_of(connection, call_ids)),
    )
    details = {"reason": request.reason, **erased.model_dump(exclude={"pseudonym"})}
    await audit.record(connection, Action.PERSON_ERASED, subject=new, details=details)
    return erased


async def _refuse_held(connection: AsyncConnection, pseudonym: str, call_ids: list[str]) -> None:
    holds = await repository.holds_on(connection, pseudonym, call_ids)
    if holds:
        raise LegalHoldError(f"{', '.join(holds)} must be released first", {"holds": [*holds]})


async def _erase_lines(connection: AsyncConnection, vault: NumberVault, number: str) -> int:
    """Replaces lines in quarantine that hold the number in any form; gives how many."""
    wanted = _NO_DIGITS.sub("", normalise_caller(number) or number)[-_TOLD_DIGITS:]
    erased, last_id = 0, 0
    while rows := await repository.quarantined_lines(connection, last_id):
        for line_id, sealed in rows:
            last_id = line_id
            if wanted in _NO_DIGITS.sub("", _line(vault, sealed)):
                await repository.replace_line(connection, line_id, vault.seal(ERASED_LINE))
                erased += 1
    return erased


def _line(vault: NumberVault, sealed: bytes) -> str:
    """Gives a line; one that no key opens can be read by nobody."""
    try:
        return vault.open(sealed)
    except InvalidTag:
        return ""


async def set_hold(
    connection: AsyncConnection, audit: AuditTrail, vault: NumberVault, new: NewHold, author: str
) -> Hold:
    """Keeps a person's calls, or one call, from being erased or ending by time."""
    hold = await repository.add_hold(
        connection,
        f"h{secrets.token_hex(_ID_BYTES)}",
        call_id=new.call_id,
        pseudonym=None if new.number is None else vault.pseudonym(new.number),
        reason=new.reason,
        author=author,
    )
    details = {"reason": hold.reason, "call_id": hold.call_id, "pseudonym": hold.pseudonym}
    await audit.record(connection, Action.HOLD_SET, subject=hold.id, details={**details})
    return hold


async def release_hold(connection: AsyncConnection, audit: AuditTrail, hold_id: str, author: str) -> Hold:
    """Ends a hold.

    Raises:
        NotFoundError: There is no such hold.
        HoldOverError: Somebody released it.
    """
    found = await repository.find_hold(connection, hold_id)
    if found is None:
        raise NotFoundError(f"there is no hold {hold_id}")
    if found.released_at is not None:
        raise HoldOverError(f"{found.released_by} released it at {found.released_at:%Y-%m-%d %H:%M:%S} UTC")
    hold = await repository.release_hold(connection, hold_id, author)
    await audit.record(connection, Action.HOLD_RELEASED, subject=hold_id, details={"reason": hold.reason})
    return hold
