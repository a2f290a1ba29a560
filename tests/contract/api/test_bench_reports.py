"""The measurement of the call log runs, on a thousandth of the centre's calls; its times are not judged here."""

import pytest

from tests.bench import reports
from tests.bench.__main__ import BENCHES


def test_the_measurement_loads_asks_and_finds_the_figures_of_the_centre(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "SCALE", 0.001)
    monkeypatch.setattr(reports, "ASKED", 2)
    figures = list(BENCHES["reports"]())
    assert [figure.measured for figure in figures if figure.subject.startswith("report: ")] == ["298", "156", "23"]
    asked = [figure.subject for figure in figures if " of 323 calls" in figure.subject]
    assert len(asked) == 4 + 2 * len(reports.REPORTS)


def test_copies_make_the_log_larger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "SCALE", 0.001)
    monkeypatch.setattr(reports, "ASKED", 2)
    monkeypatch.setattr(reports, "COPIES", 2)
    assert any(f" of {323 + 2 * 156} calls" in figure.subject for figure in reports.measure())
