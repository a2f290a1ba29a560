"""What is written into detention reports, matched, timed and exported."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.detention.errors import FieldsInvalidError
from api.detention.export import safe_cell
from api.detention.forms import changed_values, checked_values, combined_values, match_text, missing_fields
from api.detention.timing import Bucket, bucket_of, count_buckets, countdown
from routing.forms import DetentionForm
from tests.unit.routing.plans import legal_aid_plan

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


@pytest.fixture
def form() -> DetentionForm:
    form = legal_aid_plan().detention
    assert form is not None
    return form


@pytest.mark.parametrize(
    ("field", "given", "kept"),
    [
        ("person_name", "  Зразок \t Зразкович ", "Зразок Зразкович"),
        ("grounds", " рядок\r\nдругий ", "рядок\nдругий"),
        ("birth_date", "1990-05-17", "1990-05-17"),
        ("detained_at", "2026-10-25T03:30:00+03:00", "2026-10-25T00:30:00+00:00"),
        ("kind", "arrest", "arrest"),
        ("is_minor", False, False),
        ("is_minor", None, None),
        ("person_name", "", None),
        ("person_name", "   ", None),
    ],
)
def test_values_are_kept_in_one_form(
    form: DetentionForm, field: str, given: str | bool | None, kept: str | bool | None
) -> None:
    assert checked_values(form, {field: given}) == {field: kept}


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("person_name", "x" * 301),
        ("person_name", "a\0b"),
        ("grounds", "a\x1bb"),
        ("birth_date", "17.05.1990"),
        ("birth_date", "1899-12-31"),
        ("detained_at", "2026-11-24T12:00:00"),
        ("detained_at", "0001-01-01T00:00:00+14:00"),
        ("kind", "other"),
        ("kind", True),
        ("is_minor", "true"),
        ("shoe_size", "42"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(form: DetentionForm, field: str, given: str | bool) -> None:
    with pytest.raises(FieldsInvalidError) as caught:
        checked_values(form, {field: given})
    assert str(caught.value).startswith(f"{field}: ")


@given(
    value=st.text(max_size=20) | st.booleans() | st.none(),
    field=st.sampled_from(["detained_at", "birth_date", "place"]),
)
def test_whatever_is_written_is_kept_or_refused(value: str | bool | None, field: str) -> None:
    form = legal_aid_plan().detention
    assert form is not None
    try:
        kept = checked_values(form, {field: value})
    except FieldsInvalidError:
        return
    assert checked_values(form, kept) == kept


def test_what_is_missing_is_told_in_the_forms_order(form: DetentionForm) -> None:
    assert missing_fields(form, {"place": "Суми", "kind": "arrest"}) == [
        "person_name",
        "detained_at",
        "grounds",
        "reported_by",
        "body",
    ]
    nothing_needed = replace(form, fields=tuple(replace(each, is_needed=False) for each in form.fields))
    assert missing_fields(nothing_needed, {}) == []


def test_only_what_changed_is_a_change() -> None:
    assert changed_values({"a": "1", "b": "2"}, {"a": "1", "b": None, "c": True}) == {
        "b": ("2", None),
        "c": (None, True),
    }


def test_a_report_keeps_its_own_values_before_those_of_others() -> None:
    assert combined_values({"a": "1", "b": None}, {"a": "2", "b": "3"}, {"b": "4", "c": False}) == {
        "a": "1",
        "b": "3",
        "c": False,
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Петренко Іван", "іван  ПЕТРЕНКО"),
        ("Дем'яненко", "Дем\u2019яненко"),
        ("вул. Зразкова, 1", "Зразкова вул 1"),
    ],
)
def test_ways_of_writing_one_name_are_one(one: str, other: str) -> None:
    assert match_text(one) == match_text(other) != None  # noqa: E711  a chain: equal, and something


def test_other_names_and_nothing_are_no_match() -> None:
    assert match_text("Петренко Іван") != match_text("Петренко Ганна")
    assert match_text("буд. 1") != match_text("буд. 11")
    assert (match_text(None), match_text("…"), match_text(True)) == (None, None, None)


@pytest.mark.parametrize(
    ("seconds", "bucket"),
    [
        (0, Bucket.WITHIN_1H),
        (3_600, Bucket.WITHIN_1H),
        (3_601, Bucket.FROM_1H_TO_2H),
        (7_200, Bucket.FROM_1H_TO_2H),
        (14_400, Bucket.FROM_2H_TO_4H),
        (14_401, Bucket.OVER_4H),
        (-1, Bucket.UNKNOWN),
        (None, Bucket.UNKNOWN),
    ],
)
def test_every_duration_has_its_bucket(seconds: int | None, bucket: Bucket) -> None:
    assert bucket_of(seconds) is bucket


@given(st.lists(st.none() | st.integers(-10, 100_000)))
def test_no_duration_is_lost_in_the_buckets(durations: list[int | None]) -> None:
    assert sum(count_buckets(durations).values()) == len(durations)


def test_the_hour_runs_from_receipt() -> None:
    left = countdown(NOW - timedelta(minutes=20), 3_600, NOW)
    assert (left.due_at, left.remaining_s, left.is_overdue) == (NOW + timedelta(minutes=40), 2_400, False)
    assert not countdown(NOW - timedelta(hours=1), 3_600, NOW).is_overdue
    assert countdown(NOW - timedelta(hours=1, seconds=1), 3_600, NOW).remaining_s == -1


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx", "\nx"])
def test_no_text_becomes_a_formula(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


def test_other_cells_stay_what_they_are() -> None:
    assert [safe_cell(each) for each in ("Суми", -5, None, True, False)] == ["Суми", "-5", "", "yes", "no"]
