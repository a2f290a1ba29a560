"""Which telephone of which centre is called next for a caller who asked for one. Pure.

The centre's own telephones, its deputies', then those of its neighbours along their chain, each number once and at most
`CentreDialling.persons_limit` of them; then an operator takes the call. Only numbers of the plan are called.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from routing.calendars import hours_state, local_date
from routing.plan import Centre, CentreId, Plan, PromptId
from routing.reasons import Reason, ReasonCode, because, because_titled

CONNECTING = PromptId("centre-connecting")
CONNECTING_ELSEWHERE = PromptId("centre-elsewhere")
"""Said first when the centre that was asked for cannot take the call."""
CONNECTING_NEXT = PromptId("centre-next")
"""Said when the telephone before did not answer."""
TO_OPERATOR = PromptId("centre-to-operator")
ACCEPT = PromptId("centre-accept")
"""What who answers at a centre hears: the key that takes the call."""
CENTRE_PROMPTS = (CONNECTING, CONNECTING_ELSEWHERE, CONNECTING_NEXT, TO_OPERATOR, ACCEPT)


@dataclass(frozen=True, slots=True, kw_only=True)
class CentrePlace:
    """One telephone of the directory."""

    centre: CentreId
    place: int
    """Place among the centre's own telephones and then its deputies', from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreRequest:
    """How a caller stands who asked for a centre."""

    centre: CentreId
    tried: tuple[CentrePlace, ...] = ()
    """Telephones that were called for this caller, the last one last."""
    status: str | None = None
    """Why the last of them did not take the call."""
    dead_numbers: frozenset[str] = frozenset()
    """Numbers that did not work when they were last checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreChoice:
    """The telephone to call next, or none: an operator takes the call."""

    next: CentrePlace | None
    announcements: tuple[PromptId, ...]
    reasons: tuple[Reason, ...]


def numbers_of(centre: Centre) -> tuple[str, ...]:
    """Gives the centre's numbers by place: its own, then its deputies'."""
    return (*centre.phones, *centre.deputy_phones)


def is_valid(plan: Plan, centre: Centre, moment: datetime) -> bool:
    """Tells whether the centre is the one of its region on the local date of `moment`.

    Raises:
        ValueError: `moment` has no time zone.
    """
    today = local_date(plan, moment)
    has_begun = centre.valid_from is None or centre.valid_from <= today
    return has_begun and (centre.valid_until is None or today < centre.valid_until)


def chain_of(plan: Plan, first: CentreId) -> Iterator[Centre]:
    """Gives a centre and its neighbours, the nearest first, each once."""
    seen: set[CentreId] = set()
    name: CentreId | None = first
    while name is not None and name not in seen and name in plan.centres:
        seen.add(name)
        yield plan.centres[name]
        name = plan.centres[name].neighbour


def choose(plan: Plan, request: CentreRequest, moment: datetime) -> CentreChoice:
    """Gives the telephone to call next at `moment`, with what the caller hears first and why.

    Raises:
        ValueError: `moment` has no time zone.
    """
    left = _left(request)
    if len(request.tried) >= plan.line.centre_dialling.persons_limit:
        limit = because(ReasonCode.CENTRE_LIMIT, tried=str(len(request.tried)))
        return _operator(plan, request, (*left, limit))
    passed_over: list[Reason] = []
    for centre in chain_of(plan, request.centre):
        places, why = _usable(plan, centre, moment)
        place = next((each for each in places if _is_callable(plan, request, centre, each)), None)
        if place is not None:
            chosen = because_titled(ReasonCode.CENTRE_DIAL, centre.region, centre=centre.id, place=str(place + 1))
            found = CentrePlace(centre=centre.id, place=place)
            announcement = _announcement(request, found, len(centre.phones))
            reasons = (*left, *passed_over, *why, chosen)
            return CentreChoice(next=found, announcements=_known(plan, announcement), reasons=reasons)
        passed_over += why or (because_titled(ReasonCode.CENTRE_NO_NUMBER, centre.region, centre=centre.id),)
    return _operator(plan, request, (*left, *passed_over))


def _left(request: CentreRequest) -> tuple[Reason, ...]:
    if not request.tried:
        return ()
    return (because(ReasonCode.CENTRE_LEFT, centre=request.tried[-1].centre, status=request.status or "UNKNOWN"),)


def _usable(plan: Plan, centre: Centre, moment: datetime) -> tuple[range, tuple[Reason, ...]]:
    """Gives the places that are meant to be answered now: out of hours the deputies', of samples none."""
    if centre.is_sample:
        return range(0), (because_titled(ReasonCode.CENTRE_SAMPLE, centre.region, centre=centre.id),)
    if not is_valid(plan, centre, moment):
        return range(0), (because_titled(ReasonCode.CENTRE_NOT_VALID, centre.region, centre=centre.id),)
    places = range(len(numbers_of(centre)))
    if _is_open(plan, centre, moment):
        return places, ()
    closed = because_titled(ReasonCode.CENTRE_CLOSED, centre.region, centre=centre.id)
    return places[len(centre.phones) :], (closed,)


def _is_open(plan: Plan, centre: Centre, moment: datetime) -> bool:
    """Tells whether the centre works; one whose hours are not known is tried at any time."""
    return centre.hours is None or hours_state(plan, centre, moment).is_open


def _is_callable(plan: Plan, request: CentreRequest, centre: Centre, place: int) -> bool:
    number = numbers_of(centre)[place]
    return number not in request.dead_numbers and number not in _called(plan, request.tried)


def _called(plan: Plan, tried: Collection[CentrePlace]) -> set[str]:
    """Gives the numbers that were called already; a place that this plan does not have has none."""
    numbers = {each: numbers_of(centre) for each, centre in plan.centres.items()}
    return {numbers[each.centre][each.place] for each in tried if each.place < len(numbers.get(each.centre, ()))}


def _announcement(request: CentreRequest, found: CentrePlace, own_phones: int) -> PromptId:
    if request.tried:
        return CONNECTING_NEXT
    is_own = found.centre == request.centre and found.place < own_phones
    return CONNECTING if is_own else CONNECTING_ELSEWHERE


def _operator(plan: Plan, request: CentreRequest, reasons: tuple[Reason, ...]) -> CentreChoice:
    told = (*reasons, because(ReasonCode.CENTRE_TO_OPERATOR, centre=request.centre))
    return CentreChoice(next=None, announcements=_known(plan, TO_OPERATOR), reasons=told)


def _known(plan: Plan, prompt: PromptId) -> tuple[PromptId, ...]:
    """Leaves a prompt out that the plan (of before, say) does not have."""
    return (prompt,) if prompt in plan.prompts else ()
