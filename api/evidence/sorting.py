"""Sorts a batch into rows to store: evidence without numbers, sealed numbers, quarantine. Pure but for the keys."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import ValidationError

from api.evidence.cdr_lines import parse_cdr_line
from api.evidence.cel_lines import parse_cel_line
from api.evidence.queue_log_lines import parse_queue_log_line
from api.evidence.records import LineError, ParsedLine
from api.evidence.schemas import EvidenceLine
from api.evidence.witness_lines import parse_witness_line
from api.kit.exceptions import BodyTooLargeError, MalformedEnvelopeError
from api.kit.masking import masked_number
from api.kit.numbers import NumberVault
from asterisk_conf.names import Source

PARSERS = {
    Source.CEL: parse_cel_line,
    Source.QUEUE_LOG: parse_queue_log_line,
    Source.CDR: parse_cdr_line,
    Source.WITNESS: parse_witness_line,
}
_SHOWN = "allowed"
"""Presentations of numbers that the caller does not hide begin so. Source: ast_named_caller_presentation()."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRow:
    """One row of `evidence`."""

    node: str
    source: Source
    generation: str
    position_bytes: int
    occurred_at: datetime
    linkedid: str | None
    uniqueid: str | None
    type: str
    payload: dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineRow:
    """One row of `quarantine`."""

    node: str
    source: Source
    generation: str
    position_bytes: int
    reason: str
    line_encrypted: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptNumber:
    """A caller's number as it is stored."""

    sealed: bytes
    masked: str


@dataclass(slots=True)
class Batch:
    """A batch sorted into what the tables take."""

    evidence: list[EvidenceRow] = field(default_factory=list)
    quarantine: list[QuarantineRow] = field(default_factory=list)
    numbers: dict[str, KeptNumber] = field(default_factory=dict)
    """By pseudonym."""

    @property
    def nodes(self) -> list[str]:
        """The nodes that the batch comes from, in order."""
        return sorted({row.node for row in self.evidence} | {row.node for row in self.quarantine})


def read_envelopes(body: bytes, *, limit_lines: int) -> list[EvidenceLine]:
    """Reads NDJSON.

    Raises:
        MalformedEnvelopeError: A line is no envelope; nothing of the batch is stored then.
        BodyTooLargeError: More than `limit_lines` lines.
    """
    lines = [line for line in body.split(b"\n") if line.strip()]
    if len(lines) > limit_lines:
        raise BodyTooLargeError(f"a batch may have at most {limit_lines} lines")
    return [_read_envelope(number, line) for number, line in enumerate(lines, start=1)]


def _read_envelope(number: int, line: bytes) -> EvidenceLine:
    try:
        return EvidenceLine.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "line"
        raise MalformedEnvelopeError(f"line {number}: {place}: {first['msg']}"[:300]) from None


def sort_batch(envelopes: Iterable[EvidenceLine], vault: NumberVault) -> Batch:
    """Parses every line; what cannot be read goes to quarantine, sealed, because it may hold a number."""
    batch = Batch()
    for envelope in envelopes:
        try:
            parsed = PARSERS[envelope.source](envelope.line)
        except LineError as error:
            batch.quarantine.append(_quarantine_row(envelope, str(error), vault))
        else:
            batch.evidence.append(_evidence_row(envelope, parsed, batch, vault))
    return batch


def _quarantine_row(envelope: EvidenceLine, reason: str, vault: NumberVault) -> QuarantineRow:
    return QuarantineRow(
        node=envelope.node,
        source=envelope.source,
        generation=envelope.generation,
        position_bytes=envelope.offset,
        reason=reason,
        line_encrypted=vault.seal(envelope.line),
    )


def _evidence_row(envelope: EvidenceLine, parsed: ParsedLine, batch: Batch, vault: NumberVault) -> EvidenceRow:
    return EvidenceRow(
        node=envelope.node,
        source=envelope.source,
        generation=envelope.generation,
        position_bytes=envelope.offset,
        occurred_at=parsed.occurred_at,
        linkedid=parsed.linkedid,
        uniqueid=parsed.uniqueid,
        type=parsed.type,
        payload=_with_pseudonyms(parsed, batch, vault),
    )


def _with_pseudonyms(parsed: ParsedLine, batch: Batch, vault: NumberVault) -> dict[str, object]:
    """Gives the payload with pseudonyms in the numbers' places; hidden numbers are not kept in any form."""
    hidden = _is_hidden(parsed)
    pseudonyms: dict[str, object] = {}
    for key, number in parsed.numbers.by_key:
        if number and not hidden:
            pseudonym = vault.pseudonym(number)
            pseudonyms[key] = pseudonym
            if pseudonym not in batch.numbers:
                batch.numbers[pseudonym] = KeptNumber(sealed=vault.seal(number), masked=masked_number(number))
    if not pseudonyms:
        return parsed.payload
    extra = parsed.payload.get("extra")
    if isinstance(extra, dict):
        return {**parsed.payload, "extra": {**extra, **pseudonyms}}
    return {**parsed.payload, **pseudonyms}


def _is_hidden(parsed: ParsedLine) -> bool:
    extra = parsed.payload.get("extra")
    presentation = extra.get("presentation") if isinstance(extra, dict) else None
    return isinstance(presentation, str) and not presentation.startswith(_SHOWN)
