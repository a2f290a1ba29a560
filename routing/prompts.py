"""What a spoken text is called on disk and in Asterisk.

Pure. The name holds the text's hash, so a text that changes is another sound: calls in progress go on hearing the
version of the plan that they began with, whatever is published meanwhile.
"""

import hashlib

from routing.plan import Plan, Prompt, PromptId

HASH_CHARS = 8


def sound_name(prompt: Prompt) -> str:
    """Gives the name of the prompt's sound, the same in every language: `<prompt id>-<8 hexadecimal digits>`."""
    texts = f"{prompt.text.uk}\0{prompt.text.en}"
    return f"{prompt.id}-{hashlib.sha256(texts.encode()).hexdigest()[:HASH_CHARS]}"


def sound_name_of(plan: Plan, prompt: PromptId) -> str:
    """Gives the name of the sound of one of the plan's prompts.

    Why the bare id for a prompt that the plan lacks: no file has that name, so the caller misses a text, not the call.
    """
    found = plan.prompts.get(prompt)
    return prompt if found is None else sound_name(found)
