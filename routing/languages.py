"""The languages of the line, and a text in each of them.

Pure data, as `routing.plan`: standard library only.
"""

from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    """A language that callers can choose; the value is Asterisk's channel language."""

    UK = "uk"
    EN = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One text in both languages of the line."""

    uk: str
    en: str

    def in_language(self, language: Language) -> str:
        """Gives the text in `language`."""
        return self.uk if language is Language.UK else self.en
