"""Why a call goes where it goes: stable codes with details, and their sentences in Ukrainian and English."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One step of the trail: a stable code and what the sentence needs to be told."""

    code: str
    details: tuple[tuple[str, str], ...] = ()
