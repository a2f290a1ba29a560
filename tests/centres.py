"""A plan with centres for tests: two neighbours with numbers that belong to nobody, and the prompts of the line."""

from dataclasses import replace
from datetime import UTC, datetime

from routing.centres import CENTRE_PROMPTS
from routing.decisions import DETENTION_TAKEN
from routing.languages import Text
from routing.line_prompts import SPOKEN_BY_LINE
from routing.plan import Centre, CentreId, MinuteRange, Plan, Prompt, PromptId
from tests.plans import small_plan

TUESDAY_11 = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SATURDAY_11 = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
NORTH = CentreId("north")
SOUTH = CentreId("south")
EAST = CentreId("east")
NORTH_PHONE, NORTH_DEPUTY, SOUTH_PHONE, EAST_PHONE = (f"+38000000010{digit}" for digit in range(4))
_WEEK = (*((MinuteRange(start_minute=540, end_minute=1080),),) * 5, (), ())


def plan_with_centres() -> Plan:
    """The small plan with three centres; north's deputy answers out of hours, its neighbour is south, then east."""
    centres = (
        _centre(NORTH, "41", (NORTH_PHONE,), deputy_phones=(NORTH_DEPUTY,), neighbour=SOUTH, hours=_WEEK),
        _centre(SOUTH, "48", (SOUTH_PHONE,), neighbour=EAST, hours=_WEEK),
        _centre(EAST, "57", (EAST_PHONE,)),
    )
    ids = (*CENTRE_PROMPTS, *SPOKEN_BY_LINE, DETENTION_TAKEN, *(PromptId(f"say-{digit}") for digit in range(10)))
    prompts = {each: Prompt(id=each, text=Text(uk=f"Текст {each}.", en=f"Text {each}.")) for each in ids}
    plan = small_plan()
    return replace(plan, centres={each.id: each for each in centres}, prompts={**plan.prompts, **prompts})


def _centre(centre: CentreId, key: str, phones: tuple[str, ...], **more: object) -> Centre:
    made = Centre(
        id=centre,
        region=Text(uk=f"Область {centre}", en=f"Oblast {centre}"),
        key=key,
        iso=f"UA-{key}",
        name=Text(uk=f"Центр {centre}", en=f"Centre {centre}"),
        phones=phones,
        is_sample=False,
        valid_from=None,
        valid_until=None,
    )
    return replace(made, **more)  # type: ignore[arg-type]  # names are checked by replace
