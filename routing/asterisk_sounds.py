"""The sounds that Asterisk plays by itself, under names of its own: queue announcements, numbers, tones. Pure.

They are made like all prompts, so that no caller hears a voice or a language that is not the line's. The texts after
which or before which Asterisk puts a number are written so that the number needs no case and no gender.
"""

from routing.languages import Text
from routing.plan import Prompt, PromptId
from routing.say import ASTERISK_BEGINS, SAY_BEGINS

_QUEUE = {
    "queue-youarenext": Text(
        uk="Ви наступні в черзі. Будь ласка, залишайтеся на лінії.",
        en="You are next in the queue. Please stay on the line.",
    ),
    "queue-thereare": Text(uk="Ваше місце в черзі:", en="Your place in the queue is"),
    "queue-quantity1": Text(uk="Кількість людей у черзі перевищує", en="The number of people in the queue is above"),
    "queue-holdtime": Text(
        uk="Орієнтовний час очікування у хвилинах:", en="The expected waiting time, in minutes, is about"
    ),
    "queue-seconds": Text(uk="секунд", en="seconds"),
    "queue-thankyou": Text(uk="Дякуємо за терпіння.", en="Thank you for your patience."),
    "queue-reporthold": Text(uk="Час очікування абонента:", en="The caller has waited:"),
    "queue-periodic-announce": Text(
        uk="Усі оператори зараз розмовляють. Будь ласка, залишайтеся на лінії, вам відповідять.",
        en="All operators are talking to other callers. Please stay on the line, you will be answered.",
    ),
}
_TRANSFERS = {
    "pbx-transfer": Text(uk="Наберіть номер для переведення дзвінка.", en="Dial the number to transfer the call to."),
    "pbx-invalid": Text(uk="Такого номера немає. Спробуйте ще раз.", en="There is no such number. Please try again."),
    "privacy-incorrect": Text(uk="Номер набрано неправильно.", en="The number was dialled wrongly."),
}
_SIGNS = {
    "digits/minus": Text(uk="мінус", en="minus"),
    "digits/star": Text(uk="зірочка", en="star"),
    "digits/pound": Text(uk="решітка", en="hash"),
}
_NUMBERS = (*range(20), *range(20, 100, 10), *range(100, 1_000, 100))

SILENT_SOUNDS = ("queue-callswaiting", "queue-quantity2", "queue-minute", "queue-minutes")
"""What Asterisk plays after a number; Ukrainian would need a case there, so nothing is said.

Source: say_position() in apps/app_queue.c of Asterisk 22 knows two forms of a noun, Ukrainian has three.
"""
TONE_SOUNDS = {"beep": 1_000, "beeperr": 400}
"""Tones, in hertz."""


def asterisk_prompts() -> dict[PromptId, Prompt]:
    """Gives the texts that Asterisk needs beside the pieces of numbers, by id: every plan holds them."""
    texts = _QUEUE | _TRANSFERS | _SIGNS
    return {_id_of(sound): Prompt(id=_id_of(sound), text=text) for sound, text in texts.items()}


def spoken_sounds() -> dict[str, PromptId]:
    """Gives the prompt behind each spoken sound, by the name under which Asterisk plays it: `digits/5`."""
    numbers = {f"digits/{number}": PromptId(f"{SAY_BEGINS}{number}") for number in _NUMBERS}
    return numbers | {sound: _id_of(sound) for sound in (*_QUEUE, *_TRANSFERS, *_SIGNS)}


def _id_of(sound: str) -> PromptId:
    return PromptId(f"{ASTERISK_BEGINS}{sound.replace('/', '-')}")
