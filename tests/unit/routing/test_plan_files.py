"""The plan's files: the shipped ones, and each defect with file, line, path and mend."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from routing.languages import Language
from routing.plan_files import PlanError, Problem, read_plan
from routing.plan_files.documents import FILE_LIMIT_BYTES, parse_document
from routing.plan_files.reader import FILE_MODELS, OPTIONAL_FILES
from tests.unit.routing.plans import LEGAL_AID, legal_aid_plan

Edit = Callable[[str], str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(LEGAL_AID, tmp_path / "plan"))


def problems_of(folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(PlanError) as caught:
        read_plan(folder)
    return caught.value.problems


def edit(folder: Path, file: str, old: str, new: str) -> None:
    """Exchanges the first `old` that stands in no comment."""
    path = folder / file
    text = path.read_text()
    places = [found.start() for found in re.finditer(re.escape(old), text)]
    place = next((each for each in places if "#" not in text[text.rfind("\n", 0, each) + 1 : each]), None)
    assert place is not None, f"{file} has no {old!r}: the test is out of date"
    path.write_text(text[:place] + new + text[place + len(old) :])


def line_with(folder: Path, file: str, text: str) -> int:
    lines = (folder / file).read_text().splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


def test_the_shipped_plan_is_what_the_line_needs() -> None:
    plan = legal_aid_plan()
    assert plan.line.dids == ("+380800213103", "+380443631041")
    assert len([each for each in plan.operators.values() if each.office == "chernivtsi"]) == 14
    assert len([each for each in plan.operators.values() if each.office == "sumy"]) == 8
    assert plan.offices["chernivtsi"].hours is None  # type: ignore[index]  # ids of the shipped plan
    assert len(plan.centres) == 27
    assert all(
        centre.is_sample and phone.startswith("+38000") for centre in plan.centres.values() for phone in centre.phones
    )


def test_every_text_of_the_shipped_plan_is_filled_and_in_its_language() -> None:
    for prompt in legal_aid_plan().prompts.values():
        assert "{" not in prompt.text.uk + prompt.text.en
        assert re.search("[а-яіїєґ]", prompt.text.uk)
        assert not re.search("[а-яіїєґ]", prompt.text.in_language(Language.EN))


def test_the_menu_names_the_key_after_what_it_is_for() -> None:
    menu = legal_aid_plan().prompts["menu-main"].text  # type: ignore[index]  # a prompt of the shipped plan
    sentences = [each.strip() for each in menu.uk.split(".") if each.strip()]
    assert sentences[0] == "Якщо людину затримали, натисніть чотири"
    assert all(re.search(r", (натисніть|press) \S+( або .*)?$", each) for each in sentences), sentences


DEFECTS: list[tuple[str, str, str, str, str]] = [
    # file, what is there, what is written instead, the path, a part of message or mend
    ("line.yaml", "greeting: greeting", "greeting: hello", "greeting", "no prompt `hello`"),
    ("line.yaml", "wrong_key: wrong-key", "wrong_key: wrong-kee", "wrong_key", "did you mean `wrong-key`?"),
    ("line.yaml", "entry_menu: main", "entry_menu: mane", "entry_menu", "did you mean `main`?"),
    ("line.yaml", '"+380800213103"', '"0800213103"', "dids.0", "international form"),
    ("line.yaml", '"+380443631041"', '"+380800213103"', "dids", "more than once"),
    ("line.yaml", "languages: [uk, en]", "languages: [uk, de]", "languages.1", "write one of"),
    ("line.yaml", "languages: [uk, en]", "languages: []", "languages", "at least"),
    ("line.yaml", 'operator: "0"', 'operator: "4"', "keys", "one key has two meanings"),
    ("line.yaml", 'operator: "0"', 'operator: "00"', "keys.operator", "one key of a telephone"),
    ("line.yaml", "priority: 100", "priority: 10", "services.consultation.priority", "write a number below 10"),
    ("line.yaml", "priority: 100", "priority: high", "services.detention.priority", "whole number"),
    ("line.yaml", "    queue: sumy", "    queue: sumi", "services.consultation.queue", "did you mean `sumy`?"),
    ("line.yaml", "closed_queue: chernivtsi", "closed_queue: kyiv", "services.consultation.closed_queue", "no queue"),
    ("line.yaml", "consultation-closed", "no-such", "services.consultation.closed_announcement", "no prompt"),
    ("line.yaml", "operator_service: operator", "operator_service: x", "operator_service", "no service `x`"),
    ("line.yaml", "detention_service: detention", "detention_service: x", "detention_service", "no service `x`"),
    ("line.yaml", "last_resort_queue: chernivtsi", "last_resort_queue: x", "last_resort_queue", "no queue `x`"),
    ("line.yaml", "greeting: greeting", "greting: greeting", "greting", "did you mean `greeting`?"),
    ("line.yaml", "greeting: greeting", "", "greeting", "add `greeting: …`"),
    ("line.yaml", "greeting: greeting", "greeting:", "greeting", "write a text"),
    ("line.yaml", "  consultation:", '  "consul\'tation":', "services.consul'tation", "small Latin letters"),
    ("line.yaml", "en: Free legal aid", 'en: "Free; legal aid"', "title.en", "not allowed in texts"),
    ("line.yaml", "en: Free legal aid", 'en: "${EXTEN}"', "title.en", "not allowed in texts"),
    ("line.yaml", "en: Free legal aid", 'en: "Free\\nlegal"', "title.en", "U+000A"),
    ("line.yaml", "en: Free legal aid", 'en: "Free & legal"', "title.en", "not allowed in texts"),
    ("line.yaml", "en: Free legal aid", 'en: ""', "title.en", "the text is empty"),
    ("line.yaml", "en: Free legal aid", "en: " + "x" * 121, "title.en", "at most 120"),
    ("offices.yaml", "hours: always", "hours: sometimes", "chernivtsi.hours", "write `always`"),
    ("offices.yaml", "hours: always", "hours: { mon-fri: 08:00-18:00 }", "chernivtsi.hours", "write `always`"),
    ("offices.yaml", "08:00-18:00\n", "08:00-24:00\n", "sumy.hours", "write 00:00"),
    ("offices.yaml", "08:00-18:00\n", "08:00-18:00, 17:00-19:00\n", "sumy.hours", "do not touch"),
    ("offices.yaml", "mon-fri: 08:00-18:00\n", "mon-fry: 08:00-18:00\n", "sumy.hours", "mon-fri"),
    ("offices.yaml", "mon-fri: 08:00-18:00\n", "mon: [08:00-18:00]\n", "sumy.hours", "rows like"),
    ("queues.yaml", "office: sumy", "office: odesa", "sumy.office", "no office `odesa`"),
    ("queues.yaml", "overflow: chernivtsi", "overflow: chernivci", "sumy.overflow", "did you mean `chernivtsi`?"),
    ("queues.yaml", "overflow: chernivtsi", "overflow: sumy", "sumy.overflow", "sumy → sumy"),
    ("queues.yaml", "capacity: 0", "capacity: 9", "chernivtsi.capacity", "write 0"),
    ("queues.yaml", "joinempty: []", "joinempty: [unavailable]", "chernivtsi.joinempty", "write []"),
    ("queues.yaml", "leavewhenempty: []", "leavewhenempty: [paused]", "chernivtsi.leavewhenempty", "write []"),
    ("queues.yaml", "ring_s: 20", "ring_s: 20\n  max_wait_s: 60", "chernivtsi.max_wait_s", "leave max_wait_s out"),
    ("queues.yaml", "ring_s: 20", "ring_s: 20\n  overflow: sumy", "chernivtsi.overflow", "leave overflow out"),
    ("queues.yaml", "strategy: rrmemory", "strategy: ringall", "chernivtsi.strategy", "leastrecent"),
    ("queues.yaml", "retry_s: 1", "retry_s: 0", "chernivtsi.retry_s", "greater than"),
    ("queues.yaml", "[unavailable, invalid", "[unavailable, asleep, invalid", "sumy.joinempty.1", "write one of"),
    ("menus.yaml", "prompt: menu-main", "prompt: menu-man", "main.prompt", "did you mean `menu-main`?"),
    ("menus.yaml", '  "5":', '  "4":', "main.options.4", "reserved for `detention`"),
    ("menus.yaml", '  "5":', '  "0":', "main.options.0", "`1`-`9`"),
    ("menus.yaml", "service: consultation", "service: consultations", "main.options.1.service", "mean `consultation`?"),
    ("menus.yaml", "service: consultation", "menu: more", "main.options.1.menu", "no menu `more`"),
    ("menus.yaml", "service: consultation", "service: consultation\n      menu: main", "main.options.1", "either"),
    ("menus.yaml", "      service: consultation\n", "", "main.options.1", "either"),
    ("menus.yaml", "action: next", "action: nest", "aid-info.options.1.action", "write one of"),
    ("menus.yaml", "action: next", "action: connect", "aid-info", "belongs to `reads: information`"),
    ("menus.yaml", "  last_prompt: aid-last\n", "", "aid-info", "add `last_prompt:`"),
    ("menus.yaml", "  reads: information\n", "", "aid-info", "delete `parts:`"),
    ("menus.yaml", "prompt: aid-who", "prompt: aid-how-much", "aid-info.parts.who.prompt", "did you mean `aid-how`?"),
    ("menus.yaml", "  service: aid_info", "  service: aid-infos", "aid-info.service", "did you mean `aid_info`?"),
    ("menus.yaml", "contact_menu: centre-contact", "contact_menu: hotlines", "centres.contact_menu", "`reads: centre`"),
    ("prompts.yaml", "aid-who:", "hotline-who:", "hotline-who", "rename it"),
    ("line.yaml", "entry_menu: main", "entry_menu: hotlines", "entry_menu", "a menu without `reads:`"),
    ("menus.yaml", "no_input_tries: 1", "no_input_tries: 0", "main.no_input_tries", "greater than"),
    ("menus.yaml", "no_match_tries: 3", "no_match_tries: 6", "main.no_match_tries", "less than"),
    ("calendar.yaml", "Europe/Kyiv\n", "Europe/Kiew\n", "timezone", "write Europe/Kyiv"),
    ("calendar.yaml", "start_date: 2022-03-24", "start_date: 24.03.2022", "martial_law.0.start_date", "2026-08-24"),
    ("calendar.yaml", "    end_date:\n", "    end_date: 2022-03-24\n", "martial_law.0", "after start_date"),
    ("calendar.yaml", "last_year: 2040", "last_year: 2017", "holidays", "swap them"),
    ("calendar.yaml", "moved_days: []", "moved_days: soon", "moved_days", "write a list"),
    ("operators.yaml", "queues: { sumy: 0 }", "queues: { sumi: 0 }", "s01.queues.sumi", "did you mean `sumy`?"),
    ("operators.yaml", "queues: { sumy: 0 }", "queues: {}", "s01.queues", "at least one"),
    ("operators.yaml", "office: sumy", "office: sum", "s01.office", "did you mean `sumy`?"),
    ("operators.yaml", "s01:", "S01:", "S01", "16 small Latin letters"),
    ("operators.yaml", "c02:", "c01:", "c01", "twice, first in line 5"),
    ("operators.yaml", "Оператор 01, Суми", "Оператор ${X}", "s01.name", "not allowed in texts"),
    ("centres.yaml", 'key: "33"', 'key: "43"', "volyn.key", "belongs to `vinnytsia`"),
    ("centres.yaml", 'key: "33"', 'key: "3"', "volyn.key", "two digits"),
    ("centres.yaml", "iso: UA-05", "iso: UA05", "vinnytsia.iso", "UA-59"),
    ("centres.yaml", "is_sample: true", "is_sample: maybe", "vinnytsia.is_sample", "true or false"),
    ("hotlines.yaml", 'number: "112"', 'number: "1-1-2"', "emergency.numbers.0.number", "as people dial them"),
    ("hotlines.yaml", "checked_on: 2026-01-01", "checked_on: 2026-02-30", "emergency.checked_on", "is no date"),
    ("prompts.yaml", "  en: Sorry, this menu has no such key. Please try again.\n", "", "wrong-key.en", "add `en: …`"),
    ("prompts.yaml", "{office_hours.sumy}", "{office_hours.odesa}", "consultation-closed.uk", "no placeholder"),
    ("prompts.yaml", "{office_hours.sumy}", "{hours}", "consultation-closed.uk", "not allowed in texts"),
    ("prompts.yaml", "Вітаємо!", "Вітаємо! <break/>", "greeting.uk", "not allowed in texts"),
]


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda each: f"{each[0]}-{each[2][:30]}")
def test_each_defect_is_told_with_file_path_and_mend(folder: Path, defect: tuple[str, str, str, str, str]) -> None:
    file, old, new, path, told = defect
    edit(folder, file, old, new)
    problems = problems_of(folder)
    assert all(problem.mend and problem.message for problem in problems)
    found = [problem for problem in problems if (problem.file, problem.path) == (file, path)]
    assert found, [str(problem) for problem in problems]
    assert any(told in str(problem) for problem in found), [str(problem) for problem in found]
    assert all(1 <= problem.line <= len((folder / file).read_text().splitlines()) for problem in found)


def test_a_last_resort_that_lets_callers_go_is_refused_in_each_respect(folder: Path) -> None:
    edit(folder, "line.yaml", "last_resort_queue: chernivtsi", "last_resort_queue: sumy")
    assert {problem.path for problem in problems_of(folder)} == {
        "sumy.max_wait_s", "sumy.joinempty", "sumy.leavewhenempty", "sumy.overflow", "sumy.hours",
    }  # fmt: skip


def test_the_line_of_a_defect_is_told(folder: Path) -> None:
    edit(folder, "queues.yaml", "overflow: chernivtsi", "overflow: gone")
    (problem,) = problems_of(folder)
    assert problem.line == line_with(folder, "queues.yaml", "overflow: gone")
    assert str(problem) == (
        f"queues.yaml:{problem.line}: sumy.overflow: there is no queue `gone` → write one of: chernivtsi, sumy"
    )


def test_all_defects_are_told_at_once(folder: Path) -> None:
    edit(folder, "line.yaml", "priority: 100", "priority: high")
    edit(folder, "offices.yaml", "hours: always", "hours: sometimes")
    edit(folder, "queues.yaml", "retry_s: 1", "retry_s: 0")
    (folder / "hotlines.yaml").unlink()
    assert [problem.file for problem in problems_of(folder)] == [
        "hotlines.yaml", "line.yaml", "offices.yaml", "queues.yaml",
    ]  # fmt: skip


def test_neighbours_that_lead_round_in_a_circle_are_refused(folder: Path) -> None:
    path = folder / "centres.yaml"
    path.write_text(path.read_text().replace("kyiv:\n", "kyiv:\n  neighbour: vinnytsia\n"))
    found = {each.path for each in problems_of(folder) if "circle" in each.message}
    assert found == {"vinnytsia.neighbour", "zhytomyr.neighbour", "kyiv-oblast.neighbour", "kyiv.neighbour"}


def test_a_neighbour_that_is_no_centre_is_refused(folder: Path) -> None:
    edit(folder, "centres.yaml", "neighbour: rivne", "neighbour: riwne")
    (problem,) = problems_of(folder)
    assert (problem.path, problem.mend) == ("volyn.neighbour", "did you mean `rivne`?")


def test_reports_of_a_detention_cannot_be_recorded(folder: Path) -> None:
    edit(folder, "line.yaml", "priority: 100", "priority: 100\n    is_recorded: true")
    assert [each.path for each in problems_of(folder)] == ["services.detention.is_recorded"]


def test_menus_that_lead_round_in_a_circle_are_refused(folder: Path) -> None:
    circle = "".join(
        f"{menu}:\n  title: {{ uk: Ще, en: More }}\n  prompt: menu-main\n  timeout_s: 5\n  no_input_tries: 1\n"
        f'  no_match_tries: 3\n  options:\n    "1": {{ title: {{ uk: Далі, en: Next }}, menu: {target} }}\n'
        for menu, target in (("left", "right"), ("right", "left"))
    )
    path = folder / "menus.yaml"
    path.write_text(path.read_text() + circle)
    assert [(each.path, "circle" in each.message) for each in problems_of(folder)] == [
        ("left.options", True), ("right.options", True),
    ]  # fmt: skip


def test_a_sixth_option_is_refused(folder: Path) -> None:
    more = "".join(f'"{key}": {{ title: {{ uk: Ще, en: More }}, service: operator }}\n    ' for key in "67")
    edit(folder, "menus.yaml", '"5":', f'{more}"5":')
    (problem,) = problems_of(folder)
    assert "6 options" in problem.message


EXCEPTION = "  - day: 2026-12-31\n    kind: {}\n    reason: {{ uk: Причина, en: Reason }}\n"


@pytest.mark.parametrize(("rows", "told"), [
    (EXCEPTION.format("hours"), "`hours:` and `kind:` do not fit"),
    (EXCEPTION.format("shut"), "write one of"),
    (EXCEPTION.format("closed") * 2, "a second exception for the same place"),
    (EXCEPTION.format("closed\n    offices: [odesa]"), "no office `odesa`"),
    (EXCEPTION.format("closed\n    services: [tea]"), "no service `tea`"),
    (EXCEPTION.format("hours\n    hours: 8-13"), "is no range of hours"),
])  # fmt: skip
def test_defective_exceptions_are_refused(folder: Path, rows: str, told: str) -> None:
    edit(folder, "calendar.yaml", "exceptions: []", f"exceptions:\n{rows}")
    assert any(told in str(problem) for problem in problems_of(folder))


def test_a_sound_exception_is_read(folder: Path) -> None:
    rows = EXCEPTION.format("hours\n    hours: 08:00-13:00\n    offices: [sumy]")
    edit(folder, "calendar.yaml", "exceptions: []", f"exceptions:\n{rows}")
    (exception,) = read_plan(folder).calendar.exceptions
    assert exception.ranges[0].end_minute == 13 * 60


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path / "nowhere")
    assert problem.message == "there is no such folder"


def test_an_empty_folder_lacks_all_that_a_plan_needs(tmp_path: Path) -> None:
    needed = FILE_MODELS.keys() - set(OPTIONAL_FILES)
    assert [problem.message for problem in problems_of(tmp_path)] == ["the file is missing"] * len(needed)


def test_a_misspelt_file_is_named(folder: Path) -> None:
    (folder / "menus.yaml").rename(folder / "menu.yaml")
    problems = problems_of(folder)
    assert next((each.file, each.mend) for each in problems) == ("menu.yaml", "did you mean `menus.yaml`?")


def test_a_huge_file_is_not_read(folder: Path) -> None:
    (folder / "centres.yaml").write_bytes(b"# " + b"x" * FILE_LIMIT_BYTES)
    (problem,) = problems_of(folder)
    assert "bytes" in problem.message


def test_a_folder_in_the_place_of_a_file_is_told(folder: Path) -> None:
    (folder / "centres.yaml").unlink()
    (folder / "centres.yaml").mkdir()
    (problem,) = problems_of(folder)
    assert problem.message.startswith("cannot be read")


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"


@pytest.mark.parametrize(("raw", "line", "told"), [
    (b"\xef\xbb\xbfa: 1\n", 1, "byte order mark"),
    (b"a: 1\nb: \xff\n", 2, "not UTF-8"),
    ("a: Чернівці\n".encode("utf-16"), 1, "not UTF-8"),
    ("a: Чернівці\n".encode("cp1251"), 1, "not UTF-8"),
    (b"a: 1\n\tb: 2\n", 2, "a tab"),
    (b"a: 1\nb: \x00\n", 2, "control character"),
    ("a: 1\nb: \u2028\n".encode(), 2, "control character"),
    (BOMB.encode(), 1, "anchor or alias"),
    (b"a: !!python/object:os.system x\n", 1, "a tag"),
    (b"a: 1\nb: 2\na: 3\n", 3, "twice, first in line 1"),
    (b"a:\n  b: 1\n  b: 2\n", 3, "twice, first in line 2"),
    (b"a: [1, 2\nb: 3\n", 2, "not YAML"),
    (b"a: 'x\n", 2, "not YAML"),
    (b"- a\n- b\n", 1, "no `key: value` table"),
    (b"", 1, "no `key: value` table"),
    (b"# only a comment\n", 1, "no `key: value` table"),
    (b"a: 1\n---\nb: 2\n", 0, "several documents"),
    (b"? [a, b]\n: 1\n", 1, "a key that is no text"),
    (b"a: " + b"[" * 5_000, 1, "nested too deeply"),
    (b"%YAML 9.9\n---\na: 1\n", 1, "not YAML"),
])  # fmt: skip
def test_text_that_is_no_plain_yaml_is_refused_with_its_line(raw: bytes, line: int, told: str) -> None:
    document, problems = parse_document("line.yaml", raw)
    assert document is None
    assert told in problems[0].message, problems
    assert problems[0].line == line


def test_scalars_stay_text_and_lines_are_known() -> None:
    document, problems = parse_document("x.yaml", b"a: no\nb: 08\nc: [~, '', 1e3]\nd:\n  e: 2026-01-01\n")
    assert problems == []
    assert document is not None
    assert document.data == {"a": "no", "b": "08", "c": [None, "", "1e3"], "d": {"e": "2026-01-01"}}
    assert document.line_of(("d", "e")) == 5
    assert document.line_of(("d", "gone")) == 4


def test_windows_line_ends_are_read() -> None:
    document, problems = parse_document("x.yaml", b"a: 1\r\nb: 2\r\n")
    assert problems == []
    assert document is not None
    assert document.data == {"a": "1", "b": "2"}
