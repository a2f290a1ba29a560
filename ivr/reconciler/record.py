"""What the node knows of its operators: who is logged in where, who is on a pause. Kept in the node's state.

Why beside Asterisk's own memory: astdb commits once a second, so that a pause of the last second is lost by a
crash.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from asterisk_conf.state_files import StateError, write_synced
from ivr.queues.places import Places
from routing.json_fields import Json, as_object, flag_of, list_of, text_of
from routing.plan import OperatorId, QueueName

_BEHIND_A_TRUNK = "@"
"""Stands in the duty officer's interface, whose number is kept nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one operator stands."""

    queues: tuple[QueueName, ...]
    """Sorted."""
    is_paused: bool
    reason: str
    """Of the pause; empty: none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """All operators who are logged in."""

    boot_id: str | None = None
    """The boot of Asterisk in which this was so; None: nothing was ever known."""
    standings: Mapping[OperatorId, Standing] = field(default_factory=dict)

    def joined(self, operator: OperatorId, queue: QueueName, *, is_paused: bool) -> "Record":
        """Gives the record after an operator came to a queue."""
        known = self.standings.get(operator, Standing(queues=(), is_paused=is_paused, reason=""))
        return self._with(operator, replace(known, queues=tuple(sorted({*known.queues, queue})), is_paused=is_paused))

    def left(self, operator: OperatorId, queue: QueueName) -> "Record":
        """Gives the record after an operator left a queue."""
        known = self.standings.get(operator)
        if known is None:
            return self
        return self._with(operator, replace(known, queues=tuple(each for each in known.queues if each != queue)))

    def paused(self, operator: OperatorId, *, is_paused: bool, reason: str) -> "Record":
        """Gives the record after a pause began or ended."""
        known = self.standings.get(operator)
        if known is None:
            return self
        return self._with(operator, replace(known, is_paused=is_paused, reason=reason if is_paused else ""))

    def _with(self, operator: OperatorId, standing: Standing) -> "Record":
        others = {name: each for name, each in self.standings.items() if name != operator}
        return replace(self, standings=others | ({operator: standing} if standing.queues else {}))


def record_of(places: Places, boot_id: str) -> Record:
    """Gives what Asterisk shows. A pause in one queue alone is none."""
    operators = sorted({each.operator for each in places.members if not is_behind_trunk(each.operator)})
    return Record(boot_id=boot_id, standings={operator: _standing(places, operator) for operator in operators})


def is_behind_trunk(operator: OperatorId) -> bool:
    """Tells whether a member is no operator's phone, but a number that a trunk reaches."""
    return _BEHIND_A_TRUNK in operator


def _standing(places: Places, operator: OperatorId) -> Standing:
    rows = [each for each in places.members if each.operator == operator]
    is_paused = all(each.is_paused for each in rows)
    reason = next((each.pause_reason for each in rows if each.pause_reason), "") if is_paused else ""
    return Standing(queues=tuple(sorted(each.queue for each in rows)), is_paused=is_paused, reason=reason)


def read_record(file: Path) -> Record:
    """Gives the record; an empty one when there is none.

    Raises:
        StateError: The file cannot be read.
    """
    try:
        document = as_object(json.loads(file.read_text("utf-8")), "operators")
        rows = [as_object(row, "operators") for row in list_of(document, "operators")]
        standings = {OperatorId(text_of(row, "operator")): _read_standing(row) for row in rows}
        return Record(boot_id=text_of(document, "boot_id") or None, standings=standings)
    except FileNotFoundError:
        return Record()
    except (OSError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise StateError(f"{file}: {error}") from error


def _read_standing(row: Json) -> Standing:
    queues = tuple(QueueName(str(each)) for each in list_of(row, "queues"))
    return Standing(queues=queues, is_paused=flag_of(row, "is_paused"), reason=text_of(row, "reason"))


def write_record(file: Path, record: Record) -> None:
    """Writes the record, synced to the disk.

    Raises:
        StateError: It cannot be written.
    """
    rows = [{"operator": operator, **asdict(standing)} for operator, standing in sorted(record.standings.items())]
    write_synced(file, json.dumps({"boot_id": record.boot_id or "", "operators": rows}, indent=1))
