"""Why a call goes where it goes: stable codes with details, and their sentences in Ukrainian and English.

The codes are a contract: they stand in evidence for years. `describe` tells a code that it does not know by its name,
because the log may be older or newer than this code.
"""

from dataclasses import dataclass
from enum import StrEnum

from routing.languages import Language, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One step of the trail: a stable code and what the sentence needs to be told."""

    code: str
    details: tuple[tuple[str, str], ...] = ()


class ReasonCode(StrEnum):
    """Every code that `routing` gives."""

    MENU_OPTION = "menu-option"
    KEY_OPERATOR = "key-operator"
    KEY_DETENTION = "key-detention"
    SILENCE = "silence"
    WRONG_KEYS = "wrong-keys"
    TOO_MANY_ANSWERS = "too-many-answers"
    NOTHING_TO_READ = "nothing-to-read"
    CENTRE_CHOSEN = "centre-chosen"
    MENU_LEFT = "menu-left"
    UNKNOWN_SERVICE = "unknown-service"
    EMERGENCY = "emergency"
    OVERRIDE = "override"
    OVERRIDE_IGNORED = "override-ignored"
    EXCEPTION = "exception"
    MOVED_DAY_OFF = "moved-day-off"
    MOVED_WORKING_DAY = "moved-working-day"
    HOLIDAY = "holiday"
    HOLIDAY_MOVED = "holiday-moved"
    EVE = "eve"
    HOURS = "hours"
    ROUND_THE_CLOCK = "round-the-clock"
    CLOSED_QUEUE = "closed-queue"
    QUEUE_LEFT = "queue-left"
    QUEUE_SKIPPED = "queue-skipped"
    OVERFLOW = "overflow"
    LAST_RESORT = "last-resort"
    NUMBER_LEFT = "number-left"
    WAITED = "waited"
    CENTRE_DIAL = "centre-dial"
    CENTRE_LEFT = "centre-left"
    CENTRE_CLOSED = "centre-closed"
    CENTRE_NOT_VALID = "centre-not-valid"
    CENTRE_SAMPLE = "centre-sample"
    CENTRE_NO_NUMBER = "centre-no-number"
    CENTRE_LIMIT = "centre-limit"
    CENTRE_TO_OPERATOR = "centre-to-operator"
    QUEUE_KEY = "queue-key"
    QUEUE_CLOSED = "queue-closed"
    BACK_TO_QUEUE = "back-to-queue"
    RETURNED = "returned"


def because(code: ReasonCode, **details: str) -> Reason:
    """Gives the reason `code`; details keep the order in which they are given."""
    return Reason(code=code.value, details=tuple(details.items()))


def because_titled(code: ReasonCode, title: Text, **details: str) -> Reason:
    """Gives a reason that carries a title in both languages, as details `uk` and `en`."""
    return because(code, **details, uk=title.uk, en=title.en)


def describe(reason: Reason, language: Language) -> str:
    """Gives the reason as one sentence in `language`."""
    details = dict(reason.details)
    text = _SENTENCES.get(reason.code)
    if text is None:
        text = _CHOICES.get((reason.code, details.get(_CHOOSES_BY.get(reason.code, ""), "")))
    if text is None:
        return f"{reason.code}: {', '.join(f'{key}={value}' for key, value in reason.details)}".rstrip(": ")
    title = details.get(language.value) or details.get("uk") or details.get("of")
    if title is not None:
        details["title"] = title
    return text.in_language(language).format_map(_Details(details))


class _Details(dict[str, str]):
    """Details of a reason; one that an older log lacks is told as an ellipsis."""

    def __missing__(self, key: str) -> str:
        return "…"


_SENTENCES: dict[str, Text] = {
    ReasonCode.MENU_OPTION: Text(
        uk="Абонент натиснув {key} у меню «{menu}»: {title}.",
        en="The caller pressed {key} in the menu “{menu}”: {title}.",
    ),
    ReasonCode.KEY_OPERATOR: Text(
        uk="Абонент натиснув {key}: з'єднати з оператором.",
        en="The caller pressed {key} for an operator.",
    ),
    ReasonCode.KEY_DETENTION: Text(
        uk="Абонент натиснув {key}: повідомлення про затримання.",
        en="The caller pressed {key} to report a detention.",
    ),
    ReasonCode.SILENCE: Text(
        uk="Абонент нічого не натиснув у меню «{menu}», тому відповідає оператор.",
        en="The caller pressed nothing in the menu “{menu}”, so an operator answers.",
    ),
    ReasonCode.WRONG_KEYS: Text(
        uk="Абонент кілька разів натиснув не ту клавішу в меню «{menu}», тому відповідає оператор.",
        en="The caller pressed wrong keys in the menu “{menu}” too often, so an operator answers.",
    ),
    ReasonCode.TOO_MANY_ANSWERS: Text(
        uk="Абонент надто довго був у меню, тому відповідає оператор.",
        en="The caller stayed in the menus too long, so an operator answers.",
    ),
    ReasonCode.NOTHING_TO_READ: Text(
        uk="У меню «{menu}» для цього абонента немає що прочитати, тому відповідає оператор.",
        en="The menu “{menu}” has nothing to read out to this caller, so an operator answers.",
    ),
    ReasonCode.CENTRE_CHOSEN: Text(
        uk="Абонент натиснув {key}: з'єднати з центром, {title}.",
        en="The caller pressed {key} to be connected with the centre: {title}.",
    ),
    ReasonCode.MENU_LEFT: Text(
        uk="Програма перестала відповідати, коли абонент був у меню «{menu}», тому відповідає оператор.",
        en="The service fell silent while the caller was in the menu “{menu}”, so an operator answers.",
    ),
    ReasonCode.UNKNOWN_SERVICE: Text(
        uk="У плані немає послуги «{service}», тому відповідає оператор.",
        en="The plan has no service “{service}”, so an operator answers.",
    ),
    ReasonCode.OVERRIDE_IGNORED: Text(
        uk="Ручне перемикання {id} пропущено: у плані немає черги «{queue}».",
        en="Override {id} is passed over: the plan has no queue “{queue}”.",
    ),
    ReasonCode.MOVED_DAY_OFF: Text(
        uk="{day} вихідний, перенесений за рішенням Уряду: {title}.",
        en="{day} is a day off moved by the Government: {title}.",
    ),
    ReasonCode.MOVED_WORKING_DAY: Text(
        uk="{day} робочий день замість {instead_of}: {title}.",
        en="{day} is worked instead of {instead_of}: {title}.",
    ),
    ReasonCode.HOLIDAY: Text(
        uk="{day} святковий день: {title}.",
        en="{day} is a public holiday: {title}.",
    ),
    ReasonCode.HOLIDAY_MOVED: Text(
        uk="{day} вихідний за свято {holiday} ({title}), яке припало на вихідний.",
        en="{day} is the day off for the holiday of {holiday} ({title}), which fell on a weekend.",
    ),
    ReasonCode.EVE: Text(
        uk="{day} коротший на годину, бо наступний день святковий: {title}.",
        en="{day} is one hour shorter, the next day is a public holiday: {title}.",
    ),
    ReasonCode.ROUND_THE_CLOCK: Text(
        uk="«{title}» працює цілодобово.",
        en="“{title}” works round the clock.",
    ),
    ReasonCode.CLOSED_QUEUE: Text(
        uk="Зараз не робочий час, тому дзвінок приймає черга «{queue}».",
        en="It is closed now, so the queue “{queue}” takes the call.",
    ),
    ReasonCode.QUEUE_SKIPPED: Text(
        uk="Чергу «{queue}» пропущено: вона зараз зачинена.",
        en="The queue “{queue}” is passed over: it is closed now.",
    ),
    ReasonCode.OVERFLOW: Text(
        uk="Далі дзвінок приймає черга «{queue}».",
        en="The queue “{queue}” takes the call next.",
    ),
    ReasonCode.LAST_RESORT: Text(
        uk="Далі дзвінок приймає цілодобова черга «{queue}», без обмеження часу очікування.",
        en="The round-the-clock queue “{queue}” takes the call next, without a limit of waiting.",
    ),
    ReasonCode.NUMBER_LEFT: Text(
        uk="На черговому номері не відповіли, тому дзвінок приймає черга «{queue}».",
        en="The duty number did not answer, so the queue “{queue}” takes the call.",
    ),
    ReasonCode.WAITED: Text(
        uk="Абонент уже чекав, повних хвилин: {minutes}; пріоритет {priority}.",
        en="The caller has waited already, full minutes: {minutes}; priority {priority}.",
    ),
    ReasonCode.CENTRE_DIAL: Text(
        uk="Дзвінок іде до центру «{title}», телефон {place}.",
        en="The call goes to the centre “{title}”, telephone {place}.",
    ),
    ReasonCode.CENTRE_LEFT: Text(
        uk="Телефон центру «{centre}» не прийняв дзвінка: {status}.",
        en="The telephone of the centre “{centre}” did not take the call: {status}.",
    ),
    ReasonCode.CENTRE_CLOSED: Text(
        uk="Центр «{title}» зараз не працює.",
        en="The centre “{title}” is closed now.",
    ),
    ReasonCode.CENTRE_NOT_VALID: Text(
        uk="Центр «{title}» на цю дату не діє.",
        en="The centre “{title}” is not in force on this date.",
    ),
    ReasonCode.CENTRE_SAMPLE: Text(
        uk="Центр «{title}» має лише зразки номерів, за якими не дзвонять.",
        en="The centre “{title}” has only sample numbers, which are never called.",
    ),
    ReasonCode.CENTRE_NO_NUMBER: Text(
        uk="У центрі «{title}» не лишилося телефону, за яким можна дзвонити.",
        en="The centre “{title}” has no telephone left to call.",
    ),
    ReasonCode.CENTRE_LIMIT: Text(
        uk="Для цього абонента вже дзвонили за кількома телефонами ({tried}); більше не пробуємо.",
        en="As many telephones were called for this caller as may be ({tried}).",
    ),
    ReasonCode.CENTRE_TO_OPERATOR: Text(
        uk="Жоден центр не прийняв дзвінка, тому відповідає оператор, поза чергою інших.",
        en="No centre took the call, so an operator answers, ahead of others.",
    ),
    ReasonCode.QUEUE_KEY: Text(
        uk="Абонент натиснув {key}, чекаючи в черзі «{queue}»: повідомлення про затримання.",
        en="The caller pressed {key} while waiting in the queue “{queue}” to report a detention.",
    ),
    ReasonCode.QUEUE_CLOSED: Text(
        uk="Черга «{queue}» зачинилася, поки абонент чекав.",
        en="The queue “{queue}” closed while the caller was waiting.",
    ),
    ReasonCode.BACK_TO_QUEUE: Text(
        uk="Абонент повернувся з черги «{queue}» до меню й нічого нового не вибрав, тому чекає далі.",
        en="The caller went from the queue “{queue}” back to the menu, chose nothing new, and goes on waiting.",
    ),
    ReasonCode.RETURNED: Text(
        uk="Абонент щойно дзвонив і не дочекався відповіді. Зараховано секунд очікування: {waited}.",
        en="The caller rang shortly before and hung up unanswered; seconds of waiting that count: {waited}.",
    ),
}

_CHOOSES_BY = {
    ReasonCode.EMERGENCY.value: "action",
    ReasonCode.OVERRIDE.value: "action",
    ReasonCode.EXCEPTION.value: "kind",
    ReasonCode.HOURS.value: "state",
    ReasonCode.QUEUE_LEFT.value: "status",
}
"""Which detail chooses the sentence of a code that has several."""


def _texts_of(code: ReasonCode, texts: dict[str, Text]) -> dict[tuple[str, str], Text]:
    return {(code.value, choice): text for choice, text in texts.items()}


_ACTIONS = {
    "open": Text(uk="відчинено", en="open"),
    "closed": Text(uk="зачинено", en="closed"),
    "to-queue": Text(uk="дзвінки йдуть у чергу «{destination}»", en="calls go to the queue “{destination}”"),
    "to-number": Text(uk="дзвінки йдуть на черговий номер", en="calls go to the duty number"),
}

_CHOICES: dict[tuple[str, str], Text] = {
    **_texts_of(
        ReasonCode.EMERGENCY,
        {
            action: Text(
                uk=f"Аварійний режим лінії до {{until}}: {does.uk}. Причина: {{why}}.",
                en=f"Emergency mode of the line until {{until}}: {does.en}. Reason: {{why}}.",
            )
            for action, does in _ACTIONS.items()
        },
    ),
    **_texts_of(
        ReasonCode.OVERRIDE,
        {
            action: Text(
                uk=f"Ручне перемикання «{{target}}» до {{until}}: {does.uk}. Причина: {{why}}.",
                en=f"Override of “{{target}}” until {{until}}: {does.en}. Reason: {{why}}.",
            )
            for action, does in _ACTIONS.items()
        },
    ),
    **_texts_of(
        ReasonCode.EXCEPTION,
        {
            "open": Text(
                uk="Виняток календаря {day}: відчинено. Причина: {title}.",
                en="Exception {day}: open. Reason: {title}.",
            ),
            "closed": Text(
                uk="Виняток календаря {day}: зачинено. Причина: {title}.",
                en="Exception {day}: closed. Reason: {title}.",
            ),
            "hours": Text(
                uk="Виняток календаря {day}: години роботи {hours}. Причина: {title}.",
                en="Exception {day}: open {hours}. Reason: {title}.",
            ),
        },
    ),
    **_texts_of(
        ReasonCode.HOURS,
        {
            "open": Text(
                uk="Робочий час «{title}»: {day}, {hours}.",
                en="Working hours of “{title}”: {day}, {hours}.",
            ),
            "closed": Text(
                uk="Поза робочим часом «{title}»: {day}, {hours}.",
                en="Outside the working hours of “{title}”: {day}, {hours}.",
            ),
            "day-off": Text(
                uk="«{title}» не працює цього дня: {day}.",
                en="“{title}” does not work on this day: {day}.",
            ),
        },
    ),
    **_texts_of(
        ReasonCode.QUEUE_LEFT,
        {
            "TIMEOUT": Text(
                uk="У черзі «{queue}» ніхто не відповів за відведений час.",
                en="Nobody in the queue “{queue}” answered within the time allowed.",
            ),
            "FULL": Text(uk="Черга «{queue}» заповнена.", en="The queue “{queue}” is full."),
            "JOINEMPTY": Text(
                uk="У черзі «{queue}» немає операторів на лінії.",
                en="The queue “{queue}” has no operators on duty.",
            ),
            "LEAVEEMPTY": Text(
                uk="З черги «{queue}» вийшли всі оператори.",
                en="All operators have left the queue “{queue}”.",
            ),
            "JOINUNAVAIL": Text(
                uk="У черзі «{queue}» немає вільних на зв'язку операторів.",
                en="No operator of the queue “{queue}” can be reached.",
            ),
            "LEAVEUNAVAIL": Text(
                uk="Жоден оператор черги «{queue}» більше не на зв'язку.",
                en="No operator of the queue “{queue}” can be reached any more.",
            ),
            "CONTINUE": Text(
                uk="Дзвінок вийшов із черги «{queue}» без відповіді.",
                en="The call left the queue “{queue}” unanswered.",
            ),
            "WITHDRAW": Text(
                uk="Дзвінок забрали з черги «{queue}».",
                en="The call was withdrawn from the queue “{queue}”.",
            ),
            "UNKNOWN": Text(
                uk="Черги «{queue}» немає в Asterisk, або вона не назвала причини.",
                en="Asterisk does not know the queue “{queue}”, or it gave no cause.",
            ),
        },
    ),
}
