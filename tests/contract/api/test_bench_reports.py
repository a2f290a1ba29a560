"""The measurements of the call log run, on a thousandth of its calls; their times are not judged here."""

from pathlib import Path

import pytest

from tests.bench import __main__ as bench
from tests.bench import centre, reports
from tests.bench.__main__ import BENCHES
from tests.bench.figures import Figure


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


def test_a_page_has_a_row_for_each_figure_and_tells_its_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    figure = Figure(subject="list page", measured="2 ms", beside="limit 100 ms", ratio=0.02, goal="≤ 1")
    monkeypatch.setitem(BENCHES, "reports", lambda: iter([figure]))
    page = tmp_path / "page.md"
    assert bench.main(["--page", str(page), "reports"]) == 0
    text = page.read_text()
    assert "| list page | 2 ms | limit 100 ms | 0.02 | ≤ 1 |" in text
    assert ", commit " in text


def test_an_unknown_measurement_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["nothing"]) == bench.NOT_DONE
    assert "unknown: nothing" in capsys.readouterr().err
