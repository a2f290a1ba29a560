"""What can go wrong while texts become audio."""


class PromptError(Exception):
    """Base of this folder."""


class SpeechError(PromptError):
    """A text could not be made into audio."""
