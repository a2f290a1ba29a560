"""What menus say: which prompts a caller may hear in one, and whether a menu tells the keys that it takes. Pure."""

import re
from collections.abc import Iterator
from typing import assert_never

from routing.languages import Language
from routing.plan import CentreReading, HotlineReading, Information, Menu, MenuId, Plan, PromptId, RegionQuestion
from routing.spoken_digits import digit_word

_PRESS = {Language.UK: "натисніть", Language.EN: "press"}


def heard_prompts(plan: Plan, menu: MenuId) -> tuple[PromptId, ...]:
    """Gives the written prompts of `menu`; those made from hotlines and centres are not among them."""
    found = plan.menus[menu]
    match found.content:
        case None | CentreReading():
            return (found.prompt,)
        case Information(parts=parts, last_prompt=last):
            return (*(each.prompt for each in parts), found.prompt, last)
        case HotlineReading(last_prompt=last):
            return (found.prompt, last)
        case RegionQuestion(unknown=unknown):
            return (found.prompt, unknown)
        case _:
            assert_never(found.content)


def unnamed_keys(plan: Plan, menu: Menu) -> Iterator[tuple[str, str]]:
    """Gives the options whose key the menu's text does not name after what it is for, with a sentence on each.

    A text that names none of the keys in this way is worded otherwise, or reads the keys elsewhere: it is passed over.
    """
    prompt = plan.prompts.get(menu.prompt)
    if prompt is None:
        return
    for language in plan.line.languages:
        text = prompt.text.in_language(language)
        missing = [each.key for each in menu.options if not _is_named(text, each.key, language)]
        if len(missing) < len(menu.options):
            for key in missing:
                told = f"the text of menu {menu.id} ({language}) does not say what key {key} is for, and then the key"
                yield f"{menu.id}.{key}", told


def _is_named(text: str, key: str, language: Language) -> bool:
    names = f"{digit_word(key, language)}|{key}"
    return re.search(rf"[^.!?,\s][^.!?]*, {_PRESS[language]} (?:{names})\b", text) is not None
