"""What can go wrong while texts become audio."""


class PromptError(Exception):
    """Base of this folder."""


class SpeechError(PromptError):
    """A text could not be made into audio."""


class UnreadableSoundError(PromptError):
    """A file is missing, or is no sound that we can read."""


class ImportRefusedError(PromptError):
    """Recordings cannot be taken; nothing was changed. The text names every file and what is wrong with it."""
