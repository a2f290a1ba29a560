"""What a voice studio gets: the texts as a CSV table and as an HTML sheet to print."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment

from api.calls.files import is_formula
from routing.languages import Language
from routing.plan import Plan, PromptId
from routing.prompts import is_outdated, recording_of
from routing.say import ASTERISK_BEGINS, SAY_BEGINS

COLUMNS = ("file", "language", "text", "how to read", "recorded")
_PIECE = {
    Language.UK: "частина числа: рівно, без крапки в кінці, ніби далі буде продовження",
    Language.EN: "a piece of a number: evenly, without a final fall, as if more follows",
}
_DIGIT = {
    Language.UK: "окрема цифра або число: чітко, рівно, без крапки в кінці",
    Language.EN: "a single digit or number: clearly, evenly, without a final fall",
}
_BEFORE_NUMBER = {
    Language.UK: "далі прозвучить число: не опускайте голос у кінці",
    Language.EN: "a number follows: do not let the voice fall at the end",
}
_SENTENCE = {
    Language.UK: "спокійно і доброзичливо, не поспішаючи; номери та клавіші виразно",
    Language.EN: "calmly and kindly, without haste; numbers and keys distinctly",
}
_STATES = {
    Language.UK: {"yes": "записано", "outdated": "текст змінився: записати знову", "no": "ні"},
    Language.EN: {"yes": "recorded", "outdated": "the text has changed: record it anew", "no": "no"},
}
_PAGE = """<!doctype html>
<html lang="uk">
<meta charset="utf-8">
<title>{{ title }}</title>
<style>
body { font: 12pt/1.5 sans-serif; margin: 1.5cm; }
h2 { break-before: page; }
section { break-inside: avoid; border-top: 1px solid #999; padding: .4em 0; }
.file { font-family: monospace; }
.text { font-size: 15pt; margin: .2em 0; }
.how { color: #444; font-style: italic; }
</style>
<h1>{{ title }}</h1>
<p>Кожен текст запишіть в окремий файл WAV з указаною назвою; частота й розрядність будь-які. Тиша на краях не заважає:
її буде обрізано, а гучність вирівняно. Один голос на мову, одна відстань до мікрофона, без музики та ефектів.</p>
<p lang="en">Record each text into a WAV file of its own with the name that is given, of any rate and width. Silence at
the ends does no harm: it is cut off, and the loudness is levelled. One voice a language, one distance from the
microphone, no music and no effects.</p>
{% for language, rows in languages %}
<h2 lang="{{ language }}">{{ "Українською" if language == "uk" else "In English" }}: {{ rows | length }}</h2>
{% for row in rows %}
<section lang="{{ language }}">
<div><span class="file">☐ {{ row.file }}</span> <small>{{ row.state }}</small></div>
<p class="text">{{ row.text }}</p>
<div class="how">{{ row.how }}</div>
</section>
{% endfor %}
{% endfor %}
</html>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """One recording to make."""

    file: str
    """Where `hotline prompts import` looks for it, inside the studio's folder."""
    language: Language
    text: str
    how: str
    state: str


def sheet_rows(plan: Plan) -> Iterator[SheetRow]:
    """Gives every text of the plan, language by language."""
    for language in plan.line.languages:
        for prompt in plan.prompts.values():
            is_recorded = recording_of(prompt, language) is not None
            state = "yes" if is_recorded else "outdated" if is_outdated(prompt, language) else "no"
            yield SheetRow(
                file=f"{language}/{prompt.id}.wav",
                language=language,
                text=prompt.text.in_language(language),
                how=how_to_read(prompt.id, prompt.text.in_language(language), language),
                state=_STATES[language][state],
            )


def how_to_read(prompt: PromptId, text: str, language: Language) -> str:
    """Gives the advice for the person at the microphone."""
    if prompt.startswith(SAY_BEGINS):
        return _DIGIT[language] if prompt.removeprefix(SAY_BEGINS).isdigit() else _PIECE[language]
    if prompt.startswith(ASTERISK_BEGINS) and not text.endswith("."):
        return _BEFORE_NUMBER[language]
    return _SENTENCE[language]


def write_sheets(plan: Plan, folder: Path) -> tuple[Path, Path]:
    """Writes `prompts.csv` and `prompts.html` into `folder`; gives their paths.

    Raises:
        OSError: They cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows = list(sheet_rows(plan))
    table, page = folder / "prompts.csv", folder / "prompts.html"
    # Why utf-8-sig: spreadsheets take a table without the mark for another encoding.
    with table.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows([_cell(each) for each in (r.file, r.language.value, r.text, r.how, r.state)] for r in rows)
    languages = [(each.value, [row for row in rows if row.language is each]) for each in plan.line.languages]
    # Why autoescape: texts are the plan's, and a browser must take none of them for HTML.
    template = Environment(autoescape=True).from_string(_PAGE)
    page.write_text(template.render(title=plan.line.title.uk, languages=languages), encoding="utf-8")
    return table, page


def _cell(text: str) -> str:
    return f"'{text}" if is_formula(text) else text
