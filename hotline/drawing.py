"""Draws a plan's call flow: DOT and Mermaid text, and pictures that graphviz makes of the DOT text.

The texts are the same byte for byte for the same plan and language; pictures are as stable as the installed graphviz.
"""

import html
import subprocess
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import graphviz

from asterisk_conf.debian_tools import find_tool
from hotline.errors import HotlineError
from hotline.flow_chart import STATIC, ArrowKind, Box, BoxKind, FlowChart, Row, chart
from routing.languages import Language
from routing.plan import Plan

FONT = "DejaVu Sans,Verdana,Arial,sans-serif"
"""The first is measured; the others, of much the same widths, show an SVG where it is missing."""
INK = "#1f2933"
FAINT = "#52606d"
LINE_CHARS = 30
DRAW_S = 60
_PICTURES = {".svg": "svg", ".png": "png", ".pdf": "pdf"}


class DrawingError(HotlineError):
    """The picture cannot be made; the text says why, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """Colours of one kind of box."""

    fill: str
    border: str
    strong: str
    """Behind the keys of a menu."""


_LOOKS = {
    BoxKind.CALLERS: _Look(fill="#1f2933", border="#1f2933", strong="#1f2933"),
    BoxKind.GREETING: _Look(fill="#f5f7fa", border="#9aa5b1", strong="#52606d"),
    BoxKind.MENU: _Look(fill="#ffffff", border="#3e4c59", strong="#7b8794"),
    BoxKind.SERVICE: _Look(fill="#e6f0fa", border="#2f6fab", strong="#2f6fab"),
    BoxKind.URGENT: _Look(fill="#fdecea", border="#b3261e", strong="#b3261e"),
    BoxKind.QUEUE: _Look(fill="#e9f5ec", border="#2e7d4f", strong="#2e7d4f"),
    BoxKind.LAST_RESORT: _Look(fill="#d3ecda", border="#1b5e38", strong="#1b5e38"),
    BoxKind.LADDER: _Look(fill="#fff8e1", border="#a87b00", strong="#a87b00"),
}
_ARROWS = {
    ArrowKind.ALWAYS: {"color": "#52606d"},
    ArrowKind.URGENT: {"color": "#b3261e", "penwidth": "2.4", "fontcolor": "#b3261e"},
    ArrowKind.CLOSED: {"color": "#6b4fa0", "style": "dashed", "fontcolor": "#6b4fa0"},
    ArrowKind.OVERFLOW: {"color": "#2e7d4f", "style": "dashed", "fontcolor": "#2e7d4f"},
    ArrowKind.BROKEN: {"color": "#a87b00", "style": "dotted", "fontcolor": "#a87b00", "penwidth": "1.6"},
}
_ONE_COLUMN = (BoxKind.SERVICE, BoxKind.URGENT)
_MERMAID_ARROWS = {
    ArrowKind.ALWAYS: "-->",
    ArrowKind.URGENT: "==>",
    ArrowKind.CLOSED: "-.->",
    ArrowKind.OVERFLOW: "-.->",
    ArrowKind.BROKEN: "-.->",
}


def draw(plan: Plan, language: Language, target: Path) -> None:
    """Draws the call flow of `plan` into `target`; the ending of its name chooses the form.

    Raises:
        DrawingError: No such form, graphviz refuses, or the file cannot be written.
        MissingToolError: graphviz is not installed (texts do without it).
    """
    make = _FORMS.get(target.suffix.lower())
    if make is None:
        raise DrawingError(f"{target}: draws {', '.join(_FORMS)}; choose one of these endings")
    content = make(chart(plan, language), target.suffix.lower())
    try:
        target.write_bytes(content)
    except OSError as error:
        raise DrawingError(f"{target}: cannot be written: {error.strerror}") from error


def dot_text(flow: FlowChart) -> str:
    """Gives the flow in graphviz's language."""
    graph = graphviz.Digraph(
        "flow",
        graph_attr={
            "rankdir": "LR", "nodesep": "0.22", "ranksep": "0.6", "pad": "0.35", "fontname": FONT, "bgcolor": "white",
            "label": flow.title, "labelloc": "t", "fontsize": "22", "fontcolor": INK, "splines": "spline",
            "outputorder": "edgesfirst",
        },
        node_attr={"shape": "plain", "fontname": FONT, "fontsize": "12", "fontcolor": INK},
        edge_attr={"fontname": FONT, "fontsize": "10", "arrowsize": "0.8", "penwidth": "1.3"},
    )  # fmt: skip
    for box in flow.boxes:
        graph.node(box.id, _html_table(box))
    with graph.subgraph(graph_attr={"rank": "same"}) as column:
        for box in flow.boxes:
            if box.kind in _ONE_COLUMN or box.id == STATIC:
                column.node(box.id)
    for arrow in flow.arrows:
        tail = arrow.tail if arrow.tail_key is None else f"{arrow.tail}:{_port(arrow.tail_key)}:e"
        graph.edge(tail, arrow.head, arrow.label.replace("\n", "\\n"), **_ARROWS[arrow.kind])
    return str(graph.source)


def mermaid_text(flow: FlowChart) -> str:
    """Gives the flow in Mermaid's language."""
    lines = ["---", f"title: {_mermaid_quoted(flow.title)}", "---", "flowchart LR"]
    lines += [f"    {_mermaid_id(box.id)}[{_mermaid_quoted(_mermaid_box(box))}]" for box in flow.boxes]
    for arrow in flow.arrows:
        label = " · ".join(filter(None, (arrow.tail_key, arrow.label.replace("\n", " "))))
        told = f"|{_mermaid_quoted(label)}|" if label else ""
        lines.append(f"    {_mermaid_id(arrow.tail)} {_MERMAID_ARROWS[arrow.kind]}{told} {_mermaid_id(arrow.head)}")
    for box in flow.boxes:
        look = _LOOKS[box.kind]
        ink = "#ffffff" if box.kind is BoxKind.CALLERS else INK
        lines.append(f"    style {_mermaid_id(box.id)} fill:{look.fill},stroke:{look.border},color:{ink}")
    return "\n".join(lines) + "\n"


def _picture(flow: FlowChart, suffix: str) -> bytes:
    find_tool("dot")
    try:
        return bytes(graphviz.Source(dot_text(flow)).pipe(format=_PICTURES[suffix], quiet=True))
    except (graphviz.CalledProcessError, graphviz.ExecutableNotFound, subprocess.SubprocessError) as error:
        raise DrawingError(f"graphviz could not draw the plan: {error}") from error


_FORMS: dict[str, Callable[[FlowChart, str], bytes]] = {
    **dict.fromkeys(_PICTURES, _picture),
    ".dot": lambda flow, _: dot_text(flow).encode(),
    ".mmd": lambda flow, _: mermaid_text(flow).encode(),
}
"""Ending of a file's name → what makes its content."""


def _html_table(box: Box) -> str:
    """Gives a box as a table in graphviz's own sort of HTML."""
    look = _LOOKS[box.kind]
    ink = "#ffffff" if box.kind is BoxKind.CALLERS else INK
    size = 15 if box.kind in (BoxKind.CALLERS, BoxKind.LAST_RESORT) else 13
    head = f'<FONT POINT-SIZE="{size}" COLOR="{ink}"><B>{_wrapped(box.title)}</B></FONT>'
    faint = "#e4e7eb" if box.kind is BoxKind.CALLERS else FAINT
    lines = "".join(f'<BR/><FONT POINT-SIZE="11" COLOR="{faint}">{_wrapped(each)}</FONT>' for each in box.lines if each)
    rows = "".join(_html_row(row) for row in box.rows)
    width = "2" if box.kind in (BoxKind.LAST_RESORT, BoxKind.URGENT, BoxKind.MENU) else "1"
    return (
        f'<<TABLE BORDER="{width}" CELLBORDER="0" CELLSPACING="{3 if rows else 0}" CELLPADDING="{5 if rows else 9}" '
        f'STYLE="ROUNDED" COLOR="{look.border}" BGCOLOR="{look.fill}">'
        f'<TR><TD COLSPAN="2">{head}{lines}</TD></TR>{rows}</TABLE>>'
    )


def _html_row(row: Row) -> str:
    look = _LOOKS[row.kind]
    key = f'<FONT COLOR="#ffffff" POINT-SIZE="13"><B>{html.escape(row.key)}</B></FONT>'
    ink = FAINT if row.kind is BoxKind.MENU else INK
    return (
        f'<TR><TD BGCOLOR="{look.strong}" WIDTH="26" STYLE="ROUNDED">{key}</TD>'
        f'<TD PORT="{_port(row.key)}" ALIGN="LEFT" BALIGN="LEFT">'
        f'<FONT COLOR="{ink}">{_wrapped(row.text)}</FONT></TD></TR>'
    )


def _wrapped(text: str) -> str:
    lines = [line for part in text.split("\n") for line in textwrap.wrap(part, LINE_CHARS, break_on_hyphens=False)]
    return "<BR/>".join(html.escape(line) for line in lines)


def _port(key: str) -> str:
    """Gives a port's name; a key may be `*` or `#`, which DOT does not take there, or two signs."""
    return "key" + "-".join(str(ord(sign)) for sign in key)


def _mermaid_id(box: str) -> str:
    """Gives an id that is no word of Mermaid's language (`end` would be one) and holds no `-`."""
    return "box_" + box.replace("-", "_")


def _mermaid_quoted(text: str) -> str:
    return '"' + text.replace("&", "#amp;").replace('"', "#quot;").replace("<", "#lt;").replace("\n", "<br/>") + '"'


def _mermaid_box(box: Box) -> str:
    return "\n".join((box.title, *filter(None, box.lines), *(f"{row.key} — {row.text}" for row in box.rows)))
