"""What can go wrong while texts become audio."""


class PromptError(Exception):
    """Base of this folder."""


class SpeechError(PromptError):
    """A text could not be made into audio."""


class PromptNameError(PromptError):
    """A prompt has a name that is none, and would be a file outside the folder of sounds."""
