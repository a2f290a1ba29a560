"""JSON Schemas of the plan's files."""

import json

import pytest

from routing.plan_files.reader import FILE_MODELS
from routing.plan_files.schema import SCHEMA_FOLDER, editor_line, json_schema, schema_file, schema_text
from tests.unit.routing.plans import LEGAL_AID


@pytest.mark.parametrize("file", list(FILE_MODELS))
def test_every_file_has_a_schema_that_is_json(file: str) -> None:
    schema = json_schema(file)
    assert json.loads(json.dumps(schema)) == schema
    assert schema["title"] == f"{file}.yaml"
    assert schema["type"] == "object"


def test_the_schema_knows_the_keys_and_refuses_others() -> None:
    schema = json_schema("line")
    assert isinstance(schema["properties"], dict)
    assert {"dids", "services", "last_resort_queue"} <= set(schema["properties"])
    assert schema["additionalProperties"] is False


def test_hours_are_a_word_or_rows() -> None:
    text = json.dumps(json_schema("offices"))
    assert '"always"' in text


@pytest.mark.parametrize("file", list(FILE_MODELS))
def test_the_schema_that_editors_read_is_the_one_of_the_models(file: str) -> None:
    assert schema_file(file).read_text(encoding="utf-8") == schema_text(file), (
        "write it anew: python -m routing.plan_files.schema"
    )


def test_no_schema_is_kept_of_a_file_that_is_none_of_a_plan() -> None:
    assert {path.name for path in SCHEMA_FOLDER.iterdir()} == {schema_file(file).name for file in FILE_MODELS}


@pytest.mark.parametrize("file", list(FILE_MODELS))
def test_every_file_of_the_shipped_plan_leads_editors_to_its_schema(file: str) -> None:
    path = LEGAL_AID / f"{file}.yaml"
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first == editor_line(file)
    assert (path.parent / first.partition("=")[2]).resolve() == schema_file(file).resolve()
