"""Reads a plan's folder: all files, all defects at once."""

from difflib import get_close_matches
from pathlib import Path

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from routing.plan import Plan
from routing.plan_files.conversion import to_plan
from routing.plan_files.cross_checks import find_defects
from routing.plan_files.documents import Document, PathKey, read_document
from routing.plan_files.form_models import DetentionFile, TopicsFile
from routing.plan_files.models import (
    CalendarFile,
    CentresFile,
    HotlinesFile,
    LineFile,
    MenusFile,
    OfficesFile,
    OperatorsFile,
    PlanFiles,
    PromptsFile,
    QueuesFile,
    RecordingsFile,
)
from routing.plan_files.problems import PlanError, Problem

FILE_MODELS: dict[str, type[BaseModel]] = {
    "line": LineFile,
    "offices": OfficesFile,
    "queues": QueuesFile,
    "menus": MenusFile,
    "calendar": CalendarFile,
    "operators": OperatorsFile,
    "centres": CentresFile,
    "hotlines": HotlinesFile,
    "prompts": PromptsFile,
    "recordings": RecordingsFile,
    "topics": TopicsFile,
    "detention": DetentionFile,
}
"""Each file of a plan (`<name>.yaml`) and its shape."""

OPTIONAL_FILES = ("recordings",)
"""A plan without recordings, or from before there were any, lacks this file."""

_MENDS = {
    "string_type": "write a text",
    "int_parsing": "write a whole number",
    "int_type": "write a whole number",
    "bool_parsing": "write true or false",
    "bool_type": "write true or false",
    "too_short": "write at least one",
    "dict_type": "write `key: value` lines",
    "model_type": "write `key: value` lines",
    "model_attributes_type": "write `key: value` lines",
    "tuple_type": "write a list: `[a, b]`",
}


def read_plan(folder: Path) -> Plan:
    """Reads and checks the plan in `folder`.

    Raises:
        PlanError: The folder is none, a file is missing or unreadable, or anything in the files is wrong.
    """
    if not folder.is_dir():
        mend = "name the folder that holds line.yaml, queues.yaml and the others"
        raise PlanError((Problem(file=folder.name, line=0, path="", message="there is no such folder", mend=mend),))
    documents: dict[str, Document] = {}
    problems: list[Problem] = _strange_files(folder)
    for name in FILE_MODELS:
        if name in OPTIONAL_FILES and not (folder / f"{name}.yaml").exists():
            continue
        document, defects = read_document(folder / f"{name}.yaml")
        problems += defects
        if document is not None:
            documents[name] = document
    shapes, defects = _shapes(documents)
    problems += defects
    if problems:
        raise PlanError(_in_order(problems))
    files = PlanFiles.model_validate(shapes)
    if problems := _cross_problems(files, documents):
        raise PlanError(_in_order(problems))
    return to_plan(files)


def _strange_files(folder: Path) -> list[Problem]:
    known = {f"{name}.yaml" for name in FILE_MODELS}
    found = sorted(each.name for each in folder.iterdir() if each.suffix in (".yaml", ".yml"))
    return [
        Problem(
            file=name, line=0, path="", message="no file of a plan has this name", mend=_mend_name(name, sorted(known))
        )
        for name in found
        if name not in known
    ]


def _mend_name(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"did you mean `{close[0]}`?" if close else "delete it, or move it elsewhere"


def _shapes(documents: dict[str, Document]) -> tuple[dict[str, BaseModel], list[Problem]]:
    shapes: dict[str, BaseModel] = {}
    problems: list[Problem] = []
    for name, document in documents.items():
        try:
            shapes[name] = FILE_MODELS[name].model_validate(document.data)
        except ValidationError as error:
            problems += [_shape_problem(document, each) for each in error.errors(include_url=False)]
    return shapes, problems


def _shape_problem(document: Document, error: ErrorDetails) -> Problem:
    # pydantic adds `[key]` to the place of a wrong key; our files have no such part.
    place: PathKey = tuple(part for part in error["loc"] if part != "[key]")
    message, mend = _told(document, error, place)
    return Problem(
        file=document.file,
        line=document.line_of(place),
        path=".".join(map(str, place)),
        message=message,
        mend=mend,
    )


def _told(document: Document, error: ErrorDetails, place: PathKey) -> tuple[str, str]:
    context = error.get("ctx", {})
    last = str(place[-1]) if place else ""
    match error["type"]:
        case "defect":
            return str(context["told"]), str(context["mend"])
        case "missing":
            return f"`{last}` is missing", f"add `{last}: …`"
        case "extra_forbidden":
            return f"the key `{last}` is unknown", _mend_key(document, last, place)
        case "enum" | "literal_error":
            return f"`{error['input']}` cannot stand here", f"write one of: {context['expected']}"
        case kind:
            message = error["msg"][0].lower() + error["msg"][1:]
            return message, _MENDS.get(kind, "write a value of this kind")


def _mend_key(document: Document, key: str, place: PathKey) -> str:
    model = FILE_MODELS[document.file.removesuffix(".yaml")]
    close = get_close_matches(key, sorted(_property_names(model.model_json_schema())), n=1)
    return f"did you mean `{close[0]}`?" if close and close[0] != key else f"delete it from {document.file}"


def _property_names(schema: object) -> set[str]:
    if isinstance(schema, list):
        return set().union(*map(_property_names, schema))
    if not isinstance(schema, dict):
        return set()
    properties = schema.get("properties", {})
    return set(properties).union(*map(_property_names, schema.values()))


def _cross_problems(files: PlanFiles, documents: dict[str, Document]) -> list[Problem]:
    problems = []
    for finding in find_defects(files):
        document = documents[finding.file.removesuffix(".yaml")]
        problems.append(
            Problem(
                file=finding.file,
                line=document.line_of(finding.path),
                path=".".join(map(str, finding.path)),
                message=finding.message,
                mend=finding.mend,
            )
        )
    return problems


def _in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda each: (each.file, each.line, each.path)))
