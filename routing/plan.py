"""What a routing plan is: the shapes that every other module reads.

Pure data. This module may not read files, look at a clock or import anything outside the standard library:
`agi_scripts` loads it inside Asterisk's own root folder within 60 ms. Plans are made by `routing.plan_files`
(from YAML) or by `routing.snapshot` (from JSON), which check them; nothing here checks anything.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NewType

from routing.forms import DetentionForm, Topic, TopicId
from routing.languages import Language, Text
from routing.waiting import LineWaiting, QueueWaiting

PlanVersion = NewType("PlanVersion", str)
"""First 16 hexadecimal digits of the SHA-256 of the plan's canonical snapshot."""
Did = NewType("Did", str)
"""A number that callers dial, E.164 text: `+380800213103`."""
OfficeId = NewType("OfficeId", str)
QueueName = NewType("QueueName", str)
"""Name of the queue in Asterisk: `[a-z][a-z0-9-]{0,31}`."""
MenuId = NewType("MenuId", str)
ServiceId = NewType("ServiceId", str)
PromptId = NewType("PromptId", str)
"""Name of a prompt and of its sound file: `[a-z][a-z0-9-]{0,47}`."""
OperatorId = NewType("OperatorId", str)
"""SIP account of an operator: `[a-z][a-z0-9]{0,15}`."""
CentreId = NewType("CentreId", str)


LEFT_OUT_WHEN_EMPTY = "left_out_when_empty"
"""Marks fields that a snapshot names only when there is something in them: plans from before keep their version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MinuteRange:
    """A half-open range of local minutes of a day, `[start_minute, end_minute)`.

    `start_minute` is in [0, 1440). `end_minute` is in (start_minute, start_minute + 1440]: above 1440 the range
    goes on into the next day (22:00-06:00 is 1320, 1800).
    """

    start_minute: int
    end_minute: int


WeeklyHours = tuple[tuple[MinuteRange, ...], ...]
"""Seven days, Monday first; each its ranges in order, not overlapping."""


class ExceptionKind(StrEnum):
    """What an exception of the calendar does to its day."""

    OPEN = "open"
    CLOSED = "closed"
    HOURS = "hours"


@dataclass(frozen=True, slots=True, kw_only=True)
class DatePeriod:
    """Local dates `[start_date, end_date)`; an `end_date` of None means that no end is known."""

    start_date: date
    end_date: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Holiday:
    """A public holiday that applies outside martial law."""

    day: date
    title: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedDay:
    """A day off moved by the Cabinet: `day_off` is free and `working_day` is worked instead."""

    day_off: date
    working_day: date
    reason: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarException:
    """What is different on one local date; `offices` and `services` both empty means everywhere."""

    day: date
    kind: ExceptionKind
    ranges: tuple[MinuteRange, ...]
    """Only with `kind` hours."""
    offices: tuple[OfficeId, ...]
    services: tuple[ServiceId, ...]
    reason: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Everything that bends the weekly hours. All dates are local dates of `timezone`."""

    timezone: str
    """IANA name: `Europe/Kyiv`."""
    martial_law: tuple[DatePeriod, ...]
    holidays: tuple[Holiday, ...]
    moved_days: tuple[MovedDay, ...]
    exceptions: tuple[CalendarException, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A place where operators sit."""

    id: OfficeId
    title: Text
    hours: WeeklyHours | None
    """None means round the clock: no holiday closes it, an exception or an override can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A waiting line, as in Asterisk's queues.conf."""

    name: QueueName
    title: Text
    office: OfficeId
    strategy: str
    """`rrmemory` or `leastrecent`."""
    ring_s: int
    retry_s: int
    wrapuptime_s: int
    weight: int
    capacity: int
    """Callers who may wait; 0 means no limit."""
    max_wait_s: int | None
    """None means that callers wait until they are answered."""
    joinempty: tuple[str, ...]
    """Conditions under which nobody can join (`unavailable`, `invalid`, `unknown`, `paused`…); empty: anybody joins."""
    leavewhenempty: tuple[str, ...]
    service_level_s: int
    overflow: QueueName | None
    """Where callers go who cannot join or leave unanswered; None: they stay here until they are answered."""
    waiting: QueueWaiting | None = None
    """None in plans of before there was more to say of waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Something that callers ask for; the plan ties it to a queue."""

    id: ServiceId
    title: Text
    queue: QueueName
    priority: int
    """Base of QUEUE_PRIO; a higher number is answered first."""
    hours: WeeklyHours | None
    """None means the hours of the queue's office."""
    closed_queue: QueueName | None
    """Where callers go out of hours; None: the queue's overflow."""
    closed_announcement: PromptId | None
    """What they hear first then."""
    is_recorded: bool = False
    """True: conversations are recorded, after an announcement, unless the caller declines. Never of a detention."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToService:
    """A menu option that ends the menu: the caller asked for this service."""

    service: ServiceId


@dataclass(frozen=True, slots=True, kw_only=True)
class ToMenu:
    """A menu option that leads to another menu."""

    menu: MenuId


class MenuAction(StrEnum):
    """What an option does in a menu that reads something out."""

    NEXT = "next"
    """Reads the next part."""
    CONNECT = "connect"
    """The caller asks for the centre that was read out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToAction:
    """A menu option that does something with what the menu reads out."""

    action: MenuAction


MenuTarget = ToService | ToMenu | ToAction


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuOption:
    """One key of a menu."""

    key: str
    """One of 1-9, and none of the keys that the line reserves."""
    title: Text
    target: MenuTarget


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationPart:
    """One part of information, short enough to be heard at once."""

    id: str
    prompt: PromptId
    is_checked: bool
    """False: no lawyer has compared this text with the law yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Information:
    """The menu reads its parts one after the other."""

    parts: tuple[InformationPart, ...]
    last_prompt: PromptId
    """The question after the last part, instead of the menu's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HotlineReading:
    """The menu reads the plan's hotlines one after the other, those for people in danger first."""

    last_prompt: PromptId


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionQuestion:
    """The menu asks for the two digits of a region."""

    contact_menu: MenuId
    """Where a known region leads: a menu that reads out its centre."""
    unknown: PromptId
    """Said when no region has these digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreReading:
    """The menu reads out the centre of the region that the caller named."""


MenuContent = Information | HotlineReading | RegionQuestion | CentreReading


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """A question that callers answer with a key."""

    id: MenuId
    title: Text
    prompt: PromptId
    options: tuple[MenuOption, ...]
    timeout_s: int
    """Silence after the end of the prompt that counts as no input."""
    no_input_tries: int
    """How many silences lead to the operator; 1 is the first."""
    no_match_tries: int
    """How many wrong keys lead to the operator."""
    service: ServiceId | None = None
    """Whose operator takes callers who want one from here, or stay silent; None: the line's operator service."""
    content: MenuContent | None = None
    """What the menu reads out before it asks; None: nothing, it only asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservedKeys:
    """Keys that mean the same in every menu."""

    operator: str
    detention: str
    language: str
    repeat: str
    back: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreDialling:
    """How callers are connected with centres."""

    ring_s: int = 25
    """How long one telephone rings."""
    accept_s: int = 8
    """How long who answers may take to press the key that accepts the call; an answering machine presses none."""
    persons_limit: int = 3
    """How many telephones are tried for one caller; then an operator takes the call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The line itself."""

    title: Text
    dids: tuple[Did, ...]
    languages: tuple[Language, ...]
    """The first is spoken until a caller chooses."""
    greeting: PromptId
    wrong_key: PromptId
    entry_menu: MenuId
    keys: ReservedKeys
    operator_service: ServiceId
    """Where key 0, silence and wrong keys lead."""
    detention_service: ServiceId
    last_resort_queue: QueueName
    """The queue round the clock that is there when everything else fails."""
    centre_dialling: CentreDialling = CentreDialling()
    waiting: LineWaiting | None = None
    """None in plans of before there were keys in queues."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """An operator's place in one queue."""

    queue: QueueName
    penalty: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """A person who answers."""

    id: OperatorId
    name: str
    office: OfficeId
    memberships: tuple[Membership, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Centre:
    """A regional centre; `[valid_from, valid_until)` in local dates."""

    id: CentreId
    region: Text
    key: str
    """Two digits: the geographic phone code after the 0."""
    iso: str
    """ISO 3166-2 code: `UA-59`."""
    name: Text
    phones: tuple[str, ...]
    """E.164 texts."""
    is_sample: bool
    """True: the contacts are placeholders, not real numbers."""
    valid_from: date | None
    valid_until: date | None
    address: Text | None = None
    hours_text: Text | None = None
    """Opening hours as they are told."""
    email: str | None = None
    other: Text | None = None
    """Further contacts, as they are told."""
    hours: WeeklyHours | None = None
    """When its telephones are answered; None: not known, so that they are tried at any time."""
    deputy_phones: tuple[str, ...] = ()
    """E.164 texts: who answers when nobody does at `phones`, out of hours too."""
    neighbour: CentreId | None = None
    """The nearest other centre, which answers when this one does not; the chain never comes back to a centre."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HotlineNumber:
    """One number of another hotline."""

    number: str
    """As people dial it inside Ukraine: `1545`, `0800507309`."""
    is_short: bool
    """True: works only inside Ukraine."""
    label: Text | None = None
    """What the number is, among several: `поліція`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hotline:
    """A hotline of another institution that callers are told of."""

    id: str
    title: Text
    numbers: tuple[HotlineNumber, ...]
    hours: Text | None
    is_danger: bool
    """True: read first, for callers in danger."""
    checked_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What a voice studio recorded for a prompt in one language. The audio itself is no part of the plan."""

    language: Language
    sha256: str
    """Of the audio as it is kept: 64 hexadecimal digits."""
    text_hash: str
    """`routing.prompts.text_hash` of the text that was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A spoken text; placeholders are already filled in."""

    id: PromptId
    text: Text
    recordings: tuple[Recording, ...] = field(default=(), metadata={LEFT_OUT_WHEN_EMPTY: True})
    """At most one a language; those of an older text too, which nobody plays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that decides where calls go."""

    version: PlanVersion
    line: Line
    calendar: Calendar
    offices: dict[OfficeId, Office]
    queues: dict[QueueName, Queue]
    services: dict[ServiceId, Service]
    menus: dict[MenuId, Menu]
    operators: dict[OperatorId, Operator]
    centres: dict[CentreId, Centre]
    hotlines: dict[str, Hotline]
    prompts: dict[PromptId, Prompt]
    topics: dict[TopicId, Topic] = field(default_factory=dict)
    """Empty in plans of before there were topics."""
    detention: DetentionForm | None = None
    """None in plans of before there was a form."""
