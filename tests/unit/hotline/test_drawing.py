"""Pictures of the call flow."""

import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from asterisk_conf.debian_tools import MissingToolError
from hotline.drawing import DrawingError, dot_text, draw, mermaid_text
from hotline.flow_chart import CALLERS, CODE_ROW, STATIC, Arrow, ArrowKind, BoxKind, chart
from hotline.short_texts import short_hours, shown_number
from routing.languages import Language, Text
from routing.plan import Did, Menu, MenuId, MenuOption, MinuteRange, Plan, ToMenu, ToService, WeeklyHours
from tests.plans import CONSULTATION, MAIN_MENU, small_plan
from tests.unit.routing.plans import FROM_8_TO_18, legal_aid_plan, ranges

SVG = "{http://www.w3.org/2000/svg}"
PICTURES = Path(__file__).parents[3] / "docs" / "pictures"
needs_graphviz = pytest.mark.skipif(shutil.which("dot") is None, reason="graphviz is not installed")


def plan_with_submenu() -> Plan:
    """Key 3 of the main menu leads to a second menu, whose name would break a careless drawing."""
    plan = small_plan()
    main = plan.menus[MAIN_MENU]
    below = Menu(
        id=MenuId("end"),
        title=Text(uk='Про "<&> права', en="About rights"),
        prompt=main.prompt,
        options=(MenuOption(key="1", title=Text(uk="Ще", en="More"), target=ToService(service=CONSULTATION)),),
        timeout_s=5,
        no_input_tries=1,
        no_match_tries=3,
    )
    option = MenuOption(key="3", title=Text(uk="Більше", en="More"), target=ToMenu(menu=below.id))
    menus = {main.id: replace(main, options=(*main.options, option)), below.id: below}
    return replace(plan, menus=menus)


def arrows(plan: Plan) -> tuple[Arrow, ...]:
    return chart(plan, Language.EN).arrows


def test_every_arrow_begins_and_ends_at_a_box_and_every_box_is_reached() -> None:
    for plan in (legal_aid_plan(), plan_with_submenu()):
        flow = chart(plan, Language.UK)
        boxes = {box.id for box in flow.boxes}
        assert len(boxes) == len(flow.boxes)
        assert {end for arrow in flow.arrows for end in (arrow.tail, arrow.head)} == boxes
        assert {arrow.head for arrow in flow.arrows} == boxes - {CALLERS}


def test_every_key_of_the_menu_leads_to_its_service() -> None:
    keyed = {arrow.tail_key: arrow.head for arrow in arrows(legal_aid_plan()) if arrow.tail == "menu-main"}
    assert keyed == {
        "0": "service-operator",
        "1": "service-consultation",
        "2": "menu-aid-info",
        "3": "menu-hotlines",
        "4": "service-detention",
        "5": "menu-centres",
    }


def test_the_way_of_a_detention_report_stands_out_to_its_end() -> None:
    urgent = [(arrow.tail, arrow.head) for arrow in arrows(legal_aid_plan()) if arrow.kind is ArrowKind.URGENT]
    menus = [(f"menu-{menu}", "service-detention") for menu in legal_aid_plan().menus]
    assert sorted(urgent) == sorted([*menus, ("service-detention", "queue-chernivtsi")])


def test_every_menu_leads_to_the_operator_of_its_service_and_the_region_code_to_the_contacts() -> None:
    found = {(arrow.tail, arrow.tail_key): arrow.head for arrow in arrows(legal_aid_plan())}
    assert found["menu-aid-info", "0"] == "service-aid_info"
    assert found["menu-hotlines", "0"] == "service-hotlines"
    assert found["menu-centres", CODE_ROW] == "menu-centre-contact"
    assert found["menu-centre-contact", "1"] == "service-centres"
    assert ("menu-aid-info", "1") not in found, "the next part is in the same menu"


def test_closed_hours_overflow_and_a_silent_service_end_at_the_last_resort() -> None:
    ends = {arrow.kind: arrow.head for arrow in arrows(legal_aid_plan()) if arrow.head.startswith("queue-")
            and arrow.kind not in (ArrowKind.ALWAYS, ArrowKind.URGENT)}  # fmt: skip
    assert ends == dict.fromkeys((ArrowKind.CLOSED, ArrowKind.OVERFLOW, ArrowKind.BROKEN), "queue-chernivtsi")
    assert any(arrow.tail == STATIC for arrow in arrows(legal_aid_plan()))


def test_a_service_round_the_clock_has_no_arrow_for_closed_hours() -> None:
    closed = {arrow.tail for arrow in arrows(legal_aid_plan()) if arrow.kind is ArrowKind.CLOSED}
    assert closed == {"service-consultation"}


def test_a_box_tells_hours_operators_and_how_long_callers_wait() -> None:
    boxes = {box.id: box for box in chart(legal_aid_plan(), Language.UK).boxes}
    assert boxes["queue-sumy"].lines == ("пн–пт 08:00–18:00", "операторів: 8", "чекають щонайдовше 5 хв")
    assert boxes["queue-chernivtsi"].kind is BoxKind.LAST_RESORT
    assert boxes[CALLERS].title == "0 800 213 103"
    assert boxes[CALLERS].lines == ("+380 44 363 10 41",)


def test_a_second_menu_is_drawn_with_a_way_back() -> None:
    boxes = {box.id: box for box in chart(plan_with_submenu(), Language.EN).boxes}
    assert [row.key for row in boxes["menu-end"].rows] == ["1", "4", "0", "9", "*", "#"]
    assert [row.key for row in boxes["menu-main"].rows] == ["1", "2", "3", "4", "0", "9", "*"]
    assert any(arrow.head == "menu-end" and arrow.tail_key == "3" for arrow in arrows(plan_with_submenu()))


@pytest.mark.parametrize("language", list(Language))
def test_the_same_plan_gives_the_same_text(language: Language) -> None:
    first, second = (chart(plan, language) for plan in (small_plan(), small_plan()))
    assert dot_text(first) == dot_text(second)
    assert mermaid_text(first) == mermaid_text(second)


@pytest.mark.parametrize(("language", "name"), [(Language.UK, "flow"), (Language.EN, "flow.en")])
def test_the_picture_in_the_documentation_is_that_of_the_shipped_plan(language: Language, name: str) -> None:
    kept = (PICTURES / f"{name}.dot").read_text(encoding="utf-8")
    assert kept == dot_text(chart(legal_aid_plan(), language)), (
        f"draw it anew: hotline draw --language {language.value} -o docs/pictures/{name}.dot, and the same with .svg"
    )


@pytest.mark.parametrize("name", ["flow", "flow.en"])
def test_the_kept_svg_shows_the_boxes_of_the_kept_text(name: str) -> None:
    """Not byte for byte: that depends on the version of graphviz."""
    boxes = re.findall(r'^\t"?([a-z0-9_-]+)"? \[label=<', (PICTURES / f"{name}.dot").read_text("utf-8"), re.MULTILINE)
    groups = ET.parse(PICTURES / f"{name}.svg").getroot().iter(f"{SVG}g")
    assert {each.findtext(f"{SVG}title") for each in groups if each.get("class") == "node"} == set(boxes)


@needs_graphviz
def test_graphviz_takes_the_text_of_a_plan_with_difficult_letters() -> None:
    text = dot_text(chart(plan_with_submenu(), Language.UK))
    drawn = subprocess.run(["dot", "-Tplain"], input=text.encode(), capture_output=True, check=False)
    assert (drawn.returncode, drawn.stderr) == (0, b"")


@needs_graphviz
@pytest.mark.parametrize(
    ("ending", "begins"), [(".svg", b"<?xml"), (".png", b"\x89PNG"), (".pdf", b"%PDF"), (".SVG", b"<?xml")]
)
def test_pictures_are_drawn_in_the_form_that_the_name_asks_for(tmp_path: Path, ending: str, begins: bytes) -> None:
    target = tmp_path / f"flow{ending}"
    draw(small_plan(), Language.UK, target)
    assert target.read_bytes().startswith(begins)


def test_texts_are_written_without_graphviz(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for ending in (".mmd", ".dot"):
        draw(plan_with_submenu(), Language.UK, tmp_path / f"flow{ending}")
    mermaid = (tmp_path / "flow.mmd").read_text(encoding="utf-8")
    assert "flowchart LR" in mermaid
    assert '"Про #quot;#lt;#amp;> права' in mermaid
    assert (tmp_path / "flow.dot").read_text(encoding="utf-8").startswith("digraph flow {")


def test_a_picture_without_graphviz_tells_how_to_mend_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(MissingToolError, match="apt-get install graphviz"):
        draw(small_plan(), Language.UK, tmp_path / "flow.svg")
    assert not (tmp_path / "flow.svg").exists()


@pytest.mark.parametrize("name", ["flow.gif", "flow", "flow.svg.gz"])
def test_another_form_is_refused_by_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(DrawingError, match=r"\.svg, \.png, \.pdf, \.dot, \.mmd"):
        draw(small_plan(), Language.UK, tmp_path / name)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DrawingError, match="cannot be written"):
        draw(small_plan(), Language.UK, tmp_path / "nowhere" / "flow.dot")


@pytest.mark.parametrize(
    ("did", "shown"),
    [("+380800213103", "0 800 213 103"), ("+380443631041", "+380 44 363 10 41"), ("+4930123456", "+4930123456")],
)
def test_numbers_are_shown_as_people_write_them(did: str, shown: str) -> None:
    assert shown_number(Did(did)) == shown


@pytest.mark.parametrize(
    ("hours", "shown"),
    [
        (None, "цілодобово"),
        (((MinuteRange(start_minute=0, end_minute=1440),),) * 7, "цілодобово"),
        (FROM_8_TO_18, "пн–пт 08:00–18:00"),
        (((),) * 7, "не працює"),
        (((), (), (), (), (), ranges((600, 840)), ranges((0, 1440))), "сб 10:00–14:00; нд цілодобово"),
    ],
)
def test_hours_are_told_in_short(hours: WeeklyHours | None, shown: str) -> None:
    assert short_hours(hours, Language.UK) == shown
