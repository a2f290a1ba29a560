"""Promises: what must happen in a test. Whoever makes one and does not redeem it fails the test."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Promise:
    """Something that must happen before the test ends."""

    text: str
    is_kept: bool = False

    def redeem(self) -> None:
        """Says that it happened."""
        self.is_kept = True


@dataclass(slots=True)
class Promises:
    """The promises of one test."""

    made: list[Promise] = field(default_factory=list)

    def make(self, text: str) -> Promise:
        """Makes a promise; `text` is the sentence that the failure prints."""
        promise = Promise(text)
        self.made.append(promise)
        return promise

    def broken(self) -> tuple[str, ...]:
        """Gives the texts of the promises that nobody redeemed."""
        return tuple(promise.text for promise in self.made if not promise.is_kept)
