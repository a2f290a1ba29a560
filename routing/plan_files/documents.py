"""From the bytes of one file to its plain data and the line of each part of it.

Why a reader of our own over ruamel's nodes: every scalar stays text (no surprise of `no` or `08`), and anchors, tags,
duplicate keys, tabs and depth are refused before anything is built of them.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    NodeEvent,
    ScalarEvent,
)
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from routing.plan_files.problems import Problem

FILE_LIMIT_BYTES = 1_000_000
DEPTH_LIMIT = 12
"""Levels of nesting; the deepest plan needs five."""
_BOM = b"\xef\xbb\xbf"
_NULLS = ("", "~", "null")
_FIRST_PRINTABLE = " "
_DELETE = "\x7f"
_LAST_C1 = "\x9f"

PlainData: TypeAlias = "str | list[PlainData] | dict[str, PlainData] | None"
PathKey = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The data of one file. Scalars are text or None; `lines` knows the line, from 1, of each path."""

    file: str
    data: dict[str, PlainData]
    lines: dict[PathKey, int] = field(default_factory=dict)

    def line_of(self, path: PathKey) -> int:
        """Gives the line of `path`, or of the nearest part around it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return 1


def read_document(path: Path) -> tuple[Document | None, list[Problem]]:
    """Reads one file; gives its document, or None with what is wrong."""
    try:
        size_bytes = path.stat().st_size
        raw = path.read_bytes() if size_bytes <= FILE_LIMIT_BYTES else b""
    except OSError as error:
        told = "the file is missing" if isinstance(error, FileNotFoundError) else f"cannot be read: {error.strerror}"
        return None, [_problem(path.name, 0, told, f"put {path.name} into the plan's folder")]
    if size_bytes > FILE_LIMIT_BYTES:
        mend = f"keep it below {FILE_LIMIT_BYTES:,} bytes"
        return None, [_problem(path.name, 0, f"the file has {size_bytes:,} bytes", mend)]
    return parse_document(path.name, raw)


def parse_document(file: str, raw: bytes) -> tuple[Document | None, list[Problem]]:
    """Makes the bytes of one file into its document, or gives what is wrong with them."""
    if raw.startswith(_BOM):
        return None, [_problem(file, 1, "the file begins with a byte order mark", "save it as UTF-8 without BOM")]
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return None, [_problem(file, line, "the file is not UTF-8", "save it as UTF-8")]
    if problems := _character_problems(file, text) or _event_problems(file, text):
        return None, problems
    node = YAML(typ="safe", pure=True).compose(text)
    if not isinstance(node, MappingNode):
        return None, [_problem(file, 1, "the file holds no `key: value` table", "write `key: value` lines")]
    builder = _Builder(file)
    data = builder.mapping(node, ())
    if builder.problems:
        return None, builder.problems
    return Document(file=file, data=data, lines=builder.lines), []


def _problem(file: str, line: int, message: str, mend: str, path: PathKey = ()) -> Problem:
    return Problem(file=file, line=line, path=".".join(map(str, path)), message=message, mend=mend)


def _character_problems(file: str, text: str) -> list[Problem]:
    problems = []
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        if "\t" in line:
            problems.append(_problem(file, number, "a tab", "write spaces"))
        elif not _is_printable(line):
            problems.append(_problem(file, number, "a control character", "delete it"))
    return problems


def _is_printable(line: str) -> bool:
    return not any(
        each < _FIRST_PRINTABLE or _DELETE <= each <= _LAST_C1 or each in "\u2028\u2029\ufeff" for each in line
    )


def _event_problems(file: str, text: str) -> list[Problem]:
    """Reads the whole file as a flat stream, so that nothing nested or repeated can grow."""
    depth, documents = 0, 0
    problems: list[Problem] = []
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            documents += isinstance(event, DocumentStartEvent)
            depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
            line = event.start_mark.line + 1
            if depth > DEPTH_LIMIT:
                return [*problems, _problem(file, line, "nested too deeply", "use fewer levels")]
            if isinstance(event, NodeEvent):
                problems += _node_problems(file, line, event)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 0 if mark is None else mark.line + 1
        problems.append(_problem(file, line, f"not YAML: {error.problem}", "look at this line and the one before"))
    except YAMLError as error:
        problems.append(_problem(file, 0, f"not YAML: {error}", "look for unusual characters"))
    if documents > 1:
        problems.append(_problem(file, 0, "several documents in one file", "delete the `---` lines"))
    return problems


def _node_problems(file: str, line: int, event: NodeEvent) -> list[Problem]:
    problems = []
    if isinstance(event, AliasEvent) or event.anchor is not None:
        problems.append(_problem(file, line, "an anchor or alias (& or *)", "write the value out, or put it in quotes"))
    if isinstance(event, ScalarEvent | CollectionStartEvent) and event.tag is not None:
        problems.append(_problem(file, line, "a tag (!)", "write the plain value"))
    return problems


class _Builder:
    """Makes nodes into plain data and notes the line of each part."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[PathKey, int] = {}
        self.problems: list[Problem] = []

    def mapping(self, node: MappingNode, path: PathKey) -> dict[str, PlainData]:
        data: dict[str, PlainData] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, ScalarNode):
                self.problems.append(_problem(self.file, line, "a key that is no text", "write `key: value`", path))
                continue
            key = str(key_node.value)
            if key in data:
                first = self.lines[(*path, key)]
                message = f"the key `{key}` is there twice, first in line {first}"
                self.problems.append(_problem(self.file, line, message, "keep one of them", (*path, key)))
                continue
            self.lines[(*path, key)] = line
            data[key] = self._value(value_node, (*path, key))
        return data

    def _value(self, node: Node, path: PathKey) -> PlainData:
        if isinstance(node, MappingNode):
            return self.mapping(node, path)
        if isinstance(node, SequenceNode):
            items: list[PlainData] = []
            for index, item in enumerate(node.value):
                self.lines[(*path, index)] = item.start_mark.line + 1
                items.append(self._value(item, (*path, index)))
            return items
        is_plain = not getattr(node, "style", None)
        return None if is_plain and node.value in _NULLS else str(node.value)
