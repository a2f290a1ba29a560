"""Keys in commands: answers to the questions of the line, separated by commas; `t` is silence, `54` one answer."""

import re

from hotline.errors import HotlineError
from routing import simulator
from routing.menus import SILENCE_MARK

ANSWER = re.compile(r"[0-9*#]{1,2}")
ANSWERS_LIMIT = 40


class KeysError(HotlineError):
    """A list of keys cannot be read."""


def parse_keys(text: str) -> tuple[str, ...]:
    """Gives the answers of `1,t,54`, `SILENCE_MARK` for silence; an empty text means none.

    Raises:
        KeysError: An answer is neither one or two of `0-9*#` nor `t`, or there are too many.
    """
    answers = simulator.parse_keys(text)
    wrong = [answer for answer in answers if answer != SILENCE_MARK and not ANSWER.fullmatch(answer)]
    if wrong:
        raise KeysError(
            f"--keys {text}: {wrong[0]!r} is no answer; write one or two of 0-9 * # or t for silence, separated by "
            "commas: --keys 1 or --keys t,5,54"
        )
    if len(answers) > ANSWERS_LIMIT:
        raise KeysError(f"--keys: at most {ANSWERS_LIMIT} answers")
    return answers
