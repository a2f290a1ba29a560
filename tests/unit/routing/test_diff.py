"""What changes between two plans: words, minutes, past calls."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.changes import ChangeKind, PlanChange, find_changes, tell_days, tell_week
from routing.decisions import Facts, decide
from routing.diff import PastCall, PlanDiff, ServiceState, diff, redirected, tell_redirected
from routing.languages import Language, Text
from routing.plan import (
    CalendarException,
    ExceptionKind,
    MenuId,
    MinuteRange,
    OfficeId,
    Plan,
    QueueName,
    ServiceId,
    WeeklyHours,
)
from tests.unit.routing.plans import (
    FROM_8_TO_18,
    SATURDAY_11,
    TUESDAY_11,
    TUESDAY_18,
    kyiv,
    legal_aid_plan,
    ranges,
    with_calendar,
    with_sumy_hours,
)

SUMY, CHERNIVTSI = QueueName("sumy"), QueueName("chernivtsi")
CONSULTATION = ServiceId("consultation")
OPEN_IN_SUMY = ServiceState(is_open=True, queue=SUMY)
CLOSED = ServiceState(is_open=False, queue=CHERNIVTSI)
UNTIL_20: WeeklyHours = (*(ranges((480, 1200)),) * 5, (), ())


def plan_until_20() -> Plan:
    return with_sumy_hours(legal_aid_plan(), UNTIL_20)


def with_keys_exchanged(plan: Plan) -> Plan:
    """Key 1 asks for what key 2 asked for, and the other way round."""
    menu = plan.menus[MenuId("main")]
    one, two, *others = menu.options
    exchanged = (replace(one, target=two.target), replace(two, target=one.target), *others)
    return replace(plan, menus={**plan.menus, menu.id: replace(menu, options=exchanged)})


def call(moment: datetime, *keys: str, service: str | None = None) -> PastCall:
    return PastCall(moment=moment, service=None if service is None else ServiceId(service), keys=keys)


def test_a_plan_does_not_differ_from_itself() -> None:
    found = diff(legal_aid_plan(), legal_aid_plan(), TUESDAY_11)
    assert found.is_empty
    assert (found.from_at, found.to_at) == (TUESDAY_11, TUESDAY_11 + timedelta(days=60))


def test_other_hours_are_told_as_the_plans_files_write_them() -> None:
    assert find_changes(legal_aid_plan(), plan_until_20()) == (
        PlanChange(
            kind=ChangeKind.CHANGED,
            file="offices.yaml",
            path="sumy.hours",
            old="mon-fri: 08:00-18:00",
            new="mon-fri: 08:00-20:00",
        ),
    )


def test_the_minutes_that_change_are_the_new_evening_hours_of_each_working_day() -> None:
    found = diff(legal_aid_plan(), plan_until_20(), TUESDAY_11)
    first, second = found.states[:2]
    assert (first.from_at, first.to_at) == (kyiv("2026-11-24T18:00"), kyiv("2026-11-24T20:00"))
    assert (first.service, first.old, first.new) == (CONSULTATION, CLOSED, OPEN_IN_SUMY)
    assert first.minutes == 120
    assert second.from_at == kyiv("2026-11-25T18:00")
    working_days = sum((date(2026, 11, 24) + timedelta(days=ahead)).weekday() < 5 for ahead in range(60))
    assert len(found.states) == working_days
    assert {each.service for each in found.states} == {CONSULTATION}


def test_the_first_range_begins_now_and_the_last_ends_at_the_horizon() -> None:
    always = with_sumy_hours(legal_aid_plan(), None)
    moment = datetime(2026, 11, 24, 20, 0, 42, 17, tzinfo=UTC)
    found = diff(legal_aid_plan(), always, moment)
    assert found.states[0].from_at == datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
    assert found.states[-1].to_at == found.to_at


def test_the_same_state_by_another_rule_changes_words_but_no_minute() -> None:
    plan = legal_aid_plan()
    services = {**plan.services, CONSULTATION: replace(plan.services[CONSULTATION], hours=FROM_8_TO_18)}
    found = diff(plan, replace(plan, services=services), TUESDAY_11)
    assert found.states == ()
    (row,) = found.changes
    assert (row.file, row.path) == ("line.yaml", "services.consultation.hours")
    assert (row.old, row.new) == ("the hours of the office", "mon-fri: 08:00-18:00")
    assert not found.is_empty


def test_an_exception_changes_the_minutes_of_its_day_alone() -> None:
    closed = CalendarException(
        day=date(2026, 12, 1),
        kind=ExceptionKind.CLOSED,
        ranges=(),
        offices=(OfficeId("sumy"),),
        services=(),
        reason=Text(uk="Навчання", en="Training"),
    )
    found = diff(legal_aid_plan(), with_calendar(legal_aid_plan(), exceptions=(closed,)), TUESDAY_11)
    (state,) = found.states
    assert (state.from_at, state.to_at) == (kyiv("2026-12-01T08:00"), kyiv("2026-12-01T18:00"))
    assert (state.old, state.new) == (OPEN_IN_SUMY, CLOSED)
    (row,) = found.changes
    assert (row.kind, row.file, row.path) == (ChangeKind.ADDED, "calendar.yaml", "exceptions.2026-12-01 sumy")
    assert row.old is None
    assert row.new is not None
    assert "Training" in row.new


def test_both_clock_changes_keep_the_ranges_on_local_hours() -> None:
    found = diff(legal_aid_plan(), plan_until_20(), datetime(2026, 3, 20, tzinfo=UTC))
    starts = {each.from_at.hour for each in found.states}
    assert starts == {16, 15}
    assert {each.minutes for each in found.states} == {120}


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        diff(legal_aid_plan(), legal_aid_plan(), datetime(2026, 11, 24))  # noqa: DTZ001  what is refused here


@settings(max_examples=30, deadline=None)
@given(minute=st.integers(min_value=0, max_value=60 * 1440 - 1), start=st.integers(0, 1438), length=st.integers(1, 900))
def test_every_minute_lies_in_a_range_exactly_when_the_two_decisions_differ(
    minute: int, start: int, length: int
) -> None:
    old = legal_aid_plan()
    hours = (MinuteRange(start_minute=start, end_minute=start + length),)
    new = with_sumy_hours(old, ((), hours, (), (), (), hours, ()))
    found = diff(old, new, TUESDAY_11)
    moment = TUESDAY_11 + timedelta(minutes=minute)
    queues = [decide(plan, Facts(service=CONSULTATION), moment).queue for plan in (old, new)]
    assert _is_changed(found, moment) == (queues[0] != queues[1])


def _is_changed(found: PlanDiff, moment: datetime) -> bool:
    return any(each.from_at <= moment < each.to_at for each in found.states)


def test_a_menu_option_that_leads_elsewhere_is_told_with_its_place() -> None:
    rows = find_changes(legal_aid_plan(), with_keys_exchanged(legal_aid_plan()))
    assert [(row.file, row.path, row.old, row.new) for row in rows] == [
        ("menus.yaml", "main.options.1.target", "service consultation", "menu aid-info"),
        ("menus.yaml", "main.options.2.target", "menu aid-info", "service consultation"),
    ]


def test_an_operator_who_leaves_and_a_text_that_changes_are_told() -> None:
    old = legal_aid_plan()
    operators = {key: each for key, each in old.operators.items() if key != "s08"}
    prompts = {key: replace(each, text=replace(each.text, en="Good day!")) if key == "greeting" else each
               for key, each in old.prompts.items()}  # fmt: skip
    gone, said = find_changes(old, replace(old, operators=operators, prompts=prompts))
    assert (gone.kind, gone.file, gone.path, gone.new) == (ChangeKind.REMOVED, "operators.yaml", "s08", None)
    assert gone.old is not None
    assert "Оператор 08, Суми" in gone.old
    assert (said.path, said.new) == ("greeting.text.en", "Good day!")


def test_another_order_of_the_same_rows_is_told() -> None:
    old = legal_aid_plan()
    operators = dict(reversed(old.operators.items()))
    (row,) = find_changes(old, replace(old, operators=operators))
    assert row.path == "order"
    assert row.old is not None
    assert row.old.startswith("c01, c02")


@pytest.mark.parametrize(
    ("hours", "told"),
    [
        (FROM_8_TO_18, "mon-fri: 08:00-18:00"),
        ((ranges((0, 1440)),) * 7, "always"),
        (((),) * 7, "never"),
        ((ranges((0, 1440)), (), *(ranges((480, 720), (780, 1080)),) * 2, (), ranges((1320, 1800)), ()),
         "mon: all day; wed-thu: 08:00-12:00, 13:00-18:00; sat: 22:00-06:00"),
    ],
)  # fmt: skip
def test_a_week_is_told_like_the_rows_of_the_file(hours: WeeklyHours, told: str) -> None:
    assert tell_week(hours) == told


def test_days_of_the_week_are_told_as_runs() -> None:
    assert tell_days((0, 1, 2, 4, 6)) == "mon-wed, fri, sun"


def test_calls_of_the_evening_would_go_from_chernivtsi_to_sumy() -> None:
    calls = [call(TUESDAY_18, "1")] * 3 + [call(TUESDAY_11, "1"), call(SATURDAY_11, "1"), call(TUESDAY_18, "2", "0")]
    found = redirected(legal_aid_plan(), plan_until_20(), calls)
    assert (found.calls, found.moved, found.unheard) == (6, 3, 0)
    assert tell_redirected(found) == "3 of 6: 3 Chernivtsi → Sumy"
    assert tell_redirected(found, Language.UK) == "3 з 6: 3 Чернівці → Суми"


def test_the_keys_of_a_call_are_walked_through_both_menus() -> None:
    consultations = [call(TUESDAY_11, "9", "1", "0", service="consultation")] * 2
    calls = [*consultations, call(TUESDAY_11, "2", "0", service="aid_info")]
    found = redirected(legal_aid_plan(), with_keys_exchanged(legal_aid_plan()), calls)
    assert tell_redirected(found) == "3 of 3: 2 Sumy → Chernivtsi, 1 Chernivtsi → Sumy"


def test_a_call_that_a_script_decided_goes_by_its_service() -> None:
    found = redirected(legal_aid_plan(), plan_until_20(), [call(TUESDAY_18, service="consultation")])
    assert (found.calls, found.moved) == (1, 1)


def test_who_hung_up_in_the_menu_is_counted_apart() -> None:
    found = redirected(legal_aid_plan(), plan_until_20(), [call(TUESDAY_18), call(TUESDAY_18, "9")])
    assert (found.calls, found.unheard, found.moved) == (0, 2, 0)
    assert tell_redirected(found) == "0 of 0"


def test_thousands_are_told_with_separators() -> None:
    found = redirected(legal_aid_plan(), plan_until_20(), [call(TUESDAY_18, "1")] * 1200)
    assert tell_redirected(found) == "1,200 of 1,200: 1,200 Chernivtsi → Sumy"
    assert tell_redirected(found, Language.UK) == "1 200 з 1 200: 1 200 Чернівці → Суми".replace("1 200", "1\u00a0200")


def test_queues_of_one_office_are_told_by_their_own_titles() -> None:
    old = legal_aid_plan()
    queues = {**old.queues, SUMY: replace(old.queues[SUMY], office=OfficeId("chernivtsi"))}
    services = {**old.services, CONSULTATION: replace(old.services[CONSULTATION], queue=CHERNIVTSI)}
    one_office = replace(old, queues=queues)
    found = redirected(one_office, replace(one_office, services=services), [call(TUESDAY_11, "1")])
    assert tell_redirected(found) == "1 of 1: 1 Sumy, consultations → Chernivtsi, round the clock"
