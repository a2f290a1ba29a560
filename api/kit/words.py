"""Kinds of values that requests hold, each bounded to what the database and the logs can take. Pure."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, StringConstraints

from api.evidence.records import EARLIEST, LATEST

AUTHOR_LIMIT_CHARS = 120
REASON_LIMIT_CHARS = 500
_ONE_LINE = r"^[^\x00-\x1f\x7f\x85\u2028\u2029]*$"


def _in_range(moment: datetime) -> datetime:
    if not EARLIEST.replace(tzinfo=None) <= moment.replace(tzinfo=None) < LATEST.replace(tzinfo=None):
        raise ValueError("must lie in 2000-2100")
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_in_range)]
"""An aware time; UTC inside."""
Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._+-]{1,64}$")]
Author = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=AUTHOR_LIMIT_CHARS, pattern=_ONE_LINE)
]
"""Who does it."""
Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=REASON_LIMIT_CHARS, pattern=_ONE_LINE)
]
"""Why it is done, in one line for people."""
VersionText = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
"""A version of the plan."""
