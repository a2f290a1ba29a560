"""Writes docs/figures.md from the table of formulas: `python -m api.reports.figures_page > docs/figures.md`. Pure."""

import sys

from api.reports.formulas import FORMULAS, Formula
from api.reports.schemas import REPORT_FIGURES

_HEAD = """# The figures of the reports

Made from `api/reports/formulas.py` by `python -m api.reports.figures_page`; a test compares the two. Every answer of
`/api/v1/reports/…` holds the same texts in `formulas`, and what was asked for in `choices`.

Ranges are half-open, `from` is in, `to` is not; both are days of Europe/Kyiv. Reports that hold calls of the node
`demo-data` say so: `demo_data` is true. Figures come from the call log and nowhere else. Tables by
day (`report_days`, `report_hours`, `report_visits`, `report_menus`, `report_topics`) are made from it; days whose calls
changed since are counted from the calls themselves. `repeat-callers` and `operators`' states always are.
"""


def page() -> str:
    """Gives the whole page."""
    reports = "\n".join(f"| `{path}` | {', '.join(f'`{name}`' for name in names)} |" for path, names in _reports())
    figures = "\n".join(_section(formula) for formula in FORMULAS.values())
    return f"{_HEAD}\n## Which report has which\n\n| report | figures |\n|---|---|\n{reports}\n\n## Formulas\n{figures}"


def _reports() -> list[tuple[str, tuple[str, ...]]]:
    return [(f"GET /api/v1/reports/{name}", names) for name, names in REPORT_FIGURES.items()]


def _section(formula: Formula) -> str:
    choices = "".join(f"\n- {choice}" for choice in formula.choices)
    return (
        f"\n### {formula.name}\n\n{formula.title[0].upper()}{formula.title[1:]} ({formula.unit}).\n\n"
        f"    {formula.formula}\n{choices}{chr(10) if choices else ''}"
    )


if __name__ == "__main__":
    sys.stdout.write(page())
