"""The closed sets of words in questions for reports. Pure."""

from enum import StrEnum


class Dimension(StrEnum):
    """By what figures are split: columns of `calls`, of any value that the log has."""

    OFFICE = "office"
    QUEUE = "queue"
    SERVICE = "service"
    LANGUAGE = "language"
    REGION = "region"
    OUTCOME = "outcome"


class Period(StrEnum):
    """Into what time is split; weeks begin on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    ALL = "all"
    """Not at all."""


class ShortAbandons(StrEnum):
    """Whether abandoned calls that were short count in shares."""

    OUT = "out"
    IN = "in"


class ServiceLevelFormula(StrEnum):
    """How the service level is counted."""

    WITHIN_OFFERED = "within_offered"
    ASTERISK_SL = "asterisk_sl"
    ASTERISK_SL2 = "asterisk_sl2"


class Measure(StrEnum):
    """What a distribution is of."""

    WAITING_ANSWERED = "waiting_answered"
    WAITING_ABANDONED = "waiting_abandoned"
    TALK = "talk"


class ReportFormat(StrEnum):
    """What a report is written as."""

    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
