"""The measurements of the call log run, on a thousandth of its calls; their times are not judged here."""

import pytest

from tests.bench import centre, reports
from tests.bench.__main__ import BENCHES


def test_the_centres_data_is_sent_and_its_figures_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(centre, "SCALE", 0.001)
    figures = list(BENCHES["centre"]())
    assert [figure.measured for figure in figures if figure.subject.startswith("report: ")] == ["298", "156", "23"]


def test_a_thousandth_of_ten_years_is_loaded_and_every_question_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "BASE_SCALE", 0.000_25)
    monkeypatch.setattr(reports, "ASKED", 2)
    figures = list(BENCHES["reports"]())
    calls = 39 * 80
    asked = [figure.subject for figure in figures if f" of {calls:,} calls" in figure.subject]
    assert len(asked) == 5 + 2 * len(reports.REPORTS)
