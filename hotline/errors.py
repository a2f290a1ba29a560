"""What the command line tells people about what it expected might go wrong."""

from collections.abc import Mapping

from pydantic import JsonValue


class HotlineError(Exception):
    """Something that a person can mend; the text is one clear message: what is wrong, and what to do."""


class StartError(HotlineError):
    """A process of the line did not come up; nothing of it is left running."""


class SoftphoneError(HotlineError):
    """A softphone did not do what it was told, or something did not happen to it in time."""


class LogApiError(HotlineError):
    """The api did not answer as agreed."""


class RefusedError(LogApiError):
    """The api says no; its text is a sentence for people."""

    def __init__(self, detail: str, *, error_id: str, details: Mapping[str, JsonValue]) -> None:
        """Keeps the sentence, its stable id, and what the api tells beside it."""
        super().__init__(detail)
        self.error_id = error_id
        self.details = details


class NotTakenError(HotlineError):
    """What was published or switched is stored, but a node does not have it in force."""
