"""The shape of each of a plan's files. `routing.plan_files.conversion` makes plans of them."""

from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, RootModel, model_validator

from routing.languages import Language
from routing.plan import ExceptionKind, MenuAction
from routing.plan_files.fields import (
    E164,
    Day,
    DayRanges,
    Email,
    EntryKey,
    IsoCode,
    Listed,
    ListedCondition,
    MenuKey,
    OfficeKey,
    OperatorKey,
    OptionKey,
    PhoneKey,
    PromptKey,
    PromptText,
    QueueKey,
    RegionCode,
    Rows,
    Seconds,
    ServiceKey,
    Sha256,
    ShownNumber,
    TextHash,
    Title,
    Tries,
    Week,
    defect,
)
from routing.plan_files.form_models import DetentionFile, TopicsFile
from routing.plan_files.shapes import Shape, TitleShape

MENU_OPTIONS_LIMIT = 5


class KeysShape(Shape):
    """Keys that mean the same in every menu."""

    operator: PhoneKey
    detention: PhoneKey
    language: PhoneKey
    repeat: PhoneKey
    back: PhoneKey

    @model_validator(mode="after")
    def _all_differ(self) -> Self:
        keys = (self.operator, self.detention, self.language, self.repeat, self.back)
        if len(set(keys)) < len(keys):
            raise defect("one key has two meanings", "give each meaning a key of its own")
        return self


class ServiceShape(Shape):
    """Something that callers ask for."""

    title: TitleShape
    queue: QueueKey
    priority: Annotated[int, Field(ge=0, le=1_000)]
    hours: Week | None = None
    closed_queue: QueueKey | None = None
    closed_announcement: PromptKey | None = None
    is_recorded: bool = False


class CentreDiallingShape(Shape):
    """How callers are connected with centres."""

    ring_s: Annotated[int, Field(ge=5, le=60)] = 25
    accept_s: Annotated[int, Field(ge=3, le=20)] = 8
    persons_limit: Annotated[int, Field(ge=1, le=3)] = 3


class LineWaitingShape(Shape):
    """What is the same in all queues."""

    menu_key: PhoneKey | None = None
    return_s: Annotated[int, Field(ge=0, le=86_400)] = 0


class LineFile(Shape):
    """`line.yaml`."""

    title: TitleShape
    dids: Annotated[Listed[E164], Field(min_length=1)]
    languages: Annotated[Listed[Language], Field(min_length=1)]
    greeting: PromptKey
    wrong_key: PromptKey
    entry_menu: MenuKey
    keys: KeysShape
    operator_service: ServiceKey
    detention_service: ServiceKey
    last_resort_queue: QueueKey
    centre_dialling: CentreDiallingShape = CentreDiallingShape()
    waiting: LineWaitingShape | None = None
    services: dict[ServiceKey, ServiceShape]


class OfficeShape(Shape):
    """A place where operators sit."""

    title: TitleShape
    hours: Week


class OfficesFile(RootModel[dict[OfficeKey, OfficeShape]]):
    """`offices.yaml`."""


class PenaltyStepShape(Shape):
    """After how long operators of a higher penalty are called too."""

    after_s: Annotated[int, Field(ge=0, le=3_600)]
    max_penalty: Annotated[int, Field(ge=0, le=99)]


class SpeechShape(Shape):
    """What callers hear of their place."""

    every_s: Annotated[int, Field(ge=15, le=3_600)]
    position: PromptKey
    next: PromptKey
    expected_wait: PromptKey | None = None
    comfort: Listed[PromptKey] = ()
    comfort_every_s: Annotated[int, Field(ge=15, le=3_600)] = 45


class EscalationShape(Shape):
    """Who else is called when somebody waits too long."""

    after_s: Seconds
    offices: Listed[OfficeKey] = ()
    number: E164 | None = None


class QueueWaitingShape(Shape):
    """How callers wait in one queue."""

    music: EntryKey = "default"
    penalties: Rows[PenaltyStepShape] = ()
    speech: SpeechShape | None = None
    closing_announcement: PromptKey | None = None
    empty_announcement: PromptKey | None = None
    escalation: EscalationShape | None = None

    @model_validator(mode="after")
    def _steps_rise(self) -> Self:
        steps = [(each.after_s, each.max_penalty) for each in self.penalties]
        if any(after >= later or penalty >= higher for (after, penalty), (later, higher) in pairwise(steps)):
            raise defect("penalties do not relax", "write steps whose after_s and max_penalty both rise")
        return self


class QueueShape(Shape):
    """A waiting line."""

    title: TitleShape
    office: OfficeKey
    strategy: Literal["rrmemory", "leastrecent"]
    ring_s: Seconds
    retry_s: Seconds
    wrapuptime_s: Annotated[int, Field(ge=0, le=3_600)]
    weight: Annotated[int, Field(ge=0, le=1_000)]
    capacity: Annotated[int, Field(ge=0, le=10_000)]
    max_wait_s: Seconds | None = None
    joinempty: Listed[ListedCondition] = ()
    leavewhenempty: Listed[ListedCondition] = ()
    service_level_s: Seconds
    overflow: QueueKey | None = None
    waiting: QueueWaitingShape | None = None


class QueuesFile(RootModel[dict[QueueKey, QueueShape]]):
    """`queues.yaml`."""


class OptionShape(Shape):
    """What a key of a menu leads to: a service, another menu, or something with what the menu reads out."""

    title: TitleShape
    service: ServiceKey | None = None
    menu: MenuKey | None = None
    action: MenuAction | None = None

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if (self.service, self.menu, self.action).count(None) != 2:  # noqa: PLR2004  two of the three
            raise defect("an option leads to one place", "write either `service:`, `menu:` or `action:`")
        return self


class PartShape(Shape):
    """One part of the information that a menu reads out."""

    prompt: PromptKey
    is_checked: bool = False


class Reading(StrEnum):
    """What a menu reads out, or asks for, besides its options."""

    INFORMATION = "information"
    HOTLINES = "hotlines"
    REGION_CODE = "region-code"
    CENTRE = "centre"


READING_FIELDS: dict[Reading | None, tuple[str, ...]] = {
    None: (),
    Reading.INFORMATION: ("parts", "last_prompt"),
    Reading.HOTLINES: ("last_prompt",),
    Reading.REGION_CODE: ("contact_menu", "unknown_prompt"),
    Reading.CENTRE: (),
}
"""The keys that a menu needs for what it reads, and that no other menu may have."""
READING_ACTIONS: dict[Reading | None, tuple[MenuAction, ...]] = {
    None: (),
    Reading.INFORMATION: (MenuAction.NEXT,),
    Reading.HOTLINES: (MenuAction.NEXT,),
    Reading.REGION_CODE: (),
    Reading.CENTRE: (MenuAction.CONNECT,),
}


class MenuShape(Shape):
    """A question, and what is read out before it."""

    title: TitleShape
    prompt: PromptKey
    timeout_s: Annotated[int, Field(ge=2, le=30)]
    no_input_tries: Tries
    no_match_tries: Tries
    service: ServiceKey | None = None
    reads: Reading | None = None
    parts: dict[EntryKey, PartShape] = Field(default_factory=dict)
    last_prompt: PromptKey | None = None
    contact_menu: MenuKey | None = None
    unknown_prompt: PromptKey | None = None
    options: dict[OptionKey, OptionShape] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _few_options(self) -> Self:
        fewest = 0 if self.reads is Reading.REGION_CODE else 1
        most = 0 if self.reads is Reading.REGION_CODE else MENU_OPTIONS_LIMIT
        if not fewest <= len(self.options) <= most:
            raise defect(
                f"a menu with {len(self.options)} options",
                f"write {fewest} to {most} options, and put others into a menu of their own",
            )
        return self

    @model_validator(mode="after")
    def _fields_fit_reads(self) -> Self:
        needed = READING_FIELDS[self.reads]
        for name in ("parts", "last_prompt", "contact_menu", "unknown_prompt"):
            if bool(getattr(self, name)) != (name in needed):
                told = f"`reads: {self.reads}`" if self.reads else "a menu that reads nothing out"
                mend = f"add `{name}:`" if name in needed else f"delete `{name}:`, or change `reads:`"
                raise defect(f"`{name}:` does not fit {told}", mend)
        return self

    @model_validator(mode="after")
    def _actions_fit_reads(self) -> Self:
        allowed = READING_ACTIONS[self.reads]
        for key, option in self.options.items():
            if option.action is not None and option.action not in allowed:
                raise defect(
                    f"the key {key} cannot do `{option.action}` here",
                    "`next` belongs to `reads: information` or `hotlines`, `connect` to `reads: centre`",
                )
        return self


class MenusFile(RootModel[dict[MenuKey, MenuShape]]):
    """`menus.yaml`."""


class PeriodShape(Shape):
    """Dates from the first up to, not including, the last."""

    start_date: Day
    end_date: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end_date is not None and self.end_date <= self.start_date:
            raise defect("the period ends before it begins", "write an end_date after start_date, or leave it empty")
        return self


class YearsShape(Shape):
    """The years, both included, whose public holidays are taken from the library `holidays`."""

    first_year: Annotated[int, Field(ge=2000, le=2100)]
    last_year: Annotated[int, Field(ge=2000, le=2100)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last_year < self.first_year:
            raise defect("last_year comes before first_year", "swap them")
        return self


class MovedDayShape(Shape):
    """A day off moved by the Cabinet."""

    day_off: Day
    working_day: Day
    reason: TitleShape


class ExceptionShape(Shape):
    """What is different on one date."""

    day: Day
    kind: ExceptionKind
    hours: DayRanges | None = None
    offices: Listed[OfficeKey] = ()
    services: Listed[ServiceKey] = ()
    reason: TitleShape

    @model_validator(mode="after")
    def _hours_fit_kind(self) -> Self:
        if (self.hours is not None) != (self.kind is ExceptionKind.HOURS):
            raise defect("`hours:` and `kind:` do not fit", "write `kind: hours` together with `hours: 10:00-14:00`")
        return self


class CalendarFile(Shape):
    """`calendar.yaml`."""

    timezone: str
    martial_law: Rows[PeriodShape] = ()
    holidays: YearsShape
    moved_days: Rows[MovedDayShape] = ()
    exceptions: Rows[ExceptionShape] = ()


class OperatorShape(Shape):
    """A person who answers."""

    name: Title
    office: OfficeKey
    queues: Annotated[dict[QueueKey, Annotated[int, Field(ge=0, le=100)]], Field(min_length=1)]
    """Penalty in each queue: a lower one is called first."""


class OperatorsFile(RootModel[dict[OperatorKey, OperatorShape]]):
    """`operators.yaml`."""


class CentreShape(Shape):
    """A regional centre."""

    region: TitleShape
    key: RegionCode
    iso: IsoCode
    name: TitleShape
    phones: Annotated[Listed[E164], Field(min_length=1)]
    is_sample: bool
    valid_from: Day | None = None
    valid_until: Day | None = None
    address: TitleShape | None = None
    hours_text: TitleShape | None = None
    email: Email | None = None
    other: TitleShape | None = None
    hours: Week | None = None
    deputy_phones: Listed[E164] = ()
    neighbour: EntryKey | None = None

    @model_validator(mode="after")
    def _deputies_are_others(self) -> Self:
        if set(self.phones) & set(self.deputy_phones):
            raise defect("a number stands among `phones` and `deputy_phones`", "keep it in one of them")
        return self


class CentresFile(RootModel[dict[EntryKey, CentreShape]]):
    """`centres.yaml`."""


class HotlineNumberShape(Shape):
    """One number of a hotline."""

    number: ShownNumber
    is_short: bool
    label: TitleShape | None = None


class HotlineShape(Shape):
    """A hotline of another institution."""

    title: TitleShape
    numbers: Annotated[Rows[HotlineNumberShape], Field(min_length=1)]
    hours: TitleShape | None = None
    is_danger: bool = False
    checked_on: Day


class HotlinesFile(RootModel[dict[EntryKey, HotlineShape]]):
    """`hotlines.yaml`."""


class PromptShape(Shape):
    """A spoken text."""

    uk: PromptText
    en: PromptText


class PromptsFile(RootModel[dict[PromptKey, PromptShape]]):
    """`prompts.yaml`."""


class RecordingShape(Shape):
    """A studio's recording."""

    sha256: Sha256
    text_hash: TextHash


class RecordingsFile(RootModel[dict[PromptKey, dict[Language, RecordingShape]]]):
    """`recordings.yaml`; `hotline prompts import` writes it."""


class PlanFiles(Shape):
    """All files of a plan."""

    line: LineFile
    offices: OfficesFile
    queues: QueuesFile
    menus: MenusFile
    calendar: CalendarFile
    operators: OperatorsFile
    centres: CentresFile
    hotlines: HotlinesFile
    prompts: PromptsFile
    recordings: RecordingsFile = RecordingsFile({})
    topics: TopicsFile
    detention: DetentionFile
