"""What a spoken text is called on disk and in Asterisk.

Pure. The name holds the hash of the text and of the studio's recording, so a text or a recording that changes is
another sound: calls in progress go on hearing the version of the plan that they began with, whatever is
published meanwhile.
"""

import hashlib

from routing.languages import Language
from routing.plan import Plan, Prompt, PromptId, Recording

HASH_CHARS = 8
TEXT_HASH_CHARS = 16


def sound_name(prompt: Prompt) -> str:
    """Gives the name of the prompt's sound, the same in every language: `<prompt id>-<8 hexadecimal digits>`."""
    played = [each for language in Language if (each := recording_of(prompt, language)) is not None]
    parts = [prompt.text.uk, prompt.text.en, *(f"{each.language}={each.sha256}" for each in played)]
    return f"{prompt.id}-{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:HASH_CHARS]}"


def sound_name_of(plan: Plan, prompt: PromptId) -> str:
    """Gives the name of the sound of one of the plan's prompts.

    Why the bare id for a prompt that the plan lacks: no file has that name, so the caller misses a text, not the call.
    """
    found = plan.prompts.get(prompt)
    return prompt if found is None else sound_name(found)


def text_hash(text: str) -> str:
    """Gives by what a recording remembers the text that was read: 16 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:TEXT_HASH_CHARS]


def recording_of(prompt: Prompt, language: Language) -> Recording | None:
    """Gives the recording that callers hear; None: a synthetic voice reads the text.

    Why not one of an older text: a caller who hears last year's hours is misled, whatever the voice.
    """
    current = text_hash(prompt.text.in_language(language))
    return next((each for each in prompt.recordings if each.language is language and each.text_hash == current), None)


def is_outdated(prompt: Prompt, language: Language) -> bool:
    """Tells whether there is a recording that nobody plays any more, because the text has changed since."""
    has_one = any(each.language is language for each in prompt.recordings)
    return has_one and recording_of(prompt, language) is None
