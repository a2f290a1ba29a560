"""What every node should have in force: the published plan and the overrides, with a revision that names both."""

import hashlib
import json
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from api.overrides.repository import overrides_in_force
from api.plans.repository import current_version
from routing.overrides import Override, override_to_document

_REVISION_CHARS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """The desired state."""

    plan_version: str | None
    """None: nothing has been published yet; nodes keep what they have."""
    overrides: tuple[Override, ...]
    """In force now."""

    @property
    def revision(self) -> str:
        """Gives the name of this state: the same for the same state, whoever asks and when."""
        text = json.dumps(self._content(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:_REVISION_CHARS]

    def document(self) -> str:
        """Gives the state as one line of JSON."""
        return json.dumps({**self._content(), "revision": self.revision}, ensure_ascii=False)

    def _content(self) -> dict[str, object]:
        return {
            "plan_version": self.plan_version,
            "overrides": [override_to_document(each) for each in self.overrides],
        }


async def read_desired(connection: AsyncConnection) -> Desired:
    """Gives the state now."""
    return Desired(plan_version=await current_version(connection), overrides=await overrides_in_force(connection))
