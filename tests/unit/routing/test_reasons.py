"""Reasons: every code has a sentence in both languages, whatever its details choose."""

import ast
from pathlib import Path

import pytest

from routing import reasons
from routing.decisions import KNOWN_QUEUE_STATUSES
from routing.languages import Language
from routing.overrides import OverrideAction
from routing.plan import ExceptionKind
from routing.reasons import Reason, ReasonCode, because, describe

CHOICES: dict[str, tuple[str, list[str]]] = {
    "emergency": ("action", [each.value for each in OverrideAction]),
    "override": ("action", [each.value for each in OverrideAction]),
    "exception": ("kind", [each.value for each in ExceptionKind]),
    "hours": ("state", ["open", "closed", "day-off"]),
    "queue-left": ("status", [*KNOWN_QUEUE_STATUSES, "UNKNOWN"]),
}
ALL = [
    Reason(code=code.value, details=((key, choice),) if key else ())
    for code in ReasonCode
    for key, choices in [CHOICES.get(code.value, ("", [""]))]
    for choice in choices
]


@pytest.mark.parametrize("reason", ALL, ids=lambda each: f"{each.code}-{dict(each.details)}")
def test_every_code_has_a_sentence_in_both_languages(reason: Reason) -> None:
    ukrainian, english = (describe(reason, language) for language in (Language.UK, Language.EN))
    assert ukrainian.endswith(".")
    assert english.endswith(".")
    assert any("а" <= letter <= "я" for letter in ukrainian)
    assert english.isascii() or set(english) - set("“”…’") <= {chr(code) for code in range(128)}
    assert ukrainian != english


def test_a_title_is_told_in_the_language_asked_for() -> None:
    reason = because(ReasonCode.HOLIDAY, day="2027-08-24", uk="День Незалежності", en="Independence Day")
    assert describe(reason, Language.UK) == "2027-08-24 святковий день: День Незалежності."
    assert describe(reason, Language.EN) == "2027-08-24 is a public holiday: Independence Day."


def test_a_code_of_another_age_is_told_by_its_name() -> None:
    assert describe(Reason(code="moon", details=(("phase", "full"),)), Language.UK) == "moon: phase=full"
    assert describe(Reason(code="moon"), Language.EN) == "moon"


def test_details_cannot_reach_into_python() -> None:
    reason = because(ReasonCode.HOLIDAY, day="{day.__class__}", uk="{0}", en="{0}")
    assert describe(reason, Language.EN) == "{day.__class__} is a public holiday: {0}."


def test_routing_gives_no_reason_without_a_code() -> None:
    folder = Path(reasons.__file__).parent
    calls = [
        (path.name, node.lineno)
        for path in sorted(folder.glob("*.py"))
        if path.name not in ("reasons.py", "snapshot.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Reason"
    ]
    assert calls == []
