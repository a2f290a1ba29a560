"""What numbers mean: the forms in which trunks send a dialled number, and a caller's number as E.164.

Pure rules for Ukrainian forms, standard library only, so that the fallback script has them too. Behind the +, only
the length of a foreign number is checked here; the api, which stores numbers, may check them with `phonenumbers`.
"""

import re

from routing.plan import Did

UKRAINE = "+380"
"""Country code of Ukraine. Source: ITU-T E.164 list of assigned country codes."""
_LONGEST_RAW_CHARS = 32
"""Callers choose this text: longer ones are no number and are not looked at."""
_SEPARATORS = str.maketrans("", "", " -.()")
_NATIONAL = "[3-9][0-9]{8}"
"""National significant number: nine digits. Source: Ukraine's national numbering plan (ITU bulletin)."""
_UKRAINIAN = re.compile(rf"(?:\+380|00380|380|80|0|)({_NATIONAL})")
"""`80` is the trunk prefix 8 of before 2009 followed by the 0: some exchanges still send it."""
_FOREIGN = re.compile(r"(?:\+|00)([1-9][0-9]{6,14})")


def did_forms(did: Did) -> tuple[str, ...]:
    """Gives the texts in which trunks may send `did`: as it is, without +, national, bare, with 8, with 00.

    A number outside Ukraine has only its international forms.
    """
    digits = did.removeprefix("+")
    if not _UKRAINIAN.fullmatch(did):
        return (did, digits, f"00{digits}")
    national = did.removeprefix(UKRAINE)
    return (did, digits, f"0{national}", national, f"80{national}", f"00{digits}")


def normalise_caller(raw: str) -> str | None:
    """Gives a caller's number as E.164 text, or None when it is withheld or no complete number.

    Args:
        raw: What the trunk sent: `+380…`, `380…`, `0…`, `80…`, nine digits, `00…`, `anonymous`, anything.
    """
    if len(raw) > _LONGEST_RAW_CHARS:
        return None
    text = raw.translate(_SEPARATORS)
    if found := _UKRAINIAN.fullmatch(text):
        return UKRAINE + found[1]
    foreign = _FOREIGN.fullmatch(text)
    if foreign is None or foreign[1].startswith("380"):
        return None
    return f"+{foreign[1]}"
